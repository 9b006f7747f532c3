//! The tokens of a text, as the reference's scanner finds them (yaml v3.0.4, `scannerc.go`).

use std::borrow::Cow;
use std::collections::VecDeque;

use super::cursor::{Cursor, Mark};
use super::problem::{Fault, Problem};
use super::{properties, scalars};
use crate::format::ScanErrorKind;
use crate::tree::Style;

/// How far behind its start a key's colon may stand, in characters.
const KEY_LIMIT: usize = 1024;

/// How far the reference looks for a comment behind a token, in bytes.
const COMMENT_LIMIT: usize = 512;

/// What a token is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind<'s> {
    /// `%YAML`, with major and minor number.
    Version(u8, u8),
    /// `%TAG`, with handle and prefix.
    TagPrefix(&'s str, Cow<'s, str>),
    /// `---`
    Document,
    /// `...`
    DocumentEnd,
    /// Begins a block sequence.
    BlockSequence,
    /// Begins a block mapping.
    BlockMapping,
    /// Ends either of them.
    BlockEnd,
    /// `[`
    FlowSequence,
    /// `]`
    FlowSequenceEnd,
    /// `{`
    FlowMapping,
    /// `}`
    FlowMappingEnd,
    /// `-`
    Dash,
    /// `,`
    Comma,
    /// `?`, or where a key without it begins.
    Key,
    /// `:`
    Value,
    /// `*name`
    Alias(&'s str),
    /// `&name`
    Anchor(&'s str),
    /// A tag in the form `!handle!suffix`, `!suffix`, `!<suffix>`, or `!` alone.
    Tag {
        /// Empty where the suffix is all there is.
        handle: &'s str,
        suffix: Cow<'s, str>,
    },
    /// A scalar with its text.
    Scalar(Style, Cow<'s, str>),
    /// Ends the text.
    End,
}

/// A token with its place.
#[derive(Clone, Debug)]
pub(super) struct Token<'s> {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) kind: Kind<'s>,
}

/// A place where a key without `?` may have begun.
#[derive(Clone, Copy, Default)]
struct PossibleKey {
    is_possible: bool,
    /// Whether nothing but a key may stand there.
    is_required: bool,
    /// Number of the token that begins there.
    token: usize,
    mark: Mark,
}

/// Finds one token after the other.
pub(super) struct Tokens<'s> {
    pub(super) cursor: Cursor<'s>,
    queue: VecDeque<Token<'s>>,
    /// How many tokens were handed out.
    taken: usize,
    /// Column of the innermost block collection, -1 outside of all.
    pub(super) indent: isize,
    indents: Vec<isize>,
    /// How many brackets are open.
    pub(super) flow_level: usize,
    /// Whether a key without `?` may begin at the next token.
    is_key_allowed: bool,
    /// One for the block level and one for each open bracket.
    keys: Vec<PossibleKey>,
}

type Outcome<T = ()> = Result<T, Fault>;

impl<'s> Tokens<'s> {
    /// Begins at `start`.
    pub(super) fn new(source: &'s str, start: usize) -> Self {
        Self {
            cursor: Cursor::new(source, start),
            queue: VecDeque::new(),
            taken: 0,
            indent: -1,
            indents: Vec::new(),
            flow_level: 0,
            is_key_allowed: true,
            keys: vec![PossibleKey::default()],
        }
    }

