//! Changes of a file that stays encrypted: other master keys, or a new data key.
//!
//! Every byte stays but for the fields and ciphertexts that change.

use super::binary::{self, OpenedBinary};
use super::error::{OpenError, SealError};
use super::open::{self, OpenOptions, Warning};
use super::splice;
use super::unchanged::{Old, Unchanged};
use super::{Document, layout, verify};
use crate::crypto::{
    Aad, Cipher, CipherError, DataKey, Envelope, Mac, Nonces, RandomError, Randomness,
};
use crate::format::{Field, Format, ScanError};
use crate::metadata::{KeyType, Metadata, MetadataError};
use crate::text::{EditError, Edits, Span};
use crate::tree::{Leaf, Tree, ValueType};

/// The reasons why an encrypted file cannot be changed.
#[derive(Debug, thiserror::Error)]
pub enum RewriteError {
    /// A metadata block cannot be used.
    #[error(transparent)]
    Metadata(#[from] MetadataError),
    /// The file cannot be decrypted.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// A value is too long.
    #[error(transparent)]
    Cipher(#[from] CipherError),
    /// The value of a binary file cannot be encrypted.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// The random source failed.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// The result would not be read back as it was meant; nothing is written.
    #[error("the changed file would not be read back as it was meant ({0})")]
    Verification(&'static str),
    /// Edits contradict each other; an internal error.
    #[error("internal error: {0}")]
    Edit(#[from] EditError),
}

impl From<ScanError> for RewriteError {
    fn from(_: ScanError) -> Self {
        Self::Verification("the result is not of its format")
    }
}

/// The fields that say how many groups are needed, and hold those of several.
const THRESHOLD: &str = "shamir_threshold";
const GROUPS: &str = "key_groups";

/// Puts other master keys into the metadata blocks of a file; its values stay as they are.
///
/// # Errors
/// A block cannot be read, or cannot be changed in its place.
pub fn replace_keys(document: &Document<'_>, metadata: &Metadata) -> Result<String, RewriteError> {
    let mut edits = Edits::new();
    edit_blocks(document, &key_fields(metadata), &mut edits)?;
    let text = edits.apply(document.source)?;
    let result = Document::parse(&text, document.format)?;
    check_metadata(&result, metadata)?;
    let is_same = outside_blocks(document) == outside_blocks(&result)
        && verify::has_same_values(document, &result, &metadata.selector);
    drop(result);
    if is_same { Ok(text) } else { Err(RewriteError::Verification("more than the keys differs")) }
}

/// Puts the settings of other metadata into the metadata blocks of a file: who can decrypt it, and
/// what is encrypted. Its values stay as they are, so it is no file to be written.
///
/// # Errors
/// As [`replace_keys`].
pub fn replace_settings(
    document: &Document<'_>,
    old: &Metadata,
    new: &Metadata,
) -> Result<String, RewriteError> {
    let mut edits = Edits::new();
    edit_blocks(document, &old.changed_fields(new), &mut edits)?;
    let text = edits.apply(document.source)?;
    check_metadata(&Document::parse(&text, document.format)?, new)?;
    Ok(text)
}

/// A new data key, with what else is new in the metadata.
pub struct Rotation<'r> {
    /// The new data key.
    pub data_key: &'r DataKey,
    /// The metadata with the new data key wrapped; MAC and layout record are filled in.
    pub metadata: Metadata,
}

/// A file under its new data key.
pub struct Rotated {
    /// The text.
    pub text: String,
    /// What deserves attention in the old file.
    pub warnings: Vec<Warning>,
    /// How many values and comments were encrypted anew.
    pub encrypted_values: usize,
}

/// Encrypts all values of a file anew, each in its place.
///
/// # Errors
/// A value does not open, the MAC does not fit, or the result would not be read back as the file
/// was.
pub fn rotate(
    document: &Document<'_>,
    metadata: &Metadata,
    data_key: &DataKey,
    rotation: Rotation<'_>,
    options: OpenOptions,
    randomness: &dyn Randomness,
) -> Result<Rotated, RewriteError> {
    let nonces = Nonces::new(randomness);
    let mut rotator = Rotator { document, rotation, randomness, nonces };
    if options.format != Format::Binary {
        return rotator.text(metadata, data_key, options);
    }
    let Some((leaf, _)) = binary::wrapped(document, &metadata.selector) else {
        let document = &Document::parse(document.source, Format::Json)?;
        let Rotator { rotation, randomness, nonces, .. } = rotator;
        let options = OpenOptions { format: Format::Json, ..options };
        let mut rotator = Rotator { document, rotation, randomness, nonces };
        return rotator.text(metadata, data_key, options);
    };
    let OpenedBinary { bytes, warnings } =
        binary::open_binary(document, None, metadata, data_key, options)?;
    let text = rotator.binary(leaf, &bytes, metadata, options)?;
    Ok(Rotated { text, warnings, encrypted_values: usize::from(!bytes.is_empty()) })
}

struct Rotator<'r, 'd, 's> {
    document: &'d Document<'s>,
    rotation: Rotation<'r>,
    randomness: &'r dyn Randomness,
    nonces: Nonces<'r>,
}

impl<'d> Rotator<'_, 'd, '_> {
    /// Encrypts the values of a text anew.
    fn text(
        &mut self,
        metadata: &Metadata,
        data_key: &DataKey,
        options: OpenOptions,
    ) -> Result<Rotated, RewriteError> {
        let (opened, unchanged) = open::open_to_change(self.document, metadata, data_key, options)?;
        let mut edits = Edits::of(self.document.source);
        let encrypted_values = self.replace_values(&unchanged, &mut edits)?;
        let record = unchanged.layout().map(|(text, _)| text.as_str());
        let mac = unchanged.mac().ok_or(RewriteError::Verification("there is no MAC"))?;
        let text = self.finish(mac, record, edits)?;
        let is_same = |result: &Document<'_>, options| {
            let Rotation { data_key, metadata } = &self.rotation;
            let again = open::open(result, metadata, data_key, options);
            again.is_ok_and(|again| again.text == opened.text)
        };
        self.check(&text, options, is_same)?;
        Ok(Rotated { text, warnings: opened.warnings, encrypted_values })
    }

    /// Encrypts the bytes of a binary file anew.
    fn binary(
        &mut self,
        leaf: &Leaf,
        bytes: &[u8],
        metadata: &Metadata,
        options: OpenOptions,
    ) -> Result<String, RewriteError> {
        let source = self.document.source;
        let mut edits = Edits::of(source);
        if !bytes.is_empty() {
            let envelope = binary::envelope(bytes, self.rotation.data_key, self.randomness)?;
            let text = splice::in_site(self.document, leaf, &envelope);
            edits.replace(leaf.site, text);
        }
        let mac = binary::mac(bytes, metadata.mac_only_encrypted);
        let text = self.finish(&mac, None, edits)?;
        let is_same = |result: &Document<'_>, options| {
            let Rotation { data_key, metadata } = &self.rotation;
            let again = binary::open_binary(result, None, metadata, data_key, options);
            again.is_ok_and(|again| *again.bytes == *bytes)
        };
        self.check(&text, options, is_same)?;
        Ok(text)
    }

