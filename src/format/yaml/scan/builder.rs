use std::collections::HashMap;

use crate::format::yaml::resolve::Resolved;
use crate::format::{ScanError, ScanErrorKind};
use crate::text::Span;
use crate::tree::{Alias, AnchorId, Container, Event, Key, Leaf, LeafValue, Scan, Style, Text};

/// One open collection.
pub(super) struct Frame {
    pub(super) container: Container,
    pub(super) is_flow: bool,
    /// Column of its keys or dashes; flow collections have that of the block around them.
    pub(super) indent: u32,
    /// Whether the next node is a key.
    expects_key: bool,
    /// Where its keys begin among [`Builder::keys`], where repeated ones are refused.
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

/// A key of an open mapping.
#[derive(Clone, Copy)]
struct Name {
    /// Equal for equal texts, and hardly ever for others.
    hash: u64,
    text: Text,
    offset: u32,
}

/// Puts a scan together from the nodes that a reader finds in a text.
pub(super) struct Builder<'s> {
    pub(super) source: &'s str,
    /// Whether the piece is a part of a document, whose root's keys are looked at later.
    is_part: bool,
    pub(super) scan: Scan,
    pub(super) frames: Vec<Frame>,
    /// The keys of all open mappings, in source order.
    keys: Vec<Name>,
    anchors: HashMap<AnchorId, Anchored>,
    /// Anchor of the node that is read next, and where it stands.
    pending_anchor: Option<(AnchorId, Span)>,
    pub(super) documents: usize,
    /// The column of the latest root, if it is a block mapping.
    root_indent: Option<u32>,
}

impl<'s> Builder<'s> {
    /// Begins a scan; `is_part` leaves it to the caller to look for repeated keys of the root.
    pub(super) fn new(source: &'s str, is_part: bool) -> Self {
        Self {
            source,
            is_part,
            scan: Scan::default(),
            frames: Vec::new(),
            keys: Vec::new(),
            anchors: HashMap::new(),
            pending_anchor: None,
            documents: 0,
            root_indent: None,
        }
    }

    pub(super) fn error(&self, offset: usize, kind: ScanErrorKind) -> ScanError {
        ScanError::at(self.source, offset, kind)
    }

    /// Notes the anchor of the node that comes next.
    pub(super) fn anchor(&mut self, id: AnchorId, span: Span) {
        self.pending_anchor = Some((id, span));
    }

    /// Returns where the anchor of the node that comes next stands.
    pub(super) fn anchor_ahead(&self) -> Option<Span> {
        self.pending_anchor.map(|(_, span)| span)
    }

    pub(super) fn document(&mut self, span: Span) {
        self.documents += 1;
        self.scan.events.push(Event::Document(span));
    }

    pub(super) fn end_document(&mut self, span: Span) {
        self.scan.events.push(Event::EndDocument(span));
    }

    /// Begins a collection whose keys or dashes stand in the column `indent`.
    pub(super) fn enter(&mut self, container: Container, is_flow: bool, span: Span, indent: u32) {
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
        self.scan.events.push(Event::Enter { container, span, is_flow });
    }

    /// Notes the indentation step of the document: that of its first nested block.
    fn note_step(&mut self, indent: u32, is_flow: bool) {
        if self.scan.indent_step.is_some() {
            return;
        }
        let in_metadata = self.frames.first().is_some_and(|root| root.at_metadata);
        let outer = self.frames.last().filter(|frame| !frame.is_flow);
        let Some(outer) = outer.filter(|_| !is_flow && !in_metadata) else { return };
        let step = indent.saturating_sub(outer.indent);
        self.scan.indent_step = (step > 0).then_some(step);
    }

    pub(super) fn leave(&mut self, span: Span) -> Result<(), ScanError> {
        self.close_frame()?;
        self.scan.events.push(Event::Leave(span));
        Ok(())
    }

    /// Closes the innermost collection without an event of its own.
    fn close_frame(&mut self) -> Result<(), ScanError> {
        let Some(frame) = self.frames.pop() else { return Ok(()) };
        let is_root_of_part = self.is_part && self.frames.is_empty();
        if let Some(from) = frame.keys.filter(|_| !is_root_of_part) {
            self.check_keys(from)?;
        }
        if let Some(id) = frame.anchor {
            self.anchors.insert(id, Anchored::Collection);
        }
        Ok(())
    }

