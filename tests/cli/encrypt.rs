use super::place::{OTHER_RECIPIENT, PLAIN, Place, RECIPIENT};

fn place() -> Place {
    let place = Place::new();
    place.write("file.yaml", PLAIN);
    place
}

/// Encrypts and gives back the text, with the ciphertexts shortened.
fn encrypted(place: &Place, words: &[&str], stdin: &[u8]) -> String {
    let answer = place.call(words, stdin);
    assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""), "{words:?}");
    answer.stdout
}

/// Checks that a text decrypts to [`PLAIN`].
fn opens(place: &Place, text: &str) {
    let words = ["decrypt", "--input-type", "yaml", "--output-type", "yaml"];
    let answer = place.call(&words, text.as_bytes());
    assert_eq!((answer.code, answer.stdout.as_str()), (Some(0), PLAIN), "{answer}\n{text}");
}

#[test]
fn encrypted_text_goes_to_standard_output() {
    let place = place();
    let text = encrypted(&place, &["encrypt", "--age", RECIPIENT, "file.yaml"], b"");
    assert_eq!(place.read("file.yaml"), PLAIN);
    opens(&place, &text);
    let lines = text
        .lines()
        .filter(|line| !line.starts_with("            ") && !line.contains("lastmodified"));
    insta::assert_snapshot!(place.steady(&lines.collect::<Vec<_>>().join("\n")));
}

#[test]
fn every_form_of_a_call_encrypts() {
    let calls: [&[&str]; 9] = [
        &["encrypt", "--age", RECIPIENT, "file.yaml"],
        &["encrypt", "file.yaml", "--age", RECIPIENT],
        &["encrypt", "file.yaml", "-a", RECIPIENT],
        &["--age", RECIPIENT, "encrypt", "file.yaml"],
        &["-e", "--age", RECIPIENT, "file.yaml"],
        &["-e", "file.yaml", "--age", RECIPIENT],
        &["--encrypt", "-age", RECIPIENT, "--", "file.yaml"],
        &["encrypt", "--age", "bad", "file.yaml", "--age", RECIPIENT],
        &[
            "--age",
            "bad",
            "encrypt",
            "--in-place=maybe",
            "-i=false",
            "--age",
            RECIPIENT,
            "file.yaml",
        ],
    ];
    let place = place();
    for words in calls {
        opens(&place, &encrypted(&place, words, b""));
    }
    assert_eq!(place.names(), ["file.yaml"]);
}

#[test]
fn standard_input_needs_a_name_and_takes_its_rule_from_it() {
    let mut place = place();
    let words = ["encrypt", "--age", RECIPIENT, "--filename-override", "any.yaml"];
    opens(&place, &encrypted(&place, &words, PLAIN.as_bytes()));
    let types = ["--input-type", "yaml", "--output-type", "yaml", "/dev/stdin"];
    opens(&place, &encrypted(&place, &[&words[..3], &types].concat(), PLAIN.as_bytes()));
    opens(&place, &encrypted(&place, &[&["-e"], &words[1..3], &types].concat(), PLAIN.as_bytes()));
    place.write(
        ".sops.yaml",
        format!("creation_rules:\n  - path_regex: ^live/\n    age: {RECIPIENT}\n"),
    );
    let words = ["encrypt", "--filename-override", "live/x.yaml"];
    opens(&place, &encrypted(&place, &words, PLAIN.as_bytes()));
    place.note_with(&["encrypt"], PLAIN.as_bytes());
    place.note_with(&["encrypt", "-i", "--filename-override", "live/x.yaml"], PLAIN.as_bytes());
    place.note_with(&["encrypt", "-i", "/dev/stdin"], PLAIN.as_bytes());
    place.note_with(&["-e"], PLAIN.as_bytes());
    place.note_with(&["encrypt", "-"], PLAIN.as_bytes());
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn result_goes_where_it_is_asked_to_go() {
    let mut place = place();
    let answer = place.call(&["encrypt", "-i", "--age", RECIPIENT, "file.yaml"], b"");
    assert_eq!((answer.code, answer.stdout.as_str(), answer.stderr.as_str()), (Some(0), "", ""));
    opens(&place, &place.read("file.yaml"));
    place.write("below/file.yaml", PLAIN);
    let words = ["encrypt", "--age", RECIPIENT, "below/file.yaml", "--output", "below/out.yaml"];
    assert_eq!(place.note(&words).stdout, "");
    opens(&place, &place.read("below/out.yaml"));
    assert_eq!(place.read("below/file.yaml"), PLAIN);
    assert_eq!(place.names(), ["below", "file.yaml"]);
    let words = ["encrypt", "--age", RECIPIENT, "below/file.yaml", "-i", "--output", "x.yaml"];
    assert_eq!(place.note(&words).code, Some(8));
    insta::assert_snapshot!(place.transcript());
}

#[cfg(unix)]
#[test]
fn link_stays_a_link_and_the_mode_is_kept() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let place = place();
    place.write("below/target.yaml", PLAIN);
    let mode = std::fs::Permissions::from_mode(0o640);
    std::fs::set_permissions(place.path("below/target.yaml"), mode).unwrap();
    symlink("below/target.yaml", place.path("link.yaml")).unwrap();
    let answer = place.call(&["encrypt", "-i", "--age", RECIPIENT, "link.yaml"], b"");
    assert_eq!(answer.code, Some(0), "{answer}");
    assert!(place.path("link.yaml").symlink_metadata().unwrap().is_symlink());
    let answer = place.call(&["decrypt", "-i", "link.yaml"], b"");
    assert_eq!(answer.code, Some(0), "{answer}");
    assert_eq!(place.read("below/target.yaml"), PLAIN);
    let mode = place.path("below/target.yaml").metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o640);
}

