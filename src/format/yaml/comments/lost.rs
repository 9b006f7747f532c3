use super::layout;
use crate::text::Span;
use crate::tree::{Comment, Container, Event};

/// Adds the comments that no tree holds to the collections in which they stand in the source
/// (`spec/yaml-comments.md` §10).
pub(super) fn insert(
    source: &str,
    events: Vec<Event>,
    comments: &[Span],
    is_placed: &[bool],
) -> Vec<Event> {
    let lost = comments.iter().zip(is_placed).filter(|(_, is_placed)| !**is_placed);
    let lost: Vec<Span> = lost.map(|(comment, _)| *comment).collect();
    if lost.is_empty() {
        return events;
    }
    let output = Vec::with_capacity(events.len() + lost.len());
    let mut insertion = Insertion { source, lost: &lost, output, frames: Vec::new() };
    let places = places(&events);
    for (at, event) in events.iter().enumerate() {
        let previous = at.checked_sub(1).and_then(|at| events.get(at));
        insertion.event(event, previous, places[opening_bracket(&events, at).unwrap_or(at)]);
    }
    insertion.add_before(u32::MAX);
    insertion.output
}

/// Finds the bracket that follows a key: what stands before it belongs outside.
fn opening_bracket(events: &[Event], key: usize) -> Option<usize> {
    let has_anchor = matches!(events.get(key + 1), Some(Event::Anchor(..)));
    let value = key + if has_anchor { 2 } else { 1 };
    match (events.get(key)?, events.get(value)?) {
        (Event::Key(_), Event::Enter { span, .. }) if !span.is_empty() => Some(value),
        _ => None,
    }
}

/// Gives each event the place where it stands, or else that of the next one that has a place.
fn places(events: &[Event]) -> Vec<u32> {
    let mut place = u32::MAX;
    let mut places: Vec<u32> = events
        .iter()
        .rev()
        .map(|event| {
            place = own_place(event).unwrap_or(place).min(place);
            place
        })
        .collect();
    places.reverse();
    places
}

fn own_place(event: &Event) -> Option<u32> {
    let span = match event {
        Event::Document(span) | Event::Leave(span) if span.is_empty() => return None,
        Event::Document(span)
        | Event::Leave(span)
        | Event::EndDocument(span)
        | Event::Anchor(_, span)
        | Event::Enter { span, .. } => span,
        Event::Key(key) => &key.span,
        Event::Leaf(leaf) => &leaf.site,
        Event::Alias(alias) => &alias.span,
        Event::Comment(_) => return None,
    };
    Some(span.start)
}

/// One open collection.
struct Frame {
    container: Container,
    start: usize,
}

struct Insertion<'a> {
    source: &'a str,
    lost: &'a [Span],
    output: Vec<Event>,
    frames: Vec<Frame>,
}

impl Insertion<'_> {
    fn event(&mut self, event: &Event, previous: Option<&Event>, place: u32) {
        let is_named = matches!(previous, Some(Event::Anchor(..)));
        match event {
            Event::Key(_) if !is_named => self.add_before(place),
            Event::Anchor(..) | Event::Leaf(_) | Event::Alias(_) | Event::Enter { .. }
                if !is_named && self.is_free(previous) =>
            {
                self.add_before(place);
            }
            Event::EndDocument(_) => self.add_before(place),
            Event::Document(_) if previous.is_some() => self.add_before(place),
            Event::Comment(comment) if self.frames.is_empty() => {
                self.add_before(comment.span.start);
            }
            Event::Leave(span) => self.leave(*span, place),
            _ => {}
        }
        self.output.push(*event);
        if let Event::Enter { container, span, .. } = event {
            self.frames.push(Frame { container: *container, start: span.start() });
        }
    }

    /// Tells whether a comment may stand before a node: that is not so between key and value, and
    /// the root mapping has its comments inside.
    fn is_free(&self, previous: Option<&Event>) -> bool {
        match self.frames.last() {
            Some(frame) if frame.container == Container::Sequence => true,
            Some(_) => !matches!(previous, Some(Event::Key(_))),
            None => false,
        }
    }

    /// Adds what stands before the end of a collection: in front of its bracket, or in its columns.
    fn leave(&mut self, span: Span, place: u32) {
        let frame = self.frames.pop();
        let container = frame.as_ref().map(|frame| frame.container);
        let is_root = self.frames.is_empty();
        let is_block = span.is_empty() && !is_root;
        let start = frame.filter(|_| is_block && self.is_next_before(place));
        let column = start.map_or(0, |frame| layout::column(self.source, frame.start));
        while self.is_next_before(place)
            && (column == 0 || self.column_of_next().is_some_and(|it| it >= column))
        {
            self.add(container);
        }
    }

    fn is_next_before(&self, place: u32) -> bool {
        self.lost.first().is_some_and(|comment| comment.start < place)
    }

    fn column_of_next(&self) -> Option<usize> {
        self.lost.first().map(|comment| layout::column(self.source, comment.start()))
    }

    fn add_before(&mut self, place: u32) {
        let container = self.frames.last().map(|frame| frame.container);
        while self.is_next_before(place) {
            self.add(container);
        }
    }

    fn add(&mut self, container: Option<Container>) {
        let Some((span, rest)) = self.lost.split_first() else { return };
        self.lost = rest;
        self.output.push(Event::Comment(Comment {
            in_sequence: container == Some(Container::Sequence),
            is_in_tree: false,
            ..Comment::line(*span)
        }));
    }
}
