//! What we write anew is what the reference program writes.

mod support;

use std::path::Path;
use std::process::Command;

use leafseal::document::{self, Document};
use leafseal::format::{Format, Indent};
use leafseal::metadata::Selector;
use leafseal::tree::{Branch, Container, Grower, Part, Remark, Scalar, Step, Value};
use support::documents::{Dice, Writer};
use support::{OPTIONS, Reference, TestKey, anew_as, data_key, fixture};

/// Writes a text anew as releases before 3.13 do, which the reference program is: comments behind
/// values move above them.
fn anew(text: &str) -> Result<String, String> {
    let scan = Format::Yaml.scan(text).map_err(|error| error.to_string())?;
    let documents = Grower::new(text, &scan).documents(0).map_err(|error| error.to_string())?;
    let documents: Vec<Branch> = documents.iter().map(without_inline).collect();
    Ok(Format::Yaml.emit(&documents, Indent::Default).expect("YAML holds all").as_str().to_owned())
}

fn without_inline(branch: &Branch) -> Branch {
    let mut copy = Branch::new();
    for part in branch.parts() {
        copy.push(match part {
            Part::Comment(comment) => Part::Comment(Remark { is_inline: false, ..comment.clone() }),
            other => other.clone(),
        });
    }
    copy
}

/// Tells whether the reference loses or moves a comment when it writes a tree
/// (`docs/compatibility.md`).
fn is_damaged_by_reference(text: &str) -> bool {
    let Ok(scan) = Format::Yaml.scan(text) else { return true };
    let Ok(documents) = Grower::new(text, &scan).documents(0) else { return true };
    documents.iter().any(|document| has_damaged_comment(document.parts()))
}

/// Looks for comments in empty collections, for those at the end of a list whose last element is
/// a collection, and for those at the front of a list whose first element begins with one.
fn has_damaged_comment(parts: &[Part]) -> bool {
    let is_comment = |part: &Part| matches!(part, Part::Comment(_));
    let mut open = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        let mut rest = parts[at + 1..].iter().skip_while(|part| is_comment(part));
        let has_comments = parts.get(at + 1).is_some_and(is_comment);
        match part {
            Part::Enter(container) => {
                let is_in_list = open.last() == Some(&Container::Sequence);
                open.push(*container);
                let next = rest.next();
                let is_empty = at > 0 && matches!(next, Some(Part::Leave));
                let is_doubled = *container == Container::Sequence
                    && !is_in_list
                    && matches!(next, Some(Part::Enter(_)))
                    && rest.next().is_some_and(is_comment);
                if has_comments && (is_empty || is_doubled) {
                    return true;
                }
            }
            Part::Leave => {
                open.pop();
                let is_in_list = open.last() == Some(&Container::Sequence);
                let is_last = matches!(rest.next(), Some(Part::Leave));
                if is_in_list && has_comments && is_last {
                    return true;
                }
            }
            _ => {}
        }
    }
    false
}

/// Removes the metadata blocks from a file that the reference wrote; what is left without content
/// becomes an empty mapping, as when it is decrypted.
fn without_blocks(encrypted: &str) -> String {
    let documents = encrypted.split("\n---\n").map(|document| {
        let mut is_inside = false;
        let mut kept = String::new();
        for line in document.lines() {
            is_inside = line == "sops:" || is_inside && line.starts_with(' ');
            if !is_inside {
                kept.push_str(line);
                kept.push('\n');
            }
        }
        let is_empty = kept.lines().all(|line| line.starts_with('#'));
        if is_empty { kept + "{}\n" } else { kept }
    });
    documents.collect::<Vec<_>>().join("---\n")
}

/// Compares what we and the reference make of a text whose values and comments stay in clear.
fn difference(reference: &Reference, name: &str, source: &str) -> Option<Result<(), String>> {
    let encrypted = reference.encrypt(source, &["--encrypted-regex", "^nothing$"]).ok()?;
    if is_damaged_by_reference(source) {
        return None;
    }
    let (wanted, found) = (without_blocks(&encrypted), anew(source));
    let message = || format!("{name}\n{source}\n--- reference\n{wanted}\n--- ours\n{found:?}");
    Some(if found.as_deref() == Ok(&wanted) { Ok(()) } else { Err(message()) })
}

