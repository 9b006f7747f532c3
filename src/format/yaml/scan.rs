mod parts;

use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use granit_parser::{Event as Raw, Parser, ScalarStyle, Span as RawSpan, StructureStyle};

use super::breaks;
use super::gap::{self, Wanted};
use super::resolve::{self, Resolved, Tag};
pub(super) use parts::scan_in_parts;

use crate::format::{ScanError, ScanErrorKind};
use crate::text::Span;
use crate::tree::{Alias, AnchorId, Container, Event, Key, Leaf, LeafValue, Scan, Style, Text};

/// How deep collections may be nested; the scan itself is iterative.
const NESTING_LIMIT: usize = 1000;

/// Reads all documents of a YAML text into events, without its comments.
///
/// # Errors
/// The text is not YAML as the reference reads it (`spec/format.md` §5.2.1).
pub(super) fn scan(source: &str) -> Result<Scan, ScanError> {
    Ok(scan_range(source, 0..source.len(), false)?.scan)
}

/// Reads a piece of a text as if it were the whole, but for the places of its events.
///
/// `is_part` leaves it to the caller to look for repeated keys of the root.
fn scan_range(source: &str, range: Range<usize>, is_part: bool) -> Result<Scanner<'_>, ScanError> {
    let options = granit_parser::options! {
        emit_anchor_events: true,
        emit_comments: false,
        block_scalar_eof_without_line_feed: true,
        flow_nesting_limit: NESTING_LIMIT,
        block_nesting_limit: NESTING_LIMIT,
    };
    let mut scanner = Scanner::new(source, range.start, is_part);
    let mut held: Option<(Raw<'_>, RawSpan)> = None;
    for result in Parser::new_from_str_with_options(&source[range], options) {
        let (event, span) = result.map_err(|error| scanner.syntax_error(&error))?;
        // an anchor comes after its node's event; it is wanted before
        if let Raw::Anchor(id, _) = event {
            scanner.anchor(id, span);
        } else if let Some((node, node_span)) = held.replace((event, span)) {
            scanner.event(node, node_span)?;
        }
    }
    if let Some((node, span)) = held {
        scanner.event(node, span)?;
    }
    Ok(scanner)
}

/// One open collection.
struct Frame {
    container: Container,
    is_flow: bool,
    /// Column of its keys or dashes; flow collections have that of the block around them.
    indent: u32,
    /// Whether the next node is a key.
    expects_key: bool,
    /// Where its keys begin among [`Scanner::keys`], where repeated ones are refused.
    keys: Option<usize>,
    /// The anchor that names the collection; inside it cannot be referred to.
    anchor: Option<AnchorId>,
    /// Whether the latest key is that of the metadata block.
    at_metadata: bool,
}

/// What an anchor names, as far as a key that refers to it needs to know.
#[derive(Clone, Copy)]
enum Anchored {
    Open,
    Collection,
    Scalar(Text, LeafValue),
}

struct Scanner<'s> {
    source: &'s str,
    /// Where the piece begins that is scanned.
    base: usize,
    /// Whether the piece is a part of a document.
    is_part: bool,
    scan: Scan,
    frames: Vec<Frame>,
    /// The keys of all open mappings with their places, in source order.
    keys: Vec<(Text, u32)>,
    anchors: HashMap<AnchorId, Anchored>,
    /// Anchor of the node that is read next, and where it stands.
    pending_anchor: Option<(AnchorId, Span)>,
    /// End of the last token seen.
    cursor: usize,
    documents: usize,
    /// The column of the latest root, if it is a block mapping.
    root_indent: Option<u32>,
}

impl<'s> Scanner<'s> {
    fn new(source: &'s str, base: usize, is_part: bool) -> Self {
        Self {
            source,
            base,
            is_part,
            scan: Scan::default(),
            frames: Vec::new(),
            keys: Vec::new(),
            anchors: HashMap::new(),
            pending_anchor: None,
            cursor: base,
            documents: 0,
            root_indent: None,
        }
    }

    fn anchor(&mut self, id: usize, span: RawSpan) {
        let id = AnchorId(u32::try_from(id).unwrap_or(u32::MAX));
        self.pending_anchor = Some((id, self.bytes(span)));
    }

    fn bytes(&self, span: RawSpan) -> Span {
        let range = span.byte_range().unwrap_or_default();
        Span::new(self.base + range.start, self.base + range.end.max(range.start))
    }

