//! The events of a document from several points of view.

use std::collections::HashMap;
use std::ops::Range;

use super::Document;
use crate::tree::{AnchorId, Event};

/// Iterates over the events outside the metadata blocks, comments left out.
pub(super) fn content_events<'d>(
    document: &'d Document<'_>,
) -> impl Iterator<Item = (usize, &'d Event)> {
    let events = outer_events(document);
    events.filter(|(_, event)| !matches!(event, Event::Comment(_)))
}

/// Iterates over the events within the roots, which may be empty without the metadata block.
pub(super) fn below_roots<'d>(
    document: &'d Document<'_>,
) -> impl Iterator<Item = (usize, &'d Event)> {
    without_roots(content_events(document))
}

/// Leaves the roots of documents out.
fn without_roots<'d>(
    events: impl Iterator<Item = (usize, &'d Event)>,
) -> impl Iterator<Item = (usize, &'d Event)> {
    let mut depth = 0_usize;
    events.filter(move |(_, event)| {
        let is_below = is_below_root(depth, event);
        match event {
            Event::Enter { .. } => depth += 1,
            Event::Leave(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
        is_below
    })
}

/// Tells whether an event is neither a root nor the end of one; `depth` counts the collections
/// open before it.
pub(super) fn is_below_root(depth: usize, event: &Event) -> bool {
    match event {
        Event::Enter { .. } | Event::Leaf(_) => depth > 0,
        Event::Leave(_) => depth > 1,
        _ => true,
    }
}

/// Iterates over the comments outside the metadata blocks.
pub(super) fn comments<'d>(document: &'d Document<'_>) -> impl Iterator<Item = (usize, &'d Event)> {
    outer_events(document).filter(|(_, event)| matches!(event, Event::Comment(_)))
}

/// Iterates over the events outside the metadata blocks.
pub(super) fn outer_events<'d>(
    document: &'d Document<'_>,
) -> impl Iterator<Item = (usize, &'d Event)> {
    let parts = document.parts.iter();
    let indices = parts.flat_map(|part| {
        let is_outside = |at: &usize| !part.blocks.iter().any(|it| it.events.contains(at));
        part.events.clone().filter(is_outside)
    });
    indices.map(|at| (at, &document.scan.events[at]))
}

/// Iterates over the events within the roots with each alias replaced by what it stands for;
/// anchors are left out.
pub(super) fn expanded_events<'d>(
    document: &'d Document<'_>,
) -> impl Iterator<Item = (usize, &'d Event)> {
    let events = &document.scan.events;
    let nodes = document.scan.anchored_nodes();
    let outer = content_events(document);
    without_roots(ExpandedEvents { events, nodes, outer, open: Vec::new() })
}

struct ExpandedEvents<'d, I> {
    events: &'d [Event],
    nodes: HashMap<AnchorId, Range<usize>>,
    outer: I,
    /// The rest of each node that an alias led to.
    open: Vec<Range<usize>>,
}

impl<'d, I: Iterator<Item = (usize, &'d Event)>> ExpandedEvents<'d, I> {
    fn next_event(&mut self) -> Option<(usize, &'d Event)> {
        while let Some(range) = self.open.last_mut() {
            if let Some(at) = range.next() {
                return Some((at, &self.events[at]));
            }
            self.open.pop();
        }
        self.outer.next()
    }
}

impl<'d, I: Iterator<Item = (usize, &'d Event)>> Iterator for ExpandedEvents<'d, I> {
    type Item = (usize, &'d Event);

    fn next(&mut self) -> Option<Self::Item> {
        loop {
            let (at, event) = self.next_event()?;
            match event {
                Event::Alias(alias) => {
                    self.open.extend(self.nodes.get(&alias.target).cloned());
                }
                Event::Anchor(..) | Event::Comment(_) => {}
                _ => return Some((at, event)),
            }
        }
    }
}
