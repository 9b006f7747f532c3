//! Scalars of all styles, as the reference reads them.

use std::borrow::Cow;

use super::cursor::Cursor;
use super::problem::{Fault, Problem};
use super::tokens::{Kind, Token};
use crate::format::ScanErrorKind;
use crate::tree::Style;

/// What is known of a text behind its last word: blanks of the line, or line breaks.
#[derive(Default)]
struct Gap {
    /// Blanks of the line, where no break stands behind them.
    blanks: (usize, usize),
    has_break: bool,
    /// The first line break, empty where it was escaped.
    first: String,
    others: String,
}

impl Gap {
    /// Passes blanks and line breaks.
    fn read(&mut self, cursor: &mut Cursor<'_>) {
        let start = cursor.mark().at;
        if !self.has_break {
            cursor.skip_blanks();
            self.blanks = (start, cursor.mark().at);
        }
        while cursor.is_blank(0) || cursor.is_break() {
            if cursor.is_blank(0) {
                cursor.skip();
            } else if self.has_break {
                cursor.read_break(&mut self.others);
            } else {
                cursor.read_break(&mut self.first);
                self.has_break = true;
            }
        }
    }

    /// Adds to a text what the gap stands for.
    fn fold(&self, source: &str, text: &mut String) {
        if !self.has_break {
            text.push_str(&source[self.blanks.0..self.blanks.1]);
        } else if self.first == "\n" {
            text.push_str(if self.others.is_empty() { " " } else { &self.others });
        } else {
            text.push_str(&self.first);
            text.push_str(&self.others);
        }
    }
}

/// A text that is a piece of the source as long as nothing else is added.
struct Piece<'s> {
    source: &'s str,
    start: usize,
    end: usize,
    owned: Option<String>,
}

impl<'s> Piece<'s> {
    fn new(source: &'s str, start: usize) -> Self {
        Self { source, start, end: start, owned: None }
    }

    /// Adds a piece of the source.
    fn add(&mut self, start: usize, end: usize) {
        match &mut self.owned {
            _ if start == end => {}
            Some(text) => text.push_str(&self.source[start..end]),
            None if start == self.end => self.end = end,
            None => {
                let source = self.source;
                self.owned().push_str(&source[start..end]);
            }
        }
    }

    /// Adds what a gap stands for.
    fn add_gap(&mut self, gap: &Gap) {
        if gap.has_break {
            let source = self.source;
            gap.fold(source, self.owned());
        } else {
            self.add(gap.blanks.0, gap.blanks.1);
        }
    }

    fn owned(&mut self) -> &mut String {
        let text = &self.source[self.start..self.end];
        self.owned.get_or_insert_with(|| text.to_owned())
    }

    fn finish(self) -> Cow<'s, str> {
        match self.owned {
            Some(text) => Cow::Owned(text),
            None => Cow::Borrowed(&self.source[self.start..self.end]),
        }
    }
}

/// Reads a scalar without quotes; tells whether a line break stands behind it.
///
/// Within brackets a question mark ends it, wherever it stands; in YAML 1.2 it does not.
pub(super) fn plain<'s>(
    cursor: &mut Cursor<'s>,
    indent: isize,
    in_flow: bool,
) -> Result<(Token<'s>, bool), Fault> {
    let start = cursor.mark().at;
    let mut end = start;
    let mut text = Piece::new(cursor.source(), start);
    let mut gap = Gap::default();
    let least = usize::try_from(indent + 1).unwrap_or(0);
    while !cursor.is_at_marker() && cursor.byte(0) != b'#' {
        let word = cursor.mark().at;
        while !cursor.is_gap(0) && !ends_plain(cursor, in_flow) {
            cursor.skip();
        }
        if cursor.mark().at > word {
            text.add_gap(&gap);
            gap = Gap::default();
            end = cursor.mark().at;
            text.add(word, end);
        }
        if !cursor.is_gap(0) || cursor.is_end() {
            break;
        }
        check_tabs(cursor, least)?;
        gap.read(cursor);
        if !in_flow && cursor.mark().column < least {
            break;
        }
    }
    let kind = Kind::Scalar(Style::Plain, text.finish());
    Ok((Token { start, end, kind }, gap.has_break))
}

