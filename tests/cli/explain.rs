//! `leafseal config`.

use serde_json::Value;

use super::place::{OTHER_RECIPIENT, PLAIN, Place, RECIPIENT};

/// Rules of every kind, some of them of no use.
fn rules() -> String {
    format!(
        "creation_rules:
  - path_regex: ^k8s/.*\\.yaml$
    encrypted_regex: ^(data|stringData)$
    age: {RECIPIENT}
  - path_regex: secrets/
    age: {RECIPIENT}, {OTHER_RECIPIENT}
    mac_only_encrypted: true
    leafseal: {{layout: false}}
  - path_regex: ^secrets/prod/
    age: {OTHER_RECIPIENT}
  - path_regex: ^split/
    shamir_threshold: 2
    aws_profile: team
    key_groups:
      - age: [{RECIPIENT}]
      - pgp: [C9E3 CD81 5C4F 4ADE]
        kms: [{{arn: arn:aws:kms:x, role: arn:aws:iam:y, context: {{b: '2', a: '1'}}}}]
      - azure_keyvault: [{{vaultUrl: https://v.vault.azure.net, key: k}}]
  - path_regex: ^wrong/
    encrypted_suffix: _x
    unencrypted_suffix: _y
    age: {RECIPIENT}
  - path_regex: ^odd/
    age: AGE-SECRET-KEY-1S3CRET, age1wrong
    unencrypted_comment_regex: ^clear
  - path_regex: ^nobody/
  - path_regex: secrets/
    age: {RECIPIENT}
  - path_regex: '('
stores:
  yaml: {{indent: 2}}
"
    )
}

fn place() -> Place {
    let place = Place::with_encrypted();
    place.write(".sops.yaml", rules());
    place
}

#[test]
fn section_says_which_rule_is_in_force_and_what_follows() {
    let mut place = place();
    for file in ["k8s/new.yaml", "secrets/prod/new.json", "split/a.ini", "odd/file", "nobody/a.env"]
    {
        assert_eq!(place.note(&["config", file]).code, Some(0), "{file}");
    }
    assert!(!place.transcript().contains("S3CRET"));
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn file_is_compared_with_its_rule() {
    let mut place = place();
    let encrypted = place.read("file.yaml");
    place.write("secrets/old.yaml", &encrypted);
    place.write("split/old.yaml", &encrypted);
    place.write("wrong/old.yaml", &encrypted);
    place.write("k8s/same.yaml", "data: {a: b}\n");
    assert_eq!(place.call(&["encrypt", "-i", "k8s/same.yaml"], b"").code, Some(0));
    place.write("k8s/clear.yaml", PLAIN);
    place.write("k8s/broken.yaml", "a: [\n");
    place.write("secrets/bytes.yaml", b"\xff\xfe");
    place.write("secrets/cut.yaml", "a: ENC[x]\nsops: {mac: x}\n");
    place.write("secrets/a.env", "{}");
    for file in ["k8s/same.yaml", "k8s/clear.yaml", "secrets/old.yaml", "split/old.yaml"] {
        assert_eq!(place.note(&["config", file]).code, Some(0), "{file}");
    }
    let unreadable = ["k8s/broken.yaml", "secrets/bytes.yaml", "secrets/cut.yaml", "secrets/a.env"];
    for file in unreadable {
        let answer = place.call(&["config", file], b"");
        assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""), "{file}\n{answer}");
        let line = answer.stdout.lines().find(|line| line.starts_with("  file")).unwrap();
        assert!(line.starts_with("  file       not compared with the rule: "), "{file}\n{answer}");
        place.add(
            &format!("$ leafseal config {file}"),
            &super::Answer { stdout: line.to_owned() + "\n", ..answer },
        );
    }
    // a file that is YAML too can be looked at as YAML
    let words = ["config", "--input-type", "yaml", "secrets/a.env"];
    assert!(place.call(&words, b"").stdout.contains("is not encrypted"));
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn what_stops_encryption_is_an_error_and_the_rest_is_shown() {
    let mut place = place();
    for (words, code) in [
        (&["config"][..], 100),
        (&["config", "other.yaml"], 1),
        (&["config", "wrong/a.yaml", "k8s/a.yaml", "wrong/b.yaml"], 1),
        (&["config", "home", "other.yaml"], 2),
        (&["config", "--config", "nowhere.yaml", "k8s/a.yaml"], 1),
        (&["config", "--config", "/dev/null", "k8s/a.yaml"], 1),
        (&["--config", "/dev/null", "config", "--nope", "k8s/a.yaml"], 1),
    ] {
        assert_eq!(place.note(words).code, Some(code), "{words:?}");
    }
    place.write(".sops.yaml", "creation_rules: []\n");
    assert_eq!(place.note(&["config", "a.yaml"]).code, Some(1));
    std::fs::remove_file(place.path(".sops.yaml")).unwrap();
    place.write(".sops.yml", rules());
    assert_eq!(place.note(&["config", "a.yaml", "b.yaml"]).code, Some(1));
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn config_is_found_as_for_encryption() {
    let mut place = place();
    place.write("own.yaml", format!("creation_rules:\n  - age: {OTHER_RECIPIENT}\n"));
    place.write("secrets/deep/x", "");
    let chosen = |answer: super::Answer| {
        let value: Value = serde_json::from_str(&answer.stdout).unwrap();
        let text = |field: &str| value[0][field].as_str().unwrap_or_default().to_owned();
        (place.steady(&text("config")), text("path"), value[0]["rule"].as_u64())
    };
    let own = "$PWD/own.yaml".to_owned();
    let found = "$PWD/.sops.yaml".to_owned();
    let call = |words: &[&str]| chosen(place.call(&[&["config", "--json"], words].concat(), b""));
    assert_eq!(call(&["secrets/a"]), (found.clone(), "secrets/a".into(), Some(2)));
    assert_eq!(call(&["./k8s/../secrets/a"]), (found.clone(), "secrets/a".into(), Some(2)));
    assert_eq!(
        call(&["--config", "own.yaml", "secrets/a"]),
        (own.clone(), "secrets/a".into(), Some(1))
    );
    // paths are seen from the folder of the config, wherever the call is made
    let answer = place.call_in("secrets/deep", &["config", "--json", "../a"], b"");
    assert_eq!(chosen(answer), (found.clone(), "secrets/a".into(), Some(2)));
    let file = place.path("secrets/a");
    let answer =
        place.call_in("home", &["config".as_ref(), "--json".as_ref(), file.as_os_str()], b"");
    assert_eq!(chosen(answer), (found, "secrets/a".into(), Some(2)));
    place.set("SOPS_CONFIG", "own.yaml");
    let answer = place.call(&["config", "--json", "secrets/a"], b"");
    let value: Value = serde_json::from_str(&answer.stdout).unwrap();
    assert_eq!(value[0]["rule"], 1);
}

#[test]
fn json_has_the_documented_fields() {
    let mut place = place();
    place.write("secrets/old.yaml", place.read("file.yaml"));
    place.set("SOPS_AGE_RECIPIENTS", OTHER_RECIPIENT);
    let files =
        ["secrets/old.yaml", "split/new.yaml", "odd/new", "wrong/a.yaml", "none.env", "home"];
    let answer = place.note(&[&["config", "--json"], &files[..]].concat());
    assert_eq!(answer.code, Some(2));
    let Value::Array(entries) = serde_json::from_str(&answer.stdout).unwrap() else { panic!() };
    let named: Vec<&str> = entries.iter().filter_map(|entry| entry["file"].as_str()).collect();
    assert_eq!(named, files);
    // every object has every field, null where there is nothing to say
    let documented = include_str!("../../docs/config.md");
    for entry in &entries {
        let fields: Vec<&String> = entry.as_object().unwrap().keys().collect();
        assert_eq!(fields.len(), 13);
        for field in fields {
            assert!(documented.contains(&format!("| `{field}` |")), "{field}");
        }
    }
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn several_files_have_a_section_each() {
    let mut place = place();
    place.write("other/.sops.yaml", format!("creation_rules:\n  - age: {RECIPIENT}\n  - age: a\n"));
    place.set("SOPS_CONFIG", "");
    place.note(&["config", "k8s/a.yaml", "secrets/b.yaml", "bad\u{1b}[2Jname/secrets/c"]);
    insta::assert_snapshot!(place.transcript());
}

#[cfg(unix)]
#[test]
fn pipes_are_not_waited_for() {
    let place = place();
    let answer = place.shell("mkfifo secrets.pipe && timeout 20 \"$L\" config --input-type yaml secrets.pipe /dev/stdin </dev/zero");
    assert_eq!(answer.code, Some(1), "{answer}");
    assert_eq!(answer.stdout.matches("it is no regular file").count(), 2, "{answer}");
}

#[cfg(unix)]
#[test]
fn word_behind_an_operation_is_a_file() {
    let mut place = place();
    place.write("config", place.read("file.yaml"));
    place.call_it("sops");
    let answer = place.call(&["-d", "--input-type", "yaml", "--output-type=yaml", "config"], b"");
    assert_eq!((answer.code, answer.stdout.as_str()), (Some(0), PLAIN), "{answer}");
    let answer = place.call(&["config", "k8s/a.yaml"], b"");
    assert!(answer.stdout.starts_with("k8s/a.yaml\n  config"), "{answer}");
}

#[test]
fn files_of_the_reference_are_as_their_rules_say() {
    let place = place();
    for case in ["groups_2of3", "groups_2of3_pgp", "groups_default_threshold"] {
        let folder = format!("{}/fixtures/vectors/yaml", env!("CARGO_MANIFEST_DIR"));
        let config = format!("--config={folder}/{case}.sops.yaml");
        let file = format!("{folder}/{case}.enc.yaml");
        let answer = place.call(&["config", "--json", &config, &file], b"");
        let value: Value = serde_json::from_str(&answer.stdout).unwrap();
        assert_eq!(value[0]["state"], "encrypted", "{answer}");
        assert_eq!(value[0]["differences"], Value::Array(Vec::new()), "{answer}");
    }
}
