use std::collections::HashMap;
use std::ops::Range;

use super::flow::flow;
use super::quote::{self, Spelling};
use super::{emit, gap};
use crate::format::{ScanError, ScanErrorKind, data};
use crate::text::{Edits, Newline, Span, end_of_line, start_of_line};
use crate::tree::{Alias, AnchorId, Container, Event, Key, LeafValue, Scan, Tree};

/// How much longer a text may become, beside its own length twenty times over.
const ROOM: usize = 1 << 24;

/// Writes copies in the place of aliases, in the style of what is around them; comments of the
/// targets are not copied.
///
/// `aliases` are events, in order.
///
/// # Errors
/// The copies are too long.
pub fn expand(
    source: &str,
    scan: &Scan,
    aliases: &[usize],
    step: usize,
) -> Result<String, ScanError> {
    let mut copies =
        Copies { source, scan, nodes: scan.anchored_nodes(), step, edits: Edits::new(), added: 0 };
    let mut wanted = aliases.iter().copied().peekable();
    let mut in_flow = Vec::new();
    let mut key = None;
    for (at, event) in scan.events.iter().enumerate() {
        match event {
            Event::Enter { is_flow, .. } => in_flow.push(*is_flow),
            Event::Leave(_) => {
                in_flow.pop();
            }
            Event::Alias(alias) if wanted.next_if_eq(&at).is_some() => {
                copies.copy(alias, key, in_flow.last().copied().unwrap_or(false))?;
            }
            _ => {}
        }
        key = if let Event::Key(key) = event { Some(key) } else { None };
    }
    // edits made from checked spans neither overlap nor lie outside
    let Copies { edits, .. } = copies;
    edits.apply(source).map_err(|_| ScanError::at(source, 0, ScanErrorKind::ExcessiveAliases))
}

struct Copies<'a> {
    source: &'a str,
    scan: &'a Scan,
    nodes: HashMap<AnchorId, Range<usize>>,
    step: usize,
    edits: Edits<'static>,
    added: usize,
}