/// Tells whether a scalar without quotes ends before a character that is no blank.
fn ends_plain(cursor: &Cursor<'_>, in_flow: bool) -> bool {
    match cursor.byte(0) {
        b':' => cursor.is_gap(1),
        b',' | b'?' | b'[' | b']' | b'{' | b'}' => in_flow,
        _ => false,
    }
}

/// Refuses a tab in the indentation of the lines that follow in a gap.
fn check_tabs(cursor: &Cursor<'_>, least: usize) -> Result<(), Fault> {
    let rest = cursor.rest();
    let is_gap = |letter: char| matches!(letter, ' ' | '\t') || is_break(letter);
    let (mut is_behind_break, mut column) = (false, 0);
    for (offset, letter) in rest.char_indices().take_while(|(_, letter)| is_gap(*letter)) {
        if is_break(letter) {
            (is_behind_break, column) = (true, 0);
            continue;
        }
        if letter == '\t' && is_behind_break && column < least {
            let at = cursor.mark().at + offset;
            return Err(Fault { at, kind: ScanErrorKind::TabAsIndentation });
        }
        column += 1;
    }
    Ok(())
}

fn is_break(letter: char) -> bool {
    matches!(letter, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Reads a scalar in quotes.
pub(super) fn quoted<'s>(cursor: &mut Cursor<'s>) -> Result<Token<'s>, Fault> {
    let start = cursor.mark().at;
    let quote = cursor.byte(0);
    cursor.skip();
    let mut text = Piece::new(cursor.source(), start + 1);
    loop {
        if cursor.is_at_marker() {
            return Err(Fault::new(cursor.mark().at, Problem::MarkerInQuotes));
        }
        if cursor.is_end() {
            return Err(Fault::new(start, Problem::OpenQuote));
        }
        let mut gap = Gap::default();
        let mut word = cursor.mark().at;
        while !cursor.is_gap(0) {
            match cursor.byte(0) {
                b'\'' if quote == b'\'' && cursor.byte(1) == b'\'' => {
                    text.add(word, cursor.mark().at + 1);
                    cursor.skip_bytes(2);
                    word = cursor.mark().at;
                }
                byte if byte == quote => break,
                b'\\' if quote == b'"' => {
                    text.add(word, cursor.mark().at);
                    cursor.skip();
                    if cursor.is_break() {
                        cursor.skip_break();
                        gap.has_break = true;
                    } else {
                        escape(cursor, text.owned())?;
                    }
                    word = cursor.mark().at;
                    if gap.has_break {
                        break;
                    }
                }
                _ => cursor.skip(),
            }
        }
        text.add(word, cursor.mark().at);
        if cursor.byte(0) == quote {
            break;
        }
        gap.read(cursor);
        text.add_gap(&gap);
    }
    cursor.skip();
    let style = if quote == b'"' { Style::DoubleQuoted } else { Style::SingleQuoted };
    let kind = Kind::Scalar(style, text.finish());
    Ok(Token { start, end: cursor.mark().at, kind })
}

/// Reads what stands behind a backslash.
fn escape(cursor: &mut Cursor<'_>, text: &mut String) -> Result<(), Fault> {
    let fault = Fault::new(cursor.mark().at.saturating_sub(1), Problem::Escape);
    let digits = match cursor.byte(0) {
        b'x' => 2,
        b'u' => 4,
        b'U' => 8,
        byte => {
            text.push(escaped(byte).ok_or(fault)?);
            cursor.skip();
            return Ok(());
        }
    };
    cursor.skip();
    let code = cursor.rest().get(..digits);
    let code = code.filter(|code| code.bytes().all(|byte| byte.is_ascii_hexdigit()));
    let code = code.and_then(|code| u32::from_str_radix(code, 16).ok());
    text.push(code.and_then(char::from_u32).ok_or(fault)?);
    cursor.skip_bytes(digits);
    Ok(())
}

/// Returns what a letter behind a backslash stands for.
///
/// The reference takes `\'`, which YAML does not know, and not `\/`, which YAML 1.2 knows.
fn escaped(byte: u8) -> Option<char> {
    Some(match byte {
        b'0' => '\0',
        b'a' => '\u{7}',
        b'b' => '\u{8}',
        b't' | b'\t' => '\t',
        b'n' => '\n',
        b'v' => '\u{b}',
        b'f' => '\u{c}',
        b'r' => '\r',
        b'e' => '\u{1b}',
        b' ' | b'"' | b'\'' | b'\\' => char::from(byte),
        b'N' => '\u{85}',
        b'_' => '\u{a0}',
        b'L' => '\u{2028}',
        b'P' => '\u{2029}',
        _ => return None,
    })
}

