//! Reads any text, with the parser below us.

use std::borrow::Cow;
use std::ops::Range;

use granit_parser::{Event as Raw, ScalarStyle, Span as RawSpan, StructureStyle};

use super::builder::Builder;
use crate::format::yaml::dialect::{Content, Found, Witness};
use crate::format::yaml::gap::{self, Wanted};
use crate::format::yaml::resolve::{self, Tag};
use crate::format::yaml::{NESTING_LIMIT, breaks};
use crate::format::{ScanError, ScanErrorKind};
use crate::text::Span;
use crate::tree::{AnchorId, Container, LeafValue, Style, Text};

/// Reads a piece of a text as if it were the whole, but for the places of its events.
pub(super) fn read(
    source: &str,
    range: Range<usize>,
    is_part: bool,
) -> Result<Builder<'_>, ScanError> {
    let options = granit_parser::options! {
        emit_anchor_events: true,
        emit_comments: false,
        block_scalar_eof_without_line_feed: true,
        flow_nesting_limit: NESTING_LIMIT,
        block_nesting_limit: NESTING_LIMIT,
    };
    let builder = Builder::new(source, is_part);
    let witness = Witness::new(&source[range.clone()])?;
    let mut reader = Reader { builder, source, base: range.start, cursor: range.start, witness };
    let mut held: Option<(Raw<'_>, RawSpan)> = None;
    for result in granit_parser::Parser::new_from_str_with_options(&source[range], options) {
        let (event, span) = result.map_err(|error| reader.syntax_error(&error))?;
        // an anchor comes after its node's event; it is wanted before
        if let Raw::Anchor(id, _) = event {
            let span = reader.bytes(span);
            reader.builder.anchor(anchor_id(id), span);
        } else if let Some((node, node_span)) = held.replace((event, span)) {
            reader.event(node, node_span)?;
        }
    }
    if let Some((node, span)) = held {
        reader.event(node, span)?;
    }
    reader.compare(Content::End, Tag::None)?;
    Ok(reader.builder)
}

struct Reader<'s> {
    builder: Builder<'s>,
    source: &'s str,
    /// Where the piece begins that is read.
    base: usize,
    /// End of the last token seen.
    cursor: usize,
    witness: Witness<'s>,
}

impl<'s> Reader<'s> {
    fn bytes(&self, span: RawSpan) -> Span {
        let range = span.byte_range().unwrap_or_default();
        Span::new(self.base + range.start, self.base + range.end.max(range.start))
    }

