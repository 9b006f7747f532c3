//! Changes of keys on files of every shape: what may change does, and nothing else.

mod support;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use leafseal::document::Document;
use leafseal::format::Format;
use serde_json::Value;
use support::{Reference, fixture};

const RECIPIENTS: [&str; 3] = [
    "age1hk6km9gau76kykwdatkwd4lu4kka4hcegvy92lf0l6pljcrhz95slnuph2",
    "age17u2n5yunchhv3wxkp3af2xtp7yz7dcflljc8cpnaywmdek0qlf3s5z2txq",
    "age1pphx67y4qpnzeg63tskttv3qf4m658wlgfguks63cafstar884xqwmxlmm",
];

/// The vectors whose master keys are all of age, so that each can be wrapped for again, and their
/// formats.
fn vectors() -> Vec<(String, Format)> {
    let text = fs::read_to_string(fixture("vectors/manifest.json")).expect("a manifest");
    let manifest: Value = serde_json::from_str(&text).expect("JSON");
    let vectors = manifest["vectors"].as_array().expect("a list").clone();
    let field = |vector: &Value, name: &str| vector[name].as_str().unwrap_or_default().to_owned();
    let open = vectors.into_iter().filter(|vector| {
        let exit = vector["ours"]["expect_exit"].as_i64().or(vector["expect_exit"].as_i64());
        let path = fixture("vectors").join(field(vector, "encrypted"));
        let text = fs::read_to_string(path).expect("a text");
        exit == Some(0) && !text.contains("PGP MESSAGE") && !text.contains("recipient: ssh-")
    });
    let named = open.map(|vector| {
        let format = Format::parse(&field(&vector, "encrypted_format")).expect("a format");
        (field(&vector, "encrypted"), format)
    });
    named.collect()
}

/// A scratch folder with a copy of one file, and both programs.
struct Bench {
    reference: Reference,
    identities: String,
}

impl Bench {
    fn new() -> Self {
        let reference = Reference::find();
        let group = |name: &&str| format!("      - age: [{name}]\n");
        let groups: String = RECIPIENTS.iter().map(group).collect();
        let rule = format!("creation_rules:\n  - shamir_threshold: 2\n    key_groups:\n{groups}");
        fs::write(reference.folder.path().join("rule.yaml"), rule).expect("a rule");
        let key = |name: &str| fs::read_to_string(fixture(name)).expect("a key");
        let names = ["vectors/keys/age1.txt", "vectors/keys/age2.txt", "vectors/keys/age3.txt"];
        Self { reference, identities: names.map(key).concat() }
    }

    fn folder(&self) -> &Path {
        self.reference.folder.path()
    }

    fn call(&self, mut command: Command, words: &[&str]) -> Output {
        command.env_remove("SOPS_AGE_KEY_FILE").env("SOPS_AGE_KEY", &self.identities);
        command.env("HOME", self.folder()).current_dir(self.folder()).args(words);
        command.output().expect("it runs")
    }

    fn ours(&self, words: &[&str]) -> Output {
        self.call(Command::new(env!("CARGO_BIN_EXE_leafseal")), words)
    }

    /// What both programs make of the file; a refusal is an answer too.
    fn decrypted(&self, format: Format) -> (Vec<u8>, Result<Vec<u8>, Option<i32>>) {
        let kind = format.as_str();
        let words = ["decrypt", "--input-type", kind, "--output-type", kind, "file"];
        let ours = self.ours(&words);
        assert!(ours.status.success(), "{}", String::from_utf8_lossy(&ours.stderr));
        let theirs = self.call(self.reference.command(), &words);
        let is_fine = theirs.status.success();
        (ours.stdout, if is_fine { Ok(theirs.stdout) } else { Err(theirs.status.code()) })
    }

    fn read(&self) -> String {
        fs::read_to_string(self.folder().join("file")).expect("a text")
    }
}

/// The text with its metadata blocks cut out.
fn outside(text: &str, format: Format) -> String {
    let document = Document::parse(text, format).expect("of its format");
    let mut rest = String::new();
    let mut start = 0;
    for span in document.block_spans() {
        rest.push_str(&text[start..span.start()]);
        start = span.end();
    }
    rest + &text[start..]
}

/// The text with each ciphertext cut down to its type.
fn without_ciphertexts(text: &str) -> String {
    let mut pieces = text.split("ENC[AES256_GCM,");
    let mut rest = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        rest.push_str("ENC[");
        rest.push_str(&piece[piece.find("type:").unwrap_or(0)..]);
    }
    rest
}

#[test]
fn files_of_every_shape_keep_everything_but_keys() {
    let bench = Bench::new();
    let changes: [&[&str]; 4] = [
        &["groups", "add", "-i", "--age", RECIPIENTS[2], "-f", "file"],
        &["--config", "rule.yaml", "updatekeys", "-y", "file"],
        &["rotate", "-i", "--allow-extra-keys", "file"],
        &[
            "rotate",
            "-i",
            "--allow-extra-keys",
            "--rm-age",
            RECIPIENTS[2],
            "--add-age",
            RECIPIENTS[1],
            "file",
        ],
    ];
    let mut count = 0;
    for (name, format) in vectors() {
        let source = fs::read_to_string(fixture("vectors").join(&name)).expect("a text");
        fs::write(bench.folder().join("file"), &source).expect("a scratch folder");
        let before = bench.decrypted(format);
        for change in changes {
            fs::write(bench.folder().join("file"), &source).expect("a scratch folder");
            let types = ["--input-type", format.as_str(), "--output-type", format.as_str()];
            let types = if change[0] == "rotate" { &types[..] } else { &types[..2] };
            let output = bench.ours(&[change, types].concat());
            let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
            // a group whose only key is the one that is to go
            if stderr.contains("no master keys are named") {
                continue;
            }
            assert!(output.status.success(), "{name} {change:?}: {stderr}");
            let after = bench.read();
            assert!(bench.decrypted(format) == before, "{name} {change:?}\n{source}\n---\n{after}");
            let (mut was, mut is) = (outside(&source, format), outside(&after, format));
            if change[0] == "rotate" {
                (was, is) = (without_ciphertexts(&was), without_ciphertexts(&is));
            }
            assert_eq!(was, is, "{name} {change:?}");
            count += 1;
        }
    }
    assert!(count > 200, "only {count} changes were made");
}

/// A rotation leaves nothing that the old data key opens.
#[test]
fn rotation_renews_every_ciphertext() {
    let bench = Bench::new();
    for (name, format) in vectors() {
        let source = fs::read_to_string(fixture("vectors").join(&name)).expect("a text");
        fs::write(bench.folder().join("file"), &source).expect("a scratch folder");
        let types = ["--input-type", format.as_str(), "--output-type", format.as_str()];
        let output = bench.ours(&[&["rotate", "-i", "file"][..], &types].concat());
        assert!(output.status.success(), "{name}: {}", String::from_utf8_lossy(&output.stderr));
        let after = bench.read();
        let warnings = String::from_utf8_lossy(&output.stderr).into_owned();
        for piece in source.split("data:").skip(1) {
            let Some((data, rest)) = piece.split_once(",iv:") else { continue };
            // of one byte there are not many ciphertexts
            if data.len() < 8 || warnings.contains("does not open") {
                continue;
            }
            let iv = rest.split(',').next().unwrap_or_default();
            assert!(!after.contains(data) && !after.contains(iv), "{name}: {data}\n{after}");
        }
    }
}
