//! Properties of scanning, encrypting and decrypting that hold for every text.

mod support;

use std::fs;

use leafseal::crypto::{DataKey, Envelope, Strictness, SystemRandomness};
use leafseal::document::{self, Document, SealOptions};
use leafseal::format::{self, Format, yaml};
use leafseal::metadata::{Metadata, Selector, SelectorKind};
use leafseal::pattern::Pattern;
use leafseal::text::Edits;
use leafseal::tree::{Event, Leaf, LeafValue, Style, Timestamp, Tree};
use proptest::prelude::*;
use support::documents::{Dice, Writer};
use support::{OPTIONS, Reference, TestKey, fixture};

/// Pieces that mean something to YAML or to the file format.
const PIECES: [&str; 68] = [
    "a",
    "b",
    "sops",
    "x_unencrypted",
    ": ",
    ":",
    "- ",
    "-",
    "\n",
    "\n",
    "\n  ",
    "\n    ",
    " ",
    "\t",
    "\r\n",
    "\r",
    "# c",
    " # c\n",
    "#",
    "'",
    "\"",
    "[",
    "]",
    "{",
    "}",
    ", ",
    ",",
    "? ",
    "&a ",
    "*a",
    "*a : ",
    "!!str ",
    "!!int ",
    "!!binary ",
    "!t ",
    "! ",
    "|",
    "|-",
    "|+",
    "|2",
    ">",
    ">-",
    "---",
    "---\n",
    "...\n",
    "%YAML 1.1\n",
    "%TAG ! x\n",
    "<<: ",
    "é",
    "😀",
    "\u{85}",
    "\u{2028}",
    "\u{feff}",
    "\0",
    "\\",
    "\\n",
    "~",
    "null",
    "true",
    "1",
    "0x1F",
    "1.50",
    "9223372036854775808",
    "2020-01-01",
    "ENC[AES256_GCM,data:",
    ",iv:",
    ",tag:",
    ",type:str]",
];

fn fixtures() -> Vec<String> {
    let folders = ["vectors/yaml", "vectors/bad", "vectors/v313", "vectors/yaml-comments"];
    let files = folders.iter().flat_map(|name| fs::read_dir(fixture(name)).expect("a folder"));
    let mut paths: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
    paths.sort();
    let is_yaml = |path: &std::path::PathBuf| path.extension().is_some_and(|it| it == "yaml");
    let texts = paths.into_iter().filter(is_yaml).filter_map(|path| fs::read_to_string(path).ok());
    texts.collect()
}

fn every_selector() -> Vec<Selector> {
    use SelectorKind as Kind;
    let rows = [
        (Kind::UnencryptedSuffix, "_unencrypted"),
        (Kind::EncryptedSuffix, "e"),
        (Kind::UnencryptedRegex, "^(user|port|b_c)$"),
        (Kind::EncryptedRegex, "^(user|name|a)$"),
        (Kind::UnencryptedCommentRegex, "note"),
        (Kind::EncryptedCommentRegex, "note"),
    ];
    rows.map(|(kind, text)| Selector::new(kind, text).expect("a selector")).into()
}

/// All documents of a text as data; whole floats count as integers, as they print alike, and so
/// does minus zero.
fn data(text: &str) -> String {
    let scan = yaml::scan(text).expect("YAML");
    let starts = scan.events.iter().enumerate();
    let starts = starts.filter(|(_, event)| matches!(event, Event::Document(_)));
    let trees = starts.map(|(at, _)| format::subtree(text, &scan, at + 1).map(no_empty_root));
    format!("{:?}", trees.collect::<Vec<_>>())
        .replace("Int(", "Float(")
        .replace(".0)", ")")
        .replace("(-0)", "(0)")
}

/// A document without content comes back as an empty mapping.
fn no_empty_root(tree: Tree) -> Tree {
    if tree == Tree::Null { Tree::Mapping(Vec::new()) } else { tree }
}

/// Encrypts, decrypts and compares every byte, unless the text is refused.
fn there_and_back(key: &TestKey, source: &str, metadata: Metadata) -> Option<(String, String)> {
    let encrypted = key.seal_with(source, metadata).ok()?;
    let opened = key.open(&encrypted).unwrap_or_else(|error| panic!("{error}\n{encrypted}"));
    assert_eq!(opened, source, "{encrypted}");
    Some((encrypted, opened))
}

