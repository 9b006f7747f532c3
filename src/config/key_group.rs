use super::reader::{Item, Reader};
use super::{Cause, ConfigError, Place};
use crate::format::yaml::{Node, NodeValue};
use crate::metadata::{KeyType, WrappedKey};
use crate::tree::Tree;

/// How deep groups may hold each other by `merge`.
const MAX_DEPTH: usize = 64;

/// The lists of a group, in the order of the keys that they give, with the fields of their items;
/// the first field names the key, lists without fields hold names.
const LISTS: [(&str, KeyType, &[&str]); 7] = [
    ("age", KeyType::Age, &[]),
    ("pgp", KeyType::Pgp, &[]),
    ("kms", KeyType::Kms, &["arn", "role", "context", "aws_profile"]),
    ("gcp_kms", KeyType::GcpKms, &["resource_id"]),
    ("hckms", KeyType::Hckms, &["key_id"]),
    ("azure_keyvault", KeyType::AzureKeyVault, &["vaultUrl", "key", "version"]),
    ("hc_vault", KeyType::HcVault, &[]),
];

/// A master key that a rule names.
#[derive(Clone, Debug, PartialEq)]
pub struct KeyEntry {
    /// The type.
    pub key_type: KeyType,
    /// The recipient, fingerprint, ARN, resource or address.
    pub name: String,
    /// The fields of an entry that is written as a mapping, but for the one that is the name.
    pub fields: Vec<(String, Tree)>,
    /// Where the entry stands.
    pub place: Place,
}

impl KeyEntry {
    fn is_same_key(&self, other: &Self) -> bool {
        (self.key_type, &self.name, &self.fields) == (other.key_type, &other.name, &other.fields)
    }

    /// Returns the name that messages and diffs give the master key, in the form in which a file
    /// has it. The AWS profile is that of the rule, for entries without one of their own.
    pub(super) fn full_name(&self, aws_profile: Option<&str>) -> String {
        let without_blanks = || self.name.split_whitespace().collect::<String>();
        match self.key_type {
            KeyType::Pgp => without_blanks(),
            KeyType::Kms => {
                let mut fields = vec![("arn".to_owned(), Tree::Str(without_blanks()))];
                fields.extend(self.fields.iter().cloned());
                if let Some(profile) = aws_profile.filter(|_| self.fields.is_empty()) {
                    fields.push(("aws_profile".to_owned(), Tree::str(profile)));
                }
                self.named(fields)
            }
            KeyType::AzureKeyVault if self.fields.is_empty() => self.azure_url(),
            KeyType::AzureKeyVault => {
                let mut fields = vec![("vault_url".to_owned(), Tree::str(&self.name))];
                let name = |field: &str| if field == "key" { "name" } else { field }.to_owned();
                fields.extend(self.fields.iter().map(|(field, it)| (name(field), it.clone())));
                self.named(fields)
            }
            _ => self.name.clone(),
        }
    }

    /// Returns what names the master key alone, without what only goes with it.
    #[must_use]
    pub fn address(&self) -> String {
        match self.key_type {
            KeyType::AzureKeyVault => self.full_name(None),
            _ => self.name.clone(),
        }
    }

    fn named(&self, fields: Vec<(String, Tree)>) -> String {
        let key_type = self.key_type;
        WrappedKey { key_type, fields, created_at: None, enc: String::new() }.name()
    }

    /// Returns the address of an Azure key, with a slash at the end if it names no version.
    fn azure_url(&self) -> String {
        let has_version = self.name.rsplit_once("/keys/").is_none_or(|(_, key)| key.contains('/'));
        if has_version { self.name.clone() } else { format!("{}/", self.name) }
    }
}

/// The master keys of one key group.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RuleGroup {
    /// The keys, in the order in which they are written into a file.
    pub keys: Vec<KeyEntry>,
}

