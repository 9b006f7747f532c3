//! Random changes of single values: after each, the reference decrypts the file to what is expected.

mod support;

use std::fs;
use std::process::Command;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use serde_json::{Map, Value, json};
use support::{Reference, fixture};

// comments of a list count as elements in paths, so there are none
const YAML: &str = "\
# head
keep: true
a: 1 # one
m: {x: yes, 'y': \"z\"}

l:
- p
- q: 1
  # in a mapping
  r: |
    text
- [1, [2]]
e: {}
";
const JSON: &str = "{\"keep\": true, \"a\": [1, {\"x\": \"y\"}],\n\"e\": {}, \"s\": \"\"}\n";

/// What is done to the value at a place.
#[derive(Clone, Debug)]
enum Change {
    Set(Value),
    /// Adds a key to the mapping there, or an element to the list.
    Add(String, Value),
    Unset,
}

/// Texts that formats like to read as something else.
fn text() -> impl Strategy<Value = String> {
    let texts = [
        "",
        "yes",
        "null",
        "~",
        "0644",
        "1.0",
        "1e3",
        "2020-01-02",
        "- a",
        "a: b",
        "# c",
        " x ",
        "two\nlines\n",
        "\n",
        "tab\there",
        "'",
        "\"",
        "{}",
        "[x",
        "&a",
        "*a",
        "!t",
        "|",
        "%a",
        "é",
        "ENC[x]",
        "back\\slash",
        "\u{2028}",
        "\u{feff}x",
    ];
    prop_oneof![select(texts.to_vec()).prop_map(str::to_owned), "\\PC{0,10}"]
}

fn key() -> impl Strategy<Value = String> {
    let keys = ["new", "yes", "1", "null", "a b", "é", "#c", "x: y", "- z", "'q", "~", "<<x"];
    prop_oneof![select(keys.to_vec()).prop_map(str::to_owned), "[a-z]{1,3}"]
}

fn value() -> impl Strategy<Value = Value> {
    let scalar = prop_oneof![
        4 => text().prop_map(Value::from),
        2 => any::<i64>().prop_map(Value::from),
        1 => (-1000..1000_i32).prop_map(|number| json!(f64::from(number) / 8.0)),
        1 => any::<bool>().prop_map(Value::from),
        1 => Just(Value::Null),
    ];
    scalar.prop_recursive(2, 8, 3, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..3).prop_map(Value::from),
            vec((key(), inner), 0..3)
                .prop_map(|items| Value::Object(items.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

fn change() -> impl Strategy<Value = (Vec<Index>, Change)> {
    let change = prop_oneof![
        3 => value().prop_map(Change::Set),
        3 => (key(), value()).prop_map(|(key, value)| Change::Add(key, value)),
        2 => Just(Change::Unset),
    ];
    (vec(any::<Index>(), 1..4), change)
}

/// Walks down a value and returns the path, as the command line has it.
fn place(root: &Value, steps: &[Index]) -> (Vec<String>, String) {
    let (mut pointers, mut path) = (Vec::new(), String::new());
    let mut node = root;
    for step in steps {
        let (pointer, part) = match node {
            Value::Object(items) => {
                let names: Vec<&String> = items.keys().filter(|name| *name != "keep").collect();
                if names.is_empty() {
                    break;
                }
                let name = names[step.index(names.len())];
                (name.clone(), format!("[\"{name}\"]"))
            }
            Value::Array(items) if !items.is_empty() => {
                let at = step.index(items.len());
                (at.to_string(), format!("[{at}]"))
            }
            _ => break,
        };
        node = match node {
            Value::Object(items) => &items[&pointer],
            list => &list[pointer.parse::<usize>().expect("a number")],
        };
        pointers.push(pointer);
        path += &part;
    }
    (pointers, path)
}

fn at<'v>(root: &'v mut Value, pointers: &[String]) -> &'v mut Value {
    pointers.iter().fold(root, |node, pointer| match node {
        Value::Object(items) => items.get_mut(pointer).expect("it is there"),
        list => &mut list[pointer.parse::<usize>().expect("a number")],
    })
}

/// Makes a change to the model, and returns the words of the call that asks for it; nothing where
/// it means nothing.
fn apply(root: &mut Value, steps: &[Index], change: &Change) -> Option<Vec<String>> {
    let (pointers, path) = place(root, steps);
    let (last, above) = pointers.split_last()?;
    match change {
        Change::Set(value) => {
            *at(root, &pointers) = value.clone();
            Some(vec!["set".to_owned(), path, value.to_string()])
        }
        Change::Add(key, value) => {
            let part = match at(root, &pointers) {
                Value::Object(items) => {
                    items.insert(key.clone(), value.clone());
                    format!("[\"{key}\"]")
                }
                Value::Array(items) => {
                    items.push(value.clone());
                    format!("[{}]", items.len() - 1)
                }
                _ => return None,
            };
            Some(vec!["set".to_owned(), path + &part, value.to_string()])
        }
        Change::Unset => {
            match at(root, above) {
                Value::Object(items) => drop(items.remove(last)),
                list => {
                    let list = list.as_array_mut().expect("a list");
                    list.remove(last.parse().expect("a number"));
                }
            }
            Some(vec!["unset".to_owned(), path])
        }
    }
}

/// Numbers without a fraction are integers, whatever they look like.
fn normal(value: &Value) -> Value {
    match value {
        Value::Object(items) => items.iter().map(|(key, it)| (key.clone(), normal(it))).collect(),
        Value::Array(items) => items.iter().map(normal).collect(),
        Value::Number(number) => match number.as_f64() {
            Some(float) if number.is_f64() && float.fract() == 0.0 => {
                json!(format!("{float:.0}").parse::<i64>().expect("it is small"))
            }
            _ => value.clone(),
        },
        _ => value.clone(),
    }
}

/// Makes changes one after the other, and has the reference read the file after each.
fn check(ending: &'static str, text: &str, changes: &[(Vec<Index>, Change)]) {
    let reference = Reference::for_files(ending);
    let file = reference.folder.path().join(format!("random.{ending}"));
    fs::write(&file, reference.encrypt(text, &[]).expect("it encrypts")).expect("it is written");
    let name = file.display().to_string();
    let read = || {
        let words = ["decrypt", "--output-type", "json", &name];
        let answer = reference.command().args(words).output().expect("it runs");
        let stderr = String::from_utf8_lossy(&answer.stderr);
        assert!(answer.status.success(), "{stderr}\n{}", fs::read_to_string(&file).expect("text"));
        serde_json::from_slice::<Value>(&answer.stdout).expect("JSON")
    };
    let mut expected = read();
    for (steps, change) in changes {
        let Some(words) = apply(&mut expected, steps, change) else { continue };
        let mut command = Command::new(env!("CARGO_BIN_EXE_leafseal"));
        command.env("SOPS_AGE_KEY_FILE", fixture("vectors/keys/age1.txt"));
        command.arg(&words[0]).arg("--").arg(&file).args(&words[1..]);
        let answer = command.output().expect("it runs");
        assert!(answer.status.success(), "{words:?} {}", String::from_utf8_lossy(&answer.stderr));
        assert_eq!(read(), normal(&expected), "{words:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 16, failure_persistence: None, max_shrink_iters: 200, ..ProptestConfig::default()
    })]

    #[test]
    fn reference_reads_yaml_as_it_was_changed(changes in vec(change(), 1..8)) {
        check("yaml", YAML, &changes);
    }

    #[test]
    fn reference_reads_json_as_it_was_changed(changes in vec(change(), 1..8)) {
        check("json", JSON, &changes);
    }
}