/// Does everything that may be done with a text that nobody has looked at.
fn exercise(key: &TestKey, text: &str) {
    let _ = Pattern::new(text).map(|pattern| pattern.is_match(text));
    for strictness in [Strictness::Strict, Strictness::Lenient] {
        let _ = Envelope::parse(text, strictness).map(|envelope| envelope.kind().len());
    }
    if let Ok(scan) = yaml::scan(text) {
        assert_eq!(Edits::new().apply(text).as_deref(), Ok(text));
        spans_are_in_order(text, &scan.events);
    }
    let Ok(document) = Document::parse(text, Format::Yaml) else { return };
    let metadata = document.metadata();
    let metadata = metadata.ok().flatten().unwrap_or_else(|| key.metadata.clone());
    let options = document::OpenOptions { ignore_mac: true, ..OPTIONS };
    let _ = document::open(&document, &metadata, &key.data_key, options);
    for selector in every_selector() {
        there_and_back(key, text, Metadata { selector, ..key.metadata.clone() });
    }
}

/// Checks that what edits replace does not overlap, and lies on character boundaries.
fn spans_are_in_order(text: &str, events: &[Event]) {
    let mut spans: Vec<_> = events
        .iter()
        .flat_map(|event| match event {
            // a comment may stand between a tag and its scalar; such a leaf is not encrypted
            Event::Leaf(leaf) if leaf.site.slice(text).starts_with('!') => vec![leaf.body],
            Event::Leaf(Leaf { site, body, .. }) => vec![*site, *body],
            Event::Comment(comment) => vec![comment.span],
            Event::Key(key) => vec![key.span],
            _ => Vec::new(),
        })
        .filter(|span| !span.is_empty())
        .collect();
    spans.sort_by_key(|span| (span.start(), span.end()));
    for pair in spans.windows(2) {
        assert!(pair[0].end() <= pair[1].start(), "{pair:?} overlap in {text:?}");
    }
    for span in spans {
        assert!(text.get(span.range()).is_some(), "{span:?} of {text:?}");
    }
}

/// Changes a text in a few places: pieces go, come, or stand twice.
fn mutated(text: &str, dice: &mut Dice) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    for _ in 0..=dice.roll(4) {
        let at = dice.roll(letters.len() + 1);
        let end = (at + dice.roll(12)).min(letters.len());
        match dice.roll(4) {
            0 => drop(letters.drain(at..end)),
            1 => {
                let copy: Vec<char> = letters[at..end].to_vec();
                letters.splice(at..at, copy);
            }
            2 => drop(letters.splice(at..end, dice.pick(&PIECES).chars().collect::<Vec<_>>())),
            _ => drop(letters.splice(at..at, dice.pick(&PIECES).chars().collect::<Vec<_>>())),
        }
    }
    letters.into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        exercise(&TestKey::load(), &text);
    }

    #[test]
    fn any_run_of_yaml_pieces_is_read_or_refused(
        pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..25),
    ) {
        exercise(&TestKey::load(), &pieces.concat());
    }

    #[test]
    fn damaged_documents_are_read_or_refused(seed in any::<u64>()) {
        let source = Writer::new(seed).stream();
        exercise(&TestKey::load(), &mutated(&source, &mut Dice::new(seed)));
    }

    #[test]
    fn every_byte_comes_back(seed in any::<u64>(), mac_only_encrypted in any::<bool>()) {
        let key = TestKey::load();
        let source = Writer::new(seed).stream();
        for selector in every_selector() {
            there_and_back(&key, &source, Metadata {
                selector, mac_only_encrypted, ..key.metadata.clone()
            });
        }
    }

    #[test]
    fn canonical_spellings_need_no_record(seed in any::<u64>(), mac_only_encrypted in any::<bool>()) {
        let key = TestKey::load();
        let source = Writer::canonical(seed).stream();
        for selector in every_selector() {
            let by_comment = selector.kind().as_str().contains("comment");
            let metadata = Metadata { selector, mac_only_encrypted, ..key.metadata.clone() };
            let result = there_and_back(&key, &source, metadata);
            match result {
                Some((encrypted, _)) => prop_assert!(!encrypted.contains("leafseal_layout")),
                None => prop_assert!(by_comment, "refused: {}", source),
            }
        }
    }

    #[test]
    fn one_changed_value_changes_one_line(seed in any::<u64>()) {
        let key = TestKey::load();
        let source = Writer::canonical(seed).stream();
        let encrypted = key.seal(&source, &Selector::default()).expect("encryptable");
        changes_one_line(&key, &encrypted, seed);
    }
}

