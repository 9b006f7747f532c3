//! What is wrapped here opens with the `age` program, and the other way round.
#![cfg(feature = "age")]
#![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]

use std::ffi::OsString;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use leafseal::io::environment::Environment;
use leafseal::keys::age::{Identities, Recipient, Unwrapped, generate, unwrap, wrap};
use leafseal::tree::Timestamp;

/// Runs a program of age with an input and returns its output.
fn run(program: &str, arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped());
    let Ok(mut child) = command.spawn() else {
        panic!("{program} cannot be started; `make peers` installs it");
    };
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{program} {arguments:?}");
    output.stdout
}

fn open(identities: &str, recipient: &str, enc: &str) -> Option<Vec<u8>> {
    open_with("SOPS_AGE_KEY", identities, recipient, enc)
}

fn open_with(variable: &str, value: &str, recipient: &str, enc: &str) -> Option<Vec<u8>> {
    let variable = |name: &str| (name == variable).then(|| OsString::from(value));
    match unwrap(&Identities::new(Environment::new(&variable)), recipient, enc) {
        Unwrapped::Mine(data_key) => Some(data_key.to_vec()),
        _ => None,
    }
}

#[test]
fn age_opens_what_is_wrapped_here() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.txt");
    let new = generate();
    let created = Timestamp::from_unix(0).unwrap();
    std::fs::write(&path, new.file_content(created).as_str()).unwrap();
    let path = path.to_str().unwrap();
    assert_eq!(run("age-keygen", &["-y", path], b""), format!("{}\n", new.recipient).as_bytes());
    let recipient = Recipient::parse(&new.recipient).unwrap();
    for data_key in [&[0xff; 32][..], &[1; 33], b""] {
        let enc = wrap(&recipient, data_key).unwrap();
        assert_eq!(run("age", &["-d", "-i", path], enc.as_bytes()), data_key);
    }
}

#[test]
fn what_age_wraps_opens_here() {
    let identities = String::from_utf8(run("age-keygen", &[], b"")).unwrap();
    let recipient = identities.lines().find_map(|line| line.strip_prefix("# public key: "));
    let recipient = recipient.unwrap();
    let data_key = [0xa5; 33];
    let enc = run("age", &["-e", "-a", "-r", recipient], &data_key);
    let enc = String::from_utf8(enc).unwrap();
    assert_eq!(open(&identities, recipient, &enc), Some(data_key.to_vec()));
}

#[test]
fn ssh_keys_work_in_both_directions() {
    let folder = tempfile::tempdir().unwrap();
    for (kind, bits) in [("ed25519", "256"), ("rsa", "2048"), ("rsa", "3072")] {
        let path = folder.path().join(format!("{kind}{bits}"));
        let path = path.to_str().unwrap();
        let arguments = ["-q", "-t", kind, "-b", bits, "-N", "", "-C", "a comment", "-f", path];
        run("ssh-keygen", &arguments, b"");
        let recipient = std::fs::read_to_string(format!("{path}.pub")).unwrap();
        let enc = wrap(&Recipient::parse(&recipient).unwrap(), &[7; 33]).unwrap();
        assert_eq!(run("age", &["-d", "-i", path], enc.as_bytes()), [7; 33]);
        let enc = run("age", &["-e", "-a", "-r", recipient.trim()], &[8; 33]);
        let enc = String::from_utf8(enc).unwrap();
        let opened = open_with("SOPS_AGE_SSH_PRIVATE_KEY_FILE", path, recipient.trim(), &enc);
        assert_eq!(opened, Some(vec![8; 33]), "{kind}");
    }
}

#[test]
fn the_files_of_the_reference_open_here() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/vectors");
    let manifest = std::fs::read(folder.join("manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_slice(&manifest).unwrap();
    let recipient = manifest["age_recipients"]["age1.txt"].as_str().unwrap();
    let text = std::fs::read_to_string(folder.join("json/basic.enc.json")).unwrap();
    let file: serde_json::Value = serde_json::from_str(&text).unwrap();
    let enc = file["sops"]["age"][0]["enc"].as_str().unwrap();
    let identities = std::fs::read_to_string(folder.join("keys/age1.txt")).unwrap();
    assert_eq!(open(&identities, recipient, enc).map(|data_key| data_key.len()), Some(32));
}
