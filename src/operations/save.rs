use zeroize::Zeroizing;

use super::edit::{Editable, ShowError};
use super::edited_keys::{self, BadEntry};
use super::encrypt::{EncryptError, Encrypted};
use crate::crypto::{ClearBytes, Randomness};
use crate::document::{
    self, BlockError, ClearTree, Document, RewriteError, SealError, SealOptions, Shown, Warning,
};
use crate::format::{EmitError, Format, PickError, binary};
use crate::keys::{self, MasterKeyError, WrapError};
use crate::metadata::{self, KeyType, Metadata, WrappedKey};
use crate::text::{self, TextError};
use crate::tree::{Grower, Timestamp, Tree};

/// A metadata block as it is shown below the values.
pub(super) struct ShownBlock {
    /// What it says.
    tree: Tree,
    /// The values as they were without it.
    text: Zeroizing<String>,
    /// The same, as they are when it is taken away again: some texts get a line end by it.
    rest: Zeroizing<String>,
}

/// The reasons why an edited text cannot be saved.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    /// The values cannot be encrypted.
    #[error(transparent)]
    Encrypt(#[from] EncryptError),
    /// The metadata block cannot be used.
    #[error(transparent)]
    Block(#[from] BlockError),
    /// The metadata block names something that is no master key.
    #[error("line {line}: {error}")]
    MasterKey {
        /// Line of the name.
        line: usize,
        /// What is wrong with it.
        #[source]
        error: MasterKeyError,
    },
    /// An entry of the metadata block does not say which master key it is for.
    #[error("line {line}: an entry of {} names no key", key_type.as_str())]
    Nameless {
        /// Line of the list.
        line: usize,
        /// The type of the master key.
        key_type: KeyType,
    },
    /// The data key cannot be wrapped for the master keys of the block.
    #[error(transparent)]
    Wrap(#[from] WrapError),
    /// The metadata block cannot be changed in its place.
    #[error(transparent)]
    Rewrite(#[from] RewriteError),
}

impl From<TextError> for SaveError {
    fn from(error: TextError) -> Self {
        Self::Encrypt(error.into())
    }
}

impl From<SealError> for SaveError {
    fn from(error: SealError) -> Self {
        Self::Encrypt(error.into())
    }
}

impl From<EmitError> for SaveError {
    fn from(error: EmitError) -> Self {
        Self::Encrypt(error.into())
    }
}

/// An edited file, encrypted.
pub struct Saved {
    /// The file.
    pub encrypted: Encrypted,
    /// Fields of the metadata block whose edits are not kept.
    pub ignored: Vec<String>,
}

impl Editable<'_> {
    /// Returns what is to be edited.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.shown
    }

    /// Returns what deserves attention.
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// Puts the metadata block below what is shown.
    pub(super) fn show_block(&mut self) -> Result<(), ShowError> {
        let format = self.shown_format();
        let text = if self.format == Format::Binary {
            ClearTree::of_bytes(&self.shown).emit(format, self.indent).map_err(PickError::from)?
        } else {
            let text = text::decode(&self.shown).map_err(EncryptError::from)?;
            text.to_owned().into()
        };
        let unchanged = self.old.as_ref().map(|(_, unchanged)| unchanged);
        let shown = document::show(&text, format, &self.metadata, unchanged, self.indent.step());
        let shown = shown.map_err(EncryptError::from)?;
        let parsed = Shown::parse(&shown, format)?;
        let rest = parsed.clear()?;
        self.block = Some(ShownBlock { tree: parsed.tree.clone(), text, rest });
        drop(parsed);
        self.shown = shown.into();
        Ok(())
    }

    /// Returns the format of what is shown with the metadata block: bytes are put into JSON, as
    /// they are when they are encrypted.
    fn shown_format(&self) -> Format {
        if self.format == Format::Binary { Format::Json } else { self.format }
    }

    /// Encrypts an edited text under the data key of the file. Values that were not edited keep
    /// their ciphertext, and the text of their places; but for MAC and date, so does all metadata
    /// that was not edited.
    ///
    /// # Errors
    /// The text is not of its format, holds what cannot be encrypted, or its metadata block cannot
    /// be used.
    pub fn save(
        &self,
        edited: &[u8],
        now: Timestamp,
        randomness: &dyn Randomness,
    ) -> Result<Saved, SaveError> {
        let Some(block) = &self.block else {
            let encrypted = self.seal(edited, self.metadata.clone(), now, randomness)?;
            return Ok(Saved { encrypted, ignored: Vec::new() });
        };
        let shown = Shown::parse(text::decode(edited)?, self.shown_format())?;
        let metadata = self.edited_metadata(&shown, now, randomness)?;
        let ignored = metadata::ignored_fields(&block.tree, &shown.tree);
        let clear = self.without_block(block, &shown)?;
        let encrypted = self.seal(&clear, metadata, now, randomness)?;
        Ok(Saved { encrypted, ignored })
    }

    /// Reads the metadata block, and wraps the data key for who is new in it.
    fn edited_metadata(
        &self,
        shown: &Shown<'_>,
        now: Timestamp,
        randomness: &dyn Randomness,
    ) -> Result<Metadata, SaveError> {
        let edited = self.metadata.from_edited(&shown.tree, now);
        let edited = edited.map_err(|error| shown.refused(error))?;
        let plan = edited_keys::plan(&self.metadata, &edited);
        let plan = plan.map_err(|BadEntry { entry, error }| match naming_field(&entry) {
            "" => {
                let key_type = entry.key_type;
                SaveError::Nameless { line: shown.line_of_field(key_type.as_str()), key_type }
            }
            name => SaveError::MasterKey { line: shown.line_of_value(name), error },
        })?;
        let Some(plan) = plan else { return Ok(edited) };
        let mut surroundings = self.surroundings.clone();
        surroundings.now = now;
        let (members, threshold) = (&plan.members, plan.threshold);
        let groups = keys::wrap(members, threshold, self.data_key, randomness, &surroundings)?;
        Ok(Metadata { key_groups: groups, shamir_threshold: threshold, ..edited })
    }

    /// Takes the metadata block away.
    fn without_block(
        &self,
        block: &ShownBlock,
        shown: &Shown<'_>,
    ) -> Result<ClearBytes, SaveError> {
        let rest = shown.clear()?;
        let text = if rest == block.rest { block.text.clone() } else { rest };
        if self.format != Format::Binary {
            return Ok(text.into());
        }
        let scan = Format::Json.scan(&text).map_err(SealError::from)?;
        let documents = Grower::new(&text, &scan).documents(0);
        let documents = documents
            .map_err(|bomb| SealError::from(crate::format::ScanError::of_bomb(&text, &bomb)))?;
        Ok(binary::emit(&documents)?.into())
    }

    fn seal(
        &self,
        clear: &[u8],
        metadata: Metadata,
        now: Timestamp,
        randomness: &dyn Randomness,
    ) -> Result<Encrypted, SaveError> {
        let block = match &self.old {
            Some((document, _)) if !self.metadata.changed_fields(&metadata).is_empty() => {
                Some(document::replace_settings(document, &self.metadata, &metadata)?)
            }
            _ => None,
        };
        let options = SealOptions {
            format: self.format,
            data_key: self.data_key,
            metadata: Metadata { last_modified: now.to_second(), ..metadata },
            indent: self.indent.step(),
            keeps_layout: self.keeps_layout,
        };
        if self.format == Format::Binary {
            return Ok(document::seal_binary(clear, options, self.indent, randomness)?.into());
        }
        let text = text::decode(clear)?;
        let sealed = match (&self.old, &block) {
            (None, _) => document::seal(text, options, randomness),
            (Some((_, unchanged)), None) => document::reseal(text, options, unchanged, randomness),
            (Some((_, unchanged)), Some(block)) => {
                let block = Document::parse(block, self.format).map_err(SealError::from)?;
                document::reseal_with(text, options, unchanged, &block, randomness)
            }
        };
        Ok(sealed?.into())
    }
}

/// Returns what an entry calls its master key, as it stands in the block.
fn naming_field(entry: &WrappedKey) -> &str {
    let fields = ["recipient", "fp", "arn", "resource_id", "key_id", "key_name", "name"];
    fields.map(|name| entry.field(name)).into_iter().find(|it| !it.is_empty()).unwrap_or_default()
}