fn check(differences: &[Result<(), String>], least: usize) {
    let failures: Vec<&String> = differences.iter().filter_map(|it| it.as_ref().err()).collect();
    let shown: Vec<&str> = failures.iter().take(12).map(|it| it.as_str()).collect();
    let (failed, compared) = (failures.len(), differences.len());
    assert!(failed == 0, "{failed} of {compared} differ:\n{}", shown.join("\n=====\n"));
    assert!(compared >= least, "only {compared} could be compared");
}

/// How many documents go through one run of the reference.
const BATCH: u64 = 5;

#[test]
fn generated_documents_are_written_as_the_reference_writes_them() {
    let reference = Reference::find();
    let batch = |number: u64| {
        let seeds = number * BATCH..(number + 1) * BATCH;
        let documents = seeds.map(|seed| Writer::new(seed).stream());
        let documents = documents.filter(|text| !text.starts_with("---") && !text.contains('\r'));
        documents.filter(|text| !is_damaged_by_reference(text)).collect::<Vec<_>>().join("---\n")
    };
    let differences: Vec<_> = (4_000..4_120)
        .filter_map(|number| difference(&reference, &format!("batch {number}"), &batch(number)))
        .collect();
    check(&differences, 100);
}

#[test]
fn comments_are_written_where_the_reference_writes_them() {
    let reference = Reference::find();
    let read = |name: &str| {
        let path = fixture("vectors/yaml-comments").join(name);
        std::fs::read_to_string(path).expect("a vector")
    };
    let json =
        |name: &str| -> serde_json::Value { serde_json::from_str(&read(name)).expect("JSON") };
    let named = json("expected.json");
    let named = named.as_object().expect("an object").keys().map(|name| (name.clone(), read(name)));
    let random = json("random.json");
    let random = random.as_array().expect("a list").iter().map(|case| {
        let text = case["yaml"].as_str().expect("a text");
        (format!("random {}", case["seed"]), text.to_owned())
    });
    let differences: Vec<_> = named
        .chain(random)
        .filter_map(|(name, source)| difference(&reference, &name, &source))
        .collect();
    check(&differences, 400);
}

#[test]
fn scalars_and_keys_of_all_kinds_are_written_as_the_reference_writes_them() {
    let reference = Reference::find();
    let long = "k".repeat(128);
    let bytes = "/".repeat(96);
    let texts = [
        "a\\nb",
        "a\\nb\\n",
        "a\\n\\n",
        "a\\n b",
        "x \\ny",
        "a\\rb",
        "a\\Nb",
        "\\L",
        "p\\Lq",
        "\\U0001F600",
        "a\\tb",
        "#x",
        "yes",
        "1:30",
        "<<",
        "",
        " x",
        "\\uFEFF",
        "\\0",
        "é",
        "- x",
        &long,
    ];
    let mut source = String::new();
    for text in texts {
        source += &format!("\"{text}\": \"{text}\"\n");
    }
    let first = source.clone();
    source += &format!("\"{long}k\": {{a: [1], \"b\\nc\": [x, {{\"d\\ne\": {{f: g}}}}]}}\n");
    source += &format!("binary: [!!binary \"/w==\", !!binary \"{bytes}\"]\n!!binary \"//8=\": 1\n");
    source += "floats: [1e6, 1e5, 1e-4, 1e-5, 1.5e300, -0.0, .inf, .nan, 123456.7, 1234567.8]\n";
    source += "list:\n";
    for line in first.lines().filter(|line| !line.contains("\\L")) {
        source += &format!("  - {line}\n    z: 1\n");
    }
    check(&[difference(&reference, "scalars", &source).expect("comparable")], 1);
}

