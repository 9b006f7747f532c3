/// The reasons why bytes are not a text that can be worked on.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TextError {
    /// The bytes are UTF-16.
    #[error("the file is UTF-16; convert it to UTF-8 first")]
    Utf16,
    /// The bytes are not UTF-8.
    #[error("line {line}: the file is not valid UTF-8")]
    NotUtf8 {
        /// Line of the first wrong byte.
        line: usize,
    },
    /// Offsets would not fit.
    #[error("the file has 4 GiB or more")]
    TooLong,
}

/// The length from which on a text cannot be worked on, as offsets would not fit.
pub const MAX_LENGTH: usize = u32::MAX as usize;

/// Turns bytes into text.
///
/// # Errors
/// The bytes are no UTF-8, or too many.
pub fn decode(bytes: &[u8]) -> Result<&str, TextError> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(TextError::Utf16);
    }
    if bytes.len() >= MAX_LENGTH {
        return Err(TextError::TooLong);
    }
    std::str::from_utf8(bytes).map_err(|error| {
        let good = &bytes[..error.valid_up_to()];
        TextError::NotUtf8 { line: 1 + good.iter().filter(|byte| **byte == b'\n').count() }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_utf8_is_text() {
        let rows: [(&[u8], Result<&str, TextError>); 4] = [
            ("a\u{fc}\n".as_bytes(), Ok("a\u{fc}\n")),
            (b"", Ok("")),
            (b"a\nb\xff", Err(TextError::NotUtf8 { line: 2 })),
            (b"\xff\xfea\0", Err(TextError::Utf16)),
        ];
        for (bytes, expected) in rows {
            assert_eq!(decode(bytes), expected);
        }
    }
}
