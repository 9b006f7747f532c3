//! Compares the places of YAML comments with those that the reference gives them.
#![allow(missing_docs, clippy::unwrap_used)]

use std::collections::{BTreeMap, HashMap};
use std::fs;

use leafseal::format::yaml;
use leafseal::tree::{AnchorId, Container, Event, Scan};
use serde_json::Value;

const VECTORS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/vectors/yaml-comments");

/// The parser wants a blank before every comment; the reference does not.
const REFUSED: [&str; 1] = ["line_no_blank_after_quote.yaml"];

#[derive(Clone, Debug, PartialEq, Eq)]
struct Item {
    text: String,
    path: Vec<String>,
    is_inline: bool,
    in_sequence: bool,
    document: usize,
}

/// A text with what the reference makes of it.
struct Vector {
    name: String,
    source: String,
    expected: Value,
}

fn read_json(name: &str) -> Value {
    serde_json::from_str(&fs::read_to_string(format!("{VECTORS}/{name}")).unwrap()).unwrap()
}

fn vectors() -> Vec<Vector> {
    let mut vectors = Vec::new();
    for (name, expected) in read_json("expected.json").as_object().unwrap() {
        let source = fs::read_to_string(format!("{VECTORS}/{name}")).unwrap();
        vectors.push(Vector { name: name.clone(), source, expected: expected.clone() });
    }
    for expected in read_json("random.json").as_array().unwrap() {
        let name = format!("random {}", expected["seed"]);
        let source = expected["yaml"].as_str().unwrap().to_owned();
        vectors.push(Vector { name, source, expected: expected.clone() });
    }
    vectors
}

/// Reads a list of the vectors; nothing if the reference cannot read the text.
fn expected_items(list: &Value) -> Option<Vec<Item>> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let item = |value: &Value| Item {
        text: text(&value["text"]),
        path: value["path"].as_array().unwrap().iter().map(text).collect(),
        is_inline: value["inline"].as_bool().unwrap(),
        in_sequence: value["kind"] == "sequence",
        document: usize::try_from(value["doc"].as_u64().unwrap()).unwrap(),
    };
    Some(list.as_array()?.iter().map(item).collect())
}

/// Lists the comments of a tree, and again those of every node that an alias stands for.
struct Lister<'a> {
    source: &'a str,
    scan: &'a Scan,
    anchors: HashMap<AnchorId, usize>,
    items: Vec<Item>,
    absent: Vec<String>,
    document: usize,
}

impl<'a> Lister<'a> {
    fn new(source: &'a str, scan: &'a Scan) -> Self {
        let anchors = scan.events.iter().enumerate().filter_map(|(at, event)| match event {
            Event::Anchor(id, _) => Some((*id, at + 1)),
            _ => None,
        });
        let (items, absent) = (Vec::new(), Vec::new());
        Self { source, scan, anchors: anchors.collect(), items, absent, document: 0 }
    }

    fn list(mut self) -> (Vec<Item>, Vec<String>) {
        let is_document = |event: &Event| matches!(event, Event::Document(_));
        let starts = self.scan.events.iter().enumerate().filter(|(_, event)| is_document(event));
        let starts: Vec<usize> = starts.map(|(at, _)| at).collect();
        for (document, start) in starts.iter().enumerate() {
            let end = starts.get(document + 1).copied().unwrap_or(self.scan.events.len());
            self.document = document;
            self.walk(start + 1, end, &mut Vec::new());
        }
        (self.items, self.absent)
    }

    fn walk(&mut self, start: usize, end: usize, path: &mut Vec<String>) {
        let mut open: Vec<Option<String>> = Vec::new();
        for at in start..end {
            match self.scan.events[at] {
                Event::Comment(comment) => {
                    let text = comment.span.slice(self.source)[1..].to_owned();
                    let keys = open.iter().take(open.len().saturating_sub(1)).flatten().cloned();
                    let path = path.iter().cloned().chain(keys).collect();
                    let (is_inline, in_sequence) = (comment.is_inline, comment.in_sequence);
                    let document = self.document;
                    if comment.is_in_tree {
                        self.items.push(Item { text, path, is_inline, in_sequence, document });
                    } else {
                        self.absent.push(text);
                    }
                }
                Event::Key(key) => {
                    let key = self.scan.str(self.source, key.text).into_owned();
                    *open.last_mut().unwrap() = Some(key);
                }
                Event::Enter { .. } => open.push(None),
                Event::Leave(_) => drop(open.pop()),
                Event::Alias(alias) => {
                    let depth = path.len();
                    path.extend(open.iter().flatten().cloned());
                    let target = self.anchors[&alias.target];
                    self.walk(target, self.end_of_node(target), path);
                    path.truncate(depth);
                }
                _ => {}
            }
        }
    }

    fn end_of_node(&self, start: usize) -> usize {
        let mut depth = 0;
        for (at, event) in self.scan.events.iter().enumerate().skip(start) {
            match event {
                Event::Enter { .. } => depth += 1,
                Event::Leave(_) => depth -= 1,
                _ => {}
            }
            if depth == 0 {
                return at + 1;
            }
        }
        self.scan.events.len()
    }
}

fn list(name: &str, source: &str) -> (Vec<Item>, Vec<String>) {
    let scan = yaml::scan(source).unwrap_or_else(|error| panic!("{name}: {error}\n{source}"));
    assert_comments_stand_between_items(name, &scan);
    Lister::new(source, &scan).list()
}

