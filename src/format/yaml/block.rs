use std::ops::Range;

use super::emit;
use super::flow::flow;
use crate::format::part::{Block, DocumentPart, Root};
use crate::text::{Edits, Newline, Span, end_of_line, start_of_line};
use crate::tree::{Event, Scan, Tree};

/// The key of the metadata block.
const KEY: &str = "sops";

/// Finds the documents of a scan and the metadata blocks in them.
#[must_use]
pub fn documents(source: &str, scan: &Scan) -> Vec<DocumentPart> {
    let events = &scan.events;
    let is_start = |at: &usize| matches!(events[*at], Event::Document(_));
    let starts: Vec<usize> = (0..events.len()).filter(is_start).collect();
    let ends = starts.iter().skip(1).copied().chain([events.len()]);
    let ranges = starts.iter().copied().zip(ends);
    ranges.map(|(start, end)| part(source, scan, start..end)).collect()
}

fn part(source: &str, scan: &Scan, events: Range<usize>) -> DocumentPart {
    let inner = &scan.events[events.clone()];
    let end = inner.iter().rev().find_map(|event| match event {
        Event::EndDocument(span) => Some(span.start()),
        _ => None,
    });
    let end = end.unwrap_or(source.len());
    let root_at = inner.iter().position(|it| matches!(it, Event::Enter { .. } | Event::Leaf(_)));
    let root = match root_at.map(|at| inner[at]) {
        Some(Event::Enter { is_flow, span, .. }) => {
            let close = inner.iter().rev().find_map(|event| match event {
                Event::Leave(span) => Some(*span),
                _ => None,
            });
            flow_or_block_root(source, inner, is_flow, span, close.unwrap_or(span))
        }
        Some(Event::Leaf(leaf)) => Root::Empty(leaf.site),
        _ => Root::Empty(Span::at(end)),
    };
    let blocks = find_blocks(source, scan, &events);
    DocumentPart { events, blocks, root, end }
}

fn flow_or_block_root(
    source: &str,
    inner: &[Event],
    is_flow: bool,
    open: Span,
    close: Span,
) -> Root {
    if !is_flow {
        return Root::Block { column: super::gap::column(source, open.start()) };
    }
    let is_empty = !inner.iter().any(|event| matches!(event, Event::Key(_) | Event::Comment(_)));
    if is_empty {
        return Root::Empty(Span::new(open.start(), close.end()));
    }
    let has_items = inner.iter().any(|event| matches!(event, Event::Key(_)));
    Root::Flow { close, has_comma: !has_items || has_trailing_comma(source, inner, close) }
}

/// Tells whether a comma stands between the last content of a flow root and its bracket.
fn has_trailing_comma(source: &str, inner: &[Event], close: Span) -> bool {
    let last = inner.iter().rev().filter(|event| !matches!(event, Event::Comment(_)));
    let ends = last.map(|event| end_of(*event)).filter(|end| *end < close.end());
    let from = ends.max().unwrap_or(close.start());
    let gap = source.get(from..close.start()).unwrap_or_default();
    gap.lines().any(|line| line.split('#').next().unwrap_or_default().contains(','))
}

/// Finds the top-level items whose key is `sops`.
fn find_blocks(source: &str, scan: &Scan, events: &Range<usize>) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut depth = 0_usize;
    let mut open: Option<usize> = None;
    for at in events.clone() {
        let event = scan.events[at];
        let is_node_end = match event {
            Event::Enter { .. } => {
                depth += 1;
                false
            }
            Event::Leave(_) => {
                depth = depth.saturating_sub(1);
                depth == 1
            }
            Event::Key(key) if depth == 1 => {
                let is_block = scan.bytes(source, key.text) == KEY.as_bytes();
                open = is_block.then_some(at);
                false
            }
            Event::Leaf(_) | Event::Alias(_) => depth == 1,
            _ => false,
        };
        if is_node_end && let Some(start) = open.take() {
            let range = start..at + 1;
            let ends = scan.events[range.clone()].iter().map(|event| end_of(*event));
            let span = Span::new(start_of(scan.events[start]), ends.max().unwrap_or(0));
            blocks.push(Block { events: range, span });
        }
    }
    blocks
}

fn start_of(event: Event) -> usize {
    match event {
        Event::Key(key) => key.span.start(),
        _ => 0,
    }
}

/// Returns where the text of an event ends.
fn end_of(event: Event) -> usize {
    match event {
        Event::Key(key) => key.span.end(),
        Event::Leaf(leaf) => leaf.site.end().max(leaf.body.end()),
        Event::Alias(alias) => alias.span.end(),
        Event::Enter { span, .. } | Event::Anchor(_, span) => span.end(),
        // the end of a block collection lies behind the blank lines and comments after it
        Event::Leave(span) if !span.is_empty() => span.end(),
        _ => 0,
    }
}