    /// Returns the next token without taking it.
    pub(super) fn peek(&mut self) -> Outcome<&Token<'s>> {
        while self.queue.is_empty() || self.may_key_begin_at_head()? {
            self.fetch()?;
        }
        Ok(&self.queue[0])
    }

    /// Takes the next token.
    pub(super) fn take(&mut self) -> Outcome<Token<'s>> {
        self.peek()?;
        self.taken += 1;
        Ok(self.queue.pop_front().expect("a token was looked at"))
    }

    /// Tells whether a key may begin at the first token, so that more must be read to know.
    fn may_key_begin_at_head(&mut self) -> Outcome<bool> {
        let head = self.taken;
        let from = self.keys.partition_point(|key| key.token < head);
        let at_head = self.keys[from..].iter().take_while(|key| key.token == head);
        match at_head.enumerate().find(|(_, key)| key.is_possible).map(|(at, _)| from + at) {
            Some(at) => self.is_key_valid(at),
            None => Ok(false),
        }
    }

    /// Tells whether a possible key can still become one here.
    fn is_key_valid(&mut self, at: usize) -> Outcome<bool> {
        let key = self.keys[at];
        if !key.is_possible {
            return Ok(false);
        }
        let is_behind = key.mark.line < self.cursor.mark().line
            || self.cursor.is_further_than(key.mark.at, KEY_LIMIT);
        if is_behind && key.is_required {
            return Err(Fault::new(key.mark.at, Problem::KeyWithoutColon));
        }
        self.keys[at].is_possible = !is_behind;
        Ok(!is_behind)
    }

    fn fetch(&mut self) -> Outcome {
        self.skip_to_token()?;
        self.unroll_indent(self.column());
        let (byte, is_first) = (self.cursor.byte(0), self.cursor.mark().column == 0);
        if self.cursor.is_end() {
            return self.fetch_end();
        }
        if is_first && byte == b'%' {
            self.end_blocks()?;
            let token = properties::directive(&mut self.cursor)?;
            self.queue.push_back(token);
            return Ok(());
        }
        if self.cursor.is_at_marker() {
            self.end_blocks()?;
            self.push(3, if byte == b'-' { Kind::Document } else { Kind::DocumentEnd });
            return Ok(());
        }
        self.fetch_content(byte)?;
        if !matches!(self.queue.back(), Some(Token { kind: Kind::Dash, .. })) {
            self.skip_line_comment()?;
        }
        Ok(())
    }

    fn fetch_content(&mut self, byte: u8) -> Outcome {
        let in_flow = self.flow_level > 0;
        let is_indicator = |tokens: &Self| in_flow || tokens.cursor.is_gap(1);
        match byte {
            b'[' => self.fetch_bracket(Kind::FlowSequence),
            b'{' => self.fetch_bracket(Kind::FlowMapping),
            b']' => self.fetch_closing_bracket(Kind::FlowSequenceEnd),
            b'}' => self.fetch_closing_bracket(Kind::FlowMappingEnd),
            b',' => {
                self.remove_key()?;
                self.is_key_allowed = true;
                self.push(1, Kind::Comma);
                Ok(())
            }
            b'-' if self.cursor.is_gap(1) => self.fetch_dash(),
            b'?' if is_indicator(self) => self.fetch_key(),
            b':' if is_indicator(self) => self.fetch_value(),
            b'*' | b'&' => {
                self.save_key()?;
                let token = properties::anchor(&mut self.cursor)?;
                self.queue.push_back(token);
                Ok(())
            }
            b'!' => {
                self.save_key()?;
                let token = properties::tag(&mut self.cursor)?;
                self.queue.push_back(token);
                Ok(())
            }
            b'|' | b'>' if !in_flow => self.fetch_block_scalar(byte),
            b'\'' | b'"' => {
                self.save_key()?;
                let token = scalars::quoted(&mut self.cursor)?;
                self.queue.push_back(token);
                Ok(())
            }
            _ if self.may_begin_plain(byte) => self.fetch_plain(),
            _ => Err(self.cannot_begin(byte)),
        }
    }

    fn cannot_begin(&self, byte: u8) -> Fault {
        let at = self.cursor.mark().at;
        if byte == b'\t' {
            return Fault { at, kind: ScanErrorKind::TabAsIndentation };
        }
        let letter = self.cursor.rest().chars().next().unwrap_or_default();
        Fault::new(at, Problem::CannotBegin(letter))
    }

    fn may_begin_plain(&self, byte: u8) -> bool {
        match byte {
            b'-' => !self.cursor.is_blank(1),
            b'?' | b':' => self.flow_level == 0 && !self.cursor.is_gap(1),
            b',' | b'[' | b']' | b'{' | b'}' | b'#' | b'&' | b'*' | b'!' | b'|' | b'>' | b'\''
            | b'"' | b'%' | b'@' | b'`' => false,
            _ => !self.cursor.is_gap(0),
        }
    }

    fn column(&self) -> isize {
        isize::try_from(self.cursor.mark().column).unwrap_or(isize::MAX)
    }

    /// Adds a token of so many bytes that begins here.
    fn push(&mut self, length: usize, kind: Kind<'s>) {
        let start = self.cursor.mark().at;
        self.cursor.skip_bytes(length);
        self.queue.push_back(Token { start, end: start + length, kind });
    }

    /// Notes that a key may begin here, and that none may behind it.
    fn save_key(&mut self) -> Outcome {
        if self.is_key_allowed {
            self.remove_key()?;
            let key = PossibleKey {
                is_possible: true,
                is_required: self.flow_level == 0 && self.indent == self.column(),
                token: self.taken + self.queue.len(),
                mark: self.cursor.mark(),
            };
            *self.level() = key;
        }
        self.is_key_allowed = false;
        Ok(())
    }

    /// Forgets the possible key of this level.
    fn remove_key(&mut self) -> Outcome {
        let key = self.level();
        if key.is_possible && key.is_required {
            return Err(Fault::new(key.mark.at, Problem::KeyWithoutColon));
        }
        key.is_possible = false;
        Ok(())
    }

    fn level(&mut self) -> &mut PossibleKey {
        self.keys.last_mut().expect("the block level stays")
    }

    /// Begins a block collection at a column, if it is deeper than the one around it; its token
    /// comes before the token with the number `before`.
    fn roll_indent(&mut self, column: isize, before: usize, kind: Kind<'s>, start: usize) {
        if self.flow_level > 0 || self.indent >= column {
            return;
        }
        self.indents.push(self.indent);
        self.indent = column;
        self.queue.insert(before - self.taken, Token { start, end: start, kind });
    }

    /// Ends the block collections that are deeper than a column.
    fn unroll_indent(&mut self, column: isize) {
        if self.flow_level > 0 {
            return;
        }
        while self.indent > column {
            self.push(0, Kind::BlockEnd);
            self.indent = self.indents.pop().unwrap_or(-1);
        }
    }

    /// Ends all block collections.
    fn end_blocks(&mut self) -> Outcome {
        self.unroll_indent(-1);
        self.remove_key()?;
        self.is_key_allowed = false;
        Ok(())
    }

    fn fetch_end(&mut self) -> Outcome {
        self.cursor.end_line();
        self.end_blocks()?;
        self.push(0, Kind::End);
        Ok(())
    }

    fn fetch_bracket(&mut self, kind: Kind<'s>) -> Outcome {
        self.save_key()?;
        let token = self.taken + self.queue.len();
        self.keys.push(PossibleKey { token, ..PossibleKey::default() });
        self.flow_level += 1;
        self.is_key_allowed = true;
        self.push(1, kind);
        Ok(())
    }

    fn fetch_closing_bracket(&mut self, kind: Kind<'s>) -> Outcome {
        self.remove_key()?;
        if self.flow_level > 0 {
            self.flow_level -= 1;
            self.keys.pop();
        }
        self.is_key_allowed = false;
        self.push(1, kind);
        Ok(())
    }

    fn fetch_dash(&mut self) -> Outcome {
        if self.flow_level == 0 {
            self.begin_block(Kind::BlockSequence, Problem::MisplacedDash)?;
        }
        self.remove_key()?;
        self.is_key_allowed = true;
        self.push(1, Kind::Dash);
        Ok(())
    }

    fn fetch_key(&mut self) -> Outcome {
        if self.flow_level == 0 {
            self.begin_block(Kind::BlockMapping, Problem::MisplacedKey)?;
        }
        self.remove_key()?;
        self.is_key_allowed = self.flow_level == 0;
        self.push(1, Kind::Key);
        Ok(())
    }

    fn fetch_value(&mut self) -> Outcome {
        if self.is_key_valid(self.keys.len() - 1)? {
            let key = *self.level();
            let start = key.mark.at;
            let place = key.token - self.taken;
            self.queue.insert(place, Token { start, end: start, kind: Kind::Key });
            let column = isize::try_from(key.mark.column).unwrap_or(isize::MAX);
            self.roll_indent(column, key.token, Kind::BlockMapping, start);
            self.level().is_possible = false;
            self.is_key_allowed = false;
        } else {
            if self.flow_level == 0 {
                self.begin_block(Kind::BlockMapping, Problem::MisplacedColon)?;
            }
            self.is_key_allowed = self.flow_level == 0;
        }
        self.push(1, Kind::Value);
        Ok(())
    }

    /// Begins a block collection here, if this is no item of the one around it.
    fn begin_block(&mut self, kind: Kind<'s>, problem: Problem) -> Outcome {
        let at = self.cursor.mark().at;
        if !self.is_key_allowed {
            return Err(Fault::new(at, problem));
        }
        self.roll_indent(self.column(), self.taken + self.queue.len(), kind, at);
        Ok(())
    }

    fn fetch_block_scalar(&mut self, indicator: u8) -> Outcome {
        self.remove_key()?;
        self.is_key_allowed = true;
        let token = scalars::block(&mut self.cursor, self.indent, indicator == b'|')?;
        self.queue.push_back(token);
        Ok(())
    }

    fn fetch_plain(&mut self) -> Outcome {
        self.save_key()?;
        let in_flow = self.flow_level > 0;
        let (token, has_break) = scalars::plain(&mut self.cursor, self.indent, in_flow)?;
        self.queue.push_back(token);
        self.is_key_allowed |= has_break;
        Ok(())
    }

    /// Passes blanks, line breaks and comments. Tabs count as blanks where no key may begin.
    fn skip_to_token(&mut self) -> Outcome {
        loop {
            if self.cursor.mark().column == 0 && self.cursor.rest().starts_with('\u{feff}') {
                return Err(Fault::new(self.cursor.mark().at, Problem::ByteOrderMark));
            }
            let takes_tabs = self.flow_level > 0 || !self.is_key_allowed;
            while self.cursor.byte(0) == b' ' || takes_tabs && self.cursor.byte(0) == b'\t' {
                self.cursor.skip();
            }
            if self.cursor.byte(0) == b'#' {
                self.skip_comments()?;
            }
            if !self.cursor.is_break() {
                return Ok(());
            }
            self.cursor.skip_break();
            self.is_key_allowed |= self.flow_level == 0;
        }
    }

    /// Passes comments up to the end of the last one, with all that is blank between them.
    fn skip_comments(&mut self) -> Outcome {
        let start = self.cursor.mark().at;
        self.cursor.skip_to_line_end();
        while let Some(length) = self.next_comment() {
            let next = self.cursor.mark().at + length;
            while self.cursor.mark().at < next {
                if self.cursor.is_break() { self.cursor.skip_break() } else { self.cursor.skip() }
            }
            self.cursor.skip_to_line_end();
        }
        self.cursor.check_line_ends(start)
    }

    /// Returns how far on the next comment begins, if only blanks and breaks stand before it.
    fn next_comment(&self) -> Option<usize> {
        if self.cursor.is_end() {
            return None;
        }
        let mut ahead = 1;
        while ahead < COMMENT_LIMIT {
            match self.cursor.byte(ahead) {
                b'#' => return Some(ahead),
                b' ' | b'\t' => ahead += 1,
                _ => match self.cursor.break_width(ahead) {
                    0 => return None,
                    width => ahead += width,
                },
            }
        }
        None
    }

    /// Passes a comment behind a token on its line; no blank has to stand before it.
    fn skip_line_comment(&mut self) -> Outcome {
        if self.cursor.newlines() > 0 {
            return Ok(());
        }
        let start = self.cursor.mark().at;
        let blanks = (0..COMMENT_LIMIT).take_while(|ahead| self.cursor.is_blank(*ahead)).count();
        if blanks < COMMENT_LIMIT && self.cursor.byte(blanks) == b'#' {
            self.cursor.skip_bytes(blanks);
            self.cursor.skip_to_line_end();
            self.cursor.check_line_ends(start)?;
        }
        Ok(())
    }
}
