use super::seal::Place;
use crate::crypto::{CipherError, EnvelopeError, RandomError};
use crate::format::{EmitError, ScanError};
use crate::text::EditError;
use crate::tree::ValueError;

/// The reasons why a text cannot be encrypted.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    /// The text is not of its format.
    #[error("{0}")]
    Scan(#[from] ScanError),
    /// The text has no document.
    #[error("the file is empty; it must contain at least one document")]
    NoDocument,
    /// The text has comments, but no document.
    #[error("the file holds nothing but comments")]
    OnlyComments,
    /// The text has a metadata block already, or something that would be taken for one.
    #[error(
        "line {line}: the file has {found}: it is encrypted already, or its content would be taken for metadata"
    )]
    AlreadyEncrypted {
        /// Line of the key.
        line: usize,
        /// What is taken for metadata.
        found: &'static str,
    },
    /// A key is no string; the reference cannot encrypt such mappings.
    #[error("{0}: the key is not a string")]
    KeyNotString(Place),
    /// An integer has no encrypted form.
    #[error("{0}: integers from 2^63 to 2^64 cannot be encrypted")]
    IntegerTooBig(Place),
    /// A time has no encrypted form.
    #[error("{0}: times a day or more off UTC cannot be encrypted")]
    TimeOffset(Place),
    /// An alias repeats a value that is to be encrypted, or stands where values are encrypted.
    #[error("{0}: the alias stands for values that are to be encrypted")]
    EncryptedAlias(Place),
    /// An alias in such a place cannot be replaced by a copy.
    #[error(
        "{0}: the alias stands for values that are to be encrypted, and cannot be copied there"
    )]
    AliasNotExpanded(Place),
    /// The layout of the text cannot be kept.
    #[error("the file's layout would not come back byte for byte")]
    Layout,
    /// A value is too long.
    #[error("{0}: {1}")]
    Cipher(Place, #[source] CipherError),
    /// The input cannot be read.
    #[error("the file cannot be read: {0}")]
    Read(#[source] std::io::Error),
    /// A file is so long that its encrypted form could not be read.
    #[error("the file is too long: once encrypted it would have 4 GiB or more")]
    TooLong,
    /// The random source failed.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// An encrypted comment would select or unselect what follows it.
    #[error(
        "{0}: once encrypted, the comments before it match the comment selector differently, so the file could not be decrypted"
    )]
    SelectionChanges(Place),
    /// The result would not be read back as it was meant; nothing is written.
    #[error("{0}: the encrypted text would not be read back as it was meant ({1})")]
    Verification(Place, &'static str),
    /// Edits contradict each other; an internal error.
    #[error("internal error: {0}")]
    Edit(#[from] EditError),
}

/// The reasons why a text cannot be decrypted.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The text is not of its format.
    #[error("{0}")]
    Scan(#[from] ScanError),
    /// A document has two metadata blocks.
    #[error("line {line}: the document has a second sops block")]
    DuplicateMetadata {
        /// Line of the second block.
        line: usize,
    },
    /// A value that must be encrypted is none.
    #[error("{0}: the value must be encrypted, but is {1}")]
    NotEncrypted(Place, &'static str),
    /// A value that must be encrypted is not in the form of one.
    #[error("{0}: {1}")]
    Envelope(Place, #[source] EnvelopeError),
    /// The type word of a value is unknown.
    #[error("{0}: the type of the encrypted value is unknown")]
    UnknownType(Place),
    /// A value does not authenticate.
    #[error("{0}: {1}")]
    Cipher(Place, #[source] CipherError),
    /// A value decrypts to something that is not of its type.
    #[error("{0}: {1}")]
    Value(Place, #[source] ValueError),
    /// A value has no form in the format.
    #[error("{0}: {1} has no form for the value, which is {2}")]
    Unprintable(Place, &'static str, &'static str),
    /// A value of a mapping decrypts to a comment.
    #[error("{0}: a comment stands in the place of a value")]
    CommentAsValue(Place),
    /// A value has no form that the MAC could cover.
    #[error(
        "{0}: integers from 2^63 to 2^64 and times a day or more off UTC cannot be authenticated"
    )]
    NotCovered(Place),
    /// A file in the form of a binary one holds other values than bytes.
    #[error(transparent)]
    NoBytes(EmitError),
    /// An alias stands where values are encrypted.
    #[error("{0}: an alias stands in the place of an encrypted value")]
    EncryptedAlias(Place),
    /// The file has no MAC.
    #[error("the file has no MAC, so its values may have been altered")]
    MacMissing,
    /// The MAC does not authenticate: it or `lastmodified` was altered, or the key is wrong.
    #[error("the MAC does not open: the MAC or lastmodified was altered")]
    MacUnreadable,
    /// The values are not those that the MAC covers.
    #[error("the MAC does not fit the values: something was altered, added, removed or moved")]
    MacMismatch,
    /// The result would not be read back as it was meant; nothing is written.
    #[error("{0}: the decrypted text would not be read back as it was meant ({1})")]
    Verification(Place, &'static str),
    /// Edits contradict each other; an internal error.
    #[error("internal error: {0}")]
    Edit(#[from] EditError),
}