#[test]
fn texts_read_in_pieces_are_read_as_the_whole() {
    let mut dice = Dice::new(7);
    let mut cut = 0;
    for text in fixtures().iter().filter(|text| text.len() < 100_000) {
        for text in [text.clone(), mutated(text, &mut dice)] {
            let whole = yaml::scan_in_pieces(&text, 1).map(|scan| format!("{scan:?}"));
            for count in 2..6 {
                let parts = yaml::scan_in_pieces(&text, count).map(|scan| format!("{scan:?}"));
                assert!(parts.is_none() || parts == whole, "{text:?} in {count}");
                cut += usize::from(parts.is_some());
            }
        }
    }
    assert!(cut > 100, "hardly any text can be cut: {cut}");
}

/// What fuzzing found: each once made a panic, or a file that could not be decrypted.
#[test]
fn texts_that_once_failed_are_read_or_refused() {
    let key = TestKey::load();
    for text in [
        // a tag alone took the tokens behind it for its own
        ": !!str \n\n # d\n---\n",
        ": : !!str # note\n---\n\r\n # d\n: ",
        "!!str : !!str \r\n # d\n---\n # d\n",
        "a: !!str # x\n---\n# y\nb: 1\n",
        // a comma of the file's own, behind a comment, was removed with the metadata block
        "{a: 1 # d\n,\n}",
        "{a: 1 # d\n,}",
        "{a: 1 # d\r\n,\r\n}\r\n",
        "{ # d\na # d\n,\n}",
        // a comment stood in the way of an edit
        "a: !!str # c\n  2\n",
    ] {
        exercise(&key, text);
    }
}

#[test]
fn damaged_fixtures_are_read_or_refused() {
    let key = TestKey::load();
    let fixtures = fixtures();
    assert!(fixtures.len() > 100);
    let mut dice = Dice::new(1);
    for text in fixtures.iter().filter(|text| text.len() < 20_000) {
        exercise(&key, text);
        exercise(&key, &mutated(text, &mut dice));
    }
}

/// Changes a plain value of the clear text, encrypts again, and compares the encrypted lines.
fn changes_one_line(key: &TestKey, encrypted: &str, seed: u64) {
    let document = Document::parse(encrypted, Format::Yaml).expect("YAML");
    let mut metadata = document.metadata().expect("readable").expect("present");
    let opened = document::open_to_change(&document, &metadata, &key.data_key, OPTIONS);
    let (opened, unchanged) = opened.expect("it opens");
    let Some(leaf) = any_plain_leaf(&opened.text, seed) else { return };
    let mut edits = Edits::new();
    edits.replace(leaf.site, "something else");
    let changed = edits.apply(&opened.text).expect("one edit");
    metadata.last_modified = Timestamp::parse("2030-01-02T03:04:05Z").expect("a time");
    let options = SealOptions {
        format: Format::Yaml,
        data_key: &key.data_key,
        metadata,
        indent: 0,
        keeps_layout: true,
    };
    let randomness = &SystemRandomness;
    let sealed = document::reseal(&changed, options, &unchanged, randomness);
    let sealed = sealed.unwrap_or_else(|error| panic!("{error}\n{changed}\n{encrypted}")).text;
    let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let (before, after) = (lines(encrypted), lines(&sealed));
    assert_eq!(before.len(), after.len(), "{encrypted}\n{sealed}");
    let differing = before.iter().zip(&after).filter(|(before, after)| before != after);
    let values = differing.filter(|(before, _)| {
        let field = before.trim_start();
        !(field.starts_with("mac:") || field.starts_with("lastmodified:"))
    });
    let values: Vec<_> = values.collect();
    assert_eq!(values.len(), 1, "{values:#?}\n{encrypted}");
    assert_eq!(data(&key.open(&sealed).expect("it opens")), data(&changed));
}

