use super::place::Place;

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
