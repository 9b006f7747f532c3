//! Random YAML documents of the odder kind: every style of scalar in every place, properties,
//! complex keys, comments wherever one may stand, lines of all lengths of blanks.
//!
//! What is written is YAML 1.1 and 1.2 alike, up to rare accidents that both programs must refuse.

use super::documents::Dice;

const KEYS: [&str; 18] = [
    "name",
    "port",
    "a",
    "b-c",
    "x.y/z",
    "\"on\"",
    "'q r'",
    "\"tab\\t\"",
    "ключ",
    "two words",
    "_unencrypted",
    "k_unencrypted",
    "\"\"",
    "'it''s'",
    "-x",
    "a#b",
    "http://x",
    "\"a\\\\b\"",
];

const WORDS: [&str; 26] = [
    "text",
    "two words",
    "1",
    "0x1F",
    "0o17",
    "0644",
    "1_000",
    "1.10",
    "1e3",
    ".5",
    "-.inf",
    ".NaN",
    "true",
    "Off",
    "null",
    "~",
    "2001-01-01",
    "2001-01-01T10:11:12+02:00",
    "12:30:45",
    "a:b",
    "x#y",
    "-1",
    "?x",
    "naïve 😀",
    "=",
    "<<",
];

const QUOTED: [&str; 18] = [
    "''",
    "\"\"",
    "'it''s'",
    "\"\\x41\\u00e9\\U0001F600\"",
    "\"a\\\\b\\\"c\"",
    "' # no '",
    "\"k: v\"",
    "'[x, y]'",
    "\"\\ttab\\n\\n\"",
    "'1'",
    "\"true\"",
    "'  a  b '",
    "\"\\0\\a\\e\\N\\_\\L\\P\"",
    "\"'\"",
    "'\"'",
    "\"{\"",
    "'%x'",
    "\"@\"",
];

const COMMENTS: [&str; 8] = ["#", "# c", "#c", "#\tc", "# 'q\" ", "# a: b", "#- x", "# é # y"];

const TAGS: [&str; 7] =
    ["!!str", "!x", "!", "!<tag:yaml.org,2002:str>", "!a-b", "!!str", "!<tag:x.org,2000:y>"];

/// Writes one text.
pub struct Wild {
    dice: Dice,
    text: String,
    /// Anchors of scalars and of mappings in this document.
    anchors: Vec<(String, bool)>,
    count: usize,
    /// Whether nothing is written that the reference prints as something else.
    is_shared: bool,
}

/// Where a node stands.
#[derive(Clone, Copy)]
struct Place {
    /// Column of the collection around it.
    column: usize,
    depth: usize,
    in_list: bool,
}

impl Wild {
    /// Writes the text that belongs to a number.
    pub fn text(seed: u64) -> String {
        Self::written(seed, false)
    }

    /// Writes such a text without what the reference prints wrong, although it reads it: comments
    /// without text in lists, and strings of several lines that begin with a blank.
    pub fn shared_text(seed: u64) -> String {
        Self::written(seed, true)
    }

    fn written(seed: u64, is_shared: bool) -> String {
        let mut wild = Self {
            dice: Dice::new(seed),
            text: String::new(),
            anchors: Vec::new(),
            count: 0,
            is_shared,
        };
        wild.stream();
        let mut text = wild.text;
        if wild.dice.roll(5) == 0 {
            text = text.replace('\n', "\r\n");
        }
        if wild.dice.roll(6) == 0 {
            text.truncate(text.trim_end_matches(['\r', '\n']).len());
        }
        if wild.dice.roll(40) == 0 {
            text.insert(0, '\u{feff}');
        }
        text
    }

