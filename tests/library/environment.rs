//! The library reads nothing of its surroundings unless it is asked to.

use std::fs;
use std::path::Path;
use std::process::Command;

use leafseal::{Encryption, Error, Format, Identities, Selector, WrappedKey};

use super::support::fixture;
use super::{RECIPIENT, decrypt, encrypt, others};

/// The part of the next test that runs in a process of its own, whose environment and working
/// folder offer identities, recipients and rules that must not be looked at.
#[test]
#[ignore = "started by the_environment_is_left_alone"]
fn in_a_poisoned_process() {
    let home = std::env::var("HOME").expect("the test sets it");
    assert!(Path::new(&home).join(".config/sops/age/keys.txt").exists());
    let encrypted = encrypt("a: hunter2\n", Format::Yaml);
    let result = leafseal::decrypt(encrypted.as_bytes(), Format::Yaml, &others());
    assert!(matches!(result, Err(Error::NoIdentity(_))), "{result:?}");
    let metadata = leafseal::metadata(encrypted.as_bytes(), Format::Yaml);
    let metadata = metadata.expect("readable").expect("present");
    let names: Vec<String> = metadata.master_keys().map(WrappedKey::name).collect();
    assert_eq!(names, [RECIPIENT]);
    assert_eq!(metadata.selector, Selector::default());
    let long: Vec<String> = (0..3000).map(|number| format!("k{number}: {number}\n")).collect();
    let long = long.concat();
    assert_eq!(decrypt(&encrypt(&long, Format::Yaml), Format::Yaml).expect("decrypted"), long);
    assert!(!Path::new(&home).join("ran").exists(), "no command was run");

    // and once it is asked for, all of it is looked at
    let asked = Identities::from_environment();
    assert!(!Path::new(&home).join("ran").exists(), "nothing is read before it is needed");
    assert!(leafseal::decrypt(encrypted.as_bytes(), Format::Yaml, &asked).is_ok());
    let foreign = Encryption::to_age([foreign_recipient()]).expect("a recipient");
    let foreign = leafseal::encrypt(b"a: 1\n", Format::Yaml, &foreign).expect("encrypted");
    assert!(leafseal::decrypt(foreign.bytes(), Format::Yaml, &asked).is_err());
    assert!(Path::new(&home).join("ran").exists(), "the command was run");
}

/// A recipient whose identity nobody has.
fn foreign_recipient() -> String {
    leafseal::keys::age::generate().recipient
}

#[test]
#[cfg(unix)]
fn the_environment_is_left_alone() {
    let home = tempfile::tempdir().expect("a scratch folder");
    let age = home.path().join(".config/sops/age");
    fs::create_dir_all(&age).expect("a folder");
    let key = fixture("vectors/keys/age1.txt");
    fs::copy(&key, age.join("keys.txt")).expect("a copy");
    let rule =
        format!("creation_rules: [{{age: {}, encrypted_regex: ^z$}}]\n", foreign_recipient());
    fs::write(home.path().join(".sops.yaml"), rule).expect("written");
    let command = format!("touch {}", home.path().join("ran").display());

    let mut child = Command::new(std::env::current_exe().expect("this program"));
    child.args(["environment::in_a_poisoned_process", "--exact", "--ignored", "--nocapture"]);
    child.current_dir(home.path()).env_clear().env("HOME", home.path());
    child.env("SOPS_AGE_KEY", fs::read_to_string(&key).expect("readable"));
    child.env("SOPS_AGE_KEY_FILE", &key).env("SOPS_AGE_KEY_CMD", command);
    child.env("SOPS_AGE_RECIPIENTS", foreign_recipient()).env("SOPS_PGP_FP", "ABCD");
    child
        .env("SOPS_CONFIG", home.path().join(".sops.yaml"))
        .env("SOPS_DECRYPTION_ORDER", "pgp,pgp");
    child.env("PATH", std::env::var_os("PATH").expect("a search path"));
    let output = child.output().expect("it runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    assert!(output.status.success(), "{stdout}{stderr}");
    assert!(stdout.contains("1 passed"), "{stdout}");
    // nothing but what the test program itself says
    let is_own =
        |line: &&str| ["", "running", "test"].contains(&line.split(' ').next().unwrap_or(""));
    let others: Vec<&str> = stdout.lines().filter(|line| !is_own(line)).collect();
    assert_eq!((others, stderr.as_str()), (Vec::new(), ""));
}
