//! Binary files, which are one value of any bytes: past events and edits, with one buffer for the
//! ciphertext and none for its text.

mod source;

use std::borrow::Cow;
use std::io::{self, Read, Write};
use std::sync::mpsc;
use std::thread;

pub use self::source::{BinarySource, Front};

use super::error::{OpenError, SealError};
use super::open::{self, OpenOptions, Warning};
use super::seal::{self, Place, SealOptions};
use super::{Document, select};
use crate::crypto::{
    Aad, Cipher, ClearBytes, DataKey, LongEnvelope, LongText, Mac, MacState, Nonce, Randomness,
    Strictness,
};
use crate::format::binary::{self, Wrapper};
use crate::format::{Format, Indent};
use crate::metadata::{Metadata, Selector};
use crate::parallel;
use crate::text::{MAX_LENGTH, line_of};
use crate::tree::{Leaf, LeafValue, Path, ValueType};

/// How much is read at once.
const PIECE: usize = 1 << 20;

/// An encrypted binary file, which is text only when it is written.
pub struct SealedBinary {
    wrapper: Wrapper,
    /// Nothing for a file without bytes.
    envelope: Option<LongEnvelope>,
}

/// A decrypted binary file.
pub struct OpenedBinary {
    /// What is in it.
    pub bytes: ClearBytes,
    /// What deserves attention.
    pub warnings: Vec<Warning>,
}

/// Encrypts any bytes: new data key, new metadata block. The selector is not asked, and not
/// written.
///
/// # Errors
/// There are too many bytes, or the result would not be read back as it was meant.
pub fn seal_binary(
    bytes: &[u8],
    options: SealOptions<'_>,
    indent: Indent,
    randomness: &dyn Randomness,
) -> Result<SealedBinary, SealError> {
    check_length(bytes.len())?;
    let (cipher, nonce) = (Cipher::new(options.data_key), Nonce::draw(randomness)?);
    let encrypt = || encrypt(bytes.to_vec(), &cipher, &nonce);
    let (mac, envelope) = parallel::both(bytes.len(), || mac(bytes, false), encrypt);
    finish((options, indent), &cipher, &mac, envelope?, randomness)
}

/// Encrypts what is read like [`seal_binary`]; it is about so many bytes. The MAC is made from what
/// was read while more of it is read.
///
/// # Errors
/// As [`seal_binary`], or the input cannot be read.
pub fn seal_binary_input(
    input: &mut dyn Read,
    length: usize,
    options: SealOptions<'_>,
    indent: Indent,
    randomness: &dyn Randomness,
) -> Result<SealedBinary, SealError> {
    check_length(length)?;
    let (cipher, nonce) = (Cipher::new(options.data_key), Nonce::draw(randomness)?);
    let mut clear = ClearBytes::from(vec![0; length]);
    let mut text = Vec::with_capacity(length);
    let (mac, envelope) = thread::scope(|scope| {
        let (sender, pieces) = mpsc::channel::<&[u8]>();
        let mac = scope.spawn(|| add_all(pieces));
        for piece in clear.chunks_mut(PIECE) {
            let filled = source::fill(input, piece)?;
            let piece = &piece[..filled];
            text.extend_from_slice(piece);
            // the other thread goes on until there are no more pieces
            let _ = sender.send(piece);
        }
        drop(sender);
        let known = text.len();
        input.read_to_end(&mut text)?;
        let rest = ClearBytes::from(text[known..].to_vec());
        let envelope = encrypt(text, &cipher, &nonce);
        let mut mac = mac.join().expect("to add bytes to a digest does not panic");
        mac.add(&rest, true);
        Ok::<_, io::Error>((mac.finish(), envelope))
    })
    .map_err(SealError::Read)?;
    finish((options, indent), &cipher, &mac, envelope?, randomness)
}

/// Refuses what is too long before any work is done; its wrapper may still make it so.
fn check_length(length: usize) -> Result<(), SealError> {
    if length / 3 >= MAX_LENGTH / 4 { Err(SealError::TooLong) } else { Ok(()) }
}

/// Adds pieces to a MAC as they come.
fn add_all<'p>(pieces: impl IntoIterator<Item = &'p [u8]>) -> MacState {
    let mut mac = MacState::new(false);
    for piece in pieces {
        mac.add(piece, true);
    }
    mac
}

