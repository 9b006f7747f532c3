//! Sixteen kinds of tampering with an encrypted file, by somebody without a key: each is refused,
//! or the documentation lists it as what the format cannot see.

mod edits;
#[path = "../support/mod.rs"]
mod support;

use std::path::Path;
use std::process::Command;

use edits::{flip, insert, line, move_line, on_line, part, selector, set, swap, value};
use support::fixture;

const RECIPIENT: &str = "age1hk6km9gau76kykwdatkwd4lu4kka4hcegvy92lf0l6pljcrhz95slnuph2";
const OTHER_RECIPIENT: &str = "age17u2n5yunchhv3wxkp3af2xtp7yz7dcflljc8cpnaywmdek0qlf3s5z2txq";

/// What the encrypted file of every test is made of.
const PLAIN: &str = "\
# remember the milk
password: s3cret
user: alice
port: 8080
ratio: 1.10
db:
    host: example
    name: stock
list:
    - one
    - two
left_unencrypted: abc
right_unencrypted: def
end: z
";

/// What becomes of a file that was tampered with.
enum Outcome {
    /// It does not decrypt: the exit code, and a piece of the message.
    Refused(i32, &'static str),
    /// It decrypts, to the plain text with these replacements; the words in the second place stand
    /// in the list of what the format cannot see.
    Unseen(&'static [(&'static str, &'static str)], &'static str),
    /// It decrypts to the plain text with these replacements and a warning.
    Warned(&'static [(&'static str, &'static str)], &'static str),
}

use Outcome::{Refused, Unseen, Warned};

/// A kind of tampering, what exactly is done, and what becomes of it.
type Case = (&'static str, &'static str, fn(&str) -> String, Outcome);

/// Runs the program on a file; gives exit code, standard output and messages.
fn leafseal(file: &Path, words: &[&str]) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_leafseal"))
        .args(words)
        .arg(file)
        .env_clear()
        .env("HOME", file.parent().expect("a folder"))
        .env("SOPS_AGE_KEY_FILE", fixture("vectors/keys/age1.txt"))
        .output()
        .expect("the program starts");
    let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
    (output.status.code(), text(output.stdout), text(output.stderr))
}

fn check(label: &str, file: &Path, text: &str, outcome: &Outcome) {
    std::fs::write(file, text).expect("a file");
    let (code, stdout, stderr) = leafseal(file, &["decrypt"]);
    let answer = format!("{label}: {code:?}\n{stdout}\n{stderr}");
    let (changes, note) = match outcome {
        Refused(expected, message) => {
            assert_eq!(code, Some(*expected), "{answer}");
            assert!(stderr.starts_with("error: "), "{answer}");
            assert!(stderr.contains(&file.display().to_string()), "no file name: {answer}");
            assert!(stderr.contains(message), "{answer}");
            assert_eq!(stdout, "", "{answer}");
            return;
        }
        Unseen(changes, _) => (changes, ""),
        Warned(changes, note) => (changes, *note),
    };
    let expected = changes.iter().fold(PLAIN.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "{label}: {from:?} is not in the plain text");
        text.replacen(from, to, 1)
    });
    // what stays encrypted differs from run to run
    let closed = stdout.lines().find(|line| line.starts_with("#ENC")).unwrap_or("#ENC");
    let stdout = stdout.replacen(closed, "#ENC", 1);
    assert_eq!((code, stdout.as_str()), (Some(0), expected.as_str()), "{answer}");
    assert!(if note.is_empty() { stderr.is_empty() } else { stderr.contains(note) }, "{answer}");
}

#[test]
fn every_kind_of_tampering_is_refused_or_documented() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("file.yaml");
    std::fs::write(&file, PLAIN).expect("a file");
    let (code, encrypted, stderr) = leafseal(&file, &["encrypt", "--age", RECIPIENT]);
    assert_eq!(code, Some(0), "{stderr}");
    check("untouched", &file, &encrypted, &Unseen(&[], ""));
    let page = std::fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/compatibility.md"),
    );
    let page = page.expect("the page");
    let unseen = page.split("## What the format cannot see").nth(1).expect("the list");
    let unseen = unseen.split("\n## ").next().expect("the list");
    let mut kinds = Vec::new();
    for (kind, label, tamper, outcome) in
        [values(), keys_and_clear_values(), envelopes(), block(), layout_record()]
            .into_iter()
            .flatten()
    {
        let text = tamper(&encrypted);
        assert_ne!(text, encrypted, "{label}: nothing was changed");
        check(&format!("{kind}: {label}"), &file, &text, &outcome);
        if let Unseen(_, words) = outcome {
            assert!(unseen.contains(words), "{kind}: {words:?} is not in docs/compatibility.md");
        }
        kinds.push(kind);
    }
    kinds.dedup();
    assert_eq!(kinds.len(), 16, "{kinds:?}");
}

