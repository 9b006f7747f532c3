//! The metadata of the formats that know only names with texts (`spec/format.md` §5.1): a path of
//! keys and numbers becomes one name, and a line end in a value becomes `\n`.

use std::collections::BTreeMap;

use super::MetadataError;
use crate::tree::Tree;

/// Stands before the key of a mapping within a name.
const KEY: &str = "__map_";
/// Stands before the number of a list's element within a name.
const NUMBER: &str = "__list_";

/// How many keys and numbers a name may have; the deepest field of any release has six.
const DEPTH_LIMIT: usize = 16;

/// Writes plain data as names with texts, sorted by name; null and empty collections have none.
#[must_use]
pub fn flatten(tree: &Tree) -> Vec<(String, String)> {
    let mut lines = Vec::new();
    let mut rest = vec![(String::new(), tree)];
    while let Some((name, tree)) = rest.pop() {
        let text = match tree {
            Tree::Mapping(items) => {
                let mark = if name.is_empty() { "" } else { KEY };
                rest.extend(items.iter().map(|(key, it)| (format!("{name}{mark}{key}"), it)));
                continue;
            }
            Tree::Sequence(items) => {
                let elements = items.iter().enumerate();
                rest.extend(elements.map(|(at, it)| (format!("{name}{NUMBER}{at}"), it)));
                continue;
            }
            Tree::Null => continue,
            Tree::Bool(value) => value.to_string(),
            Tree::Int(number) => number.to_string(),
            Tree::Float(number) => crate::tree::format_float(*number),
            Tree::Str(text) | Tree::Time(text) => text.replace('\n', "\\n"),
        };
        lines.push((name, text));
    }
    lines.sort();
    lines
}

/// Reads names with texts, in any order, as plain data.
///
/// # Errors
/// Two names contradict each other, or a list has gaps.
pub fn unflatten<'l>(
    lines: impl IntoIterator<Item = (&'l str, &'l str)>,
) -> Result<Tree, MetadataError> {
    let mut root = Node::Mapping(BTreeMap::new());
    for (name, text) in lines {
        let conflict = || MetadataError::NameConflict(name.to_owned());
        let steps = steps(name).ok_or_else(conflict)?;
        let place = steps.into_iter().try_fold(&mut root, Node::child).ok_or_else(conflict)?;
        if !matches!(place, Node::Unset) {
            return Err(conflict());
        }
        *place = Node::Text(text.replace("\\n", "\n"));
    }
    root.into_tree("")
}

/// One step down in a name.
#[derive(Clone, Copy)]
enum Step<'n> {
    Key(&'n str),
    Number(usize),
}

/// Cuts a name at its marks, unless they are too many; what is no number counts as 0, as in the
/// reference.
fn steps(name: &str) -> Option<Vec<Step<'_>>> {
    let mut steps = Vec::new();
    let mut rest = name;
    let mut is_number = false;
    while steps.len() < DEPTH_LIMIT {
        let next = [(KEY, false), (NUMBER, true)]
            .into_iter()
            .filter_map(|(mark, is_number)| Some((rest.find(mark)?, mark.len(), is_number)))
            .min();
        let piece = &rest[..next.map_or(rest.len(), |(at, ..)| at)];
        steps.push(if is_number {
            Step::Number(piece.parse().unwrap_or(0))
        } else {
            Step::Key(piece)
        });
        let Some((at, length, next_is_number)) = next else { return Some(steps) };
        rest = &rest[at + length..];
        is_number = next_is_number;
    }
    None
}

/// A place that lines fill.
enum Node {
    Unset,
    Text(String),
    Mapping(BTreeMap<String, Node>),
    List(BTreeMap<usize, Node>),
}

impl Node {
    /// Goes one step down, and makes way if nothing is there yet.
    fn child(&mut self, step: Step<'_>) -> Option<&mut Self> {
        match step {
            Step::Key(key) => {
                if matches!(self, Self::Unset) {
                    *self = Self::Mapping(BTreeMap::new());
                }
                let Self::Mapping(items) = self else { return None };
                Some(items.entry(key.to_owned()).or_insert(Self::Unset))
            }
            Step::Number(number) => {
                if matches!(self, Self::Unset) {
                    *self = Self::List(BTreeMap::new());
                }
                let Self::List(items) = self else { return None };
                Some(items.entry(number).or_insert(Self::Unset))
            }
        }
    }

