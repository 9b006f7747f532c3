use std::ops::Range;

use crate::text::Span;

/// One document of a text, as far as its metadata block is concerned.
#[derive(Clone, Debug)]
pub struct DocumentPart {
    /// The events of the document, and comments behind its end marker.
    pub events: Range<usize>,
    /// The metadata blocks in it; more than one is an error.
    pub blocks: Vec<Block>,
    pub(super) root: Root,
    /// Where the document's content ends.
    pub(super) end: usize,
}

/// A metadata block in a document.
#[derive(Clone, Debug)]
pub struct Block {
    /// The events of key and value.
    pub events: Range<usize>,
    /// The text of key and value.
    pub span: Span,
}

/// A metadata block of lines, and the places in it of the fields that an edit changes.
#[derive(Clone, Debug, Default)]
pub struct FlatBlock {
    /// The lines.
    pub text: String,
    /// What stands before the name of a field.
    pub prefix: &'static str,
    /// What stands between the name of a field and its text.
    pub equals: &'static str,
    /// To how many letters names are padded.
    pub width: usize,
    /// The fields: name, where it begins, and the place of the text.
    pub fields: Vec<(String, usize, Range<usize>)>,
}

/// How the root of a document is written.
#[derive(Clone, Debug)]
pub(super) enum Root {
    /// A document without content, or with an empty root that the block must replace.
    Empty(Span),
    /// A collection in brackets.
    Flow {
        /// The closing bracket.
        close: Span,
        /// Whether a block needs no comma of its own before it.
        has_comma: bool,
    },
    /// A collection of lines.
    Block {
        /// Where its keys begin.
        column: usize,
    },
    /// An object of JSON.
    Object {
        /// The opening brace.
        opening: Span,
        /// Its last pair, unless it is empty.
        last: Option<LastPair>,
    },
}

/// The last pair of an object, behind which a new one is inserted.
#[derive(Clone, Debug)]
pub(super) struct LastPair {
    /// The blanks between the comma, or the opening brace, and the key.
    pub(super) blanks: Span,
    /// Where the value ends.
    pub(super) end: usize,
}

impl DocumentPart {
    /// Tells whether nothing before a new block is read in another way because of it: it adds a
    /// pair of JSON, or only whole lines behind the document's last line.
    #[must_use]
    pub fn takes_whole_lines(&self, source: &str) -> bool {
        match self.root {
            Root::Object { .. } => true,
            Root::Block { .. } => source.get(..self.end).is_some_and(|text| text.ends_with('\n')),
            Root::Empty(_) | Root::Flow { .. } => false,
        }
    }
}

/// The new text of a leaf: what takes the place of its site, and of its body.
#[derive(Clone, Default)]
pub struct Rendering {
    /// Replaces the site.
    pub site: String,
    /// Replaces the body: the lines of a literal block, each with its line end before it, at the
    /// end of the site's line.
    pub body: String,
}

impl Rendering {
    /// Makes a rendering of one piece.
    pub(super) fn inline(site: String) -> Self {
        Self { site, body: String::new() }
    }
}
