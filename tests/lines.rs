//! The formats of lines, dotenv and INI: properties that hold for every text, and files from and
//! for the reference program.

mod support;

use leafseal::crypto::SystemRandomness;
use leafseal::document::{self, Document, OpenOptions, SealOptions};
use leafseal::format::Format;
use leafseal::metadata::{Metadata, Selector, SelectorKind};
use leafseal::text::Edits;
use leafseal::tree::{Event, Leaf, LeafValue, Timestamp};
use proptest::prelude::*;
use support::documents::Dice;
use support::{OPTIONS, Reference, TestKey, lines};

/// Pieces that mean something to these formats.
const PIECES: [&str; 44] = [
    "a",
    "b",
    "sops",
    "sops_",
    "sops_mac",
    "DEFAULT",
    "x_unencrypted",
    "=",
    ":",
    "\n",
    "\n",
    "\n",
    " ",
    "\t",
    "\r\n",
    "\r",
    "#",
    ";",
    "; c",
    "# c\n",
    "'",
    "\"",
    "\"\"\"",
    "`",
    "[",
    "]",
    "[s]\n",
    "[sops]\n",
    "a = 1\n",
    "a=\n",
    "\\",
    "\\\n",
    "\\n",
    "-",
    "é",
    "\u{85}",
    "\u{2028}",
    "\u{feff}",
    "\0",
    "__map_",
    "__list_0",
    "ENC[AES256_GCM,data:",
    ",iv:",
    ",type:str]",
];

fn every_selector() -> Vec<Selector> {
    use SelectorKind as Kind;
    let rows = [
        (Kind::UnencryptedSuffix, "_unencrypted"),
        (Kind::EncryptedSuffix, "r"),
        (Kind::UnencryptedRegex, "^(user|DB_USER|s)$"),
        (Kind::EncryptedRegex, "^(user|DB_PASS|s|a)$"),
        (Kind::UnencryptedCommentRegex, "note"),
        (Kind::EncryptedCommentRegex, "note"),
    ];
    rows.map(|(kind, text)| Selector::new(kind, text).expect("a selector")).into()
}

/// Encrypts, decrypts and compares, unless the text is refused.
fn there_and_back(
    key: &TestKey,
    format: Format,
    source: &str,
    metadata: Metadata,
) -> Option<String> {
    let encrypted = key.seal_in(format, source, metadata).ok()?;
    let opened = key.open_in(format, &encrypted);
    let opened = opened.unwrap_or_else(|error| panic!("{error}\n{source:?}\n{encrypted}"));
    assert_eq!(opened, source, "{encrypted}");
    Some(encrypted)
}

/// Does everything that may be done with a text that nobody has looked at.
fn exercise(key: &TestKey, format: Format, text: &str) {
    if let Ok(scan) = format.scan(text) {
        assert_eq!(Edits::new().apply(text).as_deref(), Ok(text));
        spans_are_disjoint(text, &scan.events);
    }
    let Ok(document) = Document::parse(text, format) else { return };
    let metadata = document.metadata();
    let metadata = metadata.ok().flatten().unwrap_or_else(|| key.metadata.clone());
    let options = OpenOptions { format, ignore_mac: true, ..OPTIONS };
    let _ = document::open(&document, &metadata, &key.data_key, options);
    for selector in every_selector() {
        there_and_back(key, format, text, Metadata { selector, ..key.metadata.clone() });
    }
}