#[cfg(unix)]
#[test]
fn new_files_are_private_when_they_are_in_clear() {
    use std::os::unix::fs::PermissionsExt as _;
    let place = Place::with_encrypted();
    let answer = place.shell("umask 022; $L decrypt --output clear.yaml file.yaml");
    assert_eq!(answer.code, Some(0), "{answer}");
    let answer = place
        .shell(&format!("umask 022; $L encrypt --age {RECIPIENT} --output sealed.yaml clear.yaml"));
    assert_eq!(answer.code, Some(0), "{answer}");
    let mode = |name: &str| place.path(name).metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("clear.yaml"), mode("sealed.yaml")), (0o600, 0o644));
}

#[test]
fn file_may_lie_in_another_folder_than_the_working_folder() {
    let place = place();
    place.write("config/app/file.yaml", PLAIN);
    place.write(
        ".sops.yaml",
        format!("creation_rules:\n  - path_regex: ^config/\n    age: {RECIPIENT}\n"),
    );
    std::fs::create_dir(place.path("elsewhere")).unwrap();
    for (folder, file) in [
        ("", "config/app/file.yaml"),
        ("", "./config/../config/app/file.yaml"),
        ("config", "app/file.yaml"),
        ("config/app", "file.yaml"),
        ("elsewhere", "../config/app/file.yaml"),
    ] {
        let answer = place.call_in(folder, &["encrypt", file], b"");
        assert_eq!(answer.code, Some(0), "{folder} {file} {answer}");
        opens(&place, &answer.stdout);
    }
    let absolute = place.path("config/app/file.yaml");
    let answer = place.call(&["encrypt".as_ref(), absolute.as_os_str()], b"");
    opens(&place, &answer.stdout);
}