const NOT_AUTHENTIC: Outcome = Refused(25, "the value does not authenticate");
const OTHER_VALUES: Outcome = Refused(51, "the MAC does not fit the values");
const OTHER_MAC: Outcome = Refused(51, "the MAC does not open");

#[expect(clippy::too_many_lines, reason = "a table")]
fn values() -> Vec<Case> {
    vec![
        ("swapped values", "of two keys", |text| swap(text, "password: ", "user: "), NOT_AUTHENTIC),
        (
            "swapped values",
            "of two types",
            |text| swap(text, "password: ", "port: "),
            NOT_AUTHENTIC,
        ),
        // elements of a list have the same path; the MAC knows their order
        ("swapped values", "of a list", |text| swap(text, "    - ", "    - "), OTHER_VALUES),
        (
            "swapped values",
            "in clear",
            |text| swap(text, "left_unencrypted: ", "right_unencrypted: "),
            OTHER_VALUES,
        ),
        (
            "moved keys",
            "within a mapping",
            |text| move_line(text, "password: ", "port: "),
            OTHER_VALUES,
        ),
        (
            "moved keys",
            "into another mapping",
            |text| {
                let line = line(text, "password: ").to_owned();
                let without = text.replacen(&format!("{line}\n"), "", 1);
                without.replacen("db:\n", &format!("db:\n    {line}\n"), 1)
            },
            NOT_AUTHENTIC,
        ),
        (
            "moved keys",
            "in clear",
            |text| move_line(text, "left_unencrypted: ", "end: "),
            OTHER_VALUES,
        ),
        (
            "re-cut clear values",
            "text goes from one to the next",
            |text| {
                let text = set(text, "left_unencrypted: ", "ab");
                set(&text, "right_unencrypted: ", "cdef")
            },
            Unseen(
                &[
                    ("left_unencrypted: abc", "left_unencrypted: ab"),
                    ("right_unencrypted: def", "right_unencrypted: cdef"),
                ],
                "move text between clear values that follow each other",
            ),
        ),
        (
            "re-cut clear values",
            "one becomes two",
            |text| set(text, "left_unencrypted: ", "[a, bc]"),
            Unseen(
                &[("left_unencrypted: abc", "left_unencrypted: [a, bc]")],
                "move text between clear values that follow each other",
            ),
        ),
        (
            "re-cut clear values",
            "text is added",
            |text| set(text, "left_unencrypted: ", "abcd"),
            OTHER_VALUES,
        ),
    ]
}

