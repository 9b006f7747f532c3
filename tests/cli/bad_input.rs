//! What bad input gets: the right exit code, one message, and the file as it was.

use super::Answer;
use super::place::{OTHER_RECIPIENT, PLAIN, Place, RECIPIENT, SECRETS, key_file};

/// Runs a call that must fail and checks what holds for every failure.
fn refused(place: &mut Place, label: &str, words: &[&str], code: i32) {
    let names = place.names();
    let before = place.bytes("file.yaml");
    let answer = place.call(words, b"");
    check(&answer, label, code);
    assert!(place.bytes("file.yaml") == before, "{label}: the file was touched");
    assert_eq!(place.names(), names, "{label}: a file was left behind");
    place.add(&format!("# {label}"), &answer);
}

fn check(answer: &Answer, label: &str, code: i32) {
    assert_eq!(answer.code, Some(code), "{label}\n{answer}");
    assert_eq!(answer.stdout, "", "{label}");
    let errors = answer.stderr.lines().filter(|line| line.starts_with("error: ")).count();
    assert_eq!(errors, 1, "{label}\n{answer}");
    let is_known =
        |line: &str| ["error: ", "hint: ", "warning: "].iter().any(|it| line.starts_with(it));
    // the report of what was tried to get a data key has the form of the reference
    let messages = answer.stderr.split("\nGroup 0: ").next().unwrap_or_default();
    assert!(messages.lines().all(is_known), "{label}\n{answer}");
    for secret in SECRETS {
        assert!(!answer.stderr.contains(secret), "{label} shows {secret}\n{answer}");
    }
}

#[test]
fn encrypt_refuses_what_is_not_yaml_it_can_keep() {
    let utf16 = |text: &str| -> Vec<u8> {
        let units = std::iter::once(0xfeff).chain(text.encode_utf16());
        units.flat_map(u16::to_le_bytes).collect()
    };
    let utf16 = utf16("a: s3cret\n");
    let cases: [(&str, &[u8], i32); 39] = [
        ("empty", b"", 92),
        ("only a comment", b"# s3cret\n", 2),
        ("not YAML", b"<html>: {s3cret: </html>\n", 2),
        ("binary", b"\x89PNG\r\n\x1a\n\0\0s3cret", 2),
        ("a list", b"- s3cret\n", 2),
        ("a scalar", b"s3cret\n", 2),
        ("truncated in a flow list", b"a: [s3cret,\n", 2),
        ("truncated in a flow mapping", b"a: {s3cret: 8080", 2),
        ("truncated in double quotes", b"a: \"s3cret\n", 2),
        ("truncated in single quotes", b"a: 's3cret\n", 2),
        ("bracket too many", b"a: s3cret]\nb: [s3cret]]\n", 2),
        ("NUL byte", b"a: s3c\0ret\nb: s3cret\n", 2),
        ("control character", b"a: s3cret\nb: \x07\n", 2),
        ("UTF-16", &utf16, 2),
        ("invalid UTF-8", b"b: 1\na: s3cret\xff\n", 2),
        ("Latin-1", b"# s3cret\na: caf\xe9\n", 2),
        ("bad indentation", b"a: s3cret\n b: s3cret\n", 2),
        ("tab as indentation", b"a:\n\tb: s3cret\n", 2),
        ("unknown alias", b"a: *s3cre7\n", 2),
        ("reserved character", b"a: @s3cret\n", 2),
        ("unknown escape", b"a: \"s3cret\\q\"\n", 2),
        ("wrong type tag", b"a: !!int s3cret\n", 2),
        ("broken tag", b"a: !<s3cre7 b\n", 2),
        ("duplicate key", b"a: s3cret\nb: 1\na: s3cret\n", 2),
        ("key in braces over two lines", b"a: {\"alice7\"\n  : s3cret}\n", 2),
        ("tab before a comment", b"a:\n\t# s3cret\n  b: 1\n", 2),
        ("tab that begins a block", b"a: |\n  \ts3cret\n", 2),
        ("end marker alone", b"a: s3cret\n...\nb: 1\n", 2),
        ("question mark in brackets", b"a: [s3cret ? s3cret]\n", 2),
        ("list as key", b"? [alice7]\n: s3cret\n", 2),
        ("YAML 2.0", b"%YAML 2.0\n---\na: s3cret\n", 2),
        ("old line break in a comment", "# s3cret\u{2028}b: 1\na: 1\n".as_bytes(), 2),
        ("next line in a comment", "a: 1\n# s3cret\u{85}b: 1\n".as_bytes(), 2),
        ("time far off UTC", b"a: 2001-01-01T00:00:00+24:00\n", 23),
        ("key that is a number", b"1: s3cret\n", 23),
        ("integer too big", b"a: 9223372036854775808\n", 23),
        ("key that repeats an encrypted value", b"a: &x s3cret\n*x : 1\n", 23),
        ("top-level key sops", b"a: s3cret\nsops: {}\n", 203),
        ("metadata in the second document", b"a: s3cret\n---\nb: 1\nsops: {}\n", 203),
    ];
    let mut place = Place::new();
    for (label, content, code) in cases {
        place.write("file.yaml", content);
        refused(&mut place, label, &["encrypt", "-i", "--age", RECIPIENT, "file.yaml"], code);
    }
    insta::assert_snapshot!(place.transcript());
}

