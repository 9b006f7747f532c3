use super::handover::Holders;
use super::records::{EMPTY_LINE, Slot};
use crate::text::Span;
use crate::tree::{Comment, Container, Event};

/// Adds the comments to the events as items of the tree (`spec/yaml-comments.md` §7).
///
/// Also returns, for each comment, whether it has been added.
pub(super) fn insert(
    events: &[Event],
    comments: &[Span],
    holders: &Holders,
) -> (Vec<Event>, Vec<bool>) {
    let mut items = Items {
        events,
        comments,
        holders,
        output: Vec::with_capacity(events.len() + comments.len()),
        is_placed: vec![false; comments.len()],
        frames: Vec::new(),
        document: 0,
        is_announced: false,
    };
    for node in 0..events.len() {
        items.event(node);
    }
    (items.output, items.is_placed)
}

/// One open collection.
struct Frame {
    node: usize,
    container: Container,
    key: usize,
    /// Whether the collection's own comments stand inside it, not beside it.
    has_own: bool,
}

struct Items<'a> {
    events: &'a [Event],
    comments: &'a [Span],
    holders: &'a Holders,
    output: Vec<Event>,
    is_placed: Vec<bool>,
    frames: Vec<Frame>,
    document: usize,
    /// Whether the comments above the next node have been added, above its anchor.
    is_announced: bool,
}

impl Items<'_> {
    fn event(&mut self, node: usize) {
        let event = self.events[node];
        match event {
            Event::Document(_) => {
                self.document = node;
                self.output.push(event);
            }
            Event::Anchor(..) => {
                self.announce(node + 1);
                self.is_announced = true;
                self.output.push(event);
            }
            Event::Key(_) => {
                self.announce(node);
                self.output.push(event);
                if let Some(frame) = self.frames.last_mut() {
                    frame.key = node;
                }
            }
            Event::Leaf(_) | Event::Alias(_) => {
                self.announce(node);
                self.output.push(event);
                self.finish(node, true);
            }
            Event::Enter { container, .. } => {
                self.announce(node);
                self.output.push(event);
                self.enter(node, container);
            }
            Event::Leave(_) => self.leave(event),
            Event::Comment(_) | Event::EndDocument(_) => self.output.push(event),
        }
    }

    /// Adds the comments of one text of a node to the innermost collection.
    fn add(&mut self, node: usize, slot: Slot, is_inline: bool) {
        let Some(texts) = self.holders.get(&node) else { return };
        let in_sequence = self.container() == Some(Container::Sequence);
        for number in texts.of(slot).iter().filter(|line| **line != EMPTY_LINE) {
            let at = *number as usize;
            if let (Some(span), Some(is_placed)) =
                (self.comments.get(at).copied(), self.is_placed.get_mut(at))
            {
                *is_placed = true;
                let comment = Comment { in_sequence, is_inline, ..Comment::line(span) };
                self.output.push(Event::Comment(comment));
            }
        }
    }

    fn container(&self) -> Option<Container> {
        self.frames.last().map(|frame| frame.container)
    }

    /// Adds what stands above a key, an element or a root that is no collection.
    fn announce(&mut self, node: usize) {
        if std::mem::take(&mut self.is_announced) {
            return;
        }
        let is_enter = matches!(self.events.get(node), Some(Event::Enter { .. }));
        match self.container() {
            Some(Container::Mapping) => self.announce_key(node),
            Some(Container::Sequence) => {
                self.add(node, Slot::Head, false);
                self.add(node, Slot::Line, true);
            }
            None if !is_enter => {
                self.add(self.document, Slot::Head, false);
                self.add(node, Slot::Head, false);
                self.add(node, Slot::Line, false);
            }
            None => {}
        }
    }

    fn announce_key(&mut self, key: usize) {
        if !matches!(self.events.get(key), Some(Event::Key(_))) {
            return;
        }
        self.add(key, Slot::Head, false);
        self.add(key, Slot::Line, false);
        let has_anchor = matches!(self.events.get(key + 1), Some(Event::Anchor(..)));
        let value = key + if has_anchor { 2 } else { 1 };
        if matches!(self.events.get(value), Some(Event::Leaf(_) | Event::Alias(_))) {
            self.add(value, Slot::Head, false);
            self.add(value, Slot::Line, true);
        }
    }

    fn enter(&mut self, node: usize, container: Container) {
        let has_own = self.container() != Some(Container::Sequence);
        let is_root = self.frames.is_empty();
        self.frames.push(Frame { node, container, key: node, has_own });
        if is_root {
            self.add(self.document, Slot::Head, false);
        }
        if has_own {
            self.add(node, Slot::Head, false);
            self.add(node, Slot::Line, false);
        }
    }

    fn leave(&mut self, event: Event) {
        if let Some(Frame { node, has_own: true, .. }) = self.frames.last() {
            self.add(*node, Slot::Foot, false);
        }
        if self.frames.len() == 1 {
            self.add(self.document, Slot::Foot, false);
        }
        self.output.push(event);
        if let Some(frame) = self.frames.pop() {
            self.finish(frame.node, false);
        }
    }

    /// Adds what stands below a value, an element or a root that is no collection.
    fn finish(&mut self, node: usize, is_scalar: bool) {
        match self.frames.last() {
            Some(Frame { container: Container::Mapping, key, .. }) => {
                let key = *key;
                if is_scalar {
                    self.add(node, Slot::Foot, false);
                }
                self.add(key, Slot::Foot, false);
            }
            Some(_) => self.add(node, Slot::Foot, false),
            None if is_scalar => self.add(self.document, Slot::Foot, false),
            None => {}
        }
    }
}