impl RuleGroup {
    /// Adds the keys of a flat field of a rule: a list of names separated by commas, or a list of
    /// such lists. Repeated ones stay.
    pub(super) fn add_flat(
        &mut self,
        reader: &Reader<'_>,
        key_type: KeyType,
        item: &Item<'_>,
    ) -> Result<(), ConfigError> {
        let place = reader.place(item.node.offset);
        let text = reader.texts(item.key, item.node)?.join(",");
        let names = text.split(',').map(str::trim).filter(|name| !name.is_empty());
        let entry =
            |name: &str| KeyEntry { key_type, name: name.to_owned(), fields: Vec::new(), place };
        self.keys.extend(names.map(entry));
        Ok(())
    }

    /// Reads one group of `key_groups`; repeated keys are dropped.
    pub(super) fn read(reader: &mut Reader<'_>, node: &Node) -> Result<Self, ConfigError> {
        let mut group = Self::default();
        group.add_group(reader, node, MAX_DEPTH)?;
        Ok(group)
    }

    fn add_group(
        &mut self,
        reader: &mut Reader<'_>,
        node: &Node,
        depth: usize,
    ) -> Result<(), ConfigError> {
        if depth == 0 {
            return Err(reader.error(node.offset, Cause::DeepGroups));
        }
        let items = reader.mapping("a key group", node)?;
        for merged in items.iter().filter(|item| item.key == "merge") {
            for group in reader.sequence("merge", merged.node)? {
                self.add_group(reader, group, depth - 1)?;
            }
        }
        for list in LISTS {
            for item in items.iter().filter(|item| item.key == list.0) {
                self.add_list(reader, list, item)?;
            }
        }
        let is_known = |key| key == "merge" || LISTS.iter().any(|list| list.0 == key);
        items.iter().filter(|item| !is_known(item.key)).for_each(|item| reader.unknown(item));
        Ok(())
    }

    fn add_list(
        &mut self,
        reader: &mut Reader<'_>,
        (key, key_type, fields): (&str, KeyType, &[&str]),
        item: &Item<'_>,
    ) -> Result<(), ConfigError> {
        // the reference takes a list alone, and refuses the one string that its documentation shows
        if matches!(&item.node.value, NodeValue::Scalar(value) if *value != Tree::Null) {
            let mut names = Self::default();
            names.add_flat(reader, key_type, item)?;
            names.keys.into_iter().for_each(|entry| self.add(entry));
            return Ok(());
        }
        for node in reader.sequence(key, item.node)? {
            let place = reader.place(node.offset);
            let mut entry = KeyEntry { key_type, name: String::new(), fields: Vec::new(), place };
            if fields.is_empty() || matches!(node.value, NodeValue::Scalar(_)) {
                entry.name = reader.text(key, node)?;
            } else {
                read_fields(reader, key, fields, node, &mut entry)?;
            }
            self.add(entry);
        }
        Ok(())
    }

    /// Adds a key that is not there yet.
    fn add(&mut self, entry: KeyEntry) {
        if !self.keys.iter().any(|known| known.is_same_key(&entry)) {
            self.keys.push(entry);
        }
    }
}

/// Reads an entry that is a mapping.
fn read_fields(
    reader: &mut Reader<'_>,
    key: &str,
    fields: &[&str],
    node: &Node,
    entry: &mut KeyEntry,
) -> Result<(), ConfigError> {
    for item in reader.mapping(key, node)? {
        if !fields.contains(&item.key) {
            reader.unknown(&item);
        } else if item.key == fields[0] {
            entry.name = reader.text(item.key, item.node)?;
        } else if item.key == "context" {
            entry.fields.push(("context".to_owned(), read_context(reader, item.node)?));
        } else {
            let text = reader.text(item.key, item.node)?;
            entry.fields.push((item.key.to_owned(), Tree::Str(text)));
        }
    }
    Ok(())
}

fn read_context(reader: &Reader<'_>, node: &Node) -> Result<Tree, ConfigError> {
    let pair =
        |item: Item<'_>| Ok((item.key.to_owned(), Tree::Str(reader.text(item.key, item.node)?)));
    let items = reader.mapping("context", node)?;
    items.into_iter().map(pair).collect::<Result<_, _>>().map(Tree::Mapping)
}
