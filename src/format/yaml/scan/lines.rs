//! Reads simple lines, as nearly all are, without the parser below us: block collections, one key,
//! dash or scalar a line, literal blocks, comments.
//!
//! Whatever is not surely read as that parser reads it is refused, and left to it.

use std::ops::Range;

use super::builder::{Builder, Checkpoint};
use super::literal;
use super::scalars::{self, Plain};
use crate::format::yaml::resolve::{self, Resolved};
use crate::text::Span;
use crate::tree::{Container, LeafValue, Style, Text};

/// How deep collections may be nested here.
const NESTING_LIMIT: usize = 200;

/// Up to where a text was read.
pub(super) struct Refused {
    /// The begin of the last item of the root that was begun, and what was read before it.
    pub(super) checkpoint: Option<Checkpoint>,
    /// Where the line begins that is not simple.
    pub(super) at: usize,
}

/// Reads the lines of a piece of a text; goes on in the root mapping of `builder` if it is open.
///
/// The piece must not be less than a whole number of items of the root.
pub(super) fn read(builder: &mut Builder<'_>, range: Range<usize>) -> Result<(), Refused> {
    let source = builder.source;
    let goes_on = builder.frames.len() == 1;
    let mut lines = Lines {
        bytes: &source.as_bytes()[..range.end],
        source,
        next: range.start,
        missing: None,
        checkpoint: goes_on.then(|| builder.checkpoint(range.start)),
        builder,
    };
    lines.read().map_err(|at| Refused { checkpoint: lines.checkpoint, at })
}

/// A line with something else than a comment.
#[derive(Clone, Copy)]
struct Line {
    start: usize,
    /// Where its indentation ends.
    at: usize,
    /// Where it ends, without its line end.
    end: usize,
}

impl Line {
    fn indent(self) -> u32 {
        column(self.at - self.start)
    }
}

/// What was found at the place of a node.
enum Found {
    Key(Scalar, usize),
    Scalar(Scalar),
}

/// A scalar on one line.
struct Scalar {
    span: Span,
    text: Text,
    style: Style,
}

struct Lines<'b, 's> {
    source: &'s str,
    /// The text up to the end of the piece.
    bytes: &'s [u8],
    builder: &'b mut Builder<'s>,
    /// Where the next line begins.
    next: usize,
    /// Where the value of the latest key or dash would stand, if its line has none.
    missing: Option<usize>,
    checkpoint: Option<Checkpoint>,
}

impl Lines<'_, '_> {
    /// Reads all lines, or fails where one begins that is not simple.
    fn read(&mut self) -> Result<(), usize> {
        while let Some(line) = self.next_line()? {
            self.line(line).ok_or(line.start)?;
        }
        self.finish().ok_or(self.bytes.len())
    }

    /// Goes to the next line with content.
    fn next_line(&mut self) -> Result<Option<Line>, usize> {
        while self.next < self.bytes.len() {
            let start = self.next;
            let at = scalars::skip_blanks(self.bytes, start);
            let end = scalars::line_end(self.bytes, at);
            if !scalars::is_text(&self.source[at..end]) {
                return Err(start);
            }
            self.next = (end + 1).min(self.bytes.len());
            if at < end && self.bytes[at] != b'#' {
                return Ok(Some(Line { start, at, end }));
            }
        }
        Ok(None)
    }

    fn line(&mut self, line: Line) -> Option<()> {
        let is_dash = self.is_dash(line.at, line.end);
        match self.bytes[line.start..line.end] {
            [b'-', b'-', b'-', ..] => return self.document(line),
            [b'.', b'.', b'.', ..] => return None,
            _ => {}
        }
        if let Some(place) = self.missing.take() {
            let outer = self.builder.frames.last()?;
            let may_be_level = is_dash && outer.container == Container::Mapping;
            if line.indent() > outer.indent {
                return self.nested(line, line.at);
            }
            if may_be_level && line.indent() == outer.indent {
                // the parser has it where its first element begins
                let element = self.behind_dash(line, line.at);
                self.enter(Container::Sequence, line, line.at, element)?;
                return self.element(line, line.at);
            }
            self.null(place);
        }
        if self.builder.frames.is_empty() {
            return self.root(line);
        }
        self.leave_to(line, is_dash)?;
        if is_dash {
            return self.element(line, line.at);
        }
        if self.builder.frames.len() == 1 && line.indent() == 0 {
            let is_safe = self.bytes[line.at].is_ascii_alphanumeric();
            self.checkpoint =
                is_safe.then(|| self.builder.checkpoint(line.start)).or(self.checkpoint);
        }
        match self.find(line, line.at)? {
            Found::Key(key, colon) => self.item(line, &key, colon),
            Found::Scalar(_) => None,
        }
    }

