//! `rotate`, `set`, `unset` and `edit` with `--output-type`: files that get another format while they
//! stay encrypted, beside what the reference makes of them.

use super::edit::{place, reference, set_editor};
use super::exec::left_behind;
use super::place::{Place, RECIPIENT};

/// A file of each format that has a form in the others, and where its text can be found.
const FILES: [(&str, &str, &str); 5] = [
    ("flat.yaml", "# c\na: text\nb: \"two\\nlines\"\nn: 5\n", "[\"a\"]"),
    ("flat.json", "{\"a\": \"text\", \"b\": \"x\", \"n\": 5}\n", "[\"a\"]"),
    ("flat.env", "# c\na=text\nb=x y\nn=5\n", "[\"a\"]"),
    ("sections.ini", "; c\n[s]\na = text\nn = 5\n", "[\"s\"][\"a\"]"),
    ("bytes.bin", "text\n", "[\"data\"]"),
];

const TYPES: [(&str, &[&str]); 5] = [
    ("flat.yaml", &["json", "dotenv"]),
    ("flat.json", &["yaml", "dotenv"]),
    ("flat.env", &["yaml", "json"]),
    ("sections.ini", &["yaml", "json"]),
    ("bytes.bin", &["yaml", "json", "dotenv"]),
];

/// Iterates over the files with each format that they can have too.
fn pairs() -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    let path = |name: &str| FILES.iter().find(|it| it.0 == name).map(|it| it.2);
    let all = TYPES.into_iter().flat_map(|(name, types)| types.iter().map(move |it| (name, *it)));
    all.map(move |(name, to)| (name, to, path(name).expect("each has one")))
}

fn with_files() -> Place {
    let place = place();
    for (name, text, _) in FILES {
        place.write(name, text);
        place.encrypt(name);
    }
    place
}

/// Decrypts a file of a format with the reference.
fn opened(place: &Place, name: &str, format: &str) -> String {
    let words = ["decrypt", "--input-type", format, "--output-type", format, name];
    let answer = place.command(&reference(), "").args(words).output().expect("it runs");
    let stderr = String::from_utf8_lossy(&answer.stderr);
    assert!(answer.status.success(), "{name} {format}\n{stderr}\n{}", place.read(name));
    String::from_utf8(answer.stdout).expect("text")
}

