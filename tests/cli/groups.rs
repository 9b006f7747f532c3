use super::place::{OTHER_RECIPIENT, PLAIN, Place, RECIPIENT, key_file};

const THIRD: &str = "age1pphx67y4qpnzeg63tskttv3qf4m658wlgfguks63cafstar884xqwmxlmm";

/// Says whether the file opens with the identities of these files.
fn opens(place: &mut Place, keys: &[&str]) -> bool {
    let key = |name: &&str| std::fs::read_to_string(key_file(name)).expect("a key");
    place.write("keys.txt", keys.iter().map(key).collect::<String>());
    place.set("SOPS_AGE_KEY_FILE", "keys.txt");
    let answer = place.call(&["decrypt", "file.yaml"], b"");
    assert!(answer.code == Some(128) || answer.stdout == PLAIN, "{answer}");
    answer.code == Some(0)
}

#[test]
fn groups_are_added_and_deleted() {
    let mut place = Place::with_encrypted();
    let before = place.read("file.yaml");
    place.note(&["groups", "add", "-f", "file.yaml", "-i", "--age", OTHER_RECIPIENT]);
    assert!(place.read("file.yaml").contains("shamir_threshold: 2"));
    assert!(!opens(&mut place, &["age1.txt"]) && opens(&mut place, &["age1.txt", "age2.txt"]));
    let words = ["groups", "add", "-f", "file.yaml", "-i", "--age", THIRD, "--age", THIRD];
    place.note(&words);
    assert!(place.read("file.yaml").contains("shamir_threshold: 2"), "it stays");
    assert!(opens(&mut place, &["age1.txt", "age3.txt"]) && !opens(&mut place, &["age3.txt"]));
    assert!(opens(&mut place, &["age1.txt", "age2.txt", "age3.txt"]));
    place.note(&["groups", "delete", "-f", "file.yaml", "-i", "1"]);
    assert!(!opens(&mut place, &["age1.txt", "age2.txt"]));
    assert!(opens(&mut place, &["age1.txt", "age3.txt"]));
    place.note(&["groups", "delete", "-f", "file.yaml", "-i", "1"]);
    let words = ["groups", "delete", "-f", "file.yaml", "-i", "1"];
    place.note(&[&words[..], &["--shamir-secret-sharing-threshold", "1"]].concat());
    assert!(opens(&mut place, &["age1.txt"]));
    let after = place.read("file.yaml");
    assert!(!after.contains("shamir") && !after.contains("key_groups"), "{after}");
    let rest = |text: &str| text[text.find("    lastmodified").expect("a date")..].to_owned();
    assert_eq!(rest(&before), rest(&after));
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn result_goes_to_standard_output_unless_it_is_to_be_in_place() {
    let mut place = Place::with_encrypted();
    let before = place.read("file.yaml");
    let words = ["groups", "add", "--file", "file.yaml", "--age", OTHER_RECIPIENT];
    let answer = place.call(&words, b"");
    assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""));
    assert_eq!(place.read("file.yaml"), before);
    place.write("file.yaml", answer.stdout);
    assert!(opens(&mut place, &["age12.txt"]));
    let words =
        ["groups", "delete", "--shamir-secret-sharing-threshold", "1", "-f", "file.yaml", "0"];
    let answer = place.call(&words, b"");
    assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""));
    place.write("file.yaml", answer.stdout);
    assert!(opens(&mut place, &["age2.txt"]) && !opens(&mut place, &["age1.txt"]));
}

#[test]
fn changes_that_would_close_a_file_for_good_are_refused() {
    let mut place = Place::with_encrypted();
    let before = place.read("file.yaml");
    let calls: [&[&str]; 12] = [
        &["delete", "-f", "file.yaml", "-i", "0"],
        &["delete", "-f", "file.yaml", "-i", "7"],
        &["delete", "-f", "file.yaml", "-i"],
        &["delete", "-f", "file.yaml", "-i", "x"],
        &["add", "-f", "file.yaml", "-i"],
        &["add", "-f", "file.yaml", "-i", "--age", "bad"],
        &["add", "-f", "file.yaml", "-i", "--age", THIRD, "--hckms", "r:u"],
        &["add", "-f", "file.yaml", "-i", "--age", THIRD, "--shamir-secret-sharing-threshold", "3"],
        &["add", "-f", "file.yaml", "-i", "--age", THIRD, "--shamir-secret-sharing-threshold", "1"],
        &["add", "-i", "--age", THIRD],
        &["add", "x", "-f", "file.yaml"],
        &["nosuch"],
    ];
    for words in calls {
        place.note(&[&["groups"], words].concat());
        assert_eq!(place.read("file.yaml"), before, "{words:?}");
    }
    place.note(&["groups", "add", "-f", "missing.yaml", "--age", THIRD]);
    place.note(&["groups", "add", "-f", ".", "--age", THIRD]);
    place.write("plain.yaml", PLAIN);
    place.note(&["groups", "add", "-f", "plain.yaml", "--age", THIRD]);
    place.note(&["groups", "add", "-f", "file.yaml", "--age", THIRD, "--encryption-context", "x"]);
    place.set("SOPS_AGE_KEY_FILE", &key_file("age2.txt"));
    place.note(&["groups", "add", "-f", "file.yaml", "-i", "--age", THIRD]);
    assert_eq!(place.read("file.yaml"), before);
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn repeated_keys_of_a_new_group_are_wrapped_once() {
    let place = Place::with_encrypted();
    let keys = format!("{THIRD},{RECIPIENT}");
    let words = [
        "groups",
        "add",
        "-f",
        "file.yaml",
        "-i",
        "--age",
        &keys,
        "--age",
        THIRD,
        "--age",
        RECIPIENT,
    ];
    let answer = place.call(&words, b"");
    assert_eq!(answer.code, Some(0), "{answer}");
    let text = place.read("file.yaml");
    assert_eq!(text.matches("recipient: ").count(), 3, "{text}");
}

#[test]
fn master_keys_are_tried_in_the_decryption_order() {
    let place = Place::new();
    place.write("file.yaml", super::vector("yaml/groups_2of3_pgp.enc.yaml"));
    let tried = |order: &[&str]| {
        let answer = place.call(&[&["decrypt", "file.yaml"], order].concat(), b"");
        assert_eq!(answer.code, Some(128), "{answer}");
        let report = answer.stderr.split("Group 1: FAILED\n").nth(1).expect("a second group");
        let first = report.lines().next().expect("a key").trim().to_owned();
        if first.starts_with("age1") { "age" } else { "pgp" }
    };
    let rows: [(&[&str], &str); 5] = [
        (&[], "age"),
        (&["--decryption-order", "age"], "age"),
        (&["--decryption-order", "pgp,age"], "pgp"),
        (&["--decryption-order", "nosuch"], "pgp"),
        (&["--decryption-order", "kms,age"], "age"),
    ];
    for (order, first) in rows {
        assert_eq!(tried(order), first, "{order:?}");
    }
}