/// The table in docs/compatibility.md has them all.
#[test]
fn encrypt_refuses_yaml_that_sops_could_not_read_back() {
    let cases = [
        ("byte order mark within", "a: s3cret\n\u{feff}b: 2\n"),
        ("key without colon", "a: s3cret\nb\nc: s3cret\n"),
        ("element on the line of its key", "a: - s3cret\n"),
        ("key on the line of its key", "a: ? s3cret\n"),
        ("colon in a value", "a: b: s3cret\n"),
        ("unknown directive", "%FOO\n---\na: s3cret\n"),
        ("directive twice", "%YAML 1.1\n%YAML 1.1\n---\na: s3cret\n"),
        ("directive without document", "%YAML 1.1\na: s3cret\n"),
        ("name of an anchor", "a: &\u{fc} s3cret\n"),
        ("unknown prefix of a tag", "a: !e!x s3cret\n"),
        ("text behind a block header", "a: |x\n  s3cret\n"),
        ("marker in quotes", "a: \"s3cret\n---\n\"\n"),
        ("escaped slash", "a: \"s3cret\\/\"\n"),
        ("text behind a document", "{a: s3cret}\nb: 2\n"),
        ("comma without value", "a: [,s3cret]\n"),
        ("no comma", "a: {b: 's3cret' c}\n"),
        ("no dash", "a:\n  - s3cret\n  c: 1\n"),
        ("wrong indentation", "a:\n  b: s3cret\n c: 2\n"),
        ("merge of a scalar", "a:\n  <<: s3cret\n"),
        ("key without value in braces", "a: {?b: s3cret}\n"),
    ];
    let mut place = Place::new();
    for (label, content) in cases {
        place.write("file.yaml", content);
        refused(&mut place, label, &["encrypt", "-i", "--age", RECIPIENT, "file.yaml"], 2);
    }
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn encrypt_refuses_a_file_that_is_encrypted_already() {
    let mut place = Place::with_encrypted();
    refused(&mut place, "encrypted", &["encrypt", "-i", "--age", RECIPIENT, "file.yaml"], 203);
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn encrypt_refuses_comments_that_would_change_the_selection() {
    let mut place = Place::new();
    place.write("file.yaml", "# note\na: s3cret\nb: s3cret\n");
    let flag = "--unencrypted-comment-regex=ENC";
    refused(&mut place, "selector", &["encrypt", flag, "-i", "--age", RECIPIENT, "file.yaml"], 23);
    insta::assert_snapshot!(place.transcript());
}

/// Replaces the first `from` of a text that must be there.
fn altered(text: &str, from: &str, to: &str) -> String {
    assert!(text.contains(from), "{from} is not in\n{text}");
    text.replacen(from, to, 1)
}

/// Replaces the rest of the line behind the first `key`.
fn with_field(text: &str, key: &str, value: &str) -> String {
    let start = text.find(key).expect("the field is there") + key.len();
    let end = text[start..].find('\n').expect("a line break") + start;
    format!("{}{value}{}", &text[..start], &text[end..])
}

/// Changes one character of the ciphertext in the line of `key`.
fn tampered(text: &str, key: &str, part: &str) -> String {
    let line = text.find(key).expect("the key is there");
    let at = text[line..].find(part).expect("the part is there") + line + part.len();
    let other = if text.as_bytes()[at] == b'A' { "B" } else { "A" };
    format!("{}{other}{}", &text[..at], &text[at + 1..])
}

fn without_line(text: &str, start: &str) -> String {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with(start));
    lines.flat_map(|line| [line, "\n"]).collect()
}

fn broken_values(text: &str) -> Vec<(&'static str, String, i32)> {
    let value = |key: &str| {
        let line = text.lines().find(|line| line.starts_with(key)).expect("the key is there");
        line[key.len()..].to_owned()
    };
    let swapped = with_field(
        &with_field(text, "port: ", &value("password: ")),
        "password: ",
        &value("port: "),
    );
    vec![
        ("plain text", PLAIN.to_owned(), 1),
        ("empty", String::new(), 1),
        ("not YAML", altered(text, "users: [", "users: [[s3cret"), 1),
        (
            "truncated before the sops block",
            text[..text.find("sops:").expect("a block")].to_owned(),
            1,
        ),
        ("truncated in a value", text[..120].to_owned(), 1),
        (
            "truncated in the sops block",
            text[..text.find("    mac:").expect("a MAC")].to_owned(),
            1,
        ),
        ("NUL byte", altered(text, "users: ", "users: \0"), 1),
        ("value in clear", with_field(text, "password: ", "s3cret"), 25),
        ("number in clear", with_field(text, "port: ", "8080"), 25),
        ("envelope without its end", altered(text, ",type:int]", ",type:int"), 25),
        ("envelope without a tag", altered(text, ",tag:", ",tug:"), 25),
        ("text behind the envelope", altered(text, ",type:int]", ",type:int] x"), 25),
        ("envelope of another cipher", altered(text, "AES256_GCM", "AES128_GCM"), 25),
        ("not base64", altered(text, "data:", "data:?"), 25),
        ("unknown type", altered(text, "type:int]", "type:foo]"), 25),
        ("wrong type", altered(text, "type:str]", "type:int]"), 25),
        ("value as comment", altered(text, "type:str]", "type:comment]"), 25),
        ("tampered value", tampered(text, "password: ", "data:"), 25),
        ("tampered nonce", tampered(text, "password: ", "iv:"), 25),
        ("tampered tag", tampered(text, "password: ", "tag:"), 25),
        ("values swapped", swapped, 25),
        ("key renamed", altered(text, "port:", "portal:"), 25),
        (
            "alias as value",
            with_field(&altered(text, "port: ", "port: &x "), "password: ", "*x"),
            25,
        ),
        ("value removed", without_line(text, "port: "), 51),
        (
            "integer that the MAC cannot cover",
            altered(text, "port: ", "free_unencrypted: 9223372036854775808\nport: "),
            25,
        ),
        ("value added", altered(text, "port: ", "free_unencrypted: 1\nport: "), 51),
        ("tampered MAC", tampered(text, "    mac: ", "data:"), 51),
        ("no MAC", without_line(text, "mac: "), 51),
        (
            "lastmodified altered",
            with_field(text, "lastmodified: ", "\"2020-01-01T00:00:00Z\""),
            51,
        ),
    ]
}

fn broken_metadata(text: &str) -> Vec<(&'static str, String, i32)> {
    let block = text.find("sops:").expect("a block");
    let with_block = |block_text: &str| format!("{}{block_text}\n", &text[..block]);
    let with_line =
        |line: &str| altered(text, "    version:", &format!("    {line}\n    version:"));
    vec![
        ("block is a number", with_block("sops: 5"), 1),
        ("block is a list", with_block("sops: [1]"), 1),
        ("block is empty", with_block("sops: {}"), 1),
        ("no version", without_line(text, "version: "), 1),
        ("version is a word", with_field(text, "version: ", "new"), 1),
        ("version is a list", with_field(text, "version: ", "[3, 13, 2]"), 1),
        ("no lastmodified", without_line(text, "lastmodified: "), 1),
        ("lastmodified is a word", with_field(text, "lastmodified: ", "yesterday"), 1),
        ("mac is a mapping", with_field(text, "    mac: ", "{}"), 1),
        (
            "no keys",
            with_block(
                "sops:\n    lastmodified: \"2026-01-01T00:00:00Z\"\n    mac: x\n    version: 3.13.2",
            ),
            1,
        ),
        (
            "age is a word",
            with_block(
                "sops:\n    age: x\n    lastmodified: \"2026-01-01T00:00:00Z\"\n    mac: x\n    version: 3.13.2",
            ),
            1,
        ),
        (
            "age is a list of words",
            with_block(
                "sops:\n    age: [x]\n    lastmodified: \"2026-01-01T00:00:00Z\"\n    mac: x\n    version: 3.13.2",
            ),
            1,
        ),
        ("threshold is a word", with_line("shamir_threshold: x"), 1),
        ("two selectors", with_line("encrypted_regex: x"), 1),
        (
            "selector is no regex",
            with_field(text, "    unencrypted_suffix: ", "")
                .replace("unencrypted_suffix: ", "encrypted_regex: '('"),
            1,
        ),
        ("mac_only_encrypted is a word", with_line("mac_only_encrypted: maybe"), 1),
        ("two blocks", format!("sops: {{}}\n{text}"), 1),
        ("data key cut", altered(text, "-----END AGE", "-----END"), 128),
        ("data key of another recipient", with_field(text, "recipient: ", OTHER_RECIPIENT), 0),
    ]
}

#[test]
fn decrypt_refuses_values_that_are_not_what_was_encrypted() {
    let mut place = Place::with_encrypted();
    let encrypted = place.read("file.yaml");
    for (label, text, code) in broken_values(&encrypted) {
        place.write("file.yaml", text);
        refused(&mut place, label, &["decrypt", "-i", "file.yaml"], code);
    }
    for (label, content) in
        [("UTF-16", &b"\xff\xfea\0"[..]), ("invalid UTF-8", b"a: 1\nb: s3cret\xff\n")]
    {
        place.write("file.yaml", content);
        refused(&mut place, label, &["decrypt", "-i", "file.yaml"], 1);
    }
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn decrypt_refuses_metadata_that_it_cannot_use() {
    let mut place = Place::with_encrypted();
    let encrypted = place.read("file.yaml");
    for (label, text, code) in broken_metadata(&encrypted) {
        place.write("file.yaml", text);
        if code == 0 {
            // the name of a recipient is a note; what counts is who can open
            let answer = place.call(&["decrypt", "file.yaml"], b"");
            assert_eq!((answer.code, answer.stdout.as_str()), (Some(0), PLAIN), "{label}");
        } else {
            refused(&mut place, label, &["decrypt", "-i", "file.yaml"], code);
        }
    }
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn decrypt_without_the_key_says_where_it_looked() {
    let mut place = Place::with_encrypted();
    let words = ["decrypt", "-i", "file.yaml"];
    let secret = std::fs::read_to_string(key_file("age2.txt")).expect("a key");
    let secret = secret.lines().last().expect("an identity").to_owned();
    place.write("empty.txt", "");
    place.write("broken.txt", "# key\nAGE-SECRET-KEY-1BROKEN\n");
    place.write("bytes.txt", b"\xff\xfe");
    place.write("sealed.txt", "age-encryption.org/v1\n");
    let others = ["AGE-PLUGIN-LEAF-1W3JHXAQHATP0U", include_str!("../../fixtures/age/pq.txt")];
    place.write("others.txt", others.join("\n"));
    let cases: [(&str, &str, &str); 12] = [
        ("wrong key", "SOPS_AGE_KEY_FILE", &key_file("age2.txt")),
        ("missing file", "SOPS_AGE_KEY_FILE", "nowhere.txt"),
        ("folder as file", "SOPS_AGE_KEY_FILE", "."),
        ("file without identities", "SOPS_AGE_KEY_FILE", "empty.txt"),
        ("broken identity", "SOPS_AGE_KEY_FILE", "broken.txt"),
        ("binary file", "SOPS_AGE_KEY_FILE", "bytes.txt"),
        ("file with a passphrase", "SOPS_AGE_KEY_FILE", "sealed.txt"),
        ("identities of other types", "SOPS_AGE_KEY_FILE", "others.txt"),
        ("identity in place of a path", "SOPS_AGE_KEY_FILE", &secret),
        ("empty variable", "SOPS_AGE_KEY_FILE", ""),
        ("wrong key in the variable", "SOPS_AGE_KEY", &secret),
        ("command that fails", "SOPS_AGE_KEY_CMD", "false"),
    ];
    place.unset("SOPS_AGE_KEY_FILE");
    refused(&mut place, "no key", &words, 128);
    for (label, variable, value) in cases {
        place.set(variable, value);
        refused(&mut place, label, &words, 128);
        place.unset(variable);
    }
    assert!(!place.transcript().contains("AGE-SECRET"), "{}", place.transcript());
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn decrypt_tells_a_damaged_data_key_from_a_missing_one() {
    let mut place = Place::with_encrypted();
    let encrypted = place.read("file.yaml");
    let words = ["decrypt", "-i", "file.yaml"];
    place.set("SOPS_AGE_KEY_FILE", &key_file("age2.txt"));
    place.write("file.yaml", with_field(&encrypted, "recipient: ", OTHER_RECIPIENT));
    refused(&mut place, "the key of the recipient does not open", &words, 128);

    place.set("SOPS_AGE_KEY_FILE", &key_file("age1.txt"));
    let recipient = leafseal::keys::age::Recipient::parse(RECIPIENT).expect("a recipient");
    let short = leafseal::keys::age::wrap(&recipient, b"short").expect("it wraps");
    let start = encrypted.find("            -----BEGIN").expect("a wrapped key");
    let end = encrypted.find("          recipient:").expect("a recipient");
    let short: String = short.lines().flat_map(|line| ["            ", line, "\n"]).collect();
    place.write("file.yaml", format!("{}{short}{}", &encrypted[..start], &encrypted[end..]));
    refused(&mut place, "what is wrapped is no data key", &words, 128);

    place.write("file.yaml", super::vector("bad/group_below_threshold.enc.yaml"));
    place.set("SOPS_GPG_EXEC", "/nonexistent/gpg");
    refused(&mut place, "too few key groups", &words, 128);
    insta::assert_snapshot!(place.transcript());
}

#[cfg(target_os = "linux")]
#[test]
fn unwritable_targets_are_exit_3() {
    let mut place = Place::new();
    place.write("file.yaml", PLAIN);
    let encrypt = ["encrypt", "--age", RECIPIENT, "file.yaml", "--output"];
    for (label, target) in [
        ("missing folder", "nowhere/out.yaml"),
        ("file as folder", "file.yaml/out.yaml"),
        ("folder", "home"),
        ("full device", "/dev/full"),
    ] {
        refused(&mut place, label, &[&encrypt[..], &[target]].concat(), 3);
    }
    let answer =
        place.shell("$L encrypt --age $R file.yaml > /dev/full".replace("$R", RECIPIENT).as_str());
    check(&answer, "standard output", 3);
    place.add("# full standard output", &answer);
    let answer = place.shell("$L help > /dev/full");
    check(&answer, "help", 3);
    place.add("# help to a full device", &answer);
    insta::assert_snapshot!(place.transcript());
}

#[cfg(target_os = "linux")]
#[test]
fn unreadable_sources_are_exit_2() {
    let mut place = Place::new();
    place.write("file.yaml", PLAIN);
    let types = ["--input-type=yaml", "--output-type=yaml"];
    for (label, words) in [
        ("folder to encrypt", ["encrypt", "--age", RECIPIENT, "home"]),
        ("folder to decrypt", ["decrypt", "--ignore-mac", "--lenient", "home"]),
        ("unreadable", ["decrypt", types[0], types[1], "/proc/self/mem"]),
    ] {
        refused(&mut place, label, &words, 2);
    }
    let answer = place.shell("$L decrypt --input-type yaml --output-type yaml < .");
    check(&answer, "standard input", 2);
    place.add("# standard input is a folder", &answer);
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn reader_that_stops_early_is_no_error() {
    let place = Place::with_encrypted();
    let answer = place.shell("{ $L decrypt file.yaml; echo $? >&2; } | true");
    assert_eq!(answer.stderr, "0\n");
}