/// Picks a plain leaf whose value no other leaf has: equal values at one path swap ciphertexts.
fn any_plain_leaf(text: &str, seed: u64) -> Option<Leaf> {
    let scan = yaml::scan(text).expect("YAML");
    let value = |leaf: &Leaf| match leaf.value {
        LeafValue::Str(value) | LeafValue::Time(value) => format!("{:?}", scan.bytes(text, value)),
        other => format!("{other:?}"),
    };
    let leaves = scan.events.iter().filter_map(|event| match event {
        Event::Leaf(leaf) if leaf.value != LeafValue::Null => Some(*leaf),
        _ => None,
    });
    let leaves: Vec<Leaf> = leaves.collect();
    let is_only = |leaf: &Leaf| leaves.iter().filter(|it| value(it) == value(leaf)).count() == 1;
    let is_plain = |leaf: &&Leaf| leaf.style == Style::Plain && !leaf.in_flow && is_only(leaf);
    let plain: Vec<&Leaf> = leaves.iter().filter(is_plain).collect();
    (!plain.is_empty()).then(|| **Dice::new(seed).pick(&plain))
}

/// The data key of a file that the reference encrypted for the vectors' first identity.
fn data_key_of(metadata: &Metadata) -> DataKey {
    use leafseal::{io::environment::Environment, keys};
    let path = fixture("vectors/keys/age1.txt").into_os_string();
    let variable = |name: &str| (name == "SOPS_AGE_KEY_FILE").then(|| path.clone());
    let key_ring = keys::KeyRing::new(Environment::new(&variable));
    keys::recover(metadata, &[leafseal::metadata::KeyType::Age], &key_ring)
        .unwrap_or_else(|_| panic!("the data key"))
}

#[test]
fn one_changed_value_changes_one_line_of_the_reference() {
    let reference = Reference::find();
    for seed in 0..60 {
        let encrypted = reference.encrypt(&Writer::new(seed).stream(), &[]);
        let Ok(encrypted) = encrypted else { continue };
        // elements that stand for comments become comments again, and whole floats integers
        let is_comment = |line: &str| line.contains("- ENC[") && line.ends_with(",type:comment]");
        if encrypted.lines().any(is_comment) || encrypted.contains(",type:float]") {
            continue;
        }
        let document = Document::parse(&encrypted, Format::Yaml).expect("YAML");
        let metadata = document.metadata().expect("readable").expect("present");
        let key = TestKey { data_key: data_key_of(&metadata), metadata };
        changes_one_line(&key, &encrypted, seed);
    }
}

#[test]
fn every_plain_vector_comes_back() {
    let key = TestKey::load();
    let files = fs::read_dir(fixture("vectors/yaml")).expect("a folder");
    let paths = files.map(|file| file.expect("a file").path());
    let is_plain = |name: &std::path::PathBuf| name.to_string_lossy().ends_with(".plain.yaml");
    let mut count = 0;
    for path in paths.filter(is_plain) {
        let source = fs::read_to_string(&path).expect("a text");
        let encrypted = key.seal(&source, &Selector::default());
        let encrypted = encrypted.unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let opened = key.open(&encrypted).unwrap_or_else(|error| panic!("{error}\n{encrypted}"));
        assert_eq!(opened, source, "{}", path.display());
        count += 1;
    }
    assert!(count > 10, "{count} vectors");
}

