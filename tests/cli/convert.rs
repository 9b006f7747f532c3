//! Files of one format from those of another: what is refused, said and written.

use super::place::{Place, RECIPIENT};

const TYPES: [(&str, &str); 5] = [
    ("yaml", "key: s3cret\nlist: [1, {deep: null}]\nnested: {key: 1.0}\n"),
    ("flat", "key: s3cret\nempty: null\n"),
    ("sections", "first: {key: s3cret}\nlast: {key: {deep: 1}}\n"),
    ("floats", "s: {key: .nan, \"k`=\": 1, raw: !!binary /w==}\n"),
    ("names", "\"a=b\": s3cret\n"),
];

/// Each text with a format that cannot hold it.
const REFUSED: [(&str, &str); 9] = [
    ("yaml", "dotenv"),
    ("yaml", "ini"),
    ("flat", "dotenv"),
    ("flat", "ini"),
    ("sections", "ini"),
    ("floats", "json"),
    ("floats", "ini"),
    ("floats", "dotenv"),
    ("names", "dotenv"),
];

fn encrypt(to: &str, file: &str) -> Vec<String> {
    let words = ["encrypt", "-i", "--age", RECIPIENT, "--output-type", to, file];
    words.map(str::to_owned).to_vec()
}

fn note(place: &mut Place, words: &[String]) -> super::Answer {
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    place.note(&words)
}

