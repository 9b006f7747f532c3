use super::{KeyGroup, KeyType, Metadata, Selector, SelectorKind, WrappedKey};
use crate::pattern::PatternError;
use crate::tree::{Timestamp, Tree};

/// The field of the layout record.
const LAYOUT: &str = "leafseal_layout";

/// The reasons why a metadata block cannot be used.
#[derive(Debug, thiserror::Error, PartialEq)]
pub enum MetadataError {
    /// The block is something else than a mapping.
    #[error("the sops block is {0}, not a mapping")]
    NotMapping(&'static str),
    /// The block has far more items than any file has recipients.
    #[error("the sops block has too many items")]
    TooLarge,
    /// A field that every file has is missing.
    #[error("the sops block has no {0}")]
    Missing(String),
    /// A field has another type than it must have.
    #[error("{field} in the sops block is {found}, not {expected}")]
    WrongType {
        /// The field.
        field: String,
        /// What it is.
        found: &'static str,
        /// What it must be.
        expected: &'static str,
    },
    /// A time is not in RFC 3339.
    #[error("{0} in the sops block is not a time in RFC 3339")]
    NotTime(String),
    /// The version is not of the form X.Y.Z.
    #[error("version in the sops block is not of the form X.Y.Z")]
    NotVersion,
    /// Two selectors are given.
    #[error("the sops block has both {0} and {1}; at most one selector is possible")]
    SelectorConflict(&'static str, &'static str),
    /// A selector's regular expression is none.
    #[error("{field} in the sops block is not a regular expression: {error}")]
    BadPattern {
        /// The field.
        field: &'static str,
        /// What is wrong with it.
        error: PatternError,
    },
    /// A name of a flat block repeats another one, or asks for another kind of value.
    #[error("the name {0} in the sops block contradicts another one")]
    NameConflict(String),
    /// The numbers of a flat block's list are not 0, 1, 2 and so on.
    #[error("the list {0} in the sops block has gaps")]
    ListGap(String),
    /// Aliases in the block repeat each other without end.
    #[error("the sops block is an alias bomb")]
    AliasBomb,
    /// Master keys are listed both in groups and without, where only the latter would count.
    #[error("the sops block lists master keys beside key_groups, not in them")]
    KeysBesideGroups,
    /// No master key is listed, so nobody can decrypt the file.
    #[error("the sops block lists no master keys")]
    NoKeys,
}

impl MetadataError {
    /// Names the field of the block that is wrong, if it is one.
    #[must_use]
    pub fn field(&self) -> Option<&str> {
        let label: &str = match self {
            Self::Missing(label)
            | Self::WrongType { field: label, .. }
            | Self::NotTime(label)
            | Self::NameConflict(label)
            | Self::ListGap(label) => label,
            Self::SelectorConflict(_, field) | Self::BadPattern { field, .. } => field,
            Self::KeysBesideGroups => "key_groups",
            Self::NotMapping(_)
            | Self::TooLarge
            | Self::NotVersion
            | Self::AliasBomb
            | Self::NoKeys => return None,
        };
        label.split('.').next()
    }
}

impl Metadata {
    /// Reads a metadata block in any form that a release has written (`spec/format.md` §4.5).
    ///
    /// # Errors
    /// The block lacks something or has it in another type.
    pub fn from_tree(tree: &Tree) -> Result<Self, MetadataError> {
        let Tree::Mapping(_) = tree else { return Err(MetadataError::NotMapping(tree.kind())) };
        let block = Block { tree, name: "" };
        let version = block.text("version")?.unwrap_or_default();
        if version.is_empty() {
            return Err(MetadataError::Missing("version".to_owned()));
        }
        if !is_version(&version) {
            return Err(MetadataError::NotVersion);
        }
        let key_groups = read_groups(&block)?;
        if key_groups.iter().all(|group| group.keys.is_empty()) {
            return Err(MetadataError::NoKeys);
        }
        Ok(Self {
            key_groups,
            shamir_threshold: block.threshold()?,
            last_modified: block.time("lastmodified")?,
            mac: block.text("mac")?.unwrap_or_default(),
            layout: block.text(LAYOUT)?,
            selector: read_selector(&block)?,
            mac_only_encrypted: block.flag("mac_only_encrypted")?,
            version,
        })
    }

