use super::place::{PLAIN, Place, RECIPIENT, key_file};

#[test]
fn every_form_of_a_call_decrypts() {
    let place = Place::with_encrypted();
    let calls: [&[&str]; 14] = [
        &["decrypt", "file.yaml"],
        &["-d", "file.yaml"],
        &["--decrypt", "file.yaml"],
        &["-decrypt", "--", "file.yaml"],
        &["file.yaml", "-d"],
        &["decrypt", "file.yaml", "--input-type", "yaml", "--output-type", "yaml"],
        &["-d", "--input-type", "yaml", "--output-type=yaml", "file.yaml"],
        &["decrypt", "--aws-profile", "x", "file.yaml"],
        &["--config", "/dev/null", "decrypt", "file.yaml"],
        &["decrypt", "--config", "nowhere", "--config", "/dev/null", "file.yaml"],
        &["decrypt", "--enable-local-keyservice=false", "--enable-local-keyservice", "file.yaml"],
        &["decrypt", "--decryption-order", "pgp,age", "file.yaml"],
        &["decrypt", "--decryption-order", "nosuch", "file.yaml"],
        &["decrypt", "--ignore-mac", "--lenient", "file.yaml"],
    ];
    for words in calls {
        let answer = place.call(words, b"");
        let found = (answer.code, answer.stdout.as_str(), answer.stderr.as_str());
        assert_eq!(found, (Some(0), PLAIN, ""), "{words:?}");
    }
}

