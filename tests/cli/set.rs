use super::place::Place;
#[cfg(unix)]
use super::{age::on_terminal, edit::reference};

const TEXT: &str = "\
# header

# about a
a: 1  # one
b: \"two\"

m:
  x: 1
  y: |
    text
    more
  # end of m
l:
- p
- q: 1
  r: 2
f: {u: 1, v: [1, 2]}
e: {}
anchor: &k {z: 1}
copy: *k
last: v
";

fn place() -> Place {
    let place = Place::new();
    place.write("file.yaml", TEXT);
    place.encrypt("file.yaml");
    place
}

/// Lists the lines that differ, in the manner of `diff`.
fn difference(old: &str, new: &str) -> String {
    let (old, new): (Vec<_>, Vec<_>) = (old.lines().collect(), new.lines().collect());
    let start = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
    let ends = old[start..].iter().rev().zip(new[start..].iter().rev());
    let end = ends.take_while(|(old, new)| old == new).count();
    let removed = old[start..old.len() - end].iter().map(|line| format!("- {line}\n"));
    let added = new[start..new.len() - end].iter().map(|line| format!("+ {line}\n"));
    removed.chain(added).collect()
}

/// Makes changes, each to the same file, and tells what becomes of its text in clear.
fn differences(calls: &[&[&str]]) -> String {
    let place = place();
    let encrypted = place.read("file.yaml");
    let mut report = String::new();
    for words in calls {
        place.write("file.yaml", &encrypted);
        let answer = place.call(words, b"");
        assert_eq!((answer.code, answer.stdout.as_str()), (Some(0), ""), "{words:?} {answer}");
        let clear = place.call(&["decrypt", "file.yaml"], b"");
        assert_eq!((clear.code, clear.stderr.as_str()), (Some(0), ""), "{words:?} {clear}");
        report += &format!("$ {}\n{}\n", words.join(" "), difference(TEXT, &clear.stdout));
    }
    report
}

