use zeroize::Zeroizing;

use crate::crypto::{ClearBytes, DataKey, Strictness};
use crate::document::{
    self, BinaryContent, Document, OpenError, OpenOptions, Opened, OpenedBinary, Warning,
};
use crate::format::{self, EmitError, Format, PickError, ScanError};
use crate::keys::{self, KeyRing, RecoveryError};
use crate::metadata::{KeyType, Metadata, MetadataError};
use crate::text::{self, TextError};
use crate::tree::Step;

/// What is to be decrypted, and how.
pub struct DecryptRequest<'r> {
    /// The encrypted file.
    pub source: &'r [u8],
    /// Format of the file and of the result.
    pub format: Format,
    /// Where the one value stands that is wanted; all are if there is no path.
    pub extract: Option<&'r [Step]>,
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
}

/// A decrypted file with its metadata.
pub struct Decrypted {
    /// The file in clear, or one value of it.
    pub bytes: ClearBytes,
    /// What deserves attention.
    pub warnings: Vec<Warning>,
    /// The metadata block.
    pub metadata: Metadata,
}

/// The reasons why a file cannot be decrypted.
#[derive(Debug, thiserror::Error)]
pub enum DecryptError {
    /// The file is no text.
    #[error(transparent)]
    Text(#[from] TextError),
    /// The file was taken for an encrypted binary one, and is not even JSON.
    #[error(
        "sops metadata not found: the file is not encrypted, or is of another format than binary"
    )]
    NotWrapped,
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
    /// What the shares of the key groups give opens neither the first value nor the MAC.
    #[error(
        "the shares of the key groups do not belong together: what they give opens neither the values nor the MAC"
    )]
    ForeignShares,
    /// The text itself cannot be decrypted.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The path does not lead to a value that the format has a form for.
    #[error("cannot extract: {0}")]
    Extract(#[source] PickError),
    /// The file is no binary one, but values of JSON.
    #[error(transparent)]
    NoBytes(EmitError),
}

/// Decrypts a file; nothing is returned before its MAC was checked.
///
/// # Errors
/// The file is not an encrypted one, no identity opens it, or it was altered.
pub fn decrypt(request: &DecryptRequest<'_>) -> Result<Decrypted, DecryptError> {
    let DecryptRequest { format, indent, extract, .. } = *request;
    let document = parse(request.source, format)?;
    let source = document.source();
    let metadata = document.metadata()?.ok_or_else(|| without_metadata(source))?;
    let data_key = keys::recover(&metadata, request.order, request.key_ring)?;
    let options = OpenOptions {
        format,
        ignore_mac: request.ignore_mac,
        strictness: request.strictness,
        indent,
        keeps_layout: extract.is_none(),
    };
    let doubt = |error| open_error(error, &metadata, &data_key);
    let (bytes, warnings) = if format == Format::Binary {
        let opened =
            document::open_binary(&document, &metadata, &data_key, options).map_err(doubt)?;
        let OpenedBinary { content, warnings } = opened;
        (binary_bytes(content, extract)?, warnings)
    } else {
        let opened = document::open(&document, &metadata, &data_key, options).map_err(doubt)?;
        let Opened { text, warnings } = opened;
        (text_bytes(text, extract, format, indent)?, warnings)
    };
    Ok(Decrypted { bytes, warnings, metadata })
}

/// Tells a value that was altered from shares that give a wrong data key, which nothing else shows.
pub(super) fn open_error(
    error: OpenError,
    metadata: &Metadata,
    data_key: &DataKey,
) -> DecryptError {
    let is_split = metadata.key_groups.len() > 1;
    let is_closed = matches!(error, OpenError::Cipher(..));
    if is_split && is_closed && !document::opens_mac(metadata, data_key) {
        DecryptError::ForeignShares
    } else {
        DecryptError::Open(error)
    }
}

/// Takes a decrypted text, or a value of it.
fn text_bytes(
    text: Zeroizing<String>,
    extract: Option<&[Step]>,
    format: Format,
    indent: usize,
) -> Result<ClearBytes, DecryptError> {
    match extract {
        None => Ok(text.into()),
        Some(path) => {
            let picked = format::pick(&text, path, format, indent);
            picked.map(ClearBytes::from).map_err(DecryptError::Extract)
        }
    }
}

/// Takes the bytes of a decrypted binary file, or a value of one that holds others.
fn binary_bytes(
    content: BinaryContent,
    extract: Option<&[Step]>,
) -> Result<ClearBytes, DecryptError> {
    let path = extract.unwrap_or_default();
    match content {
        BinaryContent::Bytes(bytes) => {
            format::pick_bytes(&bytes, path).map_err(DecryptError::Extract)?;
            Ok(bytes)
        }
        BinaryContent::Object(text) => {
            let picked = format::pick(&text, path, Format::Binary, 0);
            picked.map(ClearBytes::from).map_err(|error| match error {
                PickError::Emit(error) if extract.is_none() => DecryptError::NoBytes(error),
                error => DecryptError::Extract(error),
            })
        }
    }
}

/// Scans an encrypted file.
pub(super) fn parse(source: &[u8], format: Format) -> Result<Document<'_>, DecryptError> {
    let is_opened = |text: &str| text.trim_ascii_start().starts_with('{');
    match (format, text::decode(source)) {
        (Format::Binary, Err(TextError::NotUtf8 { .. } | TextError::Utf16)) => {
            Err(DecryptError::NotWrapped)
        }
        (Format::Binary, Ok(text)) if !is_opened(text) => Err(DecryptError::NotWrapped),
        (_, text) => Ok(Document::parse(text?, format)?),
    }
}

/// Tells a text in clear from one that was cut off.
pub(super) fn without_metadata(source: &str) -> DecryptError {
    let marks = [": ENC[AES256_GCM,", "\"ENC[AES256_GCM,", "=ENC[AES256_GCM,", "= ENC[AES256_GCM,"];
    if marks.iter().any(|it| source.contains(it)) {
        DecryptError::MetadataLost
    } else {
        DecryptError::NotEncrypted
    }
}

/// Reads the metadata of a file; nothing if the file has none. Needs no key.
///
/// # Errors
/// The file is not of its format, or its metadata block cannot be used.
pub fn metadata(source: &[u8], format: Format) -> Result<Option<Metadata>, DecryptError> {
    Ok(parse(source, format)?.metadata()?)
}

/// Tells whether a file is an encrypted one: its metadata can be read and holds a version and a
/// MAC. Needs no key.
///
/// # Errors
/// The file is not of its format, or its metadata block cannot be used.
pub fn file_status(source: &[u8], format: Format) -> Result<bool, DecryptError> {
    let metadata = metadata(source, format)?;
    Ok(metadata.is_some_and(|metadata| !metadata.mac.is_empty()))
}
