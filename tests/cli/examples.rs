//! Observed calls of the reference program, run by both programs in equal folders.
//!
//! The numbers are those of the list of observed calls, and none is missing. A row compares exit
//! codes, and the output or the file of a call that succeeds; where the two differ, the row says why.
//! What is later work is pending: it answers `not built in`, and its row fails once it does not.

mod rows;

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::Answer;
use super::place::{OTHER_RECIPIENT, RECIPIENT, key_file};
use rows::ROWS;

/// What must be equal.
enum Same {
    /// Exit code and standard output.
    Output,
    /// The exit code.
    Code,
    /// Something is not: our exit code, and the reason.
    Not(i32, &'static str),
    /// Ours is not built in yet: what is missing.
    Pending(&'static str),
}

/// A call, with `$R1` for the recipient, and what is special about its folder. Blanks within single
/// quotes do not part words.
struct Row {
    number: u32,
    call: &'static str,
    /// `cfg=NAME`, `in=FILE`, `after=FILE` (the file to compare), `opened=FILE` (the same, decrypted
    /// by the reference), `offline`, or `NAME=value` of a variable.
    given: &'static [&'static str],
    same: Same,
}

const fn row(number: u32, call: &'static str, given: &'static [&'static str], same: Same) -> Row {
    Row { number, call, given, same }
}

/// The encrypted files that all folders begin with.
struct Encrypted {
    nested: String,
    flat: String,
}

/// One program with its folder.
struct Side {
    program: PathBuf,
    folder: tempfile::TempDir,
}

fn reference() -> PathBuf {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/peers/sops");
    assert!(program.exists(), "the reference program is missing: run `make peers`");
    program
}

impl Encrypted {
    /// Lets the reference encrypt.
    fn new() -> Self {
        let encrypt = |text: &str| {
            let side =
                Side { program: reference(), folder: tempfile::tempdir().expect("a folder") };
            side.write("p.yaml", text);
            side.run(&row(0, "encrypt --age $R1 p.yaml", &[], Same::Code)).stdout
        };
        Self { nested: encrypt(PLAIN), flat: encrypt(FLAT) }
    }
}

impl Side {
    fn new(program: &Path, row: &Row, encrypted: &Encrypted) -> Self {
        let folder = tempfile::tempdir().expect("a scratch folder can be made");
        let side = Self { program: program.to_owned(), folder };
        for (name, text) in FILES {
            side.write(name, text);
        }
        side.write_encrypted(&encrypted.nested);
        side.write("flat.enc.yaml", &encrypted.flat);
        for (name, line) in EDITORS {
            side.write(name, &format!("#!/bin/sh\n{line}\n"));
            let mode = std::fs::Permissions::from_mode(0o755);
            std::fs::set_permissions(side.folder.path().join(name), mode).expect("it is ours");
        }
        if let Some(name) = row.given("cfg=") {
            side.write(".sops.yaml", &config(name));
        }
        side
    }

    /// Writes the encrypted file, and what somebody made of it.
    fn write_encrypted(&self, encrypted: &str) {
        self.write("e.yaml", encrypted);
        let without = |start: &str| {
            let lines = encrypted.lines().filter(|line| !line.starts_with(start));
            lines.flat_map(|line| [line, "\n"]).collect::<String>()
        };
        self.write("mac.yaml", &without("b: "));
        self.write("nomac.yaml", &without("    mac: "));
        self.write("nover.yaml", &without("    version: "));
        let at = encrypted.find("b: ENC[AES256_GCM,data:").expect("a value") + 23;
        let letter = if encrypted.as_bytes()[at] == b'A' { "B" } else { "A" };
        self.write("val.yaml", &format!("{}{letter}{}", &encrypted[..at], &encrypted[at + 1..]));
        self.write("lm.yaml", &encrypted.replacen("lastmodified: \"2", "lastmodified: \"1", 1));
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.folder.path().join(name), text).expect("the folder can be written");
    }

    fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.folder.path().join(name)).expect("a file")
    }

    fn run(&self, row: &Row) -> Answer {
        let output = self.command(row).output().expect("the program starts");
        let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
        let after = row.given("after=").map(|name| self.read(name));
        let opened = row.given("opened=").map(|name| self.opened(name));
        Answer {
            code: output.status.code(),
            stdout: stdout + &after.or(opened).unwrap_or_default(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Decrypts a file by the reference.
    fn opened(&self, name: &str) -> String {
        let mut command = Command::new(reference());
        command.arg("decrypt").arg(self.folder.path().join(name)).env_clear();
        let output = command.env("SOPS_AGE_KEY_FILE", key_file("age1.txt")).output();
        let output = output.expect("the program starts");
        String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned()
    }

    fn command(&self, row: &Row) -> Command {
        let mut command = Command::new(&self.program);
        if row.given.contains(&"offline") {
            command = Command::new("unshare");
            command.arg("-rn").arg(&self.program);
        }
        command.args(row.words()).current_dir(self.folder.path()).env_clear();
        command.env("PATH", "/usr/bin:/bin").env("HOME", self.folder.path());
        command.env("SOPS_AGE_KEY_FILE", key_file("age1.txt"));
        let is_variable = |given: &&&str| given.starts_with(|first: char| first.is_uppercase());
        for variable in row.given.iter().filter(is_variable) {
            let (name, value) = variable.split_once('=').expect("a variable");
            command.env(name, value.replace("$K2", &key_file("age2.txt")));
        }
        let stdin = row.given("in=").map_or_else(std::process::Stdio::null, |name| {
            std::fs::File::open(self.folder.path().join(name)).expect("a file").into()
        });
        command.stdin(stdin);
        command
    }
}

impl Row {
    fn given(&self, start: &str) -> Option<&'static str> {
        self.given.iter().find_map(|given| given.strip_prefix(start))
    }

    fn words(&self) -> Vec<String> {
        let call = self.call.replace("$R1", RECIPIENT).replace("$R2", OTHER_RECIPIENT);
        let parts = call.split('\'').enumerate();
        parts.flat_map(|(at, part)| words_of(part, at % 2 == 1)).collect()
    }
}

/// Words of a part of a call, which is one word if it is quoted.
fn words_of(part: &str, is_quoted: bool) -> Vec<String> {
    if is_quoted {
        return vec![part.to_owned()];
    }
    part.split_whitespace().map(str::to_owned).collect()
}

/// In the spelling of the reference, so that both outputs can be the same bytes.
const PLAIN: &str = "a: 1\nb: two\nc:\n    - x\n    - \"y\"\n";

const FLAT: &str = "K: v\nN: 5\nF: 2.0\nB: true\nZ: null\n";

const FILES: [(&str, &str); 10] = [
    ("p.yaml", PLAIN),
    ("p.bin", "hello"),
    ("no.txt", "n\n"),
    ("empty.yaml", ""),
    ("bad.yaml", "a: [1\n"),
    ("list.yaml", "- a\n"),
    ("dup.yaml", "a: 1\na: 2\n"),
    ("intkey.yaml", "1: a\n"),
    ("trunc.json", "{\"a\":"),
    ("v.json", "\"fromfile\"\n"),
];

const EDITORS: [(&str, &str); 2] =
    [("ed_add", "echo 'added: \"yes\"' >>\"$1\""), ("ed_s", "sed -i s/two/three/ \"$1\"")];

fn config(name: &str) -> String {
    let rule = |lines: &str| format!("creation_rules:\n  - age: {RECIPIENT}\n{lines}");
    match name {
        "ok" => rule(""),
        "two" => format!("creation_rules:\n  - age: {RECIPIENT},{OTHER_RECIPIENT}\n"),
        "nomatch" => rule("    path_regex: nomatch\n"),
        "re" => rule("    encrypted_regex: a\n"),
        "excl" => rule("    encrypted_regex: a\n    unencrypted_regex: b\n"),
        "nokeys" => "creation_rules:\n  - {}\n".to_owned(),
        "badre" => rule("    path_regex: '['\n"),
        "bad" => "creation_rules: [\n".to_owned(),
        "groups" => format!(
            "creation_rules:\n  - shamir_threshold: 2\n    key_groups:\n      - age: [{RECIPIENT}]\n      - age: [{RECIPIENT}]\n"
        ),
        "dest" => "destination_rules:\n  - s3_bucket: b\n    path_regex: nomatch\n".to_owned(),
        "stores" => "stores:\n  yaml:\n    indent: 2\n".to_owned(),
        other => unreachable!("no config is called {other}"),
    }
}

/// What a row may not be, if it is wrong.
fn judge(row: &Row, ours: &Answer, theirs: &Answer) -> Option<String> {
    let is_missing = ours.stderr.contains("not built in");
    let is_alike = ours.code == theirs.code && ours.stdout == theirs.stdout;
    let is_right = match row.same {
        Same::Output => is_alike,
        Same::Code => ours.code == theirs.code,
        Same::Not(code, _) => ours.code == Some(code) && !is_alike,
        Same::Pending(_) => ours.code == Some(1),
    };
    let is_pending = matches!(row.same, Same::Pending(_));
    let reason = match row.same {
        Same::Pending(reason) if !is_missing => format!("no longer pending: {reason}"),
        _ if is_missing && !is_pending => "pending, and not listed so".to_owned(),
        Same::Not(_, reason) if !is_right => format!("differs by intent: {reason}"),
        _ if !is_right => "not alike".to_owned(),
        _ => return None,
    };
    let (number, call) = (row.number, row.call);
    Some(format!("row {number}: {call} ({reason})\nours: {ours}theirs: {theirs}"))
}

#[test]
fn no_observed_call_is_missing() {
    let numbers: Vec<u32> = ROWS.iter().map(|row| row.number).collect();
    assert_eq!(numbers, (1..=160).collect::<Vec<u32>>());
}

#[test]
fn both_programs_answer_alike() {
    let encrypted = Encrypted::new();
    let folder = tempfile::tempdir().expect("a scratch folder can be made");
    let (leafseal, sops) = (Path::new(env!("CARGO_BIN_EXE_leafseal")), folder.path().join("sops"));
    std::os::unix::fs::symlink(leafseal, &sops).expect("a link can be made");
    let failures: Vec<String> = ROWS
        .iter()
        .flat_map(|row| {
            let run = |program: &Path| Side::new(program, row, &encrypted).run(row);
            let theirs = run(&reference());
            [leafseal, &sops].map(|program| judge(row, &run(program), &theirs))
        })
        .flatten()
        .collect();
    let count = failures.len();
    assert!(failures.is_empty(), "{count} of {}:\n{}", 2 * ROWS.len(), failures.join("\n"));
}
