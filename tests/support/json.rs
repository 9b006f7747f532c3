//! Random JSON documents: every kind of value, escape and spelling, in several layouts.

use super::documents::Dice;

const KEYS: [&str; 14] = [
    "user",
    "name",
    "port",
    "a",
    "b_c",
    "x-y",
    "",
    "k8s.io/name",
    "ключ",
    "key with blanks",
    r"a\u0026b",
    r#"q\"r"#,
    "sops_x",
    "_",
];

/// Scalars as the reference spells them.
const PRINTED: [&str; 26] = [
    "\"text\"",
    "\"\"",
    "\"käse 😀\"",
    r#""a\nb\r\n""#,
    r#""\u0026\u003c\u003e""#,
    r#""\"\\/""#,
    "\"12\"",
    "\"true\"",
    "\"ENC[x]\"",
    r#""\u0000\u001f""#,
    "\"\u{7f}\u{a0}\u{feff}\"",
    r#""\u2028""#,
    "1",
    "0",
    "-5",
    "1.5",
    "-0.25",
    "0.000001",
    "1e-7",
    "1e+21",
    "100000000000000000000",
    "123456789",
    "true",
    "false",
    "null",
    "\"}, \\\"sops\\\": {\"",
];

/// Scalars in other spellings.
const SPELLED: [&str; 21] = [
    "1.0",
    "1.10",
    "1E5",
    "1e5",
    "1e+5",
    "0e1",
    "12345678901234567890",
    "10000000000e-3",
    "0.1000000000000000055511151231257827",
    "1e-400",
    r#""\u0061\/""#,
    r#""&<>""#,
    "\"\u{2028}\"",
    r#""\ud83d\ude00""#,
    r#""\uD83D\uDE00 \u00e9""#,
    r#""\b\f\t""#,
    r#""\u0008\u000a""#,
    r#""\ud800""#,
    r#""\udc00x\ud800\n""#,
    r#""\u0041""#,
    r#""\u007f""#,
];

/// Numbers that 3.11 or 3.13 read back as others than they were, which the MAC shows where they are
/// in clear.
const UNSTEADY: [&str; 5] =
    ["9007199254740993", "9223372036854775807", "-9223372036854775808", "-0", "-0.0"];

/// How the items of a document are set apart.
#[derive(Clone, Copy)]
enum Layout {
    /// The layout of the reference, in units of indentation.
    Lines(&'static str, &'static str),
    OneLine(&'static str),
    /// Anything that the grammar allows.
    Wild,
}

const LAYOUTS: [Layout; 9] = [
    Layout::Lines("\n", "\t"),
    Layout::Lines("\n", "  "),
    Layout::Lines("\n", "    "),
    Layout::Lines("\n", ""),
    Layout::Lines("\r\n", "\t"),
    Layout::OneLine(""),
    Layout::OneLine(" "),
    Layout::Wild,
    Layout::Wild,
];

/// Writes one document.
pub struct JsonWriter {
    dice: Dice,
    layout: Layout,
    is_printed: bool,
    output: String,
}

impl JsonWriter {
    /// Makes a writer that spells values in any way.
    pub fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let layout = *dice.pick(&LAYOUTS);
        Self { dice, layout, is_printed: false, output: String::new() }
    }

    /// Makes a writer that spells values as the reference prints them.
    pub fn printed(seed: u64) -> Self {
        Self { is_printed: true, ..Self::new(seed) }
    }

    pub fn document(mut self) -> String {
        if matches!(self.layout, Layout::Wild) {
            self.blank();
        }
        self.collection('{', 0, false);
        let end = *self.dice.pick(&["\n", "", "\n", "\n\n", " "]);
        self.output + end
    }

    fn collection(&mut self, bracket: char, depth: usize, is_clear: bool) {
        let close = if bracket == '{' { '}' } else { ']' };
        self.output.push(bracket);
        let count = self.dice.roll(if depth == 0 { 7 } else { 4 });
        for number in 0..count {
            if number > 0 {
                self.wild_blank();
                self.output.push(',');
            }
            self.separate(depth + 1, number > 0);
            let mut is_clear = is_clear;
            if bracket == '{' {
                is_clear |= self.key();
            }
            self.value(depth + 1, is_clear);
        }
        if count > 0 {
            self.separate(depth, false);
        } else {
            self.wild_blank();
        }
        self.output.push(close);
    }

    /// Writes a key; tells whether what is below it stays in clear.
    fn key(&mut self) -> bool {
        let is_clear = self.dice.roll(6) == 0;
        let key = *self.dice.pick(&KEYS);
        let end = if is_clear { "_unencrypted" } else { "" };
        self.output.push_str(&format!("\"{key}{end}\""));
        self.wild_blank();
        self.output.push(':');
        match self.layout {
            Layout::Lines(..) => self.output.push(' '),
            Layout::OneLine(blank) => self.output.push_str(blank),
            Layout::Wild => self.blank(),
        }
        is_clear
    }

    fn value(&mut self, depth: usize, is_clear: bool) {
        match self.dice.roll(10) {
            0 | 1 if depth < 5 => self.collection('{', depth, is_clear),
            2 | 3 if depth < 5 => self.collection('[', depth, is_clear),
            4 if !is_clear && !self.is_printed => self.push_one_of(&UNSTEADY),
            5 | 6 if !self.is_printed => self.push_one_of(&SPELLED),
            _ => self.push_one_of(&PRINTED),
        }
    }

    fn push_one_of(&mut self, texts: &[&str]) {
        let text = *self.dice.pick(texts);
        self.output.push_str(text);
    }

    fn separate(&mut self, depth: usize, is_between: bool) {
        match self.layout {
            Layout::Lines(newline, unit) => {
                self.output.push_str(newline);
                self.output.push_str(&unit.repeat(depth));
            }
            Layout::OneLine(blank) if is_between => self.output.push_str(blank),
            Layout::OneLine(_) => {}
            Layout::Wild => self.blank(),
        }
    }

    fn wild_blank(&mut self) {
        if matches!(self.layout, Layout::Wild) {
            self.blank();
        }
    }

    fn blank(&mut self) {
        self.push_one_of(&["", "", " ", "\n", "\r\n  ", "\t", "\n\n\t", "\r"]);
    }
}