/// The values of all documents in order, with what encloses them, and the comments beside them.
fn content(text: &str) -> (Vec<Part>, Vec<Remark>) {
    let scan = Format::Yaml.scan(text).expect("YAML");
    let documents = Grower::new(text, &scan).documents(0).expect("no bomb");
    let (mut values, mut comments) = (Vec::new(), Vec::new());
    for part in documents.iter().flat_map(Branch::parts) {
        match part {
            Part::Comment(comment) => comments.push(comment.clone()),
            Part::Scalar(Scalar::Value(Value::Float(number))) if number.is_nan() => {
                values.push(Part::Scalar(Scalar::Null));
            }
            // a float without a fraction is read as an integer
            Part::Scalar(Scalar::Value(Value::Int(number))) => {
                let number = number.to_string().parse().expect("a number");
                values.push(Part::Scalar(Scalar::Value(Value::Float(number))));
            }
            other => values.push(other.clone()),
        }
    }
    (values, comments)
}

#[test]
fn what_is_written_anew_reads_the_same() {
    for seed in 50_000..52_000 {
        let source = Writer::new(seed).stream();
        let scan = Format::Yaml.scan(&source).expect("YAML");
        let documents = Grower::new(&source, &scan).documents(0).expect("no bomb");
        let indent = usize::try_from(seed % 10).expect("a digit");
        let written =
            Format::Yaml.emit(&documents, Indent::of_step(indent)).expect("YAML holds all");
        let ((values, comments), (found, kept)) = (content(&source), content(&written));
        assert!(values == found, "seed {seed}: values\n{source}\n---\n{}", written.as_str());
        let mut texts = [comments, kept].map(|comments| {
            comments.into_iter().map(|comment| comment.text.to_vec()).collect::<Vec<_>>()
        });
        for texts in &mut texts {
            texts.sort();
        }
        let [comments, kept] = texts;
        assert!(comments == kept, "seed {seed}: comments\n{source}\n---\n{}", written.as_str());
    }
}

#[test]
fn keys_that_are_no_text_decrypt() {
    let reference = Reference::find();
    let source = "!!binary \"aGk=\": a\nb: {!!binary \"//8=\": c}\n";
    let encrypted = reference.encrypt(source, &[]).expect("it encrypts");
    let file = reference.folder.path().join("binary.yaml");
    std::fs::write(&file, &encrypted).expect("it can be written");
    assert_eq!(ours(&file, &["--extract", "[\"hi\"]"]).as_deref(), Ok("a"));
    assert_eq!(ours(&file, &["--extract", "[\"b\"]"]).as_deref(), Ok("!!binary //8=: c\n"));
}

#[test]
fn vectors_written_anew_are_what_the_reference_prints() {
    let manifest = std::fs::read_to_string(fixture("vectors/manifest.json")).expect("a manifest");
    let manifest: serde_json::Value = serde_json::from_str(&manifest).expect("JSON");
    let mut compared = 0;
    for vector in manifest["vectors"].as_array().expect("a list") {
        let name = vector["encrypted"].as_str().expect("a file");
        let text =
            |name: &str| std::fs::read_to_string(fixture("vectors").join(name)).expect("a vector");
        let wanted = vector["ours"]["decrypted"].as_str().or(vector["decrypted"].as_str());
        let Some(wanted) = wanted.filter(|_| Format::of_path(name) == Format::Yaml) else {
            continue;
        };
        let found = anew_as(Format::Yaml, &text(name), Some(data_key(vector)), Format::Yaml);
        assert_eq!(found, Ok(text(wanted)), "{name}");
        compared += 1;
    }
    assert!(compared >= 40, "only {compared} could be compared");
}

#[test]
fn comments_at_the_end_belong_where_the_encrypted_file_has_them() {
    let key = TestKey::load();
    let rows = [
        // the metadata block right behind them makes the difference
        ("a:\n  b:\n    c: 1\n  # end\n", "[\"a\"][\"b\"]", "c: 1\n# end\n"),
        ("a:\n- 1\n# end\n", "[\"a\"]", "- 1\n"),
    ];
    for (source, path, expected) in rows {
        let encrypted = key.seal(source, &Selector::default()).expect("it can be encrypted");
        let document = Document::parse(&encrypted, Format::Yaml).expect("YAML");
        let metadata = document.metadata().expect("readable").expect("present");
        let tree = document::open_tree(&document, &metadata, &key.data_key, OPTIONS);
        let path = Step::parse_path(path).expect("a path");
        let value = tree.expect("it opens").pick(&path, Format::Yaml, Indent::Default);
        assert_eq!(String::from_utf8_lossy(&value.expect("it is there")), expected);
    }
}

