use base64::Engine as _;

use crate::tree::{Clock, Timestamp};

/// What the text of a scalar means.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Resolved {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Time(Timestamp),
    /// The text as it is.
    Str,
    /// The decoded content of `!!binary`.
    Binary(Vec<u8>),
    /// An integer of [2^63, 2^64).
    TooBig,
}

/// The tag of a scalar, as far as it decides the type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    /// No tag, or the non-specific `!`.
    None,
    Null,
    Bool,
    Int,
    Float,
    Timestamp,
    Binary,
    /// `!!str`, and every tag that the reference drops.
    Str,
}

impl Tag {
    /// Reads the part of a tag behind `tag:yaml.org,2002:`.
    pub(super) fn core(suffix: &str) -> Self {
        match suffix {
            "null" => Self::Null,
            "bool" => Self::Bool,
            "int" => Self::Int,
            "float" => Self::Float,
            "timestamp" => Self::Timestamp,
            "binary" => Self::Binary,
            _ => Self::Str,
        }
    }
}

/// Gives a scalar its type, as yaml.v3 does (`spec/format.md` §5.2.2); nothing when the text is
/// not of the type that the tag asks for.
pub(super) fn resolve(text: &str, is_plain: bool, tag: Tag) -> Option<Resolved> {
    match tag {
        Tag::None if is_plain => Some(resolve_plain(text)),
        Tag::None | Tag::Str => Some(Resolved::Str),
        Tag::Binary => decode_binary(text).map(Resolved::Binary),
        Tag::Timestamp => parse_timestamp(text).map(Resolved::Time),
        Tag::Null => Some(resolve_plain(text)).filter(|found| *found == Resolved::Null),
        Tag::Bool => Some(resolve_plain(text)).filter(|found| matches!(found, Resolved::Bool(_))),
        Tag::Int => Some(resolve_plain(text))
            .filter(|found| matches!(found, Resolved::Int(_) | Resolved::TooBig)),
        Tag::Float => as_float(resolve_plain(text)),
    }
}

fn as_float(resolved: Resolved) -> Option<Resolved> {
    match resolved {
        Resolved::Float(_) => Some(resolved),
        #[expect(clippy::cast_precision_loss, reason = "the reference converts likewise")]
        Resolved::Int(number) => Some(Resolved::Float(number as f64)),
        _ => None,
    }
}

fn decode_binary(text: &str) -> Option<Vec<u8>> {
    let compact: String = text.chars().filter(|letter| !matches!(letter, '\r' | '\n')).collect();
    base64::engine::general_purpose::STANDARD.decode(compact).ok()
}

/// Gives a scalar without quotes and tag its type.
pub(super) fn resolve_plain(text: &str) -> Resolved {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Resolved::Null,
        "true" | "True" | "TRUE" => return Resolved::Bool(true),
        "false" | "False" | "FALSE" => return Resolved::Bool(false),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => {
            return Resolved::Float(f64::INFINITY);
        }
        "-.inf" | "-.Inf" | "-.INF" => return Resolved::Float(f64::NEG_INFINITY),
        ".nan" | ".NaN" | ".NAN" => return Resolved::Float(f64::NAN),
        _ => {}
    }
    match text.as_bytes()[0] {
        b'.' => parse_float(text).map_or(Resolved::Str, Resolved::Float),
        b'+' | b'-' | b'0'..=b'9' => resolve_number(text),
        _ => Resolved::Str,
    }
}

fn resolve_number(text: &str) -> Resolved {
    if let Some(time) = parse_timestamp(text) {
        return Resolved::Time(time);
    }
    let digits = text.replace('_', "");
    parse_integer(&digits)
        .or_else(|| parse_float(&digits).map(Resolved::Float))
        .unwrap_or(Resolved::Str)
}

/// Reads an integer in Go's literal syntax: `0x`, `0o`, `0b`, and a leading `0` for octal.
fn parse_integer(text: &str) -> Option<Resolved> {
    let (is_negative, has_sign, digits) = match text.as_bytes().first()? {
        b'-' => (true, true, &text[1..]),
        b'+' => (false, true, &text[1..]),
        _ => (false, false, text),
    };
    let (radix, digits) = split_radix(digits);
    let is_number = !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix));
    if !is_number {
        return None;
    }
    let magnitude = u64::from_str_radix(digits, radix).ok()?;
    match i64::try_from(magnitude) {
        Ok(number) => Some(Resolved::Int(if is_negative { -number } else { number })),
        Err(_) if is_negative => (magnitude == 1 << 63).then_some(Resolved::Int(i64::MIN)),
        Err(_) => (!has_sign).then_some(Resolved::TooBig),
    }
}

fn split_radix(digits: &str) -> (u32, &str) {
    match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &digits[2..]),
        [b'0', b'o' | b'O', ..] => (8, &digits[2..]),
        [b'0', b'b' | b'B', ..] => (2, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ => (10, digits),
    }
}

