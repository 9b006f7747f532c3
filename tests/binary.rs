//! Binary files from and for the reference program, and the JSON around them in other forms than it
//! writes.

mod support;

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use serde_json::{Map, Value, json};
use support::{Reference, fixture};

const RECIPIENT: &str = "age1hk6km9gau76kykwdatkwd4lu4kka4hcegvy92lf0l6pljcrhz95slnuph2";

/// Sizes at which blocks of the cipher, groups of base64, or pieces of work end, and beside them.
const SIZES: [usize; 16] =
    [0, 1, 2, 3, 4, 15, 16, 17, 127, 4096, 65_537, 393_215, 393_216, 393_217, 1_572_865, 9_000_001];

/// Bytes of which none is likely to repeat another's mistake.
fn bytes(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64 ^ length as u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    (0..length).map(|_| next()).collect()
}

struct Place {
    reference: Reference,
}

impl Place {
    fn new() -> Self {
        Self { reference: Reference::for_files("bin") }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.reference.folder.path().join(name)
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.path(name), bytes).expect("the folder can be written");
    }

    /// Runs a program on a file; gives its output, or its complaint.
    fn output(&self, mut command: Command, words: &[&str]) -> Result<Vec<u8>, String> {
        let output = command.args(words).current_dir(self.path("")).output().expect("it runs");
        let complaint = || String::from_utf8_lossy(&output.stderr).into_owned();
        if output.status.success() { Ok(output.stdout.clone()) } else { Err(complaint()) }
    }

    fn ours(&self, words: &[&str]) -> Result<Vec<u8>, String> {
        let mut command = Command::new(env!("CARGO_BIN_EXE_leafseal"));
        command.env_clear().env("SOPS_AGE_KEY_FILE", fixture("vectors/keys/age1.txt"));
        self.output(command, words)
    }

    fn theirs(&self, words: &[&str]) -> Result<Vec<u8>, String> {
        self.output(self.reference.command(), words)
    }
}

#[test]
fn both_programs_read_what_the_other_one_wrote() {
    let place = Place::new();
    let encrypt = ["encrypt", "--age", RECIPIENT, "clear"];
    for size in SIZES {
        let bytes = bytes(size);
        place.write("clear", &bytes);
        place.write("ours", place.ours(&encrypt).expect("it encrypts"));
        place.write("theirs", place.theirs(&encrypt).expect("it encrypts"));
        for name in ["ours", "theirs"] {
            let ours = place.ours(&["decrypt", name]).expect("it decrypts");
            assert!(ours == bytes, "{size} bytes, {name}");
            let theirs = place.theirs(&["decrypt", name]).expect("it decrypts");
            assert!(theirs == bytes, "{size} bytes, {name}");
        }
    }
}

#[test]
fn files_change_in_place_by_either_program() {
    let place = Place::new();
    for size in [0, 1, 400_000] {
        let bytes = bytes(size);
        place.write("file", &bytes);
        let encrypt = ["encrypt", "-i", "--age", RECIPIENT, "file"];
        let decrypt = ["decrypt", "-i", "file"];
        place.ours(&encrypt).expect("it encrypts");
        place.theirs(&decrypt).expect("it decrypts");
        assert!(fs::read(place.path("file")).expect("a file") == bytes, "{size} bytes");
        place.theirs(&encrypt).expect("it encrypts");
        place.ours(&decrypt).expect("it decrypts");
        assert!(fs::read(place.path("file")).expect("a file") == bytes, "{size} bytes");
    }
}

#[test]
fn files_too_long_for_one_read_come_through_pipes() {
    let place = Place::new();
    let bytes = bytes(3_000_000);
    place.write("clear", &bytes);
    let program = env!("CARGO_BIN_EXE_leafseal");
    let line = format!(
        "cat clear | {program} encrypt --age {RECIPIENT} --filename-override x | {program} decrypt"
    );
    let mut command = Command::new("/bin/sh");
    command.env("SOPS_AGE_KEY_FILE", fixture("vectors/keys/age1.txt"));
    assert!(place.output(command, &["-c", &line]).expect("it decrypts") == bytes);
}

/// Writes each character of a text as an escape.
fn escaped(text: &str) -> String {
    let escapes = text.chars().map(|letter| format!("\\u{:04x}", u32::from(letter)));
    escapes.collect::<Vec<_>>().concat()
}

