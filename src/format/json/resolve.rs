use crate::tree::LeafValue;

/// The reasons why the text of a number or string has no value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fault {
    /// The text is no number of RFC 8259.
    NotANumber,
    /// The number is beyond the range of floats.
    OutOfRange,
    /// A backslash begins nothing that RFC 8259 knows.
    UnknownEscape,
}

/// Reads a number as the reference does: an integer of 64 bits where the text is one, else a float.
pub(super) fn number(text: &str) -> Result<LeafValue, Fault> {
    if !is_number(text.as_bytes()) {
        return Err(Fault::NotANumber);
    }
    let is_integer = !text.contains(['.', 'e', 'E']);
    if is_integer && let Ok(number) = text.parse() {
        return Ok(LeafValue::Int(number));
    }
    match text.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(LeafValue::Float(number)),
        _ => Err(Fault::OutOfRange),
    }
}

/// Checks the grammar of RFC 8259 §6.
fn is_number(text: &[u8]) -> bool {
    let digits = |text: &[u8]| text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let unsigned = text.strip_prefix(b"-").unwrap_or(text);
    let whole = digits(unsigned);
    if whole == 0 || (whole > 1 && unsigned[0] == b'0') {
        return false;
    }
    let mut rest = &unsigned[whole..];
    if let Some(fraction) = rest.strip_prefix(b".") {
        let count = digits(fraction);
        if count == 0 {
            return false;
        }
        rest = &fraction[count..];
    }
    let Some(exponent) = rest.strip_prefix(b"e").or(rest.strip_prefix(b"E")) else {
        return rest.is_empty();
    };
    let exponent = exponent.strip_prefix(b"+").or(exponent.strip_prefix(b"-")).unwrap_or(exponent);
    !exponent.is_empty() && digits(exponent) == exponent.len()
}

/// Decodes what stands between the quotes of a string; a surrogate without its other half becomes
/// U+FFFD, as in the reference. An error comes with the offset of its backslash.
pub(super) fn unescape(text: &str) -> Result<Vec<u8>, (usize, Fault)> {
    let mut decoded = Vec::with_capacity(text.len());
    let mut at = 0;
    while let Some(length) = text[at..].find('\\') {
        decoded.extend_from_slice(&text.as_bytes()[at..at + length]);
        at += length;
        let (letter, used) = escape(&text[at..]).ok_or((at, Fault::UnknownEscape))?;
        decoded.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
        at += used;
    }
    decoded.extend_from_slice(&text.as_bytes()[at..]);
    Ok(decoded)
}

/// Reads one escape, or a pair of them that makes one character; gives its length too.
fn escape(text: &str) -> Option<(char, usize)> {
    let letter = match text.as_bytes().get(1)? {
        b'"' => '"',
        b'\\' => '\\',
        b'/' => '/',
        b'b' => '\u{8}',
        b'f' => '\u{c}',
        b'n' => '\n',
        b'r' => '\r',
        b't' => '\t',
        b'u' => return unicode(text),
        _ => return None,
    };
    Some((letter, 2))
}

fn unicode(text: &str) -> Option<(char, usize)> {
    const LENGTH: usize = 6;
    let unit = code_unit(text)?;
    if let Some(letter) = char::from_u32(u32::from(unit)) {
        return Some((letter, LENGTH));
    }
    let second = text.get(LENGTH..).and_then(code_unit);
    let pair = second.and_then(|second| char::decode_utf16([unit, second]).next()?.ok());
    Some(pair.map_or((char::REPLACEMENT_CHARACTER, LENGTH), |letter| (letter, 2 * LENGTH)))
}

/// Reads the number of a `\u` escape.
fn code_unit(text: &str) -> Option<u16> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    let is_hexadecimal = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
    is_hexadecimal.then(|| u16::from_str_radix(digits, 16).ok()).flatten()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_integers_of_64_bits_or_floats() {
        use LeafValue::{Float, Int};
        let rows = [
            ("0", Ok(Int(0))),
            ("-0", Ok(Int(0))),
            ("-0.0", Ok(Float(-0.0))),
            ("1", Ok(Int(1))),
            ("1.0", Ok(Float(1.0))),
            ("1.10", Ok(Float(1.1))),
            ("1E2", Ok(Float(100.0))),
            ("1e+2", Ok(Float(100.0))),
            ("0e1", Ok(Float(0.0))),
            ("9007199254740993", Ok(Int(9_007_199_254_740_993))),
            ("9223372036854775807", Ok(Int(i64::MAX))),
            ("-9223372036854775808", Ok(Int(i64::MIN))),
            ("9223372036854775808", Ok(Float(9_223_372_036_854_775_808.0))),
            ("12345678901234567890", Ok(Float(12_345_678_901_234_567_000.0))),
            ("1e-400", Ok(Float(0.0))),
            ("1e400", Err(Fault::OutOfRange)),
            ("-1e400", Err(Fault::OutOfRange)),
        ];
        for (text, expected) in rows {
            assert_eq!(number(text), expected, "{text}");
        }
        let negative_zero = number("-0.0");
        assert!(matches!(negative_zero, Ok(Float(zero)) if zero.is_sign_negative()));
    }

    #[test]
    fn other_spellings_are_no_numbers() {
        let rows = [
            "", "-", "+1", "01", "-01", "00", ".5", "1.", "1.e1", "1e", "1e+", "1e1.5", "1ee1",
            "0x1", "1_0", "--1", "1-1", "1.1.1", "Infinity", "NaN", "1e1e", "１",
        ];
        for text in rows {
            assert_eq!(number(text), Err(Fault::NotANumber), "{text}");
        }
    }

    #[test]
    fn escapes_are_decoded_as_the_reference_decodes_them() {
        let rows = [
            ("", Some("")),
            ("é😀", Some("é😀")),
            (r#"\"\\\/\b\f\n\r\t"#, Some("\"\\/\u{8}\u{c}\n\r\t")),
            (r"a\u0041z", Some("aAz")),
            (r"\u0000", Some("\0")),
            (r"\u00e9\u00E9", Some("éé")),
            (r"\ud83d\ude00!", Some("😀!")),
            (r"\ud800", Some("\u{fffd}")),
            (r"\ude00\ud83d", Some("\u{fffd}\u{fffd}")),
            (r"\ud800\ud83d\ude00", Some("\u{fffd}😀")),
            (r"\ud800\u0041", Some("\u{fffd}A")),
            (r"\ud800\n", Some("\u{fffd}\n")),
            (r"\ud83dde00", Some("\u{fffd}de00")),
            (r"\", None),
            (r"\a", None),
            (r"\'", None),
            (r"\x41", None),
            (r"\u12", None),
            (r"\u12g4", None),
            (r"\u+123", None),
            (r"\U0041", None),
            (r"\u12é", None),
            (r"\é", None),
        ];
        for (text, expected) in rows {
            let expected = expected.map(|text| text.as_bytes().to_vec());
            assert_eq!(unescape(text).ok(), expected, "{text}");
        }
        assert_eq!(unescape(r"ab\n\q"), Err((4, Fault::UnknownEscape)));
    }
}