/// Texts that once lost something, with the text that decryption gives without a record.
#[test]
fn difficult_texts_come_back() {
    let key = TestKey::load();
    let wide = "a:\n            b: |2\n                x\n               y\n";
    let rows = [
        // the metadata block behind it must not add a line end to the value
        ("a: |\n  text", "a: text\n"),
        ("a: 1\nb_unencrypted: |2+\n   text", "a: 1\nb_unencrypted: |2-\n   text\n"),
        // the comment would belong to a block at the document's step
        ("a:\n  b: |\n        x\n    # c\n  d: 1\n", "a:\n  b: \"x\\n\"\n    # c\n  d: 1\n"),
        // the comment would belong elsewhere without the blank line
        ("a:\n- |+\n  x\n\n# c\nb: 1\n", "a:\n- |+\n  x\n\n# c\nb: 1\n"),
        // an indentation indicator has one digit
        (wide, "a:\n            b: \"  x\\n y\\n\"\n"),
        ("{ # c\n}\n", "{ # c\n}\n"),
        ("\u{feff}a: 1\n", "\u{feff}a: 1\n"),
    ];
    for (source, expected) in rows {
        let encrypted = key.seal_without_layout(source);
        let encrypted = encrypted.unwrap_or_else(|error| panic!("{error}\n{source}"));
        let opened = key.open(&encrypted).unwrap_or_else(|error| panic!("{error}\n{encrypted}"));
        assert_eq!(opened, expected, "{encrypted}");
        assert_eq!(data(&opened), data(source));
        let encrypted = key.seal(source, &Selector::default()).expect("encryptable");
        assert_eq!(key.open(&encrypted).expect("it opens"), source, "{encrypted}");
    }
}

#[test]
fn a_document_in_flow_style_is_encrypted_again() {
    let key = TestKey::load();
    let encrypted = key.seal("{a: x, b: [1, 1]}\n", &Selector::default()).expect("encryptable");
    let document = Document::parse(&encrypted, Format::Yaml).expect("YAML");
    let metadata = document.metadata().expect("readable").expect("present");
    let opened = document::open_to_change(&document, &metadata, &key.data_key, OPTIONS);
    let (opened, unchanged) = opened.expect("it opens");
    let changed = opened.text.replace('x', "y");
    let options = SealOptions {
        format: Format::Yaml,
        data_key: &key.data_key,
        metadata,
        indent: 0,
        keeps_layout: true,
    };
    let randomness = &SystemRandomness;
    let sealed = document::reseal(&changed, options, &unchanged, randomness);
    let sealed = sealed.unwrap_or_else(|error| panic!("{error}\n{changed}\n{encrypted}"));
    assert_eq!(data(&key.open(&sealed.text).expect("it opens")), data(&changed));
}

#[test]
fn values_that_no_mac_covers_are_refused() {
    let key = TestKey::load();
    let encrypted = key.seal("a: 1\n", &Selector::default()).expect("encryptable");
    for value in ["9223372036854775808", "2020-01-01T10:11:12+24:00"] {
        let line = format!("b_unencrypted: {value}\n");
        assert!(key.seal(&line, &Selector::default()).is_err());
        assert!(key.seal(&line.replace("_unencrypted", ""), &Selector::default()).is_err());
        let added = encrypted.replace("sops:\n", &(line + "sops:\n"));
        let document = Document::parse(&added, Format::Yaml).expect("YAML");
        let metadata = document.metadata().expect("readable").expect("present");
        let opened = document::open(&document, &metadata, &key.data_key, OPTIONS);
        assert!(matches!(opened, Err(document::OpenError::NotCovered(_))));
    }
}

#[test]
fn no_time_stays_in_clear() {
    let key = TestKey::load();
    for zone in ["+23:59", "-00:60", "+25:00", "+24:61", "+99:99"] {
        let source = format!("a: 2020-01-01T10:11:12{zone}\n");
        let encrypted = key.seal(&source, &Selector::default()).expect("encryptable");
        assert!(!encrypted.contains("2020-01-01"), "{encrypted}");
        assert_eq!(data(&key.open(&encrypted).expect("it opens")), data(&source));
    }
}

/// The reference reads `b` as a key, and other blanks in the block scalars.
#[test]
fn old_line_breaks_outside_quotes_are_refused() {
    let key = TestKey::load();
    for line_break in ['\u{85}', '\u{2028}', '\u{2029}'] {
        let refused = ["a: 1 # c@b: secret\n", "a: |\n  x@  y\n", "a: x@y\n", "'a': 1\nx@y: 'z'\n"];
        for text in refused.map(|text| text.replace('@', &line_break.to_string())) {
            assert!(key.seal(&text, &Selector::default()).is_err(), "{text:?}");
        }
        for text in ["a: 'x@y'\n", "a: \"x@y\"\nb: 'z'\n"] {
            let text = text.replace('@', &line_break.to_string());
            assert!(key.seal(&text, &Selector::default()).is_ok(), "{text:?}");
        }
    }
}
