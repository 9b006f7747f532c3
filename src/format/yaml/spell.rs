//! How the reference writes a scalar of any type.

use base64::Engine as _;

use super::quote::{self, Spelling};
use crate::tree::{Container, Scalar, Value, format_float};

/// The longest key, in bytes, that is written without `? `.
const SIMPLE_KEY_LENGTH: usize = 128;

/// How many characters of base64 stand on one line.
const BASE64_LINE_LENGTH: usize = 70;

/// A scalar as it is written.
pub(super) struct Spelled {
    /// What stands on the line of the key or dash.
    pub(super) line: String,
    /// The lines of a literal block, each with its line end before it.
    pub(super) body: String,
}

impl Spelled {
    pub(super) fn inline(line: impl Into<String>) -> Self {
        Self { line: line.into(), body: String::new() }
    }
}

/// Writes a scalar; `indent` is the column of the block around it and `content` that of the lines
/// of a literal block.
pub(super) fn scalar(scalar: &Scalar, indent: usize, content: usize) -> Spelled {
    match scalar {
        Scalar::Value(Value::Str(text) | Value::Comment(text)) => bytes(text, indent, content),
        other => Spelled::inline(plain(other)),
    }
}

/// Writes a scalar in flow style.
pub(super) fn in_flow(scalar: &Scalar) -> String {
    match scalar {
        Scalar::Value(Value::Str(text) | Value::Comment(text)) => {
            quote::double(&String::from_utf8_lossy(text))
        }
        other => plain(other),
    }
}

pub(super) fn empty(container: Container) -> &'static str {
    match container {
        Container::Mapping => "{}",
        Container::Sequence => "[]",
    }
}

/// Writes a string or key; one that is not UTF-8 becomes `!!binary`.
pub(super) fn bytes(bytes: &[u8], indent: usize, content: usize) -> Spelled {
    let Ok(text) = std::str::from_utf8(bytes) else { return binary(bytes, indent, content) };
    match quote::choose(text, content) {
        Spelling::Inline(line) => Spelled::inline(line),
        Spelling::Literal => literal(text, indent, content),
    }
}

/// Tells whether a key can stand before a colon on one line.
pub(super) fn is_simple_key(key: &[u8]) -> bool {
    match std::str::from_utf8(key) {
        Ok(text) => text.len() <= SIMPLE_KEY_LENGTH && !text.contains(quote::is_break),
        Err(_) => base64(key).len() < BASE64_LINE_LENGTH,
    }
}

fn literal(text: &str, indent: usize, content: usize) -> Spelled {
    let (line, body) = quote::literal(text, indent, content);
    Spelled { line, body }
}

fn binary(bytes: &[u8], indent: usize, content: usize) -> Spelled {
    const TAG: &str = "!!binary ";
    let text = base64(bytes);
    if text.len() < BASE64_LINE_LENGTH {
        return Spelled::inline(format!("{TAG}{text}"));
    }
    let mut lines = String::with_capacity(text.len() + text.len() / BASE64_LINE_LENGTH + 1);
    for (number, letter) in text.chars().enumerate() {
        if number > 0 && number % BASE64_LINE_LENGTH == 0 {
            lines.push('\n');
        }
        lines.push(letter);
    }
    lines.push('\n');
    let spelled = literal(&lines, indent, content);
    Spelled { line: format!("{TAG}{}", spelled.line), ..spelled }
}

fn base64(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// Writes a scalar that is no string.
fn plain(scalar: &Scalar) -> String {
    match scalar {
        Scalar::Null => "null".to_owned(),
        Scalar::TooBig(digits) => digits.clone(),
        Scalar::Value(Value::Bool(value)) => value.to_string(),
        Scalar::Value(Value::Int(number)) => number.to_string(),
        Scalar::Value(Value::Float(number)) => float(*number),
        Scalar::Value(Value::Time(time)) => time.to_string(),
        Scalar::Value(Value::Str(text) | Value::Comment(text)) => {
            String::from_utf8_lossy(text).into_owned()
        }
    }
}

/// Writes a float as Go's `%g` does: shortest digits, with an exponent below 1e-4 and from 1e6 up
/// (`spec/format.md` §5.2.2).
pub(super) fn float(number: f64) -> String {
    if number.is_nan() {
        return ".nan".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { ".inf" } else { "-.inf" }.to_owned();
    }
    let scientific = format!("{number:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if number == 0.0 || (-4..6).contains(&exponent) {
        return format_float(number);
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.unsigned_abs())
}