#[test]
fn standard_input_is_decrypted() {
    let mut place = Place::with_encrypted();
    let encrypted = place.bytes("file.yaml");
    let calls: [&[&str]; 5] = [
        &["decrypt", "--input-type", "yaml", "--output-type", "yaml"],
        &["decrypt", "--filename-override", "any.yaml"],
        &["decrypt", "--input-type", "yaml", "--output-type", "yaml", "/dev/stdin"],
        &["-d", "--input-type", "yaml", "--output-type", "yaml", "/dev/stdin"],
        &["decrypt", "--filename-override", "any.yaml", "/dev/stdin"],
    ];
    for words in calls {
        let answer = place.call(words, &encrypted);
        assert_eq!((answer.code, answer.stdout.as_str()), (Some(0), PLAIN), "{words:?} {answer}");
    }
    place.note_with(&["decrypt"], &encrypted);
    place.note_with(&["decrypt", "--input-type", "yaml"], &encrypted);
    place.note_with(&["decrypt", "-i"], &encrypted);
    place.note_with(&["decrypt", "-i", "/dev/stdin"], &encrypted);
    place.note_with(&["-d"], &encrypted);
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn result_goes_where_it_is_asked_to_go() {
    let place = Place::with_encrypted();
    let encrypted = place.bytes("file.yaml");
    let answer = place.call(&["decrypt", "file.yaml", "--output", "clear.yaml"], b"");
    assert_eq!((answer.code, answer.stdout.as_str(), answer.stderr.as_str()), (Some(0), "", ""));
    assert_eq!((place.read("clear.yaml").as_str(), place.bytes("file.yaml")), (PLAIN, encrypted));
    let answer = place.call(&["decrypt", "file.yaml", "-i", "--indent=2"], b"");
    assert_eq!((answer.code, answer.stdout.as_str(), answer.stderr.as_str()), (Some(0), "", ""));
    assert_eq!(place.read("file.yaml"), PLAIN);
    assert_eq!(place.names(), ["clear.yaml", "file.yaml"]);
}

#[test]
fn single_values_are_extracted() {
    let place = Place::with_encrypted();
    for (path, expected) in [
        ("[\"password\"]", "s3cret"),
        ("['password']", "s3cret"),
        ("[\"users\"][1]", "bob"),
        ("[\"port\"]", "8080\n"),
        ("", PLAIN),
    ] {
        let answer = place.call(&["decrypt", "file.yaml", "--extract", path], b"");
        let found = (answer.code, answer.stdout.as_str(), answer.stderr.as_str());
        assert_eq!(found, (Some(0), expected, ""), "{path}");
    }
}

#[test]
fn collections_are_extracted_with_their_comments_in_the_layout_of_the_reference() {
    let place = Place::with_encrypted();
    place.write(
        "more.yaml",
        "a: # above a\n  # first\n  b: [1, {c: 2}] # of b\n  # last\nd: []\n---\n# second\ne:\n- 1 # inline\n",
    );
    place.encrypt("more.yaml");
    let second = "---\n# second\ne:\n  - 1 # inline\n";
    let mapping = format!("# first\nb:\n  # of b\n  - 1\n  - c: 2\n# last\n{second}");
    let four = mapping.replace("\n  ", "\n    ");
    for (path, flags, expected) in [
        ("[\"a\"]", &["--indent=2"][..], mapping.as_str()),
        ("[\"a\"]", &[], &four),
        ("[\"a\"][\"b\"]", &["--indent=2"], "# of b\n- 1\n- c: 2\n"),
        ("[\"a\"][\"b\"][1]", &[], "1\n"),
        ("[\"d\"]", &[], "[]\n"),
    ] {
        let words = [&["decrypt", "more.yaml", "--extract", path], flags].concat();
        let answer = place.call(&words, b"");
        let found = (answer.code, answer.stdout.as_str(), answer.stderr.as_str());
        assert_eq!(found, (Some(0), expected, ""), "{path} {flags:?}");
    }
}

#[test]
fn paths_that_lead_nowhere_say_where_they_end() {
    let mut place = Place::with_encrypted();
    place.write("more.yaml", "a:\n  - {b: secret} # c\n  # d\n  - 1\n");
    place.encrypt("more.yaml");
    for (path, code) in [
        ("[\"a\"][0]", 1),
        ("[\"a\"][2]", 1),
        ("[\"a\"][4]", 1),
        ("[\"a\"][18446744073709551616]", 91),
        ("[\"a\"][\"b\"]", 1),
        ("[\"a\"][1][0]", 1),
        ("[\"a\"][1][\"c\"]", 1),
        ("[\"a\"][1][\"b\"][\"x\"]", 1),
        ("[\"sops\"]", 1),
        ("[]", 91),
        ("[\"]", 91),
        ("[\"a\"]x", 91),
    ] {
        let answer = place.note(&["decrypt", "--extract", path, "more.yaml"]);
        assert_eq!((answer.code, answer.stdout.as_str()), (Some(code), ""), "{path}\n{answer}");
    }
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn identities_come_from_every_source() {
    let mut place = Place::with_encrypted();
    let identity = std::fs::read_to_string(key_file("age1.txt")).unwrap();
    place.unset("SOPS_AGE_KEY_FILE");
    let command = format!("cat {}", key_file("age1.txt"));
    let file = key_file("age12.txt");
    for (variable, value) in [
        ("SOPS_AGE_KEY", identity.as_str()),
        ("SOPS_AGE_KEY_FILE", &file),
        ("SOPS_AGE_KEY_CMD", &command),
    ] {
        place.set(variable, value);
        assert_eq!(place.call(&["decrypt", "file.yaml"], b"").stdout, PLAIN, "{variable}");
        place.unset(variable);
    }
    place.write("home/.config/sops/age/keys.txt", &identity);
    assert_eq!(place.call(&["decrypt", "file.yaml"], b"").stdout, PLAIN, "default file");
    place.set("XDG_CONFIG_HOME", &place.path("xdg").to_string_lossy());
    assert_eq!(place.call(&["decrypt", "file.yaml"], b"").code, Some(128), "another default file");
    place.write("xdg/sops/age/keys.txt", &identity);
    assert_eq!(place.call(&["decrypt", "file.yaml"], b"").stdout, PLAIN, "XDG_CONFIG_HOME");
}

#[test]
fn refused_calls_say_why() {
    let mut place = Place::with_encrypted();
    place.write("plain.yaml", "a: 1\n");
    let cases: [(&[&str], i32); 12] = [
        (&["decrypt", "nowhere.yaml"], 100),
        (&["-d", "nowhere.yaml"], 100),
        (&["decrypt", "-i", "--output", "x.yaml", "file.yaml"], 8),
        (&["decrypt", "--decryption-order", "age,age", "file.yaml"], 112),
        (&["decrypt", "--enable-local-keyservice=false", "file.yaml"], 128),
        (&["decrypt", "--extract", "port", "file.yaml"], 91),
        (&["decrypt", "--extract", "[\"users\"][-1]", "file.yaml"], 91),
        (&["decrypt", "--extract", "[\"nowhere\"]", "file.yaml"], 1),
        (&["decrypt", "--extract", "[\"users\"][9]", "file.yaml"], 1),
        (&["decrypt", "--extract", "[\"port\"][\"x\"]", "file.yaml"], 1),
        (&["decrypt", "--config", "nowhere.yaml", "file.yaml"], 1),
        (&["decrypt", "plain.yaml"], 1),
    ];
    for (words, code) in cases {
        let answer = place.note(words);
        assert_eq!((answer.code, answer.stdout.as_str()), (Some(code), ""), "{words:?}\n{answer}");
    }
    place.set("SOPS_DECRYPTION_ORDER", "pgp,age,pgp");
    assert_eq!(place.note(&["decrypt", "file.yaml"]).code, Some(112));
    place.unset("SOPS_DECRYPTION_ORDER");
    place.set("SOPS_ENABLE_LOCAL_KEYSERVICE", "false");
    assert_eq!(place.note(&["decrypt", "file.yaml"]).code, Some(128));
    place.set("SOPS_ENABLE_LOCAL_KEYSERVICE", "");
    assert_eq!(place.call(&["decrypt", "file.yaml"], b"").code, Some(0));
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn warnings_say_what_is_doubtful() {
    let mut place = Place::with_encrypted();
    let encrypted = place.read("file.yaml");
    let comment = encrypted.lines().find(|line| line.starts_with("#ENC")).unwrap().to_owned();
    let broken = comment.replacen("tag:", "tag:AA", 1);
    place.write("comment.yaml", encrypted.replace(&comment, &broken));
    place.write("clear.yaml", encrypted.replace(&comment, "# in clear"));
    place.write("two.yaml", encrypted.replace(&comment, "# in clear\n# too"));
    place.write("nomac.yaml", {
        let lines = encrypted.lines().filter(|line| !line.starts_with("    mac:"));
        lines.flat_map(|line| [line, "\n"]).collect::<String>()
    });
    for words in [
        &["decrypt", "comment.yaml"][..],
        &["decrypt", "clear.yaml"],
        &["decrypt", "two.yaml"],
        &["decrypt", "--ignore-mac", "nomac.yaml"],
        &["decrypt", "--input-type", "YAML", "file.yaml"],
        &["decrypt", "file.yaml", "more.yaml"],
        &["-e", "-d", "file.yaml"],
        &["--age", RECIPIENT, "decrypt", "file.yaml"],
    ] {
        assert_eq!(place.note(words).code, Some(0), "{words:?}");
    }
    insta::assert_snapshot!(place.transcript());
}
