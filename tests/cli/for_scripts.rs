//! `--json`: what scripts read, results and errors.

use serde_json::Value;

use super::place::{OTHER_RECIPIENT, Place, RECIPIENT};

/// Reads the last line of standard error as an error.
fn error(stderr: &str) -> Value {
    let line = stderr.lines().last().expect("an error");
    let object: Value = serde_json::from_str(line).expect("one line of JSON");
    object["error"].clone()
}

#[test]
fn errors_are_one_line_of_json_with_the_exit_code() {
    let mut place = Place::with_encrypted();
    place.write("bad.yaml", "a: 1\n  b: [s3cret\n");
    place.write("plain.yaml", "a: 1\n");
    place.write("broken/.sops.yaml", "creation_rules:\n  - age: [1\n");
    place.write("nokeys/.sops.yaml", "creation_rules:\n  - path_regex: ^nothing$\n  - {}\n");
    let calls: [&[&str]; 13] = [
        &["filestatus", "--json"],
        &["filestatus", "--json", "nowhere.yaml"],
        &["filestatus", "--json", "bad.yaml"],
        &["--json", "filestatus", "file.yaml"],
        &["config", "--json", "--config", "broken/.sops.yaml", "file.yaml"],
        &["config", "--json"],
        &["audit", "--json", "--since", "yesterday"],
        &["updatekeys", "--json"],
        &["updatekeys", "--json", "file.yaml"],
        &["updatekeys", "--json", "--config", "nokeys/.sops.yaml", "file.yaml"],
        &["updatekeys", "--json", "--config", "nokeys/.sops.yaml", "plain.yaml", "nowhere.yaml"],
        &["updatekeys", "--json", "--nope", "file.yaml"],
        &["doctor", "--json", "azure"],
    ];
    for words in calls {
        let answer = place.note(words);
        if answer.code == Some(0) || answer.stderr.is_empty() {
            continue;
        }
        let code = error(&answer.stderr)["exit_code"].as_i64();
        assert_eq!(code, answer.code.map(i64::from), "{words:?}\n{answer}");
        assert!(!answer.stderr.contains("s3cret"), "{answer}");
    }
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn filestatus_answers_as_without_the_flag() {
    let place = Place::with_encrypted();
    let answer = place.call(&["filestatus", "--json", "file.yaml"], b"");
    assert_eq!(answer, place.call(&["filestatus", "file.yaml"], b""));
    assert_eq!(answer.stdout, "{\"encrypted\":true}\n");
}

#[test]
fn updates_are_told_before_and_after() {
    let mut place = Place::with_encrypted();
    place.write("same.yaml", "a: 1\n");
    place.encrypt("same.yaml");
    place.write("plain.yaml", "a: 1\n");
    place.write("other.yaml", "a: 1\n");
    let words = ["encrypt", "-i", "--age", OTHER_RECIPIENT, "other.yaml"];
    assert_eq!(place.call(&words, b"").code, Some(0));
    let rules = format!(
        "creation_rules:\n  - {{path_regex: ^same, age: {RECIPIENT}}}\n  - key_groups: [{{age: [{RECIPIENT}]}}, {{age: [{OTHER_RECIPIENT}]}}]\n"
    );
    place.write(".sops.yaml", rules);
    let before = place.read("file.yaml");
    place.note(&["updatekeys", "--json", "same.yaml", "file.yaml", "plain.yaml"]);
    assert_eq!(place.read("file.yaml"), before, "nobody agreed");
    place.note(&["updatekeys", "--json", "-y", "file.yaml", "other.yaml"]);
    assert!(place.read("file.yaml").contains("key_groups:"));
    place.note(&["updatekeys", "--json", "-y", "file.yaml"]);
    insta::assert_snapshot!(place.transcript());
}
