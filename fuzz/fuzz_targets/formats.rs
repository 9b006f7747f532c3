//! Any JSON, ENV or INI text is refused, or encrypted and decrypted to the same bytes.
#![no_main]

mod common;

use leafseal::document::Document;
use leafseal::format::Format;
use leafseal::metadata::Selector;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for format in [Format::Json, Format::Dotenv, Format::Ini] {
        if let Ok(document) = Document::parse(text, format) {
            let _ = document.metadata();
        }
        let Some(encrypted) = common::seal(format, text, Selector::default()) else { continue };
        let opened = common::open(format, &encrypted, |_| {});
        assert_eq!(opened.warnings, [], "{encrypted}");
        assert_eq!(opened.text.as_str(), text, "{format:?}\n{encrypted}");
    }
});
