use super::place::{OTHER_RECIPIENT, PLAIN, Place, RECIPIENT, key_file};

/// A recipient whose identity nobody here has.
const STRANGER: &str = "age1pphx67y4qpnzeg63tskttv3qf4m658wlgfguks63cafstar884xqwmxlmm";

/// Checks that a file decrypts to [`PLAIN`].
fn opens(place: &Place) {
    let answer = place.call(&["decrypt", "file.yaml"], b"");
    assert_eq!((answer.code, answer.stdout.as_str()), (Some(0), PLAIN), "{answer}");
}

/// Makes a call that must succeed in silence.
fn done(place: &Place, words: &[&str]) -> String {
    let answer = place.call(words, b"");
    assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""), "{words:?}\n{answer}");
    answer.stdout
}

/// The recipients of the file, in order.
fn recipients(text: &str) -> Vec<&str> {
    text.lines().filter_map(|line| line.split_once("recipient: ")).map(|(_, name)| name).collect()
}

/// The text without ciphertexts, wrapped keys and date.
fn rest(place: &Place, text: &str) -> String {
    let is_kept = |line: &&str| !line.starts_with("            ") && !line.contains("lastmodified");
    place.steady(&text.lines().filter(is_kept).collect::<Vec<_>>().join("\n"))
}

#[test]
fn rotate_changes_every_ciphertext_and_nothing_else() {
    let place = Place::with_encrypted();
    let before = place.read("file.yaml");
    for words in [&["rotate", "-i", "file.yaml"][..], &["-r", "-i", "file.yaml"]] {
        done(&place, words);
        let after = place.read("file.yaml");
        assert_eq!(rest(&place, &before), rest(&place, &after));
        let mut old = before.lines().filter(|line| line.contains("ENC["));
        assert!(old.all(|old| !after.lines().any(|new| new == old)), "{before}{after}");
        opens(&place);
    }
}

