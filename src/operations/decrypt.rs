use crate::crypto::{DataKey, Strictness};
use crate::document::{self, Document, OpenError, OpenOptions, Opened, OpenedTree};
use crate::format::{Format, ScanError};
use crate::keys::{self, KeyRing, RecoveryError};
use crate::metadata::{KeyType, Metadata, MetadataError};

/// What is to be decrypted, and how.
pub struct DecryptRequest<'r> {
    /// The encrypted text.
    pub source: &'r str,
    /// Format of the text and of the result.
    pub format: Format,
    /// The identities that may open it.
    pub key_ring: &'r KeyRing<'r>,
    /// Which types of master keys are tried first.
    pub order: &'r [KeyType],
    /// Whether a MAC that is missing or does not fit is passed over, with a warning.
    pub ignore_mac: bool,
    /// How closely envelopes must keep to their form.
    pub strictness: Strictness,
    /// Indentation step where the document itself shows none; 0 for the reference's default.
    pub indent: usize,
    /// Whether the original spelling is put back, if the file has a record of it.
    pub keeps_layout: bool,
}

/// A decrypted text with the metadata of its file.
pub struct Decrypted {
    /// The text, its warnings and what a later edit needs.
    pub opened: Opened,
    /// The metadata block.
    pub metadata: Metadata,
}

/// The reasons why a text cannot be decrypted.
#[derive(Debug, thiserror::Error)]
pub enum DecryptError {
    /// The text is not of its format.
    #[error(transparent)]
    Scan(#[from] ScanError),
    /// The text has no metadata block.
    #[error("sops metadata not found: the file is not encrypted")]
    NotEncrypted,
    /// The text has encrypted values, and no metadata block to open them with.
    #[error(
        "sops metadata not found: the file holds encrypted values, but its sops block is missing or empty"
    )]
    MetadataLost,
    /// The metadata block cannot be used.
    #[error(transparent)]
    Metadata(#[from] MetadataError),
    /// No master key opens.
    #[error(transparent)]
    Recovery(#[from] RecoveryError),
    /// The text itself cannot be decrypted.
    #[error(transparent)]
    Open(#[from] OpenError),
}

/// Decrypts a text; nothing is returned before its MAC was checked.
///
/// # Errors
/// The text is not an encrypted one, no identity opens it, or it was altered.
pub fn decrypt(request: &DecryptRequest<'_>) -> Result<Decrypted, DecryptError> {
    let document = Document::parse(request.source, request.format)?;
    let (metadata, data_key) = recover(&document, request)?;
    let opened = document::open(&document, &metadata, &data_key, request.options())?;
    Ok(Decrypted { opened, metadata })
}

/// Decrypts a text to its values, which can be written in any format; nothing is returned before
/// its MAC was checked.
///
/// # Errors
/// As [`decrypt`].
pub fn decrypt_tree<'r>(
    request: &DecryptRequest<'r>,
) -> Result<(OpenedTree<'r>, Metadata), DecryptError> {
    let document = Document::parse(request.source, request.format)?;
    let (metadata, data_key) = recover(&document, request)?;
    let tree = document::open_tree(&document, &metadata, &data_key, request.options())?;
    Ok((tree, metadata))
}

/// Reads the metadata of a document and recovers its data key.
fn recover(
    document: &Document<'_>,
    request: &DecryptRequest<'_>,
) -> Result<(Metadata, DataKey), DecryptError> {
    let metadata = document.metadata()?.ok_or_else(|| without_metadata(request.source))?;
    let data_key = keys::recover(&metadata, request.order, request.key_ring)?;
    Ok((metadata, data_key))
}

impl DecryptRequest<'_> {
    fn options(&self) -> OpenOptions {
        OpenOptions {
            format: self.format,
            ignore_mac: self.ignore_mac,
            strictness: self.strictness,
            indent: self.indent,
            keeps_layout: self.keeps_layout,
        }
    }
}

/// Tells a text in clear from one that was cut off.
fn without_metadata(source: &str) -> DecryptError {
    let marks = [": ENC[AES256_GCM,", "\"ENC[AES256_GCM,", "=ENC[AES256_GCM,", "= ENC[AES256_GCM,"];
    if marks.iter().any(|it| source.contains(it)) {
        DecryptError::MetadataLost
    } else {
        DecryptError::NotEncrypted
    }
}

/// Reads the metadata of a text; nothing if the text has none. Needs no key.
///
/// # Errors
/// The text is not of its format, or its metadata block cannot be used.
pub fn metadata(source: &str, format: Format) -> Result<Option<Metadata>, DecryptError> {
    Ok(Document::parse(source, format)?.metadata()?)
}

/// Tells whether a text is an encrypted one: its metadata can be read and holds a version and a
/// MAC. Needs no key.
///
/// # Errors
/// The text is not of its format, or its metadata block cannot be used.
pub fn file_status(source: &str, format: Format) -> Result<bool, DecryptError> {
    let metadata = metadata(source, format)?;
    Ok(metadata.is_some_and(|metadata| !metadata.mac.is_empty()))
}