/// Reads a block scalar in a block collection of the column `outer`.
pub(super) fn block<'s>(
    cursor: &mut Cursor<'s>,
    outer: isize,
    is_literal: bool,
) -> Result<Token<'s>, Fault> {
    let start = cursor.mark().at;
    cursor.skip();
    let header = Header::read(cursor).ok_or_else(|| Fault::new(start, Problem::BlockHeader))?;
    let mut body = Body { text: String::new(), indent: 0, breaks: String::new() };
    if header.increment > 0 {
        body.indent = usize::try_from(outer.max(0)).unwrap_or(0) + header.increment;
    }
    body.read_breaks(cursor, outer)?;
    let mut last_break = String::new();
    let mut begins_with_blank = false;
    while cursor.mark().column == body.indent && !cursor.is_end() {
        let is_blank = cursor.is_blank(0);
        if !is_literal && !begins_with_blank && !is_blank && last_break == "\n" {
            body.text.push_str(if body.breaks.is_empty() { " " } else { "" });
        } else {
            body.text.push_str(&last_break);
        }
        last_break.clear();
        body.text.push_str(&std::mem::take(&mut body.breaks));
        begins_with_blank = is_blank;
        let line = cursor.mark().at;
        cursor.skip_to_line_end();
        body.text.push_str(cursor.since(line));
        if !cursor.is_end() {
            cursor.read_break(&mut last_break);
        }
        body.read_breaks(cursor, outer)?;
    }
    cursor.check_line_ends(start)?;
    if header.chomping != b'-' {
        body.text.push_str(&last_break);
    }
    if header.chomping == b'+' {
        body.text.push_str(&body.breaks);
    }
    let style = if is_literal { Style::Literal } else { Style::Folded };
    let kind = Kind::Scalar(style, Cow::Owned(body.text));
    Ok(Token { start, end: cursor.mark().at, kind })
}

/// What stands behind `|` or `>`.
struct Header {
    /// `+`, `-`, or 0 for neither.
    chomping: u8,
    /// Columns of indentation; 0 where the text tells.
    increment: usize,
}

impl Header {
    /// Reads the header and its line end; nothing where something else stands there.
    fn read(cursor: &mut Cursor<'_>) -> Option<Self> {
        let mut header = Self { chomping: 0, increment: 0 };
        for _ in 0..2 {
            match cursor.byte(0) {
                sign @ (b'+' | b'-') if header.chomping == 0 => header.chomping = sign,
                digit @ b'1'..=b'9' if header.increment == 0 => {
                    header.increment = usize::from(digit - b'0');
                }
                _ => break,
            }
            cursor.skip();
        }
        cursor.skip_blanks();
        if cursor.byte(0) == b'#' {
            cursor.skip_to_line_end();
        }
        if !cursor.is_line_end() {
            return None;
        }
        cursor.skip_break();
        Some(header)
    }
}

/// What was read of a block scalar.
struct Body {
    text: String,
    /// Column of its lines; 0 as long as it is not known.
    indent: usize,
    /// Breaks of empty lines that were not added yet.
    breaks: String,
}

impl Body {
    /// Passes empty lines and the indentation of the next one.
    fn read_breaks(&mut self, cursor: &mut Cursor<'_>, outer: isize) -> Result<(), Fault> {
        let mut longest = 0;
        loop {
            let is_within = |column| self.indent == 0 || column < self.indent;
            while is_within(cursor.mark().column) && cursor.byte(0) == b' ' {
                cursor.skip();
            }
            longest = longest.max(cursor.mark().column);
            if is_within(cursor.mark().column) && cursor.byte(0) == b'\t' {
                let at = cursor.mark().at;
                return Err(Fault { at, kind: ScanErrorKind::TabAsIndentation });
            }
            if !cursor.is_break() {
                break;
            }
            cursor.read_break(&mut self.breaks);
        }
        if self.indent == 0 {
            self.indent = longest.max(usize::try_from(outer + 1).unwrap_or(0)).max(1);
        }
        Ok(())
    }
}