    /// Returns the block as release 3.13 writes it: every mapping sorted by key.
    #[must_use]
    pub fn to_tree(&self) -> Tree {
        let mut items = self.items();
        items.push((self.selector.kind().as_str().to_owned(), Tree::str(self.selector.text())));
        if self.mac_only_encrypted {
            items.push(("mac_only_encrypted".to_owned(), Tree::Bool(true)));
        }
        sorted(items)
    }

    /// Returns the block of a file that is a single value, like [`Self::to_tree`]: there is
    /// nothing to select in it (`spec/format.md` §5.6).
    #[must_use]
    pub fn to_tree_of_whole(&self) -> Tree {
        sorted(self.items())
    }

    /// Returns the fields that every block has.
    fn items(&self) -> Vec<(String, Tree)> {
        let mut items = Vec::new();
        if self.shamir_threshold != 0 {
            items.push(("shamir_threshold".to_owned(), Tree::Int(self.shamir_threshold.into())));
        }
        match self.key_groups.as_slice() {
            [group] => items.extend(write_group(group, false)),
            groups => {
                let groups = groups.iter().map(|group| sorted(write_group(group, true)));
                items.push(("key_groups".to_owned(), Tree::Sequence(groups.collect())));
            }
        }
        items.push(("lastmodified".to_owned(), Tree::Str(self.last_modified.to_string())));
        items.push(("mac".to_owned(), Tree::str(&self.mac)));
        items.extend(self.layout.as_ref().map(|text| (LAYOUT.to_owned(), Tree::str(text))));
        items.push(("version".to_owned(), Tree::str(&self.version)));
        items
    }
}

fn sorted(mut items: Vec<(String, Tree)>) -> Tree {
    items.sort_by(|(left, _), (right, _)| left.cmp(right));
    Tree::Mapping(items)
}

/// Writes the lists of a group; `age` and `hc_vault` also when empty inside `key_groups`.
fn write_group(group: &KeyGroup, with_empty: bool) -> Vec<(String, Tree)> {
    let mut lists = Vec::new();
    for key_type in KeyType::ALL {
        let keys = group.keys.iter().filter(|key| key.key_type == key_type);
        let entries: Vec<Tree> = keys.map(write_key).collect();
        let is_kept = with_empty && matches!(key_type, KeyType::Age | KeyType::HcVault);
        if !entries.is_empty() || is_kept {
            lists.push((key_type.as_str().to_owned(), Tree::Sequence(entries)));
        }
    }
    lists
}

fn write_key(key: &WrappedKey) -> Tree {
    let mut items = key.fields.clone();
    if let Some(created_at) = key.created_at {
        items.push(("created_at".to_owned(), Tree::Str(created_at.to_string())));
    }
    items.push(("enc".to_owned(), Tree::str(&key.enc)));
    sorted(items)
}

fn read_groups(block: &Block<'_>) -> Result<Vec<KeyGroup>, MetadataError> {
    let flat = read_group(block)?;
    if !flat.keys.is_empty() {
        return Ok(vec![flat]);
    }
    let groups = block.list("key_groups")?.iter();
    groups.map(|tree| read_group(&Block::new(tree, "key_groups")?)).collect()
}

fn read_group(block: &Block<'_>) -> Result<KeyGroup, MetadataError> {
    let mut group = KeyGroup::default();
    for key_type in KeyType::ALL {
        for entry in block.list(key_type.as_str())? {
            group.keys.push(read_key(key_type, &Block::new(entry, key_type.as_str())?)?);
        }
    }
    Ok(group)
}

fn read_key(key_type: KeyType, block: &Block<'_>) -> Result<WrappedKey, MetadataError> {
    let created_at = match key_type {
        KeyType::Age => None,
        _ => Some(block.time("created_at")?),
    };
    let Tree::Mapping(items) = block.tree else {
        return Err(MetadataError::NotMapping(block.tree.kind()));
    };
    let is_naming =
        |name: &str| !name.eq_ignore_ascii_case("created_at") && !name.eq_ignore_ascii_case("enc");
    let mut fields: Vec<_> = items.iter().filter(|(name, _)| is_naming(name)).cloned().collect();
    // an entry is the same in whatever order its fields stand
    fields.sort_by(|(left, _), (right, _)| left.cmp(right));
    let enc = block.text("enc")?.unwrap_or_default();
    Ok(WrappedKey { key_type, fields, created_at, enc })
}

fn read_selector(block: &Block<'_>) -> Result<Selector, MetadataError> {
    let mut found: Option<Selector> = None;
    for kind in SelectorKind::ALL {
        let field = kind.as_str();
        let text = block.text(field)?.unwrap_or_default();
        if text.is_empty() {
            continue;
        }
        if let Some(first) = &found {
            return Err(MetadataError::SelectorConflict(first.kind().as_str(), field));
        }
        let selector = Selector::new(kind, text);
        found = Some(selector.map_err(|error| MetadataError::BadPattern { field, error })?);
    }
    Ok(found.unwrap_or_default())
}

/// Tells whether a version is three numbers, with whatever a pre-release adds. Releases 1.x wrote
/// fewer.
fn is_version(text: &str) -> bool {
    if text.starts_with("1.") {
        return true;
    }
    let core = text.split(['-', '+']).next().unwrap_or_default();
    let numbers: Vec<&str> = core.split('.').collect();
    let is_number = |part: &&str| !part.is_empty() && part.bytes().all(|it| it.is_ascii_digit());
    numbers.len() == 3 && numbers.iter().all(is_number)
}

/// A mapping of the block with the name of the field that holds it.
struct Block<'t> {
    tree: &'t Tree,
    name: &'static str,
}

