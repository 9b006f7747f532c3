//! What becomes of a metadata block that somebody edits by hand.

use super::{KeyType, Metadata, MetadataError, SelectorKind};
use crate::tree::{Timestamp, Tree};

/// The fields that no hand writes: they follow from the values and the data key.
const COMPUTED: [&str; 4] = ["lastmodified", "leafseal_layout", "mac", "version"];

/// The list of key groups.
const GROUPS: &str = "key_groups";

/// When an entry was made.
const CREATED: &str = "created_at";

impl Metadata {
    /// Reads this block as it was edited. What is computed stays as it was whatever the edited block
    /// says, and an entry of a master key needs no `created_at` and no `enc`.
    ///
    /// # Errors
    /// The block lacks something else or has it in another type.
    pub fn from_edited(&self, edited: &Tree, now: Timestamp) -> Result<Self, MetadataError> {
        let Tree::Mapping(items) = edited else {
            return Err(MetadataError::NotMapping(edited.kind()));
        };
        let is_given = |(name, _): &&(String, Tree)| !is_computed(name);
        let mut items: Vec<_> = items.iter().filter(is_given).cloned().collect();
        for item in &mut items {
            date_entries(item, now);
        }
        let is_filled = |tree: &Tree| matches!(tree, Tree::Sequence(items) if !items.is_empty());
        let has = |name: &str| items.iter().any(|(key, list)| key == name && is_filled(list));
        if has(GROUPS) && KeyType::ALL.into_iter().any(|key_type| has(key_type.as_str())) {
            return Err(MetadataError::KeysBesideGroups);
        }
        let Tree::Mapping(own) = self.to_tree() else { return Err(MetadataError::NoKeys) };
        items.extend(own.into_iter().filter(|(name, _)| is_computed(name)));
        Self::from_tree(&Tree::Mapping(items))
    }

    /// Lists the fields that differ in another block, as they are there, computed ones left out.
    #[must_use]
    pub fn changed_fields(&self, new: &Self) -> Vec<(&'static str, Option<Tree>)> {
        let (old, new) = (self.to_tree(), new.to_tree());
        let is_changed = |name: &&str| old.find(name) != new.find(name);
        settings().filter(is_changed).map(|name| (name, new.find(name).cloned())).collect()
    }
}

/// Lists the fields of an edited block that are not kept: computed and unknown ones that differ.
#[must_use]
pub fn ignored_fields(old: &Tree, edited: &Tree) -> Vec<String> {
    let Tree::Mapping(items) = edited else { return Vec::new() };
    let is_ignored = |(name, value): &&(String, Tree)| {
        let is_setting = settings().any(|setting| setting.eq_ignore_ascii_case(name));
        !is_setting && old.find(name) != Some(value)
    };
    items.iter().filter(is_ignored).map(|(name, _)| name.clone()).collect()
}

/// Iterates over the names of the fields that say who can decrypt a file, and what is encrypted.
fn settings() -> impl Iterator<Item = &'static str> {
    let keys = KeyType::ALL.into_iter().map(KeyType::as_str);
    let selectors = SelectorKind::ALL.into_iter().map(SelectorKind::as_str);
    keys.chain([GROUPS, "shamir_threshold"]).chain(selectors).chain(["mac_only_encrypted"])
}

fn is_computed(name: &str) -> bool {
    COMPUTED.iter().any(|computed| computed.eq_ignore_ascii_case(name))
}

/// Dates the entries of master keys that have no date.
fn date_entries((name, field): &mut (String, Tree), now: Timestamp) {
    let Tree::Sequence(items) = field else { return };
    if name == GROUPS {
        for group in items {
            let Tree::Mapping(lists) = group else { continue };
            for list in lists {
                date_entries(list, now);
            }
        }
        return;
    }
    let is_dated = |key_type: &KeyType| *key_type != KeyType::Age && key_type.as_str() == name;
    if !KeyType::ALL.iter().any(is_dated) {
        return;
    }
    for entry in items {
        let Tree::Mapping(fields) = entry else { continue };
        if !fields.iter().any(|(name, _)| name.eq_ignore_ascii_case(CREATED)) {
            fields.push((CREATED.to_owned(), Tree::Str(now.to_second().to_string())));
        }
    }
}
