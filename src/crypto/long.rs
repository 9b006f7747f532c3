use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use base64_simd::Out;
use rayon::prelude::*;

use super::ClearBytes;
use super::cipher::{Aad, Cipher, CipherError};
use super::envelope::{EnvelopeError, PREFIX, Strictness, parts};
use super::nonce::Nonce;

/// The envelope of a value as long as a file (`spec/format.md` §1.1). Its ciphertext is held as
/// bytes, in the only buffer that there is of it, and is text no longer than it takes to write it.
pub struct LongEnvelope {
    data: Vec<u8>,
    nonce: Vec<u8>,
    tag: Vec<u8>,
    kind: String,
}

/// How many bytes are encoded or decoded at once; three are one group of base64.
const PIECE: usize = 3 << 17;

/// How many characters [`PIECE`] bytes are.
const PIECE_TEXT: usize = PIECE / 3 * 4;

impl LongEnvelope {
    /// Encrypts `text` in place.
    ///
    /// # Errors
    /// The text is longer than AES-GCM allows.
    pub fn seal(
        cipher: &Cipher,
        nonce: &Nonce,
        aad: &Aad<'_>,
        mut text: Vec<u8>,
        kind: &str,
    ) -> Result<Self, CipherError> {
        let tag = cipher.encrypt(nonce, aad, &mut text)?;
        Ok(Self { data: text, nonce: nonce.0.to_vec(), tag: tag.to_vec(), kind: kind.to_owned() })
    }

    /// Reads the textual form.
    ///
    /// # Errors
    /// The text is not of that form.
    pub fn parse(text: &str, strictness: Strictness) -> Result<Self, EnvelopeError> {
        Self::parse_end(LongText::default(), text, strictness)
    }

    /// Reads the textual form of a value whose beginning was decoded before.
    ///
    /// # Errors
    /// The text is not of that form.
    pub fn parse_end(
        front: LongText,
        text: &str,
        strictness: Strictness,
    ) -> Result<Self, EnvelopeError> {
        let [data, iv, tag, kind] = parts(text, strictness)?;
        let short =
            |text: &str, part| STANDARD.decode(text).map_err(|_| EnvelopeError::Base64(part));
        Ok(Self {
            nonce: short(iv, "iv")?,
            tag: short(tag, "tag")?,
            kind: kind.to_owned(),
            data: decode(front, data).ok_or(EnvelopeError::Base64("data"))?,
        })
    }

    /// Returns the type word.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// Decrypts the value in place.
    ///
    /// # Errors
    /// The value does not authenticate at this place under this key.
    pub fn open(self, cipher: &Cipher, aad: &Aad<'_>) -> Result<ClearBytes, CipherError> {
        let mut text = ClearBytes::from(self.data);
        cipher.decrypt(&self.nonce, aad, &mut text, &self.tag)?;
        Ok(text)
    }

    /// Returns how many bytes the textual form has.
    #[must_use]
    pub fn length(&self) -> usize {
        PREFIX.len() + text_length(self.data.len()) + self.end().len()
    }

    /// Writes the textual form.
    ///
    /// # Errors
    /// The output does not take it.
    pub fn write_to(&self, output: &mut dyn Write) -> io::Result<()> {
        output.write_all(PREFIX.as_bytes())?;
        let pieces = PIECE * 2 * rayon::current_num_threads();
        let mut buffer = vec![0; text_length(self.data.len().min(pieces))];
        for data in self.data.chunks(pieces) {
            let text = &mut buffer[..text_length(data.len())];
            encode(data, text);
            output.write_all(text)?;
        }
        output.write_all(self.end().as_bytes())
    }

    /// Returns the textual form as if the value ended after at most three bytes.
    #[must_use]
    pub fn excerpt(&self) -> String {
        let data = STANDARD.encode(self.data.get(..3).unwrap_or(&self.data));
        format!("{PREFIX}{data}{}", self.end())
    }

    /// Returns the textual form but for the beginning and the ciphertext.
    fn end(&self) -> String {
        let (iv, tag) = (STANDARD.encode(&self.nonce), STANDARD.encode(&self.tag));
        format!(",iv:{iv},tag:{tag},type:{}]", self.kind)
    }
}

/// Returns how many characters so many bytes are.
fn text_length(bytes: usize) -> usize {
    bytes.div_ceil(3) * 4
}

/// Encodes bytes on all cores; the text has just the room for them.
fn encode(bytes: &[u8], text: &mut [u8]) {
    let pieces = bytes.par_chunks(PIECE).zip(text.par_chunks_mut(PIECE_TEXT));
    pieces.for_each(|(bytes, text)| {
        // what it returns is the text
        let _ = base64_simd::STANDARD.encode(bytes, Out::from_slice(text));
    });
}

/// Decodes a text on all cores. Padding is a must and stands only at its end, and spare bits are
/// zero.
fn decode(mut bytes: LongText, text: &str) -> Option<Vec<u8>> {
    let (groups, last) = text.as_bytes().split_at_checked(text.len().checked_sub(4)?)?;
    bytes.reserve(text.len());
    if !bytes.decode(groups) {
        return None;
    }
    Some(bytes.followed_by(&STANDARD.decode(last).ok()?))
}

