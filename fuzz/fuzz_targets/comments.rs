//! Every comment has a place, and what is encrypted decrypts again to the same comments and values.
#![no_main]

use leafseal::crypto::{DataKey, Strictness, SystemRandomness};
use leafseal::document::{self, Document, OpenOptions, SealOptions};
use leafseal::format::{Format, yaml};
use leafseal::metadata::{
    FORMAT_VERSION, KeyGroup, Metadata, Selector, SelectorKind, WrappedKey,
};
use leafseal::tree::{Event, Timestamp};
use libfuzzer_sys::fuzz_target;

/// Pieces that comments and their places are made of; each byte of the input picks one.
const PIECES: [&str; 40] = [
    "a", "b", "c_unencrypted", "x", ": ", ":\n", "- ", "-\n", "\n", "\n\n", "\n  ", "\n    ", " ",
    "\r\n", "# c", " # d\n", "#\n", "# note\n", "\"q\"", "'s'", "[", "]", "{", "}", ", ", ",\n",
    "? ", "&a ", "*a", "|\n", "|-\n", ">+\n", "---\n", "...\n", "é", "1", "true", "\t", "!!str ",
    "\n      ",
];

fuzz_target!(|bytes: &[u8]| {
    let (Some((first, bytes)), selectors) = (bytes.split_first(), selectors()) else { return };
    let text: String =
        bytes.iter().map(|byte| PIECES[usize::from(*byte) % PIECES.len()]).collect();
    let Ok(scan) = yaml::scan(&text) else { return };
    check_comments(&text, &scan.events);
    let metadata = metadata(selectors[usize::from(*first) % selectors.len()].clone());
    let data_key = DataKey::from_bytes(vec![7; 32].into()).expect("a key");
    let options = SealOptions { format: Format::Yaml, data_key: &data_key, metadata, indent: 0 };
    let Ok(sealed) = document::seal(&text, options, &mut SystemRandomness::default()) else {
        return;
    };
    let encrypted = Document::parse(&sealed.text, Format::Yaml).expect("what was written is YAML");
    let metadata = encrypted.metadata().expect("readable").expect("present");
    let options = OpenOptions {
        format: Format::Yaml,
        ignore_mac: false,
        strictness: Strictness::Strict,
        indent: 0,
    };
    let opened = document::open(&encrypted, &metadata, &data_key, options);
    let opened = opened.unwrap_or_else(|error| panic!("{error}\n{}", sealed.text));
    assert_eq!(opened.warnings, [], "{}", sealed.text);
    assert_eq!(comments(&opened.text), comments(&text), "{}", sealed.text);
});

fn comments(text: &str) -> Vec<String> {
    let scan = yaml::scan(text).expect("YAML");
    let comment = |event: &Event| match event {
        Event::Comment(comment) => Some(comment.span.slice(text).to_owned()),
        _ => None,
    };
    let mut comments: Vec<String> = scan.events.iter().filter_map(comment).collect();
    comments.sort();
    comments
}

/// Checks that no comment is listed twice and each is one.
fn check_comments(text: &str, events: &[Event]) {
    let mut starts = Vec::new();
    for event in events {
        if let Event::Comment(comment) = event {
            assert!(comment.span.slice(text).starts_with('#'));
            assert!(!comment.span.slice(text).contains('\n'));
            starts.push(comment.span.start());
        }
    }
    let count = starts.len();
    starts.sort_unstable();
    starts.dedup();
    assert_eq!(starts.len(), count, "a comment is listed twice");
}

fn selectors() -> Vec<Selector> {
    use SelectorKind as Kind;
    let rows = [
        (Kind::UnencryptedSuffix, "_unencrypted"),
        (Kind::EncryptedRegex, "^a"),
        (Kind::EncryptedCommentRegex, "note"),
        (Kind::UnencryptedCommentRegex, "^ d"),
    ];
    rows.map(|(kind, text)| Selector::new(kind, text).expect("a selector")).into()
}

fn metadata(selector: Selector) -> Metadata {
    Metadata {
        key_groups: vec![KeyGroup { keys: vec![WrappedKey::age("age1x", "wrapped\n".to_owned())] }],
        shamir_threshold: 0,
        last_modified: Timestamp::parse("2026-01-01T00:00:00Z").expect("a time"),
        mac: String::new(),
        selector,
        mac_only_encrypted: false,
        version: FORMAT_VERSION.to_owned(),
    }
}
