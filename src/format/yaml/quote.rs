//! How the reference spells a string: plain, quoted, or as a literal block.
//!
//! The rules are those of yaml.v3's emitter, as `spec/format.md` §5.2.2 lists what it writes.

use super::resolve::{self, Resolved, Tag};

/// The reference's spelling of a string value in block style.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Spelling {
    /// On the line of its key or dash.
    Inline(String),
    /// As a literal block, see [`literal`].
    Literal,
}

/// Chooses the spelling of a string, whose lines after the first begin at column `content`.
pub(super) fn choose(text: &str, content: usize) -> Spelling {
    let shape = Shape::of(text);
    if text.contains('\n') {
        // a first line that begins with a tab comes back from the reference as null
        let is_safe_block = !shape.has_special && !text.starts_with('\t');
        // in a block, readers of YAML 1.2 would take the indentation behind these for text
        let is_safe_block = is_safe_block && !text.contains(['\u{2028}', '\u{2029}']);
        let is_block_possible = is_safe_block && !shape.space_break && !shape.trailing_space;
        return if is_block_possible { Spelling::Literal } else { Spelling::Inline(double(text)) };
    }
    Spelling::Inline(one_line(text, shape, content))
}

/// Tells at a glance whether [`choose`] writes a text as it is; a doubt is no.
pub(super) fn is_surely_plain(text: &str) -> bool {
    is_ordinary(text) && !reads_as_other_type(text)
}

fn one_line(text: &str, shape: Shape, content: usize) -> String {
    if text == "<<" {
        return "!!merge <<".to_owned();
    }
    if reads_as_other_type(text) || !shape.is_single_possible() {
        return double(text);
    }
    if shape.is_plain_possible() { text.to_owned() } else { single(text, content) }
}

/// Tells whether the plain text would be read as something else than this string, also by readers
/// of YAML 1.1.
pub(super) fn reads_as_other_type(text: &str) -> bool {
    let resolved = resolve::resolve(text, true, Tag::None);
    resolved != Some(Resolved::Str) || is_old_bool(text) || is_base_60(text)
}

fn is_old_bool(text: &str) -> bool {
    matches!(
        text,
        "y" | "Y"
            | "yes"
            | "Yes"
            | "YES"
            | "on"
            | "On"
            | "ON"
            | "n"
            | "N"
            | "no"
            | "No"
            | "NO"
            | "off"
            | "Off"
            | "OFF"
    )
}

/// Tells whether a text is a base-60 number of YAML 1.1: `1:30`, `190:20:30.15`.
fn is_base_60(text: &str) -> bool {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if !unsigned.as_bytes().first().is_some_and(u8::is_ascii_digit) {
        return false;
    }
    let Some((first, rest)) = unsigned.split_once(':') else { return false };
    let is_first = first.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    let (groups, fraction) = rest.split_once('.').unwrap_or((rest, ""));
    let is_group = |group: &str| match group.as_bytes() {
        [units] => units.is_ascii_digit(),
        [tens, units] => (b'0'..=b'5').contains(tens) && units.is_ascii_digit(),
        _ => false,
    };
    let is_fraction = fraction.bytes().all(|byte| byte.is_ascii_digit() || byte == b'_');
    is_first && groups.split(':').all(is_group) && is_fraction
}

/// What a text contains that rules out some spellings.
#[derive(Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts of one pass")]
struct Shape {
    is_empty: bool,
    /// Characters that only double quotes can hold.
    has_special: bool,
    has_tab: bool,
    has_line_break: bool,
    /// An indicator that plain text must not have where it stands.
    has_indicator: bool,
    leading_space: bool,
    leading_break: bool,
    trailing_space: bool,
    trailing_break: bool,
    /// A blank right before a line break.
    space_break: bool,
    /// A line break right before a blank.
    break_space: bool,
}

impl Shape {
    fn of(text: &str) -> Self {
        if is_ordinary(text) {
            return Self::default();
        }
        let mut shape = Self { is_empty: text.is_empty(), ..Self::default() };
        shape.has_indicator = text.starts_with("---") || text.starts_with("...");
        let mut before = None;
        let mut letters = text.chars().peekable();
        while let Some(letter) = letters.next() {
            let is_first = before.is_none();
            let after = letters.peek().copied();
            shape.has_indicator |= is_indicator(letter, before, after);
            shape.has_special |= !is_printable(letter) && !is_written_break(letter);
            shape.has_tab |= letter == '\t';
            shape.has_line_break |= is_break(letter);
            if letter == ' ' {
                shape.leading_space |= is_first;
                shape.trailing_space |= after.is_none();
                shape.break_space |= before.is_some_and(is_break);
            } else if is_break(letter) {
                shape.leading_break |= is_first;
                shape.trailing_break |= after.is_none();
                shape.space_break |= before == Some(' ');
            }
            before = Some(letter);
        }
        shape
    }

