use std::ops::Range;

use super::emit::{self, Layout};
use crate::format::Indent;
use crate::format::part::{Block, DocumentPart, LastPair, Root};
use crate::text::{Edits, Newline, Span};
use crate::tree::{Branch, Event, Scan, Tree};

/// The key of the metadata block.
pub(in crate::format) const KEY: &str = "sops";

/// A pair of the top-level object.
struct Pair {
    events: Range<usize>,
    /// Key and value.
    span: Span,
}

/// Returns the one document of a scan with the metadata blocks in it.
#[must_use]
pub fn documents(source: &str, scan: &Scan) -> Vec<DocumentPart> {
    let opening = scan.events.iter().find_map(|event| match event {
        Event::Enter { span, .. } => Some(*span),
        _ => None,
    });
    let Some(opening) = opening else { return Vec::new() };
    let pairs = pairs(scan);
    let is_block = |pair: &&Pair| match scan.events[pair.events.start] {
        Event::Key(key) => scan.bytes(source, key.text) == KEY.as_bytes(),
        _ => false,
    };
    let blocks = pairs.iter().filter(is_block);
    let blocks = blocks.map(|it| Block { events: it.events.clone(), span: it.span }).collect();
    let last = pairs.split_last().map(|(last, others)| {
        let from = match others.last() {
            Some(before) => comma_behind(source, before) + 1,
            None => opening.end(),
        };
        LastPair { blanks: Span::new(from, last.span.start()), end: last.span.end() }
    });
    let events = 0..scan.events.len();
    let root = Root::Object { opening, last };
    vec![DocumentPart { events, blocks, root, end: source.len() }]
}

fn pairs(scan: &Scan) -> Vec<Pair> {
    let mut pairs = Vec::new();
    let mut depth = 0_usize;
    let mut open: Option<(usize, usize)> = None;
    for (at, event) in scan.events.iter().enumerate() {
        let end = match event {
            Event::Enter { .. } => {
                depth += 1;
                continue;
            }
            Event::Key(key) if depth == 1 => {
                open = Some((at, key.span.start()));
                continue;
            }
            Event::Leave(span) => {
                depth = depth.saturating_sub(1);
                span.end()
            }
            Event::Leaf(leaf) => leaf.site.end(),
            _ => continue,
        };
        if depth == 1 {
            let pair = open.take();
            pairs.extend(
                pair.map(|(first, start)| Pair {
                    events: first..at + 1,
                    span: Span::new(start, end),
                }),
            );
        }
    }
    pairs
}

/// Returns where the comma behind a pair stands; only blanks lie between.
fn comma_behind(source: &str, pair: &Pair) -> usize {
    let rest = source.get(pair.span.end()..).unwrap_or_default();
    pair.span.end() + rest.find(',').unwrap_or(0)
}

/// Writes a metadata block for a document of `source`, as it is inserted by [`insert`]: in the
/// reference's layout with the file's own indentation, or on one line where the file's pairs are.
///
/// `indent` is for an object without pairs, which shows no indentation.
#[must_use]
pub fn write(source: &str, part: &DocumentPart, metadata: &Tree, indent: Indent) -> String {
    let layout = layout(source, part, indent);
    // a metadata block has neither floats nor bytes, all that JSON may not be able to hold
    let value = emit::write(&Branch::from(metadata), &layout).unwrap_or_default();
    format!("\"{KEY}\": {}", value.as_str())
}

fn layout(source: &str, part: &DocumentPart, indent: Indent) -> Layout {
    let newline = Newline::of(source).as_str();
    let Root::Object { last: Some(last), .. } = &part.root else {
        let unit = emit::unit(indent);
        return Layout::Lines { start: format!("{newline}{unit}"), unit };
    };
    let Some(pad) = line_indent(last.blanks.slice(source)) else { return Layout::OneLine };
    let behind = source.get(last.end..).unwrap_or_default();
    let blanks = &behind[..behind.find('}').unwrap_or(0)];
    // the object itself may be indented
    let outer = line_indent(blanks).unwrap_or_default();
    let unit = pad.strip_prefix(outer).filter(|unit| !unit.is_empty()).unwrap_or(pad);
    Layout::Lines { start: format!("{newline}{pad}"), unit: unit.to_owned() }
}

