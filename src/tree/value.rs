use super::Timestamp;

/// The type word of an encrypted value (`spec/format.md` §1.3).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ValueType {
    /// `str`
    Str,
    /// `int`
    Int,
    /// `float`
    Float,
    /// `bool`
    Bool,
    /// `time`
    Time,
    /// `comment`
    Comment,
    /// `bytes`, written by no release; read as a string.
    Bytes,
}

impl ValueType {
    /// Reads a type word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Some(match word {
            "str" => Self::Str,
            "int" => Self::Int,
            "float" => Self::Float,
            "bool" => Self::Bool,
            "time" => Self::Time,
            "comment" => Self::Comment,
            "bytes" => Self::Bytes,
            _ => return None,
        })
    }

    /// Returns the type word.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Str => "str",
            Self::Int => "int",
            Self::Float => "float",
            Self::Bool => "bool",
            Self::Time => "time",
            Self::Comment => "comment",
            Self::Bytes => "bytes",
        }
    }
}

/// A typed value that has an encrypted form.
///
/// It may hold a secret, so it has no `Debug` output.
#[derive(Clone, PartialEq)]
pub enum Value {
    /// A string; any bytes.
    Str(zeroize::Zeroizing<Vec<u8>>),
    /// A signed 64-bit integer.
    Int(i64),
    /// A 64-bit float.
    Float(f64),
    /// A truth value.
    Bool(bool),
    /// A point in time with its offset from UTC.
    Time(Timestamp),
    /// The text of a comment, without the comment character.
    Comment(zeroize::Zeroizing<Vec<u8>>),
}

/// The reasons why decrypted bytes are no value of their type; the bytes are never shown.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ValueError {
    /// The bytes do not spell a value of the type.
    #[error("the decrypted text is not a value of type {}", .0.as_str())]
    Malformed(ValueType),
}

impl Value {
    /// Makes a string.
    #[must_use]
    pub fn str(bytes: impl Into<Vec<u8>>) -> Self {
        Self::Str(bytes.into().into())
    }

    /// Makes a comment.
    #[must_use]
    pub fn comment(bytes: impl Into<Vec<u8>>) -> Self {
        Self::Comment(bytes.into().into())
    }

    /// Reads the plaintext of an encrypted value (`spec/format.md` §1.3, "accepted when reading").
    ///
    /// # Errors
    /// The bytes do not spell a value of that type.
    pub fn parse(kind: ValueType, bytes: &[u8]) -> Result<Self, ValueError> {
        let malformed = ValueError::Malformed(kind);
        let text = || std::str::from_utf8(bytes).ok();
        let parsed = match kind {
            ValueType::Str | ValueType::Bytes => Some(Self::str(bytes)),
            ValueType::Comment => Some(Self::comment(bytes)),
            ValueType::Int => text().and_then(parse_int).map(Self::Int),
            ValueType::Float => text().and_then(parse_float).map(Self::Float),
            ValueType::Bool => text().and_then(parse_bool).map(Self::Bool),
            ValueType::Time => text().and_then(Timestamp::parse).map(Self::Time),
        };
        parsed.ok_or(malformed)
    }

    /// Returns the type word that belongs to the value.
    #[must_use]
    pub fn kind(&self) -> ValueType {
        match self {
            Self::Str(_) => ValueType::Str,
            Self::Int(_) => ValueType::Int,
            Self::Float(_) => ValueType::Float,
            Self::Bool(_) => ValueType::Bool,
            Self::Time(_) => ValueType::Time,
            Self::Comment(_) => ValueType::Comment,
        }
    }

    /// Returns the canonical bytes: what is encrypted and what the MAC covers
    /// (`spec/format.md` §1.3, "plaintext written").
    #[must_use]
    pub fn canonical_bytes(&self) -> zeroize::Zeroizing<Vec<u8>> {
        match self {
            Self::Str(bytes) | Self::Comment(bytes) => bytes.clone(),
            Self::Int(number) => number.to_string().into_bytes().into(),
            Self::Float(number) => format_float(*number).into_bytes().into(),
            Self::Bool(true) => b"True".to_vec().into(),
            Self::Bool(false) => b"False".to_vec().into(),
            Self::Time(time) => time.to_string().into_bytes().into(),
        }
    }
}