impl<'t> Block<'t> {
    fn new(tree: &'t Tree, name: &'static str) -> Result<Self, MetadataError> {
        match tree {
            Tree::Mapping(_) => Ok(Self { tree, name }),
            _ => Err(wrong_type(name.to_owned(), tree, "a list of mappings")),
        }
    }

    fn label(&self, field: &str) -> String {
        if self.name.is_empty() { field.to_owned() } else { format!("{}.{field}", self.name) }
    }

    /// Finds a field, in another letter case if need be; null counts as absent.
    fn find(&self, field: &str) -> Option<&'t Tree> {
        let Tree::Mapping(items) = self.tree else { return None };
        let exact = items.iter().find(|(name, _)| name == field);
        let any = || items.iter().find(|(name, _)| name.eq_ignore_ascii_case(field));
        exact.or_else(any).map(|(_, value)| value).filter(|value| **value != Tree::Null)
    }

    fn text(&self, field: &str) -> Result<Option<String>, MetadataError> {
        match self.find(field) {
            None => Ok(None),
            Some(Tree::Str(text) | Tree::Time(text)) => Ok(Some(text.clone())),
            Some(Tree::Int(number)) => Ok(Some(number.to_string())),
            Some(Tree::Float(number)) => Ok(Some(number.to_string())),
            Some(Tree::Bool(value)) => Ok(Some(value.to_string())),
            Some(other) => Err(wrong_type(self.label(field), other, "a string")),
        }
    }

    fn time(&self, field: &str) -> Result<Timestamp, MetadataError> {
        let text = self.text(field)?.ok_or_else(|| MetadataError::Missing(self.label(field)))?;
        Timestamp::parse(&text).ok_or_else(|| MetadataError::NotTime(self.label(field)))
    }

    fn list(&self, field: &str) -> Result<&'t [Tree], MetadataError> {
        match self.find(field) {
            None => Ok(&[]),
            Some(Tree::Sequence(items)) => Ok(items),
            Some(other) => Err(wrong_type(self.label(field), other, "a list")),
        }
    }

    fn flag(&self, field: &str) -> Result<bool, MetadataError> {
        match self.find(field) {
            None => Ok(false),
            Some(Tree::Bool(value)) => Ok(*value),
            Some(Tree::Str(text)) if text.is_empty() => Ok(false),
            Some(Tree::Str(text)) => match text.as_str() {
                "true" | "True" | "TRUE" | "1" | "t" | "T" => Ok(true),
                "false" | "False" | "FALSE" | "0" | "f" | "F" => Ok(false),
                _ => Err(wrong_type(self.label(field), &Tree::str(""), "a boolean")),
            },
            Some(other) => Err(wrong_type(self.label(field), other, "a boolean")),
        }
    }

    fn threshold(&self) -> Result<u32, MetadataError> {
        let field = "shamir_threshold";
        let Some(text) = self.text(field)? else { return Ok(0) };
        // flat formats of old releases hold `2.000000`
        let whole = match text.split_once('.') {
            Some((whole, fraction)) if fraction.bytes().all(|digit| digit == b'0') => whole,
            _ => &text,
        };
        let number = whole.parse().ok();
        number.ok_or_else(|| wrong_type(self.label(field), &Tree::str(""), "a small number"))
    }
}

