//! The five file formats behind one face: scan, render, metadata block.
//!
//! Owns what is particular to a format; knows neither keys nor selection.

pub mod binary;
mod change;
mod data;
pub mod dotenv;
mod emit_error;
mod example;
mod fields;
mod indent;
pub mod ini;
pub mod json;
mod part;
mod pick;
mod plain;
mod scan_error;
mod steps;
pub mod yaml;

pub use change::{
    Change, ChangeError, ChangeStyle, change, is_equal, outcome, values, without_comments,
};
pub use data::subtree;
pub use emit_error::EmitError;
pub use fields::{Field, is_same};
pub use indent::Indent;
pub use part::{Block, DocumentPart, FlatBlock, Rendering};
pub use pick::{PickError, pick};
pub use plain::{data_text, text as plain_text};
pub use scan_error::{ScanError, ScanErrorKind};
pub use steps::{StepError, Steps};

use std::borrow::Cow;

use crate::metadata::MetadataError;
use crate::text::{Edits, Span, end_of_line, start_of_line};
use crate::tree::{Branch, Comment, Leaf, Part, Scan, Tree, Value};
use zeroize::Zeroizing;

/// A file format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Format {
    /// YAML.
    Yaml,
    /// JSON.
    Json,
    /// Lines of `NAME=value`.
    Dotenv,
    /// INI sections.
    Ini,
    /// Any bytes, wrapped in JSON when encrypted.
    Binary,
}

impl Format {
    /// Reads a format's name as `--input-type` takes it.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "yaml" => Self::Yaml,
            "json" => Self::Json,
            "dotenv" => Self::Dotenv,
            "ini" => Self::Ini,
            "binary" => Self::Binary,
            _ => return None,
        })
    }

    /// Tells the format from the end of a path, by letter case; binary when nothing fits.
    #[must_use]
    pub fn of_path(path: &str) -> Self {
        let ends: [(&str, Self); 5] = [
            (".yaml", Self::Yaml),
            (".yml", Self::Yaml),
            (".json", Self::Json),
            (".env", Self::Dotenv),
            (".ini", Self::Ini),
        ];
        ends.into_iter().find(|(end, _)| path.ends_with(end)).map_or(Self::Binary, |(_, it)| it)
    }

    /// Returns the format's name.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Yaml => "yaml",
            Self::Json => "json",
            Self::Dotenv => "dotenv",
            Self::Ini => "ini",
            Self::Binary => "binary",
        }
    }
}

/// What each format brings of its own. A text of the binary format is an encrypted one: JSON; the
/// bytes in clear are none.
impl Format {
    /// Reads all documents of a text, comments in the places where the reference's tree has them.
    ///
    /// # Errors
    /// The text is not of the format as the reference reads it.
    pub fn scan(self, source: &str) -> Result<Scan, ScanError> {
        match self {
            Self::Yaml => yaml::scan(source),
            Self::Json | Self::Binary => json::scan(source),
            Self::Dotenv => dotenv::scan(source),
            Self::Ini => ini::scan(source),
        }
    }

    /// Refuses what the reference could not read once it is encrypted.
    ///
    /// # Errors
    /// The text holds such a thing.
    pub fn check_clear(self, source: &str, scan: &Scan) -> Result<(), ScanError> {
        match self {
            Self::Yaml => yaml::check_clear(source, scan),
            Self::Ini => ini::check_clear(source, scan),
            _ => Ok(()),
        }
    }

    /// Finds the documents of a scan and the metadata blocks in them.
    #[must_use]
    pub fn documents(self, source: &str, scan: &Scan) -> Vec<DocumentPart> {
        match self {
            Self::Json | Self::Binary => json::block::documents(source, scan),
            Self::Dotenv => dotenv::block::documents(source, scan),
            Self::Ini => ini::block::documents(source, scan),
            Self::Yaml => yaml::block::documents(source, scan),
        }
    }

