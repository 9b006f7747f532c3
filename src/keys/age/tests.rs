use std::ffi::OsString;
use std::path::Path;

use super::*;
use crate::io::environment::Environment;
use crate::tree::Timestamp;

/// An identity of a plugin that nobody has.
const PLUGIN: &str = "AGE-PLUGIN-MISSING-1W3JHXAQARCVTR";

/// The neutral element of the curve as an SSH public key.
const WEAK_SSH: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

const KEYS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/vectors/keys");

fn key_file(name: &str) -> String {
    std::fs::read_to_string(Path::new(KEYS).join(name)).unwrap()
}

fn identity(name: &str) -> String {
    key_file(name).lines().last().unwrap().to_owned()
}

fn recipient(name: &str) -> String {
    let text = key_file(name);
    text.lines().find_map(|line| line.strip_prefix("# public key: ")).unwrap().to_owned()
}

/// Wraps a data key for `owner` and unwraps it with the identities of the variables.
fn answer(owner: &str, variables: &[(&str, &str)]) -> Result<Vec<u8>, String> {
    let owner = recipient(owner);
    let enc = wrap(&Recipient::parse(&owner).unwrap(), b"0123").unwrap();
    answer_to(&owner, &enc, variables)
}

fn answer_to(owner: &str, enc: &str, variables: &[(&str, &str)]) -> Result<Vec<u8>, String> {
    let variable = |name: &str| {
        let found = variables.iter().find(|(known, _)| *known == name);
        found.map(|(_, value)| OsString::from(value))
    };
    let identities = Identities::new(Environment::new(&variable));
    match unwrap(&identities, owner, enc) {
        Unwrapped::Mine(data_key) => Ok(data_key.to_vec()),
        Unwrapped::NotMine(report) => Err(report.to_string()),
        Unwrapped::Failed(error) => Err(format!("failed: {error}")),
    }
}

#[test]
fn only_recipients_that_can_be_used_are_accepted() {
    let good = recipient("age1.txt");
    assert_eq!(Recipient::parse(&format!(" {good}\n")).unwrap().as_str(), good);
    let rows = [
        ("bad", "unknown age recipient type: \"bad\""),
        ("", "unknown age recipient type: \"\""),
        ("age1bad", "malformed age recipient \"age1bad\": "),
        ("age1pq1xyz", "malformed age recipient \"age1pq1xyz\": invalid Bech32 encoding"),
        ("age1yubikey1q", "malformed age recipient \"age1yubikey1q\": invalid Bech32 encoding"),
        (WEAK_SSH, &format!("malformed age recipient {WEAK_SSH:?}: it has the same secret with")),
        ("ssh-rsa AAAA me", "malformed age recipient \"ssh-rsa AAAA me\": invalid SSH public key"),
    ];
    for (text, expected) in rows {
        let message = Recipient::parse(text).unwrap_err().to_string();
        assert!(message.starts_with(expected), "{message}");
    }
}

#[test]
fn a_wrapped_key_is_armored_for_one_recipient() {
    let recipient = Recipient::parse(&recipient("age1.txt")).unwrap();
    let enc = wrap(&recipient, &[7; 33]).unwrap();
    let lines: Vec<&str> = enc.lines().collect();
    assert_eq!(lines[0], "-----BEGIN AGE ENCRYPTED FILE-----");
    assert_eq!(*lines.last().unwrap(), "-----END AGE ENCRYPTED FILE-----");
    assert!(lines[1..lines.len() - 2].iter().all(|line| line.len() == 64));
    assert!(enc.ends_with('\n') && !enc.contains('\r'));
}

