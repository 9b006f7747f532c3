//! Encrypting and decrypting without master keys.
#![allow(dead_code, reason = "each target uses its own part")]

use leafseal::crypto::{DataKey, Strictness, SystemRandomness};
use leafseal::document::{self, Document, OpenOptions, Opened, SealOptions};
use leafseal::format::Format;
use leafseal::metadata::{FORMAT_VERSION, KeyGroup, Metadata, Selector, WrappedKey};
use leafseal::tree::Timestamp;

pub fn data_key() -> DataKey {
    DataKey::from_bytes(vec![7; 32].into()).expect("a key")
}

/// A metadata block without a MAC.
pub fn metadata() -> Metadata {
    Metadata {
        key_groups: vec![KeyGroup { keys: vec![WrappedKey::age("age1x", "wrapped\n".to_owned())] }],
        shamir_threshold: 0,
        last_modified: Timestamp::parse("2026-01-01T00:00:00Z").expect("a time"),
        mac: String::new(),
        selector: Selector::default(),
        mac_only_encrypted: false,
        version: FORMAT_VERSION.to_owned(),
        layout: None,
    }
}

/// Encrypts a text, unless it is refused.
pub fn seal(format: Format, text: &str, selector: Selector) -> Option<String> {
    let metadata = Metadata { selector, ..metadata() };
    let options =
        SealOptions { format, data_key: &data_key(), metadata, indent: 0, keeps_layout: true };
    Some(document::seal(text, options, &SystemRandomness).ok()?.text)
}

/// Decrypts what [`seal`] wrote, with metadata that `change` has changed.
pub fn open(format: Format, encrypted: &str, change: impl FnOnce(&mut Metadata)) -> Opened {
    let document = Document::parse(encrypted, format).expect("what was written is of its format");
    let mut metadata = document.metadata().expect("readable").expect("present");
    change(&mut metadata);
    let options = OpenOptions {
        format,
        ignore_mac: false,
        strictness: Strictness::Strict,
        indent: 0,
        keeps_layout: true,
    };
    let opened = document::open(&document, &metadata, &data_key(), options);
    opened.unwrap_or_else(|error| panic!("{error}\n{encrypted}"))
}

/// Makes a text of which each byte names a piece.
pub fn text_of(pieces: &[&str], bytes: &[u8]) -> String {
    bytes.iter().map(|byte| pieces[usize::from(*byte) % pieces.len()]).collect()
}
