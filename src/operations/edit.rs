use super::decrypt::{self, DecryptError, DecryptRequest};
use super::encrypt::{EncryptError, Encrypted};
use crate::crypto::{ClearBytes, DataKey, Randomness};
use crate::document::{self, Document, SealOptions, Unchanged, Warning};
use crate::format::{Format, Indent};
use crate::metadata::Metadata;
use crate::text;
use crate::tree::Timestamp;

/// An encrypted file that was opened to be edited.
pub struct Editable<'d> {
    bytes: ClearBytes,
    /// The values as they were; a binary file is encrypted as a whole.
    unchanged: Option<Unchanged<'d>>,
    warnings: Vec<Warning>,
    metadata: &'d Metadata,
    data_key: &'d DataKey,
    format: Format,
    indent: Indent,
}

/// Opens an encrypted file in its own format and has it edited.
///
/// # Errors
/// The file is not an encrypted one, no identity opens it, or it was altered.
pub fn edit<T>(
    source: &[u8],
    request: &DecryptRequest<'_>,
    indent: Indent,
    work: impl FnOnce(&Editable<'_>) -> T,
) -> Result<T, DecryptError> {
    let document = decrypt::parse(source, request.format)?;
    let (metadata, data_key) = decrypt::recover(&document, request)?;
    let editable = open(&document, &metadata, &data_key, request, indent)?;
    Ok(work(&editable))
}

fn open<'d>(
    document: &'d Document<'d>,
    metadata: &'d Metadata,
    data_key: &'d DataKey,
    request: &DecryptRequest<'_>,
    indent: Indent,
) -> Result<Editable<'d>, DecryptError> {
    let options = request.options();
    let refused = |error| decrypt::open_error(error, metadata, data_key);
    let (bytes, unchanged, warnings) = if request.format == Format::Binary {
        let opened = document::open_binary(document, None, metadata, data_key, options);
        let opened = opened.map_err(refused)?;
        (opened.bytes, None, opened.warnings)
    } else {
        let opened = document::open_to_change(document, metadata, data_key, options);
        let (opened, unchanged) = opened.map_err(refused)?;
        (opened.text.into(), Some(unchanged), opened.warnings)
    };
    let format = request.format;
    Ok(Editable { bytes, unchanged, warnings, metadata, data_key, format, indent })
}

impl Editable<'_> {
    /// Returns the file in clear.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns what deserves attention.
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// Encrypts an edited text under the data key of the file. Values that were not edited keep
    /// their ciphertext, and the text of their places; but for MAC and date, so does all metadata.
    ///
    /// # Errors
    /// The text is not of its format, or holds what cannot be encrypted.
    pub fn seal(
        &self,
        edited: &[u8],
        now: Timestamp,
        randomness: &mut dyn Randomness,
    ) -> Result<Encrypted, EncryptError> {
        let options = SealOptions {
            format: self.format,
            data_key: self.data_key,
            metadata: Metadata { last_modified: now.to_second(), ..self.metadata.clone() },
            indent: self.indent.step(),
            keeps_layout: true,
        };
        match &self.unchanged {
            None => Ok(document::seal_binary(edited, options, self.indent, randomness)?.into()),
            Some(unchanged) => {
                let text = text::decode(edited)?;
                Ok(document::reseal(text, options, unchanged, randomness)?.into())
            }
        }
    }
}
