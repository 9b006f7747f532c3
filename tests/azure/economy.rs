//! One token for a run, one call for each wrapped key, and several of them under way together.
//!
//! The vault can hold requests until as many have come as are expected; those that stay away make
//! the call fail. So nothing here depends on how fast the machine is.

use std::process::Command;

use serde_json::{Value, json};

use crate::place::{HOST, PLAIN, Place, Request, entries, failure, output, text};

const OTHER: &str = "other-vault.vault.azure.net";
const AGE: &str = "age1hk6km9gau76kykwdatkwd4lu4kka4hcegvy92lf0l6pljcrhz95slnuph2";
const SECOND_AGE: &str = "age17u2n5yunchhv3wxkp3af2xtp7yz7dcflljc8cpnaywmdek0qlf3s5z2txq";

/// Lets requests with a token wait for each other.
fn gather(path: &str, count: u64) -> Value {
    json!({"path": path, "with_token": true, "gather": count, "times": count})
}

/// The calls of one kind that were made with a token.
fn calls<'r>(log: &'r [Request], action: &str) -> Vec<&'r Request> {
    let is_call = |it: &&Request| it.path.contains(action) && it.token.is_some();
    log.iter().filter(is_call).collect()
}

fn logins(log: &[Request]) -> usize {
    log.iter().filter(|it| it.path.ends_with("/oauth2/v2.0/token")).count()
}

/// Keys, in two vaults by turns.
fn keys(place: &Place, count: usize) -> Vec<String> {
    let host = |number| if number % 2 == 0 { HOST } else { OTHER };
    (0..count).map(|number| place.key(host(number), &format!("k{number}"))).collect()
}

/// A rule with key groups; an address stands for a key of Azure, anything else for one of age.
fn rule(groups: &[&[&str]], threshold: usize) -> String {
    let key = |name: &&str| match name.strip_prefix("https://") {
        None => format!("age: [{name}]"),
        Some(rest) => {
            let parts: Vec<&str> = rest.split('/').collect();
            format!(
                "azure_keyvault: [{{vaultUrl: 'https://{}', key: {}, version: {}}}]",
                parts[0], parts[2], parts[3]
            )
        }
    };
    let group = |keys: &&[&str]| {
        let merged: Vec<String> = keys.iter().map(|it| format!("{{{}}}", key(it))).collect();
        format!("{{merge: [{}]}}", merged.join(", "))
    };
    let groups: Vec<String> = groups.iter().map(group).collect();
    format!(
        "creation_rules: [{{shamir_threshold: {threshold}, key_groups: [{}]}}]\n",
        groups.join(", ")
    )
}

/// A place with a file for key groups.
fn with_groups(groups: impl Fn(&[String]) -> Vec<Vec<String>>, threshold: usize) -> Place {
    let place = Place::new();
    let keys = keys(&place, 3);
    let groups = groups(&keys);
    let groups: Vec<Vec<&str>> =
        groups.iter().map(|group| group.iter().map(String::as_str).collect()).collect();
    let groups: Vec<&[&str]> = groups.iter().map(Vec::as_slice).collect();
    place.write(".sops.yaml", &rule(&groups, threshold));
    place.write("file.yaml", &text(place.ours(&["encrypt", "plain.yaml"])));
    place.write("age.txt", include_str!("../../fixtures/vectors/keys/age1.txt"));
    place.log();
    place
}

#[test]
fn master_keys_of_a_file_are_wrapped_for_together() {
    let place = Place::new();
    let keys = keys(&place, 4);
    place.log();
    place.rules(&json!([gather("/encrypt", 4)]));
    let encrypted = text(place.ours(&["encrypt", "--azure-kv", &keys.join(","), "plain.yaml"]));
    let names: Vec<String> = entries(&encrypted).into_iter().map(|it| it.0).collect();
    assert_eq!(names, keys, "in the order in which they were named");
    let log = place.log();
    assert_eq!((calls(&log, "/encrypt").len(), logins(&log)), (4, 1));
    place.write("file.yaml", &encrypted);
    assert_eq!(text(place.theirs(&["decrypt", "file.yaml"])), PLAIN);
    // versions are looked up together, too
    let unversioned: Vec<&str> =
        keys.iter().map(|key| key.rsplit_once('/').expect("a version").0).collect();
    place.rules(&json!([gather("/keys/k", 4), gather("/encrypt", 4)]));
    let command = place.ours(&["encrypt", "--azure-kv", &unversioned.join(","), "plain.yaml"]);
    assert_eq!(entries(&text(command)).len(), 4);
}

#[test]
fn eight_calls_are_under_way_at_most() {
    let place = Place::new();
    let keys = keys(&place, 11);
    place.tell(&json!({"do": "peak"}));
    place.rules(&json!([gather("/encrypt", 8)]));
    text(place.ours(&["encrypt", "--azure-kv", &keys.join(","), "plain.yaml"]));
    assert_eq!(place.tell(&json!({"do": "peak"})), 8);
}

