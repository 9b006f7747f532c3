use std::borrow::Cow;

use aes_gcm::aead::consts::{U12, U32};
use aes_gcm::aead::generic_array::GenericArray;
use aes_gcm::aes::{Aes128, Aes192, Aes256};
use aes_gcm::{AeadInPlace, AesGcm, KeyInit};

use super::data_key::DataKey;
use super::nonce::{NONCE_LENGTH, Nonce};

/// Number of bytes of an authentication tag.
const TAG_LENGTH: usize = 16;

/// The additional data that ties a ciphertext to its place: path components joined by `:` and
/// followed by one `:` (`spec/format.md` §1.2).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Aad<'k>(Cow<'k, [u8]>);

impl<'k> Aad<'k> {
    /// Makes the additional data of a value or comment at a path.
    pub fn of_path<'p>(keys: impl IntoIterator<Item = &'p str>) -> Self {
        let mut bytes = Vec::new();
        for (number, key) in keys.into_iter().enumerate() {
            if number > 0 {
                bytes.push(b':');
            }
            bytes.extend_from_slice(key.as_bytes());
        }
        bytes.push(b':');
        Self(bytes.into())
    }

    /// Makes the additional data of a path whose keys are joined with a colon behind each; the
    /// empty path is a colon alone.
    #[must_use]
    pub fn of_joined(keys: &'k [u8]) -> Self {
        Self(Cow::Borrowed(if keys.is_empty() { b":" } else { keys }))
    }

    /// Makes the additional data of something that is at no path; no colon is added.
    #[must_use]
    pub fn of_text(text: &'k str) -> Self {
        Self(Cow::Borrowed(text.as_bytes()))
    }

    /// Returns a copy that borrows nothing.
    #[must_use]
    pub fn into_owned(self) -> Aad<'static> {
        Aad(Cow::Owned(self.0.into_owned()))
    }

    /// Returns the bytes that the tag covers.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

/// The reasons why a ciphertext does not open.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum CipherError {
    /// The tag does not fit: another key, another place, or altered bytes.
    #[error(
        "the value does not authenticate: it was altered, moved, or encrypted with another key"
    )]
    Authentication,
    /// The nonce has a length that no writer uses.
    #[error("the iv has {0} bytes; 32 or 12 are expected")]
    NonceLength(usize),
    /// The tag is not 16 bytes long.
    #[error("the tag has {0} bytes; 16 are expected")]
    TagLength(usize),
    /// The value is too long for AES-GCM.
    #[error("the value is too long to be encrypted")]
    TooLong,
}

/// AES-GCM under one data key.
pub struct Cipher {
    wide: Wide,
    key: DataKey,
}

/// The key schedules for 32-byte nonces.
enum Wide {
    Aes128(Box<AesGcm<Aes128, U32>>),
    Aes192(Box<AesGcm<Aes192, U32>>),
    Aes256(Box<AesGcm<Aes256, U32>>),
}

impl Cipher {
    /// Expands a data key.
    #[must_use]
    pub fn new(key: &DataKey) -> Self {
        let bytes = key.as_bytes();
        // a data key has one of the three lengths
        let wide = match bytes.len() {
            16 => Wide::Aes128(Box::new(AesGcm::new(GenericArray::from_slice(bytes)))),
            24 => Wide::Aes192(Box::new(AesGcm::new(GenericArray::from_slice(bytes)))),
            _ => Wide::Aes256(Box::new(AesGcm::new(GenericArray::from_slice(bytes)))),
        };
        Self { wide, key: key.clone() }
    }

    /// Encrypts `text` in place and returns the tag.
    ///
    /// # Errors
    /// The text is longer than 64 GiB.
    pub fn encrypt(
        &self,
        nonce: &Nonce,
        aad: &Aad<'_>,
        text: &mut [u8],
    ) -> Result<[u8; TAG_LENGTH], CipherError> {
        let nonce = GenericArray::from_slice(&nonce.0);
        let tag = match &self.wide {
            Wide::Aes128(cipher) => cipher.encrypt_in_place_detached(nonce, &aad.0, text),
            Wide::Aes192(cipher) => cipher.encrypt_in_place_detached(nonce, &aad.0, text),
            Wide::Aes256(cipher) => cipher.encrypt_in_place_detached(nonce, &aad.0, text),
        };
        tag.map(Into::into).map_err(|_| CipherError::TooLong)
    }

