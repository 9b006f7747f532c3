//! Random YAML documents: keys, scalars of all styles, comments, flow and block collections.

/// A small deterministic generator of random numbers (xorshift64*).
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn roll(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        let number = self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33;
        usize::try_from(number).expect("31 bits fit") % sides
    }

    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> &'a T {
        &items[self.roll(items.len())]
    }
}

const KEYS: [&str; 14] = [
    "user",
    "name",
    "port",
    "a",
    "b_c",
    "x-y",
    "\"on\"",
    "'q r'",
    "long_key_name",
    "k8s.io/name",
    "ключ",
    "plain_unencrypted",
    "key with blanks",
    "_",
];

const PLAIN: [&str; 30] = [
    "text",
    "some words",
    "1",
    "0",
    "-5",
    "1.5",
    "true",
    "False",
    "null",
    "~",
    "0x1F",
    "0644",
    "1.10",
    "2020-01-01",
    "yes",
    "No",
    "a#b",
    "it's",
    "http://x/y?z=1#f",
    "1e3",
    ".inf",
    "käse",
    "a,b",
    "k=v",
    "<<",
    "a@b",
    "-x",
    "x\\ny",
    "1:30",
    "12e03",
];

const QUOTED: [&str; 16] = [
    "\"text\"",
    "'text'",
    "\"\"",
    "''",
    "\"a\\nb\"",
    "\"tab\\there\"",
    "'it''s'",
    "\"# no\"",
    "'x: y'",
    "\"1\"",
    "'true'",
    "\"\\u00e9\"",
    "\"a  b\"",
    "' lead'",
    "\"end \"",
    "\"\\\"q\\\"\"",
];

/// Values that decryption spells as they are.
const CANONICAL: [&str; 20] = [
    "text",
    "some words",
    "1",
    "0",
    "-5",
    "1.5",
    "true",
    "null",
    "~",
    "a#b",
    "it's",
    "http://x/y?z=1#f",
    "käse",
    "a,b",
    "k=v",
    "a@b",
    "-x",
    "x\\ny",
    ".inf",
    "2020-01-01T10:11:12Z",
];

const CANONICAL_QUOTED: [&str; 16] = [
    "\"text\"",
    "'text'",
    "\"\"",
    "''",
    "\"a\\nb\"",
    "\"tab\\there\"",
    "'it''s'",
    "\"# no\"",
    "'x: y'",
    "\"1\"",
    "'true'",
    "\"é😀\"",
    "\"a  b\"",
    "' lead'",
    "\"end \"",
    "\"\\\"q\\\"\\x01\"",
];

const COMMENTS: [&str; 8] =
    [" note", "note", " key: value", " TODO: x # y", " - item", "  indented", "!", " ünï"];

/// A generator of one document.
pub struct Writer {
    pub dice: Dice,
    pub text: String,
    /// Whether only spellings are used that decryption gives back.
    is_canonical: bool,
    pub step: usize,
}

impl Writer {
    pub fn new(seed: u64) -> Self {
        let mut dice = Dice::new(seed);
        let step = *dice.pick(&[2, 2, 4]);
        Self { dice, text: String::new(), is_canonical: false, step }
    }

    /// Makes a generator of documents that decryption gives back byte for byte.
    pub fn canonical(seed: u64) -> Self {
        Self { is_canonical: true, ..Self::new(seed) }
    }

    /// Writes one to three documents.
    pub fn stream(mut self) -> String {
        let documents = *self.dice.pick(&[1, 1, 1, 1, 2, 3]);
        if self.dice.roll(6) == 0 || documents > 1 && self.dice.roll(2) == 0 {
            self.text.push_str("---\n");
        }
        for number in 0..documents {
            if number > 0 {
                self.text.push_str("---\n");
            }
            self.gap(0);
            if self.is_canonical && number == 0 {
                // shows the indentation step at which literal blocks come back
                self.text.push_str(&format!("first:\n{}nested: 1\n", " ".repeat(self.step)));
            }
            self.mapping(0, 0);
            self.gap(0);
        }
        if self.dice.roll(6) == 0 { self.text.replace('\n', "\r\n") } else { self.text }
    }

    fn gap(&mut self, indent: usize) {
        for _ in 0..*self.dice.pick(&[0, 0, 0, 0, 1, 1, 2]) {
            if self.dice.roll(3) == 0 {
                self.text.push('\n');
            } else {
                let odd = if self.is_canonical { indent + 1 } else { 5 };
                let column = if self.dice.roll(8) == 0 { self.dice.roll(odd) } else { indent };
                let comment = *self.dice.pick(&COMMENTS);
                self.text.push_str(&format!("{}#{comment}\n", " ".repeat(column)));
            }
        }
    }

    fn line_end(&mut self) {
        if self.dice.roll(7) == 0 {
            let comment = *self.dice.pick(&COMMENTS);
            self.text.push_str(&format!(" #{comment}"));
        }
        self.text.push('\n');
    }