#[test]
fn every_source_opens_what_is_encrypted_to_its_identity() {
    let one = identity("age1.txt");
    let two = identity("age2.txt");
    let both = format!("\r\n# {two}\n{two} {one}\r\n");
    let file = format!("{KEYS}/age1.txt");
    let command = format!("cat '{KEYS}/age1.txt'");
    let rows = [
        [("SOPS_AGE_KEY", one.as_str()), ("HOME", "/nowhere")],
        [("SOPS_AGE_KEY", &both), ("SOPS_AGE_KEY_FILE", "/nowhere")],
        [("SOPS_AGE_KEY_FILE", &file), ("SOPS_AGE_KEY", "bad")],
        [("SOPS_AGE_KEY_CMD", &command), ("SOPS_AGE_KEY", &two)],
    ];
    for variables in rows {
        assert_eq!(answer("age1.txt", &variables), Ok(b"0123".to_vec()), "{variables:?}");
    }
}

#[test]
fn an_ssh_key_opens_what_is_encrypted_to_it() {
    let file = format!("{KEYS}/ssh_ed25519");
    let public = key_file("ssh_ed25519.pub");
    let command = format!("cat '{file}'");
    let enc = wrap(&Recipient::parse(&public).unwrap(), b"0123").unwrap();
    for variable in
        [("SOPS_AGE_SSH_PRIVATE_KEY_FILE", &file), ("SOPS_AGE_SSH_PRIVATE_KEY_CMD", &command)]
    {
        let variables = [(variable.0, variable.1.as_str())];
        assert_eq!(answer_to(public.trim(), &enc, &variables), Ok(b"0123".to_vec()));
        let other = wrap(&Recipient::parse(&recipient("age1.txt")).unwrap(), b"0123").unwrap();
        let failed = answer_to(public.trim(), &other, &variables).unwrap_err();
        assert_eq!(failed, "failed: the data key is not encrypted to the recipient that it names");
    }
}

/// Reads a file of `fixtures/age`.
fn fixture(name: &str) -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/age");
    std::fs::read_to_string(folder.join(name)).unwrap()
}

#[test]
fn post_quantum_keys_are_those_of_age() {
    let identity = fixture("pq.txt");
    let owner = identity.lines().find_map(|line| line.strip_prefix("# public key: ")).unwrap();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/age/pq.txt");
    assert_eq!(recipients_of(&path).unwrap(), [owner]);
    let variables = [("SOPS_AGE_KEY", identity.as_str())];
    let opened = answer_to(owner, &fixture("pq.age"), &variables);
    assert_eq!(opened, Ok(b"a data key of 32 bytes, or thus.".to_vec()));
    let enc = wrap(&Recipient::parse(owner).unwrap(), b"0123").unwrap();
    assert_eq!(answer_to(owner, &enc, &variables), Ok(b"0123".to_vec()));
    let other = wrap(&Recipient::parse(&recipient("age1.txt")).unwrap(), b"0123").unwrap();
    let failed = answer_to(owner, &other, &variables).unwrap_err();
    assert_eq!(failed, "failed: the data key is not encrypted to the recipient that it names");
}

#[cfg(all(unix, not(target_os = "macos")))]
#[test]
fn the_default_file_is_used() {
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir_all(home.path().join("sops/age")).unwrap();
    std::fs::write(home.path().join("sops/age/keys.txt"), key_file("age2.txt")).unwrap();
    let variables = [("XDG_CONFIG_HOME", home.path().to_str().unwrap())];
    assert_eq!(answer("age2.txt", &variables), Ok(b"0123".to_vec()));
}

#[test]
fn the_command_is_told_the_recipient() {
    let script = r#"sh -c 'test "$SOPS_AGE_RECIPIENT" = OWNER && cat FOLDER/age1.txt'"#;
    for (name, is_mine) in [("age1.txt", true), ("age2.txt", false)] {
        let script = script.replace("OWNER", &recipient(name)).replace("FOLDER", KEYS);
        let opened = answer("age1.txt", &[("SOPS_AGE_KEY_CMD", &script)]);
        assert_eq!(opened.is_ok(), is_mine, "{opened:?}");
    }
}

