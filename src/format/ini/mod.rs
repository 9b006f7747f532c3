//! INI as the reference reads and writes it (`spec/format.md` §5.5): sections of keys with strings,
//! in a dialect with quotes, continued lines and comments that belong to what follows them.
//!
//! Owns the dialect: events, comments and their places, rendering of values and the metadata
//! section. Knows neither keys nor selection.

/// The metadata section.
pub mod block;
mod change;
mod emit;
mod line;
/// The text of values and comments in their places.
pub mod render;
mod scan;
mod value;

pub(super) use change::change;
pub use emit::emit;
pub use scan::{check_clear, scan};

/// The name of the section that holds the keys before the first header.
const FIRST_SECTION: &str = "DEFAULT";

/// The name of the metadata section.
const METADATA: &str = "sops";

/// What is wrong with an INI file; no variant shows a value.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum IniError {
    /// A header has no closing bracket.
    #[error("the section header has no closing bracket")]
    OpenHeader,
    /// A header has nothing in its brackets.
    #[error("the section has no name")]
    NamelessSection,
    /// A line has no delimiter.
    #[error("the line is neither a section header nor a comment nor a key with = or : behind it")]
    NoDelimiter,
    /// A key begins with a quote that does not come again.
    #[error("the quotes of the key are not closed")]
    OpenKey,
    /// Nothing stands before the delimiter.
    #[error("the key is empty")]
    EmptyKey,
    /// A value begins with `"""` or a backtick that does not come again.
    #[error("the quotes of the value are not closed in the rest of the file")]
    OpenValue,
    /// A section has a key twice, of which the reference drops the first.
    #[error("the key {0:?} stands twice in this section, where only the last one would count")]
    DuplicateKey(String),
    /// The reference would write a key as something else.
    #[error("the key {key:?} would become {result} when SOPS writes the file")]
    UnsafeKey {
        /// The key as written.
        key: String,
        /// What becomes of it.
        result: &'static str,
    },
}
