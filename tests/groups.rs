//! Key groups: files whose data key is split, from and for the reference program.

mod support;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use support::{Reference, fixture};

const RECIPIENTS: [&str; 3] = [
    "age1hk6km9gau76kykwdatkwd4lu4kka4hcegvy92lf0l6pljcrhz95slnuph2",
    "age17u2n5yunchhv3wxkp3af2xtp7yz7dcflljc8cpnaywmdek0qlf3s5z2txq",
    "age1pphx67y4qpnzeg63tskttv3qf4m658wlgfguks63cafstar884xqwmxlmm",
];

/// A text of each format, by the ending of its files.
const TEXTS: [(&str, &str); 5] = [
    ("yaml", "a: secret\n# note\nb:\n    - 1\n    - x\n"),
    ("json", "{\n\t\"a\": \"secret\",\n\t\"b\": [\n\t\t1,\n\t\t\"x\"\n\t]\n}\n"),
    ("env", "A=secret\n#note\nB=1\n"),
    ("ini", "[s]\na = secret\nb = 1\n"),
    ("bin", "any bytes\n"),
];

/// Groups with one recipient each, and how many of them must open.
fn rule(recipients: &[&str], threshold: usize) -> String {
    let group = |recipient: &&str| format!("          - age: [{recipient}]\n");
    let groups: String = recipients.iter().map(group).collect();
    format!("creation_rules:\n    - shamir_threshold: {threshold}\n      key_groups:\n{groups}")
}

/// Identities of the recipients with these numbers.
fn identities(numbers: &[usize]) -> String {
    let text = |number: &usize| {
        fs::read_to_string(fixture(&format!("vectors/keys/age{}.txt", number + 1))).expect("a key")
    };
    numbers.iter().map(text).collect()
}

fn run(mut command: Command, folder: &Path, numbers: &[usize], words: &[&str]) -> Output {
    command.env("SOPS_AGE_KEY", identities(numbers)).env_remove("SOPS_AGE_KEY_FILE");
    command.env("HOME", folder).current_dir(folder).args(words);
    command.output().expect("it runs")
}

fn ours() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_leafseal"));
    command.env_clear();
    command
}

fn text(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    text
}

const SOME: [&[usize]; 8] = [&[], &[0], &[1], &[2], &[0, 1], &[0, 2], &[1, 2], &[0, 1, 2]];

/// Encrypts with one program and decrypts with the other, with every choice of identities.
fn goes_over(theirs_first: bool) {
    let reference = Reference::find();
    let folder = reference.folder.path();
    for (ending, clear) in TEXTS {
        for (groups, threshold) in [(2, 0), (2, 2), (3, 2), (3, 3), (3, 0)] {
            fs::write(folder.join(".sops.yaml"), rule(&RECIPIENTS[..groups], threshold))
                .expect("a scratch folder");
            let file = format!("file.{ending}");
            fs::write(folder.join(&file), clear).expect("a scratch folder");
            let programs = || {
                let (ours, theirs) = (ours(), reference.command());
                if theirs_first { (theirs, ours) } else { (ours, theirs) }
            };
            text(&run(programs().0, folder, &[], &["encrypt", "-i", &file]));
            let needed = if threshold == 0 { groups } else { threshold };
            for some in SOME.iter().filter(|some| some.iter().all(|it| *it < groups)) {
                let output = run(programs().1, folder, some, &["decrypt", &file]);
                if some.len() >= needed {
                    assert_eq!(text(&output), clear, "{ending} {groups} {threshold} {some:?}");
                } else {
                    assert_eq!(output.status.code(), Some(128), "{ending} {threshold} {some:?}");
                }
            }
        }
    }
}

#[test]
fn reference_decrypts_what_we_split() {
    goes_over(false);
}

#[test]
fn what_the_reference_splits_is_decrypted() {
    goes_over(true);
}

#[test]
fn shares_of_different_files_are_told() {
    let reference = Reference::find();
    let folder = reference.folder.path();
    fs::write(folder.join(".sops.yaml"), rule(&RECIPIENTS[..2], 2)).expect("a scratch folder");
    let encrypted = |name: &str| {
        fs::write(folder.join(name), "a: secret\n").expect("a scratch folder");
        text(&run(ours(), folder, &[], &["encrypt", name]))
    };
    let (one, other) = (encrypted("one.yaml"), encrypted("other.yaml"));
    // the second group of the one, and everything else of the other
    let cut = |text: &str| text.rfind("-----BEGIN AGE").expect("a wrapped key");
    let end = |text: &str| text.rfind("-----END AGE").expect("a wrapped key");
    let mixed = [&one[..cut(&one)], &other[cut(&other)..end(&other)], &one[end(&one)..]].concat();
    fs::write(folder.join("mixed.yaml"), mixed).expect("a scratch folder");
    let words = ["decrypt", "mixed.yaml"];
    let theirs = run(reference.command(), folder, &[0, 1], &words);
    let ours = run(ours(), folder, &[0, 1], &words);
    assert_eq!((theirs.status.code(), ours.status.code()), (Some(25), Some(25)));
    let message = String::from_utf8_lossy(&ours.stderr).into_owned();
    assert!(message.contains("the shares of the key groups do not belong together"), "{message}");
}
