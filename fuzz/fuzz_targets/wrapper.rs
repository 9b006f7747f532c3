//! Any text is refused as an encrypted binary file or opened without a panic; any bytes come back
//! from the wrapper that is written for them.
#![no_main]

mod common;

use leafseal::crypto::{Strictness, SystemRandomness};
use leafseal::document::{self, BinarySource, Document, OpenOptions, SealOptions};
use leafseal::format::{Format, Indent, binary};
use libfuzzer_sys::fuzz_target;

const OPTIONS: OpenOptions = OpenOptions {
    format: Format::Binary,
    ignore_mac: false,
    strictness: Strictness::Strict,
    indent: 0,
    keeps_layout: true,
};

const LENIENT: OpenOptions =
    OpenOptions { ignore_mac: true, strictness: Strictness::Lenient, ..OPTIONS };

/// Opens a text, if it is an encrypted file; tells whether it holds just these bytes.
fn opens_to(text: &str, bytes: &[u8], options: OpenOptions) -> bool {
    let mut source = BinarySource::read(&mut text.as_bytes(), text.len()).expect("memory is read");
    let (text, front) = source.parts();
    let text = std::str::from_utf8(text).expect("what is left of a text");
    let Ok(document) = Document::parse(text, Format::Binary) else { return false };
    let Ok(Some(metadata)) = document.metadata() else { return false };
    let opened =
        document::open_binary(&document, Some(front), &metadata, &common::data_key(), options);
    opened.is_ok_and(|opened| *opened.bytes == *bytes)
}

fuzz_target!(|bytes: &[u8]| {
    let options = SealOptions {
        format: Format::Binary,
        data_key: &common::data_key(),
        metadata: common::metadata(),
        indent: 0,
        keeps_layout: false,
    };
    let sealed =
        document::seal_binary(bytes, options, Indent::Default, &SystemRandomness);
    let mut text = Vec::new();
    sealed.expect("it is short").write_to(&mut text).expect("memory takes it");
    // an empty value stays in clear
    assert!(bytes.is_empty() || binary::is_wrapper(&text));
    let text = String::from_utf8(text).expect("JSON");
    assert!(opens_to(&text, bytes, OPTIONS), "{text}");

    let Ok(input) = std::str::from_utf8(bytes) else { return };
    let _ = opens_to(input, b"", LENIENT);
    // most inputs have no metadata block yet
    let block = &text[text.find("\"sops\"").expect("a block")..];
    let _ = opens_to(&format!("{{{input},{block}"), b"", LENIENT);
    let _ = opens_to(&format!("{{\"data\":\"{input}\",{block}"), b"", LENIENT);
});