    fn mapping(&mut self, indent: usize, depth: usize) {
        let count = 1 + self.dice.roll(4);
        let mut used = Vec::new();
        for _ in 0..count {
            let key = *self.dice.pick(&KEYS);
            if used.contains(&key) {
                continue;
            }
            used.push(key);
            self.gap(indent);
            self.text.push_str(&format!("{}{key}:", " ".repeat(indent)));
            self.value(indent, depth, false);
        }
    }

    fn value(&mut self, indent: usize, depth: usize, in_sequence: bool) {
        let choice = self.dice.roll(if depth < 4 { 12 } else { 8 });
        match choice {
            0..=3 => self.scalar(if self.is_canonical { &CANONICAL } else { &PLAIN }),
            4..=5 => self.scalar(if self.is_canonical { &CANONICAL_QUOTED } else { &QUOTED }),
            6 if self.is_canonical => self.literal(indent, in_sequence),
            6 => self.block_scalar(indent, in_sequence),
            7 => self.flow(),
            8 if !in_sequence => self.line_end(),
            _ if in_sequence => {
                self.text.push(' ');
                self.nested_in_dash(indent, depth);
            }
            9..=10 => {
                self.line_end();
                self.gap(indent + self.step);
                self.mapping(indent + self.step, depth + 1);
            }
            _ => {
                self.line_end();
                let column = indent + *self.dice.pick(&[0, self.step]);
                self.sequence(column, depth + 1);
            }
        }
    }

    /// Writes a mapping that begins on the line of its dash.
    fn nested_in_dash(&mut self, indent: usize, depth: usize) {
        let start = self.text.len();
        self.mapping(indent + 2, depth + 1);
        let written = self.text.split_off(start);
        let has_gap = written.trim_start().starts_with('#') || written.starts_with('\n');
        if has_gap {
            // comments above the first key: the mapping begins on a line of its own
            self.text.pop();
            self.text.push('\n');
            self.text.push_str(&written);
        } else {
            self.text.push_str(written.trim_start());
        }
    }

    fn sequence(&mut self, indent: usize, depth: usize) {
        for _ in 0..=self.dice.roll(3) {
            self.gap(indent);
            self.text.push_str(&format!("{}-", " ".repeat(indent)));
            self.value(indent, depth, true);
        }
    }

    fn scalar(&mut self, choices: &[&str]) {
        let text = *self.dice.pick(choices);
        self.text.push(' ');
        self.text.push_str(text);
        self.line_end();
    }

    fn block_scalar(&mut self, indent: usize, in_sequence: bool) {
        let header = *self.dice.pick(&["|", "|-", "|+", ">", ">-", "|2"]);
        let content = if header == "|2" || in_sequence { indent + 2 } else { indent + self.step };
        let pad = " ".repeat(content);
        self.text.push_str(&format!(" {header}"));
        self.line_end();
        for number in 0..=self.dice.roll(3) {
            let line = *self.dice.pick(&["text", "more text", "# not a comment", "k: v", "é"]);
            let extra = if number > 0 && self.dice.roll(4) == 0 { "  " } else { "" };
            self.text.push_str(&format!("{pad}{extra}{line}\n"));
        }
        if self.dice.roll(4) == 0 {
            self.text.push('\n');
        }
    }

    /// Writes a literal block at the step of the document, with the header that its lines need.
    fn literal(&mut self, indent: usize, in_sequence: bool) {
        let next_stop = self.step * ((indent + self.step) / self.step);
        let pad = " ".repeat(if in_sequence { indent + 2 } else { next_stop });
        let header = *self.dice.pick(&["|", "|-", "|+"]);
        self.text.push_str(&format!(" {header}"));
        self.line_end();
        for number in 0..=1 + self.dice.roll(2) {
            let line = *self.dice.pick(&["text", "more text", "# not a comment", "k: v", "é", "-"]);
            let extra = if number > 0 && self.dice.roll(4) == 0 { "  " } else { "" };
            self.text.push_str(&format!("{pad}{extra}{line}\n"));
            if number == 0 && self.dice.roll(4) == 0 {
                self.text.push('\n');
            }
        }
        if header == "|+" || self.dice.roll(4) == 0 {
            self.text.push('\n');
        }
    }

    fn flow(&mut self) {
        if self.is_canonical {
            let choices = [
                "[]",
                "{}",
                "[1, 'two', \"three\"]",
                "{\"a\": \"b\", c: 1.5}",
                "[[1], {k: 'v'}, ]",
            ];
            return self.scalar(&choices);
        }
        let text = *self.dice.pick(&[
            "[]",
            "{}",
            "[1, two, \"three\"]",
            "{a: 1, b: [x, 'y']}",
            "[[1], {k: v}]",
            "{\"a\": \"b\", \"c\": 1.5}",
            "[a, ]",
            "{a: , b: ~}",
        ]);
        self.text.push(' ');
        self.text.push_str(text);
        self.line_end();
    }
}
