//! Files of one format from those of another: what we and the reference program make of them.

mod source;
#[path = "../support/mod.rs"]
mod support;

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use leafseal::crypto::SystemRandomness;
use leafseal::document::{self, ClearTree, Document, OpenOptions, SealError, SealOptions};
use leafseal::format::yaml::Problem;
use leafseal::format::{Format, Indent};
use leafseal::metadata::{Metadata, Selector, SelectorKind};
use leafseal::tree::{Branch, Grower, Part, Scalar, Value};
use source::source;
use support::{OPTIONS, Reference, TestKey, fixture};

const RECIPIENT: &str = "age1hk6km9gau76kykwdatkwd4lu4kka4hcegvy92lf0l6pljcrhz95slnuph2";

const FORMATS: [Format; 4] = [Format::Yaml, Format::Json, Format::Dotenv, Format::Ini];

/// Both programs in one scratch folder.
struct Programs {
    reference: Reference,
}

/// Which of the two.
#[derive(Clone, Copy)]
enum Program {
    Ours,
    Reference,
}

impl Programs {
    fn find() -> Self {
        Self { reference: Reference::find() }
    }

    fn run(&self, program: Program, words: &[&str], text: &str) -> Result<String, String> {
        let mut command = match program {
            Program::Reference => self.reference.command(),
            Program::Ours => {
                let mut command = Command::new(env!("CARGO_BIN_EXE_leafseal"));
                command.env("SOPS_AGE_KEY_FILE", fixture("vectors/keys/age1.txt"));
                command
            }
        };
        let file = self.file();
        fs::write(&file, text).expect("a writable scratch folder");
        let output = command.args(words).arg(&file).output().expect("it runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
    }

    fn file(&self) -> PathBuf {
        self.reference.folder.path().join(format!("{:?}.file", std::thread::current().id()))
    }

    fn encrypt(
        &self,
        program: Program,
        text: &str,
        (from, to): (Format, Format),
        flags: &[&str],
    ) -> Result<String, String> {
        let types = ["--input-type", from.as_str(), "--output-type", to.as_str()];
        let words = [&["encrypt", "--age", RECIPIENT][..], &types, flags].concat();
        self.run(program, &words, text)
    }

    fn decrypt(
        &self,
        program: Program,
        text: &str,
        (from, to): (Format, Format),
    ) -> Result<String, String> {
        let types = ["decrypt", "--input-type", from.as_str(), "--output-type", to.as_str()];
        self.run(program, &types, text)
    }
}

/// Tells whether anything can be of both formats: dotenv has no sections, and INI nothing else.
fn is_possible(from: Format, to: Format) -> bool {
    from != to
        && !matches!((from, to), (Format::Dotenv, Format::Ini) | (Format::Ini, Format::Dotenv))
}

fn pairs() -> impl Iterator<Item = (Format, Format)> {
    let pairs = FORMATS.into_iter().flat_map(|from| FORMATS.map(|to| (from, to)));
    pairs.filter(|(from, to)| is_possible(*from, *to))
}

/// Takes the second blank out that the reference writes before comments of INI, and the CR that it
/// writes behind comments of YAML.
fn tidy(format: Format, text: &str) -> String {
    match format {
        Format::Ini => text.replace(";  ", "; "),
        Format::Yaml => text.replace("\r\n", "\n"),
        _ => text.to_owned(),
    }
}

fn check(failures: &[String], compared: usize, least: usize) {
    let shown: Vec<&str> = failures.iter().take(6).map(String::as_str).collect();
    let failed = failures.len();
    assert!(failed == 0, "{failed} of {compared} differ:\n{}", shown.join("\n=====\n"));
    assert!(compared >= least, "only {compared} could be compared");
}

#[test]
fn files_of_the_reference_decrypt_to_what_it_prints_in_each_format() {
    let programs = Programs::find();
    let (mut failures, mut compared) = (Vec::new(), 0);
    for (from, to) in pairs() {
        for seed in 0..12 {
            let source = source(seed, from, to);
            let Ok(encrypted) = programs.encrypt(Program::Reference, &source, (from, from), &[])
            else {
                continue;
            };
            let wanted = programs.decrypt(Program::Reference, &encrypted, (from, to));
            // there may be comments in an empty collection, which are lost when it is read again
            let Ok(wanted) = wanted else { continue };
            if to == Format::Yaml && wanted.contains(": {\n") || wanted.contains("\r{}") {
                continue;
            }
            compared += 1;
            let wanted = tidy(to, &wanted);
            let found = programs.decrypt(Program::Ours, &encrypted, (from, to));
            let is_unreadable = to == Format::Yaml
                && to.scan(&wanted).is_err()
                && found.as_ref().is_err_and(|error| error.contains("the same key twice"));
            if !is_unreadable && found.as_ref() != Ok(&wanted) {
                failures.push(format!(
                    "{from:?} to {to:?}, seed {seed}\n{source}\n--- reference\n{wanted:?}\n--- ours\n{found:?}"
                ));
            }
        }
    }
    check(&failures, compared, 60);
}

/// What a program makes of an encrypted file in a format, without comments: those of lists are
/// elements in files of the reference, which JSON keeps, and comments in ours.
fn values(
    programs: &Programs,
    program: Program,
    encrypted: &str,
    formats: (Format, Format),
) -> Result<String, String> {
    let text = programs.decrypt(program, encrypted, formats)?;
    if text.contains("ENC[") {
        return Err(format!("something stays encrypted\n{text}"));
    }
    content(formats.1, &text)
}

/// Lists the values of a text with their keys, comments left out. Numbers are floats: in JSON the
/// reference knows no integers before release 3.13.2.
fn content(format: Format, text: &str) -> Result<String, String> {
    let scan = format.scan(text).map_err(|error| format!("{error}\n{text}"))?;
    let documents = Grower::new(text, &scan).documents(0).map_err(|error| error.to_string())?;
    let mut content = String::new();
    for part in documents.iter().flat_map(Branch::parts) {
        #[expect(clippy::cast_precision_loss, reason = "both sides lose the same")]
        let line = match part {
            Part::Enter(container) => format!("{container:?}\n"),
            Part::Leave => "end\n".to_owned(),
            Part::Key(key) => format!("{}: ", key.escape_ascii()),
            Part::Comment(_) => String::new(),
            Part::Scalar(Scalar::Value(Value::Int(number))) => format!("{:?}\n", *number as f64),
            Part::Scalar(Scalar::Value(Value::Float(number))) => format!("{number:?}\n"),
            Part::Scalar(Scalar::Value(value)) => {
                format!("{:?} {}\n", value.kind(), value.canonical_bytes().escape_ascii())
            }
            Part::Scalar(Scalar::Null) => "null\n".to_owned(),
            Part::Scalar(Scalar::TooBig(digits)) => format!("{digits}\n"),
        };
        content += &line;
    }
    Ok(content)
}

#[test]
fn what_we_convert_and_encrypt_is_what_the_reference_does() {
    let programs = Programs::find();
    let (mut failures, mut compared) = (Vec::new(), 0);
    for (from, to) in pairs() {
        for seed in 100..108 {
            let source = source(seed, from, to);
            let theirs = programs.encrypt(Program::Reference, &source, (from, to), &[]);
            let Ok(theirs) = theirs else { continue };
            let wanted = values(&programs, Program::Reference, &theirs, (to, to));
            let Ok(wanted) = wanted else { continue };
            let name = format!("{from:?} to {to:?}, seed {seed}\n{source}\n--- theirs\n{wanted}");
            let ours = match programs.encrypt(Program::Ours, &source, (from, to), &[]) {
                Ok(ours) => ours,
                Err(error) => {
                    failures.push(format!("{name}\n--- ours\n{error}"));
                    continue;
                }
            };
            compared += 1;
            for (encrypted, program) in
                [(&ours, Program::Reference), (&theirs, Program::Ours), (&ours, Program::Ours)]
            {
                let found = values(&programs, program, encrypted, (to, to));
                if found.as_ref() != Ok(&wanted) {
                    failures.push(format!("{name}\n--- found\n{found:?}"));
                }
            }
        }
    }
    check(&failures, compared, 50);
}

/// Values in clear as the types of YAML; their text in the formats of lines is a string.
const CLEAR: &str = "\
s_unencrypted: text
b_unencrypted: true
i_unencrypted: 12
f_unencrypted: 1.5
big_unencrypted: 1e21
t_unencrypted: 2020-01-01T10:11:12.5+02:00
e_unencrypted: \"\"
secret: 1.0
";

#[test]
fn clear_values_of_any_type_are_covered_as_they_are_read() {
    let programs = Programs::find();
    let sections = CLEAR.lines().fold("s:\n".to_owned(), |text, line| text + "  " + line + "\n");
    for (to, source) in
        [(Format::Json, CLEAR), (Format::Dotenv, CLEAR), (Format::Ini, sections.as_str())]
    {
        let plain = programs.encrypt(Program::Reference, source, (Format::Yaml, Format::Yaml), &[]);
        let plain = plain.expect("it encrypts");
        let wanted = programs.decrypt(Program::Reference, &plain, (Format::Yaml, to));
        let wanted = wanted.expect("it prints the text");
        for flags in [&[][..], &["--mac-only-encrypted"], &["--encrypted-regex", "^secret$"]] {
            let ours = programs.encrypt(Program::Ours, source, (Format::Yaml, to), flags);
            let ours = ours.expect("it encrypts");
            assert!(ours.contains("type:float"), "{ours}");
            for program in [Program::Reference, Program::Ours] {
                let found = programs.decrypt(program, &ours, (to, to));
                assert_eq!(found.as_ref(), Ok(&wanted), "{to:?} {flags:?}");
            }
        }
    }
}

#[test]
fn extracted_values_are_written_in_each_format_as_by_the_reference() {
    let programs = Programs::find();
    let source = "\
list: [1, {a: null, b: [x]}, [], \"t\"]
map:
    inner: {k: 1.0, t: 2020-01-01, s: \"x\\ny\", b: true}
flat: {k: 2.50, s: \"#\"}
str: text
num: 1e6
time: 2020-01-01
nul: null
none: {}
---
other: {k: v}
";
    let paths = [
        "[\"list\"]",
        "[\"list\"][0]",
        "[\"list\"][1]",
        "[\"list\"][1][\"b\"]",
        "[\"list\"][2]",
        "[\"list\"][3]",
        "[\"map\"]",
        "[\"map\"][\"inner\"]",
        "[\"flat\"]",
        "[\"str\"]",
        "[\"num\"]",
        "[\"time\"]",
        "[\"none\"]",
    ];
    let encrypted = programs.encrypt(Program::Reference, source, (Format::Yaml, Format::Yaml), &[]);
    let encrypted = encrypted.expect("it encrypts");
    let mut compared = 0;
    for to in FORMATS {
        for path in paths {
            let words = ["decrypt", "--input-type", "yaml", "--output-type", to.as_str()];
            let words = [&words[..], &["--extract", path]].concat();
            let wanted = programs.run(Program::Reference, &words, &encrypted).ok();
            let found = programs.run(Program::Ours, &words, &encrypted);
            // the reference prints how it keeps mappings there, and null for an empty list
            let is_inner = to == Format::Ini && ["[\"list\"]", "[\"list\"][2]"].contains(&path);
            if is_inner {
                let text = r#"[1,{"a":null,"b":["x"]},[],"t"]"#;
                assert_eq!(found, Ok(if path.ends_with("[2]") { "[]" } else { text }.to_owned()));
                continue;
            }
            assert_eq!(found.as_ref().ok(), wanted.as_ref(), "{to:?} {path} {found:?}");
            compared += usize::from(wanted.is_some());
        }
    }
    assert!(compared >= 35, "only {compared} gave a value");
}

/// The values of all documents in order, with what encloses them.
fn parts(documents: &[Branch]) -> Vec<Part> {
    let parts = documents.iter().flat_map(Branch::parts);
    parts.filter(|part| !matches!(part, Part::Comment(_))).cloned().collect()
}

/// Converts and encrypts a text so that nothing stays in clear, and checks that decrypting gives the
/// converted text and the values with their types back. Nothing where the format cannot hold them.
fn through(key: &TestKey, source: &str, (from, to): (Format, Format)) -> Option<String> {
    let selector = Selector::new(SelectorKind::UnencryptedSuffix, "\u{1}").expect("a selector");
    let clear = ClearTree::read(source, from, to, &selector).expect("it can be encrypted");
    let text = clear.emit(to, Indent::Default).ok()?;
    let metadata = Metadata { selector, version: "3.13.2".to_owned(), ..key.metadata.clone() };
    let data_key = &key.data_key;
    let options = SealOptions { format: to, data_key, metadata, indent: 0, keeps_layout: true };
    let sealed = document::seal_as(&clear, &text, options, &SystemRandomness);
    let sealed = match sealed {
        Ok(sealed) => sealed.text,
        // what would be taken for metadata
        Err(SealError::AlreadyEncrypted { .. }) => return None,
        // a key << that merges nothing, which the reference cannot read back
        Err(SealError::Scan(error)) if error.kind == Problem::MergeOfOther.into() => return None,
        Err(error) => panic!("{from:?} to {to:?}: {error}\n{source}\n---\n{}", *text),
    };
    let name = format!("{from:?} to {to:?}\n{source}\n---\n{sealed}");
    let opened = key.open_in(to, &sealed).unwrap_or_else(|error| panic!("{name}\n{error}"));
    assert_eq!(opened.as_str(), text.as_str(), "{name}");
    let closed = Document::parse(&sealed, to).expect("a text of its format");
    let metadata = closed.metadata().expect("readable").expect("present");
    let options = OpenOptions { format: to, ..OPTIONS };
    let tree = document::open_tree(&closed, &metadata, data_key, options);
    let tree = tree.unwrap_or_else(|error| panic!("{name}\n{error}"));
    let scan = from.scan(source).expect("a text of its format");
    let documents = Grower::new(source, &scan).documents(0).expect("no bomb");
    let count = if to.holds_documents() { documents.len() } else { 1 };
    let mut found = parts(&tree.documents().expect("no bomb"));
    let has_keys = |parts: &[Part]| parts.iter().any(|it| matches!(it, Part::Key(_)));
    // INI always has a first section, which may be empty
    if to == Format::Ini && !has_keys(&found[2..4]) {
        found.drain(1..4);
    }
    assert!(found == parts(&documents[..count]), "{name}");
    drop(tree);
    Some(sealed)
}

#[test]
fn values_keep_their_types_on_the_way_through_a_text() {
    let key = TestKey::load();
    let (mut texts, mut records, mut all) = (String::new(), 0, 0);
    for pair in pairs() {
        let sources = (1_000..1_300).map(|seed| source(seed, pair.0, pair.1));
        let sealed: Vec<String> = sources.filter_map(|text| through(&key, &text, pair)).collect();
        assert!(sealed.len() >= 60, "only {} texts could be converted: {pair:?}", sealed.len());
        records += sealed.iter().filter(|text| text.contains("leafseal_layout")).count();
        all += sealed.len();
        texts += &sealed.concat();
    }
    assert!(records * 50 < all, "{records} of {all} texts in the spelling of the reference");
    for kind in ["str", "int", "float", "bool", "time", "comment"] {
        assert!(texts.contains(&format!(",type:{kind}]")), "{kind}");
    }
}

/// Strings as JSON spells them that other formats have trouble with.
const ODD: [&str; 28] = [
    "\\n",
    "\\r",
    "a\\r\\nb",
    "a\\n\\n",
    "\\na",
    " a\\n b",
    "\\ta\\nb",
    "a\\\\nb",
    "x\\\\",
    "`",
    "``",
    "\\\"\\\"\\\"",
    "\\\"\\\"\\\"`",
    "'",
    "\\\"",
    "\\\"q\\\"",
    "#",
    ";x",
    "a=b",
    "=",
    "[s]",
    "%(x)s",
    "\\u0000\\u0007",
    "\\u0085a",
    "a\\u2028b\\nc",
    "\\ufeffx",
    "ENC[AES256_GCM,data:QQ==,iv:QQ==,tag:QQ==,type:str]",
    "<<",
];

#[test]
fn odd_strings_are_kept_or_refused() {
    let key = TestKey::load();
    let mut counts = Vec::new();
    for to in [Format::Yaml, Format::Dotenv, Format::Ini] {
        let value = |text: &str| match to {
            Format::Ini => format!("{{\"s\": {{\"a\": \"{text}\", \"b\": 1}}}}"),
            _ => format!("{{\"a\": \"{text}\", \"b\": 1}}"),
        };
        let name = |text: &str| match to {
            Format::Ini => format!("{{\"{text}\": {{\"{text}\": \"v\", \"b\": 1}}}}"),
            _ => format!("{{\"{text}\": \"v\", \"b\": 1}}"),
        };
        let is_kept = |source: String| through(&key, &source, (Format::Json, to)).is_some();
        let values = ODD.iter().filter(|text| is_kept(value(text))).count();
        let names = ODD.iter().filter(|text| is_kept(name(text))).count();
        counts.push((values, names));
    }
    // YAML keeps all but the name <<; a name with a line end, or with = in dotenv, cannot be in a line
    assert_eq!(counts[0], (ODD.len(), ODD.len() - 1));
    assert_eq!(counts[1..], [(ODD.len(), 17), (ODD.len(), 14)]);
}
