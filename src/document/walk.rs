use std::collections::HashMap;
use std::ops::Range;

use super::Document;
use super::select::Selection;
use crate::crypto::Aad;
use crate::format::{ScanError, ScanErrorKind};
use crate::metadata::Selector;
use crate::text::Span;
use crate::tree::{AnchorId, Comment, Event, Key, Leaf, LeafValue, Path};

/// What a walk comes by.
#[derive(Clone, Copy)]
pub(super) enum Item<'w> {
    /// A scalar of the text.
    Leaf(&'w Leaf),
    /// A scalar that an alias repeats; it stands elsewhere in the text.
    Repeated {
        /// What is repeated.
        value: LeafValue,
        /// The outermost alias that brought the walk here.
        alias: Span,
    },
    /// A comment.
    Comment(&'w Comment),
}

/// One stop of a walk.
pub(super) struct Stop<'w> {
    pub(super) item: Item<'w>,
    /// Index of the event.
    pub(super) event: usize,
    /// Whether the selector encrypts what stands here.
    pub(super) is_selected: bool,
    pub(super) place: &'w PathState,
}

/// The path of a stop, as keys and as additional data.
#[derive(Default)]
pub(super) struct PathState {
    /// Keys with a colon behind each.
    joined: Vec<u8>,
    /// Length of `joined` at each open level, before the key of the current item.
    levels: Vec<usize>,
    /// Length of `joined` behind each key.
    ends: Vec<usize>,
    /// Number of keys at each open level.
    counts: Vec<usize>,
}

impl PathState {
    /// Returns the additional data of a value at this place.
    pub(super) fn aad(&self) -> Aad<'_> {
        Aad::of_joined(&self.joined)
    }

    /// Returns the additional data of the places above, the nearest first.
    pub(super) fn prefixes(&self) -> impl Iterator<Item = Aad<'_>> {
        let ends = self.ends.iter().rev().skip(1).copied();
        let root = (!self.ends.is_empty()).then_some(0);
        ends.chain(root).map(|end| Aad::of_joined(&self.joined[..end]))
    }

    /// Returns the keys with a colon behind each.
    pub(super) fn joined(&self) -> &[u8] {
        &self.joined
    }

    /// Returns the keys; nothing if one is not UTF-8.
    pub(super) fn keys(&self) -> Option<Vec<String>> {
        let mut start = 0;
        let mut keys = Vec::with_capacity(self.ends.len());
        for end in &self.ends {
            keys.push(std::str::from_utf8(&self.joined[start..end - 1]).ok()?.to_owned());
            start = *end;
        }
        Some(keys)
    }

    /// Returns the path, for messages.
    pub(super) fn path(&self) -> Path {
        let mut start = 0;
        let mut path = Path::new();
        for end in &self.ends {
            path.push(&String::from_utf8_lossy(&self.joined[start..end - 1]));
            start = *end;
        }
        path
    }

    pub(super) fn begin_document(&mut self) {
        *self = Self::default();
    }

    pub(super) fn enter(&mut self) {
        self.levels.push(self.joined.len());
        self.counts.push(self.ends.len());
    }

    /// Drops the key of the current item.
    fn rewind(&mut self) {
        self.joined.truncate(self.levels.last().copied().unwrap_or(0));
        self.ends.truncate(self.counts.last().copied().unwrap_or(0));
    }

    pub(super) fn key(&mut self, key: &[u8]) {
        self.rewind();
        self.joined.extend_from_slice(key);
        self.joined.push(b':');
        self.ends.push(self.joined.len());
    }

    pub(super) fn leave(&mut self) {
        self.rewind();
        self.levels.pop();
        self.counts.pop();
    }
}

/// A pass over all documents in the order of the reference's tree, metadata blocks left out and
/// aliases expanded.
pub(super) struct Walk<'d, 's> {
    document: &'d Document<'s>,
    selection: Selection<'d>,
    place: PathState,
    /// Where to go on behind each expansion, and the alias that asked for it.
    expansions: Vec<Expansion>,
    nodes: HashMap<AnchorId, Range<usize>>,
    visited: u64,
    repeated: u64,
}

struct Expansion {
    resume: usize,
    end: usize,
    alias: Span,
}

impl<'d, 's> Walk<'d, 's> {
    pub(super) fn new(document: &'d Document<'s>, selector: &'d Selector) -> Self {
        Self {
            document,
            selection: Selection::new(selector),
            place: PathState::default(),
            expansions: Vec::new(),
            nodes: document.scan.anchored_nodes(),
            visited: 0,
            repeated: 0,
        }
    }

