//! Runs the vectors of the file format (`fixtures/vectors`).
//!
//! Vectors whose key type has no provider yet run at document level, with the data key that the
//! manifest gives.

use std::fs;
use std::path::{Path, PathBuf};

use leafseal::crypto::{DataKey, Strictness};
use leafseal::document::{Document, OpenOptions, open};
use leafseal::format::Format;
use serde_json::Value;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/vectors")
}

fn manifest() -> Vec<Value> {
    let text = fs::read_to_string(folder().join("manifest.json")).expect("the manifest is there");
    let manifest: Value = serde_json::from_str(&text).expect("the manifest is JSON");
    manifest["vectors"].as_array().expect("a list of vectors").clone()
}

fn text(vector: &Value, field: &str) -> Option<String> {
    let name = vector[field].as_str()?;
    Some(fs::read_to_string(folder().join(name)).expect("the file of a vector is there"))
}

fn data_key(vector: &Value) -> Option<DataKey> {
    let digits = vector["data_key_hex"].as_str()?;
    let byte = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).expect("hexadecimal");
    let bytes: Vec<u8> = (0..digits.len()).step_by(2).map(byte).collect();
    DataKey::from_bytes(bytes.into())
}

#[test]
fn yaml_vectors_decrypt_to_their_output() {
    let mut failures = Vec::new();
    let mut count = 0;
    for vector in manifest() {
        let is_yaml = vector["format"] == "yaml" && vector["encrypted_format"] == "yaml";
        let name = vector["encrypted"].as_str().unwrap_or_default().to_owned();
        let Some(key) = data_key(&vector).filter(|_| is_yaml) else { continue };
        if vector["expect_exit"] != 0 {
            continue;
        }
        count += 1;
        let source = text(&vector, "encrypted").expect("an encrypted file");
        let expected = text(&vector, "decrypted").expect("an output");
        let document = Document::parse(&source, Format::Yaml).expect("YAML");
        let metadata = document.metadata().expect("readable").expect("metadata");
        let options = OpenOptions {
            format: Format::Yaml,
            ignore_mac: false,
            strictness: Strictness::Strict,
            indent: 0,
        };
        match open(&document, &metadata, &key, options) {
            Ok(opened) if *opened.text == expected => {}
            Ok(opened) => failures.push(format!(
                "{name}: another text\n--- expected\n{expected}\n--- found\n{}",
                opened.text.as_str()
            )),
            Err(error) => failures.push(format!("{name}: {error}")),
        }
    }
    assert!(failures.is_empty(), "{} of {count}:\n{}", failures.len(), failures.join("\n"));
}