    fn is_single_possible(self) -> bool {
        !(self.has_special || self.has_tab || self.space_break || self.break_space)
    }

    fn is_plain_possible(self) -> bool {
        let has_edge =
            self.leading_space || self.leading_break || self.trailing_space || self.trailing_break;
        !(self.is_empty || self.has_indicator || self.has_line_break || has_edge)
    }
}

/// Tells whether a text has nothing but characters that mean themselves where they stand.
fn is_ordinary(text: &str) -> bool {
    let bytes = text.as_bytes();
    // no early end: a look at every byte of a short text takes less time than many decisions
    let is_so_far = |is_so_far, byte: &u8| is_so_far & ORDINARY[usize::from(*byte)];
    bytes.first().is_some_and(u8::is_ascii_alphanumeric) && bytes.iter().fold(true, is_so_far)
}

/// The bytes that mean themselves behind the first place of a text.
const ORDINARY: [bool; 256] = {
    let mut table = [false; 256];
    let letters = b"-./+=_0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut at = 0;
    while at < letters.len() {
        table[letters[at] as usize] = true;
        at += 1;
    }
    table
};

/// Tells whether a character has a meaning of its own at this place of a plain scalar.
fn is_indicator(letter: char, before: Option<char>, after: Option<char>) -> bool {
    let is_followed_by_blank = after.is_none_or(is_blank_or_break);
    if before.is_none() {
        return match letter {
            '#' | ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"' | '%'
            | '@' | '`' => true,
            '?' | ':' | '-' => is_followed_by_blank,
            _ => false,
        };
    }
    match letter {
        ':' => is_followed_by_blank,
        '#' => before.is_some_and(is_blank_or_break),
        _ => false,
    }
}

fn is_blank_or_break(letter: char) -> bool {
    matches!(letter, ' ' | '\t') || is_break(letter)
}

