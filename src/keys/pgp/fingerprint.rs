use super::PgpError;
use crate::keys::holds_identity;

/// How many digits name a key: a long key id, and the fingerprints of versions 3, 4 and 6.
const LENGTHS: [usize; 4] = [16, 32, 40, 64];

/// The fingerprint of an OpenPGP key or subkey, or its long key id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fingerprint {
    text: String,
}

impl Fingerprint {
    /// Reads a fingerprint: hexadecimal digits in either letter case, with `0x` before them or not;
    /// a `!` at the end asks for that very subkey. Blanks are taken out, all else stays as given
    /// (`spec/format.md` §7.2).
    ///
    /// # Errors
    /// The text is none, or a key id of eight digits, which does not tell keys apart.
    pub fn parse(text: &str) -> Result<Self, PgpError> {
        if holds_identity(text) {
            return Err(PgpError::SecretKey);
        }
        let text: String = text.split_whitespace().collect();
        let fingerprint = Self { text };
        let digits = fingerprint.digits();
        let is_number = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_number && digits.len() == 8 {
            return Err(PgpError::ShortId(fingerprint.text));
        }
        if is_number && LENGTHS.contains(&digits.len()) {
            return Ok(fingerprint);
        }
        Err(PgpError::NotFingerprint(fingerprint.text))
    }

    /// Returns the text as a file has it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the digits alone.
    pub(super) fn digits(&self) -> &str {
        let text = self.text.strip_suffix('!').unwrap_or(&self.text);
        text.strip_prefix("0x").or(text.strip_prefix("0X")).unwrap_or(text)
    }

    /// Tells whether that very subkey is asked for.
    pub(super) fn is_exact(&self) -> bool {
        self.text.ends_with('!')
    }

    /// Returns the long key id, with the `!` of the fingerprint: its last 16 characters, or 17.
    pub(super) fn key_id(&self) -> &str {
        let length = if self.is_exact() { 17 } else { 16 };
        &self.text[self.text.len().saturating_sub(length)..]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FULL: &str = "C9E3CD815C4F4ADE8560BB7C42F7369AFBD4E171";

    #[test]
    fn fingerprints_stay_as_they_are_given_but_for_blanks() {
        let spaced = "C9E3 CD81 5C4F 4ADE 8560  BB7C 42F7 369A FBD4 E171";
        let (exact, lower) = (format!("{FULL}!"), FULL.to_lowercase());
        let prefixed = format!("0x{FULL}");
        let rows = [
            (spaced, FULL, "42F7369AFBD4E171"),
            (exact.as_str(), exact.as_str(), "42F7369AFBD4E171!"),
            (lower.as_str(), lower.as_str(), "42f7369afbd4e171"),
            (prefixed.as_str(), prefixed.as_str(), "42F7369AFBD4E171"),
            (" 42F7369AFBD4E171\n", "42F7369AFBD4E171", "42F7369AFBD4E171"),
            ("42F7369AFBD4E171!", "42F7369AFBD4E171!", "42F7369AFBD4E171!"),
        ];
        for (text, kept, key_id) in rows {
            let fingerprint = Fingerprint::parse(text).expect(text);
            assert_eq!((fingerprint.as_str(), fingerprint.key_id()), (kept, key_id), "{text}");
        }
    }

    #[test]
    fn other_texts_are_no_fingerprints() {
        let almost = &FULL[1..];
        for text in ["", "!", "name", "user@example.invalid", almost, "--output", "0x", "é!"] {
            let error = Fingerprint::parse(text).expect_err(text);
            assert!(matches!(error, PgpError::NotFingerprint(_)), "{text}: {error}");
        }
        let short = Fingerprint::parse("FBD4E171").expect_err("too short");
        assert!(matches!(short, PgpError::ShortId(_)));
        let secret = "-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nlQOYBG";
        let error = Fingerprint::parse(secret).expect_err("secret");
        assert!(matches!(error, PgpError::SecretKey) && !error.to_string().contains("lQOY"));
    }
}