#[test]
fn first_master_key_that_is_refused_is_told_whichever_answers_first() {
    let place = Place::new();
    let keys = keys(&place, 4);
    let refuse = |name: &str, code: &str, delay: f64| {
        let body = json!({"error": {"code": code, "message": "no"}});
        json!({"path": format!("/keys/{name}/"), "with_token": true, "status": 403, "body": body,
            "delay": delay})
    };
    for delays in [[1.0, 0.0], [0.0, 1.0]] {
        place.rules(&json!([refuse("k1", "First", delays[0]), refuse("k3", "Third", delays[1])]));
        let (code, words, _) =
            failure(place.ours(&["encrypt", "--azure-kv", &keys.join(","), "plain.yaml"]));
        assert!(code == 1 && words.contains("403 First"), "{words}");
        assert!(!words.contains("403 Third"), "{words}");
    }
}

#[test]
fn one_vault_that_is_foreign_keeps_all_from_being_asked() {
    let place = Place::new();
    let keys = keys(&place, 2);
    place.log();
    let list = format!("{},https://evil.example/keys/k,{}", keys[0], keys[1]);
    let (code, words, _) = failure(place.ours(&["encrypt", "--azure-kv", &list, "plain.yaml"]));
    assert!(code == 1 && words.contains("evil.example is no host of Azure Key Vault"), "{words}");
    assert!(place.log().is_empty());
}

#[test]
fn as_many_groups_are_opened_together_as_are_needed() {
    let place = with_groups(|keys| keys.iter().map(|key| vec![key.clone()]).collect(), 2);
    place.rules(&json!([gather("/decrypt", 2)]));
    assert_eq!(text(place.ours(&["decrypt", "file.yaml"])), PLAIN);
    let log = place.log();
    let asked: Vec<&str> = calls(&log, "/decrypt").iter().map(|it| &it.path[..8]).collect();
    assert!(asked.len() == 2 && !asked.contains(&"/keys/k2"), "{asked:?}");
    assert_eq!(logins(&log), 1);
    // the third is asked when one of the two does not open
    place.rules(&json!([{"path": "/keys/k0/", "with_token": true, "status": 403}]));
    assert_eq!(text(place.ours(&["decrypt", "file.yaml"])), PLAIN);
    assert_eq!(calls(&place.log(), "/decrypt").len(), 3);
    let refuse =
        |name: &str| json!({"path": format!("/keys/{name}/"), "with_token": true, "status": 403});
    place.rules(&json!([refuse("k0"), refuse("k2")]));
    let (code, words, _) = failure(place.ours(&["decrypt", "file.yaml"]));
    assert_eq!(code, 128);
    insta::assert_snapshot!(place.masked(&words));
}

#[test]
fn all_groups_are_asked_where_the_file_does_not_say_how_many_it_needs() {
    let place = with_groups(|keys| keys.iter().map(|key| vec![key.clone()]).collect(), 3);
    let text_of_file = place.read("file.yaml");
    let without = text_of_file.replace("    shamir_threshold: 3\n", "");
    assert_ne!(without, text_of_file);
    place.write("file.yaml", &without);
    place.rules(&json!([gather("/decrypt", 3)]));
    assert_eq!(text(place.ours(&["decrypt", "file.yaml"])), PLAIN);
}

#[test]
fn master_keys_of_a_group_are_asked_one_after_the_other() {
    let place = with_groups(|keys| vec![keys.to_vec()], 0);
    assert_eq!(text(place.ours(&["decrypt", "file.yaml"])), PLAIN);
    assert_eq!(calls(&place.log(), "/decrypt").len(), 1);
    place.rules(&json!([{"path": "/keys/k0/", "with_token": true, "status": 403}]));
    assert_eq!(text(place.ours(&["decrypt", "file.yaml"])), PLAIN);
    assert_eq!(calls(&place.log(), "/decrypt").len(), 2);
}

#[test]
fn no_vault_is_asked_when_keys_at_hand_open_enough_groups() {
    let groups = |keys: &[String]| {
        let age = AGE.to_owned();
        let second = SECOND_AGE.to_owned();
        vec![vec![keys[0].clone()], vec![keys[1].clone(), age], vec![second]]
    };
    let place = with_groups(groups, 2);
    let both = [
        include_str!("../../fixtures/vectors/keys/age1.txt"),
        include_str!("../../fixtures/vectors/keys/age2.txt"),
    ];
    let mut command = place.ours(&["decrypt", "file.yaml"]);
    command.env("SOPS_AGE_KEY", both.concat());
    assert_eq!(text(command), PLAIN);
    assert!(place.log().is_empty());
    // one of them opens one group, so one vault is asked
    let with_one = |arguments: &[&str]| {
        let mut command = place.ours(arguments);
        command.env("SOPS_AGE_KEY", both[0]);
        command
    };
    assert_eq!(text(with_one(&["decrypt", "file.yaml"])), PLAIN);
    assert_eq!(calls(&place.log(), "/decrypt").len(), 1);
    // the order that the user gives holds
    let order = ["decrypt", "--decryption-order", "azure_kv,age", "file.yaml"];
    assert_eq!(text(with_one(&order)), PLAIN);
    assert_eq!(calls(&place.log(), "/decrypt").len(), 2);
}

