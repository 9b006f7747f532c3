//! Runs the vectors of the file format (`fixtures/vectors`): each encrypted file must decrypt to the
//! exact bytes, or be refused with the exact exit code, that the manifest names. Where leafseal
//! differs by design the manifest says `ours`, with the reason.

mod support;

use std::path::PathBuf;
use std::process::{Command, Output};

use serde_json::Value;
use support::fixture;
use support::gnupg::GnupgHome;

fn vectors() -> Vec<Value> {
    let text = std::fs::read_to_string(fixture("vectors/manifest.json")).expect("a manifest");
    let manifest: Value = serde_json::from_str(&text).expect("the manifest is JSON");
    manifest["vectors"].as_array().expect("a list of vectors").clone()
}

fn name(vector: &Value) -> &str {
    vector["encrypted"].as_str().expect("an encrypted file")
}

fn path(name: &str) -> PathBuf {
    fixture("vectors").join(name)
}

/// The output that is expected: ours where we differ by design.
fn output_of(vector: &Value, field: &str) -> Option<Vec<u8>> {
    let name = vector["ours"][field].as_str().or(vector[field].as_str())?;
    Some(std::fs::read(path(name)).expect("an output"))
}

/// A home with the OpenPGP key of the vectors, which all tests share.
fn gnupg_home() -> &'static GnupgHome {
    static HOME: std::sync::OnceLock<GnupgHome> = std::sync::OnceLock::new();
    HOME.get_or_init(GnupgHome::with_vector_key)
}

fn decrypt(vector: &Value, flags: &[&str]) -> Output {
    let format = vector["encrypted_format"].as_str().expect("a format");
    decrypt_as(vector, format, flags)
}

fn decrypt_as(vector: &Value, output: &str, flags: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_leafseal"));
    command.env_clear().env("HOME", "/nonexistent").current_dir(fixture("vectors"));
    for (variable, value) in vector["decrypt_env"].as_object().into_iter().flatten() {
        command.env(variable, value.as_str().expect("text"));
    }
    let identities = vector["identities"].as_array().into_iter().flatten();
    // some vectors must not open, and would with the key
    if identities.into_iter().any(|identity| identity == "keys/pgp-secret.asc") {
        command.env("GNUPGHOME", gnupg_home().path()).env("PATH", "/usr/bin:/bin");
    }
    let format = vector["encrypted_format"].as_str().expect("a format");
    let types = ["decrypt", "--input-type", format, "--output-type", output];
    command.args(types).args(flags).arg(path(name(vector)));
    command.output().expect("the program runs")
}

/// Compares a run with the exit code and output that the manifest names.
fn difference(output: &Output, exit: Option<i64>, expected: Option<&[u8]>) -> Option<String> {
    let code = output.status.code().map(i64::from);
    let stderr = String::from_utf8_lossy(&output.stderr);
    if code != exit {
        return Some(format!("exit {code:?}, not {exit:?}: {stderr}"));
    }
    let expected = expected.unwrap_or_default();
    let shown = String::from_utf8_lossy;
    (output.stdout != expected).then(|| {
        let (found, expected) = (shown(&output.stdout), shown(expected));
        format!("output\n{found}--- expected\n{expected}---\n{stderr}")
    })
}

#[test]
fn vectors_decrypt_to_the_same_bytes_or_are_refused_alike() {
    let mut failures = Vec::new();
    for vector in &vectors() {
        let run = decrypt(vector, &[]);
        let expected = output_of(vector, "decrypted");
        let exit = vector["expect_exit"].as_i64();
        if let Some(difference) = difference(&run, exit, expected.as_deref()) {
            failures.push(format!("{}: {difference}", name(vector)));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn vectors_are_as_lenient_with_the_mac_ignored() {
    let mut failures = Vec::new();
    for vector in &vectors() {
        let Some(exit) = vector["expect_exit_with_ignore_mac"].as_i64() else { continue };
        let run = decrypt(vector, &["--ignore-mac"]);
        let expected = output_of(vector, "decrypted_with_ignore_mac");
        if let Some(difference) = difference(&run, Some(exit), expected.as_deref()) {
            failures.push(format!("{}: {difference}", name(vector)));
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn vectors_decrypt_to_other_formats() {
    let (mut failures, mut compared) = (Vec::new(), 0);
    for vector in &vectors() {
        for other in vector["also_decrypt_as"].as_array().into_iter().flatten() {
            let output = other["output_type"].as_str().expect("a format");
            let exit = other["ours"]["expect_exit"].as_i64().or(other["expect_exit"].as_i64());
            let expected = output_of(other, "decrypted").filter(|_| exit == Some(0));
            let run = decrypt_as(vector, output, &[]);
            if let Some(difference) = difference(&run, exit, expected.as_deref()) {
                failures.push(format!("{} as {output}: {difference}", name(vector)));
            }
            compared += 1;
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
    assert_eq!(compared, 14);
}
