use super::place::{OTHER_RECIPIENT, PLAIN, Place, RECIPIENT};

fn place() -> Place {
    let place = Place::with_encrypted();
    place.write("plain.yaml", PLAIN);
    place
}

#[test]
fn config_that_cannot_be_used_stops_encryption_only() {
    let mut place = place();
    let group = format!("{{age: [{RECIPIENT}]}}");
    let cases = [
        "creation_rules: [",
        "creation_rules: 5",
        "creation_rules:",
        "creation_rules: []",
        "- creation_rules",
        "creation_rules: [5]",
        "creation_rules: [{path_regex: nomatch}, {path_regex: '\\.json$'}]",
        "creation_rules: [{path_regex: '['}]",
        "creation_rules: [{path_regex: [a]}]",
        "creation_rules: [{age: ''}]",
        "creation_rules: [{age: bad}]",
        "creation_rules: [{pgp: NAME}]",
        "creation_rules: [{agee: x}]",
        "creation_rules: [{age: {}}]",
        "creation_rules: [{encrypted_regex: '(', age: x}]",
        "creation_rules: [{encrypted_regex: a, encrypted_suffix: b, age: x}]",
        "creation_rules: [{shamir_threshold: -1}]",
        "creation_rules: [{shamir_threshold: '2'}]",
        "creation_rules: [{mac_only_encrypted: 7}]",
        "creation_rules: [{<<: 5}]",
        "creation_rules: [{leafseal: {nosuch: 1}}]",
        "creation_rules: [{age: x}]\ncreation_rules: []",
        "creation_rule: []",
        "stores: {yaml: {indent: 2}}",
        "stores: {yaml: {indent: -1}}",
        "stores: {yaml: {indent: two}}",
        "destination_rules: []",
        &format!("creation_rules: [{{shamir_threshold: 1, key_groups: [{group}, {group}]}}]"),
        &format!("creation_rules: [{{shamir_threshold: 3, key_groups: [{group}, {group}]}}]"),
        &format!("creation_rules: [{{key_groups: [{group}, {{}}]}}]"),
    ];
    for text in cases {
        place.write(".sops.yaml", format!("{text}\n"));
        let answer = place.call(&["encrypt", "plain.yaml"], b"");
        assert_eq!((answer.code, answer.stdout.as_str()), (Some(1), ""), "{text}\n{answer}");
        place.add(&format!("# encrypt with {text}"), &answer);
        let answer = place.call(&["decrypt", "file.yaml"], b"");
        assert_eq!((answer.code, answer.stdout.as_str()), (Some(0), PLAIN), "{text}\n{answer}");
    }
    place.write(".sops.yaml", b"a: \xff\n");
    place.note(&["encrypt", "plain.yaml"]);
    place.note(&["filestatus", "file.yaml"]);
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn config_named_by_the_user_must_be_right() {
    let mut place = place();
    place.write("bad.yaml", "creation_rules: [\n");
    for words in [
        &["--config", "bad.yaml", "decrypt", "file.yaml"][..],
        &["decrypt", "--config", "bad.yaml", "file.yaml"],
        &["filestatus", "--config", "bad.yaml", "file.yaml"],
        &["encrypt", "--config", "nowhere.yaml", "plain.yaml"],
        &["filestatus", "--config", "nowhere.yaml", "file.yaml"],
    ] {
        assert_eq!(place.note(words).code, Some(1), "{words:?}");
    }
    place.set("SOPS_CONFIG", "bad.yaml");
    assert_eq!(place.note(&["decrypt", "file.yaml"]).code, Some(1));
    assert_eq!(place.call(&["decrypt", "--config=/dev/null", "file.yaml"], b"").code, Some(0));
    place.write("good.yaml", format!("creation_rules:\n  - age: {RECIPIENT}\n"));
    place.set("SOPS_CONFIG", "good.yaml");
    assert_eq!(place.call(&["encrypt", "plain.yaml"], b"").code, Some(0));
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn rules_are_chosen_by_path() {
    let mut place = place();
    place.write(
        ".sops.yaml",
        format!(
            "creation_rules:\n  - path_regex: ^live/.*\\.yaml$\n    age: {RECIPIENT}\n  - path_regex: test\n    age: {OTHER_RECIPIENT}\n"
        ),
    );
    for name in ["live/a.yaml", "test/a.yaml", "other/a.yaml", "other/live/a.yaml"] {
        place.write(name, "a: 1\n");
    }
    let recipient = |answer: &super::Answer| {
        let line = answer.stdout.lines().find_map(|line| line.trim().strip_prefix("recipient: "));
        line.map(str::to_owned)
    };
    for (name, expected) in [("live/a.yaml", RECIPIENT), ("test/a.yaml", OTHER_RECIPIENT)] {
        let answer = place.call(&["encrypt", name], b"");
        assert_eq!(recipient(&answer).as_deref(), Some(expected), "{name}");
        let answer = place.call(&["encrypt", "--filename-override", name, "other/a.yaml"], b"");
        assert_eq!(recipient(&answer).as_deref(), Some(expected), "{name}");
    }
    for name in ["other/a.yaml", "other/live/a.yaml"] {
        assert_eq!(place.note(&["encrypt", name]).code, Some(1));
    }
    let words = ["encrypt", "--age", RECIPIENT, "--output", "out.yaml", "other/a.yaml"];
    assert_eq!(place.note(&words).code, Some(0));
    let words = ["encrypt", "--verbose", "--output", "out.yaml", "live/a.yaml"];
    assert_eq!(place.note(&words).code, Some(0));
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn file_with_the_wrong_name_is_told() {
    let mut place = place();
    place.write(".sops.yml", format!("creation_rules:\n  - age: {RECIPIENT}\n"));
    assert_eq!(place.note(&["encrypt", "plain.yaml"]).code, Some(1));
    assert_eq!(place.note(&["filestatus", "file.yaml"]).code, Some(0));
    assert_eq!(place.call(&["encrypt", "--config=.sops.yml", "plain.yaml"], b"").code, Some(0));
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn example_config_of_the_repository_works() {
    let place = place();
    let example = format!("{}/.sops.yaml.example", env!("CARGO_MANIFEST_DIR"));
    place.write(".sops.yaml", std::fs::read_to_string(example).unwrap());
    for (name, content, kept, recipients) in [
        ("k8s/secret.yaml", "kind: Secret\ndata:\n  a: b\n", "kind: Secret\ndata:\n  a: ENC[", 1),
        ("production/app.yaml", "a: b\n", "a: ENC[", 2),
        ("app.yaml", "a_unencrypted: b\na: b\n", "a_unencrypted: b\na: ENC[", 1),
    ] {
        place.write(name, content);
        let answer = place.call(&["encrypt", name], b"");
        assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""), "{name}");
        assert!(answer.stdout.starts_with(kept), "{name}\n{answer}");
        assert!(answer.stdout.contains("\nsops:\n  age:\n"), "{name}\n{answer}");
        assert_eq!(answer.stdout.matches("recipient: ").count(), recipients, "{name}\n{answer}");
    }
}

#[test]
fn broken_config_is_told_with_its_place_and_breaks_no_command_that_reads() {
    let mut place = place();
    let encrypted = place.read("file.yaml");
    let bomb = (1..12).fold("a0: &a0 [x, x]\n".to_owned(), |text, level| {
        let alias = format!("*a{}", level - 1);
        text + &format!(
            "a{level}: &a{level} [{alias}, {alias}, {alias}, {alias}, {alias}, {alias}]\n"
        )
    });
    let cases = [
        ("creation_rules:\n  - age: [\n", Some("line 2, column 10")),
        ("creation_rules:\n  - age: a\n   pgp: b\n", Some("line 3, column ")),
        ("stores:\n\tyaml: {}\n", Some("line 2, column ")),
        ("creation_rules:\n  - age: {a: b}\n", Some("line 2, column 10")),
        ("creation_rules:\n  - hckms: {}\n", Some("line 2, column 12")),
        ("stores: {}\nstores: {}\n", Some("line 2, column 1")),
        ("stores:\n  yaml:\n    indent: -1\n", Some("line 3, column 13")),
        (&format!("{bomb}creation_rules: *a11\n"), Some("line ")),
        ("creation_rules:\n  - path_regex: '('\n", None),
        ("creation_rules:\n  - encrypted_regex: '('\n    age: x\n", None),
    ];
    for (text, expected) in cases {
        place.write(".sops.yaml", text);
        for (words, stdout) in [
            (&["decrypt", "file.yaml"][..], PLAIN),
            (&["-d", "file.yaml"], PLAIN),
            (&["decrypt", "--extract", "[\"port\"]", "file.yaml"], "8080\n"),
            (&["filestatus", "file.yaml"], "{\"encrypted\":true}\n"),
        ] {
            let answer = place.call(words, b"");
            assert_eq!(
                (answer.code, answer.stdout.as_str()),
                (Some(0), stdout),
                "{text}\n{answer}"
            );
            let warnings: Vec<&str> = answer.stderr.lines().collect();
            match (expected, warnings.as_slice()) {
                (None, []) => {}
                (Some(expected), [only]) => {
                    let is_told = only.starts_with("warning: ") && only.contains(expected);
                    assert!(is_told, "{text}\n{answer}");
                }
                _ => panic!("{text}\n{answer}"),
            }
        }
        place.call(&["decrypt", "-i", "file.yaml"], b"");
        assert_eq!(place.read("file.yaml"), PLAIN, "{text}");
        place.write("file.yaml", &encrypted);
    }
    place.write(".sops.yaml", "creation_rules: [\n");
    place.note(&["decrypt", "file.yaml"]);
    place.note(&["config", "file.yaml"]);
    place.write(".sops.yaml", "stores:\n  yaml: {indent: -1}\n");
    place.note(&["decrypt", "file.yaml"]);
    assert_eq!(place.note(&["decrypt", "--config", ".sops.yaml", "file.yaml"]).code, Some(4));
    insta::assert_snapshot!(place.transcript());
}
