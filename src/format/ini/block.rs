use std::ops::Range;

use super::{METADATA, render};
use crate::format::part::{Block, DocumentPart, FlatBlock, Root};
use crate::metadata::{self, MetadataError};
use crate::text::{Edits, Newline, Span, end_of_line, start_of_line};
use crate::tree::{Event, Leaf, LeafValue, Scan, Tree};

/// Finds the one document of a scan and its metadata sections.
#[must_use]
pub fn documents(source: &str, scan: &Scan) -> Vec<DocumentPart> {
    let mut blocks = Vec::new();
    let mut depth = 0_usize;
    let mut open: Option<usize> = None;
    for (at, event) in scan.events.iter().enumerate() {
        match event {
            Event::Enter { .. } => depth += 1,
            Event::Leave(_) => {
                depth = depth.saturating_sub(1);
                let closed = open.take();
                blocks.extend(closed.map(|start| block(scan, start..at + 1)));
            }
            Event::Key(key) if depth == 1 => {
                let is_block = scan.bytes(source, key.text) == METADATA.as_bytes();
                open = is_block.then_some(at);
            }
            _ => {}
        }
    }
    let root = Root::Block { column: 0 };
    vec![DocumentPart { events: 0..scan.events.len(), blocks, root, end: source.len() }]
}

fn block(scan: &Scan, events: Range<usize>) -> Block {
    let header = match scan.events[events.start] {
        Event::Key(key) => key.span,
        _ => Span::default(),
    };
    let ends = fields(scan, &events).map(|(_, leaf)| leaf.site.end());
    let end = ends.max().unwrap_or(0).max(header.end());
    Block { events, span: Span::new(header.start(), end) }
}

/// Iterates over the metadata lines: event of the key, and value.
fn fields<'s>(
    scan: &'s Scan,
    events: &Range<usize>,
) -> impl Iterator<Item = (&'s crate::tree::Key, &'s Leaf)> {
    scan.events[events.clone()].windows(2).filter_map(|pair| match pair {
        [Event::Key(key), Event::Leaf(leaf)] => Some((key, leaf)),
        _ => None,
    })
}

/// Reads the metadata section as plain data.
///
/// # Errors
/// Names contradict each other.
pub fn tree(source: &str, scan: &Scan, block: &Block) -> Result<Tree, MetadataError> {
    let texts = fields(scan, &block.events).map(|(key, leaf)| {
        let text = match leaf.value {
            LeafValue::Str(text) => scan.str(source, text),
            _ => std::borrow::Cow::default(),
        };
        (scan.str(source, key.text), text)
    });
    let texts: Vec<_> = texts.collect();
    metadata::unflatten(texts.iter().map(|(name, text)| (name.as_ref(), text.as_ref())))
}

/// Writes the metadata section in the line ends of `source`.
#[must_use]
pub fn write(source: &str, metadata: &Tree) -> String {
    let lines = metadata::flatten(metadata).into_iter();
    let lines: Vec<_> = lines.map(|(name, text)| (render::key(&name), text)).collect();
    let width = lines.iter().map(|(name, _)| name.len()).max().unwrap_or(0);
    let mut block = format!("[{METADATA}]\n");
    for (name, text) in lines {
        let text = render::spelling(&text, "").unwrap_or(text);
        block.push_str(&name);
        block.push_str(&" ".repeat(width - name.len()));
        block.push_str(" = ");
        block.push_str(&text);
        block.push('\n');
    }
    Newline::of(source).apply(block)
}

/// Inserts the metadata section at the end of the text, behind an empty line.
pub fn insert(source: &str, block: &str, edits: &mut Edits) {
    let newline = Newline::of(source).as_str();
    let before = match source.trim_start_matches('\u{feff}') {
        "" => String::new(),
        text if text.ends_with('\n') => newline.to_owned(),
        _ => newline.repeat(2),
    };
    edits.insert(source.len(), before + block);
}

