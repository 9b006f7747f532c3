//! The five file formats behind one face: scan, render, metadata block.
//!
//! Owns what is particular to a format; knows neither keys nor selection.

mod part;
mod pick;
pub mod yaml;

pub use part::{Block, DocumentPart, Rendering};
pub use pick::{PickError, pick};

use crate::text::{Edits, column_of, line_of};
use crate::tree::{Branch, Leaf, Scan, Tree, Value};
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

/// What each format brings of its own. A text of a format that is not built in does not get past
/// [`Format::scan`].
impl Format {
    /// Reads all documents of a text, comments in the places where the reference's tree has them.
    ///
    /// # Errors
    /// The text is not of the format as the reference reads it.
    pub fn scan(self, source: &str) -> Result<Scan, ScanError> {
        match self {
            Self::Yaml => yaml::scan(source),
            _ => Err(ScanError { line: 1, column: 1, kind: ScanErrorKind::NotBuiltIn(self) }),
        }
    }

    /// Finds the documents of a scan and the metadata blocks in them.
    #[must_use]
    pub fn documents(self, source: &str, scan: &Scan) -> Vec<DocumentPart> {
        yaml::block::documents(source, scan)
    }

    /// Reads a metadata block as plain data.
    ///
    /// # Errors
    /// The block is an alias bomb.
    pub fn block_tree(self, source: &str, scan: &Scan, block: &Block) -> Result<Tree, ScanError> {
        yaml::subtree(source, scan, block.events.start + 1)
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
        yaml::block::write(source, part, metadata, yaml::effective_step(indent))
    }

    /// Inserts a block as the last item of a document.
    pub fn insert_block(self, source: &str, part: &DocumentPart, block: &str, edits: &mut Edits) {
        yaml::block::insert(source, part, block, edits);
    }

    /// Removes the metadata block of a document; a document left without content becomes empty.
    pub fn remove_block(self, source: &str, scan: &Scan, part: &DocumentPart, edits: &mut Edits) {
        yaml::block::remove(source, scan, part, edits);
    }

    /// Writes a decrypted value into the site that held its envelope; lines of a block are
    /// indented by `step`.
    #[must_use]
    pub fn render(self, source: &str, leaf: &Leaf, value: &Value, step: usize) -> Rendering {
        yaml::render::value(source, leaf, value, step)
    }

    /// Writes an encrypted value into a leaf's site.
    #[must_use]
    pub fn render_envelope(self, source: &str, leaf: &Leaf, envelope: &str) -> Rendering {
        yaml::render::envelope(source, leaf, envelope)
    }

    /// Writes documents anew, in the reference's own layout. `indent` is the configured step, 0 for
    /// the default.
    #[must_use]
    pub fn emit(self, documents: &[Branch], indent: usize) -> Zeroizing<String> {
        yaml::emit(documents, yaml::effective_step(indent))
    }

    /// Writes a single value anew; the reference knows no configured step here.
    #[must_use]
    pub fn emit_value(self, value: &Branch) -> Zeroizing<String> {
        yaml::emit(std::slice::from_ref(value), yaml::effective_step(0))
    }

    /// Returns the indentation step for new lines of a document: its own, else the configured
    /// one, where 0 stands for the reference's default.
    #[must_use]
    pub fn step(self, scan: &Scan, configured: usize) -> usize {
        scan.indent_step.map_or_else(|| yaml::effective_step(configured), |step| step as usize)
    }
}

/// A text that is not of its format, with the place where that shows.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
#[error("line {line}, column {column}: {kind}")]
pub struct ScanError {
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
    /// What is wrong there.
    pub kind: ScanErrorKind,
}

/// What is wrong with a text; no variant shows a value.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ScanErrorKind {
    /// The text breaks the grammar.
    #[error("{0}")]
    Syntax(String),
    /// A `%YAML` directive asks for another version than 1.1.
    #[error("only YAML 1.1 may be declared")]
    UnsupportedVersion,
    /// A mapping has the same key twice.
    #[error("key {0:?} is defined twice in this mapping")]
    DuplicateKey(String),
    /// A mapping has a collection as key.
    #[error("a mapping or list cannot be a key")]
    CollectionAsKey,
    /// A document is something else than a mapping.
    #[error("the top level is {0}, not a mapping")]
    RootNotMapping(&'static str),
    /// A scalar does not have the type its tag claims.
    #[error("the value does not have the type of its tag")]
    WrongTag,
    /// An alias stands inside the node that it refers to.
    #[error("the alias refers to a node that contains it")]
    AliasOfItself,
    /// A line break of YAML 1.1 stands where the reference and other readers disagree.
    #[error(
        "U+0085, U+2028 or U+2029 stands outside quotes; write it as \\N, \\L or \\P in double quotes"
    )]
    OldLineBreak,
    /// The format is not built in.
    #[error("the format {} is not built in yet", .0.as_str())]
    NotBuiltIn(Format),
    /// The metadata block or a configuration uses an alias bomb.
    #[error("aliases expand to too many values")]
    ExcessiveAliases,
}

impl ScanError {
    /// Makes an error for the byte at `offset` of `source`.
    #[must_use]
    pub fn at(source: &str, offset: usize, kind: ScanErrorKind) -> Self {
        Self { line: line_of(source, offset), column: column_of(source, offset), kind }
    }
}
