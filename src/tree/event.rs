use std::collections::HashMap;
use std::ops::Range;

use crate::text::Span;

/// A text of the document: a piece of the source, or a decoded copy kept by the [`Scan`].
///
/// Look it up with [`Scan::bytes`] or [`Scan::str`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Text {
    /// The text is exactly this piece of the source.
    Source(Span),
    /// The text had escapes or folds; this is its number among the decoded copies.
    Decoded(u32),
}

/// The number of an anchor; each definition has its own, also of a repeated name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AnchorId(pub u32);

/// The kind of a collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Container {
    /// An ordered list of keys with values.
    Mapping,
    /// An ordered list of values.
    Sequence,
}

/// How a scalar is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// Without quotes.
    Plain,
    /// In `'…'`.
    SingleQuoted,
    /// In `"…"`.
    DoubleQuoted,
    /// After `|`.
    Literal,
    /// After `>`.
    Folded,
}

/// The typed value of a leaf as it stands in the source (`spec/format.md` §1.3).
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum LeafValue {
    /// No value; also what an empty place means.
    Null,
    /// A truth value.
    Bool(bool),
    /// A signed 64-bit integer.
    Int(i64),
    /// A 64-bit float.
    Float(f64),
    /// A time; the text is its canonical RFC 3339 form.
    Time(Text),
    /// A string, which need not be UTF-8.
    Str(Text),
    /// An integer of [2^63, 2^64), which has no encrypted form.
    TooBig,
}

/// A mapping key.
#[derive(Clone, Copy, Debug)]
pub struct Key {
    /// The key's text.
    pub text: Text,
    /// The key as written, without anchor and tag.
    pub span: Span,
    /// Whether the key is a string; other keys cannot be encrypted.
    pub is_string: bool,
    /// The anchor that gives the key its text, where the key is written as an alias.
    pub alias: Option<AnchorId>,
}

/// A scalar value or sequence element.
#[derive(Clone, Copy, Debug)]
pub struct Leaf {
    /// What an edit of this leaf replaces: tag, quotes and block header included, anchor not.
    ///
    /// Empty for a value that is not written at all; only the header of a block scalar.
    pub site: Span,
    /// The lines of a block scalar: from the end of the header's line to the end of its last line
    /// of content. Empty for all other scalars.
    pub body: Span,
    /// What the leaf means.
    pub value: LeafValue,
    /// Column of the innermost enclosing block collection (its keys or dashes).
    pub indent: u32,
    /// How the leaf is written.
    pub style: Style,
    /// Whether the leaf stands inside a flow collection.
    pub in_flow: bool,
    /// Whether the leaf is an element of a block sequence.
    pub in_sequence: bool,
}

/// A comment: one line, or all that INI takes for the comment of one item.
#[derive(Clone, Copy, Debug)]
pub struct Comment {
    /// The comment as written, from its comment character on and without the last line end; empty
    /// where it would stand if all of it stands at the end of its item's line.
    pub span: Span,
    /// What stands at the end of the item's line and belongs to the comment too (INI alone).
    pub tail: Span,
    /// The text behind the comment character.
    pub text: Text,
    /// Whether the comment is an element of a sequence rather than an item of a mapping.
    pub in_sequence: bool,
    /// Whether the comment stands at the end of its value's line.
    pub is_inline: bool,
    /// Whether the reference's tree has this comment at all (`spec/yaml-comments.md` §10).
    pub is_in_tree: bool,
}

impl Comment {
    /// Makes a comment of one line, whose comment character has one byte.
    #[must_use]
    pub fn line(span: Span) -> Self {
        let text = Span::new(span.end().min(span.start() + 1), span.end());
        Self {
            span,
            tail: Span::at(span.end()),
            text: Text::Source(text),
            in_sequence: false,
            is_inline: false,
            is_in_tree: true,
        }
    }
}

/// A reference to an anchored node.
#[derive(Clone, Copy, Debug)]
pub struct Alias {
    /// The alias as written.
    pub span: Span,
    /// The anchor that it refers to.
    pub target: AnchorId,
}

