use std::ops::Range;

use super::PREFIX;
use crate::format::part::{Block, DocumentPart, FlatBlock, Root};
use crate::metadata::{self, MetadataError};
use crate::text::{Edits, Span, end_of_line};
use crate::tree::{Event, Leaf, LeafValue, Scan, Tree};

/// Finds the one document of a scan and its metadata lines.
#[must_use]
pub fn documents(source: &str, scan: &Scan) -> Vec<DocumentPart> {
    let is_metadata = |event: &Event| match event {
        Event::Key(key) => scan.bytes(source, key.text).starts_with(PREFIX.as_bytes()),
        _ => false,
    };
    let count = scan.events.len();
    let blocks = scan.events.iter().position(is_metadata).map(|start| {
        // behind the last line come the ends of mapping and document
        let events = start..count.saturating_sub(2);
        let spans = lines(scan, &events).map(|(name, leaf)| (name.start(), leaf.site.end()));
        let (starts, ends): (Vec<_>, Vec<_>) = spans.unzip();
        let start = starts.into_iter().min().unwrap_or(0);
        let span = Span::new(start, ends.into_iter().max().unwrap_or(start));
        Block { events, span }
    });
    let blocks = blocks.into_iter().collect();
    let root = Root::Block { column: 0 };
    vec![DocumentPart { events: 0..count, blocks, root, end: source.len() }]
}

/// Iterates over the metadata lines: name and value.
fn lines<'s>(scan: &'s Scan, events: &Range<usize>) -> impl Iterator<Item = (Span, &'s Leaf)> {
    let pairs = scan.events[events.clone()].chunks_exact(2);
    pairs.filter_map(|pair| match pair {
        [Event::Key(key), Event::Leaf(leaf)] => Some((key.span, leaf)),
        _ => None,
    })
}

/// Reads the metadata lines as plain data.
///
/// # Errors
/// Names contradict each other.
pub fn tree(source: &str, scan: &Scan, block: &Block) -> Result<Tree, MetadataError> {
    let texts = lines(scan, &block.events).map(|(name, leaf)| {
        let text = match leaf.value {
            LeafValue::Str(text) => scan.str(source, text),
            _ => std::borrow::Cow::default(),
        };
        (name.slice(source).strip_prefix(PREFIX).unwrap_or_default(), text)
    });
    let texts: Vec<_> = texts.collect();
    metadata::unflatten(texts.iter().map(|(name, text)| (*name, text.as_ref())))
}

/// Writes metadata lines.
#[must_use]
pub fn write(metadata: &Tree) -> String {
    let lines = metadata::flatten(metadata).into_iter();
    lines
        .flat_map(|(name, text)| [PREFIX.to_owned(), name, "=".to_owned(), text, "\n".to_owned()])
        .collect()
}

/// Inserts metadata lines at the end of the text.
pub fn insert(source: &str, block: &str, edits: &mut Edits) {
    let is_line_open = !source.is_empty() && !source.ends_with('\n');
    let before = if is_line_open { "\n" } else { "" };
    edits.insert(source.len(), format!("{before}{block}"));
}

/// Removes the metadata lines.
pub fn remove(source: &str, scan: &Scan, part: &DocumentPart, edits: &mut Edits) {
    for block in &part.blocks {
        for (name, leaf) in lines(scan, &block.events) {
            edits.remove(Span::new(name.start(), end_of_line(source, leaf.site.end())));
        }
    }
}

/// Takes the metadata lines with the places of their fields.
#[must_use]
pub fn flat(source: &str, scan: &Scan, block: &Block) -> FlatBlock {
    let mut flat = FlatBlock { prefix: PREFIX, equals: "=", ..FlatBlock::default() };
    for (name, leaf) in lines(scan, &block.events) {
        let field = name.slice(source).strip_prefix(PREFIX).unwrap_or_default();
        let key = flat.text.len();
        flat.text.push_str(Span::new(name.start(), leaf.site.start()).slice(source));
        let start = flat.text.len();
        flat.text.push_str(leaf.site.slice(source));
        flat.fields.push((field.to_owned(), key, start..flat.text.len()));
        flat.text.push('\n');
    }
    flat
}
