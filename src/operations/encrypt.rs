use crate::crypto::{DataKey, RandomError, Randomness};
use crate::document::{self, SealError, SealOptions, Sealed};
use crate::format::Format;
use crate::keys::{self, MasterKey, WrapError};
use crate::metadata::{FORMAT_VERSION, Metadata, Selector};
use crate::tree::Timestamp;

/// What is to be encrypted, and for whom.
pub struct EncryptRequest<'r> {
    /// The text in clear.
    pub source: &'r str,
    /// Format of the text and of the result.
    pub format: Format,
    /// The master keys, group by group.
    pub key_groups: &'r [Vec<MasterKey>],
    /// How many groups must give their share; 0 for all.
    pub shamir_threshold: u32,
    /// Which values are encrypted.
    pub selector: Selector,
    /// Whether the MAC covers encrypted values only.
    pub mac_only_encrypted: bool,
    /// Indentation step of the metadata block; 0 for the reference's default.
    pub indent: usize,
    /// Whether what decryption would spell otherwise is recorded.
    pub keeps_layout: bool,
    /// The time that is written as `lastmodified`.
    pub now: Timestamp,
}

/// The reasons why a text cannot be encrypted.
#[derive(Debug, thiserror::Error)]
pub enum EncryptError {
    /// The random source failed.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// The data key cannot be wrapped for every master key.
    #[error(transparent)]
    Wrap(#[from] WrapError),
    /// The text itself cannot be encrypted.
    #[error(transparent)]
    Seal(#[from] SealError),
}

/// Encrypts a text under a new data key, wrapped for every master key.
///
/// # Errors
/// The data key cannot be wrapped, or the text cannot be encrypted.
pub fn encrypt(
    request: EncryptRequest<'_>,
    randomness: &mut dyn Randomness,
) -> Result<Sealed, EncryptError> {
    let data_key = DataKey::generate(randomness)?;
    let metadata = Metadata {
        key_groups: keys::wrap(request.key_groups, &data_key)?,
        shamir_threshold: request.shamir_threshold,
        last_modified: request.now.to_second(),
        mac: String::new(),
        layout: None,
        selector: request.selector,
        mac_only_encrypted: request.mac_only_encrypted,
        version: FORMAT_VERSION.to_owned(),
    };
    let EncryptRequest { source, format, indent, keeps_layout, .. } = request;
    let options = SealOptions { format, data_key: &data_key, metadata, indent, keeps_layout };
    Ok(document::seal(source, options, randomness)?)
}
