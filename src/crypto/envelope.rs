use std::borrow::Cow;
use std::ops::Range;

use zeroize::Zeroizing;

use super::base64;
use super::cipher::{Aad, Cipher, CipherError};
use super::nonce::Nonce;

/// An encrypted value in its textual form, still closed (`spec/format.md` §1.1).
pub struct Envelope<'t> {
    /// Ciphertext, nonce and tag.
    bytes: Cow<'t, [u8]>,
    /// Where the ciphertext ends.
    data_end: usize,
    /// Where the nonce ends.
    nonce_end: usize,
    kind: &'t str,
}

/// How closely a text must keep to what writers write.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Strictness {
    /// Nothing behind the bracket but line breaks, canonical base64 (`design.md` §4.1).
    #[default]
    Strict,
    /// Whatever the reference accepts.
    Lenient,
}

/// The reasons why a text is no envelope; the text is never shown.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum EnvelopeError {
    /// The text does not have the form of an encrypted value.
    #[error("not of the form ENC[AES256_GCM,data:…,iv:…,tag:…,type:…]")]
    Malformed,
    /// Text stands behind the closing bracket.
    #[error("text stands behind the closing bracket of the encrypted value")]
    TrailingText,
    /// A part is not canonical base64.
    #[error("the {0} of the encrypted value is not canonical base64")]
    Base64(&'static str),
}

pub(super) const PREFIX: &str = "ENC[AES256_GCM,data:";

impl<'t> Envelope<'t> {
    /// Tells whether a text begins like an encrypted value.
    #[must_use]
    pub fn is_likely(text: &[u8]) -> bool {
        text.starts_with(PREFIX.as_bytes())
    }

    /// Reads the textual form.
    ///
    /// # Errors
    /// The text is not of that form.
    pub fn parse(text: &'t str, strictness: Strictness) -> Result<Self, EnvelopeError> {
        let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
        let (data_end, nonce_end, kind) = decode(text, strictness, &mut bytes)?;
        Ok(Self { bytes: bytes.into(), data_end, nonce_end, kind })
    }

    /// Reads the textual form like [`Self::parse`], its bytes into a buffer that is used again.
    ///
    /// # Errors
    /// The text is not of that form.
    pub fn parse_into(
        text: &'t str,
        strictness: Strictness,
        buffer: &'t mut Vec<u8>,
    ) -> Result<Self, EnvelopeError> {
        buffer.clear();
        let (data_end, nonce_end, kind) = decode(text, strictness, buffer)?;
        Ok(Self { bytes: Cow::Borrowed(buffer), data_end, nonce_end, kind })
    }

    /// Reads the type word of a text that [`Self::parse`] would accept.
    ///
    /// # Errors
    /// The text is not of that form.
    pub fn kind_of(text: &'t str, strictness: Strictness) -> Result<&'t str, EnvelopeError> {
        let [data, iv, tag, kind] = parts(text, strictness)?;
        for (text, part) in [(data, "data"), (iv, "iv"), (tag, "tag")] {
            base64::is_valid(text).then_some(()).ok_or(EnvelopeError::Base64(part))?;
        }
        Ok(kind)
    }

    /// Returns how many bytes the value of a text has at most, without decoding it.
    #[must_use]
    pub fn length_limit(text: &str) -> usize {
        let body = text.as_bytes().get(PREFIX.len()..).unwrap_or_default();
        let digits = memchr::memchr(b',', body).unwrap_or(body.len());
        digits.div_ceil(4) * 3
    }

    /// Returns the type word.
    #[must_use]
    pub fn kind(&self) -> &'t str {
        self.kind
    }

    /// Decrypts a copy of the value.
    ///
    /// # Errors
    /// The value does not authenticate at this place under this key.
    pub fn open(&self, cipher: &Cipher, aad: &Aad<'_>) -> Result<Zeroizing<Vec<u8>>, CipherError> {
        let mut text = Zeroizing::new(Vec::with_capacity(self.data_end));
        self.open_into(cipher, aad, &mut text)?;
        Ok(text)
    }

    /// Decrypts the value to the end of a buffer, and tells where it stands there.
    ///
    /// # Errors
    /// As [`Self::open`]; the buffer is left as it was.
    pub fn open_into(
        &self,
        cipher: &Cipher,
        aad: &Aad<'_>,
        output: &mut Vec<u8>,
    ) -> Result<Range<usize>, CipherError> {
        let (data, rest) = self.bytes.split_at(self.data_end);
        let (nonce, tag) = rest.split_at(self.nonce_end - self.data_end);
        let start = output.len();
        output.extend_from_slice(data);
        let opened = cipher.decrypt(nonce, aad, &mut output[start..], tag);
        if opened.is_err() {
            output.truncate(start);
        }
        opened.map(|()| start..output.len())
    }

    /// Encrypts `text` and returns its textual form.
    ///
    /// # Errors
    /// The text is longer than AES-GCM allows.
    pub fn seal(
        cipher: &Cipher,
        nonce: &Nonce,
        aad: &Aad<'_>,
        text: &[u8],
        kind: &str,
    ) -> Result<String, CipherError> {
        let mut output = Vec::new();
        EnvelopeWriter::new(cipher).append(nonce, aad, (text, kind), &mut output)?;
        Ok(String::from_utf8(output).expect("all pieces are text"))
    }
}

/// Encrypts values, one after the other, with one piece of memory.
pub struct EnvelopeWriter<'c> {
    cipher: &'c Cipher,
    /// The latest ciphertext.
    text: Vec<u8>,
}

