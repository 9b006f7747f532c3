use std::ffi::OsString;
use std::path::PathBuf;

use proptest::prelude::*;

use super::parse;
use crate::cli::invocation::{
    DecryptOptions, EditOptions, EncryptOptions, GroupsAction, Invocation, Program, Shell,
    ValueSource,
};
use crate::cli::usage::UsageError;

type Variables<'a> = &'a [(&'a str, &'a str)];

fn parsed(line: &[&str], variables: Variables<'_>) -> Result<Invocation, UsageError> {
    let argv: Vec<OsString> = line.iter().map(OsString::from).collect();
    parse(&argv, &|name| {
        variables.iter().find(|(key, _)| *key == name).map(|(_, value)| OsString::from(value))
    })
}

fn encrypt(line: &[&str], variables: Variables<'_>) -> EncryptOptions {
    match parsed(line, variables) {
        Ok(Invocation::Encrypt(options)) => *options,
        other => panic!("{line:?}: {other:?}"),
    }
}

fn decrypt(line: &[&str], variables: Variables<'_>) -> DecryptOptions {
    match parsed(line, variables) {
        Ok(Invocation::Decrypt(options)) => *options,
        other => panic!("{line:?}: {other:?}"),
    }
}

#[test]
fn grammar_is_sound() {
    crate::cli::help::grammar(Program::Leafseal).debug_assert();
}

#[test]
fn encrypt_fills_every_field() {
    let line = "leafseal --config c encrypt -i --output o --indent 0x2 --input-type yaml \
        --output-type plaintext --filename-override n -a age1 -p pgp -k kms --gcp-kms gcp --hckms h \
        --azure-kv az --hc-vault-transit v --encryption-context a:b --aws-profile prof \
        --unencrypted-suffix 1 --encrypted-suffix 2 --unencrypted-regex 3 --encrypted-regex 4 \
        --unencrypted-comment-regex 5 --encrypted-comment-regex 6 --mac-only-encrypted --no-layout \
        --shamir-secret-sharing-threshold 2 --enable-local-keyservice=f --keyservice tcp://a:1 \
        --verbose f.yaml extra";
    let words: Vec<&str> = line.split_whitespace().collect();
    insta::assert_debug_snapshot!(encrypt(&words, &[]));
}

#[test]
fn decrypt_fills_every_field() {
    let line = "sops -d --extract [\"a\"] --ignore-mac --decryption-order age,pgp --in-place \
        --aws-profile prof f.yaml";
    let words: Vec<&str> = line.split_whitespace().collect();
    insta::assert_debug_snapshot!(decrypt(&words, &[]));
    for operation in ["decrypt", "-d"] {
        assert!(decrypt(&["leafseal", "--lenient", operation, "f"], &[]).is_lenient);
    }
}

#[test]
fn flag_beats_variable_and_empty_variable_is_unset() {
    let variables: Variables<'_> = &[("SOPS_AGE_RECIPIENTS", "v"), ("SOPS_PGP_FP", "")];
    let cases: [(&[&str], Option<&str>); 3] = [
        (&["leafseal", "encrypt", "f"], Some("v")),
        (&["leafseal", "encrypt", "--age", "a", "f"], Some("a")),
        (&["leafseal", "encrypt", "--age", "", "f"], None),
    ];
    for (line, expected) in cases {
        let options = encrypt(line, variables);
        assert_eq!(options.keys.age.as_deref(), expected, "{line:?}");
        assert_eq!(options.keys.pgp, None);
    }
}

#[test]
fn variables_stand_in_for_flags() {
    let variables: Variables<'_> = &[
        ("SOPS_CONFIG", "c"),
        ("SOPS_DECRYPTION_ORDER", "age"),
        ("SOPS_KEYSERVICE", "tcp://a:1, unix:///b,"),
        ("SOPS_ENABLE_LOCAL_KEYSERVICE", "0"),
    ];
    let options = decrypt(&["leafseal", "-d", "f"], variables);
    assert_eq!(options.common.config, Some(PathBuf::from("c")));
    assert_eq!(options.decryption_order.as_deref(), Some("age"));
    assert_eq!(options.key_services.addresses, ["tcp://a:1", "unix:///b"]);
    assert!(!options.key_services.is_local_enabled);
    let options = decrypt(&["leafseal", "-d", "--keyservice", "x", "f"], variables);
    assert_eq!(options.key_services.addresses, ["x"]);
}

#[test]
fn empty_local_keyservice_variable_leaves_it_on() {
    let options = decrypt(&["leafseal", "decrypt"], &[("SOPS_ENABLE_LOCAL_KEYSERVICE", "")]);
    assert!(options.key_services.is_local_enabled);
    assert_eq!(options.file, None);
}