/// The bytes of a long text in base64 without its end, which may be decoded piece by piece.
#[derive(Default)]
pub struct LongText {
    /// The bytes, and zeros where there is room for more.
    bytes: Vec<u8>,
    length: usize,
}

impl LongText {
    /// Makes room for so many characters.
    #[must_use]
    pub fn with_capacity(characters: usize) -> Self {
        let mut text = Self::default();
        text.reserve(characters);
        text
    }

    /// Makes room for so many more characters, and for no more than is needed if there was none.
    fn reserve(&mut self, characters: usize) {
        let end = self.length + text_bytes(characters);
        if self.bytes.is_empty() {
            // fresh zeros take no time
            self.bytes = vec![0; end];
        } else if end > self.bytes.len() {
            self.bytes.resize(end.max(2 * self.length), 0);
        }
    }

    /// Tells whether a byte is a digit of base64; padding is none.
    #[must_use]
    pub fn is_digit(byte: u8) -> bool {
        byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')
    }

    /// Decodes a piece of whole groups on all cores, unless something in it is no digit; tells
    /// whether it was decoded.
    pub fn decode(&mut self, text: &[u8]) -> bool {
        self.reserve(text.len());
        let end = self.length + text_bytes(text.len());
        let bytes = &mut self.bytes[self.length..end];
        let pieces = text.par_chunks(PIECE_TEXT).zip(bytes.par_chunks_mut(PIECE));
        let is_decoded = pieces.all(|(text, bytes)| {
            let room = bytes.len();
            let decoded = base64_simd::STANDARD.decode(text, Out::from_slice(bytes));
            decoded.is_ok_and(|bytes| bytes.len() == room)
        });
        if is_decoded && text.len().is_multiple_of(4) {
            self.length = end;
            return true;
        }
        false
    }

    /// Takes the last three bytes off and returns their group; nothing if there are no bytes.
    pub fn give_back_last(&mut self) -> Vec<u8> {
        let start = self.length.saturating_sub(3);
        let group = STANDARD.encode(&self.bytes[start..self.length]);
        self.length = start;
        group.into_bytes()
    }

    /// Returns how many characters the bytes are.
    #[must_use]
    pub fn length_of_text(&self) -> usize {
        text_length(self.length)
    }

    /// Appends the text of the bytes.
    pub fn append_to(&self, text: &mut String) {
        STANDARD.encode_string(&self.bytes[..self.length], text);
    }

    /// Takes the bytes, with others behind them.
    #[must_use]
    pub fn followed_by(mut self, last: &[u8]) -> Vec<u8> {
        self.bytes.truncate(self.length);
        self.bytes.extend_from_slice(last);
        self.bytes
    }
}

/// Returns how many bytes so many characters without padding are.
fn text_bytes(characters: usize) -> usize {
    characters / 4 * 3
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::{DataKey, Envelope};

    fn cipher() -> Cipher {
        Cipher::new(&DataKey::from_bytes(vec![9; 32].into()).expect("a length of AES"))
    }

    fn bytes(length: usize) -> Vec<u8> {
        (0..length).map(|at| (at * 7 + at / 251).to_le_bytes()[0]).collect()
    }

    #[test]
    fn long_and_short_envelopes_are_the_same_text() {
        let (cipher, nonce, aad) = (cipher(), Nonce([3; 32]), Aad::of_path(["data"]));
        for length in [1, 2, 3, 1000, PIECE - 1, PIECE, PIECE + 1, 5 * PIECE + 2] {
            let clear = bytes(length);
            let long = LongEnvelope::seal(&cipher, &nonce, &aad, clear.clone(), "str").unwrap();
            let mut text = Vec::new();
            long.write_to(&mut text).unwrap();
            assert_eq!(text.len(), long.length());
            let text = String::from_utf8(text).unwrap();
            let short = Envelope::seal(&cipher, &nonce, &aad, &clear, "str").unwrap();
            assert!(text == short, "{length}");
            let parsed = LongEnvelope::parse(&text, Strictness::Strict).unwrap();
            assert_eq!(parsed.kind(), "str");
            assert!(*parsed.open(&cipher, &aad).unwrap() == clear, "{length}");
        }
    }

    fn decoded(text: &str) -> Option<Vec<u8>> {
        decode(LongText::default(), text)
    }

    #[test]
    fn padding_stands_at_the_end_alone() {
        let text = STANDARD.encode(bytes(3 * PIECE));
        assert_eq!(decoded(&text).map(|bytes| bytes.len()), Some(3 * PIECE));
        for at in [0, PIECE_TEXT, 2 * PIECE_TEXT] {
            for (end, expected) in [("AA==", at / PIECE_TEXT == 2), ("AB==", false)] {
                let mut text = text.clone();
                let last = at + PIECE_TEXT - 4;
                text.replace_range(last..last + 4, end);
                assert_eq!(decoded(&text).is_some(), expected, "{at} {end}");
            }
        }
        for text in ["", "A", "AAA", "AAAAA", "AA=A", "é", "AA\n=", "A==="] {
            assert_eq!(decoded(text), None, "{text:?}");
        }
    }
}