impl<'c> EnvelopeWriter<'c> {
    /// Makes a writer for values under one key.
    #[must_use]
    pub fn new(cipher: &'c Cipher) -> Self {
        Self { cipher, text: Vec::new() }
    }

    /// Encrypts a text with the type word `kind` and appends its textual form, which is ASCII if
    /// the type word is.
    ///
    /// # Errors
    /// The text is longer than AES-GCM allows.
    pub fn append(
        &mut self,
        nonce: &Nonce,
        aad: &Aad<'_>,
        (text, kind): (&[u8], &str),
        output: &mut Vec<u8>,
    ) -> Result<(), CipherError> {
        // encrypted in place, so no plaintext is left in the copy
        self.text.clear();
        self.text.extend_from_slice(text);
        let tag = self.cipher.encrypt(nonce, aad, &mut self.text)?;
        output.reserve(PREFIX.len() + text.len() * 4 / 3 + 110 + kind.len());
        output.extend_from_slice(PREFIX.as_bytes());
        base64::encode(&self.text, output);
        output.extend_from_slice(b",iv:");
        base64::encode(&nonce.0, output);
        output.extend_from_slice(b",tag:");
        base64::encode(&tag, output);
        output.extend_from_slice(b",type:");
        output.extend_from_slice(kind.as_bytes());
        output.push(b']');
        Ok(())
    }
}

/// Appends ciphertext, nonce and tag of a textual form; returns where the first two end, and the
/// type word.
fn decode<'t>(
    text: &'t str,
    strictness: Strictness,
    bytes: &mut Vec<u8>,
) -> Result<(usize, usize, &'t str), EnvelopeError> {
    let [data, iv, tag, kind] = parts(text, strictness)?;
    let mut decode = |text, part| match base64::decode(text, bytes) {
        Some(()) => Ok(bytes.len()),
        None => Err(EnvelopeError::Base64(part)),
    };
    let data_end = decode(data, "data")?;
    let nonce_end = decode(iv, "iv")?;
    decode(tag, "tag")?;
    Ok((data_end, nonce_end, kind))
}

/// Cuts the textual form into its four parts.
pub(super) fn parts(text: &str, strictness: Strictness) -> Result<[&str; 4], EnvelopeError> {
    let body = text.strip_prefix(PREFIX).ok_or(EnvelopeError::Malformed)?;
    let line_end = memchr::memchr(b'\n', body.as_bytes()).unwrap_or(body.len());
    let close = memchr::memrchr(b']', &body.as_bytes()[..line_end]);
    let close = close.ok_or(EnvelopeError::Malformed)?;
    let rest = &body[close + 1..];
    if strictness == Strictness::Strict && !rest.bytes().all(|byte| byte == b'\n') {
        return Err(EnvelopeError::TrailingText);
    }
    split(&body[..close]).ok_or(EnvelopeError::Malformed)
}

/// Cuts the inside of an envelope behind `data:` into its four parts.
fn split(inside: &str) -> Option<[&str; 4]> {
    let (inside, kind) = split_at_last(inside, ",type:")?;
    let (inside, tag) = split_at_last(inside, ",tag:")?;
    let (data, iv) = split_at_last(inside, ",iv:")?;
    let parts = [data, iv, tag, kind];
    parts.iter().all(|part| !part.is_empty()).then_some(parts)
}

/// Cuts a text at the last `name`, which begins with a comma; few other commas are to be expected.
fn split_at_last<'t>(text: &'t str, name: &str) -> Option<(&'t str, &'t str)> {
    let mut end = text.len();
    loop {
        end = memchr::memrchr(b',', &text.as_bytes()[..end])?;
        if let Some(rest) = text[end..].strip_prefix(name) {
            return Some((&text[..end], rest));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::DataKey;

    fn cipher() -> Cipher {
        Cipher::new(&DataKey::from_bytes(vec![9; 32].into()).unwrap())
    }

    fn sealed() -> String {
        let aad = Aad::of_path(["a"]);
        Envelope::seal(&cipher(), &Nonce([3; 32]), &aad, b"secret", "str").unwrap()
    }

    #[test]
    fn a_sealed_text_opens() {
        let text = sealed();
        let envelope = Envelope::parse(&text, Strictness::Strict).unwrap();
        assert_eq!(envelope.kind(), "str");
        let opened = envelope.open(&cipher(), &Aad::of_path(["a"])).map(|text| text.to_vec());
        assert_eq!(opened, Ok(b"secret".to_vec()));
    }

    #[test]
    fn only_exact_forms_are_read_strictly() {
        let text = sealed();
        let rows = [
            (format!("{text}\n\n"), None, None),
            (format!("{text}\r"), Some(EnvelopeError::TrailingText), None),
            (format!("{text} more"), Some(EnvelopeError::TrailingText), None),
            (format!(" {text}"), Some(EnvelopeError::Malformed), Some(EnvelopeError::Malformed)),
            (
                text.replace(",iv:", "=,iv:"),
                Some(EnvelopeError::Base64("data")),
                Some(EnvelopeError::Base64("data")),
            ),
            (
                text.replace("AES256_GCM", "AES"),
                Some(EnvelopeError::Malformed),
                Some(EnvelopeError::Malformed),
            ),
            (text.replace(']', ""), Some(EnvelopeError::Malformed), Some(EnvelopeError::Malformed)),
            (String::new(), Some(EnvelopeError::Malformed), Some(EnvelopeError::Malformed)),
        ];
        for (text, strict, lenient) in rows {
            assert_eq!(Envelope::parse(&text, Strictness::Strict).err(), strict, "{text:?}");
            assert_eq!(Envelope::parse(&text, Strictness::Lenient).err(), lenient, "{text:?}");
        }
    }
}