/// Returns the blanks behind the last line end, if there is any.
fn line_indent(blanks: &str) -> Option<&str> {
    blanks.rsplit_once('\n').map(|(_, indent)| indent)
}

/// Inserts a block as the last pair of the object.
///
/// Nothing that is there changes, so [`remove`] finds the bytes as they were.
pub fn insert(source: &str, part: &DocumentPart, block: &str, edits: &mut Edits) {
    let Root::Object { opening, last } = &part.root else { return };
    let newline = Newline::of(source).as_str();
    let Some(last) = last else {
        let indent = inner_indent(block);
        edits.insert(opening.end(), format!("{newline}{indent}{block}{newline}"));
        return;
    };
    let blanks = last.blanks.slice(source);
    match line_indent(blanks) {
        Some(indent) => edits.insert(last.end, format!(",{newline}{indent}{block}")),
        None => edits.insert(last.end, format!(",{blanks}{block}")),
    }
}

/// Returns the indentation of a block's last line, which is that of its key.
fn inner_indent(block: &str) -> &str {
    let line = block.rsplit_once('\n').map_or("", |(_, line)| line);
    line.trim_end_matches('}')
}

/// Removes the metadata block with one comma beside it.
pub fn remove(source: &str, scan: &Scan, part: &DocumentPart, edits: &mut Edits) {
    let pairs = pairs(scan);
    for block in &part.blocks {
        let at = pairs.partition_point(|pair| pair.span < block.span);
        let before = at.checked_sub(1).and_then(|at| pairs.get(at));
        let span = match (before, pairs.get(at + 1)) {
            (_, Some(next)) => Span::new(block.span.start(), next.span.start()),
            (Some(before), None) => Span::new(comma_behind(source, before), block.span.end()),
            (None, None) => alone(source, part, block),
        };
        edits.remove(span);
    }
}

