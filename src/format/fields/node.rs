use crate::text::Span;
use crate::tree::{Event, Leaf, Scan};

/// A value of a metadata block with the places of its parts.
pub(super) struct Node {
    /// From the first to behind the last character.
    pub(super) span: Span,
    pub(super) content: Content,
}

pub(super) enum Content {
    Leaf(Leaf),
    Collection {
        is_flow: bool,
        items: Vec<Item>,
    },
    /// An alias, or what has an anchor.
    Other,
}

/// An item of a mapping, or an element of a list.
pub(super) struct Item {
    pub(super) name: Option<String>,
    /// Where the key begins, or the element.
    pub(super) start: usize,
    pub(super) node: Node,
}

impl Item {
    /// Returns where the value ends.
    pub(super) fn end(&self) -> usize {
        self.node.span.end()
    }
}

/// Reads the value whose events begin at `at`.
pub(super) fn read(source: &str, scan: &Scan, mut at: usize) -> Node {
    let is_comment = |at: usize| matches!(scan.events.get(at), Some(Event::Comment(_)));
    while is_comment(at) {
        at += 1;
    }
    Reader { source, scan, at }.node()
}

struct Reader<'s> {
    source: &'s str,
    scan: &'s Scan,
    at: usize,
}

impl Reader<'_> {
    fn next(&mut self) -> Option<Event> {
        let event = self.scan.events.get(self.at).copied();
        self.at += 1;
        event
    }

    /// Reads a value; no deeper than the scanner of the format allows.
    fn node(&mut self) -> Node {
        let other = |span| Node { span, content: Content::Other };
        match self.next() {
            Some(Event::Leaf(leaf)) => {
                let end = leaf.site.end().max(leaf.body.end());
                let span = Span::new(leaf.site.start(), end);
                Node { span, content: Content::Leaf(leaf) }
            }
            Some(Event::Enter { is_flow, span, .. }) => self.collection(is_flow, span),
            Some(Event::Alias(alias)) => other(alias.span),
            Some(Event::Anchor(_, span)) => {
                let node = self.node();
                other(Span::new(span.start(), node.span.end().max(span.end())))
            }
            _ => other(Span::default()),
        }
    }

    fn collection(&mut self, is_flow: bool, opening: Span) -> Node {
        let mut items = Vec::new();
        let mut end = opening.end();
        loop {
            match self.scan.events.get(self.at) {
                Some(Event::Leave(span)) => {
                    self.at += 1;
                    // that of a block collection lies behind the blank lines and comments after it
                    end = if is_flow { end.max(span.end()) } else { end };
                    break;
                }
                Some(Event::Comment(_)) => {
                    self.at += 1;
                    continue;
                }
                Some(Event::Key(key)) => {
                    self.at += 1;
                    let name = self.scan.str(self.source, key.text).into_owned();
                    let (start, node) = (key.span.start(), self.value());
                    items.push(Item { name: Some(name), start, node });
                }
                Some(_) => {
                    let node = self.node();
                    items.push(Item { name: None, start: node.span.start(), node });
                }
                None => break,
            }
            end = end.max(items.last().map_or(0, Item::end));
        }
        let span = Span::new(opening.start(), end);
        Node { span, content: Content::Collection { is_flow, items } }
    }

    /// Reads the value of a key; comments may stand between them.
    fn value(&mut self) -> Node {
        while matches!(self.scan.events.get(self.at), Some(Event::Comment(_))) {
            self.at += 1;
        }
        self.node()
    }
}