fn keys_and_clear_values() -> Vec<Case> {
    const NULLS: &str = "add nulls, empty strings and empty collections";
    vec![
        (
            "added nulls",
            "null where values are encrypted",
            |text| insert(text, "user: ", "admin: null\n"),
            Unseen(&[("user: ", "admin: null\nuser: ")], NULLS),
        ),
        (
            "added nulls",
            "empty string where values are encrypted",
            |text| insert(text, "user: ", "admin: \"\"\n"),
            Unseen(&[("user: ", "admin: \"\"\nuser: ")], NULLS),
        ),
        (
            "added nulls",
            "empty mapping",
            |text| insert(text, "user: ", "admin: {}\n"),
            Unseen(&[("user: ", "admin: {}\nuser: ")], NULLS),
        ),
        ("added nulls", "in place of a value", |text| set(text, "port: ", "null"), OTHER_VALUES),
        ("added nulls", "with text", |text| insert(text, "user: ", "admin: x\n"), Refused(25, "")),
        (
            "renamed keys",
            "of an encrypted value",
            |text| text.replacen("user: ", "usher: ", 1),
            NOT_AUTHENTIC,
        ),
        (
            "renamed keys",
            "of a mapping above",
            |text| text.replacen("db:\n", "dc:\n", 1),
            NOT_AUTHENTIC,
        ),
        (
            "renamed keys",
            "of a value in clear",
            |text| text.replacen("left_unencrypted", "lift_unencrypted", 1),
            Unseen(
                &[("left_unencrypted", "lift_unencrypted")],
                "rename a key whose value is in clear",
            ),
        ),
        (
            "renamed keys",
            "out of the selection",
            |text| text.replacen("user: ", "user_unencrypted: ", 1),
            OTHER_VALUES,
        ),
        (
            "renamed keys",
            "into the selection",
            |text| text.replacen("left_unencrypted: ", "left: ", 1),
            Refused(25, "not of the form ENC"),
        ),
    ]
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn envelopes() -> Vec<Case> {
    vec![
        (
            "text after the bracket",
            "in a value",
            |text| set(text, "user: ", &format!("{} x", value(text, "user: "))),
            Refused(25, "text stands behind the closing bracket"),
        ),
        (
            "text after the bracket",
            "in the MAC",
            |text| set(text, "    mac: ", &format!("{} x", value(text, "    mac: "))),
            OTHER_MAC,
        ),
        (
            "altered type",
            "to one that the text fits",
            |text| on_line(text, "port: ", |line| line.replacen("type:int", "type:str", 1)),
            Unseen(&[("port: 8080", "port: \"8080\"")], "change the type of a value"),
        ),
        (
            "altered type",
            "to one that the text does not fit",
            |text| on_line(text, "user: ", |line| line.replacen("type:str", "type:int", 1)),
            Refused(25, "not a value of type int"),
        ),
        (
            "altered type",
            "to none",
            |text| on_line(text, "user: ", |line| line.replacen("type:str", "type:no", 1)),
            Refused(25, "the type of the encrypted value is unknown"),
        ),
        (
            "altered type",
            "to a comment",
            |text| on_line(text, "user: ", |line| line.replacen("type:str", "type:comment", 1)),
            Refused(25, "a comment stands in the place of a value"),
        ),
        (
            "altered type",
            "of a list element to a comment",
            |text| on_line(text, "    - ", |line| line.replacen("type:str", "type:comment", 1)),
            OTHER_VALUES,
        ),
        ("altered IV", "one bit", |text| flip(text, "user: ", "iv:"), NOT_AUTHENTIC),
        ("altered IV", "12 bytes of it", |text| part(text, "user: ", "iv:", 16), NOT_AUTHENTIC),
        (
            "altered IV",
            "3 bytes of it",
            |text| part(text, "user: ", "iv:", 4),
            Refused(25, "the iv has 3 bytes"),
        ),
        ("altered tag", "one bit", |text| flip(text, "user: ", "tag:"), NOT_AUTHENTIC),
        (
            "altered tag",
            "12 bytes of it",
            |text| part(text, "user: ", "tag:", 16),
            Refused(25, "the tag has 12 bytes"),
        ),
        ("altered MAC", "one bit", |text| flip(text, "    mac: ", "data:"), OTHER_MAC),
        (
            "altered MAC",
            "taken from a value",
            |text| set(text, "    mac: ", &value(text, "user: ")),
            OTHER_MAC,
        ),
        ("altered MAC", "empty", |text| set(text, "    mac: ", "\"\""), Refused(51, "has no MAC")),
        (
            "altered MAC",
            "removed",
            |text| text.replacen(&format!("{}\n", line(text, "    mac: ")), "", 1),
            Refused(51, "has no MAC"),
        ),
    ]
}

#[expect(clippy::too_many_lines, reason = "a table")]
fn block() -> Vec<Case> {
    const CLEARTEXT: Outcome = Refused(25, "not of the form ENC");
    vec![
        (
            "altered date",
            "another day",
            |text| set(text, "    lastmodified: ", "\"2020-01-01T00:00:00Z\""),
            OTHER_MAC,
        ),
        (
            "altered date",
            "no date",
            |text| set(text, "    lastmodified: ", "\"\""),
            Refused(1, "lastmodified in the sops block is not a time"),
        ),
        (
            "altered recipients",
            "another name beside the wrapped key",
            |text| text.replacen(RECIPIENT, OTHER_RECIPIENT, 1),
            Unseen(&[], "change the list of recipients"),
        ),
        (
            "altered recipients",
            "one added",
            |text| {
                let entry = "    age:\n        - enc: wrapped for somebody else\n";
                let entry = format!("{entry}          recipient: {OTHER_RECIPIENT}\n");
                text.replacen("    age:\n", &entry, 1)
            },
            Unseen(&[], "change the list of recipients"),
        ),
        (
            "altered recipients",
            "all removed",
            |text| {
                let start = text.find("    age:\n").expect("a list");
                let end = text.find("    lastmodified:").expect("a date");
                format!("{}    age: []\n{}", &text[..start], &text[end..])
            },
            Refused(1, "the sops block lists no master keys"),
        ),
        (
            "altered selector",
            "less is encrypted",
            |text| selector(text, "encrypted_regex: ^user$"),
            OTHER_VALUES,
        ),
        (
            "altered selector",
            "more is encrypted",
            |text| selector(text, "unencrypted_suffix: _nothing"),
            CLEARTEXT,
        ),
        (
            "altered selector",
            "the same is encrypted",
            |text| selector(text, "unencrypted_regex: _unencrypted$"),
            Unseen(&[], "change the list of recipients or the selector"),
        ),
        (
            "altered selector",
            "the MAC is to cover less",
            |text| text.replacen("    version:", "    mac_only_encrypted: true\n    version:", 1),
            OTHER_VALUES,
        ),
        (
            "altered comment",
            "one bit",
            |text| flip(text, "#ENC", "data:"),
            Warned(&[("# remember the milk", "#ENC")], "the encrypted comment does not open"),
        ),
        (
            "altered comment",
            "removed",
            |text| text.replacen(&format!("{}\n", line(text, "#ENC")), "", 1),
            Unseen(&[("# remember the milk\n", "")], "remove or move comments"),
        ),
        (
            "altered comment",
            "moved to a mapping below",
            |text| {
                let line = line(text, "#ENC").to_owned();
                let without = text.replacen(&format!("{line}\n"), "", 1);
                without.replacen("    host:", &format!("    {line}\n    host:"), 1)
            },
            Unseen(
                &[
                    ("# remember the milk\n", ""),
                    ("    host:", "    # remember the milk\n    host:"),
                ],
                "remove or move comments",
            ),
        ),
        (
            "altered comment",
            "one in clear added",
            |text| format!("# all is well\n{text}"),
            Warned(
                &[("# remember", "# all is well\n# remember")],
                "a comment is in clear where comments are encrypted",
            ),
        ),
        (
            "duplicate block",
            "in the same document",
            |text| format!("{text}{}", &text[text.find("sops:").expect("a block")..]),
            Refused(1, "key \"sops\" is defined twice"),
        ),
        (
            "duplicate block",
            "in a document added",
            |text| format!("{text}---\n{text}"),
            OTHER_VALUES,
        ),
        (
            "duplicate block",
            "in an empty document added",
            |text| format!("{text}---\n{}", &text[text.find("sops:").expect("a block")..]),
            Unseen(&[("end: z\n", "end: z\n---\n{}\n")], "add empty documents"),
        ),
    ]
}

fn layout_record() -> Vec<Case> {
    const FIELD: &str = "    leafseal_layout: ";
    const LOST: Outcome = Warned(&[("1.10", "1.1")], "the layout record does not open");
    vec![
        ("altered layout record", "one bit", |text| flip(text, FIELD, "data:"), LOST),
        (
            "altered layout record",
            "a value in its place",
            |text| set(text, FIELD, &value(text, "user: ")),
            LOST,
        ),
        ("altered layout record", "text in clear", |text| set(text, FIELD, "\"{}\""), LOST),
        (
            "altered layout record",
            "in the place of a value",
            |text| set(text, "user: ", &value(text, FIELD)),
            NOT_AUTHENTIC,
        ),
        (
            "altered layout record",
            "removed",
            |text| text.replacen(&format!("{}\n", line(text, FIELD)), "", 1),
            Unseen(&[("1.10", "1.1")], "take the layout record away"),
        ),
    ]
}