#[cfg(all(unix, not(target_os = "macos")))]
#[test]
fn the_report_lists_each_place_and_no_content() {
    let home = tempfile::tempdir().unwrap();
    std::fs::create_dir(home.path().join(".ssh")).unwrap();
    std::fs::write(home.path().join(".ssh/id_rsa"), "secret").unwrap();
    let home = home.path().to_str().unwrap();
    let bad = format!("{}\nsecret", identity("age2.txt"));
    let file = format!("{KEYS}/age2.txt");
    let report = answer(
        "age1.txt",
        &[
            ("HOME", home),
            ("SOPS_AGE_KEY", &bad),
            ("SOPS_AGE_KEY_FILE", &file),
            ("SOPS_AGE_KEY_CMD", "false secret"),
            ("SOPS_AGE_SSH_PRIVATE_KEY_CMD", "echo secret"),
        ],
    );
    let expected = [
        "SOPS_AGE_KEY: line 2 is not an age identity".to_owned(),
        format!("SOPS_AGE_KEY_FILE ({file}): 1 identity, which does not match"),
        format!("{home}/.config/sops/age/keys.txt: no such file"),
        format!("{home}/.ssh/id_rsa: not an SSH private key that age can use"),
        "SOPS_AGE_KEY_CMD: the command failed with exit status: 1".to_owned(),
        "SOPS_AGE_SSH_PRIVATE_KEY_CMD: not an SSH private key that age can use".to_owned(),
    ];
    assert_eq!(report, Err(expected.join("\n")));
}

#[test]
fn what_a_source_lacks_is_said() {
    let two = identity("age2.txt");
    let sealed = wrap(&Recipient::parse(&recipient("age2.txt")).unwrap(), two.as_bytes()).unwrap();
    let locked = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/age/age2.age");
    let locked = std::fs::read_to_string(locked).unwrap();
    let rows = [
        ("", "no identities"),
        ("# none\n", "no identities"),
        ("AGE-SECRET-KEY-1QQ", "line 1 is not an age identity"),
        ("AGE-SECRET-KEY-PQ-1QQ", "line 1 is not an age identity"),
        ("\n\nAGE-PLUGIN-YUBIKEY-1QQ", "line 3 is not an age identity"),
        (PLUGIN, "age-plugin-missing is in no folder of PATH"),
        ("age-encryption.org/v1", "encrypted identities that are damaged"),
        ("-----BEGIN AGE ENCRYPTED", "encrypted identities that are damaged"),
        (&sealed, "encrypted, but not with a passphrase"),
        (&locked, "a passphrase is needed: this program does not ask for it"),
        (&format!("{two}\n{two}"), "2 identities, none matches"),
        (
            &format!("{two}\n{PLUGIN}"),
            "2 identities, none matches; age-plugin-missing is in no folder of PATH",
        ),
    ];
    for (value, expected) in rows {
        let report = answer("age1.txt", &[("SOPS_AGE_KEY", value)]).unwrap_err();
        assert_eq!(report.lines().next(), Some(format!("SOPS_AGE_KEY: {expected}").as_str()));
    }
    let rows = [
        (("SOPS_AGE_KEY_FILE", ""), "SOPS_AGE_KEY_FILE: set but empty"),
        (("SOPS_AGE_KEY_FILE", "/nowhere"), "SOPS_AGE_KEY_FILE (/nowhere): no such file"),
        (("SOPS_AGE_KEY_CMD", "' "), "SOPS_AGE_KEY_CMD: the command cannot be split into words"),
        (("SOPS_AGE_KEY_CMD", " "), "SOPS_AGE_KEY_CMD: the command is empty"),
        (("SOPS_AGE_KEY_CMD", "/nowhere"), "SOPS_AGE_KEY_CMD: the command cannot be started: "),
        (("HOME", ""), "default identity file: no home folder is set"),
    ];
    for (variable, expected) in rows {
        let report = answer("age1.txt", &[variable]).unwrap_err();
        assert!(report.lines().any(|line| line.starts_with(expected)), "{report}");
    }
}