    /// Decrypts `text` in place; it stays encrypted when the tag does not fit.
    ///
    /// # Errors
    /// Nonce or tag have the wrong length, or the tag does not fit.
    pub fn decrypt(
        &self,
        nonce: &[u8],
        aad: &Aad<'_>,
        text: &mut [u8],
        tag: &[u8],
    ) -> Result<(), CipherError> {
        if tag.len() != TAG_LENGTH {
            return Err(CipherError::TagLength(tag.len()));
        }
        let tag = GenericArray::from_slice(tag);
        let opened = match nonce.len() {
            NONCE_LENGTH => {
                let nonce = GenericArray::from_slice(nonce);
                match &self.wide {
                    Wide::Aes128(it) => it.decrypt_in_place_detached(nonce, &aad.0, text, tag),
                    Wide::Aes192(it) => it.decrypt_in_place_detached(nonce, &aad.0, text, tag),
                    Wide::Aes256(it) => it.decrypt_in_place_detached(nonce, &aad.0, text, tag),
                }
            }
            12 => self.decrypt_narrow(nonce, aad, text, tag),
            length => return Err(CipherError::NonceLength(length)),
        };
        opened.map_err(|_| CipherError::Authentication)
    }

    /// Decrypts a value with a 12-byte nonce, which very old files may hold.
    fn decrypt_narrow(
        &self,
        nonce: &[u8],
        aad: &Aad<'_>,
        text: &mut [u8],
        tag: &aes_gcm::Tag,
    ) -> Result<(), aes_gcm::Error> {
        let nonce = GenericArray::from_slice(nonce);
        let key = self.key.as_bytes();
        match key.len() {
            16 => AesGcm::<Aes128, U12>::new(GenericArray::from_slice(key))
                .decrypt_in_place_detached(nonce, &aad.0, text, tag),
            24 => AesGcm::<Aes192, U12>::new(GenericArray::from_slice(key))
                .decrypt_in_place_detached(nonce, &aad.0, text, tag),
            _ => AesGcm::<Aes256, U12>::new(GenericArray::from_slice(key))
                .decrypt_in_place_detached(nonce, &aad.0, text, tag),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn additional_data_joins_keys_and_ends_in_a_colon() {
        for (keys, expected) in
            [(vec![], ":"), (vec!["a"], "a:"), (vec!["a", "b"], "a:b:"), (vec!["", "q"], ":q:")]
        {
            assert_eq!(Aad::of_path(keys).as_bytes(), expected.as_bytes());
        }
    }

    #[test]
    fn all_key_and_nonce_lengths_open_only_untouched_text() {
        for length in [16, 24, 32] {
            let key = DataKey::from_bytes(vec![7; length].into()).unwrap();
            let cipher = Cipher::new(&key);
            let aad = Aad::of_path(["a"]);
            let mut text = b"value".to_vec();
            let tag = cipher.encrypt(&Nonce([1; 32]), &aad, &mut text).unwrap();
            let mut copy = text.clone();
            assert_eq!(cipher.decrypt(&[1; 32], &aad, &mut copy, &tag), Ok(()));
            assert_eq!(copy, b"value");
            for (nonce, aad, tag, expected) in [
                (&[2_u8; 32][..], aad.clone(), tag, CipherError::Authentication),
                (&[1; 32][..], Aad::of_path(["b"]), tag, CipherError::Authentication),
                (&[1; 12][..], aad.clone(), tag, CipherError::Authentication),
                (&[1; 16][..], aad.clone(), tag, CipherError::NonceLength(16)),
            ] {
                assert_eq!(cipher.decrypt(nonce, &aad, &mut text.clone(), &tag), Err(expected));
            }
            let short = cipher.decrypt(&[1; 32], &aad, &mut text, &tag[..12]);
            assert_eq!(short, Err(CipherError::TagLength(12)));
        }
    }
}