/// Puts an encrypted value into its wrapper, with the metadata.
fn finish(
    (options, indent): (SealOptions<'_>, Indent),
    cipher: &Cipher,
    mac: &Mac,
    envelope: Option<LongEnvelope>,
    randomness: &dyn Randomness,
) -> Result<SealedBinary, SealError> {
    let selector = Selector::default();
    let mut metadata = Metadata { selector, mac_only_encrypted: false, ..options.metadata };
    metadata.mac = seal::encrypt_mac(cipher, &metadata, mac, randomness)?;
    let wrapper = Wrapper::new(&metadata.to_tree_of_whole(), indent);
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

/// Encrypts bytes in place; none are not encrypted (`spec/format.md` §1.4).
fn encrypt(
    bytes: Vec<u8>,
    cipher: &Cipher,
    nonce: &Nonce,
) -> Result<Option<LongEnvelope>, SealError> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let kind = ValueType::Str.as_str();
    let sealed = LongEnvelope::seal(cipher, nonce, &Aad::of_path([binary::KEY]), bytes, kind);
    sealed.map(Some).map_err(|error| SealError::Cipher(nowhere(), error))
}

/// Encrypts the bytes of a file that is one already.
pub(super) fn envelope(
    bytes: &[u8],
    data_key: &DataKey,
    randomness: &dyn Randomness,
) -> Result<String, SealError> {
    let nonce = Nonce::draw(randomness)?;
    let envelope = encrypt(bytes.to_vec(), &Cipher::new(data_key), &nonce)?;
    let mut text = Vec::with_capacity(envelope.as_ref().map_or(0, LongEnvelope::length));
    if let Some(envelope) = envelope {
        envelope.write_to(&mut text).expect("memory takes all bytes");
    }
    Ok(String::from_utf8(text).expect("an envelope is text"))
}

/// Returns the one value of a file that is the wrapper of bytes and nothing else.
pub(super) fn wrapped<'d>(
    document: &'d Document<'_>,
    selector: &Selector,
) -> Option<(&'d Leaf, &'d str)> {
    let (leaf, text) = document.only_value()?;
    let is_string = text.is_empty() || text.rfind(STRING_END).is_some();
    (is_string && select::is_pair_selected(selector, binary::KEY)).then_some((leaf, text))
}

fn nowhere() -> Place {
    Place { line: 1, path: Path::new() }
}

impl SealedBinary {
    /// Tells whether the file has any bytes.
    #[must_use]
    pub fn has_value(&self) -> bool {
        self.envelope.is_some()
    }

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

/// Decrypts a binary file whose data key is known; `front` is what the text lacks of it.
///
/// The MAC is checked before anything is returned.
///
/// # Errors
/// The value does not open, or the MAC does not fit.
pub fn open_binary(
    document: &Document<'_>,
    mut front: Option<Front<'_>>,
    metadata: &Metadata,
    data_key: &DataKey,
    options: OpenOptions,
) -> Result<OpenedBinary, OpenError> {
    open::check(document)?;
    if let Some((leaf, text)) = wrapped(document, &metadata.selector) {
        let place = Place {
            line: line_of(document.source, leaf.site.start()),
            path: std::iter::once(binary::KEY).collect(),
        };
        let front = front.as_mut().map(Front::take).unwrap_or_default();
        return Value { text, place, cipher: Cipher::new(data_key) }.open(front, metadata, options);
    }
    let Some(front) = front else { return open_object(document, metadata, data_key, options) };
    let whole = front.complete(document.source);
    let document = Document::parse(&whole, Format::Binary)?;
    open_object(&document, metadata, data_key, options)
}

/// Decrypts a file of another shape and takes the bytes that the reference would take.
fn open_object(
    document: &Document<'_>,
    metadata: &Metadata,
    data_key: &DataKey,
    options: OpenOptions,
) -> Result<OpenedBinary, OpenError> {
    let tree = open::open_tree(document, metadata, data_key, options)?;
    let bytes = binary::emit(&tree.documents()?).map_err(OpenError::NoBytes)?;
    Ok(OpenedBinary { bytes: bytes.into(), warnings: tree.warnings().to_vec() })
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

/// How the envelope of a string ends.
const STRING_END: &str = ",type:str]";

/// The value of a wrapper, still closed.
struct Value<'d> {
    text: &'d str,
    place: Place,
    cipher: Cipher,
}

impl Value<'_> {
    /// Decrypts the value and checks the MAC.
    fn open(
        self,
        front: LongText,
        metadata: &Metadata,
        options: OpenOptions,
    ) -> Result<OpenedBinary, OpenError> {
        let bytes = self.decrypt(front, options.strictness)?;
        let mac = mac(&bytes, metadata.mac_only_encrypted);
        let verdict = open::check_mac(metadata, &self.cipher, &mac, options.strictness);
        let warning = match verdict {
            Err(_) if options.ignore_mac => Some(Warning::MacIgnored),
            verdict => verdict.map(|()| None)?,
        };
        let warnings = warning.into_iter().collect();
        Ok(OpenedBinary { bytes, warnings })
    }

    fn decrypt(&self, front: LongText, strictness: Strictness) -> Result<ClearBytes, OpenError> {
        if self.text.is_empty() {
            return Ok(ClearBytes::default());
        }
        let place = || self.place.clone();
        let envelope = LongEnvelope::parse_end(front, self.text, strictness)
            .map_err(|error| OpenError::Envelope(place(), error))?;
        let opened = envelope.open(&self.cipher, &Aad::of_path([binary::KEY]));
        opened.map_err(|error| OpenError::Cipher(place(), error))
    }
}
