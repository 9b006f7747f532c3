use std::collections::HashSet;

use zeroize::Zeroizing;

use super::{Container, Path, Timestamp, Tree, Value};

/// A node with all below it as data, comments in their places: what the reference calls a tree
/// branch.
///
/// The parts stand in one flat list in document order, so that neither building, comparing nor
/// dropping a deep one needs a deep stack. A value is one [`Part::Scalar`], or a [`Part::Enter`]
/// with its content and [`Part::Leave`]. In a mapping each value follows its [`Part::Key`];
/// comments stand before keys, before elements, or before [`Part::Leave`].
#[derive(Clone, Default, PartialEq)]
pub struct Branch {
    parts: Vec<Part>,
}

/// One step of a walk through a [`Branch`].
#[derive(Clone, PartialEq)]
pub enum Part {
    /// Begins a collection.
    Enter(Container),
    /// Names the value that follows; need not be UTF-8.
    Key(Vec<u8>),
    /// A value that is no collection.
    Scalar(Scalar),
    /// A comment: an item of a mapping or an element of a list.
    Comment(Remark),
    /// Ends the innermost collection.
    Leave,
}

/// A value that is no collection.
#[derive(Clone, PartialEq)]
pub enum Scalar {
    /// No value.
    Null,
    /// A value that has an encrypted form.
    Value(Value),
    /// An integer of [2^63, 2^64), as it is written.
    TooBig(String),
}

/// A comment of a [`Branch`].
#[derive(Clone, PartialEq)]
pub struct Remark {
    /// The text behind the comment character.
    pub text: Zeroizing<Vec<u8>>,
    /// Whether the comment stands on the line of the value that follows.
    pub is_inline: bool,
}

impl Branch {
    /// Makes an empty list of parts.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a part at the end.
    pub fn push(&mut self, part: Part) {
        self.parts.push(part);
    }

    /// Names the kind of the node, for messages.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self.parts.first() {
            Some(Part::Enter(Container::Mapping)) => "mapping",
            Some(Part::Enter(Container::Sequence)) => "list",
            Some(Part::Scalar(scalar)) => scalar.kind(),
            _ => "value",
        }
    }

    /// Returns the parts in document order.
    #[must_use]
    pub fn parts(&self) -> &[Part] {
        &self.parts
    }

    /// Returns the path of the first key that its mapping has before it already.
    #[must_use]
    pub fn repeated_key(&self) -> Option<Path> {
        let mut open: Vec<HashSet<&[u8]>> = Vec::new();
        let mut path: Vec<Option<&[u8]>> = Vec::new();
        for part in &self.parts {
            match part {
                Part::Enter(_) => {
                    open.push(HashSet::new());
                    path.push(None);
                }
                Part::Leave => drop((open.pop(), path.pop())),
                Part::Key(key) => {
                    let (Some(seen), Some(current)) = (open.last_mut(), path.last_mut()) else {
                        continue;
                    };
                    *current = Some(key);
                    if !seen.insert(key) {
                        let keys = path.into_iter().flatten();
                        return Some(keys.map(String::from_utf8_lossy).collect());
                    }
                }
                Part::Scalar(_) | Part::Comment(_) => {}
            }
        }
        None
    }
}

/// An item of a mapping.
pub enum Item<'b> {
    /// A comment.
    Comment(&'b Remark),
    /// A key with its value.
    Pair(&'b [u8], &'b [Part]),
}

/// Returns the items of a mapping, given by all its parts; nothing if it is none.
#[must_use]
pub fn items(parts: &[Part]) -> Option<Vec<Item<'_>>> {
    let [Part::Enter(Container::Mapping), inner @ .., Part::Leave] = parts else { return None };
    let mut items = Vec::new();
    let mut at = 0;
    while let Some(part) = inner.get(at) {
        at += 1;
        match part {
            Part::Comment(remark) => items.push(Item::Comment(remark)),
            Part::Key(key) => {
                let end = at + value_length(&inner[at..]);
                items.push(Item::Pair(key, &inner[at..end]));
                at = end;
            }
            _ => {}
        }
    }
    Some(items)
}

