use zeroize::Zeroizing;

use super::random::{RandomError, Randomness};

/// The key that encrypts the leaves of one file.
///
/// 32 bytes when made here; files with 16 or 24 bytes (AES-128, AES-192) exist and are read
/// (`spec/format.md` §8, "Data key length").
#[derive(Clone)]
pub struct DataKey {
    bytes: Zeroizing<Vec<u8>>,
}

impl DataKey {
    /// Number of bytes of a new key.
    pub const LENGTH: usize = 32;

    /// Draws a new key.
    ///
    /// # Errors
    /// The random source gave nothing.
    pub fn generate(randomness: &dyn Randomness) -> Result<Self, RandomError> {
        let mut bytes = Zeroizing::new(vec![0; Self::LENGTH]);
        randomness.fill(&mut bytes)?;
        Ok(Self { bytes })
    }

    /// Takes an unwrapped key, or nothing if AES has no keys of that length.
    #[must_use]
    pub fn from_bytes(bytes: Zeroizing<Vec<u8>>) -> Option<Self> {
        matches!(bytes.len(), 16 | 24 | 32).then_some(Self { bytes })
    }

    /// Returns the key's bytes, for wrapping.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }
}
