//! Files go both ways with the reference, whatever their format and the version of the key.

use std::process::Command;

use serde_json::json;

use crate::place::{HOST, PLAIN, Place, entries, failure, output, text};
use crate::support::gnupg::GnupgHome;

const FORMATS: [(&str, &str); 5] = [
    ("a.yaml", PLAIN),
    ("a.json", "{\n\t\"password\": \"s3cret\"\n}\n"),
    ("a.env", "PASSWORD=s3cret\n"),
    ("a.ini", "[main]\npassword = s3cret\n"),
    ("a.txt", "s3cret\0\u{e9}\n"),
];

#[test]
fn every_format_opens_with_both_programs() {
    let place = Place::new();
    let address = place.key(HOST, "k");
    for (name, clear) in FORMATS {
        place.write(name, clear);
        let arguments = ["encrypt", "--azure-kv", &address, name];
        for command in [place.ours(&arguments), place.theirs(&arguments)] {
            place.write(&format!("enc.{name}"), &text(command));
            let arguments = ["decrypt", &format!("enc.{name}")];
            assert_eq!(text(place.ours(&arguments)).trim_end(), clear.trim_end(), "{name}");
            assert_eq!(text(place.theirs(&arguments)).trim_end(), clear.trim_end(), "{name}");
        }
    }
}

#[test]
fn missing_version_is_found_and_stored_however_the_key_is_named() {
    let place = Place::new();
    let address = place.key(HOST, "k");
    let [flag, capitals] =
        [format!("https://{HOST}/keys/k"), format!("https://{}:443/keys/k/", HOST.to_uppercase())];
    let of_rule = |rule: &str| place.write(".sops.yaml", &format!("creation_rules:\n  - {rule}\n"));
    for name in [&flag, &capitals] {
        let encrypted = text(place.ours(&["encrypt", "--azure-kv", name, "plain.yaml"]));
        assert_eq!(entries(&encrypted)[0].0, address);
    }
    let mut command = place.ours(&["encrypt", "plain.yaml"]);
    command.env("SOPS_AZURE_KEYVAULT_URLS", &flag);
    assert_eq!(entries(&text(command))[0].0, address);
    let rules = [
        format!("azure_keyvault: {flag}"),
        format!("azure_keyvault: [{flag}, {address}]"),
        format!("key_groups: [{{azure_keyvault: [{{vaultUrl: 'https://{HOST}', key: k}}]}}]"),
        format!(
            "key_groups: [{{azure_keyvault: [{{vaultUrl: 'https://{HOST}', key: k, version: {}}}]}}]",
            address.rsplit('/').next().expect("a version")
        ),
    ];
    for rule in rules {
        of_rule(&rule);
        let encrypted = text(place.ours(&["encrypt", "plain.yaml"]));
        let found = entries(&encrypted);
        assert_eq!((found.len(), &found[0].0), (1, &address), "{rule}");
        let enc = &found[0].1;
        assert_eq!(enc.len(), 342, "256 bytes in base64 without padding");
        assert!(enc.bytes().all(|it| it.is_ascii_alphanumeric() || b"-_".contains(&it)), "{enc}");
        place.write("file.yaml", &encrypted);
        assert_eq!(text(place.theirs(&["decrypt", "file.yaml"])), PLAIN);
    }
}