/// Writes a float as the shortest decimal digits that read back the same, without exponent.
#[must_use]
pub fn format_float(number: f64) -> String {
    if number.is_nan() {
        "NaN".to_owned()
    } else if number.is_infinite() {
        if number > 0.0 { "+Inf".to_owned() } else { "-Inf".to_owned() }
    } else {
        number.to_string()
    }
}

fn parse_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "TRUE" | "true" | "True" => Some(true),
        "0" | "f" | "F" | "FALSE" | "false" | "False" => Some(false),
        _ => None,
    }
}

fn parse_int(text: &str) -> Option<i64> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let is_plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    if is_plain { text.parse().ok() } else { None }
}

/// Reads Go's float syntax: decimals, exponents, hexadecimal floats, `_` between digits,
/// `inf`, `infinity` and `nan` in any case; out of range is no float.
fn parse_float(text: &str) -> Option<f64> {
    let (negative, unsigned) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let magnitude = match unsigned.to_ascii_lowercase().as_str() {
        "inf" | "infinity" => Some(f64::INFINITY),
        "nan" => return Some(f64::NAN),
        lower => parse_finite(&without_separators(lower)?),
    }?;
    Some(if negative { -magnitude } else { magnitude })
}

fn without_separators(text: &str) -> Option<String> {
    let bytes = text.as_bytes();
    let is_separator_misplaced = (0..bytes.len()).any(|at| {
        let is_digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_hexdigit);
        let before = at.checked_sub(1).and_then(|at| bytes.get(at));
        let follows_prefix = at == 2 && text.starts_with("0x");
        bytes[at] == b'_' && !((is_digit(before) || follows_prefix) && is_digit(bytes.get(at + 1)))
    });
    (!is_separator_misplaced).then(|| text.replace('_', ""))
}

fn parse_finite(text: &str) -> Option<f64> {
    if let Some(hexadecimal) = text.strip_prefix("0x") {
        return parse_hexadecimal(hexadecimal).filter(|number| number.is_finite());
    }
    let is_plain = text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'+' | b'-'));
    if !is_plain || text.starts_with(['+', '-']) {
        return None;
    }
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

fn parse_hexadecimal(text: &str) -> Option<f64> {
    let (mantissa, exponent) = text.split_once('p')?;
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let digit = |value: f64, digit: char| Some(value * 16.0 + f64::from(digit.to_digit(16)?));
    let value = whole.chars().chain(fraction.chars()).try_fold(0.0, digit)?;
    let fraction_bits = i32::try_from(fraction.len()).ok()?.checked_mul(4)?;
    let exponent = parse_int(exponent).and_then(|exponent| i32::try_from(exponent).ok())?;
    Some(value * 2f64.powi(exponent.checked_sub(fraction_bits)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(kind: ValueType, text: &str) -> Option<String> {
        let value = Value::parse(kind, text.as_bytes()).ok()?;
        Some(String::from_utf8_lossy(&value.canonical_bytes()).into_owned())
    }

    #[test]
    fn accepted_spellings_come_back_canonical() {
        use ValueType::{Bool, Float, Int, Time};
        let rows = [
            (Int, "007", Some("7")),
            (Int, "+5", Some("5")),
            (Int, "-0", Some("0")),
            (Int, "9223372036854775808", None),
            (Int, "1_0", None),
            (Int, "0x1", None),
            (Int, "", None),
            (Float, "1.0", Some("1")),
            (Float, "1e20", Some("100000000000000000000")),
            (Float, "1e-7", Some("0.0000001")),
            (Float, "-0", Some("-0")),
            (Float, "12345678901234567890", Some("12345678901234567000")),
            (Float, "0x1p3", Some("8")),
            (Float, "0x1.8p1", Some("3")),
            (Float, "1_0.5", Some("10.5")),
            (Float, "_1", None),
            (Float, "1e400", None),
            (Float, "-infinity", Some("-Inf")),
            (Float, "+Inf", Some("+Inf")),
            (Float, "nan", Some("NaN")),
            (Float, "", None),
            (Float, "+-1", None),
            (Bool, "t", Some("True")),
            (Bool, "yes", None),
            (Time, "2020-01-01T10:11:12.500Z", Some("2020-01-01T10:11:12.5Z")),
            (Time, "2020-01-01", None),
        ];
        for (kind, text, expected) in rows {
            assert_eq!(canonical(kind, text).as_deref(), expected, "{kind:?} {text:?}");
        }
    }
}
