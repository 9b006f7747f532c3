use super::{ini, yaml};
use crate::text::{column_of, line_of};
use crate::tree::AliasBomb;

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
    /// A key in braces begins on another line than its colon, which the reference cannot read.
    #[error("a key in braces must be on one line with its colon")]
    ColonOnOtherLine,
    /// The end marker `...` stands before a document that has no start marker, or before all.
    #[error("a document that follows ... must begin with ---, and nothing may precede the first")]
    MarkerBeforeDocument,
    /// A tab stands where YAML 1.1 has blanks alone.
    #[error("a tab stands in the indentation")]
    TabAsIndentation,
    /// A question mark in brackets is an indicator to the reference and text to YAML 1.2.
    #[error("a question mark must be in quotes within brackets")]
    QuestionMark,
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
    /// A JSON text begins with a byte order mark, which the reference refuses.
    #[error("the file begins with a byte order mark, which JSON does not allow")]
    ByteOrderMark,
    /// A JSON text is something else than an object.
    #[error("the top level is {0}, not an object")]
    RootNotObject(&'static str),
    /// A JSON text ends inside a collection.
    #[error("the text ends here, but the bracket of line {line} is still open")]
    Truncated {
        /// Line of the innermost bracket that is open.
        line: usize,
    },
    /// A JSON text goes on behind its object; the reference would drop the rest.
    #[error("the text goes on after the closing brace")]
    TrailingText,
    /// Collections are nested too deep.
    #[error("collections are nested more than {0} deep")]
    TooDeep(usize),
    /// A number is beyond the range of floats.
    #[error("the number is out of range")]
    NumberOutOfRange,
    /// A line of dotenv is nothing that such a line can be.
    #[error("the line is neither empty nor NAME=value nor a comment, which begins with # at once")]
    NotVariable,
    /// A line of dotenv holds a carriage return alone.
    #[error("the line holds nothing but a carriage return, which is read as text here")]
    LoneReturn,
    /// A text is not YAML as the reference reads it.
    #[error(transparent)]
    Yaml(#[from] yaml::Problem),
    /// A text is not INI.
    #[error(transparent)]
    Ini(#[from] ini::IniError),
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

    /// Makes the error for aliases of `source` that stand for too many values.
    #[must_use]
    pub fn of_bomb(source: &str, bomb: &AliasBomb) -> Self {
        Self::at(source, bomb.span.start(), ScanErrorKind::ExcessiveAliases)
    }
}
