//! Documents of each format that the other formats can hold.

use leafseal::format::Format;

use super::support::documents::{Dice, Writer};
use super::support::json::JsonWriter;
use super::support::lines;

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
pub(super) fn source(seed: u64, from: Format, to: Format) -> String {
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