    /// Leaves the collections that end before a line; it must go on with the one that is left.
    fn leave_to(&mut self, line: Line, is_dash: bool) -> Option<()> {
        loop {
            let frame = self.builder.frames.last()?;
            let is_sequence = frame.container == Container::Sequence;
            let is_left = frame.indent > line.indent() || is_sequence && !is_dash;
            if !is_left {
                return (frame.indent == line.indent() && is_sequence == is_dash).then_some(());
            }
            self.builder.leave(Span::at(line.at)).ok()?;
        }
    }

    /// Begins a document with its marker.
    fn document(&mut self, line: Line) -> Option<()> {
        let is_marker_alone = line.end == line.at + 3;
        let has_root = !self.builder.frames.is_empty();
        if !is_marker_alone || self.builder.documents > 0 && !has_root {
            return None;
        }
        if has_root {
            self.end_document(line.at)?;
        }
        self.builder.document(Span::new(line.at, line.end));
        Some(())
    }

    fn end_document(&mut self, at: usize) -> Option<()> {
        if let Some(place) = self.missing.take() {
            self.null(place);
        }
        while !self.builder.frames.is_empty() {
            self.builder.leave(Span::at(at)).ok()?;
        }
        self.builder.end_document(Span::at(at));
        Some(())
    }

    /// Closes what is open at the end of the piece.
    fn finish(&mut self) -> Option<()> {
        let end = self.bytes.len();
        if self.builder.frames.is_empty() { None } else { self.end_document(end) }
    }

    fn root(&mut self, line: Line) -> Option<()> {
        let Found::Key(key, colon) = self.find(line, line.at)? else { return None };
        if self.builder.documents == 0 {
            self.builder.document(Span::at(line.at));
        }
        self.builder.enter(Container::Mapping, false, Span::at(line.at), line.indent());
        self.item(line, &key, colon)
    }

    /// Begins a collection with its first key or dash.
    fn nested(&mut self, line: Line, at: usize) -> Option<()> {
        if self.is_dash(at, line.end) {
            self.enter(Container::Sequence, line, at, at)?;
            return self.element(line, at);
        }
        let Found::Key(key, colon) = self.find(line, at)? else { return None };
        self.enter(Container::Mapping, line, at, at)?;
        self.item(line, &key, colon)
    }

    /// Begins a collection in the column of `at`.
    fn enter(&mut self, container: Container, line: Line, at: usize, place: usize) -> Option<()> {
        let indent = column(at - line.start);
        self.builder.enter(container, false, Span::at(place), indent);
        (self.builder.frames.len() < NESTING_LIMIT).then_some(())
    }

    /// Returns where the element begins whose dash stands at `at`, or else the end of the line.
    fn behind_dash(&self, line: Line, at: usize) -> usize {
        let at = scalars::skip_blanks(self.bytes, at + 1).min(line.end);
        if self.bytes.get(at) == Some(&b'#') { line.end } else { at }
    }

    /// Reads what stands behind the dash at `at`.
    fn element(&mut self, line: Line, at: usize) -> Option<()> {
        let at = self.behind_dash(line, at);
        if at == line.end {
            self.missing = Some(at);
            return Some(());
        }
        if self.is_dash(at, line.end) {
            return self.nested(line, at);
        }
        if matches!(self.bytes[at], b'|' | b'[' | b'{') {
            return self.value(line, at);
        }
        match self.find(line, at)? {
            Found::Key(key, colon) => {
                self.enter(Container::Mapping, line, at, at)?;
                self.item(line, &key, colon)
            }
            Found::Scalar(scalar) => self.leaf(line, &scalar),
        }
    }

    /// Reads a key of the innermost mapping and what stands behind its colon.
    fn item(&mut self, line: Line, key: &Scalar, colon: usize) -> Option<()> {
        let resolved = self.resolve(key);
        let value = self.builder.value(key.text, resolved);
        self.builder.key(key.text, value, key.span, None);
        let at = scalars::skip_blanks(self.bytes, colon + 1);
        if at >= line.end || self.bytes[at] == b'#' {
            self.missing = Some(colon);
            return Some(());
        }
        self.value(line, at)
    }

