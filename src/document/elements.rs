//! Comments that the reference wrote as elements of sequences (`spec/format.md` §5.2.3): they become
//! comments again, or are left out where the format has none.

use super::Document;
use crate::text::{Edits, Newline, Span, start_of_line};
use crate::tree::{Container, Event, Leaf};

/// A sequence element that is a comment.
pub(super) struct CommentElement {
    /// Index of the leaf's event.
    pub(super) event: usize,
    /// The text of the comment.
    pub(super) text: String,
}

/// Adds the edits that turn elements into comments; a sequence that has no other elements becomes
/// `[]`, as the reference prints it.
pub(super) fn restore(base: &Document<'_>, elements: &[CommentElement], edits: &mut Edits) {
    if !base.format.has_comments() {
        let events: Vec<usize> = elements.iter().map(|element| element.event).collect();
        return base.format.remove_elements(base.source, &base.scan, &events, edits);
    }
    let mut at = 0;
    while let Some(first) = elements.get(at) {
        if let Some((sequence, count)) = emptied_sequence(base, &elements[at..]) {
            empty(base, sequence, &elements[at..at + count], edits);
            at += count;
            continue;
        }
        if let Event::Leaf(leaf) = &base.scan.events[first.event] {
            restore_one(base, leaf, &first.text, edits);
        }
        at += 1;
    }
}

/// Returns the sequence whose elements all come first in `elements`, with their number.
fn emptied_sequence(base: &Document<'_>, elements: &[CommentElement]) -> Option<(usize, usize)> {
    let events = &base.scan.events;
    let first = elements.first()?.event;
    let is_comment = |at: &usize| matches!(events[*at], Event::Comment(_));
    let enter = (0..first).rev().find(|at| !is_comment(at))?;
    if !matches!(events[enter], Event::Enter { container: Container::Sequence, is_flow: false, .. })
    {
        return None;
    }
    let mut count = 0;
    for (at, event) in events.iter().enumerate().skip(first) {
        match event {
            Event::Leaf(_) if elements.get(count).is_some_and(|it| it.event == at) => count += 1,
            Event::Comment(_) => {}
            Event::Leave(_) => return Some((enter, count)),
            _ => return None,
        }
    }
    None
}

/// Writes `[]` where the sequence begins, and its comments below.
fn empty(base: &Document<'_>, sequence: usize, elements: &[CommentElement], edits: &mut Edits) {
    let source = base.source();
    let key = base.scan.events[..sequence].iter().rev().find_map(|event| match event {
        Event::Anchor(..) | Event::Comment(_) => None,
        Event::Key(key) => Some(Some(key)),
        _ => Some(None),
    });
    let newline = Newline::of(source).as_str();
    for (number, element) in elements.iter().enumerate() {
        let Event::Leaf(leaf) = &base.scan.events[element.event] else { continue };
        let dash = dash_of(source, leaf);
        let span = match key.flatten() {
            Some(key) => {
                if number == 0 {
                    let colon = source[key.span.end()..].find(':').unwrap_or(0);
                    edits.insert(key.span.end() + colon + 1, " []");
                }
                below_key(source, key.span, dash, leaf.site.end())
            }
            None => (Span::new(dash, leaf.site.end()), String::new(), leaf.indent as usize),
        };
        let (span, pad, column) = span;
        let is_first_in_list = number == 0 && key.flatten().is_none();
        let list = format!("[]{newline}{}", " ".repeat(column));
        let list = if is_first_in_list { list } else { pad };
        edits.replace(span, list + &comment_lines(&element.text, column, newline));
    }
}

/// Returns what a comment below an emptied value replaces, what stands before it and its column:
/// that of the key, if the element has a line of its own.
fn below_key(source: &str, key: Span, dash: usize, end: usize) -> (Span, String, usize) {
    let start = start_of_line(source, dash);
    let is_indented = source[start..dash].bytes().all(|byte| byte == b' ');
    if !is_indented {
        return (Span::new(dash, end), String::new(), 0);
    }
    let column = key.start() - start_of_line(source, key.start());
    (Span::new(start, end), " ".repeat(column), column)
}

fn restore_one(base: &Document<'_>, leaf: &Leaf, text: &str, edits: &mut Edits) {
    let source = base.source();
    let text = comment_lines(text, leaf.indent as usize, Newline::of(source).as_str());
    edits.replace(Span::new(dash_of(source, leaf), leaf.site.end()), text);
}

/// Writes a comment, each of its lines at a column; the first one is put there by the caller.
fn comment_lines(text: &str, column: usize, newline: &str) -> String {
    let lines: Vec<String> = text.split('\n').map(|line| format!("#{line}")).collect();
    lines.join(&format!("{newline}{}", " ".repeat(column)))
}

/// Returns where the dash of a block sequence element stands.
fn dash_of(source: &str, leaf: &Leaf) -> usize {
    let line = start_of_line(source, leaf.site.start());
    let before = &source[line..leaf.site.start()];
    before.rfind('-').map_or(leaf.site.start(), |at| line + at)
}
