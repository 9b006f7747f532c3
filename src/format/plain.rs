use super::{EmitError, Format};
use crate::text::line_of;
use crate::tree::{Container, Part, Path, Scalar, Tree, Value, format_float};

/// Writes a value as the formats without types do (`spec/format.md` §5.8); bytes that are not
/// UTF-8 become U+FFFD.
#[must_use]
pub fn text(value: &Value) -> String {
    match value {
        Value::Str(bytes) | Value::Comment(bytes) => String::from_utf8_lossy(bytes).into_owned(),
        Value::Int(number) => number.to_string(),
        Value::Float(number) => float(*number),
        Value::Bool(value) => value.to_string(),
        Value::Time(time) => time.to_second().to_string(),
    }
}

/// Estimates how many events the lines of a text give: two for each, and no more than for short
/// lines, as a text of blank lines has none.
pub(super) fn line_events(source: &str) -> usize {
    let lines = line_of(source, source.len());
    (2 * lines).min(source.len() / 8) + 8
}

/// Writes a scalar of plain data as the formats without types do.
#[must_use]
pub fn data_text(scalar: &Tree) -> String {
    match scalar {
        Tree::Str(text) | Tree::Time(text) => text.clone(),
        Tree::Bool(value) => value.to_string(),
        Tree::Int(number) => number.to_string(),
        Tree::Float(number) => float(*number),
        Tree::Null | Tree::Sequence(_) | Tree::Mapping(_) => String::new(),
    }
}

/// Writes a value of a branch as text.
///
/// # Errors
/// The value is null, a collection or not UTF-8.
pub(super) fn emit(
    value: &[Part],
    format: Format,
    path: impl Fn() -> Path,
) -> Result<String, EmitError> {
    let found = match value {
        [Part::Scalar(Scalar::Value(Value::Str(bytes)))] if std::str::from_utf8(bytes).is_err() => {
            return Err(EmitError::NotUtf8 { path: path(), format });
        }
        [Part::Scalar(Scalar::Value(value))] => return Ok(text(value)),
        [Part::Scalar(Scalar::TooBig(digits))] => return Ok(digits.clone()),
        [Part::Enter(Container::Mapping), ..] => "a mapping",
        [Part::Enter(Container::Sequence), ..] => "a list",
        _ => return Err(EmitError::Null { path: path(), format }),
    };
    Err(EmitError::Collection { path: path(), format, found })
}

/// Writes a float with the fewest digits, with an exponent from 1e6 on and below 1e-4, and never
/// as an integer.
fn float(number: f64) -> String {
    let scientific = format!("{number:E}");
    let (mantissa, exponent) = scientific.split_once('E').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if number == 0.0 || !number.is_finite() || (-4..6).contains(&exponent) {
        let text = format_float(number);
        let is_whole = text.bytes().all(|byte| byte == b'-' || byte.is_ascii_digit());
        return if is_whole { text + ".0" } else { text };
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}E{sign}{:02}", exponent.unsigned_abs())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::ValueType;

    #[test]
    fn values_have_the_text_of_the_reference() {
        use ValueType::{Bool, Float, Int, Str, Time};
        let rows = [
            (Str, "a\nb", "a\nb"),
            (Int, "-12", "-12"),
            (Bool, "True", "true"),
            (Time, "2020-01-01T10:11:12.5+02:00", "2020-01-01T10:11:12+02:00"),
            (Float, "1", "1.0"),
            (Float, "-0", "-0.0"),
            (Float, "2.5", "2.5"),
            (Float, "123456", "123456.0"),
            (Float, "1e6", "1E+06"),
            (Float, "1234567.5", "1.2345675E+06"),
            (Float, "1e21", "1E+21"),
            (Float, "0.0001", "0.0001"),
            (Float, "0.00001", "1E-05"),
            (Float, "1e-7", "1E-07"),
            (Float, "-1.5e300", "-1.5E+300"),
            (Float, "NaN", "NaN"),
            (Float, "-inf", "-Inf"),
        ];
        for (kind, written, expected) in rows {
            let value = Value::parse(kind, written.as_bytes()).unwrap();
            assert_eq!(text(&value), expected, "{kind:?} {written}");
        }
    }
}
