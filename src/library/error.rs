use std::path::PathBuf;

use crate::config::ConfigError;
use crate::document::{OpenError, SealError};
use crate::format::{EmitError, Format, ScanError};
use crate::io::files::FileError;
use crate::keys::{MasterKeyError, RecoveryError, WrapError};
use crate::metadata::MetadataError;
use crate::operations::{DecryptError, EncryptError, RuleError};
use crate::text::TextError;

/// The reasons why the library does not do what it was asked for.
///
/// No variant holds a value of a file or an identity. The field of a variant says more, and
/// [`std::error::Error::source`] leads to what is behind it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file cannot be read.
    #[error(transparent)]
    File(FileError),
    /// The bytes are no text.
    #[error(transparent)]
    Text(TextError),
    /// The text is not of its format.
    #[error(transparent)]
    Malformed(ScanError),
    /// The file is not encrypted.
    #[error("the file is not encrypted: it has no sops metadata")]
    NotEncrypted,
    /// The file has encrypted values, and no metadata to open them with.
    #[error("the file holds encrypted values, but its sops metadata is missing or empty")]
    MetadataLost,
    /// The metadata of the file cannot be used.
    #[error(transparent)]
    Metadata(MetadataError),
    /// No identity opens the file.
    #[error(transparent)]
    NoIdentity(RecoveryError),
    /// The key groups of the file hold shares that do not belong together.
    #[error("the shares of the key groups do not belong together")]
    ForeignShares,
    /// The file is not the one that was written: a value does not open, or the MAC does not fit.
    #[error(transparent)]
    Altered(OpenError),
    /// The file cannot be decrypted for another reason.
    #[error(transparent)]
    Open(OpenError),
    /// The file is encrypted already, or would be taken for such a file.
    #[error(
        "line {line}: the file has {found}: it is encrypted already, or its content would be taken for metadata"
    )]
    AlreadyEncrypted {
        /// Line of the metadata.
        line: usize,
        /// What is taken for metadata.
        found: &'static str,
    },
    /// The file cannot be encrypted.
    #[error(transparent)]
    Seal(SealError),
    /// The data key cannot be wrapped for every master key.
    #[error(transparent)]
    Wrap(WrapError),
    /// The system's random source failed.
    #[error(transparent)]
    Random(crate::crypto::RandomError),
    /// A name is not that of a master key that can be used.
    #[error(transparent)]
    MasterKey(MasterKeyError),
    /// A text or file has no identity that can be used.
    #[cfg(feature = "age")]
    #[error("the age identities cannot be used: {0}")]
    Identities(#[source] crate::keys::age::Problem),
    /// The configuration cannot be used, or has no rule for the file.
    #[error(transparent)]
    Config(ConfigError),
    /// The configuration has no creation rules at all.
    #[error("config file {} has no creation rules", path.display())]
    NoRules {
        /// The configuration.
        path: PathBuf,
    },
    /// The rule for the file does not say for whom to encrypt.
    #[error("config file {}: {source}", path.display())]
    Rule {
        /// The configuration.
        path: PathBuf,
        /// What is wrong with the rule.
        source: RuleError,
    },
    /// The configuration asks for an indent that no text can have.
    #[error("the indent of {} cannot be {indent}", format.as_str())]
    Indent {
        /// The format.
        format: Format,
        /// The number.
        indent: i64,
    },
    /// The format of the result cannot hold what the file does.
    #[error(transparent)]
    Convert(EmitError),
    /// A path cannot be made absolute.
    #[error("cannot tell where {} is", path.display())]
    Path {
        /// The path.
        path: PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// A binary file is bytes and has no values.
    #[error("a binary file has no values, only bytes")]
    NoValues,
}

impl From<FileError> for Error {
    fn from(error: FileError) -> Self {
        Self::File(error)
    }
}

impl From<TextError> for Error {
    fn from(error: TextError) -> Self {
        Self::Text(error)
    }
}

impl From<DecryptError> for Error {
    fn from(error: DecryptError) -> Self {
        match error {
            DecryptError::Text(error) => Self::Text(error),
            DecryptError::Scan(error) => Self::Malformed(error),
            DecryptError::NotEncrypted | DecryptError::NotWrapped => Self::NotEncrypted,
            DecryptError::MetadataLost => Self::MetadataLost,
            DecryptError::Metadata(error) => Self::Metadata(error),
            DecryptError::Recovery(error) => Self::NoIdentity(error),
            DecryptError::ForeignShares => Self::ForeignShares,
            DecryptError::Open(error) => open_error(error),
        }
    }
}

/// Tells what an attacker or a bad merge can cause from what the format itself cannot do.
fn open_error(error: OpenError) -> Error {
    match error {
        OpenError::Scan(error) => Error::Malformed(error),
        OpenError::NoBytes(error) => Error::Convert(error),
        OpenError::Verification(..) | OpenError::Unprintable(..) | OpenError::Edit(_) => {
            Error::Open(error)
        }
        OpenError::DuplicateMetadata { .. }
        | OpenError::NotEncrypted(..)
        | OpenError::Envelope(..)
        | OpenError::UnknownType(_)
        | OpenError::Cipher(..)
        | OpenError::Value(..)
        | OpenError::CommentAsValue(_)
        | OpenError::NotCovered(_)
        | OpenError::EncryptedAlias(_)
        | OpenError::MacMissing
        | OpenError::MacUnreadable
        | OpenError::MacMismatch => Error::Altered(error),
    }
}

impl From<EncryptError> for Error {
    fn from(error: EncryptError) -> Self {
        match error {
            EncryptError::Text(error) => Self::Text(error),
            EncryptError::Wrap(error) => Self::Wrap(error),
            EncryptError::Seal(SealError::Scan(error)) => Self::Malformed(error),
            EncryptError::Random(error) | EncryptError::Seal(SealError::Random(error)) => {
                Self::Random(error)
            }
            EncryptError::Seal(SealError::AlreadyEncrypted { line, found }) => {
                Self::AlreadyEncrypted { line, found }
            }
            EncryptError::Emit(error) => Self::Convert(error),
            EncryptError::Seal(error) | EncryptError::SealAs { error, .. } => Self::Seal(error),
        }
    }
}
