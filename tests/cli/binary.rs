//! What is particular to binary files: any bytes, one value, the JSON around it.

use std::process::Command;

use super::place::{Place, RECIPIENT, key_file};

const BYTES: &[u8] = b"\x7fELF\0\x01\xff\xfe\r\n\0s3cret";

/// Makes a folder with `file.bin`, encrypted from [`BYTES`].
fn place() -> Place {
    let place = Place::new();
    place.write("file.bin", BYTES);
    place.encrypt("file.bin");
    place
}

/// Decrypts a file and gives its bytes.
fn decrypted(place: &Place, words: &[&str]) -> Vec<u8> {
    let words = [&["decrypt", "--output", "clear"], words].concat();
    let answer = place.call(&words, b"");
    assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""), "{words:?}");
    place.bytes("clear")
}

#[test]
fn any_bytes_come_back() {
    let place = place();
    for (name, bytes) in [
        ("no-ending", BYTES),
        ("empty.bin", b""),
        ("nul.tar.gz", b"\0"),
        ("object", br#"{"data": 1, "sops": {"mac": "x"}}"#),
        ("lower.YAML", b"a: 1\n"),
    ] {
        place.write(name, bytes);
        place.encrypt(name);
        assert_ne!(place.bytes(name), bytes, "{name}");
        assert_eq!(decrypted(&place, &[name]), bytes, "{name}");
        let words = ["decrypt", "-i", name];
        assert_eq!(place.call(&words, b"").code, Some(0), "{name}");
        assert_eq!(place.bytes(name), bytes, "{name}");
    }
}

#[test]
fn every_way_to_name_the_type_leads_to_it() {
    let mut place = place();
    let encrypted = place.read("file.bin");
    place.write("file.yaml", &encrypted);
    let types = ["--input-type", "binary", "--output-type", "binary"];
    assert_eq!(decrypted(&place, &[&types[..], &["file.yaml"]].concat()), BYTES);
    assert_eq!(decrypted(&place, &["--filename-override", "x.bin", "file.yaml"]), BYTES);
    place.write("text.txt", "plain text");
    place.encrypt("text.txt");
    let text = place.bytes("text.txt");
    for words in [
        &["decrypt"][..],
        &["decrypt", "--filename-override", "any.txt"],
        &["decrypt", "/dev/stdin"],
        &["-d", "/dev/stdin"],
        &["decrypt", "--extract", "[\"data\"]"],
        &["decrypt", "--input-type", "binary"],
    ] {
        let answer = place.call(words, &text);
        assert_eq!((answer.code, answer.stdout.as_str()), (Some(0), "plain text"), "{words:?}");
    }
    for words in [
        &["encrypt", "--age", RECIPIENT, "--filename-override", "x"][..],
        &["encrypt", "--age", RECIPIENT, "--filename-override", "x", "/dev/stdin"],
        &["-e", "--age", RECIPIENT, "/dev/stdin"],
    ] {
        let answer = place.call(words, b"plain text");
        assert_eq!(answer.code, Some(0), "{answer}");
        place.write("again", &answer.stdout);
        assert_eq!(decrypted(&place, &["again"]), b"plain text", "{words:?}");
    }
    place.set("SOPS_AGE_KEY_FILE", &key_file("age2.txt"));
    assert_eq!(place.call(&["decrypt", "file.bin"], b"").code, Some(128));
}

#[test]
fn wrapper_is_written_as_by_the_reference() {
    let mut place = place();
    place.write(
        ".sops.yaml",
        format!("stores: {{json_binary: {{indent: 3}}}}\ncreation_rules: [{{age: {RECIPIENT}}}]\n"),
    );
    place.write("plain", "x");
    place.write("empty", "");
    for words in [
        &["plain"][..],
        &["--indent=2", "plain"],
        &["--indent=0", "plain"],
        &["--indent=-1", "plain"],
        &["empty"],
    ] {
        let words = [&["encrypt"], words].concat();
        let answer = place.note(&words);
        assert_eq!(answer.code, Some(0), "{answer}");
    }
    insta::assert_snapshot!(without_keys(place.transcript()));
}

/// Replaces wrapped keys and times, which differ from run to run.
fn without_keys(text: &str) -> String {
    let changing = regex::Regex::new(r#""(enc|lastmodified)": "[^"]*""#).expect("a pattern");
    changing.replace_all(text, "\"$1\": \"…\"").into_owned()
}

#[test]
fn what_has_no_effect_is_said() {
    let mut place = place();
    place.write("plain", "x");
    place.write(
        "rule/.sops.yaml",
        format!("creation_rules: [{{age: {RECIPIENT}, encrypted_regex: ^a, mac_only_encrypted: true}}]\n"),
    );
    place.write("rule/plain", "x");
    let encrypt = ["encrypt", "--age", RECIPIENT, "--output", "out"];
    for words in [
        &["--encrypted-regex", "^a", "--unencrypted-suffix", "_x", "plain"][..],
        &["--config", "rule/.sops.yaml", "plain"],
        &["--mac-only-encrypted", "--encrypted-comment-regex", "x", "plain"],
        &["file.bin"],
    ] {
        let answer = place.note(&[&encrypt[..], words].concat());
        assert_eq!(answer.code, Some(0), "{answer}");
        assert!(!place.read("out").contains("regex"), "{}", place.read("out"));
        assert!(!place.read("out").contains("mac_only_encrypted"));
    }
    insta::assert_snapshot!(place.transcript());
    assert_eq!(decrypted(&place, &["out"]), place.bytes("file.bin"));
}

#[test]
fn altered_files_are_refused() {
    let mut place = Place::new();
    place.write("file.bin", "s3cret");
    place.encrypt("file.bin");
    let encrypted = place.read("file.bin");
    let data = encrypted.find("data:").expect("a value") + 5;
    let letter = if encrypted.as_bytes()[data] == b'A' { "B" } else { "A" };
    let altered = format!("{}{letter}{}", &encrypted[..data], &encrypted[data + 1..]);
    let line = |start: &str| encrypted.lines().find(|line| line.trim().starts_with(start));
    let without =
        |start: &str| encrypted.replace(&format!("{}\n", line(start).expect("a line")), "");
    let value = line("\"data\"").expect("a value");
    let cases: [(&str, String, i32); 12] = [
        ("altered value", altered, 25),
        ("value in clear", encrypted.replace(value, "\"data\": \"s3cret\","), 25),
        ("empty value", encrypted.replace(value, "\"data\": \"\","), 51),
        ("number", encrypted.replace(value, "\"data\": 5,"), 25),
        ("padding within", encrypted.replacen(&encrypted[data..data + 4], "AA==", 1), 25),
        ("no value", without("\"data\""), 51),
        ("no MAC", without("\"mac\""), 51),
        ("two values", encrypted.replace(value, &format!("{value}{value}")), 51),
        ("value of another place", encrypted.replace("\"data\": ", "\"date\": "), 25),
        ("text behind", format!("{encrypted}x"), 1),
        ("cut off", encrypted[..encrypted.len() / 2].to_owned(), 1),
        ("no metadata", format!("{{{}}}", value.trim_end_matches(',')), 1),
    ];
    for (label, text, code) in cases {
        place.write("file.bin", text);
        let answer = place.call(&["decrypt", "file.bin"], b"");
        assert_eq!((answer.code, answer.stdout.as_str()), (Some(code), ""), "{label}\n{answer}");
        place.add(&format!("# {label}"), &answer);
    }
    assert!(!place.transcript().contains("s3cret"));
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn mac_can_be_ignored_but_not_the_value() {
    let mut place = Place::new();
    place.write("file.bin", "text");
    place.encrypt("file.bin");
    let encrypted = place.read("file.bin");
    let mac = encrypted.lines().find(|line| line.contains("\"mac\"")).expect("a MAC");
    place.write("nomac", encrypted.replace(&format!("{mac}\n"), ""));
    let value = encrypted.lines().find(|line| line.contains("\"data\"")).expect("a value");
    place.write("novalue", encrypted.replace(&format!("{value}\n"), ""));
    assert_eq!(place.note(&["decrypt", "--ignore-mac", "nomac"]).stdout, "text");
    assert_eq!(place.note(&["decrypt", "--ignore-mac", "novalue"]).code, Some(4));
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn files_that_are_no_binary_ones_are_told() {
    let mut place = Place::new();
    place.write("file.json", r#"{"data": {"data": "inner", "n": 1}, "b": 5, "c": "text"}"#);
    place.encrypt("file.json");
    place.write("object", place.bytes("file.json"));
    place.write("number.json", r#"{"data": 5}"#);
    place.encrypt("number.json");
    place.write("number", place.bytes("number.json"));
    place.write("file.yaml", "a: 1\n");
    place.encrypt("file.yaml");
    place.write("yaml", place.bytes("file.yaml"));
    place.write("clear", b"\xff\xfe\0");
    place.write("text", "hello");
    place.write("json", "{}");
    for (words, code) in [
        (&["decrypt", "object"][..], 4),
        (&["decrypt", "--extract", "[\"data\"]", "object"], 0),
        (&["decrypt", "--extract", "[\"c\"]", "object"], 0),
        (&["decrypt", "--extract", "[\"b\"]", "object"], 4),
        (&["decrypt", "--extract", "[\"x\"]", "object"], 1),
        (&["decrypt", "number"], 4),
        (&["decrypt", "yaml"], 1),
        (&["decrypt", "clear"], 1),
        (&["decrypt", "text"], 1),
        (&["decrypt", "json"], 1),
        (&["filestatus", "object"], 0),
        (&["filestatus", "json"], 0),
        (&["filestatus", "clear"], 1),
        (&["filestatus", "text"], 1),
    ] {
        let answer = place.note(words);
        assert_eq!(answer.code, Some(code), "{words:?}\n{answer}");
    }
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn paths_into_a_binary_file_are_told() {
    let mut place = place();
    assert_eq!(decrypted(&place, &["--extract", "[\"data\"]", "file.bin"]), BYTES);
    for path in ["[\"x\"]", "[0]", "[\"data\"][0]", "[\"data\"][\"x\"]"] {
        let answer = place.note(&["decrypt", "--extract", path, "file.bin"]);
        assert_eq!((answer.code, answer.stdout.as_str()), (Some(1), ""), "{answer}");
    }
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn config_tells_whether_a_file_is_encrypted() {
    let mut place = place();
    place.write(".sops.yaml", format!("creation_rules: [{{age: {RECIPIENT}}}]\n"));
    place.write("clear.bin", BYTES);
    place.write("text", "hello");
    place.write("braces", "{hello}");
    place.write("cut", &place.bytes("file.bin")[..100]);
    place.note(&["config", "file.bin", "clear.bin", "text", "braces", "cut"]);
    insta::assert_snapshot!(place.transcript());
}

/// `script` gives a program a terminal to write to.
#[cfg(target_os = "linux")]
#[test]
fn terminals_get_text_alone() {
    let place = place();
    place.write("text", "plain text\n\tüber\r\n");
    place.encrypt("text");
    place.write("escape", "\u{1b}[2J");
    place.encrypt("escape");
    let shown = |name: &str| {
        let program = env!("CARGO_BIN_EXE_leafseal");
        let output = Command::new("script")
            .args(["--quiet", "--return", "--command"])
            .arg(format!("{program} decrypt {name} 2>message"))
            .arg("/dev/null")
            .current_dir(place.path(""))
            .env("SOPS_AGE_KEY_FILE", key_file("age1.txt"))
            .output()
            .expect("script starts");
        let text = format!("$ leafseal decrypt {name}\n{}", place.read("message"));
        (output.status.code(), String::from_utf8(output.stdout).expect("text"), text)
    };
    let (code, text, _) = shown("text");
    assert_eq!((code, text.as_str()), (Some(0), "plain text\r\n\tüber\r\r\n"));
    for name in ["file.bin", "escape"] {
        let (code, text, message) = shown(name);
        assert_eq!((code, text.as_str()), (Some(3), ""));
        insta::assert_snapshot!(format!("terminal_{name}"), message);
    }
}
