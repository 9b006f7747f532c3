use super::place::{OTHER_RECIPIENT, PLAIN, Place, RECIPIENT, key_file};

const THIRD: &str = "age1pphx67y4qpnzeg63tskttv3qf4m658wlgfguks63cafstar884xqwmxlmm";

fn opens(place: &Place) {
    let answer = place.call(&["decrypt", "file.yaml"], b"");
    assert_eq!((answer.code, answer.stdout.as_str()), (Some(0), PLAIN), "{answer}");
}

/// The entries of the file's keys, and everything else.
fn parts(text: &str) -> (&str, String) {
    let start = text.find("sops:\n").expect("a block");
    let end = text.find("    lastmodified").expect("a date");
    (&text[start..end], format!("{}{}", &text[..start], &text[end..]))
}

fn rule(place: &Place, rule: &str) {
    place.write(".sops.yaml", format!("creation_rules:\n  - {}\n", rule.replace('\n', "\n    ")));
}

#[test]
fn keys_become_those_of_the_rule_and_nothing_else_changes() {
    let mut place = Place::with_encrypted();
    let before = place.read("file.yaml");
    rule(&place, &format!("age: [{OTHER_RECIPIENT}, {RECIPIENT}]"));
    place.note(&["updatekeys", "-y", "file.yaml"]);
    let added = place.read("file.yaml");
    assert_eq!(parts(&before).1, parts(&added).1);
    assert!(parts(&added).0.starts_with(parts(&before).0), "the entry that was there stays");
    place.note(&["updatekeys", "-y", "file.yaml"]);
    assert_eq!(place.read("file.yaml"), added, "another order is no change");
    place.set("SOPS_AGE_KEY_FILE", &key_file("age2.txt"));
    opens(&place);
    rule(&place, &format!("age: {RECIPIENT}"));
    place.note(&["updatekeys", "-y", "file.yaml"]);
    assert_eq!(place.read("file.yaml"), before);
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn groups_and_threshold_become_those_of_the_rule() {
    let mut place = Place::with_encrypted();
    let before = place.read("file.yaml");
    let groups = |threshold: &str| {
        let group = |name: &str| format!("\n- age: [{name}]");
        let groups = [RECIPIENT, OTHER_RECIPIENT, THIRD].map(group).concat();
        format!("key_groups:{groups}{threshold}")
    };
    let steps = [
        groups(""),
        groups("\nshamir_threshold: 2"),
        groups(""),
        groups("\nshamir_threshold: 3"),
        format!("key_groups:\n- age: [{RECIPIENT}, {THIRD}]\n- age: [{OTHER_RECIPIENT}]"),
        format!("age: {RECIPIENT}\nshamir_threshold: 1"),
    ];
    place.set("SOPS_AGE_KEY_FILE", "all.txt");
    let key = |name| std::fs::read_to_string(key_file(name)).expect("a key");
    place.write("all.txt", ["age1.txt", "age2.txt", "age3.txt"].map(key).concat());
    for step in steps {
        rule(&place, &step);
        place.note(&["updatekeys", "-y", "file.yaml"]);
        opens(&place);
        assert_eq!(
            parts(&before).1,
            parts(&place.read("file.yaml"))
                .1
                .replace("    shamir_threshold: 2\n", "")
                .replace("    shamir_threshold: 3\n", "")
        );
    }
    rule(&place, &groups(""));
    place.note(&["updatekeys", "-y", "--shamir-secret-sharing-threshold", "2", "file.yaml"]);
    rule(&place, &groups("\nshamir_threshold: 4"));
    place.note(&["updatekeys", "-y", "file.yaml"]);
    rule(&place, &groups("\nshamir_threshold: 1"));
    place.note(&["updatekeys", "-y", "file.yaml"]);
    opens(&place);
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn nothing_is_changed_before_the_answer_is_yes() {
    let mut place = Place::with_encrypted();
    let before = place.read("file.yaml");
    rule(&place, &format!("age: {OTHER_RECIPIENT}"));
    for answer in ["n\n", "", "\nmaybe\ny n\nN\nn\n", "Y\n"] {
        place.note_with(&["updatekeys", "file.yaml"], answer.as_bytes());
        assert_eq!(place.read("file.yaml"), before);
    }
    place.note_with(&["updatekeys", "file.yaml"], b"\ny\n");
    assert!(place.read("file.yaml").contains(OTHER_RECIPIENT));
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn one_file_that_fails_does_not_keep_the_others_from_it() {
    let mut place = Place::with_encrypted();
    place.write("other.yaml", place.read("file.yaml"));
    place.write("plain.yaml", PLAIN);
    std::fs::create_dir(place.path("folder")).expect("a folder");
    rule(&place, &format!("age: [{RECIPIENT}, {OTHER_RECIPIENT}]"));
    let files = ["file.yaml", "missing.yaml", "plain.yaml", "folder", "other.yaml"];
    place.note(&[&["updatekeys", "-y"][..], &files].concat());
    for name in ["file.yaml", "other.yaml"] {
        assert!(place.read(name).contains(OTHER_RECIPIENT), "{name}");
    }
    for file in ["missing.yaml", "plain.yaml", "folder"] {
        place.note(&["updatekeys", "-y", file]);
    }
    place.note(&["updatekeys"]);
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn what_keeps_keys_from_being_updated_is_said() {
    let mut place = Place::with_encrypted();
    let before = place.read("file.yaml");
    place.note(&["updatekeys", "-y", "file.yaml"]);
    let rules = [
        "stores: {}".to_owned(),
        "creation_rules: []".to_owned(),
        "creation_rules:\n  - path_regex: nomatch".to_owned(),
        "creation_rules:\n  - path_regex: '('".to_owned(),
        "creation_rules:\n  - age: []".to_owned(),
        "creation_rules:\n  - age: bad".to_owned(),
        "creation_rules:\n  - pgp: C9E3CD815C4F4ADE8560BB7C42F7369AFBD4E171".to_owned(),
        "creation_rules:\n  - gcp_kms: projects/p/key".to_owned(),
        format!("creation_rules:\n  - key_groups:\n      - age: [{RECIPIENT}]\n      - {{}}"),
    ];
    for text in rules {
        place.write(".sops.yaml", format!("{text}\n"));
        place.note(&["updatekeys", "-y", "file.yaml"]);
    }
    rule(&place, &format!("age: [{RECIPIENT}, {OTHER_RECIPIENT}]"));
    place.set("SOPS_AGE_KEY_FILE", &key_file("age3.txt"));
    place.note(&["updatekeys", "-y", "file.yaml"]);
    place.set("SOPS_AGE_KEY_FILE", &key_file("age1.txt"));
    let other = before.replacen("lastmodified: \"2", "lastmodified: \"1", 1);
    place.write("other.yaml", other);
    place.note(&["updatekeys", "-y", "other.yaml"]);
    place.note(&["updatekeys", "-y", "--enable-local-keyservice=false", "file.yaml"]);
    assert_eq!(place.read("file.yaml"), before);
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn entries_of_other_types_stay_byte_for_byte() {
    let mut place = Place::with_encrypted();
    let other = "    gcp_kms:\n        # kept as it is\n        - created_at: 2026-11-23T16:28:42.5Z\n          enc: |-\n            CiQAbc\n\n            x\n          resource_id: \"projects/p/key\"\n          x: 1\n";
    let text = place.read("file.yaml").replacen(
        "    unencrypted_suffix",
        &format!("{other}    unencrypted_suffix"),
        1,
    );
    place.write("file.yaml", &text);
    rule(&place, &format!("age: [{RECIPIENT}, {OTHER_RECIPIENT}]\ngcp_kms: projects/p/key"));
    place.note(&["updatekeys", "-y", "file.yaml"]);
    let updated = place.read("file.yaml");
    assert!(updated.contains(other) && updated.contains(OTHER_RECIPIENT), "{updated}");
    opens(&place);
    // a new data key, or a share of it, would have to be wrapped for it
    place.note(&["rotate", "-i", "file.yaml"]);
    place.note(&["groups", "add", "-f", "file.yaml", "-i", "--age", THIRD]);
    assert_eq!(place.read("file.yaml"), updated);
    place.note(&["rotate", "-i", "--rm-gcp-kms", "projects/p/key", "file.yaml"]);
    assert!(!place.read("file.yaml").contains("gcp_kms"));
    opens(&place);
    insta::assert_snapshot!(place.transcript());
}