/// Writes a metadata block for a document of `source`, as it is inserted by [`insert`].
#[must_use]
pub fn write(source: &str, part: &DocumentPart, metadata: &Tree, step: usize) -> String {
    let text = match part.root {
        Root::Flow { .. } => format!("{KEY}:\n{}\n", flow(metadata)),
        Root::Block { column } => emit::block_item(KEY, metadata, column, step),
        Root::Empty(_) | Root::Object { .. } => emit::block_item(KEY, metadata, 0, step),
    };
    Newline::of(source).apply(text)
}

/// Inserts a block as the last item of a document and returns the text that stands before it.
pub fn insert(source: &str, part: &DocumentPart, block: &str, edits: &mut Edits) {
    let newline = Newline::of(source).as_str();
    let at_line_start =
        |offset: usize| offset == 0 || source[..offset].ends_with(['\n', '\u{feff}']);
    match part.root {
        Root::Flow { close, has_comma } => {
            let comma = if has_comma { "" } else { "," };
            let before =
                if comma.is_empty() { newline.to_owned() } else { format!("{newline},{newline}") };
            edits.insert(close.start(), format!("{before}{block}"));
        }
        Root::Block { .. } => {
            let before = if at_line_start(part.end) { "" } else { newline };
            edits.insert(part.end, format!("{before}{block}"));
        }
        Root::Empty(site) => {
            let (line, after) =
                (start_of_line(source, site.start()), end_of_line(source, site.end()));
            let has_own_line = !site.is_empty() && source[line..after].trim() == site.slice(source);
            if has_own_line {
                edits.replace(Span::new(line, after), block);
            } else {
                edits.remove(site);
                let before = if at_line_start(part.end) { "" } else { newline };
                edits.insert(part.end, format!("{before}{block}"));
            }
        }
        Root::Object { .. } => {}
    }
}

/// Removes the metadata block of a document; a document left without content becomes `{}`.
pub fn remove(source: &str, scan: &Scan, part: &DocumentPart, edits: &mut Edits) {
    for block in &part.blocks {
        match part.root {
            Root::Flow { close, .. } => edits.remove(flow_span(source, scan, block, close)),
            Root::Block { column } => {
                let line = start_of_line(source, block.span.start());
                let mark =
                    if source[line..].starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
                let start = line + mark;
                let span = Span::new(start, end_of_line(source, block.span.end()));
                let is_alone = is_only_item(scan, part, block);
                let indent = " ".repeat(column);
                let newline = Newline::of(source).as_str();
                let left = if is_alone { format!("{indent}{{}}{newline}") } else { String::new() };
                edits.replace(span, left);
            }
            Root::Empty(_) | Root::Object { .. } => {}
        }
    }
}

fn is_only_item(scan: &Scan, part: &DocumentPart, block: &Block) -> bool {
    let mut keys = part.events.clone().filter(|at| matches!(scan.events[*at], Event::Key(_)));
    keys.all(|at| block.events.contains(&at))
}

/// Returns what [`insert`] put into a flow root, or the item with one comma beside it.
fn flow_span(source: &str, scan: &Scan, block: &Block, close: Span) -> Span {
    let before = &source[..block.span.start()];
    let is_last =
        source[block.span.end()..close.start()].trim_matches([' ', '\t', '\r', '\n']).is_empty();
    if !is_last {
        return Span::new(block.span.start(), after_comma(source, block.span.end()));
    }
    // the bracket would become part of a comment, so such a comma was there before
    let ends_in_comment = |end: usize| {
        let mut events = scan.events.iter();
        events.any(|event| matches!(event, Event::Comment(comment) if comment.span.end() == end))
    };
    let start = match before_own_comma(before) {
        Some(end) if !ends_in_comment(end) => end,
        _ => without_newline(before).unwrap_or(before).len(),
    };
    Span::new(start, close.start())
}

/// Returns where the text ends behind which [`insert`] put a comma on a line of its own.
fn before_own_comma(before: &str) -> Option<usize> {
    let before_comma = without_newline(before)?.strip_suffix(',')?;
    without_newline(before_comma).map(str::len)
}

fn without_newline(text: &str) -> Option<&str> {
    text.strip_suffix('\n').map(|text| text.strip_suffix('\r').unwrap_or(text))
}

fn after_comma(source: &str, from: usize) -> usize {
    let gap = source[from..].find(',');
    gap.map_or(from, |comma| from + comma + 1)
}