/// The line breaks of YAML 1.1.
pub(super) fn is_break(letter: char) -> bool {
    matches!(letter, '\n' | '\r' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// The line breaks that the reference does not escape.
fn is_written_break(letter: char) -> bool {
    matches!(letter, '\n' | '\u{2028}' | '\u{2029}')
}

/// What the reference writes as it is; it escapes all beyond the basic plane.
fn is_printable(letter: char) -> bool {
    matches!(letter, '\t' | '\n' | ' '..='~' | '\u{a0}'..='\u{d7ff}' | '\u{e000}'..='\u{fefe}' | '\u{ff00}'..='\u{fffd}')
}

/// Writes a text in single quotes, its lines after the first at column `content`.
pub(super) fn single(text: &str, content: usize) -> String {
    let mut output = String::with_capacity(text.len() + 2);
    output.push('\'');
    let mut after_break = false;
    for letter in text.chars() {
        // a line break of YAML 1.1 inside quotes is followed by indentation that readers drop
        if after_break && !is_break(letter) {
            output.extend(std::iter::repeat_n(' ', content));
        }
        after_break = is_break(letter);
        if letter == '\'' {
            output.push('\'');
        }
        output.push(letter);
    }
    output.push('\'');
    output
}

/// Tells whether single quotes can hold a text on one line for every reader.
pub(super) fn is_single_possible(text: &str) -> bool {
    let shape = Shape::of(text);
    !shape.has_special && !shape.has_line_break
}

/// Writes a text in double quotes, with every character escaped that the reference escapes.
pub(super) fn double(text: &str) -> String {
    escaped(text, is_printable)
}

/// Writes a text in double quotes, with characters beyond the basic plane left as they are.
pub(super) fn double_literal(text: &str) -> String {
    escaped(text, |letter| is_printable(letter) || letter > '\u{ffff}')
}

fn escaped(text: &str, is_literal: fn(char) -> bool) -> String {
    let mut output = String::with_capacity(text.len() + 2);
    output.push('"');
    for letter in text.chars() {
        match letter {
            '"' | '\\' => {
                output.push('\\');
                output.push(letter);
            }
            '\0' => output.push_str("\\0"),
            '\u{7}' => output.push_str("\\a"),
            '\u{8}' => output.push_str("\\b"),
            '\t' => output.push_str("\\t"),
            '\n' => output.push_str("\\n"),
            '\u{b}' => output.push_str("\\v"),
            '\u{c}' => output.push_str("\\f"),
            '\r' => output.push_str("\\r"),
            '\u{1b}' => output.push_str("\\e"),
            '\u{85}' => output.push_str("\\N"),
            '\u{2028}' => output.push_str("\\L"),
            '\u{2029}' => output.push_str("\\P"),
            _ if is_literal(letter) => output.push(letter),
            _ => push_number_escape(&mut output, letter),
        }
    }
    output.push('"');
    output
}

fn push_number_escape(output: &mut String, letter: char) {
    use std::fmt::Write as _;
    let code = u32::from(letter);
    // writing to a string cannot fail
    let _ = match code {
        0..=0xff => write!(output, "\\x{code:02X}"),
        0x100..=0xffff => write!(output, "\\u{code:04X}"),
        _ => write!(output, "\\U{code:08X}"),
    };
}

/// Returns the column at which the content of a value stands whose key is at column `indent`.
pub(super) fn next_stop(indent: usize, step: usize) -> usize {
    step * ((indent + step) / step)
}

/// Writes a text as a literal block: the header, and the body with the line end before it but
/// without the one after it.
///
/// `indent` is the column of the block around it and `content` that of its lines.
pub(in crate::format) fn literal(text: &str, indent: usize, content: usize) -> (String, String) {
    let mut header = "|".to_owned();
    if text.starts_with([' ', '\n', '\u{85}', '\u{2028}', '\u{2029}']) {
        header.push_str(&(content - indent).to_string());
    }
    let stripped = text.strip_suffix('\n');
    match stripped {
        None => header.push('-'),
        Some(rest) if rest.is_empty() || rest.ends_with('\n') => header.push('+'),
        Some(_) => {}
    }
    let mut body = String::with_capacity(text.len() + 16);
    for line in stripped.unwrap_or(text).split('\n') {
        body.push('\n');
        if !line.is_empty() {
            body.extend(std::iter::repeat_n(' ', content));
            body.push_str(line);
        }
    }
    (header, body)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_spelled_as_the_reference_spells_them() {
        let rows = [
            ("plain", "plain"),
            ("it's", "it's"),
            ("a\"b", "a\"b"),
            ("a\\b", "a\\b"),
            ("1.2.3", "1.2.3"),
            ("=", "="),
            ("yes", "\"yes\""),
            ("1:30", "\"1:30\""),
            ("017", "\"017\""),
            ("", "\"\""),
            ("~", "\"~\""),
            ("#x", "'#x'"),
            ("- x", "'- x'"),
            ("-x", "-x"),
            ("x: y", "'x: y'"),
            ("x:y", "x:y"),
            ("x:", "'x:'"),
            ("x #y", "'x #y'"),
            ("x#y", "x#y"),
            ("[x", "'[x'"),
            ("a, b", "a, b"),
            ("?", "'?'"),
            ("-", "'-'"),
            ("---", "'---'"),
            (" x", "' x'"),
            ("x ", "'x '"),
            ("a\tb", "\"a\\tb\""),
            ("a\rb", "\"a\\rb\""),
            ("😀", "\"\\U0001F600\""),
            ("\u{feff}", "\"\\uFEFF\""),
            ("a\u{a0}b", "a\u{a0}b"),
            ("a\u{85}b", "\"a\\Nb\""),
            ("a\u{2028}b", "'a\u{2028}    b'"),
            ("a\u{2029}", "'a\u{2029}'"),
            ("a \u{2028}b", "\"a \\Lb\""),
            ("<<", "!!merge <<"),
            ("\ta\nb", "\"\\ta\\nb\""),
            ("'q'", "'''q'''"),
            ("x \ny", "\"x \\ny\""),
        ];
        for (text, expected) in rows {
            assert_eq!(choose(text, 4), Spelling::Inline(expected.to_owned()), "{text:?}");
        }
    }

    #[test]
    fn texts_of_several_lines_are_literal_blocks() {
        let rows = [
            ("a\nb\n", "|", "\n  a\n  b"),
            ("a\nb", "|-", "\n  a\n  b"),
            ("a\n\n", "|+", "\n  a\n"),
            ("\n a\n", "|2", "\n\n   a"),
            ("\n", "|2+", "\n"),
        ];
        for (text, header, body) in rows {
            assert_eq!(choose(text, 4), Spelling::Literal, "{text:?}");
            assert_eq!(literal(text, 0, 2), (header.to_owned(), body.to_owned()), "{text:?}");
        }
    }
}