    /// Names what is taken for metadata, for messages.
    #[must_use]
    pub fn block_name(self) -> &'static str {
        match self {
            Self::Yaml | Self::Json | Self::Binary => "a top-level key sops",
            Self::Dotenv => "a variable whose name begins with sops_",
            Self::Ini => "a section sops",
        }
    }

    /// Reads a metadata block as plain data.
    ///
    /// # Errors
    /// The block is an alias bomb, or its names contradict each other.
    pub fn block_tree(
        self,
        source: &str,
        scan: &Scan,
        block: &Block,
    ) -> Result<Tree, MetadataError> {
        match self {
            Self::Dotenv => dotenv::block::tree(source, scan, block),
            Self::Ini => ini::block::tree(source, scan, block),
            _ => {
                subtree(source, scan, block.events.start + 1).map_err(|_| MetadataError::AliasBomb)
            }
        }
    }

    /// Takes a metadata block of lines; nothing in formats where it is nested.
    #[must_use]
    pub fn flat_block(self, source: &str, scan: &Scan, block: &Block) -> Option<FlatBlock> {
        match self {
            Self::Dotenv => Some(dotenv::block::flat(source, scan, block)),
            Self::Ini => Some(ini::block::flat(source, scan, block)),
            _ => None,
        }
    }

    /// Writes a metadata block for a document of `source`, as it is inserted by
    /// [`Self::insert_block`]. `indent` is the configured step, 0 for the default.
    #[must_use]
    pub fn write_block(
        self,
        source: &str,
        part: &DocumentPart,
        metadata: &Tree,
        indent: usize,
    ) -> String {
        match self {
            Self::Json | Self::Binary => {
                let indent = Indent::of_step(indent);
                json::block::write(source, part, metadata, indent)
            }
            Self::Dotenv => dotenv::block::write(metadata),
            Self::Ini => ini::block::write(source, metadata),
            Self::Yaml => yaml::block::write(source, part, metadata, yaml::effective_step(indent)),
        }
    }

    /// Inserts a block as the last item of a document.
    pub fn insert_block(self, source: &str, part: &DocumentPart, block: &str, edits: &mut Edits) {
        match self {
            Self::Json | Self::Binary => json::block::insert(source, part, block, edits),
            Self::Dotenv => dotenv::block::insert(source, block, edits),
            Self::Ini => ini::block::insert(source, block, edits),
            Self::Yaml => yaml::block::insert(source, part, block, edits),
        }
    }

    /// Removes the metadata block of a document; a document left without content becomes empty.
    pub fn remove_block(self, source: &str, scan: &Scan, part: &DocumentPart, edits: &mut Edits) {
        match self {
            Self::Dotenv => dotenv::block::remove(source, scan, part, edits),
            Self::Ini => ini::block::remove(source, part, edits),
            Self::Json | Self::Binary => json::block::remove(source, scan, part, edits),
            Self::Yaml => yaml::block::remove(source, scan, part, edits),
        }
    }

    /// Tells whether a metadata block consists of whole lines.
    #[must_use]
    pub fn has_line_blocks(self) -> bool {
        !matches!(self, Self::Json | Self::Binary)
    }

    /// Returns what a new text of a metadata block replaces.
    #[must_use]
    pub fn block_span(self, source: &str, block: &Block) -> Span {
        if !self.has_line_blocks() {
            return block.span;
        }
        let start = start_of_line(source, block.span.start());
        Span::new(start, end_of_line(source, block.span.end()))
    }

    /// Tells whether comments can stand in a text. Where they cannot, the reference keeps encrypted
    /// ones as list elements, and leaves them out when it decrypts.
    #[must_use]
    pub fn has_comments(self) -> bool {
        !matches!(self, Self::Json | Self::Binary)
    }

    /// Tells whether everything is read alike with a metadata block behind it, comments too.
    #[must_use]
    pub fn has_fixed_comments(self) -> bool {
        matches!(self, Self::Dotenv | Self::Ini)
    }

    /// Removes list elements, given by their events in order, from a text that has no comments.
    pub fn remove_elements(self, source: &str, scan: &Scan, events: &[usize], edits: &mut Edits) {
        json::elements::remove(source, scan, events, edits);
    }

    /// Names what a value is, if the format has no form for it.
    #[must_use]
    pub fn unprintable(self, value: &Value) -> Option<&'static str> {
        match (self, value) {
            (Self::Json | Self::Binary, Value::Float(number)) if !number.is_finite() => {
                Some("NaN or an infinity")
            }
            (Self::Json | Self::Binary | Self::Dotenv | Self::Ini, Value::Str(bytes))
                if std::str::from_utf8(bytes).is_err() =>
            {
                Some("a string that is not UTF-8")
            }
            (Self::Ini, value) if !ini::render::is_possible(value) => {
                Some("a string that no quotes can hold")
            }
            _ => None,
        }
    }

    /// Writes a decrypted value into the site that held its envelope; lines of a block are
    /// indented by `step`.
    #[must_use]
    pub fn render(self, source: &str, leaf: &Leaf, value: &Value, step: usize) -> Rendering {
        match self {
            Self::Json | Self::Binary => json::render::value(value),
            Self::Dotenv => dotenv::render::value(value),
            Self::Ini => ini::render::value(source, leaf, value),
            Self::Yaml => yaml::render::value(source, leaf, value, step),
        }
    }

    /// Returns what a decrypted value is read back as from its rendering.
    #[must_use]
    pub fn read_back(self, value: &Value) -> Cow<'_, Value> {
        match (self, value) {
            (Self::Dotenv, _) => Cow::Owned(dotenv::render::read_back(value)),
            (Self::Ini, _) => Cow::Owned(Value::str(plain::text(value))),
            (Self::Json | Self::Binary, Value::Time(time)) => {
                Cow::Owned(Value::str(time.to_string()))
            }
            _ => Cow::Borrowed(value),
        }
    }

    /// Tells whether a string that is rendered is surely read back as it was.
    #[must_use]
    pub fn keeps_string(self, bytes: &[u8]) -> bool {
        let has_escape = || memchr::memchr(b'\\', bytes).is_some();
        self != Self::Dotenv || !has_escape() && std::str::from_utf8(bytes).is_ok()
    }

    /// Tells at a glance whether [`Self::render`] writes a string into a leaf's site as it is;
    /// a doubt is no.
    #[must_use]
    pub fn is_surely_plain(self, source: &str, leaf: &Leaf, text: &str) -> bool {
        match self {
            Self::Yaml => yaml::render::is_surely_plain(source, leaf, text),
            Self::Dotenv => !text.contains('\n'),
            Self::Ini => ini::render::is_plain(text),
            Self::Json | Self::Binary => false,
        }
    }

    /// Returns what stands before and behind an encrypted value in a leaf's site.
    #[must_use]
    pub fn around_envelope(self, source: &str, leaf: &Leaf) -> (Cow<'static, str>, &'static str) {
        match self {
            // an envelope holds nothing that needs an escape
            Self::Json | Self::Binary => ("\"".into(), "\""),
            Self::Dotenv | Self::Ini => ("".into(), ""),
            Self::Yaml => yaml::render::around_envelope(source, leaf),
        }
    }

    /// Puts an envelope or a decrypted text into the place of a comment.
    pub fn replace_comment(self, source: &str, comment: &Comment, text: &str, edits: &mut Edits) {
        match self {
            Self::Ini => ini::render::replace_comment(source, comment, text, edits),
            Self::Dotenv => edits.replace(comment.span, dotenv::render::comment(text)),
            _ => edits.replace_with(comment.span, |output| {
                output.push('#');
                output.push_str(text);
            }),
        }
    }

    /// Writes documents anew, in the reference's own layout; JSON and dotenv hold the first one only.
    /// For a binary file that is the JSON that is to be encrypted.
    ///
    /// # Errors
    /// A value has no form in the format.
    pub fn emit(
        self,
        documents: &[Branch],
        indent: Indent,
    ) -> Result<Zeroizing<String>, EmitError> {
        match self {
            Self::Json | Self::Binary => json::emit_document(documents, indent),
            Self::Dotenv => dotenv::emit(documents),
            Self::Ini => ini::emit(documents),
            Self::Yaml => {
                self.check_readable(documents)?;
                Ok(yaml::emit(documents, yaml::effective_step(indent.step())))
            }
        }
    }

    /// Writes documents anew like [`Self::emit`]; for a binary file, the bytes in them.
    ///
    /// # Errors
    /// A value has no form in the format, or there are no bytes.
    pub fn emit_bytes(
        self,
        documents: &[Branch],
        indent: Indent,
    ) -> Result<Zeroizing<Vec<u8>>, EmitError> {
        if self == Self::Binary {
            return binary::emit(documents);
        }
        let mut text = self.emit(documents, indent)?;
        Ok(std::mem::take(&mut *text).into_bytes().into())
    }

    /// Writes a single value anew, in INI as JSON on one line; the reference knows no configured step
    /// for YAML here.
    ///
    /// # Errors
    /// The value has no form in the format.
    pub fn emit_value(
        self,
        value: &Branch,
        indent: Indent,
    ) -> Result<Zeroizing<String>, EmitError> {
        match self {
            Self::Json => json::emit(value, indent),
            Self::Ini => json::emit_compact(value),
            Self::Dotenv | Self::Binary => {
                Err(EmitError::SingleValue { format: self, found: value.kind() })
            }
            Self::Yaml => {
                let value = std::slice::from_ref(value);
                self.check_readable(value)?;
                Ok(yaml::emit(value, yaml::effective_step(0)))
            }
        }
    }

    /// Refuses what could not be read again: a key twice in a mapping of the first document
    /// (`spec/format.md` §5.2.1), and control characters in comments, which have no escapes.
    fn check_readable(self, documents: &[Branch]) -> Result<(), EmitError> {
        if let Some(path) = documents.first().and_then(Branch::repeated_key) {
            return Err(EmitError::Repeated { path, format: self });
        }
        let is_unreadable = |part: &Part| match part {
            Part::Comment(comment) => yaml::holds_control_character(&comment.text),
            _ => false,
        };
        if documents.iter().flat_map(Branch::parts).any(is_unreadable) {
            return Err(EmitError::Comment(self));
        }
        Ok(())
    }

    /// Tells whether a text can hold several documents. INI holds the sections of all.
    #[must_use]
    pub fn holds_documents(self) -> bool {
        matches!(self, Self::Yaml | Self::Ini)
    }

    /// Returns the indentation step for new lines of a document: its own, else the configured
    /// one, where 0 stands for the reference's default.
    #[must_use]
    pub fn step(self, scan: &Scan, configured: usize) -> usize {
        scan.indent_step.map_or_else(|| yaml::effective_step(configured), |step| step as usize)
    }
}