    /// Turns the place into data; `name` is that of the field, for messages.
    fn into_tree(self, name: &str) -> Result<Tree, MetadataError> {
        Ok(match self {
            Self::Unset => Tree::Null,
            Self::Text(text) => Tree::Str(text),
            Self::Mapping(items) => {
                let items = items.into_iter().map(|(key, node)| {
                    let tree = node.into_tree(if name.is_empty() { &key } else { name })?;
                    Ok((key, tree))
                });
                Tree::Mapping(items.collect::<Result<_, _>>()?)
            }
            Self::List(items) => {
                let is_complete = items.keys().copied().eq(0..items.len());
                if !is_complete {
                    return Err(MetadataError::ListGap(name.to_owned()));
                }
                let items = items.into_values().map(|node| node.into_tree(name));
                Tree::Sequence(items.collect::<Result<_, _>>()?)
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapping(items: Vec<(&str, Tree)>) -> Tree {
        Tree::Mapping(items.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
    }

    fn example() -> Tree {
        let key = mapping(vec![("enc", Tree::str("a\nb\n")), ("recipient", Tree::str("r"))]);
        let context = mapping(vec![("a", Tree::str("b"))]);
        let kms = mapping(vec![("context", context), ("role", Tree::str(""))]);
        mapping(vec![
            ("age", Tree::Sequence(vec![key])),
            ("key_groups", Tree::Sequence(vec![mapping(vec![("kms", Tree::Sequence(vec![kms]))])])),
            ("version", Tree::str("3")),
        ])
    }

    #[test]
    fn a_block_becomes_sorted_names_and_comes_back() {
        let lines = flatten(&example());
        let expected = [
            ("age__list_0__map_enc", "a\\nb\\n"),
            ("age__list_0__map_recipient", "r"),
            ("key_groups__list_0__map_kms__list_0__map_context__map_a", "b"),
            ("key_groups__list_0__map_kms__list_0__map_role", ""),
            ("version", "3"),
        ];
        let written: Vec<(&str, &str)> =
            lines.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect();
        assert_eq!(written, expected);
        assert_eq!(unflatten(written.into_iter().rev()).map(|tree| flatten(&tree)), Ok(lines));
    }

    #[test]
    fn what_has_no_text_gives_no_line() {
        let tree = mapping(vec![
            ("age", Tree::Sequence(Vec::new())),
            ("b", Tree::Null),
            ("mac_only_encrypted", Tree::Bool(true)),
            ("shamir_threshold", Tree::Int(2)),
        ]);
        let lines = flatten(&tree);
        let expected = [("mac_only_encrypted", "true"), ("shamir_threshold", "2")];
        assert_eq!(lines, expected.map(|(name, text)| (name.to_owned(), text.to_owned())));
    }

    #[test]
    fn names_that_contradict_each_other_are_refused() {
        let rows: [(&[&str], &str); 6] = [
            (&["a", "a"], "the name a in the sops block contradicts another one"),
            (&["a", "a__map_b"], "the name a__map_b in the sops block contradicts another one"),
            (&["a__map_b", "a"], "the name a in the sops block contradicts another one"),
            (
                &["a__list_0", "a__map_0"],
                "the name a__map_0 in the sops block contradicts another one",
            ),
            (&["a__list_0", "a__list_2"], "the list a in the sops block has gaps"),
            (&["a__list_99999999999"], "the list a in the sops block has gaps"),
        ];
        for (names, message) in rows {
            let error = unflatten(names.iter().map(|name| (*name, ""))).unwrap_err();
            assert_eq!(error.to_string(), message, "{names:?}");
        }
        let deep = "a".to_owned() + &"__map_b".repeat(100_000);
        assert!(unflatten([(deep.as_str(), "")]).is_err());
    }

    #[test]
    fn what_is_no_number_counts_as_zero() {
        let found = unflatten([("a__list_x__map_b", "1")]);
        let list = Tree::Sequence(vec![mapping(vec![("b", Tree::str("1"))])]);
        assert_eq!(found, Ok(mapping(vec![("a", list)])));
    }
}