    /// Refuses the first repeated key of a mapping that ends. Sorting all keys at the end takes
    /// less time than a set of each mapping's own.
    pub(super) fn check_keys(&mut self, from: usize) -> Result<(), ScanError> {
        let keys = &mut self.keys[from..];
        keys.sort_unstable_by_key(|name| name.hash);
        if keys.windows(2).any(|pair| pair[0].hash == pair[1].hash) {
            self.compare_keys(from)?;
        }
        self.keys.truncate(from);
        Ok(())
    }

    fn compare_keys(&mut self, from: usize) -> Result<(), ScanError> {
        let (scan, source) = (&self.scan, self.source);
        let text = |name: &Name| scan.bytes(source, name.text);
        let keys = &mut self.keys[from..];
        keys.sort_unstable_by_key(|name| (text(name), name.offset));
        let repeated = keys.windows(2).filter(|pair| text(&pair[0]) == text(&pair[1]));
        let first = repeated.map(|pair| pair[1]).min_by_key(|name| name.offset);
        let Some(Name { text, offset, .. }) = first else { return Ok(()) };
        let name = scan.str(source, text).into_owned();
        Err(self.error(offset as usize, ScanErrorKind::DuplicateKey(name)))
    }

    /// Gives the value of a resolved scalar, whose text is known already.
    pub(super) fn value(&mut self, text: Text, resolved: Resolved) -> LeafValue {
        match resolved {
            Resolved::Null => LeafValue::Null,
            Resolved::Bool(value) => LeafValue::Bool(value),
            Resolved::Int(number) => LeafValue::Int(number),
            Resolved::Float(number) => LeafValue::Float(number),
            Resolved::Time(time) => LeafValue::Time(self.scan.keep(time.to_string().into_bytes())),
            Resolved::Str => LeafValue::Str(text),
            Resolved::Binary(bytes) => LeafValue::Str(self.scan.keep(bytes)),
            Resolved::TooBig => LeafValue::TooBig,
        }
    }