    /// Completes the metadata and applies the edits.
    fn finish(
        &mut self,
        mac: &Mac,
        record: Option<&str>,
        mut edits: Edits<'d>,
    ) -> Result<String, RewriteError> {
        self.seal_metadata(mac, record)?;
        edit_blocks(self.document, &all_fields(&self.rotation.metadata), &mut edits)?;
        Ok(edits.apply(self.document.source)?)
    }

    /// Reads the result again.
    fn check(
        &self,
        text: &str,
        options: OpenOptions,
        is_same: impl Fn(&Document<'_>, OpenOptions) -> bool,
    ) -> Result<(), RewriteError> {
        let result = Document::parse(text, self.document.format)?;
        check_metadata(&result, &self.rotation.metadata)?;
        let is_same = is_same(&result, OpenOptions { ignore_mac: false, ..options });
        is_same.then_some(()).ok_or(RewriteError::Verification("the values differ"))
    }

    /// Puts new ciphertexts into the places of the old ones.
    fn replace_values(
        &mut self,
        unchanged: &Unchanged<'_>,
        edits: &mut Edits<'d>,
    ) -> Result<usize, RewriteError> {
        let cipher = Cipher::new(self.rotation.data_key);
        let mut count = 0;
        for (old, aad, plaintext) in unchanged.closed() {
            let envelope = self.seal(&cipher, &aad, plaintext, old.kind())?;
            replace_value(self.document, old, &envelope, edits);
            count += 1;
        }
        Ok(count)
    }

    fn seal(
        &mut self,
        cipher: &Cipher,
        aad: &Aad<'_>,
        plaintext: &[u8],
        kind: ValueType,
    ) -> Result<String, RewriteError> {
        let nonce = self.nonces.draw()?;
        Ok(Envelope::seal(cipher, &nonce, aad, plaintext, kind.as_str())?)
    }

    /// Encrypts the MAC and the layout record.
    fn seal_metadata(&mut self, mac: &Mac, record: Option<&str>) -> Result<(), RewriteError> {
        let cipher = Cipher::new(self.rotation.data_key);
        let last_modified = self.rotation.metadata.last_modified.to_second().to_string();
        let aad = Aad::of_text(&last_modified);
        let mac = self.seal(&cipher, &aad, mac.as_str().as_bytes(), ValueType::Str)?;
        self.rotation.metadata.mac = mac;
        let aad = Aad::of_text(layout::FIELD);
        let record = record.map(|text| self.seal(&cipher, &aad, text.as_bytes(), ValueType::Str));
        self.rotation.metadata.layout = record.transpose()?;
        Ok(())
    }
}

/// Replaces the envelope of a value or comment, and what stands around it only where it is not in
/// one piece.
fn replace_value<'d>(
    document: &'d Document<'_>,
    old: &Old<'_>,
    envelope: &str,
    edits: &mut Edits<'d>,
) {
    let (source, format) = (document.source, document.format);
    match (old.leaf(), old.comment()) {
        (Some(leaf), _) => {
            if let Some(span) = envelope_span(document, leaf, old.envelope()) {
                return edits.replace(span, envelope);
            }
            let text = splice::in_site(document, leaf, envelope);
            splice::replace_leaf_inline(source, leaf, &text, edits);
        }
        (None, Some(comment)) => format.replace_comment(source, comment, envelope, edits),
        (None, None) => {}
    }
}