#[test]
fn what_a_format_cannot_hold_is_named_before_anything_is_written() {
    let mut place = Place::new();
    for (name, text) in TYPES {
        place.write(&format!("{name}.yaml"), text);
        place.write(&format!("{name}-closed.yaml"), text);
        place.encrypt(&format!("{name}-closed.yaml"));
    }
    for (name, to) in REFUSED {
        let (clear, closed) = (format!("{name}.yaml"), format!("{name}-closed.yaml"));
        let before = (place.read(&clear), place.read(&closed));
        let answer = note(&mut place, &encrypt(to, &clear));
        assert_eq!((answer.code, answer.stdout.as_str()), (Some(4), ""), "{name} {to} {answer}");
        let answer = place.note(&["decrypt", "-i", "--output-type", to, &closed]);
        assert_eq!((answer.code, answer.stdout.as_str()), (Some(4), ""), "{name} {to} {answer}");
        assert!(!answer.stderr.contains("s3cret"), "{answer}");
        assert!(before == (place.read(&clear), place.read(&closed)), "{name} {to}");
    }
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn what_would_be_lost_or_taken_for_metadata_is_refused() {
    let mut place = Place::new();
    let texts = [
        ("twice.json", "{\"a\": \"s3cret\", \"b\": {\"c\": 1, \"c\": 2}}\n", "yaml", 4),
        ("twice.env", "A=s3cret\nA=2\n", "yaml", 4),
        ("sections.ini", "[s]\nk = s3cret\n[s]\nk = 2\n", "json", 0),
        ("documents.yaml", "a: s3cret\n---\nb: 2\n", "json", 4),
        ("documents.yaml", "a: s3cret\n---\nb: 2\n", "dotenv", 4),
        ("documents.yaml", "a: s3cret\n---\n{}\n", "dotenv", 0),
        ("metadata.yaml", "sops: {a: s3cret}\n", "json", 203),
        ("metadata.env", "sops=s3cret\n", "json", 203),
        ("metadata.ini", "[sops]\na = s3cret\n", "yaml", 203),
        ("metadata.yaml", "sops_x: s3cret\n", "dotenv", 203),
        ("metadata.yaml", "sops_x: s3cret\n", "json", 0),
        ("metadata.env", "sops_x=s3cret\n", "json", 0),
        ("keys.yaml", "1: s3cret\n", "json", 23),
        ("big.yaml", "a: [9223372036854775808]\n", "json", 23),
        ("empty.yaml", "", "json", 92),
        ("empty.env", "", "json", 0),
        ("broken.yaml", "a: [s3cret\n", "json", 2),
        ("negative.yaml", "a: 1\n", "yaml", 0),
        ("control.env", "# a\u{7}\nA=s3cret\n", "yaml", 4),
        ("control.env", "# a\u{7}\nA=s3cret\n", "json", 0),
    ];
    for (name, text, to, code) in texts {
        place.write(name, text);
        let answer = note(&mut place, &encrypt(to, name));
        assert_eq!((answer.code, answer.stdout.as_str()), (Some(code), ""), "{name} {to} {answer}");
        assert_eq!(place.read(name) == text, code != 0, "{name} {to}");
    }
    place.write("closed.env", "A=s3cret\n");
    place.encrypt("closed.env");
    let answer = note(&mut place, &encrypt("yaml", "closed.env"));
    assert_eq!(answer.code, Some(203), "{answer}");
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn documents_that_are_left_out_are_told() {
    let mut place = Place::new();
    place.write("file.yaml", "a: s3cret\n---\nb: 2\n---\nc: 3\n");
    place.encrypt("file.yaml");
    let answer = place.note(&["decrypt", "--output-type", "json", "file.yaml"]);
    assert_eq!((answer.code, answer.stdout.as_str()), (Some(0), "{\n\t\"a\": \"s3cret\"\n}\n"));
    place.write("two.yaml", "a: s3cret\n---\nb: 2\n---\n{}\n");
    place.encrypt("two.yaml");
    let answer = place.note(&["decrypt", "--output-type", "dotenv", "two.yaml"]);
    assert_eq!((answer.code, answer.stdout.as_str()), (Some(0), "a=s3cret\n"));
    insta::assert_snapshot!(place.transcript().replace("s3cret", "…"));
}

#[test]
fn new_text_has_the_indent_that_is_asked_for() {
    let place = Place::new();
    place.write("file.json", "{\"a\":{\"b\":[1,{\"c\":2}]}}");
    place.write("file.yaml", "a: {b: [1, {c: 2}]}\n");
    let encrypted = |name: &str, to: &str, flags: &[&str]| {
        let words = ["encrypt", "--age", RECIPIENT, "--unencrypted-regex", ".", name];
        let answer = place.call(&[&words[..], &["--output-type", to], flags].concat(), b"");
        assert_eq!(answer.code, Some(0), "{answer}");
        answer.stdout
    };
    let yaml = |flags: &[&str]| encrypted("file.json", "yaml", flags);
    let json = |flags: &[&str]| encrypted("file.yaml", "json", flags);
    let rows = [
        (yaml(&[]), "a:\n    b:\n        - 1\n        - c: 2\nsops:\n    age:\n"),
        (yaml(&["--indent=2"]), "a:\n  b:\n    - 1\n    - c: 2\nsops:\n  age:\n"),
        (yaml(&["--indent=99"]), "a:\n  b:\n    - 1\n    - c: 2\nsops:\n  age:\n"),
        (json(&[]), "{\n\t\"a\": {\n\t\t\"b\": [\n\t\t\t1,\n"),
        (json(&["--indent=-1"]), "{\n\t\"a\": {\n\t\t\"b\": [\n\t\t\t1,\n"),
        (
            json(&["--indent=0"]),
            "{\n\"a\": {\n\"b\": [\n1,\n{\n\"c\": 2\n}\n]\n},\n\"sops\": {\n\"age\": [",
        ),
        (json(&["--indent=2"]), "{\n  \"a\": {\n    \"b\": [\n      1,\n"),
    ];
    for (found, start) in rows {
        assert!(found.starts_with(start), "{start}\n---\n{found}");
    }
    place.write(".sops.yaml", "stores: {json: {indent: 3}, yaml: {indent: 3}}\n");
    assert!(yaml(&[]).starts_with("a:\n   b:\n      - 1\n      - c: 2\nsops:\n   age:\n"));
    assert!(json(&[]).starts_with("{\n   \"a\": {\n      \"b\": [\n"));
    place.write("closed.json", "{\"a\":{\"b\":[1]}}");
    place.encrypt("closed.json");
    let decrypted =
        |flags: &[&str]| place.call(&[&["decrypt", "closed.json"], flags].concat(), b"").stdout;
    assert_eq!(decrypted(&["--output-type", "yaml"]), "a:\n   b:\n      - 1\n");
    let flags = ["--extract", "[\"a\"]", "--indent=0"];
    assert_eq!(decrypted(&flags), "{\n\"b\": [\n1\n]\n}\n");
}