    fn event(&mut self, event: Raw<'s>, raw: RawSpan) -> Result<(), ScanError> {
        let span = self.bytes(raw);
        match event {
            Raw::DocumentStart(_, version) => self.document(span, version),
            Raw::Scalar(text, style, _, tag) => self.scalar(text, style, tag.as_deref(), raw),
            Raw::SequenceStart(style, ..) => self.enter(Container::Sequence, style, raw),
            Raw::MappingStart(style, ..) => self.enter(Container::Mapping, style, raw),
            Raw::SequenceEnd | Raw::MappingEnd => {
                self.compare(Content::Leave, Tag::None)?;
                self.passed(span.end());
                self.builder.leave(span)
            }
            Raw::Alias(id) => {
                self.compare(Content::Alias, Tag::None)?;
                self.passed(span.end());
                self.builder.alias(anchor_id(id), span)
            }
            Raw::DocumentEnd => {
                self.compare(Content::EndDocument, Tag::None)?;
                self.builder.end_document(span);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn passed(&mut self, end: usize) {
        self.cursor = self.cursor.max(end);
    }

    /// Compares a node with what the reference sees in its place.
    fn compare(&mut self, content: Content<'_>, tag: Tag) -> Result<(), ScanError> {
        let anchor = self.builder.anchor_ahead();
        let from_base = |span: Span| Span::new(span.start() - self.base, span.end() - self.base);
        let found = Found { content, anchor: anchor.map(from_base), tag };
        self.witness.compare(&found).map_err(|error| self.moved(error))
    }

    /// Makes an error of the piece one of the whole text.
    fn moved(&self, error: ScanError) -> ScanError {
        let lines = self.source[..self.base].matches('\n').count();
        ScanError { line: error.line + lines, ..error }
    }

    /// Says why the text cannot be read: as the reference sees it, if it cannot read it either.
    fn syntax_error(&mut self, error: &granit_parser::ScanError) -> ScanError {
        if let Some(error) = self.witness.fault_ahead() {
            return self.moved(error);
        }
        let offset = error.marker().byte_offset();
        let offset = offset.map_or(self.source.len(), |offset| self.base + offset);
        self.error(offset, ScanErrorKind::Syntax(error.info()))
    }

    fn error(&self, offset: usize, kind: ScanErrorKind) -> ScanError {
        self.builder.error(offset, kind)
    }

    fn document(
        &mut self,
        span: Span,
        version: Option<granit_parser::YamlVersion>,
    ) -> Result<(), ScanError> {
        if version.is_some_and(|version| (version.major, version.minor) != (1, 1)) {
            return Err(self.error(span.start(), ScanErrorKind::UnsupportedVersion));
        }
        self.compare(Content::Document, Tag::None)?;
        self.cursor = span.end();
        self.builder.document(span);
        Ok(())
    }

    fn enter(
        &mut self,
        container: Container,
        style: StructureStyle,
        raw: RawSpan,
    ) -> Result<(), ScanError> {
        let span = self.bytes(raw);
        let is_flow = style == StructureStyle::Flow;
        self.compare(Content::Enter(container), Tag::None)?;
        if self.builder.expects_key() {
            return Err(self.error(span.start(), ScanErrorKind::CollectionAsKey));
        }
        if self.builder.frames.is_empty() && container == Container::Sequence {
            return Err(self.error(span.start(), ScanErrorKind::RootNotMapping("a list")));
        }
        let indent = self.indent_of(container, is_flow, span.start(), raw.start.col());
        self.builder.enter(container, is_flow, span, indent);
        self.passed(span.end());
        Ok(())
    }

    /// Finds the column of a collection's keys or dashes. The parser names the first element, not
    /// the dash, of a sequence whose dashes stand in the column of the keys around it.
    fn indent_of(&self, container: Container, is_flow: bool, start: usize, column: usize) -> u32 {
        let outer = self.builder.frames.last();
        if is_flow {
            return outer.map_or(0, |frame| frame.indent);
        }
        let in_mapping = outer.is_some_and(|frame| frame.container == Container::Mapping);
        let column = if container == Container::Sequence && in_mapping {
            let dash = gap::find(self.source, self.cursor, start, Wanted::Dash).unwrap_or(start);
            gap::column(self.source, dash)
        } else {
            column
        };
        u32::try_from(column).unwrap_or(u32::MAX)
    }

    fn scalar(
        &mut self,
        text: Cow<'s, str>,
        style: ScalarStyle,
        tag: Option<&granit_parser::Tag>,
        raw: RawSpan,
    ) -> Result<(), ScanError> {
        let span = self.bytes(raw);
        let is_missing = style == ScalarStyle::Plain && span.is_empty();
        let text = if is_missing { Cow::Borrowed("") } else { text };
        let text = self.folded(text, style, span)?;
        let tag = kind_of(tag);
        self.compare(Content::Scalar(style_of(style), Cow::Borrowed(&*text)), tag)?;
        let resolved = resolve::resolve(&text, style == ScalarStyle::Plain, tag)
            .ok_or_else(|| self.error(span.start(), ScanErrorKind::WrongTag))?;
        let tag_span = raw.tag_span().map(|span| self.bytes(span));
        let text = self.keep(text, span);
        let value = self.builder.value(text, resolved);
        if self.builder.expects_key() {
            self.builder.key(text, value, span, None);
            self.passed(span.end());
            return Ok(());
        }
        if self.builder.frames.is_empty() && value != LeafValue::Null {
            return Err(self.error(span.start(), ScanErrorKind::RootNotMapping("a scalar")));
        }
        let (site, body) = self.site(span, tag_span, style, raw.start.col());
        self.builder.leaf(text, value, site, body, style_of(style));
        self.cursor = span.end().max(site.end());
        Ok(())
    }

    /// Folds a scalar at the line breaks of YAML 1.1, which it hardly ever has.
    fn folded(
        &self,
        text: Cow<'s, str>,
        style: ScalarStyle,
        span: Span,
    ) -> Result<Cow<'s, str>, ScanError> {
        let is_block = matches!(style, ScalarStyle::Literal | ScalarStyle::Folded);
        let source = span.slice(self.source);
        if is_block || !breaks::has_old_break(source) {
            return Ok(text);
        }
        let folded = breaks::read_folded(source);
        folded.map(Cow::Owned).ok_or_else(|| self.error(span.start(), ScanErrorKind::OldLineBreak))
    }

    fn keep(&mut self, text: Cow<'s, str>, span: Span) -> Text {
        match text {
            Cow::Borrowed(text) => self.borrowed(text, span),
            Cow::Owned(text) => self.builder.scan.keep(text.into_bytes()),
        }
    }

    /// Finds a borrowed text in the source: it begins at its span, behind an opening quote if any.
    fn borrowed(&mut self, text: &str, span: Span) -> Text {
        let piece = span.slice(self.source);
        let offset = usize::from(!piece.starts_with(text));
        match piece.get(offset..) {
            Some(rest) if rest.starts_with(text) => {
                let start = span.start() + offset;
                Text::Source(Span::new(start, start + text.len()))
            }
            _ => self.builder.scan.keep(text.as_bytes()),
        }
    }

    /// Works out what an edit of a scalar replaces: its site, and the body of a block scalar.
    fn site(
        &self,
        span: Span,
        tag: Option<Span>,
        style: ScalarStyle,
        column: usize,
    ) -> (Span, Span) {
        let tag_start = tag.map_or(usize::MAX, Span::start);
        if !matches!(style, ScalarStyle::Literal | ScalarStyle::Folded) {
            return (Span::new(span.start().min(tag_start), span.end()), Span::at(span.end()));
        }
        let header = gap::find(self.source, self.cursor, span.start(), Wanted::BlockHeader);
        let header = gap::header_span(self.source, header.unwrap_or(span.start()));
        let body = gap::body_span(self.source, header, span, column);
        (Span::new(header.start().min(tag_start), header.end()), body)
    }
}

fn anchor_id(id: usize) -> AnchorId {
    AnchorId(u32::try_from(id).unwrap_or(u32::MAX))
}

fn kind_of(tag: Option<&granit_parser::Tag>) -> Tag {
    let Some(tag) = tag else { return Tag::None };
    if let Some(suffix) = tag.suffix_in_namespace("tag:yaml.org,2002:") {
        return Tag::core(&suffix);
    }
    let is_non_specific = tag.original() == "!";
    if is_non_specific { Tag::None } else { Tag::Str }
}

fn style_of(style: ScalarStyle) -> Style {
    match style {
        ScalarStyle::Plain => Style::Plain,
        ScalarStyle::SingleQuoted => Style::SingleQuoted,
        ScalarStyle::DoubleQuoted => Style::DoubleQuoted,
        ScalarStyle::Literal => Style::Literal,
        ScalarStyle::Folded => Style::Folded,
    }
}
