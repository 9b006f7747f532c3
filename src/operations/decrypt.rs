use crate::crypto::{ClearBytes, DataKey, Strictness};
use crate::document::{
    self, BinarySource, Document, Front, OpenError, OpenOptions, OpenedBinary, OpenedTree, Warning,
};
use crate::format::{Format, ScanError};
use crate::keys::{self, KeyRing, RecoveryError};
use crate::metadata::{KeyType, Metadata, MetadataError};
use crate::text::{self, TextError};

/// How a file is to be decrypted.
pub struct DecryptRequest<'r> {
    /// Format of the file.
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

/// A decrypted file with its metadata.
pub struct Decrypted {
    /// The file in clear.
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
}

/// What is waited for where a file is long.
const DECRYPTING: &str = "decrypting the values";

/// Decrypts a file in its own format; nothing is returned before its MAC was checked.
///
/// # Errors
/// The file is not an encrypted one, no identity opens it, or it was altered.
pub fn decrypt(source: &[u8], request: &DecryptRequest<'_>) -> Result<Decrypted, DecryptError> {
    let document = parse(source, request.format)?;
    if request.format == Format::Binary {
        return open_binary(&document, None, request);
    }
    let (metadata, data_key) = recover(&document, request)?;
    let _wait = request.key_ring.wait_for(DECRYPTING);
    let opened = document::open(&document, &metadata, &data_key, request.options())
        .map_err(|error| open_error(error, &metadata, &data_key))?;
    Ok(Decrypted { bytes: opened.text.into(), warnings: opened.warnings, metadata })
}

/// Decrypts a binary file that was decoded while it was read.
///
/// # Errors
/// As [`decrypt`].
pub fn decrypt_binary(
    source: &mut BinarySource,
    request: &DecryptRequest<'_>,
) -> Result<Decrypted, DecryptError> {
    let (text, front) = source.parts();
    open_binary(&parse(text, Format::Binary)?, Some(front), request)
}

fn open_binary(
    document: &Document<'_>,
    front: Option<Front<'_>>,
    request: &DecryptRequest<'_>,
) -> Result<Decrypted, DecryptError> {
    let (metadata, data_key) = recover(document, request)?;
    let _wait = request.key_ring.wait_for(DECRYPTING);
    let options = request.options();
    let opened = document::open_binary(document, front, &metadata, &data_key, options)
        .map_err(|error| open_error(error, &metadata, &data_key))?;
    let OpenedBinary { bytes, warnings } = opened;
    Ok(Decrypted { bytes, warnings, metadata })
}

/// Decrypts a file to its values, which can be written in any format; nothing is returned before
/// its MAC was checked.
///
/// # Errors
/// As [`decrypt`].
pub fn decrypt_tree<'s>(
    source: &'s [u8],
    request: &DecryptRequest<'_>,
) -> Result<(OpenedTree<'s>, Metadata), DecryptError> {
    let document = parse(source, request.format)?;
    let (metadata, data_key) = recover(&document, request)?;
    let _wait = request.key_ring.wait_for(DECRYPTING);
    let tree = document::open_tree(&document, &metadata, &data_key, request.options())
        .map_err(|error| open_error(error, &metadata, &data_key))?;
    Ok((tree, metadata))
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

/// Reads the metadata of a document and recovers its data key.
pub(super) fn recover(
    document: &Document<'_>,
    request: &DecryptRequest<'_>,
) -> Result<(Metadata, DataKey), DecryptError> {
    let metadata = document.metadata()?.ok_or_else(|| without_metadata(document.source()))?;
    let data_key = keys::recover(&metadata, request.order, request.key_ring)?;
    Ok((metadata, data_key))
}

/// A file whose data key is going to be wanted.
pub struct WantedKey<'w> {
    /// The file.
    pub source: &'w [u8],
    /// Its format.
    pub format: Format,
    /// The key ring that is going to open it, and no other file before.
    pub key_ring: &'w KeyRing<'w>,
}

/// Has services elsewhere unwrap the data keys of several files together. What comes of it waits in
/// the key rings until the files are decrypted; a file that cannot be read says so then.
pub fn recover_ahead(files: &[WantedKey<'_>], order: &[KeyType]) {
    let names_service = |file: &&WantedKey<'_>| {
        let name = KeyType::AzureKeyVault.as_str().as_bytes();
        memchr::memmem::find(file.source, name).is_some()
    };
    // reading others twice, or one alone, is in vain
    if files.len() < 2 {
        return;
    }
    let read = files.iter().filter(names_service).filter_map(|file| {
        let metadata = metadata(file.source, file.format).ok().flatten()?;
        Some((metadata, file.key_ring))
    });
    let read: Vec<_> = read.collect();
    let wanted = read.iter().map(|(metadata, key_ring)| (metadata, *key_ring));
    keys::recover_ahead(&wanted.collect::<Vec<_>>(), order);
}

impl DecryptRequest<'_> {
    pub(super) fn options(&self) -> OpenOptions {
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
