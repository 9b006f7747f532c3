//! Programs that others wrote, which call `sops` or read its files: each runs with the reference and
//! with ours under that name, and must not tell them apart.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use super::Answer;
use super::place::{OTHER_RECIPIENT, PLAIN, Place, RECIPIENT, key_file};

fn peer(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/peers").join(name);
    assert!(path.exists(), "{} is missing: run `make peers`", path.display());
    path
}

/// A folder where this program is called `sops`.
fn bare_place(sops: &Path) -> Place {
    let mut place = Place::new();
    place.write("bin/.keep", "");
    symlink(sops, place.path("bin/sops")).expect("a link can be made");
    let path = std::env::var("PATH").expect("there are programs");
    place.set("PATH", &format!("{}:{path}", place.path("bin").display()));
    place.set("LC_ALL", "C.UTF-8");
    place.set("R", &peer("sops").display().to_string());
    place
}

/// The same, with the files that the clients read.
fn place(sops: &Path) -> Place {
    let place = bare_place(sops);
    place.write("file.yaml", PLAIN);
    place.encrypt("file.yaml");
    let files = [
        ("secret.env", "A=1\nB=two words\n".as_bytes()),
        ("secret.bin", &[0, 1, 255, 128]),
        ("template.json", b"{\n\t\"sum\": \"{{ 1 + 2 }}\"\n}\n"),
        ("group_vars/all/x.sops.yaml", b"from_group: g\n"),
    ];
    for (name, content) in files {
        place.write(name, content);
        place.encrypt(name);
    }
    place.write("plain.yaml", PLAIN);
    place.write("group_vars/all/plain.sops.yaml", "passed: over\n");
    let tampered = place.read("file.yaml").replace("port: ENC", "# port: ENC");
    place.write("tampered.yaml", tampered);
    place
}

fn theirs() -> Place {
    place(&peer("sops"))
}

fn ours() -> Place {
    place(Path::new(env!("CARGO_BIN_EXE_leafseal")))
}

fn success(answer: &Answer) -> &str {
    assert_eq!(answer.code, Some(0), "{answer}");
    &answer.stdout
}

/// Decrypts a file by the reference.
fn opened(place: &Place, name: &str) -> String {
    success(&place.shell(&format!("$R decrypt {name}"))).to_owned()
}

const PLAYBOOK: &str = include_str!("clients/playbook.yaml");

/// Plays the book and returns what it kept, without the words of the program.
fn play(mut place: Place) -> (Place, String) {
    let rule = "creation_rules:\n  - encrypted_regex: token\n    age: ";
    place.write("ruled/.sops.yaml", format!("{rule}{RECIPIENT}\n"));
    place.write("empty.sops.yaml", "creation_rules:\n  - path_regex: nomatch\n");
    place.write("inventory", "localhost\n");
    place.write("playbook.yaml", PLAYBOOK);
    let python = peer("clients/bin/python");
    let settings = [
        ("ANSIBLE_COLLECTIONS_PATH", peer("clients/collections").display().to_string()),
        ("ANSIBLE_VARS_ENABLED", "host_group_vars,community.sops.sops".to_owned()),
        ("ANSIBLE_VARS_SOPS_PLUGIN_HANDLE_UNENCRYPTED_FILES", "skip".to_owned()),
        ("ANSIBLE_NOCOLOR", "1".to_owned()),
    ];
    for (name, value) in settings {
        place.set(name, &value);
    }
    let variables = serde_json::json!({
        "recipient": RECIPIENT,
        "other_recipient": OTHER_RECIPIENT,
        "key_file": key_file("age1.txt"),
        "binary": place.path("bin/sops"),
        "ansible_python_interpreter": python,
    });
    place.write("variables.json", variables.to_string());
    let program = peer("clients/bin/ansible-playbook");
    let words = "-i inventory -e @variables.json playbook.yaml";
    success(&place.shell(&format!("{} {words}", program.display())));
    let result = place.steady(&place.read("result.json"));
    let lines = result.lines().map(without_message);
    let result = lines.flat_map(|line| [line, "\n".to_owned()]).collect();
    (place, result)
}

/// Leaves the name of an exit code, and not what the program said.
fn without_message(line: &str) -> String {
    let end = line.find(" exited with code").and_then(|at| line[at..].find(": ").map(|to| at + to));
    end.map_or_else(|| line.to_owned(), |end| line[..end].to_owned())
}