/// Runs our program on a file.
fn ours(file: &Path, arguments: &[&str]) -> Result<String, String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_leafseal"));
    command.env("SOPS_AGE_KEY_FILE", fixture("vectors/keys/age1.txt"));
    let output = command.arg("decrypt").args(arguments).arg(file).output().expect("it runs");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
}

/// One open collection on the way to a value.
struct Open {
    path: String,
    is_list: bool,
    count: usize,
}

/// Lists the index paths to all values of a document and to the comments in its lists.
fn index_paths(document: &Branch) -> Vec<String> {
    let (mut paths, mut open) = (Vec::new(), Vec::<Open>::new());
    let mut key = None;
    for part in document.parts() {
        let is_list = open.last().is_some_and(|open| open.is_list);
        match part {
            Part::Key(name) => key = Some(format!("[\"{}\"]", String::from_utf8_lossy(name))),
            Part::Leave => drop(open.pop()),
            Part::Comment(_) if !is_list => {}
            Part::Enter(_) | Part::Scalar(_) | Part::Comment(_) => {
                let mut path = String::new();
                if let Some(above) = open.last_mut() {
                    let step = key.take().unwrap_or(format!("[{}]", above.count));
                    path = above.path.clone() + &step;
                    above.count += 1;
                    paths.push(path.clone());
                }
                if let Part::Enter(container) = part {
                    open.push(Open { path, is_list: *container == Container::Sequence, count: 0 });
                }
            }
        }
    }
    paths
}

#[test]
fn extracted_values_are_those_that_the_reference_extracts() {
    let reference = Reference::find();
    let mut differences = Vec::new();
    for seed in 30_000..30_100 {
        let source = Writer::new(seed).stream();
        let flags: &[&str] =
            if seed % 3 == 0 { &["--encrypted-regex", "^(user|name|a)$"] } else { &[] };
        let Ok(encrypted) = reference.encrypt(&source, flags) else { continue };
        let Ok(wanted) = reference.decrypt(&encrypted) else { continue };
        // comments that the reference loses or cannot open
        if wanted.contains("ENC[")
            || encrypted.contains(": {\n")
            || is_damaged_by_reference(&source)
        {
            continue;
        }
        let file = reference.folder.path().join("extract.yaml");
        std::fs::write(&file, &encrypted).expect("it can be written");
        let mut dice = Dice::new(seed);
        let scan = Format::Yaml.scan(&wanted).expect("YAML");
        let documents = Grower::new(&wanted, &scan).documents(0).expect("no aliases");
        let paths = index_paths(&documents[0]);
        differences.push(whole(&wanted, &file));
        for _ in 0..3 {
            let path = dice.pick(&paths);
            differences.push(extraction(&reference, path, &file));
        }
    }
    check(&differences, 250);
}

/// Compares what we decrypt, written anew, with what the reference prints.
fn whole(wanted: &str, file: &Path) -> Result<(), String> {
    let encrypted = std::fs::read_to_string(file).expect("it is there");
    let found = anew_as(Format::Yaml, &encrypted, None, Format::Yaml)?;
    if found == wanted { Ok(()) } else { Err(shown("whole", wanted, &found, file)) }
}

/// Compares what we and the reference extract. Where a comment stands the reference prints how it
/// keeps comments, and we refuse.
fn extraction(reference: &Reference, path: &str, file: &Path) -> Result<(), String> {
    let flags = ["--extract", path];
    let mut command = reference.command();
    let output = command.arg("decrypt").args(flags).arg(file).output().expect("it runs");
    let wanted = String::from_utf8_lossy(&output.stdout).into_owned();
    let found = ours(file, &flags);
    let is_comment = wanted.starts_with("value: ")
        && found.as_ref().is_err_and(|error| error.contains("is a comment in the list"));
    if found.as_ref() == Ok(&wanted) || is_comment {
        return Ok(());
    }
    Err(shown(path, &wanted, &format!("{found:?}"), file))
}

fn shown(name: &str, wanted: &str, found: &str, file: &Path) -> String {
    let encrypted = std::fs::read_to_string(file).expect("it is there");
    format!("{name}\n--- reference\n{wanted}\n--- ours\n{found}\n--- file\n{encrypted}")
}