/// Files with a data key each, and one that is wrapped like the first.
fn with_files(place: &Place) -> Vec<String> {
    let keys = keys(place, 3);
    for (number, key) in keys.iter().enumerate() {
        place.write("plain.env", &format!("V{number}=s3cret\n"));
        let encrypted = text(place.ours(&["encrypt", "--azure-kv", key, "plain.env"]));
        place.write(&format!("{number}.env"), &encrypted);
    }
    place.write("copy.env", &place.read("0.env"));
    place.log();
    keys
}

fn exec_env(place: &Place, files: &[&str]) -> Command {
    let mut arguments = vec!["exec-env"];
    arguments.extend(files);
    arguments.push("echo $V0 $V1 $V2");
    place.ours(&arguments)
}

#[test]
fn files_of_a_call_are_opened_together_and_each_wrapped_key_once() {
    let place = Place::new();
    with_files(&place);
    place.rules(&json!([gather("/decrypt", 3)]));
    let files = ["0.env", "1.env", "copy.env", "2.env"];
    assert_eq!(text(exec_env(&place, &files)), "s3cret s3cret s3cret\n");
    let log = place.log();
    assert_eq!((calls(&log, "/decrypt").len(), logins(&log)), (3, 1));
}

#[test]
fn first_file_that_does_not_open_is_told() {
    let place = Place::new();
    with_files(&place);
    let refuse = |name: &str, delay: f64| {
        let body = json!({"error": {"code": "Forbidden", "message": format!("not {name}")}});
        json!({"path": format!("/keys/{name}/"), "with_token": true, "status": 403, "body": body,
            "delay": delay})
    };
    for delays in [[1.0, 0.0], [0.0, 1.0]] {
        place.rules(&json!([refuse("k1", delays[0]), refuse("k2", delays[1])]));
        let (code, words, _) = failure(exec_env(&place, &["0.env", "1.env", "2.env"]));
        assert!(code == 128 && words.contains("not k1") && !words.contains("not k2"), "{words}");
        let log = place.log();
        assert_eq!(calls(&log, "/decrypt").len(), 3, "a refusal is not asked for again");
    }
    // and without the vault a file that is not there
    let (code, words, _) = failure(exec_env(&place, &["missing.env", "1.env", "2.env"]));
    assert!(code != 0 && words.contains("missing.env"), "{words}");
    assert!(place.log().is_empty());
}

#[test]
fn files_whose_keys_are_updated_are_opened_together() {
    let place = Place::new();
    let keys = with_files(&place);
    let list = format!("'{}', '{}', '{}'", keys[0], keys[1], keys[2]);
    place.write(".sops.yaml", &format!("creation_rules: [{{azure_keyvault: [{list}]}}]\n"));
    place.rules(&json!([gather("/decrypt", 3)]));
    let files = ["0.env", "1.env", "2.env", "copy.env", "plain.env"];
    let output = output(place.ours(&[&["updatekeys", "--yes"][..], &files].concat()));
    let words = String::from_utf8(output.stderr).expect("text");
    assert_eq!(output.status.code(), Some(1), "the last file is in clear: {words}");
    let told: Vec<&str> = words.lines().filter(|line| line.contains("synced")).collect();
    let expected = files[..4].iter().map(|name| format!("File {name} synced with new keys"));
    assert_eq!(told.len(), 4, "{words}");
    assert!(told.iter().zip(expected).all(|(line, text)| line.ends_with(&text)), "{words}");
    let log = place.log();
    assert_eq!((calls(&log, "/decrypt").len(), logins(&log)), (3, 1));
    for name in &files[..4] {
        assert!(text(place.theirs(&["decrypt", name])).ends_with("=s3cret\n"));
    }
    // files that are up to date ask for nothing
    place.log();
    text(place.ours(&[&["updatekeys", "--yes"][..], &files[..4]].concat()));
    assert!(place.log().is_empty());
}

#[test]
fn credentials_that_are_refused_are_sent_once() {
    let place = Place::new();
    let keys = keys(&place, 6);
    place.log();
    let mut command = place.ours(&["encrypt", "--azure-kv", &keys.join(","), "plain.yaml"]);
    command.env("AZURE_CLIENT_SECRET", "wrong");
    let (code, words, _) = failure(command);
    assert!(code == 1 && words.contains("AADSTS7000215"), "{words}");
    assert_eq!(logins(&place.log()), 1);
}
