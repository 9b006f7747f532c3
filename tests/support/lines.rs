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