impl Copies<'_> {
    fn copy(&mut self, alias: &Alias, key: Option<&Key>, in_flow: bool) -> Result<(), ScanError> {
        let tree = self.tree(alias)?;
        let is_filled = match &tree {
            Tree::Mapping(items) => !items.is_empty(),
            Tree::Sequence(items) => !items.is_empty(),
            _ => false,
        };
        let text = if in_flow || self.would_run_on(alias, &tree) {
            None
        } else if let (true, Some(key)) = (is_filled, key) {
            self.lines_below_key(key, alias, &tree)
        } else if is_filled {
            self.lines_of_element(alias, &tree)
        } else {
            None
        };
        let length = text.unwrap_or_else(|| {
            let text = if in_flow || is_filled { flow(&tree) } else { scalar(&tree) };
            self.edits.replace(alias.span, &text);
            text.len()
        });
        self.count(length, alias.span)
    }

    /// Tells whether a copy on lines of its own would end in a block scalar that takes the empty
    /// lines behind it for its own.
    fn would_run_on(&self, alias: &Alias, tree: &Tree) -> bool {
        let mut last = tree;
        loop {
            let inner = match last {
                Tree::Mapping(items) => items.last().map(|(_, value)| value),
                Tree::Sequence(items) => items.last(),
                Tree::Str(text) if text.contains('\n') => {
                    let end = end_of_line(self.source, alias.span.end());
                    let next = self.source[end..].lines().next();
                    return text.ends_with("\n\n") || next.is_some_and(|it| it.trim().is_empty());
                }
                _ => None,
            };
            let Some(inner) = inner else { return false };
            last = inner;
        }
    }

    fn count(&mut self, length: usize, alias: Span) -> Result<(), ScanError> {
        self.added += length;
        if self.added <= ROOM + 20 * self.source.len() {
            return Ok(());
        }
        Err(ScanError::at(self.source, alias.start(), ScanErrorKind::ExcessiveAliases))
    }

    /// Writes a collection on lines of its own below its key, where the alias stands behind it.
    fn lines_below_key(&mut self, key: &Key, alias: &Alias, tree: &Tree) -> Option<usize> {
        let between = self.source.get(key.span.end()..alias.span.start())?;
        if between.trim_matches([' ', '\t']) != ":" {
            return None;
        }
        let column = gap::column(self.source, key.span.start());
        let text = emit::block_item("k", tree, column, self.step);
        let lines = text.trim_start_matches(' ').strip_prefix("k:")?;
        self.edits.replace(Span::new(key.span.end(), alias.span.end()), ":");
        Some(self.insert_lines(alias, lines))
    }

    /// Writes a collection from behind its dash on.
    fn lines_of_element(&mut self, alias: &Alias, tree: &Tree) -> Option<usize> {
        let line = start_of_line(self.source, alias.span.start());
        let before = self.source[line..alias.span.start()].trim_end_matches(' ');
        let column = gap::column(self.source, alias.span.start());
        if !before.ends_with('-') || column < 2 {
            return None;
        }
        let text = emit::element(tree, column - 2, self.step);
        let text = text.strip_prefix("- ")?;
        let first = text.find('\n').unwrap_or(text.len());
        self.edits.replace(alias.span, &text[..first]);
        Some(first + self.insert_lines(alias, &text[first..]))
    }

    /// Inserts lines, each with its line end before it, behind the line of an alias.
    fn insert_lines(&mut self, alias: &Alias, lines: &str) -> usize {
        let mut lines = lines.trim_end_matches('\n').to_owned();
        let end = end_of_line(self.source, alias.span.end());
        if !self.source[..end].ends_with('\n') {
            // a block scalar needs its line end
            lines.push('\n');
        }
        let lines = Newline::of(self.source).apply(lines);
        let line = self.source[..end].trim_end_matches('\n').trim_end_matches('\r');
        self.edits.insert(line.len().max(alias.span.end()), &lines);
        lines.len()
    }

    /// Returns what an alias stands for, with the aliases in it expanded.
    fn tree(&self, alias: &Alias) -> Result<Tree, ScanError> {
        let mut open: Vec<(Tree, Option<String>)> = Vec::new();
        let mut size = 0_usize;
        let mut at = self.nodes.get(&alias.target).map_or(0, |range| range.start);
        let mut returns: Vec<(usize, usize)> = Vec::new();
        loop {
            while let Some((_, resume)) = returns.pop_if(|(end, _)| *end == at) {
                at = resume;
            }
            let Some(event) = self.scan.events.get(at) else { return Ok(Tree::Null) };
            at += 1;
            let done = match event {
                Event::Enter { container, .. } => {
                    open.push((empty(*container), None));
                    continue;
                }
                Event::Key(key) => {
                    let name = self.scan.str(self.source, key.text).into_owned();
                    size += name.len();
                    // a key may be what an alias stands for
                    let is_target = returns.last().is_some_and(|(end, _)| *end == at);
                    match open.last_mut().filter(|_| !is_target) {
                        Some((_, slot)) => {
                            *slot = Some(name);
                            continue;
                        }
                        None => Tree::Str(name),
                    }
                }
                Event::Leaf(leaf) => self.scalar(leaf.value, leaf.site),
                Event::Alias(inner) => {
                    let range = self.nodes.get(&inner.target).cloned().unwrap_or(0..0);
                    returns.push((range.end, at));
                    at = range.start;
                    continue;
                }
                Event::Leave(_) => match open.pop() {
                    Some((tree, _)) => tree,
                    None => return Ok(Tree::Null),
                },
                _ => continue,
            };
            size += if let Tree::Str(text) = &done { text.len() + 1 } else { 1 };
            if self.added + size > ROOM + 20 * self.source.len() {
                let kind = ScanErrorKind::ExcessiveAliases;
                return Err(ScanError::at(self.source, alias.span.start(), kind));
            }
            match open.last_mut() {
                None => return Ok(done),
                Some((Tree::Sequence(items), _)) => items.push(done),
                Some((Tree::Mapping(items), key)) => {
                    items.push((key.take().unwrap_or_default(), done));
                }
                Some(_) => {}
            }
        }
    }

    fn scalar(&self, value: LeafValue, site: Span) -> Tree {
        data::scalar(self.scan, self.source, value, site)
    }
}

fn empty(container: Container) -> Tree {
    match container {
        Container::Mapping => Tree::Mapping(Vec::new()),
        Container::Sequence => Tree::Sequence(Vec::new()),
    }
}

/// Writes a scalar, or an empty collection, on the line where it stands.
fn scalar(tree: &Tree) -> String {
    match tree {
        Tree::Str(text) if !text.contains(quote::is_break) => match quote::choose(text, 0) {
            Spelling::Inline(text) => text,
            Spelling::Literal => quote::double(text),
        },
        other => flow(other),
    }
}
