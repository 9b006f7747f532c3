//! Compares the places of YAML comments with those that the reference gives them.
#![allow(missing_docs, clippy::unwrap_used)]

use std::collections::{BTreeMap, HashMap};
use std::fs;

use leafseal::format::yaml;
use leafseal::tree::{AnchorId, Container, Event, Scan};
use proptest::prelude::*;
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

/// Writes the paths of a text's comments in tree order: keys joined by `.`, `[]` after the path of
/// a sequence, `=` after that of an inline comment, `-` for one that no tree holds.
fn places(source: &str) -> String {
    let scan = yaml::scan(source).unwrap();
    let mut path: Vec<String> = Vec::new();
    let mut places = Vec::new();
    for event in &scan.events {
        match event {
            Event::Enter { .. } => path.push(String::new()),
            Event::Leave(_) => drop(path.pop()),
            Event::Key(key) => {
                *path.last_mut().unwrap() = scan.str(source, key.text).into_owned();
            }
            Event::Comment(comment) => {
                let keys =
                    path[..path.len().saturating_sub(1)].iter().filter(|key| !key.is_empty());
                let keys: Vec<&str> = keys.map(String::as_str).collect();
                let sequence = if comment.in_sequence { "[]" } else { "" };
                let inline = if comment.is_inline { "=" } else { "" };
                let lost = if comment.is_in_tree { "" } else { "-" };
                let text = &comment.span.slice(source)[1..];
                places.push(format!("{text}:{}{sequence}{inline}{lost}", keys.join(".")));
            }
            _ => {}
        }
    }
    places.join(" ")
}

#[test]
fn the_next_line_decides_between_columns_and_depth() {
    for (source, expected) in [
        ("a:\n  b:\n    c: 1\n  #1\nd: 1\n", "1:a.b"),
        ("a:\n  b:\n    c: 1\n  #1\n\nd: 1\n", "1:a"),
        ("a:\n  b:\n    c: 1\n  #1\n", "1:a"),
        ("a:\n  b:\n    c: 1\n  #1\n  k: 1\n", "1:a"),
        ("a:\n  b:\n    c: 1\n#1\nd: 1\n", "1:"),
        ("a:\n  b: 1\n#1\n  c: 1\n", "1:a"),
        ("a:\n  b: 1\n #1\n  c: 1\n", "1:a"),
        ("a:\n  b: 1\n\n  #1\n\nc: 1\n", "1:a"),
        ("a:\n  b: 1\n\n  #1\n", "1:"),
        ("a:\n  b: 1\n\n  #1\nsops: 1\n", "1:a"),
        ("a:\n  b:\n    c: 1\n   #1\n\nd: 1\n", "1:"),
        ("a:\n  b:\n    c: 1\n    #1\n  #2\n#3\n", "1:a.b 2:a 3:"),
        ("a:\n  b:\n  #1\n", "1:"),
        ("x:\n  a:\n  #1\ny: 1\n", "1:x"),
        ("a:\n  b: 1\n#1", "1:a"),
        ("a:\n  b: 1\n#1\n", "1:"),
    ] {
        assert_eq!(places(source), expected, "{source}");
    }
}

#[test]
fn sequences_hand_comments_to_the_mapping_around_them() {
    for (source, expected) in [
        ("a:\n  - 1\n#1\n\nb: 2\n", "1:"),
        ("a:\n  - 1\n  #1\nb: 2\n", "1:a[]"),
        ("a:\n  - b: 1\n  #1\nc: 2\n", "1:a"),
        ("a:\n  - b: 1\n  #1\n\nc: 2\n", "1:"),
        ("a:\n  - #1\nb: 2\n", "1:"),
        (
            "a: #1\n  #2\n  - 1 #3\n  #4\n  - #5\n    b: 1\n    #6\n  #7\n",
            "1: 2:a[] 3:a[]= 4:a[] 5:a 6:a 7:",
        ),
        ("c:\n- 1\n#8\nd: 1\n", "8:"),
        ("c:\n- 1\n#8\n\nd: 1\n", "8:c[]"),
        ("d: [1, #9\n    2] #10\n", "10:d[] 9:d[]="),
        ("e: &x #11\n  f: 1\n", "11:e"),
        ("a:\n  #1\n  -\n    #2\n    b: 1\n", "1:a[] 2:a"),
    ] {
        assert_eq!(places(source), expected, "{source}");
    }
}

#[test]
fn keys_and_values_of_any_spelling_take_their_comments() {
    for (source, expected) in [
        ("? | #1\n  x\n#2\n: b #3\n#4\n\nc: 1\n", "1: 2: 3:= 4:"),
        ("a: !!str #1\nb: !!str\n#2\nc: 1 #3\n", "1: 2: 3:="),
        ("a:\n  &k b: &v !!str x #1\n*k : *v #2\n", "1:a= 2:="),
        ("a: !!map #1\n  #2\n  b: >- #3\n    x\n  #4\n\nc: 1\n", "2:a 1:a 3:a= 4:a"),
        ("a: [b: 1, #1\n  #2\n  {c: [d] #3\n}] #4\n", "4:a[] 1:a= 2:a[] 3:a.c[]"),
        ("{a: 1, #1\n b: #2\n  {c: 1}\n #3\n}\n", "1:= 2:- 3:"),
        ("--- #1\na: 1\n#2\n--- #3\n#4\n\nb: 1 #5\n...\n#6\n", "1: 2: 3: 4: 5:= 6:"),
    ] {
        assert_eq!(places(source), expected, "{source}");
    }
}

