//! Changes of single values, made by both programs: the values are the same afterwards.

mod support;

use std::fs;
use std::path::Path;
use std::process::Command;

use support::{Reference, fixture};

const YAML: &str = "\
a: 1 # one
# about b
b: two
m:
    x: true
    y: |
        text
        more
l:
    - p
    - q: 1
      r: 2
f: {u: 1.5, v: [1, 2]}
e: {}
plain_unencrypted: x
";
const JSON: &str = "{\n\t\"a\": 1,\n\t\"l\": [1, {\"x\": \"y\"}],\n\t\"e\": {}\n}\n";
const DOTENV: &str = "# c\nA=1\nB=x y\n";
const INI: &str = "[s]\nk = v\nlong = w\n\n[t]\nx = 1\n";

/// Arguments of a change: path, and a value that `set` gets. The reference makes floats of numbers
/// at the top of a value, and refuses lists there.
type Call = (&'static str, Option<&'static str>);

/// Makes a change with both programs and compares what the reference decrypts as JSON.
fn compare(ending: &'static str, text: &str, calls: &[Call]) {
    let reference = Reference::for_files(ending);
    let encrypted = reference.encrypt(text, &[]).expect("it encrypts");
    let ours = Path::new(env!("CARGO_BIN_EXE_leafseal"));
    for (path, value) in calls {
        let words = |file: &Path| {
            let command = if value.is_some() { "set" } else { "unset" };
            let mut words = vec![command.to_owned(), file.display().to_string()];
            words.extend([(*path).to_owned()].into_iter().chain(value.map(str::to_owned)));
            words
        };
        let [theirs, mine] = ["theirs", "mine"].map(|name| {
            let file = reference.folder.path().join(format!("{name}.{ending}"));
            fs::write(&file, &encrypted).expect("a writable scratch folder");
            file
        });
        let answer = reference.command().args(words(&theirs)).output().expect("it runs");
        assert!(answer.status.success(), "{path} {value:?} {answer:?}");
        let mut command = Command::new(ours);
        command.env("SOPS_AGE_KEY_FILE", fixture("vectors/keys/age1.txt"));
        let answer = command.args(words(&mine)).output().expect("it runs");
        assert!(answer.status.success(), "{path} {value:?} {answer:?}");
        let [theirs, mine] = [theirs, mine].map(|file| {
            let file = file.display().to_string();
            let words = ["decrypt", "--output-type", "json", &file];
            let answer = reference.command().args(words).output().expect("it runs");
            assert!(answer.status.success(), "{path} {value:?} {answer:?}");
            String::from_utf8(answer.stdout).expect("JSON is text")
        });
        assert_eq!(theirs, mine, "{path} {value:?}");
    }
}

#[test]
fn yaml_has_the_values_that_the_reference_gives_it() {
    let calls: [Call; 17] = [
        (r#"["a"]"#, Some("5")),
        (r#"["b"]"#, Some(r#"{"n":[1,{"o":"x"}],"e":{}}"#)),
        (r#"["b"]["deep"]["er"]"#, Some("null")),
        (r#"["m"]"#, Some(r#""multi\nline\n""#)),
        (r#"["m"]["z"]"#, Some(r#""yes""#)),
        (r#"["l"][0]"#, Some(r#"{"k":"v","w":["x"]}"#)),
        (r#"["l"][7]"#, Some("false")),
        (r#"["l"][1]["s"][0]"#, Some(r#""1""#)),
        (r#"["f"]["v"][9]"#, Some("3")),
        (r#"["f"]["w"]"#, Some(r#"{"x":"y"}"#)),
        (r#"["e"]["k"]"#, Some(r#""""#)),
        (r#"["plain_unencrypted"]"#, Some(r#"{"now":"a map"}"#)),
        (r#"["b"]"#, None),
        (r#"["m"]["y"]"#, None),
        (r#"["l"][1]"#, None),
        (r#"["l"][1]["q"]"#, None),
        (r#"["f"]["u"]"#, None),
    ];
    compare("yaml", YAML, &calls);
}

#[test]
fn other_formats_have_the_values_that_the_reference_gives_them() {
    let calls: [Call; 6] = [
        (r#"["a"]"#, Some(r#"{"x":["y",null]}"#)),
        (r#"["l"][1]["z"]"#, Some("2.5")),
        (r#"["e"]["k"]"#, Some("true")),
        (r#"["l"][0]"#, None),
        (r#"["e"]"#, None),
        (r#"["new"]"#, Some(r#""&""#)),
    ];
    compare("json", JSON, &calls);
    let calls: [Call; 3] =
        [(r#"["A"]"#, Some(r#""x\ny""#)), (r#"["NEW"]"#, Some(r#""z""#)), (r#"["B"]"#, None)];
    compare("env", DOTENV, &calls);
    let calls: [Call; 4] = [
        (r#"["s"]["k"]"#, Some(r#""a;b""#)),
        (r#"["s"]["new"]"#, Some(r#""x""#)),
        (r#"["n"]"#, Some(r#"{"a":"b"}"#)),
        (r#"["t"]["x"]"#, None),
    ];
    compare("ini", INI, &calls);
}
