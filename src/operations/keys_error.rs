use crate::document::RewriteError;
use crate::keys::{RecoveryError, WrapError};

/// The reasons why the master keys of a file cannot be changed.
#[derive(Debug, thiserror::Error)]
pub enum ChangeKeysError {
    /// The data key is out of reach.
    #[error(transparent)]
    Recovery(#[from] RecoveryError),
    /// What was unwrapped does not open the MAC, so it is not the key of the values either.
    #[error(
        "what the file's master keys give opens not even its MAC: an entry, lastmodified or the MAC was altered"
    )]
    WrongDataKey,
    /// The data key cannot be wrapped for every master key.
    #[error(transparent)]
    Wrap(#[from] WrapError),
    /// There is no key group of that number.
    #[error("there is no key group {index}: the file has {count}, numbered from 0")]
    NoSuchGroup {
        /// The number that was given.
        index: usize,
        /// How many groups there are.
        count: usize,
    },
    /// Without the group nobody could decrypt the file.
    #[error("key group {0} is the only one: without it nobody could decrypt the file")]
    OnlyGroup(usize),
    /// Fewer groups would be left than are needed to decrypt.
    #[error("{threshold} key groups are needed to decrypt the file, and {left} would be left")]
    TooFewLeft {
        /// How many are needed.
        threshold: u32,
        /// How many would be left.
        left: usize,
    },
    /// The file cannot be changed in its place.
    #[error(transparent)]
    Rewrite(#[from] RewriteError),
}