/// The wrapper in other forms that hold the same.
fn forms(wrapper: &Value) -> Vec<(&'static str, String)> {
    let (data, sops) = (&wrapper["data"], &wrapper["sops"]);
    let text = data.as_str().expect("a value");
    let mut old = sops.clone();
    for list in ["kms", "gcp_kms", "azure_kv", "hc_vault", "pgp"] {
        old[list] = Value::Null;
    }
    let mut selected = sops.clone();
    selected["unencrypted_regex"] = json!("^nothing$");
    let mut suffix = sops.clone();
    suffix["unencrypted_suffix"] = json!("_unencrypted");
    vec![
        ("as it is", format!("{wrapper:#}\n")),
        ("one line", format!(r#"{{"data":{data},"sops":{sops}}}"#)),
        ("blanks", format!("\n{{ \t\"data\" :\r\n {data} , \"sops\"\t:{sops}\n}}\n\n")),
        ("metadata first", format!("{{\"sops\": {sops},\n\"data\": {data}}}")),
        ("escaped keys", format!(r#"{{"d\u0061ta": {data}, "\u0073ops": {sops}}}"#)),
        ("escaped value", format!(r#"{{"data": "{}", "sops": {sops}}}"#, escaped(text))),
        (
            "escaped slash",
            format!(r#"{{"data": {}, "sops": {sops}}}"#, data.to_string().replace('/', "\\/")),
        ),
        ("old metadata", format!(r#"{{"data": {data}, "sops": {old}}}"#)),
        ("selector that selects", format!(r#"{{"data": {data}, "sops": {selected}}}"#)),
        ("default selector", format!(r#"{{"data": {data}, "sops": {suffix}}}"#)),
    ]
}

#[test]
fn wrappers_in_other_forms_are_read_as_by_the_reference() {
    let place = Place::new();
    for size in [0, 1, 2, 3, 100, 500_000] {
        let bytes = bytes(size);
        place.write("clear", &bytes);
        let encrypted = place.theirs(&["encrypt", "--age", RECIPIENT, "clear"]);
        let wrapper: Value =
            serde_json::from_slice(&encrypted.expect("it encrypts")).expect("JSON");
        for (label, text) in forms(&wrapper) {
            place.write("form", text);
            assert!(place.theirs(&["decrypt", "form"]).expect("it decrypts") == bytes, "{label}");
            assert!(place.ours(&["decrypt", "form"]).expect("it decrypts") == bytes, "{label}");
        }
    }
}

#[test]
fn objects_with_other_keys_give_the_same_bytes_as_by_the_reference() {
    let place = Place::new();
    for clear in [
        r#"{"data": "text", "more": {"a": [1, true]}}"#,
        r#"{"a": "b", "data": "text"}"#,
        r#"{"data": "first", "data": "second"}"#,
        r#"{"data": "text", "note_unencrypted": "in clear"}"#,
        r#"{"data": "", "b": 1}"#,
    ] {
        place.write("clear.json", clear);
        let encrypted = place.theirs(&["encrypt", "--age", RECIPIENT, "clear.json"]);
        place.write("object", encrypted.expect("it encrypts"));
        let theirs = place.theirs(&["decrypt", "object"]).expect("it decrypts");
        assert_eq!(place.ours(&["decrypt", "object"]), Ok(theirs), "{clear}");
    }
    let mut clear = Map::new();
    clear.insert("data".to_owned(), json!("in clear"));
    place.write("clear.json", Value::Object(clear).to_string());
    let words = ["encrypt", "--age", RECIPIENT, "--encrypted-regex", "^x", "clear.json"];
    place.write("object", place.theirs(&words).expect("it encrypts"));
    assert_eq!(place.ours(&["decrypt", "object"]), Ok(b"in clear".to_vec()));
}

#[test]
fn bytes_become_values_of_other_formats_as_by_the_reference() {
    let place = Place::new();
    for (bytes, types) in [
        (&b"text\nof lines\n"[..], &["json", "yaml", "dotenv"][..]),
        (b"\xff\0bytes", &["yaml"]),
        (b"", &["json", "yaml", "dotenv"]),
    ] {
        place.write("clear", bytes);
        place.write("file", place.ours(&["encrypt", "--age", RECIPIENT, "clear"]).expect("it"));
        for output in types {
            let words = ["decrypt", "--output-type", output, "file"];
            let theirs = place.theirs(&words).expect("it decrypts");
            assert_eq!(place.ours(&words), Ok(theirs), "{output}");
            let words = ["encrypt", "--age", RECIPIENT, "--output-type", output, "clear"];
            place.write("other", place.ours(&words).expect("it encrypts"));
            let words = ["decrypt", "--input-type", output, "--output-type", "binary", "other"];
            assert_eq!(place.theirs(&words), Ok(bytes.to_vec()), "{output}");
            assert_eq!(place.ours(&words), Ok(bytes.to_vec()), "{output}");
        }
    }
}

#[test]
fn values_of_other_formats_are_encrypted_as_binary_in_the_form_of_json() {
    let place = Place::new();
    place.write("clear.yaml", "data: text\nother:\n    - 1\n");
    let words = ["encrypt", "--age", RECIPIENT, "--output-type", "binary", "clear.yaml"];
    place.write("file", place.ours(&words).expect("it encrypts"));
    let words = ["decrypt", "--output-type", "yaml", "file"];
    assert_eq!(place.theirs(&words), place.ours(&words));
    assert_eq!(place.ours(&["decrypt", "file"]), Ok(b"text".to_vec()));
    assert_eq!(place.theirs(&["decrypt", "file"]), Ok(b"text".to_vec()));
}
