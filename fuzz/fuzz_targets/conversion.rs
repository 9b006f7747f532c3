//! What one format holds is written as another, or refused; encrypted, it comes back as written.
#![no_main]

mod common;

use common::{data_key, metadata, open};
use leafseal::crypto::{Strictness, SystemRandomness};
use leafseal::document::{self, ClearTree, Document, OpenOptions, SealOptions};
use leafseal::format::{Format, Indent};
use leafseal::metadata::{Metadata, Selector};
use libfuzzer_sys::fuzz_target;

const FORMATS: [Format; 4] = [Format::Yaml, Format::Json, Format::Dotenv, Format::Ini];

fuzz_target!(|input: &str| {
    for from in FORMATS {
        for to in FORMATS {
            convert(input, from, to);
        }
    }
});

fn convert(input: &str, from: Format, to: Format) {
    let selector = Selector::default();
    let Ok(tree) = ClearTree::read(input, from, to, &selector) else { return };
    let Ok(text) = tree.emit(to, Indent::Default) else { return };
    assert!(to.scan(&text).is_ok(), "{from:?} to {to:?}: what is written is of its format\n{}", *text);
    let metadata = Metadata { selector, ..metadata() };
    let key = data_key();
    let options =
        SealOptions { format: to, data_key: &key, metadata, indent: 0, keeps_layout: true };
    let Ok(sealed) = document::seal_as(&tree, &text, options, &SystemRandomness)
    else {
        return;
    };
    let opened = open(to, &sealed.text, |_| {});
    assert_eq!(*opened.text, *text, "{from:?} to {to:?}");
    read_back(&sealed.text, to);
}

/// Decrypts a text into each of the formats.
fn read_back(sealed: &str, format: Format) {
    let document = Document::parse(sealed, format).expect("what was written is of its format");
    let metadata = document.metadata().expect("readable").expect("present");
    let options = OpenOptions {
        format,
        ignore_mac: false,
        strictness: Strictness::Strict,
        indent: 0,
        keeps_layout: true,
    };
    let tree = document::open_tree(&document, &metadata, &data_key(), options)
        .unwrap_or_else(|error| panic!("{error}\n{sealed}"));
    for output in FORMATS {
        let Ok(bytes) = tree.emit(output, Indent::Default) else { continue };
        let text = std::str::from_utf8(&bytes).expect("text");
        assert!(output.scan(text).is_ok(), "{format:?} to {output:?}\n{text}");
    }
}
