use std::io::{self, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rayon::prelude::*;

use super::ClearBytes;
use super::cipher::{Aad, Cipher, CipherError, Nonce};
use super::envelope::{EnvelopeError, PREFIX, Strictness, parts};

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
        let [data, iv, tag, kind] = parts(text, strictness)?;
        let short =
            |text: &str, part| STANDARD.decode(text).map_err(|_| EnvelopeError::Base64(part));
        Ok(Self {
            nonce: short(iv, "iv")?,
            tag: short(tag, "tag")?,
            kind: kind.to_owned(),
            data: decode(data).ok_or(EnvelopeError::Base64("data"))?,
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
        STANDARD.encode_slice(bytes, text).expect("the text has room for the bytes");
    });
}

/// Decodes a text on all cores. Padding is a must and stands only at its end, and spare bits are
/// zero.
fn decode(text: &str) -> Option<Vec<u8>> {
    let text = text.as_bytes();
    if !text.len().is_multiple_of(4) {
        return None;
    }
    let mut bytes = vec![0; text.len() / 4 * 3];
    let pieces = text.par_chunks(PIECE_TEXT).zip(bytes.par_chunks_mut(PIECE));
    let missing = |(text, bytes): (&[u8], &mut [u8])| {
        let room = bytes.len();
        Some(room - STANDARD.decode_slice(text, bytes).ok()?)
    };
    let missing: Vec<usize> = pieces.map(missing).collect::<Option<_>>()?;
    let (last, others) = missing.split_last()?;
    if others.iter().any(|missing| *missing > 0) {
        return None;
    }
    bytes.truncate(bytes.len() - last);
    Some(bytes)
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

    #[test]
    fn padding_stands_at_the_end_alone() {
        let text = STANDARD.encode(bytes(3 * PIECE));
        assert_eq!(decode(&text).map(|bytes| bytes.len()), Some(3 * PIECE));
        for at in [0, PIECE_TEXT, 2 * PIECE_TEXT] {
            for (end, expected) in [("AA==", at / PIECE_TEXT == 2), ("AB==", false)] {
                let mut text = text.clone();
                let last = at + PIECE_TEXT - 4;
                text.replace_range(last..last + 4, end);
                assert_eq!(decode(&text).is_some(), expected, "{at} {end}");
            }
        }
        for text in ["", "A", "AAA", "AAAAA", "AA=A", "é", "AA\n=", "A==="] {
            assert_eq!(decode(text), None, "{text:?}");
        }
    }
}
