use zeroize::Zeroizing;

use super::render;
use crate::format::{EmitError, Format, plain};
use crate::tree::{Branch, Item, Path, items};

/// Writes the first of some documents as lines, each comment in lines of its own.
///
/// # Errors
/// The document holds more than names with values, or a name or value that a line cannot hold.
pub fn emit(documents: &[Branch]) -> Result<Zeroizing<String>, EmitError> {
    let mut output = Zeroizing::new(String::new());
    let Some(document) = documents.first() else { return Ok(output) };
    let found = document.kind();
    let root = items(document.parts());
    for item in root.ok_or(EmitError::SingleValue { format: Format::Dotenv, found })? {
        match item {
            Item::Comment(remark) => {
                output.push_str(&render::comment(&String::from_utf8_lossy(&remark.text)));
            }
            Item::Pair(key, value) => {
                let name = String::from_utf8_lossy(key);
                let path = || Path::from_iter([&*name]);
                if !is_possible(&name) || std::str::from_utf8(key).is_err() {
                    return Err(EmitError::Name { path: path(), format: Format::Dotenv });
                }
                output.push_str(&name);
                output.push('=');
                let text = Zeroizing::new(plain::emit(value, Format::Dotenv, path)?);
                output.push_str(&render::text(&text));
            }
        }
        output.push('\n');
    }
    Ok(output)
}

/// Tells whether a name is read back from the beginning of a line.
pub(super) fn is_possible(name: &str) -> bool {
    !name.starts_with('#') && !name.contains(['=', '\n'])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::Format;
    use crate::tree::Grower;

    fn of_yaml(source: &str) -> Result<String, String> {
        let scan = Format::Yaml.scan(source).unwrap();
        let documents = Grower::new(source, &scan).documents(0).unwrap();
        emit(&documents).map(|text| text.to_string()).map_err(|error| error.to_string())
    }

    #[test]
    fn flat_data_becomes_lines() {
        let rows = [
            ("a: 1\nb: 2.50\nc: true\n", "a=1\nb=2.5\nc=true\n"),
            ("# top\na: \"x\\ny\" # in\n# end\n", "# top\n# in\na=x\\ny\n# end\n"),
            (
                "e: 2020-01-01\nf: 1e21\ng: 1.0\nk: \"\"\n",
                "e=2020-01-01T00:00:00Z\nf=1E+21\ng=1.0\nk=\n",
            ),
            ("a b: ' q '\n\"\": x=y\n", "a b= q \n=x=y\n"),
            ("{}\n", ""),
            ("a: 1\n---\nb: 2\n", "a=1\n"),
        ];
        for (source, expected) in rows {
            assert_eq!(of_yaml(source), Ok(expected.to_owned()), "{source}");
        }
    }

    #[test]
    fn what_lines_cannot_hold_is_named() {
        let rows = [
            ("a: 1\nb: null\n", "[\"b\"]: the format dotenv cannot hold null"),
            ("a: {b: 1}\n", "[\"a\"]: the format dotenv cannot hold a mapping here"),
            ("a: []\n", "[\"a\"]: the format dotenv cannot hold a list here"),
            ("a=b: 1\n", "[\"a=b\"]: the format dotenv cannot hold this name"),
            ("\"#a\": 1\n", "[\"#a\"]: the format dotenv cannot hold this name"),
            ("\"a\\nb\": 1\n", "[\"a\\nb\"]: the format dotenv cannot hold this name"),
            (
                "a: !!binary /w==\n",
                "[\"a\"]: the format dotenv cannot hold a string that is not UTF-8",
            ),
        ];
        for (source, expected) in rows {
            assert_eq!(of_yaml(source), Err(expected.to_owned()), "{source}");
        }
    }
}
