use std::sync::Arc;

use super::convert::{Conversion, carried_over};
use super::decrypt::{self, DecryptError, DecryptRequest};
use super::encrypt::{self, EncryptError, EncryptRequest};
use super::save::ShownBlock;
use crate::crypto::{ClearBytes, DataKey, Randomness};
use crate::document::{self, BlockError, Document, OpenOptions, SealOptions, Unchanged, Warning};
use crate::format::{EmitError, Format, Indent, PickError};
use crate::keys::Surroundings;
use crate::metadata::Metadata;

/// How an encrypted file is opened to be edited.
pub struct EditRequest<'r> {
    /// How it is decrypted.
    pub decrypt: DecryptRequest<'r>,
    /// How new lines are indented.
    pub indent: Indent,
    /// The other format that it is shown in, and gets, if any.
    pub conversion: Option<Conversion>,
    /// Whether the metadata block is shown below the values, and edited with them.
    pub shows_metadata: bool,
}

/// The reasons why a file cannot be shown to be edited.
#[derive(Debug, thiserror::Error)]
pub enum ShowError {
    /// The file cannot be decrypted.
    #[error(transparent)]
    Decrypt(#[from] DecryptError),
    /// A new file cannot be encrypted for its master keys.
    #[error(transparent)]
    Encrypt(#[from] EncryptError),
    /// The file cannot be written in the format in which it is to be shown.
    #[error(transparent)]
    Convert(#[from] PickError),
    /// The metadata block cannot be shown.
    #[error(transparent)]
    Block(#[from] BlockError),
}

/// A file that was opened to be edited.
pub struct Editable<'d> {
    pub(super) shown: ClearBytes,
    /// The metadata block, where it is shown.
    pub(super) block: Option<ShownBlock>,
    /// The file as it was, unless nothing of it is kept: a binary file is encrypted as a whole, one
    /// that gets another format too, and a new one has nothing yet.
    pub(super) old: Option<(&'d Document<'d>, Unchanged<'d>)>,
    pub(super) warnings: Vec<Warning>,
    pub(super) metadata: Metadata,
    pub(super) data_key: &'d DataKey,
    pub(super) surroundings: Surroundings<'d>,
    /// The format that the file has afterwards.
    pub(super) format: Format,
    pub(super) indent: Indent,
    pub(super) keeps_layout: bool,
}

/// Opens an encrypted file and has it edited.
///
/// # Errors
/// The file is not an encrypted one, no identity opens it, it was altered, or cannot be shown.
pub fn edit<T>(
    source: &[u8],
    request: &EditRequest<'_>,
    work: impl FnOnce(&Editable<'_>) -> T,
) -> Result<T, ShowError> {
    let document = decrypt::parse(source, request.decrypt.format)?;
    let (metadata, data_key) = decrypt::recover(&document, &request.decrypt)?;
    let mut editable = open(&document, metadata, &data_key, request)?;
    if request.shows_metadata {
        editable.show_block()?;
    }
    Ok(work(&editable))
}

/// Shows an example of a new file and has it edited. Its data key is wrapped before that.
///
/// # Errors
/// The data key cannot be wrapped for every master key.
pub fn edit_new<T>(
    request: EncryptRequest<'_>,
    shows_metadata: bool,
    randomness: &dyn Randomness,
    work: impl FnOnce(&Editable<'_>) -> T,
) -> Result<T, ShowError> {
    let EncryptRequest { format, indent, keeps_layout, .. } = request;
    let surroundings = Surroundings::new(request.environment, request.now);
    let surroundings = surroundings.telling(Arc::clone(&request.interaction));
    let data_key = DataKey::generate(randomness).map_err(EncryptError::from)?;
    let SealOptions { metadata, .. } = encrypt::seal_options(request, &data_key, randomness)?;
    let mut editable = Editable {
        shown: format.example().as_bytes().to_vec().into(),
        block: None,
        old: None,
        warnings: Vec::new(),
        metadata,
        data_key: &data_key,
        surroundings,
        format,
        indent,
        keeps_layout,
    };
    if shows_metadata {
        editable.show_block()?;
    }
    Ok(work(&editable))
}

fn open<'d>(
    document: &'d Document<'d>,
    metadata: Metadata,
    data_key: &'d DataKey,
    request: &EditRequest<'d>,
) -> Result<Editable<'d>, ShowError> {
    let options = request.decrypt.options();
    let opened = match request.conversion {
        Some(conversion) => converted(document, &metadata, data_key, options, conversion)?,
        None => opened(document, &metadata, data_key, options)
            .map_err(|error| decrypt::open_error(error, &metadata, data_key))?,
    };
    let Opened { shown, unchanged, warnings } = opened;
    let surroundings = request.decrypt.key_ring.surroundings(super::now());
    let (format, indent) = match request.conversion {
        Some(Conversion { format, indent }) => (format, indent),
        None => (request.decrypt.format, request.indent),
    };
    let (metadata, keeps_layout) = match request.conversion {
        Some(_) => carried_over(metadata, request.decrypt.format),
        None => (metadata, true),
    };
    let old = unchanged.map(|unchanged| (document, unchanged));
    Ok(Editable {
        shown,
        block: None,
        old,
        warnings,
        metadata,
        data_key,
        surroundings,
        format,
        indent,
        keeps_layout,
    })
}

/// A decrypted file, to be shown.
struct Opened<'d> {
    shown: ClearBytes,
    unchanged: Option<Unchanged<'d>>,
    warnings: Vec<Warning>,
}

/// Decrypts a file in its own format.
fn opened<'d>(
    document: &'d Document<'_>,
    metadata: &Metadata,
    data_key: &DataKey,
    options: OpenOptions,
) -> Result<Opened<'d>, document::OpenError> {
    if options.format == Format::Binary {
        let opened = document::open_binary(document, None, metadata, data_key, options)?;
        let document::OpenedBinary { bytes, warnings } = opened;
        return Ok(Opened { shown: bytes, unchanged: None, warnings });
    }
    let (opened, unchanged) = document::open_to_change(document, metadata, data_key, options)?;
    let document::Opened { text, warnings } = opened;
    Ok(Opened { shown: text.into(), unchanged: Some(unchanged), warnings })
}

/// Decrypts a file and writes it anew in another format.
fn converted<'d>(
    document: &Document<'_>,
    metadata: &Metadata,
    data_key: &DataKey,
    options: OpenOptions,
    conversion: Conversion,
) -> Result<Opened<'d>, ShowError> {
    let tree = document::open_tree(document, metadata, data_key, options)
        .map_err(|error| decrypt::open_error(error, metadata, data_key))?;
    let Conversion { format, indent } = conversion;
    // the file itself would lose them
    if tree.left_out(format).is_some() {
        let count = document.count();
        return Err(PickError::from(EmitError::SeveralDocuments { count, format }).into());
    }
    let shown = tree.emit(format, indent)?;
    Ok(Opened { shown: shown.into(), unchanged: None, warnings: tree.warnings().to_vec() })
}