#[test]
fn result_goes_where_it_is_asked_to_go() {
    let place = Place::with_encrypted();
    let before = place.read("file.yaml");
    let printed = done(&place, &["rotate", "file.yaml"]);
    assert!(printed.contains("sops:") && place.read("file.yaml") == before);
    assert_eq!(done(&place, &["rotate", "--output", "out.yaml", "file.yaml"]), "");
    assert!(place.read("out.yaml").contains("sops:") && place.read("file.yaml") == before);
    let mut place = place;
    place.note(&["rotate", "-i", "--output", "out.yaml", "file.yaml"]);
    place.note(&["rotate"]);
    place.note(&["-r"]);
    place.note(&["rotate", "missing.yaml"]);
    place.note(&["-r", "missing.yaml"]);
    place.note(&["rotate", "--add-age", RECIPIENT, "missing.yaml"]);
    place.note(&["rotate", "--rm-age", RECIPIENT, "missing.yaml"]);
    place.note(&["rotate", "."]);
    place.write("plain.yaml", PLAIN);
    place.note(&["rotate", "plain.yaml"]);
    place.note(&["rotate", "--decryption-order", "age,age", "file.yaml"]);
    place.note(&["rotate", "--encryption-context", "x", "file.yaml"]);
    place.note(&["rotate", "--enable-local-keyservice=false", "file.yaml"]);
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn keys_are_added_and_removed() {
    let mut place = Place::with_encrypted();
    let add = format!("{OTHER_RECIPIENT}, {STRANGER},{OTHER_RECIPIENT},{RECIPIENT}");
    done(&place, &["rotate", "-i", "--add-age", &add, "file.yaml"]);
    assert_eq!(recipients(&place.read("file.yaml")), [RECIPIENT, OTHER_RECIPIENT, STRANGER]);
    done(&place, &["rotate", "-i", "--rm-age", &format!("{STRANGER},{RECIPIENT}"), "file.yaml"]);
    assert_eq!(recipients(&place.read("file.yaml")), [OTHER_RECIPIENT]);
    place.set("SOPS_AGE_KEY_FILE", &key_file("age2.txt"));
    opens(&place);
    // a key that is written down twice goes with both entries
    let text = place.read("file.yaml");
    let start = text.find("        - enc: |").expect("an entry");
    let end = text.find(OTHER_RECIPIENT).expect("a recipient") + OTHER_RECIPIENT.len() + 1;
    let twice = [&text[..end], &text[start..end], &text[end..]].concat();
    place.write("file.yaml", twice);
    let swap = ["rotate", "-i", "--add-age", STRANGER, "--rm-age", OTHER_RECIPIENT, "file.yaml"];
    done(&place, &swap);
    assert_eq!(recipients(&place.read("file.yaml")), [STRANGER]);
}

#[test]
fn what_keeps_a_file_from_being_rotated_is_said() {
    let mut place = Place::with_encrypted();
    let before = place.read("file.yaml");
    place.note(&["rotate", "-i", "--rm-age", RECIPIENT, "file.yaml"]);
    place.note(&["rotate", "-i", "--add-age", "age1nosuch", "file.yaml"]);
    place.note(&["rotate", "-i", "--add-pgp", "ABCD", "file.yaml"]);
    place.note(&["rotate", "-i", "--add-gcp-kms", "projects/p/key", "file.yaml"]);
    place.write("bad.yaml", before.replacen("data:", "data:A", 1));
    place.note(&["rotate", "-i", "bad.yaml"]);
    let (mac, end) = before.rsplit_once("    mac: ").expect("a MAC");
    let mac = format!("{mac}    mac: \"\"\n{}", end.split_once('\n').expect("more").1);
    place.write("mac.yaml", &mac);
    place.note(&["rotate", "-i", "mac.yaml"]);
    place.set("SOPS_AGE_KEY_FILE", &key_file("age2.txt"));
    place.note(&["rotate", "-i", "file.yaml"]);
    place.set("SOPS_AGE_KEY_FILE", &key_file("age1.txt"));
    place.write("pgp.yaml", super::vector("yaml/groups_2of3_pgp.enc.yaml"));
    place.set("SOPS_AGE_KEY_FILE", &key_file("age12.txt"));
    place.note(&["rotate", "-i", "pgp.yaml"]);
    assert_eq!(place.read("file.yaml"), before);
    assert_eq!(place.read("mac.yaml"), mac);
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn what_has_no_effect_is_said() {
    let mut place = Place::with_encrypted();
    place.note(&["rotate", "-i", "--rm-age", STRANGER, "file.yaml"]);
    place.note(&["rotate", "-i", "--verbose", "file.yaml", "more"]);
    place.note(&["-d", "-r", "-i", "file.yaml"]);
    opens(&place);
    let text = place.read("file.yaml");
    let (start, end) = text.rsplit_once("    mac: ").expect("a MAC");
    let end = end.split_once('\n').expect("more").1;
    place.write("file.yaml", format!("{start}    mac: \"\"\n{end}"));
    place.note(&["rotate", "-i", "--ignore-mac", "file.yaml"]);
    opens(&place);
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn recipients_are_pinned_to_the_creation_rule() {
    let mut place = Place::with_encrypted();
    place.write(".sops.yaml", format!("creation_rules:\n  - age: {OTHER_RECIPIENT}\n"));
    let before = place.read("file.yaml");
    place.note(&["rotate", "-i", "file.yaml"]);
    place.note(&["-r", "-i", "file.yaml"]);
    place.note(&["rotate", "-i", "--add-age", OTHER_RECIPIENT, "file.yaml"]);
    assert_eq!(place.read("file.yaml"), before);
    // the rule may name more than the file
    place.write(
        ".sops.yaml",
        format!("creation_rules:\n  - age: {OTHER_RECIPIENT}\n    key_groups: []\n    pgp: X\n"),
    );
    place.note(&["rotate", "-i", "--allow-extra-keys", "file.yaml"]);
    opens(&place);
    place.note(&["rotate", "-i", "--rm-age", RECIPIENT, "--add-age", STRANGER, "file.yaml"]);
    assert_eq!(recipients(&place.read("file.yaml")), [STRANGER]);
    insta::assert_snapshot!(place.transcript());
}

#[cfg(unix)]
#[test]
fn under_the_other_name_the_rule_only_warns() {
    let mut place = Place::with_encrypted();
    place.write(".sops.yaml", format!("creation_rules:\n  - age: {OTHER_RECIPIENT}\n"));
    place.call_it("sops");
    place.note(&["rotate", "-i", "file.yaml"]);
    opens(&place);
    place.set("LEAFSEAL_STRICT", "1");
    place.note(&["rotate", "-i", "file.yaml"]);
    place.unset("LEAFSEAL_STRICT");
    place.write(".sops.yaml", "creation_rules:\n  - path_regex: '('\n");
    place.note(&["rotate", "-i", "file.yaml"]);
    opens(&place);
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn rules_that_are_not_for_the_file_or_cannot_be_read() {
    let mut place = Place::with_encrypted();
    place.write(".sops.yaml", "creation_rules:\n  - path_regex: nomatch\n");
    place.note(&["rotate", "-i", "file.yaml"]);
    place.note(&["-r", "-i", "file.yaml"]);
    place.write(".sops.yaml", "creation_rules:\n  - path_regex: '('\n");
    place.note(&["rotate", "-i", "file.yaml"]);
    place.write(".sops.yaml", "creation_rules: 5\n");
    place.note(&["rotate", "-i", "file.yaml"]);
    opens(&place);
    insta::assert_snapshot!(place.transcript());
}
