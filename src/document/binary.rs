//! Binary files, which are one value of any bytes: past events and edits, with one buffer for the
//! ciphertext and none for its text.

use std::borrow::Cow;
use std::io::{self, Write};

use zeroize::Zeroizing;

use super::error::{OpenError, SealError};
use super::open::{self, OpenOptions, Opened, Warning};
use super::seal::{self, Place, SealOptions};
use super::{Document, parallel, select};
use crate::crypto::{
    Aad, Cipher, CipherError, ClearBytes, DataKey, LongEnvelope, Mac, MacState, Nonce, Randomness,
    Strictness,
};
use crate::format::binary::{self, Wrapper};
use crate::format::{Format, json};
use crate::metadata::{Metadata, Selector};
use crate::text::{MAX_LENGTH, line_of};
use crate::tree::{Leaf, LeafValue, Path, ValueType};

/// An encrypted binary file, which is text only when it is written.
pub struct SealedBinary {
    wrapper: Wrapper,
    /// Nothing for a file without bytes.
    envelope: Option<LongEnvelope>,
}

/// A decrypted binary file.
pub struct OpenedBinary {
    /// What is in it.
    pub content: BinaryContent,
    /// What deserves attention.
    pub warnings: Vec<Warning>,
}

/// What a file in the form of a binary one holds.
pub enum BinaryContent {
    /// The bytes, as it should be.
    Bytes(ClearBytes),
    /// An object of JSON, decrypted, that is not the wrapper of bytes alone.
    Object(Zeroizing<String>),
}

/// Encrypts any bytes: new data key, new metadata block. The selector is not asked, and not
/// written.
///
/// # Errors
/// There are too many bytes, or the result would not be read back as it was meant.
pub fn seal_binary(
    bytes: &[u8],
    options: SealOptions<'_>,
    randomness: &mut dyn Randomness,
) -> Result<SealedBinary, SealError> {
    let SealOptions { data_key, metadata, indent, .. } = options;
    let selector = Selector::default();
    let mut metadata = Metadata { selector, mac_only_encrypted: false, ..metadata };
    let cipher = Cipher::new(data_key);
    let nonce = seal::draw(randomness)?;
    let (mac, envelope) =
        parallel::both(bytes.len(), || mac(bytes, false), || encrypt(bytes, &cipher, &nonce));
    let envelope = envelope.map_err(|error| SealError::Cipher(nowhere(), error))?;
    metadata.mac = seal::encrypt_mac(&cipher, &metadata, &mac, randomness)?;
    let wrapper = Wrapper::new(&metadata.to_tree_of_whole(), json::Indent::of_step(indent));
    let sealed = SealedBinary { wrapper, envelope };
    sealed.verify(&metadata)?;
    Ok(sealed)
}

/// Computes the MAC of a binary file.
pub(super) fn mac(bytes: &[u8], is_encrypted_only: bool) -> Mac {
    let mut state = MacState::new(is_encrypted_only);
    state.add(bytes, true);
    state.finish()
}

/// Encrypts a copy of the bytes; none are not encrypted (`spec/format.md` §1.4).
fn encrypt(
    bytes: &[u8],
    cipher: &Cipher,
    nonce: &Nonce,
) -> Result<Option<LongEnvelope>, CipherError> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let kind = ValueType::Str.as_str();
    LongEnvelope::seal(cipher, nonce, &Aad::of_path([binary::KEY]), bytes.to_vec(), kind).map(Some)
}

/// Encrypts the bytes of a file that is one already.
pub(super) fn envelope(
    bytes: &[u8],
    data_key: &DataKey,
    randomness: &mut dyn Randomness,
) -> Result<String, SealError> {
    let nonce = seal::draw(randomness)?;
    let failed = |error| SealError::Cipher(nowhere(), error);
    let envelope = encrypt(bytes, &Cipher::new(data_key), &nonce).map_err(failed)?;
    let mut text = Vec::with_capacity(envelope.as_ref().map_or(0, LongEnvelope::length));
    if let Some(envelope) = envelope {
        envelope.write_to(&mut text).expect("memory takes all bytes");
    }
    Ok(String::from_utf8(text).expect("an envelope is text"))
}

/// Returns the leaf of the one value of a file that is a binary one and nothing else.
pub(super) fn value_leaf<'d>(document: &'d Document<'_>) -> Option<&'d Leaf> {
    document.only_value().map(|(leaf, _)| leaf)
}

fn nowhere() -> Place {
    Place { line: 1, path: Path::new() }
}

impl SealedBinary {
    /// Returns the number of bytes of the text.
    #[must_use]
    pub fn length(&self) -> usize {
        let value = self.envelope.as_ref().map_or(0, LongEnvelope::length);
        self.wrapper.start.len() + value + self.wrapper.end.len()
    }

