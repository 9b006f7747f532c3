use std::path::PathBuf;

use super::{Backend, ConnectionString};
use crate::format::ScanError;
use crate::format::yaml;
use crate::tree::Tree;

/// What is wrong with an audit configuration; no text of it is shown.
#[derive(Debug, thiserror::Error)]
pub enum ConfigProblem {
    /// It is not YAML.
    #[error("it is not YAML")]
    Syntax(#[source] ScanError),
    /// A part is of another type.
    #[error("{key} has to be {expected}")]
    WrongType {
        /// The part.
        key: &'static str,
        /// What it has to be.
        expected: &'static str,
    },
    /// A path depends on the working folder.
    #[error("the path of an sqlite backend has to be absolute")]
    RelativePath,
}

/// Reads `backends.postgres` and `backends.sqlite`, lists of mappings with `connection_string` or
/// `path`. Other keys are ignored, as the reference does.
pub(super) fn parse(text: &str) -> Result<Vec<Backend>, ConfigProblem> {
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    let tree = yaml::parse(text).map_err(ConfigProblem::Syntax)?.into_tree();
    let Some(backends) = child(&tree, "the top level", "backends")? else { return Ok(Vec::new()) };
    let mut found = Vec::new();
    for text in texts(backends, "postgres", "connection_string")? {
        found.push(Backend::Postgres(ConnectionString(text)));
    }
    for text in texts(backends, "sqlite", "path")? {
        let path = PathBuf::from(text);
        if !path.is_absolute() {
            return Err(ConfigProblem::RelativePath);
        }
        found.push(Backend::Sqlite(path));
    }
    Ok(found)
}

/// Returns what a mapping has under a key; null is nothing.
fn child<'t>(
    tree: &'t Tree,
    name: &'static str,
    key: &str,
) -> Result<Option<&'t Tree>, ConfigProblem> {
    match tree {
        Tree::Null => Ok(None),
        Tree::Mapping(_) => Ok(tree.find(key).filter(|value| **value != Tree::Null)),
        _ => Err(ConfigProblem::WrongType { key: name, expected: "a mapping" }),
    }
}

/// Returns the texts of one key in a list of mappings.
fn texts(
    backends: &Tree,
    list: &'static str,
    key: &'static str,
) -> Result<Vec<String>, ConfigProblem> {
    let wrong = |key, expected| ConfigProblem::WrongType { key, expected };
    let items = match child(backends, "backends", list)? {
        None => return Ok(Vec::new()),
        Some(Tree::Sequence(items)) => items,
        Some(_) => return Err(wrong(list, "a list")),
    };
    let mut texts = Vec::new();
    for item in items {
        match child(item, list, key)? {
            Some(Tree::Str(text)) => texts.push(text.clone()),
            _ => return Err(wrong(key, "a string")),
        }
    }
    Ok(texts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn backends_are_read_and_other_keys_ignored() {
        let text = "backends:\n  postgres:\n    - connection_string: a\n    - connection_string: b\n      more: 1\n  sqlite:\n    - path: /c\n  other: 1\n";
        let postgres = |text: &str| Backend::Postgres(ConnectionString(text.to_owned()));
        let expected = [postgres("a"), postgres("b"), Backend::Sqlite("/c".into())];
        assert_eq!(parse(text).unwrap(), expected);
        for text in ["", "a: 1\n", "backends:\n", "backends: {postgres: null}\n"] {
            assert_eq!(parse(text).unwrap(), [], "{text:?}");
        }
    }

    #[test]
    fn what_is_wrong_is_said_without_the_text() {
        let rows = [
            ("backends: [s3cret", "it is not YAML"),
            ("s3cret", "it is not YAML"),
            ("backends: s3cret", "backends has to be a mapping"),
            ("backends: {postgres: s3cret}", "postgres has to be a list"),
            ("backends: {postgres: [s3cret]}", "postgres has to be a mapping"),
            (
                "backends: {postgres: [{connection: s3cret}]}",
                "connection_string has to be a string",
            ),
            (
                "backends: {sqlite: [{path: s3cret}]}",
                "the path of an sqlite backend has to be absolute",
            ),
        ];
        for (text, expected) in rows {
            assert_eq!(parse(text).unwrap_err().to_string(), expected, "{text}");
        }
    }
}