/// One step of a walk through all documents of a text, in the order of the reference's tree.
///
/// That order is the order of the source but for comments, which stand where the reference has
/// them (`spec/yaml-comments.md` §7). Each node is one [`Event::Leaf`], one [`Event::Alias`], or
/// one [`Event::Enter`] with its content and [`Event::Leave`]; an [`Event::Anchor`] right before
/// it names it. In mappings each node follows its [`Event::Key`], comments standing before the
/// key or after the node.
#[derive(Clone, Copy, Debug)]
pub enum Event {
    /// Begins a document; the span is empty or covers its start marker.
    Document(Span),
    /// Begins a collection; the span covers its bracket, or is empty at its first key or dash.
    Enter {
        /// Mapping or sequence.
        container: Container,
        /// Where it begins.
        span: Span,
        /// Whether it is written in brackets.
        is_flow: bool,
    },
    /// Names the value that follows.
    Key(Key),
    /// A scalar.
    Leaf(Leaf),
    /// A reference to an earlier node.
    Alias(Alias),
    /// Names the node or key that follows; the span covers the anchor as written.
    Anchor(AnchorId, Span),
    /// A comment.
    Comment(Comment),
    /// Ends the innermost collection; the span covers its bracket, or is empty behind its last
    /// content.
    Leave(Span),
    /// Ends a document; the span covers its end marker, or is empty where the next document or the
    /// end of the text begins.
    EndDocument(Span),
}

/// A scanned text: its events and the decoded texts they refer to.
#[derive(Clone, Debug, Default)]
pub struct Scan {
    /// All events of all documents.
    pub events: Vec<Event>,
    /// Decoded texts, by number.
    pub decoded: Vec<Box<[u8]>>,
    /// By how many columns the first nested block is indented, the metadata block not counted.
    pub indent_step: Option<u32>,
    /// Whether anything has a name; without one there are no aliases either.
    pub has_anchors: bool,
}

impl Scan {
    /// Returns the bytes of a text of this scan.
    #[must_use]
    #[inline]
    pub fn bytes<'a>(&'a self, source: &'a str, text: Text) -> &'a [u8] {
        match text {
            Text::Source(span) => source.as_bytes().get(span.range()).unwrap_or_default(),
            Text::Decoded(number) => self.decoded.get(number as usize).map_or(&[], |text| text),
        }
    }

    /// Returns a text of this scan, with U+FFFD for what is not UTF-8.
    #[must_use]
    #[inline]
    pub fn str<'a>(&'a self, source: &'a str, text: Text) -> std::borrow::Cow<'a, str> {
        match text {
            Text::Source(span) => span.slice(source).into(),
            Text::Decoded(_) => String::from_utf8_lossy(self.bytes(source, text)),
        }
    }

    /// Keeps a decoded text and returns its handle.
    pub fn keep(&mut self, text: impl Into<Box<[u8]>>) -> Text {
        let number = u32::try_from(self.decoded.len()).unwrap_or(u32::MAX);
        self.decoded.push(text.into());
        Text::Decoded(number)
    }

    /// Finds the events of each anchored node.
    #[must_use]
    pub fn anchored_nodes(&self) -> HashMap<AnchorId, Range<usize>> {
        let mut nodes = HashMap::new();
        if !self.has_anchors {
            return nodes;
        }
        let mut open: Vec<(usize, Option<AnchorId>)> = Vec::new();
        let mut anchor = None;
        for (at, event) in self.events.iter().enumerate() {
            match event {
                Event::Anchor(id, _) => anchor = Some(*id),
                Event::Enter { .. } => open.push((at, anchor.take())),
                Event::Leave(_) => {
                    if let Some((start, Some(id))) = open.pop() {
                        nodes.insert(id, start..at + 1);
                    }
                }
                Event::Leaf(_) | Event::Key(_) => {
                    if let Some(id) = anchor.take() {
                        nodes.insert(id, at..at + 1);
                    }
                }
                _ => {}
            }
        }
        nodes
    }
}