#[test]
fn old_files_open_after_the_key_was_rotated() {
    let place = Place::new();
    let old = place.key(HOST, "k");
    let unversioned = format!("https://{HOST}/keys/k");
    place.write(
        "old.yaml",
        &text(place.ours(&["encrypt", "--azure-kv", &unversioned, "plain.yaml"])),
    );
    let new = place.key(HOST, "k");
    assert_eq!(text(place.ours(&["decrypt", "old.yaml"])), PLAIN);
    let added = ["rotate", "--add-azure-kv", &unversioned, "--rm-azure-kv", &old, "old.yaml"];
    let rotated = text(place.ours(&added));
    assert_eq!(entries(&rotated).iter().map(|it| it.0.as_str()).collect::<Vec<_>>(), [&new]);
    // the current version again changes nothing of the list
    place.write("new.yaml", &rotated);
    let again = text(place.ours(&["rotate", "--add-azure-kv", &unversioned, "new.yaml"]));
    assert_eq!(entries(&again).len(), 1);
    place.write("new.yaml", &again);
    assert_eq!(text(place.theirs(&["decrypt", "new.yaml"])), PLAIN);
    // an entry without a version opens with the current one, and gets it when it is wrapped again
    let bare = again.replace(new.rsplit('/').next().expect("a version"), "''");
    place.write("bare.yaml", &bare);
    assert_eq!(text(place.ours(&["decrypt", "bare.yaml"])), PLAIN);
    assert_eq!(entries(&text(place.ours(&["rotate", "bare.yaml"])))[0].0, new);
    // without its old version the old file does not open, and says which is missing
    place.change(&old, "enabled", false);
    let (_, words, _) = failure(place.ours(&["decrypt", "old.yaml"]));
    assert!(words.contains(&format!("{old}: FAILED")), "{words}");
}

#[test]
fn files_are_changed_with_keys_of_azure() {
    let place = Place::new();
    let (one, two) = (place.key(HOST, "one"), place.key(HOST, "two"));
    place.write("file.yaml", &text(place.ours(&["encrypt", "--azure-kv", &one, "plain.yaml"])));
    text(place.ours(&["set", "file.yaml", "[\"port\"]", "9090"]));
    let mut command = place.ours(&["edit", "file.yaml"]);
    place.program("editor", "sed -i s/s3cret/other/ \"$1\"");
    command.env("EDITOR", place.path("bin/editor"));
    text(command);
    let changed = PLAIN.replace("8080", "9090").replace("s3cret", "other");
    assert_eq!(text(place.theirs(&["decrypt", "file.yaml"])), changed);
    // a group more: both keys are needed
    let add = ["groups", "add", "--in-place", "--file", "file.yaml", "--azure-kv", &two];
    text(place.ours(&add));
    assert_eq!(text(place.theirs(&["decrypt", "file.yaml"])), changed);
    place.tell(&json!({"do": "change", "host": HOST, "name": "two"}));
    let (code, words, _) = failure(place.ours(&["decrypt", "file.yaml"]));
    assert!(code == 128 && words.contains("Group 0: SUCCESS"), "{words}");
    // a new file gets the key of its rule
    place.write(".sops.yaml", &format!("creation_rules: [{{azure_keyvault: '{one}'}}]\n"));
    let mut command = place.ours(&["edit", "new.yaml"]);
    place.program("editor", "echo 'a: b' > \"$1\"");
    command.env("EDITOR", place.path("bin/editor"));
    text(command);
    assert_eq!(text(place.theirs(&["decrypt", "new.yaml"])), "a: b\n");
}

#[test]
fn keys_are_updated_to_the_rule() {
    let place = Place::new();
    let (one, two) = (place.key(HOST, "one"), place.key("other-vault.vault.azure.net", "two"));
    for name in ["a.yaml", "b.yaml"] {
        place.write(name, &text(place.ours(&["encrypt", "--azure-kv", &one, "plain.yaml"])));
    }
    place.write(
        ".sops.yaml",
        &format!("creation_rules: [{{azure_keyvault: ['{one}', '{two}']}}]\n"),
    );
    place.log();
    text(place.ours(&["updatekeys", "--yes", "a.yaml", "b.yaml"]));
    let calls = place.log();
    let logins = calls.iter().filter(|call| call.path.ends_with("/oauth2/v2.0/token")).count();
    assert_eq!(logins, 1, "one token for a run");
    for name in ["a.yaml", "b.yaml"] {
        let found = entries(&place.read(name));
        assert_eq!(found.iter().map(|it| &it.0).collect::<Vec<_>>(), [&one, &two]);
        assert_eq!(text(place.theirs(&["decrypt", name])), PLAIN);
    }
    // the second opens the file when the first is gone
    place.tell(&json!({"do": "change", "host": HOST, "name": "one"}));
    assert_eq!(text(place.ours(&["decrypt", "a.yaml"])), PLAIN);
}

