//! Random dotenv and INI files.

use super::documents::Dice;

const NAMES: [&str; 16] = [
    "A",
    "DB_PASS",
    "DB_USER",
    "user",
    "export G",
    " H ",
    "",
    "x_unencrypted",
    "sops",
    "a:b",
    "ключ",
    "a.b-c",
    "\"q\"",
    "[s]",
    "-",
    "SOPS_X",
];

const VALUES: [&str; 24] = [
    "1",
    "",
    "hello world",
    " spaced ",
    "\"double\"",
    "'single'",
    "a=b=c",
    "a # no comment",
    "line1\\nline2",
    "back\\\\nslash",
    "tab\\tx",
    "tab\tx",
    "true",
    "käse 😀",
    "http://x/y?z=1#f",
    "$HOME and ${A}",
    "windows\r",
    "\r",
    "\\",
    "\\n",
    "ENC[AES256_GCM,data:x]",
    "a\u{2028}b\u{85}c",
    "\u{feff}",
    "\0\u{1}",
];

const COMMENTS: [&str; 9] =
    ["# note", "#", "#nospace", "## x", "# A=1", "# käse", "# windows\r", "# a\\nb", "# "];

/// Writes a dotenv file.
pub fn dotenv(seed: u64) -> String {
    let mut dice = Dice::new(seed);
    let mut lines = Vec::new();
    for _ in 0..dice.roll(8) {
        lines.push(match dice.roll(8) {
            0 => String::new(),
            1 | 2 => (*dice.pick(&COMMENTS)).to_owned(),
            _ => format!("{}={}", dice.pick(&NAMES), dice.pick(&VALUES)),
        });
    }
    let mut text = lines.join("\n");
    if dice.roll(4) > 0 && !text.is_empty() {
        text.push('\n');
    }
    text
}

const SECTIONS: [&str; 10] =
    ["s", "t", "DEFAULT", "default", "a.b", " x ", "r_unencrypted", "ключ", "a]b", "q\"=:"];

const KEYS: [&str; 20] = [
    "a",
    "b",
    "user",
    "DB_PASS",
    "long_key_name",
    "x_unencrypted",
    "with blank",
    "\"quoted=\"",
    "`tick\"`",
    "\"\"\"three`quotes\"\"\"",
    "ключ",
    "a.b-c",
    "k[0]",
    "sops",
    "percent%",
    "'single'",
    "sops_x",
    "-x",
    "c#d",
    "DB_USER",
];

const RAW_VALUES: [&str; 34] = [
    "1",
    "",
    "hello world",
    "\"double\"",
    "'single'",
    "\"  padded  \"",
    "`back ; tick`",
    "`a \" ' # b` junk",
    "\"\"\"multi\nline\"\"\"",
    "\"\"\"three ` # quotes\"\"\"",
    "\"\"\"a\n\n  b \n\"\"\" ; behind",
    "x ; inline",
    "x#y",
    "http://x/y?z=1#f",
    "trail\\\n cont",
    "trail \\\n one \\\n two",
    "end\\\n",
    "%(a)s",
    "a=b:c",
    "käse 😀",
    "'\"both\"'",
    "\"in\"side\"",
    "it's",
    "; only a comment",
    "# note",
    "true",
    "a\tb",
    "[x]",
    "ENC[AES256_GCM,data:x]",
    "$HOME ${A} \\n",
    "C:\\dir\\x",
    "a\u{2028}b",
    "\"\"",
    "``",
];

const REMARKS: [&str; 12] = [
    "; note",
    "# note",
    ";",
    "#",
    ";nospace",
    ";; two",
    "# # three",
    "; a = 1",
    "; [x]",
    "; käse ` \" '",
    "#\tnote",
    ";  wide  ",
];

/// Writes an INI file without a key that stands twice in a section.
pub fn ini(seed: u64) -> String {
    let mut dice = Dice::new(seed);
    let newline = if dice.roll(6) == 0 { "\r\n" } else { "\n" };
    let mut writer = IniWriter { lines: Vec::new(), used: Vec::new() };
    for _ in 0..dice.roll(12) {
        writer.line(&mut dice);
    }
    let mut text = writer.lines.join("\n");
    if dice.roll(4) > 0 && !text.is_empty() {
        text.push('\n');
    }
    let text = text.replace('\n', newline);
    if dice.roll(20) == 0 { format!("\u{feff}{text}") } else { text }
}

struct IniWriter {
    lines: Vec<String>,
    used: Vec<&'static str>,
}

impl IniWriter {
    fn line(&mut self, dice: &mut Dice) {
        let indent = [" ", "\t", "    "].get(dice.roll(15)).copied().unwrap_or_default();
        let line = match dice.roll(12) {
            0 => String::new(),
            1..=3 => (*dice.pick(&REMARKS)).to_owned(),
            4 | 5 => {
                self.used.clear();
                let name = dice.pick(&SECTIONS);
                let tail = ["", "", "", " ; note", "# [x", " junk"][dice.roll(6)];
                format!("[{name}]{tail}")
            }
            _ => {
                let key = *dice.pick(&KEYS);
                if self.used.contains(&key) {
                    return;
                }
                self.used.push(key);
                let equals = ["=", " = ", " =", ": ", "   =   "][dice.roll(5)];
                format!("{key}{equals}{}", dice.pick(&RAW_VALUES))
            }
        };
        self.lines.push(format!("{indent}{line}"));
    }
}