fn wrong_type(field: String, found: &Tree, expected: &'static str) -> MetadataError {
    MetadataError::WrongType { field, found: found.kind(), expected }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn block(changes: &[(&str, Option<Tree>)]) -> Tree {
        let age = [("recipient", Tree::str("age1x")), ("enc", Tree::str("armor"))];
        let age = Tree::Mapping(age.map(|(key, value)| (key.to_owned(), value)).into());
        let mut items = vec![
            ("age".to_owned(), Tree::Sequence(vec![age])),
            ("lastmodified".to_owned(), Tree::str("2026-11-23T16:28:42Z")),
            ("mac".to_owned(), Tree::str("ENC[]")),
            ("version".to_owned(), Tree::str("3.11.0")),
        ];
        for (field, value) in changes {
            items.retain(|(name, _)| name != field);
            items.extend(value.clone().map(|value| ((*field).to_owned(), value)));
        }
        Tree::Mapping(items)
    }

    fn read(changes: &[(&str, Option<Tree>)]) -> Result<Metadata, MetadataError> {
        Metadata::from_tree(&block(changes))
    }

    #[test]
    fn a_block_reads_back_as_it_was_written_and_is_sorted() {
        let metadata = read(&[("unencrypted_regex", Some(Tree::str("^x")))]).unwrap();
        let tree = metadata.to_tree();
        let Tree::Mapping(items) = &tree else { panic!("a mapping") };
        let names: Vec<&str> = items.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, ["age", "lastmodified", "mac", "unencrypted_regex", "version"]);
        assert_eq!(Metadata::from_tree(&tree), Ok(metadata));
    }

    #[test]
    fn historic_spellings_are_read() {
        let time = Tree::Time("2026-11-23T16:28:42.7+01:00".to_owned());
        let metadata = read(&[
            ("lastmodified", Some(time)),
            ("MAC", Some(Tree::str("other"))),
            ("mac", None),
            ("kms", Some(Tree::Null)),
            ("pgp", Some(Tree::Sequence(vec![]))),
            ("shamir_threshold", Some(Tree::str("2.000000"))),
            ("mac_only_encrypted", Some(Tree::str("T"))),
            ("unknown", Some(Tree::Int(1))),
            ("version", Some(Tree::str("1.14"))),
        ])
        .unwrap();
        assert_eq!(metadata.mac, "other");
        assert_eq!(metadata.shamir_threshold, 2);
        assert!(metadata.mac_only_encrypted);
        assert_eq!(metadata.last_modified.to_second().to_string(), "2026-11-23T16:28:42+01:00");
    }

    #[test]
    fn broken_blocks_are_refused_with_the_field() {
        let text = |text: &str| Some(Tree::str(text));
        let rows = [
            (vec![("version", None)], "the sops block has no version"),
            (vec![("version", text("3.7"))], "version in the sops block is not of the form X.Y.Z"),
            (vec![("lastmodified", None)], "the sops block has no lastmodified"),
            (
                vec![("lastmodified", text("today"))],
                "lastmodified in the sops block is not a time in RFC 3339",
            ),
            (vec![("age", None)], "the sops block lists no master keys"),
            (vec![("age", text("x"))], "age in the sops block is a string, not a list"),
            (
                vec![("age", Some(Tree::Sequence(vec![Tree::Int(1)])))],
                "age in the sops block is an integer, not a list of mappings",
            ),
            (
                vec![("mac", Some(Tree::Sequence(vec![])))],
                "mac in the sops block is a list, not a string",
            ),
            (
                vec![("shamir_threshold", text("two"))],
                "shamir_threshold in the sops block is a string, not a small number",
            ),
            (
                vec![("encrypted_regex", text("a")), ("encrypted_suffix", text("b"))],
                "the sops block has both encrypted_suffix and encrypted_regex; at most one selector is possible",
            ),
        ];
        for (changes, message) in rows {
            assert_eq!(read(&changes).unwrap_err().to_string(), message);
        }
        let pgp = Tree::Mapping(vec![("fp".to_owned(), Tree::str("F"))]);
        let error = read(&[("pgp", Some(Tree::Sequence(vec![pgp])))]).unwrap_err();
        assert_eq!(error, MetadataError::Missing("pgp.created_at".to_owned()));
    }
}