#[test]
fn one_file_wrapped_alike_is_unwrapped_once() {
    let place = Place::new();
    let (one, two) = (place.key(HOST, "one"), place.key(HOST, "two"));
    let encrypted = text(place.ours(&["encrypt", "--azure-kv", &one, "plain.yaml"]));
    for name in ["a.yaml", "b.yaml", "c.yaml"] {
        place.write(name, &encrypted);
    }
    place.write(
        ".sops.yaml",
        &format!("creation_rules: [{{azure_keyvault: ['{one}', '{two}']}}]\n"),
    );
    place.log();
    text(place.ours(&["updatekeys", "--yes", "a.yaml", "b.yaml", "c.yaml"]));
    let calls = place.log();
    assert_eq!(
        calls.iter().filter(|call| call.path.contains("/decrypt") && call.token.is_some()).count(),
        1
    );
}

#[test]
fn groups_mix_azure_with_age() {
    let place = Place::new();
    let address = place.key(HOST, "k");
    place.write("age.txt", include_str!("../../fixtures/vectors/keys/age1.txt"));
    let age = "age1hk6km9gau76kykwdatkwd4lu4kka4hcegvy92lf0l6pljcrhz95slnuph2";
    let version = address.rsplit('/').next().expect("a version");
    let azure = format!("{{vaultUrl: 'https://{HOST}', key: k, version: {version}}}");
    let rule = format!("key_groups: [{{age: [{age}]}}, {{azure_keyvault: [{azure}]}}]");
    place.write(".sops.yaml", &format!("creation_rules: [{{{rule}}}]\n"));
    place.write("file.yaml", &text(place.ours(&["encrypt", "plain.yaml"])));
    let with_age = |mut command: Command| {
        command.env("SOPS_AGE_KEY_FILE", place.path("age.txt"));
        command
    };
    assert_eq!(text(with_age(place.ours(&["decrypt", "file.yaml"]))), PLAIN);
    assert_eq!(text(with_age(place.theirs(&["decrypt", "file.yaml"]))), PLAIN);
    let (code, words, _) = failure(place.ours(&["decrypt", "file.yaml"]));
    assert!(code == 128 && words.contains("Group 1: SUCCESS"), "{words}");
}

#[test]
fn two_of_three_groups_open_a_file() {
    let place = Place::new();
    let home = GnupgHome::new();
    let fingerprint = home.generate("someone", "future-default", "default");
    let address = place.key(HOST, "k");
    let version = address.rsplit('/').next().expect("a version");
    let age = "age1hk6km9gau76kykwdatkwd4lu4kka4hcegvy92lf0l6pljcrhz95slnuph2";
    let azure = format!("{{vaultUrl: 'https://{HOST}', key: k, version: {version}}}");
    let groups =
        format!("{{age: [{age}]}}, {{pgp: [{fingerprint}]}}, {{azure_keyvault: [{azure}]}}");
    let rule = format!("creation_rules: [{{shamir_threshold: 2, key_groups: [{groups}]}}]\n");
    place.write(".sops.yaml", &rule);
    let with_gpg = |mut command: Command| {
        command.env("GNUPGHOME", home.path());
        command
    };
    for command in
        [place.ours(&["encrypt", "plain.yaml"]), place.theirs(&["encrypt", "plain.yaml"])]
    {
        place.write("file.yaml", &text(with_gpg(command)));
        assert_eq!(text(with_gpg(place.ours(&["decrypt", "file.yaml"]))), PLAIN);
        assert_eq!(text(with_gpg(place.theirs(&["decrypt", "file.yaml"]))), PLAIN);
        let (code, words, _) = failure(with_gpg(place.bare(&["decrypt", "file.yaml"])));
        assert!(code == 128 && words.contains("Group 1: SUCCESS"), "{words}");
    }
}

