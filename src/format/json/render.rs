use super::{emit, quote};
use crate::format::Rendering;
use crate::tree::Value;

/// Writes a decrypted value as the reference prints it.
///
/// JSON has no form for bytes that are not UTF-8, which become U+FFFD, and none for NaN and
/// infinities, which make the text unreadable: both are noticed when the result is read again.
#[must_use]
pub fn value(value: &Value) -> Rendering {
    let mut site = String::new();
    match value {
        Value::Str(bytes) | Value::Comment(bytes) => {
            quote::string_into(&String::from_utf8_lossy(bytes), &mut site);
        }
        Value::Int(number) => site = number.to_string(),
        Value::Float(number) => site = emit::float(*number),
        Value::Bool(value) => site = value.to_string(),
        Value::Time(time) => quote::string_into(&time.to_string(), &mut site),
    }
    Rendering::inline(site)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::ValueType;

    #[test]
    fn values_are_printed_as_by_the_reference() {
        use ValueType::{Bool, Float, Int, Str, Time};
        let rows = [
            (Str, "a&b", r#""a\u0026b""#),
            (Str, "12", r#""12""#),
            (Int, "9007199254740993", "9007199254740993"),
            (Float, "1", "1"),
            (Float, "-0", "-0"),
            (Float, "100000000000000000000", "100000000000000000000"),
            (Float, "1000000000000000000000", "1e+21"),
            (Bool, "True", "true"),
            (Time, "2020-01-01T10:11:12.50+01:00", r#""2020-01-01T10:11:12.5+01:00""#),
        ];
        for (kind, text, expected) in rows {
            let parsed = Value::parse(kind, text.as_bytes()).unwrap();
            assert_eq!(value(&parsed).site, expected, "{text}");
        }
        assert_eq!(value(&Value::str([b'a', 0xff])).site, "\"a\u{fffd}\"");
    }
}