#[test]
fn ansible_plays_alike() {
    let (theirs, expected) = play(theirs());
    let (ours, result) = play(ours());
    assert_eq!(result, expected);
    insta::assert_snapshot!(result);
    for name in ["out.yaml", "ruled/out.yaml", "out.json", "out.bin", "bytes.bin"] {
        let text = |place: &Place| place.shell(&format!("$R decrypt {name} | base64"));
        assert_eq!(success(&text(&ours)), success(&text(&theirs)), "{name}");
    }
    let is_clear = |name: &str, line: &str| ours.read(name).lines().any(|it| it.trim() == line);
    assert!(is_clear("ruled/out.yaml", "host: h") && !is_clear("ruled/out.yaml", "token: t"));
}

#[test]
fn sopsy_answers_alike() {
    let calls = |place: &Place| {
        place.write("calls.py", include_str!("clients/calls.py"));
        let python = peer("clients/bin/python");
        let answer = place.shell(&format!("{} calls.py {RECIPIENT}", python.display()));
        success(&answer).to_owned()
    };
    let (theirs, ours) = (theirs(), ours());
    let (expected, result) = (calls(&theirs), calls(&ours));
    assert_eq!(result, expected);
    insta::assert_snapshot!(result);
    for name in ["own.json", "stdin.json", "stdin.yaml"] {
        assert_eq!(opened(&ours, name), opened(&theirs, name), "{name}");
    }
}

#[test]
fn sops_age_reads_what_we_write() {
    let place = ours();
    place.write("decrypt.mjs", include_str!("clients/decrypt.mjs"));
    let decrypt = |names: &[&str]| {
        let folder = peer("sops-age").display().to_string();
        let line = format!("node decrypt.mjs {folder} {}", names.join(" "));
        success(&place.shell(&line)).to_owned()
    };
    place.write(
        "more.yaml",
        "m: {x: 1.50, y: yes, z: null, e: \"\"}\ntext: |\n    ä\n    b\nl: [-1]\n",
    );
    place.write(
        "more.json",
        "{\"a\": [1, {\"b\": \"ü\"}], \"n\": null, \"f\": -1.5e3, \"t\": true}\n",
    );
    // the reference makes items of these comments, and sops-age fails on them
    place.write("comments.yaml", "list:\n    - one # first\n    # two\n    - 2\n");
    for name in ["more.yaml", "more.json", "comments.yaml"] {
        place.encrypt(name);
    }
    let set = place.call(&["set", "more.json", "[\"new\"]", "[\"x\", 1]"], b"");
    assert_eq!(set.code, Some(0), "{set}");
    insta::assert_snapshot!("sops_age_reads_comments_in_lists", decrypt(&["comments.yaml"]));
    let names = ["more.yaml", "more.json", "secret.env", "file.yaml"];
    let result = decrypt(&names);
    // the same, from files that the reference writes
    for name in names {
        let sops = peer("sops").display().to_string();
        let line =
            format!("{sops} decrypt -i {name} && {sops} encrypt -i --age {RECIPIENT} {name}");
        success(&place.shell(&line));
    }
    assert_eq!(result, decrypt(&names));
    insta::assert_snapshot!(result);
}