/// Returns how many parts the value has with which `parts` begins.
fn value_length(parts: &[Part]) -> usize {
    let mut depth = 0_usize;
    let end = parts.iter().position(|part| {
        match part {
            Part::Enter(_) => depth += 1,
            Part::Leave => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0
    });
    end.map_or(parts.len(), |end| end + 1)
}

/// What is left to do of a [`Tree`].
enum Rest<'t> {
    Key(&'t str),
    Value(&'t Tree),
    Leave,
}

impl From<&Tree> for Branch {
    fn from(tree: &Tree) -> Self {
        let mut branch = Self::new();
        let mut rest = vec![Rest::Value(tree)];
        while let Some(next) = rest.pop() {
            let part = match next {
                Rest::Leave => Part::Leave,
                Rest::Key(key) => Part::Key(key.into()),
                Rest::Value(Tree::Mapping(items)) => {
                    rest.push(Rest::Leave);
                    for (key, value) in items.iter().rev() {
                        rest.extend([Rest::Value(value), Rest::Key(key)]);
                    }
                    Part::Enter(Container::Mapping)
                }
                Rest::Value(Tree::Sequence(items)) => {
                    rest.push(Rest::Leave);
                    rest.extend(items.iter().rev().map(Rest::Value));
                    Part::Enter(Container::Sequence)
                }
                Rest::Value(scalar) => Part::Scalar(Scalar::of_tree(scalar)),
            };
            branch.push(part);
        }
        branch
    }
}

impl Scalar {
    fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::TooBig(_) | Self::Value(Value::Int(_)) => "integer",
            Self::Value(Value::Float(_)) => "float",
            Self::Value(Value::Bool(_)) => "boolean",
            Self::Value(Value::Time(_)) => "timestamp",
            Self::Value(Value::Str(_) | Value::Comment(_)) => "string",
        }
    }

    fn of_tree(tree: &Tree) -> Self {
        Self::Value(match tree {
            Tree::Null | Tree::Sequence(_) | Tree::Mapping(_) => return Self::Null,
            Tree::Bool(value) => Value::Bool(*value),
            Tree::Int(number) => Value::Int(*number),
            Tree::Float(number) => Value::Float(*number),
            Tree::Str(text) => Value::str(text.as_str()),
            Tree::Time(text) => match Timestamp::parse(text) {
                Some(time) => Value::Time(time),
                None => Value::str(text.as_str()),
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_becomes_a_branch_in_its_order() {
        let list = Tree::Sequence(vec![Tree::Int(1), Tree::Mapping(Vec::new())]);
        let tree = Tree::Mapping(vec![("a".into(), list), ("b".into(), Tree::Null)]);
        let expected = [
            Part::Enter(Container::Mapping),
            Part::Key(b"a".to_vec()),
            Part::Enter(Container::Sequence),
            Part::Scalar(Scalar::Value(Value::Int(1))),
            Part::Enter(Container::Mapping),
            Part::Leave,
            Part::Leave,
            Part::Key(b"b".to_vec()),
            Part::Scalar(Scalar::Null),
            Part::Leave,
        ];
        assert!(Branch::from(&tree).parts() == expected);
    }

    #[test]
    fn repeated_keys_are_found_within_one_mapping_alone() {
        let mapping =
            |keys: [&str; 2]| Tree::Mapping(keys.map(|key| (key.to_owned(), Tree::Null)).to_vec());
        let within = |tree: Tree| {
            let list = Tree::Sequence(vec![mapping(["b", "a"]), tree]);
            let root = Tree::Mapping(vec![("a".to_owned(), list), ("b".to_owned(), Tree::Null)]);
            Branch::from(&root).repeated_key().map(|path| path.to_string())
        };
        assert_eq!(within(mapping(["b", "a"])), None);
        assert_eq!(within(mapping(["b", "b"])).as_deref(), Some("[\"a\"][\"b\"]"));
    }
}
