//! Every spelling comes back, and no layout record changes a value, whatever it holds.
#![no_main]

mod common;

use leafseal::crypto::{Aad, Cipher, Envelope, Nonce};
use leafseal::format::{self, Format, yaml};
use leafseal::metadata::Selector;
use leafseal::tree::{Event, Tree};
use libfuzzer_sys::fuzz_target;

/// Pieces of odd spelling; each byte of the input picks one.
const PIECES: [&str; 40] = [
    "a",
    "b",
    "c_unencrypted",
    ": ",
    ":\n",
    "- ",
    "-\n",
    "\n",
    "\n  ",
    "\n    ",
    " ",
    "\r\n",
    " # c\n",
    "1.10",
    "0644",
    "yes",
    "null",
    "1e3",
    "\"\\u00e9\"",
    "'it''s'",
    "\"\"",
    "~",
    "[",
    "]",
    "{",
    "}",
    ", ",
    "? ",
    "&a ",
    "*a",
    "<<: ",
    "|\n",
    "|2-\n",
    ">+\n",
    "!!str ",
    "!t ",
    "---\n",
    "...\n",
    "2001-1-1",
    "\n\n",
];

fuzz_target!(|input: (&str, &[u8])| {
    let (record, bytes) = input;
    let text = common::text_of(&PIECES, bytes);
    let Some(encrypted) = common::seal(Format::Yaml, &text, Selector::default()) else { return };
    let opened = common::open(Format::Yaml, &encrypted, |_| {});
    assert_eq!(opened.warnings, [], "{encrypted}");
    assert_eq!(opened.text.as_str(), text, "{encrypted}");
    let cipher = Cipher::new(&common::data_key());
    let aad = Aad::of_text("leafseal_layout");
    let forged = Envelope::seal(&cipher, &Nonce([1; 32]), &aad, record.as_bytes(), "str");
    let forged = forged.expect("it is short");
    let opened = common::open(Format::Yaml, &encrypted, |metadata| metadata.layout = Some(forged));
    assert_eq!(data(&opened.text), data(&text), "{record:?}\n{encrypted}");
});

/// All documents as data; one without content comes back as an empty mapping.
fn data(text: &str) -> String {
    let scan = yaml::scan(text).expect("YAML");
    let starts = scan.events.iter().enumerate();
    let starts = starts.filter(|(_, event)| matches!(event, Event::Document(_)));
    let trees = starts.map(|(at, _)| match format::subtree(text, &scan, at + 1) {
        Ok(Tree::Null) => Ok(Tree::Mapping(Vec::new())),
        tree => tree,
    });
    let trees = format!("{:?}", trees.collect::<Vec<_>>());
    // whole floats print as integers
    trees.replace("Int(", "Float(").replace(".0)", ")").replace("(-0)", "(0)")
}
