use super::Format;
use crate::tree::Path;

/// The reasons why data has no form in a format; no variant shows a value.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum EmitError {
    /// JSON has no number for NaN and the infinities.
    #[error("{0}: JSON cannot hold NaN or an infinity")]
    NotFinite(Path),
    /// The formats of lines would make a text of null.
    #[error("{path}: the format {} cannot hold null", .format.as_str())]
    Null {
        /// Place of the value.
        path: Path,
        /// The format.
        format: Format,
    },
    /// dotenv holds names with texts, and INI sections with keys: collections fit nowhere else.
    #[error("{path}: the format {} cannot hold {found} here", .format.as_str())]
    Collection {
        /// Place of the collection.
        path: Path,
        /// The format.
        format: Format,
        /// What it is.
        found: &'static str,
    },
    /// A value stands where INI has sections alone.
    #[error("{0}: the format ini cannot hold a value outside of sections")]
    NotSection(Path),
    /// A single value is asked for that is no string.
    #[error("the format {} has no form for a single {found}", .format.as_str())]
    SingleValue {
        /// The format.
        format: Format,
        /// What it is.
        found: &'static str,
    },
    /// A string is not UTF-8.
    #[error("{path}: the format {} cannot hold a string that is not UTF-8", .format.as_str())]
    NotUtf8 {
        /// Place of the value.
        path: Path,
        /// The format.
        format: Format,
    },
    /// A name would be read back as something else.
    #[error("{path}: the format {} cannot hold this name", .format.as_str())]
    Name {
        /// Place of the name.
        path: Path,
        /// The format.
        format: Format,
    },
    /// A mapping or section has a key twice, which would be lost or make the text unreadable.
    #[error("{path}: the format {} cannot hold the same key twice", .format.as_str())]
    Repeated {
        /// Place of the second one.
        path: Path,
        /// The format.
        format: Format,
    },
    /// A comment has a character that the format allows nowhere.
    #[error("the format {} cannot hold the control character of a comment", .0.as_str())]
    Comment(Format),
    /// Several documents hold values, and the format holds only one.
    #[error("the format {} holds one document, but there are {count}", .format.as_str())]
    SeveralDocuments {
        /// How many there are.
        count: usize,
        /// The format.
        format: Format,
    },
    /// An object has nothing that would be the bytes of a binary file.
    #[error("there are no bytes of a binary file: the key data is missing")]
    NoData,
    /// What would be the bytes of a binary file are something else.
    #[error("there are no bytes of a binary file: the key data holds no string")]
    DataNotString,
    /// No quotes of INI can hold a string.
    #[error("{0}: the format ini has no quotes that can hold this string")]
    NoQuotes(Path),
}