#[test]
fn set_changes_the_value_and_nothing_else() {
    let calls: [&[&str]; 19] = [
        &["set", "file.yaml", r#"["a"]"#, "5"],
        &["set", "file.yaml", r#"["a"]"#, "-5"],
        &["set", "file.yaml", r#"["b"]"#, r#"{"n":[1,{"o":"x"}]}"#],
        &["set", "file.yaml", r#"["b"]["deeper"]"#, "null"],
        &["set", "file.yaml", r#"["m"]["z"]"#, r#""new""#],
        &["set", "file.yaml", r#"["m"]["y"]"#, r#""short""#],
        &["set", "file.yaml", r#"["m"]"#, "7"],
        &["set", "file.yaml", r#"["m"]"#, r#"{"q":[1.5]}"#],
        &["set", "file.yaml", r#"["l"][0]"#, r#""multi\nline\n""#],
        &["set", "file.yaml", r#"["l"][9]"#, r#"{"q":1,"r":2}"#],
        &["set", "file.yaml", r#"["l"][1]["s"]"#, "true"],
        &["set", "file.yaml", r#"["l"]"#, "[]"],
        &["set", "file.yaml", r#"["f"]["w"]"#, r#"[1,"a"]"#],
        &["set", "file.yaml", r#"["f"]["v"][5]"#, "3"],
        &["set", "file.yaml", r#"["e"]["w"]['k'][0]"#, r#"[1,"a"]"#],
        &["set", "file.yaml", r#"["anchor"]"#, "5"],
        &["set", "file.yaml", r#"["copy"]["z"]"#, "5"],
        &["set", "file.yaml", r#"["new"]"#, r#""yes""#],
        &["--set", r#"["a"] "older form""#, "file.yaml"],
    ];
    insta::assert_snapshot!(differences(&calls));
}

#[test]
fn unset_removes_the_value_with_its_comments() {
    let calls: [&[&str]; 11] = [
        &["unset", "file.yaml", r#"["a"]"#],
        &["unset", "file.yaml", r#"["b"]"#],
        &["unset", "file.yaml", r#"["m"]["x"]"#],
        &["unset", "file.yaml", r#"["m"]["y"]"#],
        &["unset", "file.yaml", r#"["m"]"#],
        &["unset", "file.yaml", r#"["l"][0]"#],
        &["unset", "file.yaml", r#"["l"][1]["q"]"#],
        &["unset", "file.yaml", r#"["f"]["u"]"#],
        &["unset", "file.yaml", r#"["f"]["v"][1]"#],
        &["unset", "file.yaml", r#"["anchor"]"#],
        &["unset", "file.yaml", r#"["last"]"#],
    ];
    insta::assert_snapshot!(differences(&calls));
}

#[test]
fn encrypted_file_changes_in_the_value_the_mac_and_the_date() {
    let place = place();
    let before = place.read("file.yaml");
    let answer = place.call(&["set", "file.yaml", r#"["b"]"#, r#""three""#], b"");
    assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""), "{answer}");
    let after = place.read("file.yaml");
    assert_eq!(before.lines().count(), after.lines().count());
    let changed = before.lines().zip(after.lines()).filter(|(old, new)| old != new);
    let names = changed.map(|(old, _)| old.trim().split(':').next().unwrap_or_default());
    let names: Vec<&str> = names.filter(|name| *name != "lastmodified").collect();
    assert_eq!(names, ["b", "mac"]);
}

#[test]
fn other_formats_are_changed_in_their_lines() {
    let mut place = Place::new();
    let files = [
        ("f.json", "{\n  \"a\": 1,\n  \"l\": [1, 2],\n  \"e\": {}\n}\n"),
        ("f.env", "# c\nA=1\n\nB=x y\n"),
        ("f.ini", "; c\nroot = 1\n\n[s]\nlong = 1\nk    = v ; in\n\n[t]\nx=1\n"),
        ("f.bin", "\u{1}bytes"),
    ];
    let calls: [&[&str]; 17] = [
        &["set", "f.json", r#"["a"]"#, r#"{"x":[1,"&"]}"#],
        &["set", "f.json", r#"["l"][2]"#, "3"],
        &["set", "f.json", r#"["e"]["k"]"#, "[]"],
        &["set", "f.json", r#"["n"]"#, "12345678901234567"],
        &["unset", "f.json", r#"["a"]"#],
        &["unset", "f.json", r#"["e"]"#],
        &["set", "f.env", r#"["A"]"#, r#""two\nlines""#],
        &["set", "f.env", r#"["NEW"]"#, "5"],
        &["unset", "f.env", r#"["A"]"#],
        &["set", "f.ini", r#"["s"]["k"]"#, r#""a;b""#],
        &["set", "f.ini", r#"["s"]["new"]"#, "true"],
        &["set", "f.ini", r#"["n"]"#, r#"{"a":1,"bc":2}"#],
        &["set", "f.ini", r#"["t"]"#, r#"{"y":"1"}"#],
        &["unset", "f.ini", r#"["DEFAULT"]["root"]"#],
        &["unset", "f.ini", r#"["s"]["k"]"#],
        &["unset", "f.ini", r#"["s"]"#],
        &["set", "f.bin", r#"["data"]"#, r#""text""#],
    ];
    for words in calls {
        let (name, text) = files.iter().find(|(name, _)| *name == words[1]).expect("a file");
        place.write(name, text);
        place.encrypt(name);
        place.note(words);
        let clear = place.call(&["decrypt", name], b"");
        assert_eq!(clear.code, Some(0), "{words:?} {clear}");
        let heading = difference(text, &clear.stdout);
        let answer = super::Answer { stdout: String::new(), ..clear };
        place.add(&heading, &answer);
    }
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn values_come_from_files_and_standard_input_too() {
    let mut place = place();
    place.write("v.json", "\"from file\"\n");
    place.note(&["set", "--value-file", "file.yaml", r#"["a"]"#, "v.json"]);
    place.note(&["decrypt", "--extract", r#"["a"]"#, "file.yaml"]);
    place.note_with(&["set", "--value-stdin", "file.yaml", r#"["a"]"#], b" [1]\n");
    place.note(&["decrypt", "--extract", r#"["a"]"#, "file.yaml"]);
    let before = place.read("file.yaml");
    place.note(&["set", "--idempotent", "file.yaml", r#"["a"]"#, "[1.0]"]);
    place.note(&["unset", "--idempotent", "file.yaml", r#"["zz"]"#]);
    place.note(&["unset", "--idempotent", "file.yaml", r#"["l"][9]"#]);
    assert_eq!(place.read("file.yaml"), before);
    for number in ["1.0", "-0.0", "1e3", "1e17", "1e19", "1e-7"] {
        place.note(&["set", "file.yaml", r#"["a"]"#, number]);
        place.note(&["decrypt", "--output-type", "json", "--extract", r#"["a"]"#, "file.yaml"]);
    }
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn what_cannot_be_set_is_said() {
    let mut place = place();
    let before = place.read("file.yaml");
    place.write("plain.yaml", TEXT);
    place.write("f.env", "A=1\n");
    place.encrypt("f.env");
    place.write("f.ini", "a=1\n");
    place.encrypt("f.ini");
    place.write("f.bin", "x");
    place.encrypt("f.bin");
    let calls: [&[&str]; 33] = [
        &["set"],
        &["set", "file.yaml", r#"["a"]"#],
        &["set", "--value-stdin", "file.yaml", r#"["a"]"#, "1"],
        &["set", "--value-stdin", "--value-file", "file.yaml", r#"["a"]"#, "1"],
        &["unset", "file.yaml"],
        &["set", "file.yaml", r#"["a"]"#, "x"],
        &["set", "file.yaml", r#"["a"]"#, r#"1, "b": 2"#],
        &["set", "file.yaml", "a", "5"],
        &["set", "file.yaml", "", "5"],
        &["set", "file.yaml", "[-1]", "5"],
        &["--set", r#"["a"]5"#, "file.yaml"],
        &["--set", r#"["a"] 5"#],
        &["set", "--value-file", "file.yaml", r#"["a"]"#, "missing.json"],
        &["set", "missing.yaml", r#"["a"]"#, "5"],
        &["set", ".", r#"["a"]"#, "5"],
        &["set", "plain.yaml", r#"["a"]"#, "5"],
        &["set", "file.yaml", "[0]", "5"],
        &["set", "file.yaml", r#"["l"]["k"]"#, "5"],
        &["set", "file.yaml", r#"["sops"]"#, "5"],
        &["set", "file.yaml", r#"["a"]"#, "9223372036854775808"],
        &["unset", "file.yaml", r#"["zz"]"#],
        &["unset", "file.yaml", r#"["l"][9]"#],
        &["unset", "file.yaml", r#"["a"]["x"]"#],
        &["unset", "--idempotent", "file.yaml", r#"["a"]["x"]"#],
        &["unset", "file.yaml", "zz"],
        &["set", "f.env", r#"["A"]"#, "null"],
        &["set", "f.env", r#"["A"]"#, "[1]"],
        &["set", "f.env", r#"["A=B"]"#, "1"],
        &["set", "f.env", r#"["sops_x"]"#, "1"],
        &["set", "f.ini", r#"["x"]"#, "1"],
        &["set", "f.ini", r#"["DEFAULT"]["x"]"#, "{}"],
        &["set", "f.bin", r#"["x"]"#, "1"],
        &["unset", "f.bin", r#"["data"]"#],
    ];
    for words in calls {
        place.note(words);
    }
    assert_eq!(place.read("file.yaml"), before);
    insta::assert_snapshot!(place.transcript());
}

/// Texts with other line ends or a byte order mark, a value to set, and the line that it changes.
const LINES: [(&str, &str, &str, &str, &str); 8] = [
    ("a.yaml", "# c\r\na: 1\r\nb:\r\n  - x\r\n", "[\"b\"][0]", "  - x\r\n", "  - w\r\n"),
    ("b.yaml", "a: |\r\n  x\r\n  z\r\nb: 1\r\n", "[\"b\"]", "b: 1\r\n", "b: w\r\n"),
    ("c.yaml", "\u{feff}a: x\nb: 1\n", "[\"a\"]", "a: x\n", "a: w\n"),
    ("d.yaml", "\u{feff}a: x\r\nb: 1", "[\"b\"]", "b: 1", "b: w"),
    ("e.json", "{\r\n  \"a\": \"x\",\r\n  \"b\": 1\r\n}\r\n", "[\"a\"]", "\"x\"", "\"w\""),
    ("f.env", "# c\r\nA=x\r\nB=1\r\n", "[\"A\"]", "A=x\r\n", "A=w\r\n"),
    ("g.ini", "[s]\r\na = x\r\nb = 1\r\n", "[\"s\"][\"a\"]", "a = x\r\n", "a = w\r\n"),
    ("h.ini", "\u{feff}[s]\na = x\n", "[\"s\"][\"a\"]", "a = x\n", "a = w\n"),
];

#[cfg(unix)]
#[test]
fn line_ends_and_byte_order_marks_stay() {
    let place = Place::new();
    for (name, text, path, old, new) in LINES {
        place.write(name, text);
        place.encrypt(name);
        let before = place.read(name);
        // lines of dotenv keep the carriage return as a part of the value, as in the reference
        let value = if name == "f.env" { "\"w\\r\"" } else { "\"w\"" };
        let answer = place.call(&["set", name, path, value], b"");
        assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""), "{name}\n{answer}");
        assert_eq!(place.call(&["decrypt", name], b"").stdout, text.replace(old, new), "{name}");
        let after = place.read(name);
        assert_eq!(before.contains("\r\n"), after.contains("\r\n"), "{name}");
        let count = before.lines().zip(after.lines()).filter(|(old, new)| old != new).count();
        // the value, the MAC, perhaps the date and the record of the layout
        assert!((2..=4).contains(&count), "{name}\n{before}\n{after}");
        let theirs = place.command(&reference(), "").args(["decrypt", name]).output();
        let theirs = theirs.expect("the reference runs");
        assert!(theirs.status.success(), "{name} {}", String::from_utf8_lossy(&theirs.stderr));
    }
}

#[cfg(unix)]
#[test]
fn first_of_several_documents_is_changed_alone() {
    let place = Place::new();
    let text = "# one\na: x\n---\na: other # two\n...\n---\nb: [x]\n";
    place.write("ours.yaml", text);
    place.encrypt("ours.yaml");
    place.write("theirs.yaml", text);
    let words = ["encrypt", "-i", "--age", super::place::RECIPIENT, "theirs.yaml"];
    let done = place.command(&reference(), "").args(words).status().expect("the reference runs");
    assert!(done.success());
    for name in ["ours.yaml", "theirs.yaml"] {
        let before = place.read(name);
        let opened = place.call(&["decrypt", name], b"").stdout;
        let calls: [&[&str]; 3] = [
            &["set", name, "[\"a\"]", "\"w\""],
            &["set", name, "[\"b\"]", "\"in the first\""],
            &["unset", name, "[\"b\"]"],
        ];
        for words in calls {
            let answer = place.call(words, b"");
            assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""), "{words:?}\n{answer}");
        }
        let clear = place.call(&["decrypt", name], b"").stdout;
        assert_eq!(clear, opened.replacen("a: x", "a: w", 1), "{name}");
        let is_computed = |line: &str| {
            ["mac:", "lastmodified:", "leafseal_layout:"].iter().any(|it| line.contains(it))
        };
        let after = place.read(name);
        let pairs = before.lines().zip(after.lines()).filter(|(old, new)| old != new);
        let changed: Vec<&str> = pairs.map(|(old, _)| old).filter(|it| !is_computed(it)).collect();
        assert!(changed.len() == 1 && changed[0].starts_with("a: ENC["), "{name} {changed:?}");
        let theirs = place.command(&reference(), "").args(["decrypt", name]).output();
        assert!(theirs.expect("the reference runs").status.success(), "{name}");
        // a path into another document leads nowhere
        assert_eq!(place.call(&["unset", name, "[\"b\"]"], b"").code, Some(1));
    }
}

#[cfg(unix)]
#[test]
fn value_that_the_shell_keeps_is_warned_of_on_a_terminal() {
    let mut place = place();
    place.write("value.json", "\"s3cret\"");
    for line in [
        "set file.yaml '[\"b\"]' '\"s3cret\"'",
        "set --value-file file.yaml '[\"b\"]' value.json",
        "set --value-stdin file.yaml '[\"b\"]' < value.json",
        "unset file.yaml '[\"b\"]'",
    ] {
        let answer = on_terminal(&place, line, &[]);
        assert!(answer.code == Some(0) && !answer.stdout.contains("s3cret"), "{line}\n{answer}");
        place.add(&format!("# {line}"), &answer);
    }
    // a script has no history
    let answer = place.call(&["set", "file.yaml", "[\"b\"]", "1"], b"");
    assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""));
    insta::assert_snapshot!(place.transcript());
}
