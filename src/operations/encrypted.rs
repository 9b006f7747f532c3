use crate::crypto::DataKey;
use crate::document::{self, Document, RewriteError};
use crate::format::Format;
use crate::keys::{self, KeyRing, Member, Surroundings};
use crate::metadata::{KeyType, Metadata};

use super::decrypt::{DecryptError, parse, without_metadata};
use super::keys_error::ChangeKeysError;

/// An encrypted file whose master keys are to be changed.
pub struct EncryptedFile<'s> {
    pub(super) document: Document<'s>,
    pub(super) metadata: Metadata,
    pub(super) format: Format,
}

impl<'s> EncryptedFile<'s> {
    /// Reads a file; needs no key.
    ///
    /// # Errors
    /// The file is not an encrypted one of its format.
    pub fn parse(source: &'s [u8], format: Format) -> Result<Self, DecryptError> {
        let document = parse(source, format)?;
        let metadata = document.metadata()?;
        let metadata = metadata.ok_or_else(|| without_metadata(document.source()))?;
        Ok(Self { document, metadata, format })
    }

    /// Returns the metadata.
    #[must_use]
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// Unwraps the data key, and makes sure that it is that of the file: shares that do not belong
    /// together give another one.
    pub(super) fn data_key(
        &self,
        order: &[KeyType],
        key_ring: &KeyRing<'_>,
    ) -> Result<DataKey, ChangeKeysError> {
        let data_key = keys::recover(&self.metadata, order, key_ring)?;
        let is_right =
            self.metadata.mac.is_empty() || document::opens_mac(&self.metadata, &data_key);
        is_right.then_some(data_key).ok_or(ChangeKeysError::WrongDataKey)
    }

    /// Returns the text with other master keys.
    pub(super) fn with_keys(
        &self,
        members: &[Vec<Member>],
        threshold: u32,
        data_key: &DataKey,
        randomness: &dyn crate::crypto::Randomness,
        surroundings: &Surroundings<'_>,
    ) -> Result<String, ChangeKeysError> {
        let key_groups = keys::wrap(members, threshold, data_key, randomness, surroundings)?;
        let metadata =
            Metadata { key_groups, shamir_threshold: threshold, ..self.metadata.clone() };
        let rewritten = document::replace_keys(&self.document, &metadata);
        rewritten.map_err(|error: RewriteError| ChangeKeysError::Rewrite(error))
    }
}
