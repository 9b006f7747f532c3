//! Files of one format from those of another: what we and the reference program make of them.

mod support;

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use leafseal::format::Format;
use leafseal::tree::{Branch, Grower, Part, Scalar, Value};
use support::documents::{Dice, Writer};
use support::json::JsonWriter;
use support::{Reference, fixture, lines};

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

/// Values as YAML and as JSON spell them; both read the same.
const VALUES: [&str; 24] = [
    "\"text\"",
    "\"\"",
    "\"1\"",
    "\"true\"",
    "\"null\"",
    "\"a\\nb\"",
    "\"a\\nb\\n\"",
    "\"x#y\"",
    "\" blanks \"",
    "\"a=b:c\"",
    "\"C:\\\\new\"",
    "\"say \\\"q\\\"\"",
    "\"it's\"",
    "\"käse 😀\"",
    "\"2020-01-01\"",
    "\"<&>\"",
    "\"tab\\tx\"",
    "true",
    "false",
    "2.5",
    "-0.125",
    "0",
    "-12",
    "9007199254740991",
];

/// How many of them are integers, at the end: those of JSON are floats to the reference.
const INTEGERS: usize = 3;

/// Values of YAML that JSON has not.
const YAML_VALUES: [&str; 10] = [
    "2020-01-01",
    "2020-01-01T10:11:12.5+02:00",
    "2020-01-01 10:11:12",
    "1.0",
    "1e21",
    "1e-7",
    "1000000.0",
    "0x1F",
    "yes",
    "|-\n    x\n    y",
];

/// Values of JSON that are no string, and read as another type in YAML.
const JSON_VALUES: [&str; 4] = ["1.0", "1e21", "1E+2", "-0.0"];

const KEYS: [&str; 10] =
    ["user", "name", "DB_PASS", "a b", "x.y", "on", "ключ", "n-1", "clear_unencrypted", "1"];

/// Writes a document whose collections are as deep as the output holds.
fn source(seed: u64, from: Format, to: Format) -> String {
    let mut dice = Dice::new(seed);
    match (from, to) {
        (Format::Dotenv, _) => lines::dotenv(seed),
        (Format::Ini, _) => lines::ini(seed),
        (Format::Yaml, Format::Json) => Writer::new(seed).stream(),
        (_, Format::Yaml | Format::Json) => JsonWriter::new(seed).document(),
        (Format::Yaml, Format::Dotenv) => yaml_pairs(&mut dice, "", true),
        (Format::Yaml, _) => {
            let section = |dice: &mut Dice, name: &str| {
                let pairs = yaml_pairs(dice, "  ", true);
                let none = if pairs.contains(": ") { "" } else { " {}" };
                format!("{name}:{none}\n{pairs}")
            };
            ["first", "DEFAULT", "s.x"].map(|name| section(&mut dice, name)).concat()
        }
        (_, Format::Dotenv) => format!("{{{}}}", json_pairs(&mut dice)),
        _ => {
            let section = |name: &str| format!("\"{name}\": {{{}}}", json_pairs(&mut dice));
            format!("{{{}}}", ["first", "DEFAULT", "s.x"].map(section).join(", "))
        }
    }
}

fn keys(dice: &mut Dice) -> Vec<&'static str> {
    KEYS.into_iter().filter(|_| dice.roll(2) == 0).collect()
}

fn yaml_pairs(dice: &mut Dice, pad: &str, has_comments: bool) -> String {
    let mut text = String::new();
    for (number, key) in keys(dice).into_iter().enumerate() {
        if has_comments && number == 0 && dice.roll(3) == 0 {
            text += &format!("{pad}# comment {}\n", dice.roll(99));
        }
        let value = match dice.roll(3) {
            0 => *dice.pick(&YAML_VALUES),
            _ => *dice.pick(&VALUES),
        };
        // a clear value of another type than string breaks the MAC of the reference
        let is_clear = key.ends_with("_unencrypted");
        let value = if is_clear { "\"clear\"" } else { value };
        text += &format!("{pad}\"{key}\": {}\n", value.replace('\n', &format!("\n{pad}")));
    }
    text
}

fn json_pairs(dice: &mut Dice) -> String {
    let keys = keys(dice).into_iter();
    let pairs = keys.map(|key| {
        let value = match dice.roll(4) {
            0 => *dice.pick(&JSON_VALUES),
            _ => *dice.pick(&VALUES[..VALUES.len() - INTEGERS]),
        };
        let is_clear = key.ends_with("_unencrypted");
        format!("\"{key}\": {}", if is_clear { "\"clear\"" } else { value })
    });
    pairs.collect::<Vec<_>>().join(", ")
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