/// Removes the metadata section with the empty line before it.
pub fn remove(source: &str, part: &DocumentPart, edits: &mut Edits) {
    for block in &part.blocks {
        let line = start_of_line(source, block.span.start());
        let is_marked = source[line..].starts_with('\u{feff}');
        let line = if is_marked { line + '\u{feff}'.len_utf8() } else { line };
        let before = source[..line].strip_suffix('\n').unwrap_or_default();
        let before = before.strip_suffix('\r').unwrap_or(before);
        let start = if before.ends_with('\n') { before.len() } else { line };
        edits.remove(Span::new(start, end_of_line(source, block.span.end())));
    }
}

/// Takes the metadata section with the places of its fields.
#[must_use]
pub fn flat(source: &str, scan: &Scan, block: &Block) -> FlatBlock {
    let start = start_of_line(source, block.span.start());
    let end = end_of_line(source, block.span.end());
    let mut flat =
        FlatBlock { text: source[start..end].to_owned(), equals: " = ", ..FlatBlock::default() };
    for (key, leaf) in fields(scan, &block.events) {
        let (name, site) = (key.span.start() - start, leaf.site);
        let site = site.start() - start..site.end() - start;
        flat.width = flat.width.max((site.start - name).saturating_sub(flat.equals.len()));
        flat.fields.push((scan.str(source, key.text).into_owned(), name, site));
    }
    flat
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::Format;

    fn metadata() -> Tree {
        let items = [("enc", "a\nb\n"), ("unencrypted_regex", "x;y"), ("v", "1")];
        Tree::Mapping(items.map(|(key, text)| (key.to_owned(), Tree::str(text))).into())
    }

    fn with_block(source: &str) -> String {
        let scan = Format::Ini.scan(source).unwrap();
        let part = documents(source, &scan).remove(0);
        assert!(part.blocks.is_empty());
        let mut edits = Edits::new();
        insert(source, &write(source, &metadata()), &mut edits);
        edits.apply(source).unwrap()
    }

    fn without_block(source: &str) -> (Tree, String) {
        let scan = Format::Ini.scan(source).unwrap();
        let part = documents(source, &scan).remove(0);
        let block = tree(source, &scan, &part.blocks[0]).unwrap();
        let mut edits = Edits::new();
        remove(source, &part, &mut edits);
        (block, edits.apply(source).unwrap())
    }

    const BLOCK: &str =
        "[sops]\nenc               = a\\nb\\n\nunencrypted_regex = `x;y`\nv                 = 1\n";

    #[test]
    fn a_block_is_the_last_section_and_goes_without_a_trace() {
        let rows = [
            ("", BLOCK.to_owned(), ""),
            ("a=1\n", format!("a=1\n\n{BLOCK}"), "a=1\n"),
            ("a=1", format!("a=1\n\n{BLOCK}"), "a=1\n"),
            ("a=1\n\n", format!("a=1\n\n\n{BLOCK}"), "a=1\n\n"),
            ("\u{feff}", format!("\u{feff}{BLOCK}"), "\u{feff}"),
            ("a=1\r\n", format!("a=1\n\n{BLOCK}").replace('\n', "\r\n"), "a=1\r\n"),
            ("a=x\\", format!("a=x\\\n\n{BLOCK}"), "a=x\\\n"),
        ];
        for (source, encrypted, decrypted) in rows {
            assert_eq!(with_block(source), encrypted, "{source:?}");
            let (block, text) = without_block(&encrypted);
            assert_eq!((block, text.as_str()), (metadata(), decrypted), "{source:?}");
        }
    }

    #[test]
    fn the_forms_of_every_release_are_read() {
        let rows = [
            "[sops]\nv = 1\nunencrypted_regex = `x;y`\nenc = a\\nb\\n\n",
            "[sops]\nenc = \"\"\"a\nb\n\"\"\"\nunencrypted_regex = `x;y`\nv = 1\n",
            "[sops] ; c\nenc=a\\nb\\n\n\n; d\n unencrypted_regex : \"\"\"x;y\"\"\"\nv=1",
        ];
        for source in rows {
            assert_eq!(without_block(source), (metadata(), String::new()), "{source:?}");
        }
        let (block, text) = without_block(&format!("a=1\n\n{BLOCK}\n; c\n[s]\nb=2\n"));
        assert_eq!((block, text.as_str()), (metadata(), "a=1\n\n; c\n[s]\nb=2\n"));
    }
}