/// No comment stands between a key and its value, or between an anchor and its node.
fn assert_comments_stand_between_items(name: &str, scan: &Scan) {
    let mut containers = Vec::new();
    for pair in scan.events.windows(2) {
        match pair[0] {
            Event::Enter { container, .. } => containers.push(container),
            Event::Leave(_) => drop(containers.pop()),
            _ => {}
        }
        if let Event::Comment(comment) = pair[1] {
            assert!(!matches!(pair[0], Event::Key(_) | Event::Anchor(..)), "{name}");
            let in_sequence = containers.last() == Some(&Container::Sequence);
            assert_eq!(comment.in_sequence, in_sequence, "{name}");
        }
    }
}

fn is_refused(vector: &Vector) -> bool {
    let is_refused = REFUSED.contains(&vector.name.as_str());
    if is_refused {
        assert!(yaml::scan(&vector.source).is_err(), "{}", vector.name);
    }
    is_refused
}

/// Reads the list of comments that no tree holds. It also names what only looks like a comment,
/// inside block scalars.
fn expected_absent(vector: &Vector) -> Vec<String> {
    let mut absent: Vec<String> =
        serde_json::from_value(vector.expected["absent"].clone()).unwrap_or_default();
    let scan = yaml::scan(&vector.source).unwrap();
    let leaves = scan.events.iter().filter_map(|event| match event {
        Event::Leaf(leaf) => Some(leaf.body.slice(&vector.source)),
        _ => None,
    });
    let bodies: Vec<&str> = leaves.flat_map(str::lines).map(str::trim_start).collect();
    absent.retain(|text| !bodies.contains(&format!("#{text}").as_str()));
    absent
}

/// Puts a metadata block directly after each document.
fn with_block(source: &str) -> String {
    let newline = if source.contains("\r\n") { "\r\n" } else { "\n" };
    let block = format!("sops:{newline}    x: y{newline}");
    let mut output = String::new();
    let mut is_open = false;
    for line in source.split_inclusive('\n') {
        let is_start = line.starts_with("---");
        let is_end = line.starts_with("...");
        if is_open && (is_start || is_end) {
            output += &block;
        }
        let is_content = !line.trim().is_empty() && !line.trim_start().starts_with(['#', '%']);
        is_open = !is_end && (is_open || is_start || is_content);
        output += line;
    }
    if !output.ends_with(['\n', '\r']) {
        output += newline;
    }
    if is_open { output + &block } else { output }
}

/// Compares two lists for every vector and tells all that differ.
fn assert_same(results: impl IntoIterator<Item = (String, String, Vec<Item>, Vec<Item>)>) {
    let mut failures = Vec::new();
    let mut count = 0;
    for (name, source, items, expected) in results {
        count += 1;
        if items != expected {
            failures.push(format!("{name}\n{source}\n  is {items:#?}\n  not {expected:#?}"));
        }
    }
    assert!(failures.is_empty(), "{} of {count} fail\n{}", failures.len(), failures.join("\n\n"));
}

#[test]
fn comments_stand_where_the_reference_has_them() {
    assert_same(vectors().into_iter().filter(|vector| !is_refused(vector)).filter_map(|vector| {
        let expected = expected_items(&vector.expected["comments"])?;
        let (items, absent) = list(&vector.name, &vector.source);
        let expected_absent = expected_absent(&vector);
        assert_eq!(absent, expected_absent, "{}", vector.name);
        Some((vector.name, vector.source, items, expected))
    }));
}

#[test]
fn comments_above_a_metadata_block_stand_where_the_reference_has_them() {
    assert_same(vectors().into_iter().filter(|vector| !is_refused(vector)).filter_map(|vector| {
        let expected = expected_items(&vector.expected["with_sops"])?;
        let source = with_block(&vector.source);
        let (items, _) = list(&vector.name, &source);
        Some((vector.name, source, items, expected))
    }));
}

/// The reference's own output: comments of sequences are elements there, and some of the others
/// have another path than they were encrypted with.
#[test]
fn comments_of_encrypted_files_have_the_path_of_the_plain_file() {
    let expected = read_json("expected.json");
    let encrypted: BTreeMap<String, String> =
        serde_json::from_value(read_json("reference-encrypted.json")).unwrap();
    let mut failures = Vec::new();
    for (name, source) in &encrypted {
        let Some(items) = expected_items(&expected[name]["comments"]) else { continue };
        let indices = |field: &str| -> Vec<usize> {
            serde_json::from_value(expected[name][field].clone()).unwrap_or_default()
        };
        let (moved, lost) = (indices("reference_undecryptable"), indices("reference_lost"));
        let read = list(name, source).0;
        let plain =
            items.iter().enumerate().filter(|(at, item)| !item.in_sequence && !lost.contains(at));
        let plain: Vec<_> = plain.collect();
        let is_same = plain.len() == read.len()
            && plain.iter().zip(&read).all(|((at, plain), read)| {
                moved.contains(at) || (plain.path == read.path && plain.document == read.document)
            });
        if !is_same {
            failures.push(format!("{name}\n{source}\n  is {read:#?}\n  not {plain:#?}"));
        }
    }
    assert!(failures.is_empty(), "{} fail\n{}", failures.len(), failures.join("\n\n"));
}