#[test]
fn recipients_come_from_flag_variable_and_rule_in_that_order() {
    let mut place = place();
    let recipients = |text: &str| {
        let lines = text.lines().filter_map(|line| line.trim().strip_prefix("recipient: "));
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    place.write(".sops.yaml", format!("creation_rules:\n  - age: {OTHER_RECIPIENT}\n"));
    let text = encrypted(&place, &["encrypt", "file.yaml"], b"");
    assert_eq!(recipients(&text), [OTHER_RECIPIENT]);
    place.set("SOPS_AGE_RECIPIENTS", RECIPIENT);
    let text = encrypted(&place, &["encrypt", "file.yaml"], b"");
    assert_eq!(recipients(&text), [RECIPIENT]);
    let both = format!("{OTHER_RECIPIENT}, {RECIPIENT}");
    let text = encrypted(&place, &["encrypt", "--age", &both, "file.yaml"], b"");
    assert_eq!(recipients(&text), [OTHER_RECIPIENT, RECIPIENT]);
    opens(&place, &text);
}

/// Shows which values of a text are encrypted.
fn summary(text: &str) -> String {
    let lines = text.lines().take_while(|line| *line != "sops:");
    let shorten = |line: &str| match line.find("ENC[") {
        Some(start) => format!("{}ENC\n", &line[..start]),
        None => format!("{line}\n"),
    };
    lines.map(shorten).collect()
}

const SELECTABLE: &str = "# open\na_unencrypted: 1\nb_secret: 2\n# closed\nc: 3\n";

#[test]
fn selectors_by_flag_and_by_rule_choose_the_same_values() {
    let place = place();
    place.write("s.yaml", SELECTABLE);
    let cases = [
        ("", "", "#ENC\na_unencrypted: 1\nb_secret: ENC\n#ENC\nc: ENC\n"),
        ("unencrypted-suffix", "_secret", "#ENC\na_unencrypted: ENC\nb_secret: 2\n#ENC\nc: ENC\n"),
        (
            "encrypted-suffix",
            "_secret",
            "# open\na_unencrypted: 1\nb_secret: ENC\n# closed\nc: 3\n",
        ),
        ("unencrypted-regex", "^[ab]_", "#ENC\na_unencrypted: 1\nb_secret: 2\n#ENC\nc: ENC\n"),
        ("encrypted-regex", "^c$", "# open\na_unencrypted: 1\nb_secret: 2\n# closed\nc: ENC\n"),
        (
            "unencrypted-comment-regex",
            "open",
            "# open\na_unencrypted: 1\nb_secret: ENC\n#ENC\nc: ENC\n",
        ),
        (
            "encrypted-comment-regex",
            "closed",
            "# open\na_unencrypted: 1\nb_secret: 2\n# closed\nc: ENC\n",
        ),
    ];
    for (selector, value, expected) in cases {
        let flag = format!("--{selector}={value}");
        let mut words = vec!["encrypt", "--age", RECIPIENT, "s.yaml"];
        words.extend((!selector.is_empty()).then_some(flag.as_str()));
        let by_flag = summary(&encrypted(&place, &words, b""));
        let key = selector.replace('-', "_");
        let line = if key.is_empty() { String::new() } else { format!("    {key}: '{value}'\n") };
        place.write("rule.yaml", format!("creation_rules:\n  - age: {RECIPIENT}\n{line}"));
        let by_rule = encrypted(&place, &["encrypt", "--config", "rule.yaml", "s.yaml"], b"");
        assert_eq!(
            (by_flag.as_str(), summary(&by_rule).as_str()),
            (expected, expected),
            "{selector}"
        );
        let answer =
            place.call(&["decrypt", "--input-type=yaml", "--output-type=yaml"], by_rule.as_bytes());
        assert_eq!(answer.stdout, SELECTABLE, "{selector}\n{answer}");
    }
}

#[test]
fn selectors_that_exclude_each_other_are_exit_8() {
    let mut place = place();
    let encrypt = ["encrypt", "--age", RECIPIENT, "file.yaml"];
    let twice = ["--encrypted-regex=a", "--encrypted-suffix=b"];
    assert_eq!(place.note(&[&encrypt[..], &twice].concat()).code, Some(8));
    place.write(
        ".sops.yaml",
        format!("creation_rules:\n  - age: {RECIPIENT}\n    encrypted_regex: a\n"),
    );
    assert_eq!(place.note(&["encrypt", "file.yaml", "--unencrypted-suffix=_u"]).code, Some(8));
    let text = encrypted(&place, &["encrypt", "file.yaml", "--encrypted-regex=^users$"], b"");
    assert!(summary(&text).starts_with("port: 8080\n# s3cret hint\npassword: s3cret\n"), "{text}");
    assert_eq!(place.note(&["encrypt", "file.yaml", "--encrypted-regex=("]).code, Some(1));
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn mac_may_cover_encrypted_values_only() {
    let place = place();
    let words = ["encrypt", "--age", RECIPIENT, "file.yaml", "--encrypted-regex=pass"];
    for before in [true, false] {
        let flag = ["--mac-only-encrypted"];
        let words =
            if before { [&flag, &words[..]].concat() } else { [&words[..], &flag].concat() };
        let text = encrypted(&place, &words, b"");
        assert!(text.contains("    mac_only_encrypted: true\n"), "{text}");
        place.write("file.enc.yaml", text.replace("8080", "9090"));
        let answer = place.call(&["decrypt", "file.enc.yaml"], b"");
        assert_eq!(answer.stdout, PLAIN.replace("8080", "9090"), "{answer}");
    }
    place.write("file.enc.yaml", encrypted(&place, &words, b"").replace("8080", "9090"));
    assert_eq!(place.call(&["decrypt", "file.enc.yaml"], b"").code, Some(51));
}

#[test]
fn indent_of_the_block_follows_flag_config_and_default() {
    let mut place = place();
    let age_line = |text: &str| {
        let mut lines = text.lines().skip_while(|line| *line != "sops:");
        lines.nth(1).expect("a block").to_owned()
    };
    let encrypt = ["encrypt", "--age", RECIPIENT, "file.yaml"];
    assert_eq!(age_line(&encrypted(&place, &encrypt, b"")), "    age:");
    let two = [&encrypt[..], &["--indent", "2"]].concat();
    assert_eq!(age_line(&encrypted(&place, &two, b"")), "  age:");
    let before = [&["--indent=2"], &encrypt[..]].concat();
    assert_eq!(age_line(&encrypted(&place, &before, b"")), "  age:");
    place.write(".sops.yaml", "stores:\n  yaml:\n    indent: 2\n");
    assert_eq!(age_line(&encrypted(&place, &encrypt, b"")), "  age:");
    let three = [&encrypt[..], &["--indent", "3"]].concat();
    assert_eq!(age_line(&encrypted(&place, &three, b"")), "   age:");
    place.note(&[&encrypt[..], &["--indent", "-1"]].concat());
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn keys_that_cannot_be_used_are_named() {
    let mut place = place();
    let identity = std::fs::read_to_string(super::place::key_file("age2.txt")).unwrap();
    let identity = identity.lines().last().unwrap();
    let damaged = RECIPIENT.replace("nuph2", "nuph3");
    let trailing = format!("{RECIPIENT},");
    let plugin = "age1yubikey1qwt50d05nh5vutpdzmlg5wn80xq5negm4uj9ghv0snvdd3yysf5yw3rhl3t";
    for recipient in [
        "bad",
        &damaged,
        &trailing,
        identity,
        plugin,
        "age1pq1qqqq",
        "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAVDgcn+bXO1",
        "ssh-dss AAAA",
    ] {
        let answer = place.note(&["encrypt", "--age", recipient, "file.yaml"]);
        assert_eq!((answer.code, answer.stdout.as_str()), (Some(1), ""), "{answer}");
        assert!(!answer.stderr.contains("AGE-SECRET"), "{answer}");
    }
    for flag in ["--pgp", "--kms", "--gcp-kms", "--hckms", "--azure-kv", "--hc-vault-transit"] {
        assert_eq!(place.note(&["encrypt", flag, "name", "file.yaml"]).code, Some(1));
    }
    assert_eq!(place.note(&["encrypt", "file.yaml"]).code, Some(1));
    assert_eq!(place.note(&["encrypt", "--age=", "file.yaml"]).code, Some(1));
    insta::assert_snapshot!(place.transcript().replace(identity, "AGE-SECRET-KEY-…"));
}

#[test]
fn what_is_not_built_in_is_said() {
    let mut place = place();
    let encrypt = ["encrypt", "--age", RECIPIENT, "--keyservice", "tcp://localhost:5000"];
    assert_eq!(place.note(&[&encrypt[..], &["file.yaml"]].concat()).code, Some(1));
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn odd_calls_are_told_and_work() {
    let mut place = place();
    let encrypt = ["encrypt", "--age", RECIPIENT, "--output", "out.yaml", "file.yaml"];
    let calls: [&[&str]; 5] = [
        &["other.yaml", "--nosuch"],
        &["--input-type", "plaintext"],
        &["--encryption-context", "a:b,c:d"],
        &["--shamir-secret-sharing-threshold", "0"],
        &["--verbose"],
    ];
    for words in calls {
        assert_eq!(place.note(&[&encrypt[..], words].concat()).code, Some(0));
    }
    assert_eq!(place.note(&[&["--extract", "x"], &encrypt[..]].concat()).code, Some(0));
    assert_eq!(
        place.note(&[&encrypt[..], &["--encryption-context", "a:b,c"]].concat()).code,
        Some(6)
    );
    assert_eq!(
        place.note(&[&encrypt[..], &["--enable-local-keyservice=false"]].concat()).code,
        Some(128)
    );
    assert_eq!(place.note(&["encrypt", "nowhere.yaml"]).code, Some(100));
    place.write("file.yaml", "a: 1\n");
    assert_eq!(place.note(&["-e", "-d", "file.yaml"]).code, Some(1));
    insta::assert_snapshot!(place.transcript());
}

#[cfg(unix)]
#[test]
fn missing_working_folder_is_told() {
    let place = place();
    let answer = place.shell("mkdir gone; cd gone; rmdir ../gone; $L encrypt x.yaml");
    insta::assert_snapshot!(answer);
}

#[cfg(unix)]
#[test]
fn program_called_sops_encrypts_and_decrypts() {
    let mut place = place();
    place.call_it("sops");
    let text = encrypted(&place, &["-e", "--age", RECIPIENT, "file.yaml"], b"");
    opens(&place, &text);
    let answer = place.call(&["encrypt", "file.yaml"], b"");
    assert!(
        answer.stderr.contains("`sops init`") && !answer.stderr.contains("leafseal"),
        "{answer}"
    );
}