/// Lines that helm-secrets, vscode-sops, direnv, git and scripts run, as they are documented; `$R`
/// is the reference, which reads what was written.
const LINES: &[&str] = &[
    // helm-secrets
    "sops --encrypt --input-type yaml --output-type yaml --in-place new.yaml && $R -d new.yaml",
    "sops --encrypt --input-type yaml --output-type yaml --output o.yaml new.yaml && $R -d o.yaml",
    "sops --encrypt --in-place new.yaml && grep -c 'mac.*,type:str]' new.yaml && grep -cx 'sops:' new.yaml",
    "sops --encrypt --input-type binary --output-type binary new.yaml | grep -c '\"data\": \"ENC'",
    "sops --decrypt --input-type yaml --output-type yaml own.yaml",
    "sops --decrypt --input-type yaml --output-type yaml --in-place own.yaml && cat own.yaml",
    "sops --decrypt --input-type yaml --output-type yaml --output o.yaml own.yaml && cat o.yaml",
    "sops --decrypt --input-type json --output-type json /dev/stdin <own.json",
    "cd ruled && EDITOR=true sops --input-type yaml --output-type yaml ../own.yaml",
    "EDITOR=./change sops --input-type yaml --output-type yaml own.yaml && $R -d own.yaml",
    // vscode-sops: a temporary file without suffix, types that there are not, the last config wins
    "sops --ignore-mac --config /dev/null --output-type yaml --input-type yaml --decrypt own",
    "sops --config /dev/null --config rules.yaml --output-type yaml --input-type yaml --encrypt new | $R -d --input-type yaml --output-type yaml /dev/stdin",
    "sops --config /dev/null --output-type plaintext --input-type plaintext --decrypt own.json",
    "sops --config nomatch.yaml --output-type yaml --input-type yaml --encrypt new 2>&1 | grep -o 'no matching creation rules found'",
    "EDITOR=./change sops --config /dev/null --output-type yaml --input-type yaml own && $R -d --input-type yaml --output-type yaml own",
    "EDITOR=true sops --config /dev/null --output-type yaml --input-type yaml own",
    // direnv
    "sops -d --output-type dotenv secret.env | cat",
    "sops -d --output-type dotenv own.json",
    "sops -d --output-type dotenv flat.yaml",
    "sops -d --extract \"['b']\" own.yaml",
    "sops -e -i new.yaml && grep -cE '^sops:' new.yaml",
    // git: the driver of diffs, and the filters
    "sops decrypt own.yaml",
    "mkdir git-blob && cp own.yaml git-blob/3f.yaml && sops -d git-blob/3f.yaml",
    "sops --input-type json --output-type json -e /dev/stdin <new.json | $R -d --input-type json --output-type json /dev/stdin",
    "sops --input-type json --output-type json -d /dev/stdin <own.json",
    // scripts
    "echo own.yaml | xargs sops updatekeys -y && grep -c recipient: own.yaml",
    "sops exec-env flat.yaml 'echo $K $L'",
    "sops exec-env flat.yaml 'exit 3'",
    "sops -d --extract '[\"b\"]' own.yaml | od -c",
    "sops --set '[\"b\"] \"three\"' own.yaml && $R -d own.yaml",
    "sops filestatus own.yaml && sops filestatus new.yaml",
    "sops -d new.yaml 2>&1 | grep -o 'sops metadata not found'",
    "sops --verbose -d own.yaml 2>&1 >/dev/null | grep -o 'Data key recovered successfully'",
];

/// What people and scripts give by accident, or in the belief that it works.
const ODD_LINES: &[&str] = &[
    // no file at all
    "sops",
    "sops -d",
    "sops edit",
    "sops decrypt </dev/null",
    "sops decrypt --input-type yaml --output-type yaml </dev/null",
    // standard input by name
    "sops -d --input-type yaml --output-type yaml /dev/stdin <own.yaml",
    "cat own.yaml | sops -d --input-type yaml --output-type yaml /dev/stdin",
    "sops -d /dev/stdin <own.json",
    "sops -d /dev/stdin <own.yaml",
    "sops decrypt --extract '[\"b\"]' --input-type yaml /dev/stdin <own.yaml",
    "sops filestatus --input-type yaml /dev/stdin <own.yaml",
    "sops filestatus /dev/stdin <own.json",
    "sops exec-file --input-type yaml --output-type yaml /dev/stdin 'cat {}' <own.yaml",
    "sops -e --input-type yaml --output-type yaml /dev/stdin <new.yaml | $R -d --input-type yaml --output-type yaml /dev/stdin",
    "sops rotate --input-type yaml --output-type yaml /dev/stdin <own.yaml | $R -d --input-type yaml --output-type yaml /dev/stdin",
    // variables that are empty, or say the same twice
    "SOPS_AGE_KEY= sops -d own.yaml",
    "SOPS_AGE_KEY= SOPS_AGE_KEY_FILE= sops -d own.yaml",
    "SOPS_AGE_KEY=$(cat $SOPS_AGE_KEY_FILE) sops -d own.yaml",
    "SOPS_AGE_KEY=$(cat $SOPS_AGE_KEY_FILE) SOPS_AGE_KEY_FILE=$OTHER sops -d own.yaml",
    "SOPS_AGE_KEY=$(cat $OTHER) sops -d own.yaml",
    "SOPS_AGE_KEY=$(cat $SOPS_AGE_KEY_FILE) SOPS_AGE_KEY_FILE= sops -d own.yaml",
    "SOPS_AGE_KEY_CMD=\"cat $SOPS_AGE_KEY_FILE\" SOPS_AGE_KEY_FILE=$OTHER sops -d own.yaml",
    "SOPS_CONFIG= SOPS_KEYSERVICE= SOPS_DECRYPTION_ORDER= sops -d own.yaml",
    "SOPS_AGE_RECIPIENTS= SOPS_PGP_FP= sops -e new.yaml | $R -d --input-type yaml --output-type yaml /dev/stdin",
    // quotes that a shell did not take away
    "sops -d --output-type '\"yaml\"' own.json",
    "sops -d --output-type '\"yaml\"' own.yaml",
    "sops -d --input-type '\"yaml\"' own.yaml",
    "sops -d --input-type '\"yaml\"' own",
    "sops -d \"'own.yaml'\"",
    "sops -d --extract \"'[\\\"b\\\"]'\" own.yaml",
    // files without metadata
    "sops -d new.json 2>&1 | grep -o 'sops metadata not found'",
    "sops -d new.env 2>&1 | grep -o 'sops metadata not found'",
    "sops -d new.ini 2>&1 | grep -o 'sops metadata not found'",
    "sops decrypt new.yaml",
    "EDITOR=true sops new.yaml",
    // flags that stand twice
    "sops -d --output-type dotenv --output-type json own.yaml",
    "sops -d --output-type nosuch --output-type json own.yaml",
    "sops -d --output-type json --output-type yaml own.json",
    "sops decrypt --extract '[\"a\"]' --extract '[\"b\"]' own.yaml",
    "sops decrypt --extract a --extract '[\"b\"]' own.yaml",
    "sops decrypt --enable-local-keyservice=false --enable-local-keyservice=true own.yaml",
    "sops -d -d -d own.yaml",
    "sops -d --verbose --verbose=false own.yaml 2>&1 | grep -c recovered",
];

