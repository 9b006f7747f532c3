use sha2::{Digest, Sha512};

/// SHA-256 of `sops`, fed first when the MAC covers encrypted values only (`spec/format.md` §2.1).
const ENCRYPTED_ONLY_PREFIX: [u8; 32] = [
    0x8a, 0x3f, 0xd2, 0xad, 0x54, 0xce, 0x66, 0x52, 0x7b, 0x10, 0x34, 0xf3, 0xd1, 0x47, 0xbe, 0x0b,
    0x0b, 0x97, 0x5b, 0x3b, 0xf4, 0x4f, 0x72, 0xc6, 0xfd, 0xad, 0xec, 0x81, 0x76, 0xf2, 0x7d, 0x69,
];

/// The digest over all values of a file: 128 upper-case hexadecimal digits.
///
/// It has no `Debug` output: the digest of few or short values tells what they are.
#[derive(Clone, PartialEq, Eq)]
pub struct Mac(String);

impl Mac {
    /// Takes the text of a stored MAC.
    #[must_use]
    pub fn from_text(text: &[u8]) -> Self {
        Self(String::from_utf8_lossy(text).into_owned())
    }

    /// Returns the text that is stored, encrypted.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A MAC under construction (`spec/format.md` §2).
#[derive(Clone)]
pub struct MacState {
    digest: Sha512,
    encrypted_only: bool,
}

impl MacState {
    /// Begins a MAC over all values, or over the encrypted ones only.
    #[must_use]
    pub fn new(encrypted_only: bool) -> Self {
        let mut digest = Sha512::new();
        if encrypted_only {
            digest.update(ENCRYPTED_ONLY_PREFIX);
        }
        Self { digest, encrypted_only }
    }

    /// Feeds the canonical bytes of the next value that is no comment.
    pub fn add(&mut self, bytes: &[u8], is_encrypted: bool) {
        if is_encrypted || !self.encrypted_only {
            self.digest.update(bytes);
        }
    }

    /// Returns the MAC of all values fed.
    #[must_use]
    pub fn finish(self) -> Mac {
        use std::fmt::Write as _;
        let mut text = String::with_capacity(128);
        for byte in self.digest.finalize() {
            // writing to a string cannot fail
            let _ = write!(text, "{byte:02X}");
        }
        Mac(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mac_of_nothing_is_the_digest_of_nothing() {
        assert!(MacState::new(false).finish().as_str().starts_with("CF83E1357EEFB8BD"));
    }

    #[test]
    fn clear_values_count_unless_only_encrypted_ones_do() {
        let mac = |encrypted_only, is_encrypted| {
            let mut state = MacState::new(encrypted_only);
            state.add(b"x", is_encrypted);
            state.finish()
        };
        assert!(mac(false, false) == mac(false, true));
        assert!(mac(true, false) == MacState::new(true).finish());
        assert!(mac(true, true) != mac(true, false));
    }
}
