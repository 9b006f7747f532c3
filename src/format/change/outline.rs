//! Where the items of one collection stand in a text.

use crate::text::Span;
use crate::tree::{Container, Event, Key, Scan};

/// A collection of a text with its items.
pub(in crate::format) struct Collection {
    pub(in crate::format) container: Container,
    /// Whether it is written in brackets.
    pub(in crate::format) is_flow: bool,
    /// Its opening bracket; empty without brackets.
    pub(in crate::format) opening: Span,
    /// Its closing bracket; says nothing without brackets.
    pub(in crate::format) closing: Span,
    pub(in crate::format) items: Vec<Item>,
    /// The items as the reference counts them: the number of each, and nothing for a comment.
    pub(in crate::format) counted: Vec<Option<usize>>,
    /// Whether comments stand in it, at any depth.
    pub(in crate::format) has_comments: bool,
}

/// A pair of a mapping or an element of a list.
#[derive(Clone, Copy)]
pub(in crate::format) struct Item {
    /// The key of a pair.
    pub(in crate::format) key: Option<Key>,
    /// The event that begins the value; anchors stand before it.
    pub(in crate::format) node: usize,
    /// Where the item begins: its key or value, or an anchor before that.
    pub(in crate::format) start: usize,
    /// Where its last content ends; comments behind it are no content.
    pub(in crate::format) end: usize,
}

impl Collection {
    /// Reads the collection that begins at an event; nothing if none begins there.
    pub(in crate::format) fn at(scan: &Scan, at: usize) -> Option<Self> {
        let Event::Enter { container, span, is_flow } = scan.events.get(at)? else { return None };
        let mut collection = Self {
            container: *container,
            is_flow: *is_flow,
            opening: *span,
            closing: *span,
            items: Vec::new(),
            counted: Vec::new(),
            has_comments: false,
        };
        let mut open: Option<Item> = None;
        let mut depth = 0_usize;
        for (at, event) in scan.events.iter().enumerate().skip(at + 1) {
            if let Event::Leave(span) = event
                && depth == 0
            {
                collection.closing = *span;
                break;
            }
            collection.event(at, event, depth, &mut open);
            match event {
                Event::Enter { .. } => depth += 1,
                Event::Leave(_) => depth = depth.saturating_sub(1),
                _ => {}
            }
            let ends_node = matches!(event, Event::Leaf(_) | Event::Alias(_) | Event::Leave(_));
            if depth == 0
                && ends_node
                && let Some(item) = open.take()
            {
                collection.counted.push(Some(collection.items.len()));
                collection.items.push(item);
            }
        }
        Some(collection)
    }

    /// Takes note of one event inside.
    fn event(&mut self, at: usize, event: &Event, depth: usize, open: &mut Option<Item>) {
        if let Event::Comment(comment) = event {
            self.has_comments = true;
            if depth == 0 && open.is_none() && comment.is_in_tree {
                self.counted.push(None);
            }
            return;
        }
        let Some(span) = span_of(event) else { return };
        let item =
            open.get_or_insert(Item { key: None, node: at, start: span.start(), end: span.end() });
        item.end = item.end.max(end_of(event));
        match event {
            Event::Anchor(..) | Event::Leave(_) => {}
            Event::Key(key) if depth == 0 => {
                item.key = Some(*key);
                item.node = at;
            }
            _ if depth == 0 => item.node = at,
            _ => {}
        }
    }
}

fn span_of(event: &Event) -> Option<Span> {
    match event {
        Event::Key(key) => Some(key.span),
        Event::Leaf(leaf) => Some(leaf.site),
        Event::Alias(alias) => Some(alias.span),
        Event::Anchor(_, span) | Event::Enter { span, .. } | Event::Leave(span) => Some(*span),
        Event::Comment(_) | Event::Document(_) | Event::EndDocument(_) => None,
    }
}

/// Returns where the text of an event ends; the end of a collection without brackets lies behind
/// what follows it and does not count.
fn end_of(event: &Event) -> usize {
    match event {
        Event::Leaf(leaf) => leaf.site.end().max(leaf.body.end()),
        Event::Leave(span) if span.is_empty() => 0,
        event => span_of(event).map_or(0, Span::end),
    }
}