#[test]
fn an_identity_in_place_of_a_path_is_not_shown() {
    let two = identity("age2.txt");
    for value in [two.clone(), two.to_lowercase(), format!("/nowhere/{two}")] {
        let report = answer("age1.txt", &[("SOPS_AGE_KEY_FILE", &value)]).unwrap_err();
        let expected = "SOPS_AGE_KEY_FILE: holds an identity, not the path of a file";
        assert!(report.lines().any(|line| line == expected), "{report}");
        assert!(!report.to_lowercase().contains("age-secret-key-"), "{report}");
    }
    let report = answer("age1.txt", &[("SOPS_AGE_KEY_CMD", &two)]).unwrap_err();
    assert!(!report.contains(&two), "{report}");
}

#[test]
fn an_identity_file_tells_its_recipients() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.txt");
    let (one, two) = (identity("age1.txt"), identity("age2.txt"));
    let both = [recipient("age1.txt"), recipient("age2.txt")];
    let locked = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/age/age2.age");
    let locked = std::fs::read_to_string(locked).unwrap();
    let unknown = "its identities do not tell their recipients";
    let rows: [(String, Result<&[String], &str>); 8] = [
        (key_file("age1.txt"), Ok(&both[..1])),
        (format!("# a note\r\n{one}\r\n\r\n{two}"), Ok(&both)),
        (format!("{one}\n{PLUGIN}\n"), Ok(&both[..1])),
        ("# nothing\n".to_owned(), Ok(&[])),
        (format!("{one}\nsecret\n"), Err("line 2 is not an age identity")),
        (PLUGIN.to_owned(), Err(unknown)),
        (locked, Err(unknown)),
        ("-----BEGIN AGE".to_owned(), Err("encrypted identities that are damaged")),
    ];
    for (content, expected) in rows {
        std::fs::write(&path, &content).unwrap();
        let found = recipients_of(&path).map_err(|problem| problem.to_string());
        assert_eq!(found, expected.map(<[String]>::to_vec).map_err(str::to_owned));
    }
    let missing = recipients_of(&folder.path().join("none"));
    assert!(matches!(missing, Err(Problem::File(_))));
}

#[test]
fn damage_is_told_apart_from_another_key() {
    let one = identity("age1.txt");
    let owner = recipient("age1.txt");
    let enc = wrap(&Recipient::parse(&owner).unwrap(), b"0123").unwrap();
    let other = wrap(&Recipient::parse(&recipient("age2.txt")).unwrap(), b"0123").unwrap();
    let cut = enc.replacen("-----END", "QUJD\n-----END", 1);
    let damaged = "failed: the encrypted data key is damaged";
    let rows = [
        (enc.as_str(), None),
        ("", Some(damaged)),
        ("no age file", Some(damaged)),
        (&cut, Some(damaged)),
        (&other, Some("failed: the data key is not encrypted to the recipient that it names")),
    ];
    for (enc, expected) in rows {
        let error = answer_to(&owner, enc, &[("SOPS_AGE_KEY", &one)]).err();
        assert_eq!(error.as_deref(), expected, "{enc}");
    }
}

#[test]
fn a_new_identity_file_is_like_that_of_age_keygen() {
    let new = generate();
    let created = Timestamp::parse("2026-01-02T03:04:05Z").unwrap();
    let content = new.file_content(created);
    let (recipient, identity) = (&new.recipient, new.identity.as_str());
    let expected =
        format!("# created: 2026-01-02T03:04:05Z\n# public key: {recipient}\n{identity}\n");
    assert_eq!(*content, expected);
    let enc = wrap(&Recipient::parse(recipient).unwrap(), b"0123").unwrap();
    assert_eq!(answer_to(recipient, &enc, &[("SOPS_AGE_KEY", &content)]), Ok(b"0123".to_vec()));
}
