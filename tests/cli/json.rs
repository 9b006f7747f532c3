//! What is particular to JSON files: what they keep, what they may be, what is printed of them.

use super::place::{Place, RECIPIENT};

const PLAIN: &str = r#"{ "name": "s3cret <&>",	"port":8080, "rate": 1.50e1,
  "big": 12345678901234567890, "users": ["alice7", null, {}, [true]],
"port":-0, "n_unencrypted": 1.10, "empty": "" }"#;

fn encrypt(place: &mut Place, flags: &[&str]) -> String {
    let words = [&["encrypt", "--age", RECIPIENT], flags, &["file.json"]].concat();
    let answer = place.call(&words, b"");
    assert_eq!(answer.code, Some(0), "{answer}");
    answer.stdout
}

#[test]
fn encryption_keeps_everything_but_the_values() {
    let mut place = Place::new();
    place.write("file.json", PLAIN);
    let encrypted = encrypt(&mut place, &[]);
    let envelope = regex::Regex::new(r#""ENC\[AES256_GCM,[^"]*type:([a-z]*)\]""#).expect("a regex");
    let skeleton = envelope.replace_all(&encrypted, "<$1>");
    let (values, block) = skeleton.split_once(", \"sops\": {").expect("a block at the end");
    let wanted = "{ \"name\": <str>,\t\"port\":<int>, \"rate\": <float>,\n  \"big\": <float>, \
        \"users\": [<str>, null, {}, [<bool>]],\n\"port\":<int>, \"n_unencrypted\": 1.10, \
        \"empty\": \"\"";
    assert_eq!(values, wanted);
    assert!(block.starts_with("\"age\": [{\"enc\": \"-----BEGIN AGE"), "{block}");
    assert!(block.ends_with("\"version\": \"3.13.2\"} }"), "{block}");
}

#[test]
fn decryption_gives_every_byte_back() {
    let sources = [
        PLAIN,
        "{}",
        "{ \n}",
        "{\"a\":\"b\"}",
        "{\n\t\"a\": {\n\t\t\"b\": [1, -2.5, true, null, \"\", \"\u{e9}\u{1F600}\"]\n\t}\n}\n",
        "{\r\n  \"a\" : \"x\\r\\n\" ,\r\n  \"a\" : \"y\"\r\n}\r\n",
        " {\"sops_\": {\"sops\": 1}, \"\": {\"\": \"\\\"\\\\\"}}\n\n",
    ];
    for source in sources {
        let place = Place::new();
        place.write("file.json", source);
        let answer = place.call(&["encrypt", "-i", "--age", RECIPIENT, "file.json"], b"");
        assert_eq!(answer.code, Some(0), "{answer}");
        let status = place.call(&["filestatus", "file.json"], b"");
        assert_eq!(status.stdout, "{\"encrypted\":true}\n");
        let answer = place.call(&["decrypt", "-i", "file.json"], b"");
        assert_eq!(answer.code, Some(0), "{answer}");
        assert_eq!(place.read("file.json"), source);
    }
}

#[test]
fn extracted_values_are_printed_as_by_the_reference() {
    let mut place = Place::new();
    place.write("file.json", PLAIN);
    let encrypted = encrypt(&mut place, &[]);
    place.write("file.json", encrypted);
    for (path, expected) in [
        (r#"["name"]"#, "s3cret <&>"),
        (r#"["port"]"#, "8080"),
        (r#"["rate"]"#, "15"),
        (r#"["users"]"#, "[\n\t\"alice7\",\n\tnull,\n\t{},\n\t[\n\t\ttrue\n\t]\n]"),
        (r#"["users"][2]"#, "{}\n"),
    ] {
        let answer = place.call(&["decrypt", "--extract", path, "file.json"], b"");
        assert_eq!((answer.code, answer.stdout.as_str()), (Some(0), expected), "{path}");
    }
}

#[test]
fn indent_of_json_is_checked_and_used_where_the_file_shows_none() {
    let mut place = Place::new();
    place.write("file.json", "{}");
    assert!(encrypt(&mut place, &[]).starts_with("{\n\t\"sops\": {\n\t\t\"age\": ["));
    assert!(encrypt(&mut place, &["--indent=-1"]).starts_with("{\n\t\"sops\": {\n\t\t\"age\""));
    assert!(encrypt(&mut place, &["--indent=2"]).starts_with("{\n  \"sops\": {\n    \"age\": ["));
    place.write(".sops.yaml", "stores: {json: {indent: 3}}\n");
    assert!(encrypt(&mut place, &[]).starts_with("{\n   \"sops\": {\n      \"age\": ["));
    for indent in ["--indent=-2", "--indent=1001", "--indent=4611686018427387904"] {
        let words = ["encrypt", "--age", RECIPIENT, indent, "file.json"];
        assert_eq!(place.note(&words).code, Some(4));
    }
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn what_is_not_a_json_object_is_refused() {
    let cases: [(&str, &[u8], i32); 21] = [
        ("empty", b"", 2),
        ("byte order mark", b"\xef\xbb\xbf{\"a\": \"s3cret\"}", 2),
        ("a list", b"[\"s3cret\"]", 2),
        ("a string", b"\"s3cret\"", 2),
        ("a number", b"8080", 2),
        ("YAML", b"a: s3cret\n", 2),
        ("text behind it", b"{\"a\": \"s3cret\"}\n{\"b\": 1}\n", 2),
        ("cut off in a value", b"{\n\"a\": [\n\"s3cret\",", 2),
        ("cut off behind a colon", b"{\"s3cret\":", 2),
        ("cut off in a string", b"{\"a\": \"s3cret", 2),
        ("comma too many", b"{\"a\": \"s3cret\",}", 2),
        ("comma missing", b"{\"a\": \"s3cret\" \"b\": 1}", 2),
        ("comment", b"{\"a\": 1 // s3cret\n}", 2),
        ("single quotes", b"{'a': 's3cret'}", 2),
        ("key without quotes", b"{s3cret: 1}", 2),
        ("number that is none", b"{\"a\": 08080}", 2),
        ("number out of range", b"{\"a\": 8080e8080}", 2),
        ("unknown escape", b"{\"a\": \"s3cret\\q\"}", 2),
        ("line end in a string", b"{\"a\": \"s3cret\n\"}", 2),
        ("invalid UTF-8", b"{\"a\": \"s3cret\xff\"}", 2),
        ("key sops", b"{\"a\": \"s3cret\", \"sops\": {}}", 203),
    ];
    let mut place = Place::new();
    for (label, content, code) in cases {
        place.write("file.json", content);
        let answer = place.call(&["encrypt", "-i", "--age", RECIPIENT, "file.json"], b"");
        assert_eq!((answer.code, answer.stdout.as_str()), (Some(code), ""), "{label}\n{answer}");
        assert!(!answer.stderr.contains("s3cret") && !answer.stderr.contains("8080"), "{answer}");
        assert!(place.bytes("file.json") == content, "{label}: the file was touched");
        place.add(&format!("# {label}"), &answer);
    }
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn encrypted_files_that_were_cut_off_or_added_to_are_refused() {
    let mut place = Place::new();
    place.write("file.json", PLAIN);
    let encrypted = encrypt(&mut place, &[]);
    let block = encrypted.find("\"sops\"").expect("a block");
    let end = encrypted.rfind('}').expect("a brace");
    let cases = [
        ("cut off", encrypted[..block].to_owned(), 1),
        ("added to", encrypted.clone() + "\n{}", 1),
        ("value in clear", encrypted.replacen(": \"ENC[", ": \"s3cret[", 1), 25),
        ("number in clear", encrypted.replacen("null", "8080", 1), 25),
        ("value moved", encrypted.replacen("\"rate\"", "\"tare\"", 1), 25),
        ("clear value changed", encrypted.replacen("1.10", "1.11", 1), 51),
        ("second block", encrypted[..end].to_owned() + "\n, \"sops\": {} }", 1),
    ];
    for (label, content, code) in cases {
        place.write("file.json", &content);
        let answer = place.call(&["decrypt", "file.json"], b"");
        assert_eq!((answer.code, answer.stdout.as_str()), (Some(code), ""), "{label}\n{answer}");
        assert!(!answer.stderr.contains("s3cret") && !answer.stderr.contains("8080"), "{answer}");
        place.add(&format!("# {label}"), &answer);
    }
    insta::assert_snapshot!(place.transcript());
}