#[test]
fn bad_boolean_variable_counts_only_where_it_is_used() {
    let keys: Variables<'_> = &[("SOPS_ENABLE_LOCAL_KEYSERVICE", "maybe")];
    let check: Variables<'_> = &[("SOPS_DISABLE_VERSION_CHECK", "maybe")];
    let cases: [(&[&str], Variables<'_>, bool); 6] = [
        (&["leafseal", "decrypt", "f"], keys, false),
        (&["leafseal", "decrypt", "--enable-local-keyservice", "f"], keys, true),
        (&["leafseal", "filestatus", "f"], keys, true),
        (&["leafseal", "decrypt", "f"], check, true),
        (&["leafseal", "--version"], check, false),
        (&["leafseal", "--version", "--disable-version-check"], check, true),
    ];
    for (line, variables, is_fine) in cases {
        assert_eq!(parsed(line, variables).is_ok(), is_fine, "{line:?}");
    }
}

#[test]
fn numbers_that_cannot_be_read_are_errors() {
    let cases = [
        ("--indent=two", "flag --indent takes an integer, not \"two\""),
        (
            "--shamir-secret-sharing-threshold=-1",
            "flag --shamir-secret-sharing-threshold takes a number of key groups, not \"-1\"",
        ),
    ];
    for (flag, expected) in cases {
        let error = parsed(&["leafseal", "encrypt", flag, "f"], &[]).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
    let line = ["leafseal", "encrypt", "--indent=two", "--indent=-1", "f"];
    assert_eq!(encrypt(&line, &[]).output.indent, Some(-1));
    let line = ["leafseal", "encrypt", "--shamir-secret-sharing-threshold=0", "f"];
    assert_eq!(encrypt(&line, &[]).threshold, None);
}

#[test]
fn legacy_form_chooses_the_last_operation() {
    let options = decrypt(&["leafseal", "-d", "-e", "f"], &[]);
    assert!(options.common.has_several_operations && options.common.is_legacy);
    let options = encrypt(&["leafseal", "-e", "f", "x", "--nope"], &[]);
    assert!(!options.common.has_several_operations && options.common.is_legacy);
    assert_eq!(options.common.extra_words, ["x", "--nope"]);
    assert_eq!(parsed(&["leafseal"], &[]).unwrap(), Invocation::NoFile);
    assert_eq!(decrypt(&["leafseal", "-d"], &[]).file, None);
}

#[test]
fn commands_to_come_are_named() {
    let cases: [(&[&str], &str); 2] =
        [(&["--verbose", "publish", "f"], "publish"), (&["help", "keyservice"], "keyservice")];
    for (line, expected) in cases {
        let words: Vec<&str> = std::iter::once("leafseal").chain(line.iter().copied()).collect();
        match parsed(&words, &[]) {
            Ok(Invocation::NotBuiltIn(request)) => assert_eq!(request.command, expected),
            other => panic!("{line:?}: {other:?}"),
        }
    }
}

#[test]
fn set_takes_its_words_in_both_forms() {
    for line in [
        &["leafseal", "--set", "[\"a\"] -5", "-d", "f"][..],
        &["sops", "set", "f", "[\"a\"]", "-5"],
    ] {
        let Ok(Invocation::Set(options)) = parsed(line, &[]) else { panic!("{line:?}") };
        assert_eq!(options.file, PathBuf::from("f"));
        assert_eq!(options.index, "[\"a\"]");
        assert_eq!(options.value, Some(ValueSource::Word("-5".to_owned())));
        assert_eq!(options.common.has_several_operations, options.common.is_legacy);
    }
    let line = ["leafseal", "unset", "--idempotent", "f", "[0]"];
    let Ok(Invocation::Set(options)) = parsed(&line, &[]) else { panic!("{line:?}") };
    assert!(options.is_idempotent && options.value.is_none());
}

#[test]
fn rotate_fills_every_field() {
    let line = "leafseal rotate f.yaml -i --output o --indent 2 --input-type yaml --output-type yaml \
        --filename-override n --add-age a1,a2 --add-pgp F --add-kms K --add-gcp-kms G --add-hckms r:u \
        --add-azure-kv Z --add-hc-vault-transit V --rm-age a3 --rm-pgp f --rm-kms k --rm-gcp-kms g \
        --rm-hckms h --rm-azure-kv z --rm-hc-vault-transit v --allow-extra-keys --ignore-mac \
        --lenient --decryption-order age --keyservice x --encryption-context a:b --aws-profile p extra";
    let words: Vec<&str> = line.split_whitespace().collect();
    insta::assert_debug_snapshot!(parsed(&words, &[]).unwrap());
    for line in [&["leafseal", "-r", "f"][..], &["leafseal", "-d", "--rotate", "f"]] {
        let Ok(Invocation::Rotate(options)) = parsed(line, &[]) else { panic!("{line:?}") };
        assert!(options.common.is_legacy);
        assert_eq!(options.common.has_several_operations, line.len() > 3);
    }
}

#[test]
fn commands_that_change_keys_fill_every_field() {
    let line = "leafseal updatekeys a b -y --shamir-secret-sharing-threshold 2 --input-type json \
        --config c";
    let words: Vec<&str> = line.split_whitespace().collect();
    insta::assert_debug_snapshot!("updatekeys", parsed(&words, &[]).unwrap());
    let line = "leafseal groups add --file f -i --shamir-secret-sharing-threshold 2 --age a --age b,c \
        --pgp F --kms K --gcp-kms G --hckms r:u --azure-kv Z --hc-vault-transit V --input-type ini \
        --aws-profile p --encryption-context a:b";
    let words: Vec<&str> = line.split_whitespace().collect();
    insta::assert_debug_snapshot!("groups_add", parsed(&words, &[]).unwrap());
    let Ok(Invocation::Groups(options)) =
        parsed(&["sops", "groups", "delete", "-f", "f", "-i", "0"], &[])
    else {
        panic!("groups is a command");
    };
    assert_eq!((&options.action, options.in_place), (&GroupsAction::Delete(0), true));
    let refused = ["delete", "delete 1 2", "delete x", "delete -1", "add x", "nosuch"];
    let messages = refused.map(|words| {
        let line = ["leafseal", "groups"].into_iter().chain(words.split(' '));
        let error = parsed(&line.collect::<Vec<_>>(), &[]).unwrap_err();
        format!("{words}: {error} ({}); {}", error.exit_code(), error.hint("leafseal"))
    });
    insta::assert_snapshot!("groups_refused", messages.join("\n"));
}

fn edit(words: &[&str]) -> EditOptions {
    match parsed(words, &[]) {
        Ok(Invocation::Edit(options)) => *options,
        other => panic!("{words:?}: {other:?}"),
    }
}

#[test]
fn a_file_alone_is_edited() {
    let options = edit(&["leafseal", "-s", "--ignore-mac", "f.yaml", "--age", "x"]);
    assert!(options.shows_master_keys && options.ignore_mac && options.new.common.is_legacy);
    assert_eq!(options.new.file, Some("f.yaml".into()));
    assert_eq!((options.new.keys.age.as_deref(), options.typo), (Some("x"), None));
    let options = edit(&["leafseal", "edit", "-s", "encypt"]);
    assert!(options.shows_master_keys && options.typo.is_none());
    let typo = edit(&["leafseal", "encypt", "x"]).typo.unwrap();
    assert_eq!((typo.word.as_str(), typo.command.as_str()), ("encypt", "encrypt"));
}

#[test]
fn commands_of_our_own_are_files_behind_an_operation() {
    for name in ["audit", "config", "init", "man"] {
        assert_eq!(decrypt(&["sops", "-d", name], &[]).file, Some(name.into()));
        assert_eq!(encrypt(&["sops", "--encrypt", "-i", name], &[]).file, Some(name.into()));
    }
    let Ok(Invocation::Config(options)) =
        parsed(&["x", "--config", "c", "config", "a", "--json", "b"], &[("SOPS_PGP_FP", "F")])
    else {
        panic!("config is a command");
    };
    assert_eq!((options.files, options.is_json), (vec!["a".into(), "b".into()], true));
    assert_eq!(
        (options.common.config, options.key_variables),
        (Some("c".into()), vec!["SOPS_PGP_FP"])
    );
}

#[test]
fn small_commands_are_parsed() {
    let shell = parsed(&["/usr/bin/sops", "completion", "fish"], &[]).unwrap();
    assert_eq!(shell, Invocation::Completion { program: Program::Sops, shell: Shell::Fish });
    let version = Invocation::Version { program: Program::Leafseal, check_for_updates: true };
    assert_eq!(parsed(&["leafseal", "-v", "--check-for-updates"], &[]).unwrap(), version);
    let Invocation::Init(options) = parsed(&["leafseal", "init", "a", "b"], &[]).unwrap() else {
        panic!("expected init");
    };
    assert_eq!(options.common.extra_words, ["a", "b"]);
    for line in [["leafseal", "completion", "tcsh"], ["leafseal", "help", "nosuch"]] {
        assert_eq!(parsed(&line, &[]).unwrap_err().exit_code(), 3, "{line:?}");
    }
}

proptest! {
    #[test]
    fn parse_never_panics(words in prop::collection::vec("(-{0,3}[a-z=]{0,9}|encrypt|decrypt|-[dei]|.{0,4})", 0..7)) {
        let words: Vec<&str> = std::iter::once("leafseal").chain(words.iter().map(String::as_str)).collect();
        if let Err(error) = parsed(&words, &[]) {
            prop_assert!(!matches!(error, UsageError::Grammar(_)), "{error}");
        }
    }
}