/// Returns what [`insert`] put into an object without pairs.
fn alone(source: &str, part: &DocumentPart, block: &Block) -> Span {
    let Root::Object { opening, .. } = &part.root else { return block.span };
    let before = source.get(opening.end()..block.span.start()).unwrap_or_default();
    let behind = source.get(block.span.end()..).unwrap_or_default();
    let newline = match behind.as_bytes() {
        [b'\n', ..] => 1,
        [b'\r', b'\n', ..] => 2,
        _ => 0,
    };
    let length = if before.contains('\n') { newline } else { 0 };
    Span::new(opening.end(), block.span.end() + length)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::json::scan;

    fn metadata() -> Tree {
        let entry = Tree::Mapping(vec![("enc".to_owned(), Tree::str("x\ny&"))]);
        Tree::Mapping(vec![
            ("age".to_owned(), Tree::Sequence(vec![entry])),
            ("mac".to_owned(), Tree::str("m")),
        ])
    }

    fn inserted(source: &str) -> String {
        let scanned = scan(source).unwrap();
        let part = documents(source, &scanned).remove(0);
        let mut edits = Edits::new();
        let block = write(source, &part, &metadata(), Indent::Default);
        insert(source, &part, &block, &mut edits);
        edits.apply(source).unwrap()
    }

    fn removed(source: &str) -> String {
        let scanned = scan(source).unwrap();
        let part = documents(source, &scanned).remove(0);
        let mut edits = Edits::new();
        remove(source, &scanned, &part, &mut edits);
        edits.apply(source).unwrap()
    }

    const TABBED: &str = concat!(
        "\t\"sops\": {\n\t\t\"age\": [\n\t\t\t{\n\t\t\t\t\"enc\": \"x\\ny\\u0026\"\n\t\t\t}\n\t\t],\n",
        "\t\t\"mac\": \"m\"\n\t}"
    );
    const ONE_LINE: &str = r#""sops": {"age": [{"enc": "x\ny\u0026"}], "mac": "m"}"#;

    #[test]
    fn a_block_is_the_last_pair_in_the_layout_of_the_file() {
        let blanks = |unit: &str| TABBED.replace('\t', unit);
        let rows = [
            ("{\n\t\"a\": 1\n}\n", format!("{{\n\t\"a\": 1,\n{TABBED}\n}}\n")),
            ("{\n  \"a\": [\n  ]\n}", format!("{{\n  \"a\": [\n  ],\n{}\n}}", blanks("  "))),
            ("{\n\"a\": 1\n}", format!("{{\n\"a\": 1,\n{}\n}}", blanks(""))),
            ("{\"a\":1}", format!("{{\"a\":1,{ONE_LINE}}}")),
            ("{ \"a\":1, \"b\" : 2 }\n", format!("{{ \"a\":1, \"b\" : 2, {ONE_LINE} }}\n")),
            ("{ \"a\":1\n,\"b\" : 2 }", format!("{{ \"a\":1\n,\"b\" : 2,{ONE_LINE} }}")),
            ("{\"a\":1,\n \"b\":2}", format!("{{\"a\":1,\n \"b\":2,\n{}}}", blanks(" "))),
            ("{\n\n\t\"a\":1 \n\n}", format!("{{\n\n\t\"a\":1,\n{TABBED} \n\n}}")),
            ("{}", format!("{{\n{TABBED}\n}}")),
            ("{ }\n", format!("{{\n{TABBED}\n }}\n")),
        ];
        for (source, expected) in rows {
            assert_eq!(inserted(source), expected, "{source:?}");
        }
    }

    #[test]
    fn an_indented_object_keeps_its_own_column() {
        let source = "  {\n    \"a\": 1\n  }";
        let expected = "  {\n    \"a\": 1,\n    \"sops\": {\n      \"age\": [\n";
        assert!(inserted(source).starts_with(expected), "{}", inserted(source));
    }

    #[test]
    fn line_ends_are_those_of_the_file() {
        for source in ["{\r\n\t\"a\": 1\r\n}\r\n", "{\r\n}"] {
            let text = inserted(source);
            assert_eq!(text.matches('\n').count(), text.matches("\r\n").count(), "{text:?}");
        }
    }

    #[test]
    fn removing_the_block_gives_the_bytes_before() {
        let sources = [
            "{}",
            "{ }",
            "{\n}\n",
            "{\r\n}",
            "\n { \t}",
            "{\"a\":1}",
            "{\"a\":1 }",
            "{ \"a\":{} }",
            "{\n\t\"a\": 1\n}\n",
            "{\r\n  \"a\": [1],\r\n  \"b\": {}\r\n}",
            "{\n\"a\":1\n}",
            "{\"a\":1,\n\"b\":2 \n }",
            "{\n\n\n \"a\":1\n\n}\n\n",
            "{\"a\":1\n,\"b\":2\n}",
            "{\"a\" : {\"sops\":1} , \"b\":\"sops\"}",
            "{\r\"a\":1\r}",
            "{\"x\":\"},\\\"\"}",
        ];
        for source in sources {
            let text = inserted(source);
            assert!(scan(&text).is_ok(), "{text}");
            assert_eq!(removed(&text), source, "{text}");
        }
    }

    #[test]
    fn blocks_in_other_places_go_with_one_comma() {
        let rows = [
            ("{\"sops\":{}}", "{}"),
            ("{ \"sops\":{} }", "{ }"),
            ("{\n\t\"sops\": {\n\t\t\"a\": 1\n\t}\n}\n", "{}\n"),
            ("{\r\n\t\"sops\": {}\r\n}", "{}"),
            ("{\n\t\"sops\": {},\n\t\"a\": 1\n}", "{\n\t\"a\": 1\n}"),
            ("{\"a\":1, \"s\\u006fps\" : [1] , \"b\":2}", "{\"a\":1, \"b\":2}"),
            ("{\"a\":1 , \"sops\":null }", "{\"a\":1  }"),
            ("{\"a\":1,\"sops\":{\"sops\":2}}", "{\"a\":1}"),
        ];
        for (source, expected) in rows {
            assert_eq!(removed(source), expected, "{source}");
        }
    }

    #[test]
    fn every_block_is_found_and_none_below_the_top() {
        let source = r#"{"sops":1,"a":{"sops":2},"sop\u0073":{"x":[{}]},"b":["sops"]}"#;
        let scanned = scan(source).unwrap();
        let part = documents(source, &scanned).remove(0);
        let texts: Vec<&str> = part.blocks.iter().map(|block| block.span.slice(source)).collect();
        assert_eq!(texts, [r#""sops":1"#, r#""sop\u0073":{"x":[{}]}"#]);
    }
}