#[test]
fn nothing_of_azure_is_asked_when_an_age_key_opens_the_file() {
    let place = Place::new();
    let address = place.key(HOST, "k");
    place.write("age.txt", include_str!("../../fixtures/vectors/keys/age1.txt"));
    let age = "age1hk6km9gau76kykwdatkwd4lu4kka4hcegvy92lf0l6pljcrhz95slnuph2";
    let arguments = ["encrypt", "--azure-kv", &address, "--age", age, "plain.yaml"];
    place.write("file.yaml", &text(place.ours(&arguments)));
    place.log();
    let mut command = place.ours(&["decrypt", "file.yaml"]);
    command.env("SOPS_AGE_KEY_FILE", place.path("age.txt"));
    // not even certificates are read
    command.env("SSL_CERT_FILE", place.path("missing.pem"));
    assert_eq!(text(command), PLAIN);
    assert!(place.log().is_empty());
    let mut command = place.ours(&["decrypt", "file.yaml"]);
    command.env("SSL_CERT_FILE", place.path("missing.pem"));
    assert_eq!(failure(command).0, 128, "without that key they are");
    let mut command = place.ours(&["encrypt", "--age", age, "plain.yaml"]);
    command.env("SSL_CERT_FILE", place.path("missing.pem"));
    text(command);
}

#[test]
fn disabled_deleted_and_expired_keys_say_so() {
    let place = Place::new();
    let address = place.key(HOST, "k");
    place.write("file.yaml", &text(place.ours(&["encrypt", "--azure-kv", &address, "plain.yaml"])));
    let encrypt = ["encrypt", "--azure-kv", &address, "plain.yaml"];
    place.change(&address, "expired", true);
    let (code, words, _) = failure(place.ours(&encrypt));
    assert!(code == 1 && words.contains("expired key"), "{words}");
    assert!(words.contains("hint: the key k may not be used at this time"), "{words}");
    assert_eq!(text(place.ours(&["decrypt", "file.yaml"])), PLAIN, "an expired key still opens");
    place.change(&address, "enabled", false);
    let (code, words, _) = failure(place.ours(&["decrypt", "file.yaml"]));
    assert!(code == 128 && words.contains("Forbidden/KeyDisabled"), "{words}");
    assert!(words.contains("hint: `az keyvault key set-attributes"), "{words}");
    place.tell(&json!({"do": "change", "host": HOST, "name": "k"}));
    let (code, words, _) = failure(place.ours(&["decrypt", "file.yaml"]));
    assert!(code == 128 && words.contains("404 KeyNotFound"), "{words}");
    assert!(words.contains("hint: check vault, name and version"), "{words}");
    assert!(words.contains("Group 0: FAILED") && words.contains(&format!("{address}: FAILED")));
}

#[test]
fn damaged_entries_reach_no_vault() {
    let place = Place::new();
    let address = place.key(HOST, "k");
    let encrypted = text(place.ours(&["encrypt", "--azure-kv", &address, "plain.yaml"]));
    let enc = &entries(&encrypted)[0].1;
    place.log();
    let version = address.rsplit('/').next().expect("a version");
    let changes = [
        (enc.as_str(), format!("{enc}==")),
        (enc, format!("+{}", &enc[1..])),
        (enc, "''".to_owned()),
        ("name: k\n", "name: ../secrets/x\n".to_owned()),
        (version, "../../secrets/x".to_owned()),
        (HOST, format!("{HOST}/keys/other")),
        ("https://", "http://".to_owned()),
    ];
    for (old, new) in changes {
        place.write("file.yaml", &encrypted.replace(old, &new));
        let (code, words, _) = failure(place.ours(&["decrypt", "file.yaml"]));
        assert_eq!(code, 128, "{new}: {words}");
        assert!(place.log().is_empty(), "{new}");
    }
    for name in ["https://h/keys/..", &address.replace("https", "http")] {
        let result = output(place.ours(&["encrypt", "--azure-kv", name, "plain.yaml"]));
        assert!(!result.status.success() && place.log().is_empty());
    }
}
