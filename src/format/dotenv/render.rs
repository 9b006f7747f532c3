use crate::format::{Rendering, plain};
use crate::tree::Value;

/// Writes a decrypted value into the site that held its envelope.
#[must_use]
pub fn value(value: &Value) -> Rendering {
    Rendering::inline(text(&plain::text(value)))
}

/// Writes a text as it stands behind the equals sign.
pub(super) fn text(text: &str) -> String {
    text.replace('\n', "\\n")
}

/// Writes a comment; each line of its text gets a comment character.
#[must_use]
pub fn comment(text: &str) -> String {
    format!("#{}", text.replace('\n', "\n#"))
}

/// Returns what a decrypted value is read back as: a string, in which the two letters `\n` are a
/// line end.
#[must_use]
pub fn read_back(value: &Value) -> Value {
    Value::str(plain::text(value).replace("\\n", "\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::dotenv::scan;
    use crate::tree::{Event, LeafValue, ValueType};

    #[test]
    fn values_are_read_back_as_foretold() {
        let rows = [
            (ValueType::Str, "a\nb\r"),
            (ValueType::Str, "written \\n"),
            (ValueType::Str, " # \"x\" "),
            (ValueType::Str, ""),
            (ValueType::Int, "5"),
            (ValueType::Float, "1"),
            (ValueType::Bool, "True"),
            (ValueType::Time, "2020-01-01T10:11:12.5Z"),
        ];
        for (kind, text) in rows {
            let value = Value::parse(kind, text.as_bytes()).unwrap();
            let line = format!("A={}\n", super::value(&value).site);
            let scan = scan(&line).unwrap();
            let found = scan.events.iter().find_map(|event| match event {
                Event::Leaf(leaf) => Some(leaf.value),
                _ => None,
            });
            let Some(LeafValue::Str(found)) = found else { panic!("{line:?} has a value") };
            let found = Value::str(scan.bytes(&line, found));
            assert!(read_back(&value) == found, "{kind:?} {text:?}");
        }
    }
}