    pub(super) fn key(
        &mut self,
        text: Text,
        value: LeafValue,
        span: Span,
        alias: Option<AnchorId>,
    ) {
        // a key of `!!binary` is what its text stands for
        let text = if let LeafValue::Str(text) = value { text } else { text };
        let bytes = self.scan.bytes(self.source, text);
        let is_metadata = bytes == b"sops";
        if self.frames.last().is_some_and(|frame| frame.keys.is_some()) {
            self.keys.push(Name { hash: hash(bytes), text, offset: span.start });
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
    }

    pub(super) fn leaf(
        &mut self,
        text: Text,
        value: LeafValue,
        site: Span,
        body: Span,
        style: Style,
    ) {
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

    pub(super) fn alias(&mut self, target: AnchorId, span: Span) -> Result<(), ScanError> {
        let anchored = self.anchors.get(&target).copied();
        let is_key = self.expects_key();
        match anchored {
            Some(Anchored::Scalar(text, value)) if is_key => {
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
        Ok(())
    }

    pub(super) fn expects_key(&self) -> bool {
        self.frames.last().is_some_and(|frame| frame.expects_key)
    }

    /// Emits the anchor of the node that comes next.
    fn take_anchor(&mut self) -> Option<AnchorId> {
        let (id, span) = self.pending_anchor.take()?;
        self.scan.events.push(Event::Anchor(id, span));
        self.scan.has_anchors = true;
        Some(id)
    }

    fn value_done(&mut self) {
        if let Some(frame) = self.frames.last_mut() {
            frame.expects_key = frame.container == Container::Mapping;
        }
    }
}

/// A place where an item of the root begins, and the size of what was read before.
#[derive(Clone, Copy)]
pub(super) struct Checkpoint {
    pub(super) offset: usize,
    events: usize,
    decoded: usize,
    keys: usize,
    indent_step: Option<u32>,
}

impl Builder<'_> {
    /// Notes what was read so far, with nothing but the root open.
    pub(super) fn checkpoint(&self, offset: usize) -> Checkpoint {
        let Scan { events, decoded, indent_step, .. } = &self.scan;
        Checkpoint {
            offset,
            events: events.len(),
            decoded: decoded.len(),
            keys: self.keys.len(),
            indent_step: *indent_step,
        }
    }

    /// Forgets all that was read behind a checkpoint.
    pub(super) fn go_back(&mut self, checkpoint: Checkpoint) {
        self.scan.events.truncate(checkpoint.events);
        self.scan.decoded.truncate(checkpoint.decoded);
        self.scan.indent_step = checkpoint.indent_step;
        self.keys.truncate(checkpoint.keys);
        self.frames.truncate(1);
    }

    /// Opens the root again, to add more items to it.
    pub(super) fn reopen(&mut self) {
        self.scan.events.truncate(self.scan.events.len().saturating_sub(2));
        self.frames.push(Frame {
            container: Container::Mapping,
            is_flow: false,
            indent: 0,
            expects_key: true,
            keys: Some(0),
            anchor: None,
            at_metadata: false,
        });
    }

    /// Tells whether a part is one document with a block mapping in the first column and nothing
    /// that another part could refer to or be cut off by.
    pub(super) fn is_joinable(&self, has_before: bool, has_after: bool) -> bool {
        let events = &self.scan.events;
        let is_free = self.documents == 1 && self.anchors.is_empty() && self.root_indent == Some(0);
        let begins = match events.first() {
            Some(Event::Document(span)) => !has_before || span.is_empty(),
            _ => false,
        };
        let ends = match events.last() {
            Some(Event::EndDocument(span)) => !has_after || span.is_empty(),
            _ => false,
        };
        is_free && begins && ends && !(has_after && self.ends_in_empty_block())
    }

    /// Tells whether a block scalar without content comes last, as value or as key without one.
    /// Where it ends depends on whether something follows.
    fn ends_in_empty_block(&self) -> bool {
        let is_end = |event: &&Event| matches!(event, Event::Leave(_) | Event::EndDocument(_));
        let last = self.scan.events.iter().rev().skip_while(is_end).take(2);
        last.into_iter().any(|event| {
            let (text, is_block) = match event {
                Event::Key(key) => {
                    (key.text, !key.span.slice(self.source).starts_with(['"', '\'']))
                }
                Event::Leaf(Leaf { value: LeafValue::Str(text), style, .. }) => {
                    (*text, matches!(style, Style::Literal | Style::Folded))
                }
                _ => return false,
            };
            is_block && self.scan.bytes(self.source, text).iter().all(|byte| *byte == b'\n')
        })
    }

    /// Adds the items of a part that follows, and the end of the document as it has it.
    pub(super) fn join(&mut self, part: Self) {
        if self.documents == 0 {
            *self = part;
            return;
        }
        let shift = u32::try_from(self.scan.decoded.len()).unwrap_or(u32::MAX);
        self.frames.clear();
        self.scan.indent_step = self.scan.indent_step.or(part.scan.indent_step);
        self.scan.decoded.extend(part.scan.decoded);
        let moved_name = |name: Name| Name { text: moved(name.text, shift), ..name };
        self.keys.extend(part.keys.into_iter().map(moved_name));
        // the part's own beginnings of document and root
        let events = &part.scan.events[2..];
        if shift == 0 {
            self.scan.events.extend_from_slice(events);
        } else {
            self.scan.events.extend(events.iter().map(|event| moved_event(*event, shift)));
        }
    }
}

/// Gives a text the number that it has behind `shift` others.
fn moved(text: Text, shift: u32) -> Text {
    match text {
        Text::Decoded(number) => Text::Decoded(number.saturating_add(shift)),
        Text::Source(_) => text,
    }
}

fn moved_event(mut event: Event, shift: u32) -> Event {
    match &mut event {
        Event::Key(key) => key.text = moved(key.text, shift),
        Event::Leaf(leaf) => match &mut leaf.value {
            LeafValue::Str(text) | LeafValue::Time(text) => *text = moved(*text, shift),
            _ => {}
        },
        _ => {}
    }
    event
}

/// Mixes a text into a number that tells it from others; a match must be looked at.
fn hash(text: &[u8]) -> u64 {
    let mix =
        |hash: u64, word: u64| (hash.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let mut words = text.chunks_exact(8);
    let mut hash = text.len() as u64;
    for word in &mut words {
        hash = mix(hash, word.try_into().map_or(0, u64::from_le_bytes));
    }
    words.remainder().iter().fold(hash, |hash, byte| mix(hash, u64::from(*byte)))
}
