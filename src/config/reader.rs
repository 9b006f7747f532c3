use std::path::Path;

use super::{Cause, ConfigError, Place, Warning};
use crate::format::yaml::{Node, NodeValue};
use crate::text::PlaceIndex;
use crate::tree::Tree;

/// Reads typed values out of the nodes of one configuration, as Go's decoder does.
pub(super) struct Reader<'a> {
    path: &'a Path,
    source: &'a str,
    places: PlaceIndex<'a>,
    warnings: &'a mut Vec<Warning>,
}

/// A key with its value.
pub(super) struct Item<'n> {
    pub(super) key: &'n str,
    pub(super) offset: usize,
    pub(super) node: &'n Node,
}

impl<'a> Reader<'a> {
    pub(super) fn new(path: &'a Path, source: &'a str, warnings: &'a mut Vec<Warning>) -> Self {
        Self { path, source, places: PlaceIndex::new(source), warnings }
    }

    pub(super) fn place(&self, offset: usize) -> Place {
        let (line, column) = self.places.place_of(offset);
        Place { line, column }
    }

    pub(super) fn error(&self, offset: usize, cause: Cause) -> ConfigError {
        ConfigError::Invalid { path: self.path.to_owned(), place: self.place(offset), cause }
    }

    fn wrong_type<T>(
        &self,
        key: &str,
        node: &Node,
        expected: &'static str,
    ) -> Result<T, ConfigError> {
        let found = match &node.value {
            NodeValue::Scalar(scalar) => scalar.kind(),
            NodeValue::Sequence(_) => "a list",
            NodeValue::Mapping(_) => "a mapping",
        };
        Err(self.error(node.offset, Cause::WrongType { key: key.to_owned(), expected, found }))
    }

    /// Keeps a warning about a key that means nothing.
    pub(super) fn unknown(&mut self, item: &Item<'_>) {
        let place = self.place(item.offset);
        let key = item.key.to_owned();
        self.warnings.push(Warning::UnknownKey { path: self.path.to_owned(), place, key });
    }

    /// Returns the items of a mapping, those of its merge keys behind its own; null has none.
    pub(super) fn mapping<'n>(
        &self,
        key: &str,
        node: &'n Node,
    ) -> Result<Vec<Item<'n>>, ConfigError> {
        let items = match &node.value {
            NodeValue::Mapping(items) => items,
            NodeValue::Scalar(Tree::Null) => return Ok(Vec::new()),
            _ => return self.wrong_type(key, node, "a mapping"),
        };
        // in quotes it is a key like any other
        let is_merge =
            |offset: usize| self.source.get(offset..).is_some_and(|rest| rest.starts_with("<<"));
        let (merges, own): (Vec<_>, Vec<_>) =
            items.iter().partition(|(key, offset, _)| key == "<<" && is_merge(*offset));
        let item =
            |(key, offset, node): &'n (String, usize, Node)| Item { key, offset: *offset, node };
        let mut all: Vec<Item<'n>> = own.into_iter().map(item).collect();
        for (_, _, merged) in merges {
            self.merge(merged, &mut all)?;
        }
        Ok(all)
    }

    /// Adds the items of a merged mapping, or list of them, whose keys are not there yet.
    fn merge<'n>(&self, node: &'n Node, all: &mut Vec<Item<'n>>) -> Result<(), ConfigError> {
        let merged = match &node.value {
            NodeValue::Sequence(nodes) => nodes.iter().collect(),
            _ => vec![node],
        };
        for node in merged {
            if !matches!(node.value, NodeValue::Mapping(_)) {
                return Err(self.error(node.offset, Cause::WrongMerge));
            }
            for item in self.mapping("<<", node)? {
                if all.iter().all(|known| known.key != item.key) {
                    all.push(item);
                }
            }
        }
        Ok(())
    }

    /// Returns the elements of a list; null has none and is none.
    pub(super) fn sequence<'n>(
        &self,
        key: &str,
        node: &'n Node,
    ) -> Result<impl Iterator<Item = &'n Node> + use<'n>, ConfigError> {
        let nodes: &[Node] = match &node.value {
            NodeValue::Sequence(nodes) => nodes,
            NodeValue::Scalar(Tree::Null) => &[],
            _ => return self.wrong_type(key, node, "a list"),
        };
        let is_null = |node: &&Node| matches!(node.value, NodeValue::Scalar(Tree::Null));
        Ok(nodes.iter().filter(move |node| !is_null(node)))
    }

    /// Returns a string; a number or boolean counts as its spelling, null as the empty string.
    pub(super) fn text(&self, key: &str, node: &Node) -> Result<String, ConfigError> {
        match &node.value {
            NodeValue::Scalar(Tree::Null) => Ok(String::new()),
            NodeValue::Scalar(Tree::Str(text)) => Ok(text.clone()),
            NodeValue::Scalar(_) => Ok(self.spelling(node.offset)),
            _ => self.wrong_type(key, node, "a string"),
        }
    }

    /// Returns the plain scalar that begins at `offset` and holds no blanks.
    fn spelling(&self, offset: usize) -> String {
        let rest = self.source.get(offset..).unwrap_or_default();
        let is_end = |character: char| character.is_whitespace() || ",]}".contains(character);
        rest[..rest.find(is_end).unwrap_or(rest.len())].to_owned()
    }

    /// Returns the strings of a list, or the one string that stands in its place.
    pub(super) fn texts(&self, key: &str, node: &Node) -> Result<Vec<String>, ConfigError> {
        match &node.value {
            NodeValue::Sequence(nodes) => nodes.iter().map(|node| self.text(key, node)).collect(),
            NodeValue::Scalar(_) => Ok(vec![self.text(key, node)?]),
            NodeValue::Mapping(_) => self.wrong_type(key, node, "a string or a list of strings"),
        }
    }

    /// Returns an integer, which may be written as `2.0`; quoted ones are none.
    pub(super) fn integer(&self, key: &str, node: &Node) -> Result<Option<i64>, ConfigError> {
        match node.value {
            NodeValue::Scalar(Tree::Null) => Ok(None),
            NodeValue::Scalar(Tree::Int(number)) => Ok(Some(number)),
            NodeValue::Scalar(Tree::Float(number)) if is_whole(number) => {
                Ok(number.to_string().parse().ok())
            }
            _ => self.wrong_type(key, node, "an integer"),
        }
    }

    /// Returns a boolean, also in the words of YAML 1.1.
    pub(super) fn boolean(&self, key: &str, node: &Node) -> Result<Option<bool>, ConfigError> {
        let word = match &node.value {
            NodeValue::Scalar(Tree::Null) => return Ok(None),
            NodeValue::Scalar(Tree::Bool(value)) => return Ok(Some(*value)),
            NodeValue::Scalar(Tree::Str(word)) => word.as_str(),
            _ => "",
        };
        match word {
            "y" | "Y" | "yes" | "Yes" | "YES" | "on" | "On" | "ON" => Ok(Some(true)),
            "n" | "N" | "no" | "No" | "NO" | "off" | "Off" | "OFF" => Ok(Some(false)),
            _ => self.wrong_type(key, node, "a boolean"),
        }
    }
}

/// Tells whether a float is an integer that is small enough to be exact.
fn is_whole(number: f64) -> bool {
    number.fract() == 0.0 && number.abs() < 1e15
}
