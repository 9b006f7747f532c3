use super::compare::{has_same_keys, is_same, matched};
use super::node::{self, Content, Item, Node};
use super::{Field, flow, lines};
use crate::format::Format;
use crate::format::part::Block;
use crate::format::yaml::literal;
use crate::text::{Edits, Newline, Span, start_of_line};
use crate::tree::{Leaf, Scan, Tree, Value};

/// What becomes of the items of one mapping, or the elements of one list.
pub(super) struct Plan<'n> {
    pub(super) items: &'n [Item],
    pub(super) gone: Vec<bool>,
    /// New ones, each with the number of the old one that it stands before.
    pub(super) added: Vec<(usize, New<'n>)>,
}

/// A new item, or an element without a name.
#[derive(Clone, Copy)]
pub(super) struct New<'n> {
    pub(super) name: Option<&'n str>,
    pub(super) value: &'n Tree,
}

impl<'n> Plan<'n> {
    fn new(items: &'n [Item]) -> Self {
        Self { items, gone: vec![false; items.len()], added: Vec::new() }
    }

    fn is_empty(&self) -> bool {
        self.added.is_empty() && !self.gone.contains(&true)
    }
}

/// A piece of text that gives way to another one.
pub(super) type Change = (Span, String);

/// What all changes of one block need to know.
pub(super) struct Editor<'e> {
    pub(super) format: Format,
    pub(super) source: &'e str,
    /// By how much the fields stand behind the key of the block.
    pub(super) step: usize,
}

