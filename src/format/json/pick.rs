use super::{Indent, emit};
use crate::format::pick::{self, PickError};
use crate::tree::{Step, Tree};

/// Returns the value at an index path: a string as it is, an object as a document, anything else
/// as JSON without a line end (`spec/cli.md` §1.8).
///
/// # Errors
/// The path leads nowhere.
pub fn pick(source: &str, path: &[Step], indent: Indent) -> Result<String, PickError> {
    let scan = super::scan(source)?;
    Ok(match pick::value(source, &scan, path)? {
        Tree::Str(text) => text,
        value @ Tree::Mapping(_) => emit(&value, indent)? + "\n",
        value => emit(&value, indent)?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_printed_as_by_the_reference() {
        let source = r#"{"s":"a\u0026b\n<c>","n":1.50,"i":12,"t":true,"z":null,"f":1e21,
            "l":[1,"x&",{"a":[],"b":{"c":[2]}},[]],"e":{},"m":{"e":{}},"d":1,"d":2}"#;
        let rows = [
            (r#"["s"]"#, Ok("a&b\n<c>")),
            (r#"["n"]"#, Ok("1.5")),
            (r#"["i"]"#, Ok("12")),
            (r#"["t"]"#, Ok("true")),
            (r#"["z"]"#, Ok("null")),
            (r#"["f"]"#, Ok("1e+21")),
            (r#"["l"][1]"#, Ok("x&")),
            (r#"["l"][2]["b"]["c"]"#, Ok("[\n\t2\n]")),
            (r#"["l"][3]"#, Ok("[]")),
            (
                r#"["l"][2]"#,
                Ok("{\n\t\"a\": [],\n\t\"b\": {\n\t\t\"c\": [\n\t\t\t2\n\t\t]\n\t}\n}\n"),
            ),
            (r#"["e"]"#, Ok("{}\n")),
            (r#"["m"]"#, Ok("{\n\t\"e\": {}\n}\n")),
            (r#"["d"]"#, Ok("1")),
            (r#"["q"]"#, Err(PickError::NoKey("q".to_owned()))),
            (r#"["l"][4]"#, Err(PickError::NoElement { index: 4, length: 4 })),
            (
                r#"["l"]["x"]"#,
                Err(PickError::WrongKind { step: "[\"x\"]".to_owned(), found: "a list" }),
            ),
        ];
        for (path, expected) in rows {
            let steps = Step::parse_path(path).unwrap();
            let found = pick(source, &steps, Indent::Tab);
            assert_eq!(found, expected.map(str::to_owned), "{path}");
        }
    }
}
