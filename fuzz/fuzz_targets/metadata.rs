//! Any metadata block is read or refused; what is read is written in a form that reads the same.
#![no_main]

use leafseal::document::Document;
use leafseal::format::Format;
use leafseal::metadata::Metadata;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let read = |text: &str| {
        let document = Document::parse(text, Format::Yaml).ok()?;
        let _ = document.metadata_line();
        document.metadata().ok().flatten()
    };
    // most inputs are not below a `sops` key yet
    let below = format!("sops:\n  {}", text.replace('\n', "\n  "));
    for metadata in [read(text), read(&below)].into_iter().flatten() {
        let again = Metadata::from_tree(&metadata.to_tree());
        assert_eq!(again.as_ref(), Ok(&metadata));
        for key in metadata.key_groups.iter().flat_map(|group| &group.keys) {
            let _ = key.name();
        }
    }
});