    fn event(&mut self, event: Raw<'s>, raw: RawSpan) -> Result<(), ScanError> {
        match event {
            Raw::DocumentStart(_, version) => self.document(self.bytes(raw), version),
            Raw::Scalar(text, style, _, tag) => self.scalar(text, style, tag.as_deref(), raw),
            Raw::SequenceStart(style, ..) => self.enter(Container::Sequence, style, raw),
            Raw::MappingStart(style, ..) => self.enter(Container::Mapping, style, raw),
            Raw::SequenceEnd | Raw::MappingEnd => self.leave(self.bytes(raw)),
            Raw::Alias(id) => self.alias(id, self.bytes(raw)),
            Raw::DocumentEnd => {
                self.scan.events.push(Event::EndDocument(self.bytes(raw)));
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn syntax_error(&self, error: &granit_parser::ScanError) -> ScanError {
        let offset = error.marker().byte_offset();
        let offset = offset.map_or(self.source.len(), |offset| self.base + offset);
        self.error(offset, ScanErrorKind::Syntax(error.info()))
    }

    fn error(&self, offset: usize, kind: ScanErrorKind) -> ScanError {
        ScanError::at(self.source, offset, kind)
    }

    fn document(
        &mut self,
        span: Span,
        version: Option<granit_parser::YamlVersion>,
    ) -> Result<(), ScanError> {
        if version.is_some_and(|version| (version.major, version.minor) != (1, 1)) {
            return Err(self.error(span.start(), ScanErrorKind::UnsupportedVersion));
        }
        self.documents += 1;
        self.cursor = span.end();
        self.scan.events.push(Event::Document(span));
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
        if self.expects_key() {
            return Err(self.error(span.start(), ScanErrorKind::CollectionAsKey));
        }
        if self.frames.is_empty() && container == Container::Sequence {
            return Err(self.error(span.start(), ScanErrorKind::RootNotMapping("a list")));
        }
        let indent = self.indent_of(container, is_flow, span.start(), raw.start.col());
        let anchor = self.take_anchor();
        self.value_done();
        if let Some(id) = anchor {
            self.anchors.insert(id, Anchored::Open);
        }
        self.note_step(indent, is_flow);
        if self.frames.is_empty() {
            self.root_indent = (!is_flow).then_some(indent);
        }
        let watches_keys = container == Container::Mapping && self.documents == 1;
        self.frames.push(Frame {
            container,
            is_flow,
            indent,
            expects_key: container == Container::Mapping,
            keys: watches_keys.then_some(self.keys.len()),
            anchor,
            at_metadata: false,
        });
        self.cursor = self.cursor.max(span.end());
        self.scan.events.push(Event::Enter { container, span, is_flow });
        Ok(())
    }

    /// Finds the column of a collection's keys or dashes. The parser names the first element, not
    /// the dash, of a sequence whose dashes stand in the column of the keys around it.
    fn indent_of(&self, container: Container, is_flow: bool, start: usize, column: usize) -> u32 {
        let outer = self.frames.last();
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

    /// Notes the indentation step of the document: that of its first nested block.
    fn note_step(&mut self, indent: u32, is_flow: bool) {
        let in_metadata = self.frames.first().is_some_and(|root| root.at_metadata);
        let outer = self.frames.last().filter(|frame| !frame.is_flow);
        let Some(outer) = outer.filter(|_| !is_flow && !in_metadata) else { return };
        let step = indent.saturating_sub(outer.indent);
        if self.scan.indent_step.is_none() && step > 0 {
            self.scan.indent_step = Some(step);
        }
    }

    fn leave(&mut self, span: Span) -> Result<(), ScanError> {
        let frame = self.frames.pop();
        let is_root_of_part = self.is_part && self.frames.is_empty();
        if let Some(from) = frame.as_ref().and_then(|frame| frame.keys).filter(|_| !is_root_of_part)
        {
            self.check_keys(from)?;
        }
        if let Some(Frame { anchor: Some(id), .. }) = frame {
            self.anchors.insert(id, Anchored::Collection);
        }
        self.cursor = self.cursor.max(span.end());
        self.scan.events.push(Event::Leave(span));
        Ok(())
    }

    /// Refuses the first repeated key of a mapping that ends. Sorting all keys at the end takes
    /// less time than a set of each mapping's own.
    fn check_keys(&mut self, from: usize) -> Result<(), ScanError> {
        let (scan, source) = (&self.scan, self.source);
        let keys = &mut self.keys[from..];
        keys.sort_by_key(|(text, _)| scan.bytes(source, *text));
        let is_repeated =
            |pair: &&[(Text, u32)]| scan.bytes(source, pair[0].0) == scan.bytes(source, pair[1].0);
        let repeated = keys.windows(2).filter(is_repeated).map(|pair| pair[1]);
        if let Some((text, offset)) = repeated.min_by_key(|(_, offset)| *offset) {
            let name = scan.str(source, text).into_owned();
            return Err(self.error(offset as usize, ScanErrorKind::DuplicateKey(name)));
        }
        self.keys.truncate(from);
        Ok(())
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
        let resolved = resolve::resolve(&text, style == ScalarStyle::Plain, kind_of(tag))
            .ok_or_else(|| self.error(span.start(), ScanErrorKind::WrongTag))?;
        let tag_span = raw.tag_span().map(|span| self.bytes(span));
        let (text, value) = self.keep(text, span, resolved);
        if self.expects_key() {
            self.check_colon(span)?;
            self.key(text, value, span, None);
            return Ok(());
        }
        if self.frames.is_empty() && value != LeafValue::Null {
            return Err(self.error(span.start(), ScanErrorKind::RootNotMapping("a scalar")));
        }
        let (site, body) = self.site(span, tag_span, style, raw.start.col());
        self.leaf(text, value, site, body, style_of(style));
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

    fn keep(&mut self, text: Cow<'s, str>, span: Span, resolved: Resolved) -> (Text, LeafValue) {
        let text = match text {
            Cow::Borrowed(text) => self.borrowed(text, span),
            Cow::Owned(text) => self.scan.keep(text.into_bytes()),
        };
        let value = match resolved {
            Resolved::Null => LeafValue::Null,
            Resolved::Bool(value) => LeafValue::Bool(value),
            Resolved::Int(number) => LeafValue::Int(number),
            Resolved::Float(number) => LeafValue::Float(number),
            Resolved::Time(time) => LeafValue::Time(self.scan.keep(time.to_string().into_bytes())),
            Resolved::Str => LeafValue::Str(text),
            Resolved::Binary(bytes) => LeafValue::Str(self.scan.keep(bytes)),
            Resolved::TooBig => LeafValue::TooBig,
        };
        (text, value)
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
            _ => self.scan.keep(text.as_bytes()),
        }
    }

    /// Refuses a key in a flow mapping that is not on the line of its colon.
    fn check_colon(&self, key: Span) -> Result<(), ScanError> {
        let is_flow = self.frames.last().is_some_and(|frame| frame.is_flow);
        if !is_flow {
            return Ok(());
        }
        match gap::colon_on_other_line(self.source, self.cursor, key) {
            Some(colon) => Err(self.error(colon, ScanErrorKind::ColonOnOtherLine)),
            None => Ok(()),
        }
    }

    fn key(&mut self, text: Text, value: LeafValue, span: Span, alias: Option<AnchorId>) {
        let is_metadata = self.scan.bytes(self.source, text) == b"sops";
        if self.frames.last().is_some_and(|frame| frame.keys.is_some()) {
            self.keys.push((text, span.start));
        }
        if let Some(id) = self.take_anchor() {
            self.anchors.insert(id, Anchored::Scalar(text, value));
        }
        let is_string = matches!(value, LeafValue::Str(_));
        self.scan.events.push(Event::Key(Key { text, span, is_string, alias }));
        if let Some(frame) = self.frames.last_mut() {
            frame.expects_key = false;
            frame.at_metadata = is_metadata;
        }
        self.cursor = self.cursor.max(span.end());
    }

    fn leaf(&mut self, text: Text, value: LeafValue, site: Span, body: Span, style: Style) {
        if let Some(id) = self.take_anchor() {
            self.anchors.insert(id, Anchored::Scalar(text, value));
        }
        let frame = self.frames.last();
        let leaf = Leaf {
            site,
            body,
            value,
            indent: frame.map_or(0, |frame| frame.indent),
            style,
            in_flow: frame.is_some_and(|frame| frame.is_flow),
            in_sequence: frame.is_some_and(|frame| frame.container == Container::Sequence),
        };
        self.scan.events.push(Event::Leaf(leaf));
        self.value_done();
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

    fn alias(&mut self, id: usize, span: Span) -> Result<(), ScanError> {
        let target = AnchorId(u32::try_from(id).unwrap_or(u32::MAX));
        let anchored = self.anchors.get(&target).copied();
        let is_key = self.expects_key();
        match anchored {
            Some(Anchored::Scalar(text, value)) if is_key => {
                self.check_colon(span)?;
                self.key(text, value, span, Some(target));
                return Ok(());
            }
            Some(Anchored::Collection) if is_key => {
                return Err(self.error(span.start(), ScanErrorKind::CollectionAsKey));
            }
            Some(Anchored::Open) => {
                return Err(self.error(span.start(), ScanErrorKind::AliasOfItself));
            }
            _ => {}
        }
        if self.frames.is_empty() {
            return Err(self.error(span.start(), ScanErrorKind::RootNotMapping("an alias")));
        }
        self.scan.events.push(Event::Alias(Alias { span, target }));
        self.value_done();
        self.cursor = self.cursor.max(span.end());
        Ok(())
    }

    fn expects_key(&self) -> bool {
        self.frames.last().is_some_and(|frame| frame.expects_key)
    }

    /// Emits the anchor of the node that comes next.
    fn take_anchor(&mut self) -> Option<AnchorId> {
        let (id, span) = self.pending_anchor.take()?;
        self.scan.events.push(Event::Anchor(id, span));
        Some(id)
    }

    fn value_done(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            frame.expects_key = frame.container == Container::Mapping;
        }
    }
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
