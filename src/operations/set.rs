use super::convert::{Conversion, Converted, carried_over};
use super::decrypt::{DecryptError, open_error, parse, without_metadata};
use super::encrypt::EncryptError;
use crate::crypto::{Randomness, Strictness};
use crate::document::{self, Document, OpenOptions, SealError, SealOptions, Sealed, Warning};
use crate::format::{Change, ChangeError, Format};
use crate::keys::{self, KeyRing};
use crate::metadata::{KeyType, Metadata};
use crate::tree::{Event, LeafValue, Step, Timestamp, Tree};

/// How one value of an encrypted file is changed.
pub struct ChangeRequest<'r> {
    /// Format of the file.
    pub format: Format,
    /// Where the value stands.
    pub path: &'r [Step],
    /// What becomes of it.
    pub change: Change<'r>,
    /// Whether a change that changes nothing leaves the file alone.
    pub is_idempotent: bool,
    /// The identities that may open the file.
    pub key_ring: &'r KeyRing<'r>,
    /// Which types of master keys are tried first.
    pub order: &'r [KeyType],
    /// Whether a MAC that is missing or does not fit is passed over, with a warning.
    pub ignore_mac: bool,
    /// How closely envelopes must keep to their form.
    pub strictness: Strictness,
    /// Indentation step where the document itself shows none; 0 for the reference's default.
    pub indent: usize,
    /// The other format that the file is to have, if any.
    pub conversion: Option<Conversion>,
    /// The time that is written as `lastmodified`.
    pub now: Timestamp,
}

/// A file with one value changed.
pub struct ChangedFile {
    /// The encrypted text; nothing if the file is to stay as it is.
    pub text: Option<String>,
    /// What deserves attention in the old file.
    pub warnings: Vec<Warning>,
}

/// The reasons why a value of an encrypted file cannot be changed.
#[derive(Debug, thiserror::Error)]
pub enum SetError {
    /// The file cannot be decrypted.
    #[error(transparent)]
    Decrypt(#[from] DecryptError),
    /// The path leads nowhere, or the format has no place for the value.
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// A binary file has its bytes and nothing else.
    #[error("a binary file has one value, [\"data\"], which is a string and cannot be removed")]
    BinaryPath,
    /// The changed file cannot be encrypted.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The changed file cannot be written in the other format.
    #[error(transparent)]
    Convert(#[from] EncryptError),
}

/// Sets or removes one value of an encrypted file: the data key stays, and so does every byte
/// outside of what is changed, the MAC and `lastmodified`.
///
/// # Errors
/// The file does not open, the path leads nowhere, or the result would not be read back as it was
/// meant.
pub fn change(
    source: &[u8],
    request: &ChangeRequest<'_>,
    randomness: &dyn Randomness,
) -> Result<ChangedFile, SetError> {
    let document = parse(source, request.format)?;
    let metadata = document.metadata().map_err(DecryptError::from)?;
    let metadata = metadata.ok_or_else(|| without_metadata(document.source()))?;
    if request.format == Format::Binary && !is_data(request) {
        return Err(SetError::BinaryPath);
    }
    change_text(&document, metadata, request, randomness)
}

/// Tells whether a binary file stays one.
fn is_data(request: &ChangeRequest<'_>) -> bool {
    let is_path = matches!(request.path, [Step::Key(key)] if key == "data");
    is_path && matches!(request.change, Change::Set(Tree::Str(_)))
}

fn change_text(
    document: &Document<'_>,
    metadata: Metadata,
    request: &ChangeRequest<'_>,
    randomness: &dyn Randomness,
) -> Result<ChangedFile, SetError> {
    let recovered = keys::recover(&metadata, request.order, request.key_ring);
    let data_key = recovered.map_err(DecryptError::from)?;
    // an encrypted binary file is JSON
    let format = if request.format == Format::Binary { Format::Json } else { request.format };
    let options = OpenOptions {
        format,
        ignore_mac: request.ignore_mac,
        strictness: request.strictness,
        indent: request.indent,
        keeps_layout: true,
    };
    let document = &Document::parse(document.source(), format).map_err(DecryptError::from)?;
    let (opened, unchanged) = document::open_to_change(document, &metadata, &data_key, options)
        .map_err(|error| open_error(error, &metadata, &data_key))?;
    let warnings = opened.warnings;
    let changed =
        document::change(&opened.text, format, request.path, request.change, request.indent);
    let changed = match changed {
        Err(error) if request.is_idempotent && error.is_missing() => {
            return Ok(ChangedFile { text: None, warnings });
        }
        changed => changed?,
    };
    if request.is_idempotent && changed.is_same {
        return Ok(ChangedFile { text: None, warnings });
    }
    let metadata = Metadata { last_modified: request.now.to_second(), ..metadata };
    let (data_key, indent) = (&data_key, request.indent);
    let options = SealOptions { format, data_key, metadata, indent, keeps_layout: true };
    let sealed = match request.conversion {
        Some(conversion) => {
            convert(&changed.text, options, request.format, conversion, randomness)?
        }
        None => document::reseal(&changed.text, options, &unchanged, randomness)?,
    };
    Ok(ChangedFile { text: Some(sealed.text), warnings })
}

/// Encrypts the changed text in another format.
fn convert(
    text: &str,
    options: SealOptions<'_>,
    input: Format,
    conversion: Conversion,
    randomness: &dyn Randomness,
) -> Result<Sealed, EncryptError> {
    let (metadata, keeps_layout) = carried_over(options.metadata, input);
    let converted =
        Converted::new(text.as_bytes(), options.format, &metadata.selector, conversion)?;
    let Conversion { format, indent } = conversion;
    let indent = indent.step();
    converted.seal(SealOptions { format, metadata, indent, keeps_layout, ..options }, randomness)
}

/// The reasons why a text is not the JSON of a value that can be set.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ValueError {
    /// The text is not JSON.
    #[error("Value for --set is not valid JSON")]
    NotJson,
    /// An integer has more digits than a file can hold.
    #[error("the value holds an integer of more than 64 bits, whose last digits would be lost")]
    TooBig,
}

/// Reads a JSON text as the value that is to be set.
///
/// # Errors
/// The text is no JSON, or holds an integer that has no encrypted form.
pub fn json_value(text: &str) -> Result<Tree, ValueError> {
    // as the value of an object, which is what the scanner takes
    let source = format!("{{\"value\":\n{text}\n}}");
    let scan = Format::Json.scan(&source).map_err(|_| ValueError::NotJson)?;
    let is_too_big = |event: &Event| match event {
        Event::Leaf(leaf) if matches!(leaf.value, LeafValue::Float(_) | LeafValue::TooBig) => {
            let digits = leaf.site.slice(&source).trim_start_matches('-');
            digits.bytes().all(|byte| byte.is_ascii_digit())
        }
        _ => false,
    };
    if scan.events.iter().any(is_too_big) {
        return Err(ValueError::TooBig);
    }
    match crate::format::subtree(&source, &scan, 1) {
        Ok(Tree::Mapping(items)) if items.len() == 1 => {
            items.into_iter().next().map(|(_, value)| value).ok_or(ValueError::NotJson)
        }
        _ => Err(ValueError::NotJson),
    }
}
