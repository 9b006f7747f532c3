//! Every comment has a place, and what is encrypted decrypts again to the same comments and values.
#![no_main]

mod common;

use leafseal::format::{Format, yaml};
use leafseal::metadata::{Selector, SelectorKind};
use leafseal::tree::Event;
use libfuzzer_sys::fuzz_target;

/// Pieces that comments and their places are made of; each byte of the input picks one.
const PIECES: [&str; 40] = [
    "a",
    "b",
    "c_unencrypted",
    "x",
    ": ",
    ":\n",
    "- ",
    "-\n",
    "\n",
    "\n\n",
    "\n  ",
    "\n    ",
    " ",
    "\r\n",
    "# c",
    " # d\n",
    "#\n",
    "# note\n",
    "\"q\"",
    "'s'",
    "[",
    "]",
    "{",
    "}",
    ", ",
    ",\n",
    "? ",
    "&a ",
    "*a",
    "|\n",
    "|-\n",
    ">+\n",
    "---\n",
    "...\n",
    "é",
    "1",
    "true",
    "\t",
    "!!str ",
    "\n      ",
];

fuzz_target!(|bytes: &[u8]| {
    let (Some((first, bytes)), selectors) = (bytes.split_first(), selectors()) else { return };
    let text = common::text_of(&PIECES, bytes);
    let Ok(scan) = yaml::scan(&text) else { return };
    check_comments(&text, &scan.events);
    let selector = selectors[usize::from(*first) % selectors.len()].clone();
    let Some(encrypted) = common::seal(Format::Yaml, &text, selector) else { return };
    let opened = common::open(Format::Yaml, &encrypted, |_| {});
    assert_eq!(opened.warnings, [], "{encrypted}");
    assert_eq!(comments(&opened.text), comments(&text), "{encrypted}");
    assert_eq!(opened.text.as_str(), text, "{encrypted}");
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
