use crate::crypto::{DataKey, RandomError, Randomness};
use crate::document::{self, ClearTree, SealError, SealOptions, Sealed};
use crate::format::{EmitError, Format, Indent};
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
    /// The format of the result cannot hold what the text does.
    #[error(transparent)]
    Emit(#[from] EmitError),
    /// What was written in the format of the result cannot be encrypted; places are those there.
    #[error("written as {}: {error}", .format.as_str())]
    SealAs {
        /// The format of the result.
        format: Format,
        /// Why not.
        #[source]
        error: SealError,
    },
}

/// Encrypts a text under a new data key, wrapped for every master key.
///
/// # Errors
/// The data key cannot be wrapped, or the text cannot be encrypted.
pub fn encrypt(
    request: EncryptRequest<'_>,
    randomness: &mut dyn Randomness,
) -> Result<Sealed, EncryptError> {
    let source = request.source;
    let data_key = DataKey::generate(randomness)?;
    let options = seal_options(request, &data_key)?;
    Ok(document::seal(source, options, randomness)?)
}

/// Encrypts what a text holds as a text of the format `output`, written anew.
///
/// # Errors
/// The format cannot hold it, or as [`encrypt`].
pub fn encrypt_as(
    request: EncryptRequest<'_>,
    output: Format,
    indent: Indent,
    randomness: &mut dyn Randomness,
) -> Result<Sealed, EncryptError> {
    let tree = ClearTree::read(request.source, request.format, output, &request.selector)?;
    let text = tree.emit(output, indent)?;
    let data_key = DataKey::generate(randomness)?;
    let request = EncryptRequest { format: output, indent: indent.step(), ..request };
    let options = seal_options(request, &data_key)?;
    document::seal_as(&tree, &text, options, randomness)
        .map_err(|error| EncryptError::SealAs { format: output, error })
}

fn seal_options<'k>(
    request: EncryptRequest<'_>,
    data_key: &'k DataKey,
) -> Result<SealOptions<'k>, EncryptError> {
    let metadata = Metadata {
        key_groups: keys::wrap(request.key_groups, data_key)?,
        shamir_threshold: request.shamir_threshold,
        last_modified: request.now.to_second(),
        mac: String::new(),
        layout: None,
        selector: request.selector,
        mac_only_encrypted: request.mac_only_encrypted,
        version: FORMAT_VERSION.to_owned(),
    };
    let EncryptRequest { format, indent, keeps_layout, .. } = request;
    Ok(SealOptions { format, data_key, metadata, indent, keeps_layout })
}