/// Lets both programs do the same to copies of a file and compares what comes out.
fn compare(place: &Place, name: &str, to: &str, words: &[&str]) {
    let copies = [format!("ours-{name}"), format!("theirs-{name}")];
    for copy in &copies {
        place.write(copy, place.bytes(name));
    }
    let words = |copy| {
        let flags = [words[0], "--output-type", to, copy];
        [&flags[..], &words[1..]].concat().into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let ours = place.call(&words(&copies[0]), b"");
    let stderr = place.steady(&ours.stderr);
    let warning = format!("warning: {}: the file is {to} now", copies[0]);
    assert!(ours.code == Some(0) && stderr.starts_with(&warning), "{name} {to}\n{ours}");
    let theirs = place.command(&reference(), "").args(words(&copies[1])).status();
    assert!(theirs.expect("it runs").success(), "{name} {to}");
    assert_eq!(opened(place, &copies[0], to), opened(place, &copies[1], to), "{name} {to}");
    let ours = ["decrypt", "--input-type", to, "--output-type", to, &copies[0]];
    assert_eq!(place.call(&ours, b"").code, Some(0), "{name} {to}");
}

#[test]
fn files_get_the_format_that_the_reference_gives_them() {
    let place = with_files();
    for (name, to, path) in pairs() {
        compare(&place, name, to, &["rotate", "-i"]);
        compare(&place, name, to, &["set", path, "\"other\""]);
        if name != "bytes.bin" {
            // the comment above the first value would go with it
            compare(&place, name, to, &["unset", &path.replace("\"a\"", "\"n\"")]);
        }
    }
}

#[test]
fn file_is_edited_in_the_other_format() {
    let mut place = with_files();
    set_editor(&mut place, "sed -i 's/text/other/' \"$1\"; cp \"$1\" seen");
    for (name, to, _) in pairs() {
        for flag in [&[][..], &["-s"]] {
            place.write("copy", place.bytes(name));
            let end = name.rsplit('.').next().expect("each has one");
            let from = if end == "env" { "dotenv" } else { end.trim_end_matches("bin") };
            let from = if from.is_empty() { "binary" } else { from };
            let words =
                [&["edit", "--input-type", from, "--output-type", to, "copy"], flag].concat();
            let answer = place.call(&words, b"");
            assert_eq!(answer.code, Some(0), "{name} {to}\n{answer}");
            assert_eq!(place.read("seen").contains("sops"), !flag.is_empty(), "{name} {to}");
            let before = opened(&place, name, from);
            let clear =
                place.call(&["decrypt", "--input-type", from, "--output-type", to, name], b"");
            assert!(before.contains("text"));
            let text = opened(&place, "copy", to);
            // the reference may spell the same values in another way
            assert_eq!(
                normal(&text),
                normal(&clear.stdout.replace("text", "other")),
                "{name} {to}"
            );
        }
    }
    assert_eq!(left_behind(&place), Vec::<String>::new());
}

fn normal(text: &str) -> String {
    text.replace(['"', '\''], "")
}

#[test]
fn rotation_goes_where_it_is_asked_to_go_and_types_stay() {
    let place = with_files();
    place.write("types.yaml", "i: 1\nf: 1.0\nb: true\nt: 2020-01-02T03:04:05Z\ns: \"1\"\n");
    place.encrypt("types.yaml");
    let printed = place.call(&["rotate", "--output-type", "json", "types.yaml"], b"");
    assert_eq!((printed.code, printed.stderr.as_str()), (Some(0), ""), "{printed}");
    for kind in ["int", "float", "bool", "time", "str"] {
        assert!(printed.stdout.contains(&format!("type:{kind}]")), "{printed}");
    }
    // no record of a layout where there was none
    let bare = ["encrypt", "--no-layout", "--age", RECIPIENT, "--output", "bare.yaml"];
    place.write("clear.yaml", "a: 1.50\n");
    assert_eq!(place.call(&[&bare[..], &["clear.yaml"]].concat(), b"").code, Some(0));
    let printed = place.call(&["rotate", "--output-type", "json", "bare.yaml"], b"").stdout;
    assert!(!printed.contains("leafseal_layout"), "{printed}");
    let words = ["rotate", "--output-type", "json", "--output", "out.json", "types.yaml"];
    let answer = place.call(&words, b"");
    assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""), "{answer}");
    assert!(opened(&place, "out.json", "json").contains("\"t\": \"2020-01-02T03:04:05Z\""));
}

#[test]
fn what_the_other_format_cannot_hold_is_refused() {
    let mut place = with_files();
    place.write("two.yaml", "a: 1\n---\nb: 2\n");
    place.encrypt("two.yaml");
    place.write("names.yaml", "sops_a: 1\n");
    place.encrypt("names.yaml");
    place.write("bytes.bin", b"\0\xff");
    place.encrypt("bytes.bin");
    let names = ["two.yaml", "names.yaml", "flat.yaml", "bytes.bin"];
    let before = names.map(|name| place.bytes(name));
    set_editor(&mut place, "echo >> \"$1\"");
    let rows: [(&str, &str, &str); 5] = [
        ("two.yaml", "json", "[\"a\"]"),
        ("two.yaml", "dotenv", "[\"a\"]"),
        ("names.yaml", "dotenv", "[\"sops_a\"]"),
        ("flat.yaml", "ini", "[\"a\"]"),
        ("bytes.bin", "json", "[\"data\"]"),
    ];
    for (name, to, path) in rows {
        place.note(&["rotate", "-i", "--output-type", to, name]);
        // its bytes would be replaced by text
        if name != "bytes.bin" {
            place.note(&["set", "--output-type", to, name, path, "\"x\""]);
        }
        // the editor would be offered again
        if name != "names.yaml" {
            place.note(&["edit", "--output-type", to, name]);
        }
    }
    place.note(&["edit", "--output-type", "binary", "flat.yaml"]);
    place.note(&["edit", "-s", "bytes.bin"]);
    for (name, before) in names.iter().zip(before) {
        assert!(place.bytes(name) == before, "{name} was written\n{}", place.transcript());
    }
    assert_eq!(left_behind(&place), Vec::<String>::new());
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn name_that_says_another_format_is_told() {
    let mut place = with_files();
    place.note(&["set", "--output-type", "json", "flat.yaml", "[\"a\"]", "1"]);
    place.note(&["set", "--input-type", "json", "flat.yaml", "[\"a\"]", "2"]);
    place.note(&["rotate", "-i", "--output-type", "json", "flat.env"]);
    assert!(place.read("flat.yaml").starts_with("a: ENC["), "{}", place.read("flat.yaml"));
    insta::assert_snapshot!(place.transcript());
}