    /// Writes the text.
    ///
    /// # Errors
    /// The output does not take it.
    pub fn write_to(&self, output: &mut dyn Write) -> io::Result<()> {
        output.write_all(self.wrapper.start.as_bytes())?;
        if let Some(envelope) = &self.envelope {
            envelope.write_to(output)?;
        }
        output.write_all(self.wrapper.end.as_bytes())
    }

    /// Reads the text again, all but most of its ciphertext, which is written as a whole and has no
    /// letters that JSON could take for others.
    fn verify(&self, metadata: &Metadata) -> Result<(), SealError> {
        if self.length() >= MAX_LENGTH {
            return Err(SealError::TooLong);
        }
        let excerpt = self.envelope.as_ref().map(LongEnvelope::excerpt).unwrap_or_default();
        let text = format!("{}{excerpt}{}", self.wrapper.start, self.wrapper.end);
        let failed = |doubt| SealError::Verification(nowhere(), doubt);
        let document = Document::parse(&text, Format::Binary)
            .map_err(|_| failed("the result is not of its format"))?;
        if document.only_value().map(|(_, value)| value) != Some(excerpt.as_str()) {
            return Err(failed("the value is not found again"));
        }
        if document.metadata().ok().flatten().as_ref() != Some(metadata) {
            return Err(failed("the metadata block differs"));
        }
        let is_read = |envelope: &LongEnvelope| {
            let read = LongEnvelope::parse(&excerpt, Strictness::Strict);
            read.is_ok_and(|read| read.excerpt() == envelope.excerpt())
        };
        let is_same = self.envelope.as_ref().is_none_or(is_read);
        is_same.then_some(()).ok_or_else(|| failed("the value is read as another one"))
    }
}

/// Decrypts a binary file whose data key is known.
///
/// The MAC is checked before anything is returned.
///
/// # Errors
/// The value does not open, or the MAC does not fit.
pub fn open_binary(
    document: &Document<'_>,
    metadata: &Metadata,
    data_key: &DataKey,
    options: OpenOptions,
) -> Result<OpenedBinary, OpenError> {
    open::check(document)?;
    if let Some((leaf, text)) = document.only_value()
        && select::is_pair_selected(&metadata.selector, binary::KEY)
    {
        let place = Place {
            line: line_of(document.source, leaf.site.start()),
            path: std::iter::once(binary::KEY).collect(),
        };
        let value = Value { text, place, cipher: Cipher::new(data_key) };
        if let Some(opened) = value.open(metadata, options)? {
            return Ok(opened);
        }
    }
    let document = Document::parse(document.source, Format::Json)?;
    let options = OpenOptions { format: Format::Json, ..options };
    let Opened { text, warnings } = open::open(&document, metadata, data_key, options)?;
    Ok(OpenedBinary { content: BinaryContent::Object(text), warnings })
}

impl Document<'_> {
    /// Returns the value of a file that is the wrapper of a binary one and nothing else.
    fn only_value(&self) -> Option<(&Leaf, &str)> {
        let leaf = binary::only_value(self.source, &self.scan, &self.parts)?;
        let LeafValue::Str(text) = leaf.value else { return None };
        match self.scan.str(self.source, text) {
            Cow::Borrowed(text) => Some((leaf, text)),
            // no UTF-8, which an envelope is
            Cow::Owned(_) => None,
        }
    }
}

/// The value of a wrapper, still closed.
struct Value<'d> {
    text: &'d str,
    place: Place,
    cipher: Cipher,
}

impl Value<'_> {
    /// Decrypts the value and checks the MAC; nothing if it holds no bytes, but a number or such.
    fn open(
        self,
        metadata: &Metadata,
        options: OpenOptions,
    ) -> Result<Option<OpenedBinary>, OpenError> {
        let Some(bytes) = self.decrypt(options.strictness)? else { return Ok(None) };
        let mac = mac(&bytes, metadata.mac_only_encrypted);
        let verdict = open::check_mac(metadata, &self.cipher, &mac, options.strictness);
        let warning = match verdict {
            Err(_) if options.ignore_mac => Some(Warning::MacIgnored),
            verdict => verdict.map(|()| None)?,
        };
        let warnings = warning.into_iter().collect();
        Ok(Some(OpenedBinary { content: BinaryContent::Bytes(bytes), warnings }))
    }

    fn decrypt(&self, strictness: Strictness) -> Result<Option<ClearBytes>, OpenError> {
        if self.text.is_empty() {
            return Ok(Some(ClearBytes::default()));
        }
        let place = || self.place.clone();
        let envelope = LongEnvelope::parse(self.text, strictness)
            .map_err(|error| OpenError::Envelope(place(), error))?;
        if envelope.kind() != ValueType::Str.as_str() {
            return Ok(None);
        }
        let opened = envelope.open(&self.cipher, &Aad::of_path([binary::KEY]));
        opened.map(Some).map_err(|error| OpenError::Cipher(place(), error))
    }
}