/// Reads a decimal float: digits with at most one point and an exponent; out of range is none.
fn parse_float(text: &str) -> Option<f64> {
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
        Some(at) => (&unsigned[..at], Some(&unsigned[at + 1..])),
        None => (unsigned, None),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let is_mantissa = is_digits(whole) && is_digits(fraction) && whole.len() + fraction.len() > 0;
    let is_exponent = exponent.is_none_or(|exponent| {
        let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
        !digits.is_empty() && is_digits(digits)
    });
    if !is_mantissa || !is_exponent {
        return None;
    }
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// Reads the four timestamp forms of yaml.v3: with `T` or `t` and zone, with a blank and without
/// zone, or a date alone; months, days, hours, minutes and seconds may have one digit.
fn parse_timestamp(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    let has_year = bytes.len() > 5 && bytes[..4].iter().all(u8::is_ascii_digit) && bytes[4] == b'-';
    if !has_year || !text.is_ascii() {
        return None;
    }
    let year = text[..4].parse().ok()?;
    let (month, rest) = one_or_two_digits(&text[5..])?;
    let (day, rest) = one_or_two_digits(rest.strip_prefix('-')?)?;
    let clock = match rest.as_bytes().first() {
        None => Clock::default(),
        Some(b' ') => parse_clock(&rest[1..]).filter(|(_, rest)| rest.is_empty())?.0,
        Some(b'T' | b't') => {
            let (mut clock, zone) = parse_clock(&rest[1..])?;
            clock.offset_minutes = parse_zone(zone)?;
            clock
        }
        Some(_) => return None,
    };
    Timestamp::new(year, month, day, clock)
}

fn parse_clock(text: &str) -> Option<(Clock, &str)> {
    let (hour, rest) = one_or_two_digits(text)?;
    let (minute, rest) = one_or_two_digits(rest.strip_prefix(':')?)?;
    let (second, rest) = one_or_two_digits(rest.strip_prefix(':')?)?;
    let (nanosecond, rest) = match rest.strip_prefix(['.', ',']) {
        Some(fraction) if fraction.starts_with(|digit: char| digit.is_ascii_digit()) => {
            let end =
                fraction.find(|digit: char| !digit.is_ascii_digit()).unwrap_or(fraction.len());
            let digits = &fraction[..end.min(9)];
            (format!("{digits:0<9}").parse().ok()?, &fraction[end..])
        }
        _ => (0, rest),
    };
    Some((Clock { hour, minute, second, nanosecond, offset_minutes: 0 }, rest))
}

fn parse_zone(text: &str) -> Option<i16> {
    if text == "Z" {
        return Some(0);
    }
    let bytes = text.as_bytes();
    if bytes.len() != 6 || bytes[3] != b':' {
        return None;
    }
    let number = |text: &str| -> Option<i16> {
        text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())?
    };
    let (hours, minutes) = (number(&text[1..3])?, number(&text[4..6])?);
    // as Go reads them; a day and more has no canonical form
    if hours > 24 || minutes > 60 {
        return None;
    }
    let minutes = hours * 60 + minutes;
    match bytes[0] {
        b'+' => Some(minutes),
        b'-' => Some(-minutes),
        _ => None,
    }
}

fn one_or_two_digits(text: &str) -> Option<(u8, &str)> {
    let digits = text.bytes().take(2).take_while(u8::is_ascii_digit).count();
    let number = text.get(..digits)?.parse().ok()?;
    Some((number, &text[digits..]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::format_float;

    /// The type word and canonical text of a value as it would stand behind `key: `.
    fn read(source: &str) -> (&'static str, String) {
        let (tag, rest) = match source.split_once(' ') {
            Some((tag, rest)) if tag.starts_with("!!") => (Tag::core(&tag[2..]), rest),
            Some(("!foo", rest)) => (Tag::Str, rest),
            Some(("!", rest)) => (Tag::None, rest),
            _ => (Tag::None, source),
        };
        let is_quoted = rest.starts_with('"');
        let text = rest.trim_matches('"');
        match resolve(text, !is_quoted, tag) {
            None => ("error, exit 2", "–".to_owned()),
            Some(Resolved::Null) => ("null", "–".to_owned()),
            Some(Resolved::Bool(value)) => {
                ("bool", if value { "True" } else { "False" }.to_owned())
            }
            Some(Resolved::Int(number)) => ("int", number.to_string()),
            Some(Resolved::Float(number)) => ("float", format_float(number)),
            Some(Resolved::Time(time)) => ("time", time.to_string()),
            Some(Resolved::Str) => ("str", text.to_owned()),
            Some(Resolved::Binary(bytes)) => ("str", String::from_utf8_lossy(&bytes).into_owned()),
            Some(Resolved::TooBig) => ("error, exit 23", "–".to_owned()),
        }
    }

    #[test]
    fn every_row_of_the_measured_table_resolves_alike() {
        let rows: Vec<_> = include_str!("../../../fixtures/yaml/scalars.tsv").lines().collect();
        assert_eq!(rows.len(), 140, "the table has 140 rows");
        for row in rows {
            let fields: Vec<_> = row.split('\t').collect();
            let (kind, plaintext) = read(fields[0]);
            assert_eq!((kind, plaintext.as_str()), (fields[1], fields[2]), "{}", fields[0]);
        }
    }

    #[test]
    fn odd_texts_are_strings() {
        for text in
            ["2020-01-01T1:2:3x", "+", "-", "0x-1", "--1", "1e5e", "2020-1-", "2020-1-1 1:2", "é1"]
        {
            assert_eq!(resolve(text, true, Tag::None), Some(Resolved::Str), "{text}");
        }
    }
}