/// Adds the edits that give a nested block its fields.
pub(super) fn set(
    format: Format,
    source: &str,
    scan: &Scan,
    block: &Block,
    old: &Tree,
    fields: &[Field<'_>],
    edits: &mut Edits,
) {
    let root = node::read(source, scan, block.events.start + 1);
    let (Content::Collection { items, is_flow, .. }, Tree::Mapping(old)) = (&root.content, old)
    else {
        return;
    };
    let column = |offset: usize| offset - start_of_line(source, offset);
    let first = items.first().map_or(0, |item| column(item.start));
    let step = first.saturating_sub(column(block.span.start()));
    let editor = Editor { format, source, step };
    let mut plan = Plan::new(items);
    let mut changes = Vec::new();
    for (name, new) in fields {
        let at = position(items, name);
        let known =
            at.and_then(|at| old.get(at)).filter(|(known, _)| known.eq_ignore_ascii_case(name));
        match (at, new) {
            (Some(at), None) if !known.is_some_and(|(_, old)| is_nothing(old)) => {
                plan.gone[at] = true;
            }
            (_, None) => {}
            (None, Some(value)) => {
                plan.added.push((place(items, name), New { name: Some(name), value }));
            }
            (Some(at), Some(value)) => {
                let change = known.and_then(|(_, old)| editor.change(&items[at].node, old, value));
                if let Some(change) = change {
                    changes.extend(change);
                } else {
                    plan.gone[at] = true;
                    plan.added.push((at, New { name: Some(name), value }));
                }
            }
        }
    }
    changes.extend(editor.rearrange(&plan, *is_flow, block.span.start()).unwrap_or_default());
    for (span, text) in changes {
        edits.replace(span, text);
    }
}

/// Finds a field, in another letter case if need be.
fn position(items: &[Item], name: &str) -> Option<usize> {
    let exact = items.iter().position(|item| item.name.as_deref() == Some(name));
    let is_name =
        |item: &Item| item.name.as_deref().is_some_and(|other| other.eq_ignore_ascii_case(name));
    exact.or_else(|| items.iter().position(is_name))
}

/// Returns the number of the field before which a new one stands: the first with a greater name.
fn place(items: &[Item], name: &str) -> usize {
    let is_greater = |item: &Item| item.name.as_deref().is_some_and(|other| other > name);
    items.iter().position(is_greater).unwrap_or(items.len())
}

/// Tells whether a value counts as absent.
fn is_nothing(tree: &Tree) -> bool {
    match tree {
        Tree::Null => true,
        Tree::Sequence(items) => items.is_empty(),
        _ => false,
    }
}

impl Editor<'_> {
    /// Returns the changes that make another value of one, as small as can be; nothing if it has to
    /// be written anew.
    fn change(&self, node: &Node, old: &Tree, new: &Tree) -> Option<Vec<Change>> {
        if is_same(old, new) {
            return Some(Vec::new());
        }
        match (&node.content, old, new) {
            (Content::Leaf(leaf), ..) => self.scalar(leaf, new),
            (Content::Collection { items, .. }, Tree::Mapping(old), Tree::Mapping(new))
                if has_same_keys(old, new) && items.len() == old.len() =>
            {
                let changes = items.iter().zip(old).map(|(item, (name, old))| {
                    let (_, new) = new.iter().find(|(other, _)| other == name)?;
                    self.change(&item.node, old, new)
                });
                changes.collect::<Option<Vec<_>>>().map(|changes| changes.concat())
            }
            (
                Content::Collection { items, is_flow, .. },
                Tree::Sequence(old),
                Tree::Sequence(new),
            ) if items.len() == old.len() => self.list(node, items, *is_flow, old, new),
            _ => None,
        }
    }

    fn list(
        &self,
        node: &Node,
        items: &[Item],
        is_flow: bool,
        old: &[Tree],
        new: &[Tree],
    ) -> Option<Vec<Change>> {
        let (mut heirs, mut added) = matched(old, new);
        if heirs.iter().all(Option::is_none) {
            // lists of lists have nothing that names an element
            if old.len() != new.len() || old.iter().any(|it| it.find("enc").is_some()) {
                return None;
            }
            heirs = (0..new.len()).map(Some).collect();
            added.clear();
        }
        let mut plan = Plan::new(items);
        let mut changes = Vec::new();
        for (at, heir) in heirs.iter().enumerate() {
            match heir {
                None => plan.gone[at] = true,
                Some(heir) => {
                    changes.extend(self.change(&items[at].node, &old[at], &new[*heir])?);
                }
            }
        }
        let end = items.len();
        plan.added =
            added.into_iter().map(|at| (end, New { name: None, value: &new[at] })).collect();
        changes.extend(self.rearrange(&plan, is_flow, node.span.start())?);
        Some(changes)
    }

    fn rearrange(&self, plan: &Plan<'_>, is_flow: bool, parent: usize) -> Option<Vec<Change>> {
        if plan.is_empty() {
            Some(Vec::new())
        } else if is_flow {
            Some(flow::rearrange(self, plan, parent))
        } else {
            lines::rearrange(self, plan)
        }
    }

    /// Puts another value into the place of a scalar, in the same quotes or block.
    fn scalar(&self, leaf: &Leaf, new: &Tree) -> Option<Vec<Change>> {
        if leaf.site.is_empty() {
            return None;
        }
        let value = match new {
            Tree::Str(text) => Value::str(text.as_str()),
            Tree::Int(number) => Value::Int(*number),
            _ => return None,
        };
        if !leaf.body.is_empty() {
            let Tree::Str(text) = new else { return None };
            return self.block(leaf, text);
        }
        let rendering = self.format.render(self.source, leaf, &value, self.step);
        rendering.body.is_empty().then(|| vec![(leaf.site, rendering.site)])
    }

    /// Puts another text into the place of a literal block, at the same column.
    fn block(&self, leaf: &Leaf, text: &str) -> Option<Vec<Change>> {
        let lines = leaf.body.slice(self.source).trim_start_matches(['\r', '\n']);
        let column = lines.len() - lines.trim_start_matches(' ').len();
        let indent = leaf.indent as usize;
        let is_literal = leaf.site.slice(self.source).starts_with('|');
        if !is_literal || !text.contains('\n') || column <= indent {
            return None;
        }
        let (header, body) = literal(text, indent, column);
        let body = Newline::of(self.source).apply(body);
        Some(vec![(leaf.site, header), (leaf.body, body)])
    }
}