    /// Reads a value that begins on the line of its key or dash.
    fn value(&mut self, line: Line, at: usize) -> Option<()> {
        match self.bytes[at] {
            b'|' => self.literal(line, at),
            b'[' => self.empty(line, at, Container::Sequence, b']'),
            b'{' => self.empty(line, at, Container::Mapping, b'}'),
            _ => match self.find(line, at)? {
                Found::Scalar(scalar) => self.leaf(line, &scalar),
                Found::Key(..) => None,
            },
        }
    }

    fn leaf(&mut self, line: Line, scalar: &Scalar) -> Option<()> {
        let Scalar { span, text, style } = *scalar;
        scalars::is_rest_empty(self.bytes, span.end(), line.end).then_some(())?;
        let resolved = self.resolve(scalar);
        let value = self.builder.value(text, resolved);
        self.builder.leaf(text, value, span, Span::at(span.end()), style);
        Some(())
    }

    /// Reads an empty collection in brackets.
    fn empty(&mut self, line: Line, at: usize, container: Container, close: u8) -> Option<()> {
        let is_empty = self.bytes.get(at + 1) == Some(&close) && at + 2 <= line.end;
        let is_simple = is_empty && scalars::is_rest_empty(self.bytes, at + 2, line.end);
        let indent = self.builder.frames.last().filter(|_| is_simple)?.indent;
        self.builder.enter(container, true, Span::new(at, at + 1), indent);
        self.builder.leave(Span::new(at + 1, at + 2)).ok()
    }

    fn literal(&mut self, line: Line, at: usize) -> Option<()> {
        let indent = self.builder.frames.last()?.indent as usize;
        let literal = literal::read(self.source, self.bytes, at..line.end, indent)?;
        self.next = literal.next;
        let text = self.builder.scan.keep(literal.text.into_bytes());
        let value = LeafValue::Str(text);
        self.builder.leaf(text, value, literal.header, literal.body, Style::Literal);
        Some(())
    }

    fn null(&mut self, place: usize) {
        let site = Span::at(place);
        self.builder.leaf(Text::Source(site), LeafValue::Null, site, site, Style::Plain);
    }

    fn is_dash(&self, at: usize, end: usize) -> bool {
        self.bytes[at] == b'-' && (at + 1 == end || self.bytes[at + 1] == b' ')
    }

    /// Finds the scalar at `at` and whether it is a key.
    fn find(&mut self, line: Line, at: usize) -> Option<Found> {
        if let quote @ (b'"' | b'\'') = self.bytes[at] {
            return self.find_quoted(line, at, quote);
        }
        let (end, is_key) = match scalars::plain(&self.bytes[..line.end], at)? {
            Plain::Key(end) => (end, true),
            Plain::Value(end) => (end, false),
        };
        let span = Span::new(at, end);
        let scalar = Scalar { span, text: Text::Source(span), style: Style::Plain };
        Some(if is_key { Found::Key(scalar, end) } else { Found::Scalar(scalar) })
    }

    fn find_quoted(&mut self, line: Line, at: usize, quote: u8) -> Option<Found> {
        let quoted = scalars::quoted(&self.source[..line.end], at, quote)?;
        let span = Span::new(at, quoted.end);
        let text = match quoted.decoded {
            Some(text) => self.builder.scan.keep(text.into_bytes()),
            // what is empty is named where the quote stands
            None if span.len() == 2 => Text::Source(Span::at(at)),
            None => Text::Source(Span::new(at + 1, quoted.end - 1)),
        };
        let style = if quote == b'"' { Style::DoubleQuoted } else { Style::SingleQuoted };
        let scalar = Scalar { span, text, style };
        let end = quoted.end;
        Some(match scalars::is_colon(&self.bytes[..line.end], end) {
            true if span.len() > scalars::KEY_LIMIT => return None,
            true => Found::Key(scalar, end),
            false => Found::Scalar(scalar),
        })
    }

    fn resolve(&self, scalar: &Scalar) -> Resolved {
        match (scalar.style, scalar.text) {
            (Style::Plain, Text::Source(span)) => resolve::resolve_plain(span.slice(self.source)),
            _ => Resolved::Str,
        }
    }
}

fn column(width: usize) -> u32 {
    u32::try_from(width).unwrap_or(u32::MAX)
}
