//! What a creation rule says of a file holds for its changes, whatever the file says of itself.

use super::place::{OTHER_RECIPIENT, Place, RECIPIENT};

const TEXT: &str = "token: s3cret\nhost: h\n# two\nlist: [one]\n";

/// A place with `file.yaml`, whose metadata say that the host alone is secret, and a rule for it.
fn place(rule: &str) -> Place {
    let mut place = Place::new();
    place.write("file.yaml", TEXT.replace("s3cret", "old"));
    let words = ["encrypt", "-i", "--age", RECIPIENT, "--encrypted-regex", "^host$", "file.yaml"];
    assert_eq!(place.call(&words, b"").code, Some(0));
    place.write(".sops.yaml", format!("creation_rules:\n  - {rule}\n"));
    place.set("EDITOR", "sed -i s/old/s3cret/");
    place
}

fn rule(selector: &str) -> String {
    format!("age: {RECIPIENT}\n    {selector}")
}

/// Changes that would write a secret in clear, by the rule.
const CHANGES: [&[&str]; 5] = [
    &["set", "file.yaml", "[\"token\"]", "\"s3cret\""],
    &["set", "file.yaml", "[\"new\"]", "{\"token\": [1]}"],
    &["--set", "[\"token\"] \"s3cret\"", "file.yaml"],
    &["edit", "file.yaml"],
    &["file.yaml"],
];

#[test]
fn changes_write_no_secret_in_clear() {
    let mut place = place(&rule("encrypted_regex: ^token$"));
    let before = place.read("file.yaml");
    for words in CHANGES {
        let answer = place.call(words, b"");
        assert_eq!(answer.code, Some(1), "{words:?}\n{answer}");
        assert_eq!(place.read("file.yaml"), before, "{words:?}");
    }
    place.note(CHANGES[0]);
    place.note(CHANGES[1]);
    // what is in clear by the rule, too, or was before, is no matter
    place.note(&["set", "file.yaml", "[\"list\"][0]", "2"]);
    place.note(&["unset", "file.yaml", "[\"list\"]"]);
    place.note(&["set", "file.yaml", "[\"host\"]", "\"g\""]);
    place.note(&["unset", "file.yaml", "[\"token\"]"]);
    place.note(&["set", "file.yaml", "[\"token\"]", "\"\""]);
    place.note(&["--config", "/dev/null", "set", "file.yaml", "[\"token\"]", "\"other\""]);
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn refused_edits_are_kept() {
    let mut place = place(&rule("encrypted_regex: ^token$"));
    place.put_clear_files_in_tmp();
    let folder = place.path("tmp").display().to_string();
    let answer = place.call(&["edit", "file.yaml"], b"");
    let name = "/file.yaml";
    let start = answer.stderr.find(&folder).unwrap_or_else(|| panic!("{answer}"));
    let end = answer.stderr[start..].find(name).unwrap_or_else(|| panic!("{answer}"));
    let kept = &answer.stderr[start..start + end + name.len()];
    assert_eq!(std::fs::read_to_string(kept).expect("it is named"), TEXT);
}

#[test]
fn changes_only_warn_under_the_other_name() {
    for words in CHANGES {
        let mut place = place(&rule("encrypted_regex: ^token$"));
        place.call_it("sops");
        let before = place.read("file.yaml");
        let answer = place.call(words, b"");
        assert_eq!(answer.code, Some(0), "{answer}");
        assert!(answer.stderr.contains("would stand in clear"), "{answer}");
        let changed = place.read("file.yaml");
        assert_ne!(changed, before);
        place.set("LEAFSEAL_STRICT", "1");
        let again = ["set", "file.yaml", "[\"token\"]", "\"third\""];
        assert_eq!(place.call(&again, b"").code, Some(1));
        assert_eq!(place.read("file.yaml"), changed);
    }
}

#[test]
fn each_format_keeps_to_its_rule() {
    let files = [
        ("f.json", "{\"token\": \"a\", \"host\": \"h\"}\n", "[\"token\"]"),
        ("f.env", "token=a\nhost=h\n", "[\"token\"]"),
        ("f.ini", "[s]\ntoken = a\nhost = h\n", "[\"s\"][\"token\"]"),
    ];
    for (name, text, path) in files {
        let place = place(&rule("encrypted_regex: ^token$"));
        place.write(name, text);
        let words = ["--config", "/dev/null", "encrypt", "-i", "--age", RECIPIENT];
        let words = [&words[..], &["--encrypted-regex", "^host$", name]].concat();
        assert_eq!(place.call(&words, b"").code, Some(0), "{name}");
        let answer = place.call(&["set", name, path, "\"s3cret\""], b"");
        assert_eq!(answer.code, Some(1), "{name}\n{answer}");
        assert!(answer.stderr.contains("would stand in clear"), "{name}\n{answer}");
    }
}

#[test]
fn keys_that_the_rule_does_not_name_are_told() {
    let mut place = place(&format!("age: {OTHER_RECIPIENT}\n    encrypted_regex: ^host$"));
    place.note(&["set", "file.yaml", "[\"host\"]", "\"g\""]);
    place.note(&["unset", "file.yaml", "[\"list\"]"]);
    place.note(&["edit", "file.yaml"]);
    insta::assert_snapshot!(place.transcript());
}