/// Checks that what edits replace does not overlap, and lies on character boundaries.
fn spans_are_disjoint(text: &str, events: &[Event]) {
    let mut spans: Vec<_> = events
        .iter()
        .flat_map(|event| match event {
            Event::Leaf(Leaf { site, .. }) => vec![*site],
            Event::Comment(comment) => vec![comment.span, comment.tail],
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

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_is_read_or_refused(text in any::<String>()) {
        exercise(&TestKey::load(), Format::Dotenv, &text);
        exercise(&TestKey::load(), Format::Ini, &text);
    }

    #[test]
    fn any_run_of_pieces_is_read_or_refused(
        pieces in prop::collection::vec(prop::sample::select(&PIECES[..]), 0..25),
    ) {
        exercise(&TestKey::load(), Format::Dotenv, &pieces.concat());
        exercise(&TestKey::load(), Format::Ini, &pieces.concat());
    }

    #[test]
    fn every_file_comes_back(seed in any::<u64>(), mac_only_encrypted in any::<bool>()) {
        let key = TestKey::load();
        for (format, source) in
            [(Format::Dotenv, lines::dotenv(seed)), (Format::Ini, lines::ini(seed))]
        {
            for selector in every_selector() {
                let by_comment = selector.kind().as_str().contains("comment");
                let metadata = Metadata { selector, mac_only_encrypted, ..key.metadata.clone() };
                let encrypted = there_and_back(&key, format, &source, metadata);
                prop_assert!(encrypted.is_some() || by_comment, "refused: {source:?}");
            }
        }
    }

    #[test]
    fn values_come_back_without_a_record_of_spellings(seed in any::<u64>()) {
        let key = TestKey::load();
        for (format, source) in
            [(Format::Dotenv, lines::dotenv(seed)), (Format::Ini, lines::ini(seed))]
        {
            let metadata = key.metadata.clone();
            let encrypted = key.seal_as(format, &source, metadata, false).expect("encryptable");
            prop_assert!(!encrypted.contains("leafseal_layout"));
            let opened = key.open_in(format, &encrypted).expect("it opens");
            if format == Format::Ini {
                prop_assert_eq!(content(&opened), content(&source), "{}", encrypted);
            } else {
                let is_open = !source.is_empty() && !source.ends_with('\n');
                prop_assert_eq!(opened, source + if is_open { "\n" } else { "" });
            }
        }
    }

    #[test]
    fn one_changed_value_changes_one_line(seed in any::<u64>()) {
        changes_one_line(Format::Dotenv, &lines::dotenv(seed), seed);
        changes_one_line(Format::Ini, &lines::ini(seed), seed);
    }
}

/// Changes a value of the clear text, encrypts again, and compares the encrypted lines.
fn changes_one_line(format: Format, source: &str, seed: u64) {
    let key = TestKey::load();
    let metadata = key.metadata.clone();
    let encrypted = key.seal_in(format, source, metadata).expect("encryptable");
    let document = Document::parse(&encrypted, format).expect("readable");
    let mut metadata = document.metadata().expect("readable").expect("present");
    let options = OpenOptions { format, ..OPTIONS };
    let opened = document::open_to_change(&document, &metadata, &key.data_key, options);
    let (opened, unchanged) = opened.expect("it opens");
    let Some(leaf) = any_leaf(format, &opened.text, seed) else { return };
    let mut edits = Edits::new();
    edits.replace(leaf.site, "something else");
    let changed = edits.apply(&opened.text).expect("one edit");
    metadata.last_modified = Timestamp::parse("2030-01-02T03:04:05Z").expect("a time");
    let options =
        SealOptions { format, data_key: &key.data_key, metadata, indent: 0, keeps_layout: true };
    let sealed = document::reseal(&changed, options, &unchanged, &SystemRandomness);
    let sealed = sealed.unwrap_or_else(|error| panic!("{error}\n{changed}\n{encrypted}")).text;
    // the record of spellings goes if the changed value was all that it was about
    let lines = |text: &str| -> Vec<String> {
        let lines = text.lines().filter(|line| !line.contains("leafseal_layout"));
        lines.map(str::to_owned).collect()
    };
    let (before, after) = (lines(&encrypted), lines(&sealed));
    assert_eq!(before.len(), after.len(), "{encrypted}\n{sealed}");
    let differing = before.iter().zip(&after).filter(|(before, after)| before != after);
    let is_field = |line: &str| {
        ["mac", "lastmodified"]
            .iter()
            .any(|name| line.trim_start_matches("sops_").starts_with(name))
    };
    let values: Vec<_> = differing.filter(|(before, _)| !is_field(before)).collect();
    assert_eq!(values.len(), 1, "{values:#?}\n{encrypted}");
    assert_eq!(key.open_in(format, &sealed).expect("it opens"), changed);
}

/// Picks a leaf whose name and value no other leaf has: equal values swap ciphertexts.
fn any_leaf(format: Format, text: &str, seed: u64) -> Option<Leaf> {
    let scan = format.scan(text).expect("readable");
    let leaves = scan.events.iter().filter_map(|event| match event {
        Event::Leaf(leaf) => Some(*leaf),
        _ => None,
    });
    let leaves: Vec<Leaf> = leaves.collect();
    let value = |leaf: &Leaf| leaf.site.slice(text).to_owned();
    let is_only = |leaf: &&Leaf| leaves.iter().filter(|it| value(it) == value(leaf)).count() == 1;
    let is_line = |leaf: &&Leaf| !leaf.site.is_empty() && !value(leaf).contains('\n');
    let only: Vec<&Leaf> = leaves.iter().filter(is_line).filter(is_only).collect();
    (!only.is_empty()).then(|| **Dice::new(seed).pick(&only))
}

/// A selector, and the flags that ask the reference for it.
fn flags(selector: &Selector) -> [String; 2] {
    [format!("--{}", selector.kind().as_str().replace('_', "-")), selector.text().to_owned()]
}

#[test]
fn the_reference_decrypts_what_we_encrypt_as_dotenv() {
    let (key, reference) = (TestKey::load(), Reference::for_files("env"));
    let selectors = every_selector();
    let mut compared = 0;
    for seed in 0..340 {
        let source = lines::dotenv(seed);
        let selector = selectors[usize::try_from(seed).expect("small") % selectors.len()].clone();
        let metadata = Metadata { selector, ..key.metadata.clone() };
        let Ok(encrypted) = key.seal_in(Format::Dotenv, &source, metadata) else { continue };
        let found = reference.decrypt(&encrypted);
        let found = found.unwrap_or_else(|error| panic!("{error}\n{source:?}\n{encrypted}"));
        let lines = source.split('\n').filter(|line| !line.is_empty());
        let wanted: String = lines.flat_map(|line| [line, "\n"]).collect();
        assert_eq!(found, wanted, "{encrypted}");
        compared += 1;
    }
    assert!(compared >= 300, "only {compared} files could be compared");
}

#[test]
fn we_decrypt_dotenv_of_the_reference_to_what_it_prints() {
    let reference = Reference::for_files("env");
    // the reference has no flags for comment selectors
    let selectors = &every_selector()[..4];
    let mut compared = 0;
    for seed in 1000..1310 {
        let source = lines::dotenv(seed);
        let selector = &selectors[usize::try_from(seed).expect("small") % selectors.len()];
        let flags = flags(selector);
        let flags = flags.each_ref().map(String::as_str);
        let Ok(encrypted) = reference.encrypt(&source, &flags) else { continue };
        let Ok(wanted) = reference.decrypt(&encrypted) else { continue };
        let found = decrypt_with_ours("env", &encrypted);
        assert_eq!(found, Ok(wanted), "{source:?}\n{encrypted}");
        compared += 1;
    }
    assert!(compared >= 300, "only {compared} files could be compared");
}

/// Decrypts with our program.
fn decrypt_with_ours(ending: &str, text: &str) -> Result<String, String> {
    let file = tempfile::Builder::new().suffix(&format!(".{ending}")).tempfile();
    let file = file.expect("a scratch file");
    std::fs::write(file.path(), text).expect("it can be written");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_leafseal"));
    command.env("SOPS_AGE_KEY_FILE", support::fixture("vectors/keys/age1.txt"));
    let output = command.arg("decrypt").arg(file.path()).output().expect("it runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

/// Sections with their keys and values.
type Content = Vec<(String, Vec<(String, String)>)>;

fn content(text: &str) -> Content {
    let scan = Format::Ini.scan(text).expect("INI");
    let mut content: Content = Vec::new();
    let mut depth = 0;
    for event in &scan.events {
        match event {
            Event::Enter { .. } => depth += 1,
            Event::Leave(_) => depth -= 1,
            Event::Key(key) if depth == 1 => {
                content.push((scan.str(text, key.text).into_owned(), Vec::new()));
            }
            Event::Key(key) => {
                let (_, keys) = content.last_mut().expect("a section");
                keys.push((scan.str(text, key.text).into_owned(), String::new()));
            }
            Event::Leaf(Leaf { value: LeafValue::Str(value), .. }) => {
                let keys = content.last_mut().map(|(_, keys)| keys);
                let pair = keys.and_then(|keys| keys.last_mut()).expect("a key");
                pair.1 = scan.str(text, *value).into_owned();
            }
            _ => {}
        }
    }
    content
}

/// What the reference makes of a text: its JSON form, which has each pair in a line of its own.
fn content_of_json(text: &str) -> Content {
    let mut content: Content = Vec::new();
    for line in text.lines() {
        let depth = line.len() - line.trim_start_matches('\t').len();
        let mut name = serde_json::Deserializer::from_str(line).into_iter::<String>();
        let Some(Ok(text)) = name.next() else { continue };
        let rest = line[name.byte_offset()..].trim_start_matches(": ");
        if depth == 1 {
            content.push((text, Vec::new()));
            continue;
        }
        let value = serde_json::Deserializer::from_str(rest).into_iter::<String>().next();
        let value = value.expect("a value").expect("a string");
        content.last_mut().expect("a section").1.push((text, value));
    }
    content
}

#[test]
fn the_reference_decrypts_what_we_encrypt_as_ini() {
    let (key, reference) = (TestKey::load(), Reference::for_files("ini"));
    let selectors = every_selector();
    let (mut compared, mut same_text) = (0, 0);
    for seed in 0..340 {
        let source = lines::ini(seed);
        let selector = &selectors[usize::try_from(seed).expect("small") % selectors.len()];
        let metadata = Metadata { selector: selector.clone(), ..key.metadata.clone() };
        let Ok(encrypted) = key.seal_in(Format::Ini, &source, metadata) else { continue };
        let found = reference.run(&["decrypt", "--output-type", "json"], &encrypted);
        let found = found.unwrap_or_else(|error| panic!("{error}\n{source:?}\n{encrypted}"));
        assert_eq!(content_of_json(&found), content(&source), "{source}\n{encrypted}");
        compared += 1;
        // comments too, where the reference can read what it writes itself
        let Ok(theirs) = reference.encrypt(&source, &[]) else { continue };
        let Ok(wanted) = reference.decrypt(&theirs) else { continue };
        let found = reference.decrypt(&encrypted);
        assert_eq!(found, Ok(wanted), "seed {seed}\n{source}\n{encrypted}");
        same_text += 1;
    }
    assert!(compared >= 300, "only {compared} files could be compared");
    assert!(same_text >= 150, "only {same_text} texts could be compared");
}

/// Trims comments: in those of sections the reference leaves blanks and carriage returns.
fn tidied(text: &str) -> String {
    let lines = text.split_inclusive('\n').map(|line| match line.strip_prefix("; ") {
        Some(comment) => format!("; {}\n", comment.trim()),
        None => line.to_owned(),
    });
    lines.collect()
}

#[test]
fn we_decrypt_ini_of_the_reference_to_what_it_prints() {
    let reference = Reference::for_files("ini");
    // the reference has no flags for comment selectors
    let selectors = &every_selector()[..4];
    let (mut compared, mut same_text) = (0, 0);
    for seed in 1000..1340 {
        let source = lines::ini(seed);
        let selector = &selectors[usize::try_from(seed).expect("small") % selectors.len()];
        let flags = flags(selector);
        let flags = flags.each_ref().map(String::as_str);
        let Ok(encrypted) = reference.encrypt(&source, &flags) else { continue };
        let Ok(wanted) = reference.run(&["decrypt", "--output-type", "json"], &encrypted) else {
            continue;
        };
        let found = decrypt_with_ours("ini", &encrypted);
        let found = found.unwrap_or_else(|error| panic!("{error}\n{source}\n{encrypted}"));
        assert_eq!(content(&found), content_of_json(&wanted), "{source}\n{encrypted}");
        compared += 1;
        let Ok(wanted) = reference.decrypt(&encrypted) else { continue };
        if Format::Ini.scan(&wanted).is_ok() && content(&wanted) == content(&source) {
            assert_eq!(tidied(&found), tidied(&wanted), "{source}\n{encrypted}");
            same_text += 1;
        }
    }
    assert!(compared >= 250, "only {compared} files could be compared");
    assert!(same_text >= 150, "only {same_text} texts could be compared");
}