/// Returns the text without its metadata blocks.
fn outside_blocks(document: &Document<'_>) -> String {
    let source = document.source;
    let mut start = 0;
    let mut text = String::with_capacity(source.len());
    for span in document.block_spans() {
        text.push_str(source.get(start..span.start()).unwrap_or_default());
        start = span.end();
    }
    text.push_str(&source[start..]);
    text
}

/// Finds the old envelope in the text of a leaf.
fn envelope_span(document: &Document<'_>, leaf: &Leaf, envelope: Option<&str>) -> Option<Span> {
    let envelope = envelope?;
    [leaf.site, leaf.body].into_iter().find_map(|span| {
        let start = span.start() + span.slice(document.source).find(envelope)?;
        Some(Span::new(start, start + envelope.len()))
    })
}

/// Lists the fields that say who can decrypt.
fn key_fields(metadata: &Metadata) -> Vec<Field<'static>> {
    let tree = metadata.to_tree();
    let names = KeyType::ALL.into_iter().map(KeyType::as_str).chain([GROUPS, THRESHOLD]);
    names.map(|name| (name, tree.find(name).cloned())).collect()
}

/// Lists the fields that a rotation changes.
fn all_fields(metadata: &Metadata) -> Vec<Field<'static>> {
    let mut fields = key_fields(metadata);
    fields.push(("lastmodified", Some(Tree::Str(metadata.last_modified.to_string()))));
    fields.push(("mac", Some(Tree::str(&metadata.mac))));
    fields.push((layout::FIELD, metadata.layout.as_ref().map(Tree::str)));
    fields
}

/// Changes the block of each document; all of them say the same.
fn edit_blocks(
    document: &Document<'_>,
    fields: &[Field<'_>],
    edits: &mut Edits<'_>,
) -> Result<(), RewriteError> {
    for block in document.parts.iter().flat_map(|part| &part.blocks) {
        document.format.set_fields(document.source, &document.scan, block, fields, edits)?;
    }
    Ok(())
}

fn check_metadata(result: &Document<'_>, metadata: &Metadata) -> Result<(), RewriteError> {
    let is_same = result.metadata()?.as_ref() == Some(metadata);
    is_same.then_some(()).ok_or(RewriteError::Verification("the metadata block differs"))
}