    fn quoted_text(&mut self) -> &'static str {
        let text = *self.dice.pick(&QUOTED);
        if self.is_shared && text.starts_with("\"\\t") { "'x'" } else { text }
    }

    fn comment(&mut self) -> &'static str {
        let comment = *self.dice.pick(&COMMENTS);
        if self.is_shared && comment == "#" { "# c" } else { comment }
    }

    fn chance(&mut self, sides: usize) -> bool {
        self.dice.roll(sides) == 0
    }

    fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn stream(&mut self) {
        let documents = *self.dice.pick(&[1, 1, 1, 2, 3]);
        for number in 0..documents {
            self.anchors.clear();
            let ends_before = number > 0 && self.chance(3);
            if ends_before {
                self.push("...\n");
            }
            if self.chance(20) && (number == 0 || ends_before) {
                self.push("%YAML 1.1\n---\n");
            } else if number > 0 || self.chance(4) {
                let start = *self.dice.pick(&["---\n", "---\n", "--- # c\n", "---  \n"]);
                self.push(start);
            }
            self.gap(0);
            if self.chance(12) {
                self.flow_mapping(0);
                self.line_end();
            } else {
                self.mapping(0, 0);
            }
            self.gap(0);
        }
        if self.chance(12) {
            self.push("...\n");
        }
    }

    /// Writes blank lines and comments, mostly none.
    fn gap(&mut self, column: usize) {
        for _ in 0..*self.dice.pick(&[0, 0, 0, 0, 0, 1, 1, 2, 3]) {
            match self.dice.roll(4) {
                0 => self.push("\n"),
                1 => {
                    let blanks = " ".repeat(self.dice.roll(6));
                    self.push(&(blanks + "\n"));
                }
                _ => {
                    let column = if self.chance(4) { self.dice.roll(8) } else { column };
                    let comment = self.comment();
                    self.push(&format!("{}{comment}\n", " ".repeat(column)));
                }
            }
        }
    }

    fn line_end(&mut self) {
        // no tab may stand where a key could begin
        let line = self.text.rsplit('\n').next().unwrap_or_default();
        let may_have_tab = line.contains(|letter| !matches!(letter, '-' | '?' | ':' | ' '));
        match self.dice.roll(12) {
            0..=2 if !may_have_tab => self.push(" # c\n"),
            0 => {
                let comment = self.comment();
                let blanks = *self.dice.pick(&[" ", "  ", "\t", " \t "]);
                self.push(&format!("{blanks}{comment}\n"));
            }
            1 => self.push("  \n"),
            2 => self.push("\t\n"),
            _ => self.push("\n"),
        }
    }

    fn mapping(&mut self, column: usize, depth: usize) {
        let mut used = Vec::new();
        for number in 0..=self.dice.roll(if depth == 0 { 4 } else { 3 }) {
            let key = *self.dice.pick(&KEYS);
            if used.contains(&key) {
                continue;
            }
            used.push(key);
            if number > 0 {
                self.gap(column);
            }
            let pad = " ".repeat(column);
            if number > 0 || !self.text.ends_with(' ') {
                self.push(&pad);
            }
            let place = Place { column, depth, in_list: false };
            match self.dice.roll(16) {
                0 => {
                    self.push(&format!("? {key}"));
                    self.line_end();
                    self.push(&format!("{pad}:"));
                }
                1 => self.push(&format!("{key} :")),
                2 => {
                    let name = self.new_anchor(false);
                    self.push(&format!("&{name} {key}:"));
                }
                _ => self.push(&format!("{key}:")),
            }
            self.value(place);
        }
        if self.chance(8) {
            self.merge(column);
        }
    }

    fn merge(&mut self, column: usize) {
        let names: Vec<String> = self
            .anchors
            .iter()
            .filter(|(_, is_map)| *is_map)
            .map(|(name, _)| name.clone())
            .collect();
        if names.is_empty() {
            return;
        }
        let name = self.dice.pick(&names).clone();
        let pad = " ".repeat(column);
        let text = if self.chance(3) { format!("[*{name}]") } else { format!("*{name}") };
        self.push(&format!("{pad}<<: {text}"));
        self.line_end();
    }

    fn new_anchor(&mut self, is_map: bool) -> String {
        self.count += 1;
        let name = format!("{}{}", self.dice.pick(&["n", "x-", "A_"]), self.count);
        self.anchors.push((name.clone(), is_map));
        name
    }

    fn value(&mut self, place: Place) {
        let blanks = *self.dice.pick(&[" ", " ", " ", "  ", "     "]);
        let inner = place.column + *self.dice.pick(&[1, 2, 2, 2, 3, 4]);
        match self.dice.roll(if place.depth < 4 { 20 } else { 13 }) {
            0..=2 => self.plain(blanks, inner),
            3..=4 => self.quoted(blanks, inner),
            5 => self.block(blanks, place),
            6..=7 => {
                self.push(blanks);
                self.flow(inner, 0);
                self.line_end();
            }
            8 => self.line_end(),
            9 => self.alias(blanks),
            10..=12 => self.with_properties(blanks, inner),
            _ if place.in_list => {
                self.push(" ");
                self.mapping(place.column + 2, place.depth + 1);
            }
            13..=16 => self.block_mapping(inner, place.depth),
            _ => self.sequence(place),
        }
    }

    fn block_mapping(&mut self, inner: usize, depth: usize) {
        if self.chance(6) {
            let name = self.new_anchor(true);
            self.push(&format!(" &{name}"));
            // its own node is not complete inside
            let own = self.anchors.pop();
            self.line_end();
            self.mapping(inner, depth + 1);
            self.anchors.extend(own);
            return;
        }
        self.line_end();
        self.gap(inner);
        self.mapping(inner, depth + 1);
    }

    fn sequence(&mut self, place: Place) {
        self.line_end();
        let column = place.column + *self.dice.pick(&[0, 2, 2, 3]);
        for _ in 0..=self.dice.roll(3) {
            self.gap(column);
            self.push(&format!("{}-", " ".repeat(column)));
            self.value(Place { column, depth: place.depth + 1, in_list: true });
        }
    }

    fn plain(&mut self, blanks: &str, inner: usize) {
        let word = *self.dice.pick(&WORDS);
        self.push(&format!("{blanks}{word}"));
        if self.chance(6) && word != "<<" {
            self.push(&format!("\n{}more {word}", " ".repeat(inner)));
        }
        self.line_end();
    }

    fn quoted(&mut self, blanks: &str, inner: usize) {
        let mut text = self.quoted_text().to_owned();
        let may_break = !(self.is_shared && text[1..].starts_with(' '));
        if self.chance(4) && may_break {
            let break_ = *self.dice.pick(&[" x\n@y", "\n\n@z ", "a\t\n \n@b"]);
            let end = text.pop().unwrap_or('"');
            text = format!("{text}{}{end}", break_.replace('@', &" ".repeat(inner)));
        }
        self.push(&format!("{blanks}{text}"));
        self.line_end();
    }

    fn block(&mut self, blanks: &str, place: Place) {
        let style = *self.dice.pick(&["|", "|", ">"]);
        let chomping = *self.dice.pick(&["", "", "-", "+"]);
        let step = 1 + self.dice.roll(4);
        let is_told = self.chance(3);
        let digit = if is_told { step.to_string() } else { String::new() };
        let marks = if self.chance(2) { digit + chomping } else { chomping.to_owned() + &digit };
        self.push(&format!("{blanks}{style}{marks}"));
        self.line_end();
        let pad = " ".repeat(place.column + step);
        let lines = ["text", "# no comment", "k: v", "- x", "é😀", "\"q", "a  b ", "%", "x\ty"];
        for number in 0..=self.dice.roll(4) {
            let line = *self.dice.pick(&lines);
            let may_differ = number > 0 || is_told && !self.is_shared;
            let extra =
                if may_differ && self.chance(4) { *self.dice.pick(&["  ", "\t", " "]) } else { "" };
            self.push(&format!("{pad}{extra}{line}\n"));
            if self.chance(5) {
                // a comment below such a line with blanks is refused (docs/compatibility.md)
                let most = if chomping == "+" { 1 } else { pad.len() + 1 };
                let blank = " ".repeat(self.dice.roll(most));
                self.push(&(blank + "\n"));
            }
        }
    }

    fn alias(&mut self, blanks: &str) {
        if self.anchors.is_empty() {
            return self.line_end();
        }
        let (name, _) = self.dice.pick(&self.anchors).clone();
        self.push(&format!("{blanks}*{name}"));
        self.line_end();
    }

    /// Writes a scalar with a tag or anchor, or both, on this line or the next.
    fn with_properties(&mut self, blanks: &str, inner: usize) {
        let mut parts = Vec::new();
        if self.chance(2) {
            parts.push(format!("&{}", self.new_anchor(false)));
        }
        if parts.is_empty() || self.chance(2) {
            parts.push((*self.dice.pick(&TAGS)).to_owned());
        }
        if self.chance(2) {
            parts.reverse();
        }
        self.push(&format!("{blanks}{}", parts.join(" ")));
        if self.chance(4) {
            self.line_end();
            self.push(&" ".repeat(inner));
        } else {
            self.push(" ");
        }
        let word = if self.chance(2) {
            self.quoted_text()
        } else {
            *self.dice.pick(&["text", "two words", "1", "true", "~", "1.10"])
        };
        self.push(word);
        self.line_end();
    }

    fn flow(&mut self, inner: usize, depth: usize) {
        match self.dice.roll(if depth < 3 { 6 } else { 3 }) {
            0..=1 => {
                let word =
                    *self.dice.pick(&["a", "two words", "1", "0644", "true", "~", "x-y", "a:b"]);
                self.push(word);
            }
            2 => {
                let word = self.quoted_text();
                self.push(word);
            }
            3 => self.flow_mapping_in(inner, depth),
            _ => self.flow_sequence(inner, depth),
        }
    }

    fn flow_mapping(&mut self, inner: usize) {
        self.flow_mapping_in(inner, 0);
    }

    /// Writes blanks within brackets, and perhaps the next line.
    fn flow_gap(&mut self, inner: usize) {
        match self.dice.roll(10) {
            0 => self.push(&format!("\n{}", " ".repeat(inner.max(1)))),
            1 => self.push(&format!(" # c\n{}", " ".repeat(inner.max(1)))),
            2 => self.push("  "),
            3 => self.push(&format!("\n{}\t", " ".repeat(inner.max(1)))),
            _ => self.push(" "),
        }
    }

    fn flow_sequence(&mut self, inner: usize, depth: usize) {
        self.push("[");
        let count = self.dice.roll(4);
        for number in 0..count {
            self.flow_gap(inner);
            if self.chance(8) {
                self.push("k: ");
            }
            self.flow(inner, depth + 1);
            if number + 1 < count || self.chance(4) {
                self.push(",");
            }
        }
        if self.chance(2) {
            self.flow_gap(inner);
        }
        self.push("]");
    }

    fn flow_mapping_in(&mut self, inner: usize, depth: usize) {
        self.push("{");
        let keys = ["a", "b c", "\"d\"", "'e'"];
        let count = self.dice.roll(4);
        for (number, key) in keys.iter().take(count).enumerate() {
            self.flow_gap(inner);
            let colon = if key.starts_with(['"', '\'']) {
                *self.dice.pick(&[": ", ":", " : "])
            } else {
                ": "
            };
            self.push(&format!("{key}{colon}"));
            if !self.chance(6) {
                self.flow(inner, depth + 1);
            }
            if number + 1 < count || self.chance(4) {
                self.push(",");
            }
        }
        if self.chance(2) {
            self.flow_gap(inner);
        }
        self.push("}");
    }
}
