use super::emit;
use crate::format::pick::{self, PickError};
use crate::tree::{Step, Tree};

/// Returns the value at an index path of the first document: a string as it is, anything else as
/// a document in the reference's layout, without comments.
///
/// # Errors
/// The path leads nowhere.
pub fn pick(source: &str, path: &[Step]) -> Result<String, PickError> {
    let scan = super::scan(source)?;
    Ok(match pick::value(source, &scan, path)? {
        Tree::Str(text) => text,
        value => emit::document(&value, emit::effective_step(0)),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_found_by_keys_and_indices() {
        let source =
            "a: text\nb:\n  # c\n  - 1\n  - x: &y yes\n    z: [1, {k: v}]\n  - *y\nm: {o: 1.50}\n";
        let rows = [
            (r#"["a"]"#, Ok("text")),
            (r#"["b"][1]"#, Ok("1\n")),
            (r#"["b"][2]["x"]"#, Ok("yes")),
            (r#"["b"][3]"#, Ok("yes")),
            (r#"["b"][2]["z"]"#, Ok("- 1\n- k: v\n")),
            (r#"["m"]"#, Ok("o: 1.5\n")),
            (r#"["q"]"#, Err(PickError::NoKey("q".to_owned()))),
            (r#"["b"][0]"#, Err(PickError::Comment { index: 0, next: Some(1) })),
            (r#"["b"][9]"#, Err(PickError::NoElement { index: 9, length: 4 })),
            (
                r#"["a"]["x"]"#,
                Err(PickError::WrongKind { step: "[\"x\"]".to_owned(), found: "a scalar" }),
            ),
        ];
        for (path, expected) in rows {
            let steps = Step::parse_path(path).unwrap();
            let found = pick(source, &steps);
            assert_eq!(found, expected.map(str::to_owned), "{path}");
        }
    }
}
