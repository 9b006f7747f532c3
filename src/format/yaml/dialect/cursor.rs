//! A place in a text, moved on as the reference moves it.

use super::problem::{Fault, Problem};

/// A place with what the reference knows of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Mark {
    /// Offset in bytes.
    pub(super) at: usize,
    /// Line, from 0.
    pub(super) line: usize,
    /// Column in characters, from 0.
    pub(super) column: usize,
}

/// Reads a text from its start to its end.
pub(super) struct Cursor<'s> {
    source: &'s str,
    mark: Mark,
    /// Line breaks since the last character that is no blank.
    newlines: usize,
}

impl<'s> Cursor<'s> {
    /// Begins at `start`, which is no column's width from the line's start.
    pub(super) fn new(source: &'s str, start: usize) -> Self {
        Self { source, mark: Mark { at: start, ..Mark::default() }, newlines: 0 }
    }

    pub(super) fn source(&self) -> &'s str {
        self.source
    }

    pub(super) fn mark(&self) -> Mark {
        self.mark
    }

    pub(super) fn newlines(&self) -> usize {
        self.newlines
    }

    /// Returns the byte that stands `ahead` bytes further on; 0 behind the end.
    pub(super) fn byte(&self, ahead: usize) -> u8 {
        self.source.as_bytes().get(self.mark.at + ahead).copied().unwrap_or(0)
    }

    pub(super) fn is_end(&self) -> bool {
        self.mark.at >= self.source.len()
    }

    pub(super) fn is_blank(&self, ahead: usize) -> bool {
        matches!(self.byte(ahead), b' ' | b'\t')
    }

    /// Returns how many bytes the line break has that begins here: of YAML 1.1, so U+0085, U+2028
    /// and U+2029 too; 0 if there is none.
    pub(super) fn break_width(&self, ahead: usize) -> usize {
        match self.byte(ahead) {
            b'\r' if self.byte(ahead + 1) == b'\n' => 2,
            b'\n' | b'\r' => 1,
            0xc2 if self.byte(ahead + 1) == 0x85 => 2,
            0xe2 if self.byte(ahead + 1) == 0x80 && matches!(self.byte(ahead + 2), 0xa8 | 0xa9) => {
                3
            }
            _ => 0,
        }
    }

    pub(super) fn is_break(&self) -> bool {
        self.break_width(0) > 0
    }

    /// Tells whether the line or the text ends here.
    pub(super) fn is_line_end(&self) -> bool {
        self.is_end() || self.is_break()
    }

    /// Tells whether a blank, the end of a line or of the text is `ahead` bytes further on.
    pub(super) fn is_gap(&self, ahead: usize) -> bool {
        let is_end = self.mark.at + ahead >= self.source.len();
        is_end || self.is_blank(ahead) || self.break_width(ahead) > 0
    }

    /// Tells whether `---` or `...` stands at the start of this line, with a gap behind it.
    pub(super) fn is_at_marker(&self) -> bool {
        self.mark.column == 0 && (self.is_marker(b'-') || self.is_marker(b'.'))
    }

    pub(super) fn is_marker(&self, letter: u8) -> bool {
        (0..3).all(|ahead| self.byte(ahead) == letter) && self.is_gap(3)
    }

    /// Passes one character of the line.
    pub(super) fn skip(&mut self) {
        let byte = self.byte(0);
        if !matches!(byte, b' ' | b'\t') {
            self.newlines = 0;
        }
        self.mark.at += width(byte);
        self.mark.column += 1;
    }

    /// Passes so many characters of one byte each.
    pub(super) fn skip_bytes(&mut self, count: usize) {
        for _ in 0..count {
            self.skip();
        }
    }

    pub(super) fn skip_blanks(&mut self) {
        while self.is_blank(0) {
            self.skip();
        }
    }

    /// Passes a line break, if one is here.
    pub(super) fn skip_break(&mut self) {
        let width = self.break_width(0);
        if width > 0 {
            self.mark = Mark { at: self.mark.at + width, line: self.mark.line + 1, column: 0 };
            self.newlines += 1;
        }
    }

    /// Ends the last line of the text, if it has no line end of its own.
    pub(super) fn end_line(&mut self) {
        if self.mark.column > 0 {
            self.mark = Mark { line: self.mark.line + 1, column: 0, ..self.mark };
        }
    }

    /// Passes a line break and adds it to a text: LF, but U+2028 and U+2029 as they are.
    pub(super) fn read_break(&mut self, text: &mut String) {
        let start = self.mark.at;
        self.skip_break();
        let is_kept = self.mark.at - start == 3;
        text.push_str(if is_kept { &self.source[start..self.mark.at] } else { "\n" });
    }

    /// Refuses a carriage return without a line feed between `start` and here, or here: it ends a
    /// line, but the encrypted text would have other line ends beside it.
    pub(super) fn check_line_ends(&self, start: usize) -> Result<(), Fault> {
        let end = (self.mark.at + 1).min(self.source.len());
        let bytes = self.source.as_bytes();
        let is_lone = |at: &usize| bytes[*at] == b'\r' && bytes.get(at + 1) != Some(&b'\n');
        match (start..end).find(is_lone) {
            Some(at) => Err(Fault::new(at, Problem::LoneReturn)),
            None => Ok(()),
        }
    }

    /// Passes the rest of the line.
    pub(super) fn skip_to_line_end(&mut self) {
        while !self.is_line_end() {
            self.skip();
        }
    }

    /// Passes what a test holds for; returns it.
    pub(super) fn skip_while(&mut self, is_part: impl Fn(u8) -> bool) -> &'s str {
        let start = self.mark.at;
        while !self.is_end() && is_part(self.byte(0)) {
            self.skip();
        }
        self.since(start)
    }

    /// Returns the text from `start` to here.
    pub(super) fn since(&self, start: usize) -> &'s str {
        &self.source[start..self.mark.at]
    }

    /// Returns the text from here on.
    pub(super) fn rest(&self) -> &'s str {
        &self.source[self.mark.at..]
    }

    /// Tells whether more than `limit` characters stand between a place and this one.
    pub(super) fn is_further_than(&self, start: usize, limit: usize) -> bool {
        let is_long = self.mark.at - start > limit;
        is_long && self.since(start).chars().nth(limit).is_some()
    }
}

/// Returns how many bytes a character has, from its first one.
fn width(byte: u8) -> usize {
    match byte {
        0..=0x7f => 1,
        0x80..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xff => 4,
    }
}