    /// Shows every stop to `visit` until it fails.
    pub(super) fn run<E: From<ScanError>>(
        mut self,
        mut visit: impl FnMut(&Stop<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        let document = self.document;
        for part in &document.parts {
            let mut at = part.events.start;
            while at < part.events.end {
                if let Some(block) = part.blocks.iter().find(|block| block.events.start == at) {
                    at = block.events.end;
                    self.selection.end_item();
                    continue;
                }
                at = self.step(at, &mut visit)?;
                while self.expansions.last().is_some_and(|open| open.end == at) {
                    at = self.expansions.pop().map_or(at, |open| open.resume);
                }
            }
        }
        Ok(())
    }

    /// Handles one event and returns the index of the next.
    fn step<E: From<ScanError>>(
        &mut self,
        at: usize,
        visit: &mut impl FnMut(&Stop<'_>) -> Result<(), E>,
    ) -> Result<usize, E> {
        let document = self.document;
        match &document.scan.events[at] {
            Event::Document(_) => {
                self.place.begin_document();
                self.selection.begin_document();
            }
            Event::Enter { .. } => {
                self.place.enter();
                self.selection.enter();
            }
            Event::Key(key) => self.key(key),
            Event::Leaf(leaf) => {
                let item = match self.expansions.first() {
                    Some(open) => Item::Repeated { value: leaf.value, alias: open.alias },
                    None => Item::Leaf(leaf),
                };
                self.value(at, item, visit)?;
            }
            Event::Alias(alias) => return self.alias(at, alias.target, alias.span, visit),
            Event::Comment(comment) => self.comment(at, comment, visit)?,
            Event::Leave(_) => {
                self.place.leave();
                self.selection.leave();
            }
            Event::Anchor(..) | Event::EndDocument(_) => {}
        }
        Ok(at + 1)
    }

    fn key(&mut self, key: &Key) {
        let document = self.document;
        self.place.key(document.scan.bytes(document.source, key.text));
        self.selection.key(&document.scan.str(document.source, key.text));
    }

    fn value<E>(
        &mut self,
        at: usize,
        item: Item<'_>,
        visit: &mut impl FnMut(&Stop<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        self.visited += 1;
        let is_selected = self.selection.is_value_selected();
        visit(&Stop { item, event: at, is_selected, place: &self.place })?;
        self.selection.end_item();
        Ok(())
    }

    fn comment<E>(
        &mut self,
        at: usize,
        comment: &Comment,
        visit: &mut impl FnMut(&Stop<'_>) -> Result<(), E>,
    ) -> Result<(), E> {
        // a comment stands between items: it has the path of the collection alone
        self.place.rewind();
        let text = self.document.scan.str(self.document.source, comment.text);
        let is_selected = self.selection.comment(&text, comment.is_in_tree);
        if self.expansions.is_empty() {
            let item = Item::Comment(comment);
            visit(&Stop { item, event: at, is_selected, place: &self.place })?;
        }
        Ok(())
    }

    fn alias<E: From<ScanError>>(
        &mut self,
        at: usize,
        target: AnchorId,
        span: Span,
        visit: &mut impl FnMut(&Stop<'_>) -> Result<(), E>,
    ) -> Result<usize, E> {
        let Some(node) = self.nodes.get(&target).cloned() else { return Ok(at + 1) };
        let alias = self.expansions.first().map_or(span, |open| open.alias);
        if let Event::Key(key) = self.document.scan.events[node.start] {
            let value = LeafValue::Str(key.text);
            self.value(at, Item::Repeated { value, alias }, visit)?;
            return Ok(at + 1);
        }
        self.repeated += node.len() as u64;
        if is_bomb(self.visited, self.repeated) {
            let kind = ScanErrorKind::ExcessiveAliases;
            return Err(ScanError::at(self.document.source, alias.start(), kind).into());
        }
        self.expansions.push(Expansion { resume: at + 1, end: node.end, alias });
        Ok(node.start)
    }
}

/// Returns the path of the leaf that is this event, for messages.
pub(super) fn path_of(document: &Document<'_>, selector: &Selector, event: usize) -> Path {
    let mut path = Path::new();
    let walk = Walk::new(document, selector);
    let _ = walk.run(|stop| {
        if stop.event == event && matches!(stop.item, Item::Leaf(_)) {
            path = stop.place.path();
        }
        Ok::<(), ScanError>(())
    });
    path
}

/// Tells whether aliases multiply a text beyond what the reference's library accepts: at 400 000
/// repeated events almost all may come from aliases, at 4 000 000 a tenth.
fn is_bomb(visited: u64, repeated: u64) -> bool {
    const LOW: u64 = 400_000;
    const HIGH: u64 = 4_000_000;
    if repeated < 1000 {
        return false;
    }
    let total = visited + repeated;
    #[expect(clippy::cast_precision_loss, reason = "a ratio, not an account")]
    let allowed = match total {
        ..=LOW => 0.99,
        HIGH.. => 0.10,
        _ => 0.99 - 0.89 * ((total - LOW) as f64 / (HIGH - LOW) as f64),
    };
    #[expect(clippy::cast_precision_loss, reason = "a ratio, not an account")]
    let ratio = repeated as f64 / total as f64;
    ratio > allowed
}