#[test]
fn line_ends_of_two_characters_count_as_a_blank_line_below() {
    assert_eq!(places("a:\n  b:\n    c: 1\n  #1\nd: 1\n"), "1:a.b");
    assert_eq!(places("a:\r\n  b:\r\n    c: 1\r\n  #1\r\nd: 1\r\n"), "1:a");
}

#[test]
fn comments_of_no_tree_stay_where_they_are() {
    for (source, expected) in [
        ("a: [ #1\n  1, 2]\nb: 1\n", "1:a[]-"),
        ("a: [\n  #1\n]\nb: {\n  #2\n}\n", "1:a[]- 2:b-"),
        ("%YAML 1.1 #1\n---\na: 1\n", "1:-"),
        ("#1\n---\n#2\n", "1:- 2:"),
        ("#1\n", "1:-"),
        ("a:\n  b:\n    c: 1\n    #1\n\n  #2\n  d: 1\n", "1:a.b 2:a"),
    ] {
        assert_eq!(places(source), expected, "{source}");
    }
}

/// The spans of all comments as the parser sees them.
fn comments_of_parser(source: &str) -> Vec<(usize, usize)> {
    let options = granit_parser::options! { max_buffered_comment_events: usize::MAX };
    let events = granit_parser::Parser::new_from_str_with_options(source, options);
    let mut spans: Vec<_> = events
        .map_while(Result::ok)
        .filter(|(event, _)| matches!(event, granit_parser::Event::Comment(..)))
        .filter_map(|(_, span)| span.byte_range().map(|range| (range.start, range.end)))
        .collect();
    spans.sort_unstable();
    spans
}

fn yaml_text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        8 => "\n {0,6}",
        3 => Just("\r\n".to_owned()),
        1 => Just("\r".to_owned()),
        6 => "[a-f]: ?",
        4 => "- ",
        6 => " ?# ?[a-z#]{0,3}\n",
        3 => " # é\r\n",
        1 => "[ \t]{1,3}",
        3 => Just("[".to_owned()),
        3 => Just("]".to_owned()),
        2 => Just("{".to_owned()),
        2 => Just("}".to_owned()),
        3 => Just(", ".to_owned()),
        3 => "[a-zé1~]{1,3}",
        2 => "\"[a #]{0,3}\"",
        1 => "'[a #\n]{0,3}'",
        1 => "&[ab] ",
        1 => "\\*[ab] ",
        1 => Just("!!str ".to_owned()),
        1 => Just("? ".to_owned()),
        1 => Just(": ".to_owned()),
        1 => "[|>][-+]?( #c)?\n {1,4}x",
        1 => Just("\n---\n".to_owned()),
        1 => Just("\n--- ".to_owned()),
        1 => Just("\n...\n".to_owned()),
        1 => Just("%TAG ! tag:x,2000: # d\n".to_owned()),
        1 => Just("\u{feff}".to_owned()),
    ];
    proptest::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn each_comment_comes_exactly_once(source in yaml_text()) {
        let Ok(scan) = yaml::scan(&source) else { return Ok(()) };
        assert_comments_stand_between_items(&source, &scan);
        let mut spans: Vec<_> = scan
            .events
            .iter()
            .filter_map(|event| match event {
                Event::Comment(comment) => Some((comment.span.start(), comment.span.end())),
                _ => None,
            })
            .collect();
        spans.sort_unstable();
        prop_assert_eq!(spans, comments_of_parser(&source));
    }
}

#[test]
fn long_texts_take_linear_time() {
    let texts = [
        "#c\n".repeat(300_000),
        "a:\n".to_owned() + &"  - 1 # c\n  # d\n\n".repeat(100_000),
        "a: [".to_owned() + &"1, # c\n".repeat(100_000) + "]\n",
        "a:\n".to_owned() + &"  - !!null # c\n".repeat(100_000),
        "a:\n  b: 1\n".to_owned() + &"# c\n # c\n".repeat(100_000) + "  c: 1\n",
        "a: [".to_owned() + &"#c\n".repeat(100_000) + "]\n",
        "a: {".to_owned() + &"b: , ".repeat(2) + &"c, ".repeat(100_000) + "d: 1} # c\n",
    ];
    for text in texts {
        let start = std::time::Instant::now();
        drop(yaml::scan(&text));
        let seconds = start.elapsed().as_secs();
        assert!(seconds < 10, "{seconds} s for {:?}", &text[..20]);
    }
}