/// Odd lines that we answer otherwise, with our exit code, and why.
const OTHERWISE: &[(&str, i32, &str)] = &[
    ("sops -d ''", 100, "no file has this name; the reference takes it for the working folder"),
    ("SOPS_AGE_KEY_CMD= sops -d own.yaml", 0, "the reference crashes on the empty variable"),
    (
        "sops decrypt --enable-local-keyservice=maybe --enable-local-keyservice=true own.yaml",
        0,
        "the last of two flags wins, also over a bad value",
    ),
    ("sops -d --indent x --indent 2 own.yaml", 0, "the same"),
];

/// The files that the lines find, some of them encrypted by the reference.
fn files_for_lines() -> Vec<(&'static str, Vec<u8>)> {
    let rule = format!("creation_rules:\n  - age: {RECIPIENT}\n");
    let text = "a: 1\nb: two\nl:\n    - x\n";
    let json = "{\n\t\"b\": \"two\"\n}\n";
    let files = [
        (".sops.yaml", &*rule),
        ("rules.yaml", &rule),
        ("nomatch.yaml", "creation_rules:\n  - path_regex: nomatch\n"),
        ("change", "#!/bin/sh\nsed -i s/two/three/ \"$1\"\n"),
        ("new.yaml", text),
        ("new", text),
        ("new.json", json),
        ("own.yaml", text),
        ("own", text),
        ("own.json", json),
        ("flat.yaml", "K: v\nL: w x\n"),
        ("new.env", "A=1\n"),
        ("new.ini", "[s]\na = 1\n"),
        ("secret.env", "A=1\nB=two words\n"),
        ("ruled/.keep", ""),
    ];
    let place = bare_place(&peer("sops"));
    for (name, text) in files {
        place.write(name, text);
    }
    let line =
        "for f in own.yaml own.json flat.yaml secret.env; do $R -e -i $f; done && cp own.yaml own";
    success(&place.shell(line));
    files.map(|(name, _)| (name, place.bytes(name))).to_vec()
}

/// Runs a line under both programs; the first answer is that of the reference.
fn both(files: &[(&str, Vec<u8>)], line: &str) -> [Answer; 2] {
    [peer("sops"), PathBuf::from(env!("CARGO_BIN_EXE_leafseal"))].map(|sops| {
        let mut place = bare_place(&sops);
        place.set("OTHER", &key_file("age2.txt"));
        for (name, content) in files {
            place.write(name, content);
        }
        place.shell(&format!("chmod +x change && {line}"))
    })
}

/// Lists the lines that do not give the same exit code and output under both programs.
fn differences(lines: &[&str]) -> String {
    let files = files_for_lines();
    let mut differences = Vec::new();
    for line in lines {
        let [theirs, ours] = both(&files, line);
        if (ours.code, &ours.stdout) != (theirs.code, &theirs.stdout) {
            differences.push(format!("{line}\nours: {ours}theirs: {theirs}"));
        }
    }
    differences.join("\n")
}

#[test]
fn lines_of_wrappers_give_the_same() {
    let differences = differences(LINES);
    assert!(differences.is_empty(), "{differences}");
}

#[test]
fn odd_lines_give_the_same() {
    let differences = differences(ODD_LINES);
    assert!(differences.is_empty(), "{differences}");
}

#[test]
fn odd_lines_that_differ_do_so_by_intent() {
    let files = files_for_lines();
    for (line, code, reason) in OTHERWISE {
        let [theirs, ours] = both(&files, line);
        assert_eq!(ours.code, Some(*code), "{line} ({reason})\n{ours}");
        assert_ne!(theirs.code, ours.code, "{line} ({reason})\n{theirs}");
    }
}
