use std::fmt;
use std::ops::{Deref, DerefMut};

use zeroize::{Zeroize as _, Zeroizing};

/// Bytes in clear that may be as many as a file has, overwritten when dropped. They are overwritten
/// all at once; [`Zeroizing`] does it to a vector byte by byte, which takes longer than to decrypt
/// it.
#[derive(Default)]
pub struct ClearBytes(Vec<u8>);

impl ClearBytes {
    /// Takes the bytes out, still to be overwritten when dropped.
    #[must_use]
    pub fn into_zeroizing(mut self) -> Zeroizing<Vec<u8>> {
        std::mem::take(&mut self.0).into()
    }
}

impl From<Vec<u8>> for ClearBytes {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl From<Zeroizing<Vec<u8>>> for ClearBytes {
    fn from(mut bytes: Zeroizing<Vec<u8>>) -> Self {
        Self(std::mem::take(&mut *bytes))
    }
}

impl From<Zeroizing<String>> for ClearBytes {
    fn from(mut text: Zeroizing<String>) -> Self {
        Self(std::mem::take(&mut *text).into_bytes())
    }
}

impl Deref for ClearBytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl DerefMut for ClearBytes {
    fn deref_mut(&mut self) -> &mut [u8] {
        &mut self.0
    }
}

impl AsRef<[u8]> for ClearBytes {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for ClearBytes {
    fn drop(&mut self) {
        self.0.clear();
        self.0.spare_capacity_mut().zeroize();
    }
}

/// Shows nothing of the bytes.
impl fmt::Debug for ClearBytes {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ClearBytes").finish_non_exhaustive()
    }
}
