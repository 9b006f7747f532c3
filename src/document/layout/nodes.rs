use std::ops::Range;

use crate::document::walk::PathState;
use crate::document::{Document, events, splice};
use crate::text::Span;
use crate::tree::{Event, Key};

/// A node of a document that a record may name.
pub(super) struct NodeAt<'n> {
    /// Index of the event that begins it.
    pub(super) event: usize,
    /// Its key; nothing in a list and at the top level.
    pub(super) key: Option<&'n Key>,
    /// Where it stands.
    pub(super) place: &'n PathState,
}

/// Shows every node outside the metadata blocks, in document order; aliases are nodes.
pub(super) fn visit(document: &Document<'_>, mut visit: impl FnMut(&NodeAt<'_>)) {
    let mut path = PathTracker::default();
    for (at, event) in events::outer_events(document) {
        path.before(document, event);
        if matches!(event, Event::Enter { .. } | Event::Leaf(_) | Event::Alias(_)) {
            visit(&NodeAt { event: at, key: path.key.take(), place: &path.place });
        }
        path.after(event);
    }
}

/// Follows events and knows the path of the current one.
#[derive(Default)]
pub(super) struct PathTracker<'d> {
    pub(super) place: PathState,
    /// The key whose node comes next.
    pub(super) key: Option<&'d Key>,
}

impl<'d> PathTracker<'d> {
    /// Takes note of an event before it is looked at.
    pub(super) fn before(&mut self, document: &Document<'_>, event: &'d Event) {
        match event {
            Event::Document(_) => self.place.begin_document(),
            Event::Key(key) => {
                self.place.key(document.scan.bytes(document.source, key.text));
                self.key = Some(key);
            }
            _ => {}
        }
    }

    /// Takes note of an event after it was looked at.
    pub(super) fn after(&mut self, event: &Event) {
        match event {
            Event::Enter { .. } => {
                self.key = None;
                self.place.enter();
            }
            Event::Leaf(_) | Event::Alias(_) => self.key = None,
            Event::Leave(_) => self.place.leave(),
            _ => {}
        }
    }
}

/// Returns the events of the node that begins at `start`.
pub(super) fn events_of(document: &Document<'_>, start: usize) -> Range<usize> {
    let mut depth = 0_usize;
    for (at, event) in document.scan.events.iter().enumerate().skip(start) {
        match event {
            Event::Enter { .. } => depth += 1,
            Event::Leave(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return start..at + 1;
        }
    }
    start..document.scan.events.len()
}

/// Returns what a record replaces for a whole node: all its lines from behind its key on, or the
/// node itself; nothing where the node has no such text.
pub(super) fn region(
    document: &Document<'_>,
    start: usize,
    key: Option<&Key>,
    by_lines: bool,
) -> Option<Span> {
    let events = &document.scan.events[events_of(document, start)];
    let (first, last) = (events.first()?, events.last()?);
    let begin = match first {
        Event::Enter { span, .. } => span.start(),
        Event::Leaf(leaf) => leaf.site.start(),
        Event::Alias(alias) => alias.span.start(),
        _ => return None,
    };
    if by_lines {
        let begin = key.map_or(begin, |key| key.span.end());
        let end = events.iter().map(end_of).max()?;
        return Some(Span::new(begin, splice::content_end(document.source, end.max(begin))));
    }
    match (first, last) {
        (Event::Enter { is_flow: true, .. }, Event::Leave(close)) => {
            Some(Span::new(begin, close.end()))
        }
        _ => None,
    }
}

fn end_of(event: &Event) -> usize {
    match event {
        Event::Key(key) => key.span.end(),
        Event::Leaf(leaf) => leaf.site.end().max(leaf.body.end()),
        Event::Alias(alias) => alias.span.end(),
        Event::Anchor(_, span) => span.end(),
        // a block collection ends behind the blank lines and comments after it
        Event::Enter { span, .. } | Event::Leave(span) if !span.is_empty() => span.end(),
        _ => 0,
    }
}
