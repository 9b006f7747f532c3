use super::encrypted::EncryptedFile;
use super::keys_error::ChangeKeysError;
use super::rule::RuleError;
use crate::config::{CreationRule, KeyEntry, RuleGroup};
use crate::crypto::Randomness;
use crate::keys::{self, KeyRing, MasterKey, Member};
use crate::metadata::{KeyGroup, Metadata, WrappedKey};

/// What a rule would change of the master keys of a file.
pub struct KeyUpdate {
    members: Vec<Vec<Member>>,
    threshold: u32,
    /// The threshold of the file.
    pub old_threshold: u32,
    /// What becomes of each key group.
    pub groups: Vec<GroupUpdate>,
}

/// What becomes of one key group, by the names of its master keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupUpdate {
    /// Those that stay.
    pub kept: Vec<String>,
    /// Those that the rule names and the file lacks.
    pub added: Vec<String>,
    /// Those that the file has and the rule does not name.
    pub removed: Vec<String>,
}

impl KeyUpdate {
    /// Returns the threshold that the file gets.
    #[must_use]
    pub fn threshold(&self) -> u32 {
        self.threshold
    }
}

impl GroupUpdate {
    fn is_change(&self) -> bool {
        !self.added.is_empty() || !self.removed.is_empty()
    }
}

/// Compares a file with its rule, group by group; nothing if they agree. Another order is no
/// change.
///
/// `threshold` is the one that the user asks for; otherwise that of the rule counts, and where it
/// has none that of the file as far as there are groups for it.
///
/// # Errors
/// The rule names no master keys, or one that the file lacks and that is not built in.
pub fn plan_update(
    metadata: &Metadata,
    rule: &CreationRule,
    threshold: Option<u32>,
) -> Result<Option<KeyUpdate>, RuleError> {
    if rule.key_groups.iter().any(|group| group.keys.is_empty()) {
        return Err(RuleError::NoKeys { place: rule.place });
    }
    // the data key itself is wrapped, and stays the same
    let stays = metadata.key_groups.len() == 1 && rule.key_groups.len() == 1;
    let (mut groups, mut members) = (Vec::new(), Vec::new());
    let empty = KeyGroup::default();
    for (number, wanted) in rule.key_groups.iter().enumerate() {
        let old = metadata.key_groups.get(number).unwrap_or(&empty);
        let (update, group) = update_group(rule, wanted, old, stays)?;
        groups.push(update);
        members.push(group);
    }
    let removed = metadata.key_groups.iter().skip(rule.key_groups.len());
    groups.extend(
        removed.map(|group| GroupUpdate { removed: names(group), ..GroupUpdate::default() }),
    );
    let old_threshold = metadata.shamir_threshold;
    let threshold = new_threshold(metadata, rule, threshold);
    // where there is one group it says nothing
    let is_threshold_new = members.len() > 1 && threshold != effective_threshold(metadata);
    if !is_threshold_new && !groups.iter().any(GroupUpdate::is_change) {
        return Ok(None);
    }
    Ok(Some(KeyUpdate { members, threshold, old_threshold, groups }))
}

fn new_threshold(metadata: &Metadata, rule: &CreationRule, asked: Option<u32>) -> u32 {
    let count = rule.key_groups.len();
    if count < 2 {
        return 0;
    }
    let of_file = match metadata.shamir_threshold {
        // what was needed before may be more than there is now
        2.. if metadata.key_groups.len() > 1 => {
            metadata.shamir_threshold.min(u32::try_from(count).unwrap_or(u32::MAX))
        }
        _ => 0,
    };
    let of_rule = Some(rule.shamir_threshold).filter(|threshold| *threshold > 0);
    keys::written_threshold(count, asked.or(of_rule).unwrap_or(of_file))
}

fn effective_threshold(metadata: &Metadata) -> u32 {
    keys::written_threshold(metadata.key_groups.len(), metadata.shamir_threshold)
}

fn names(group: &KeyGroup) -> Vec<String> {
    group.keys.iter().map(WrappedKey::name).collect()
}

/// Compares a group: entries of the file stay in their order, new ones follow.
fn update_group(
    rule: &CreationRule,
    wanted: &RuleGroup,
    old: &KeyGroup,
    stays: bool,
) -> Result<(GroupUpdate, Vec<Member>), RuleError> {
    let is_wanted = |entry: &&WrappedKey| wanted.keys.iter().any(|key| rule.is_for(key, entry));
    let (kept, removed): (Vec<_>, Vec<_>) = old.keys.iter().partition(is_wanted);
    let is_new = |key: &&KeyEntry| !old.keys.iter().any(|entry| rule.is_for(key, entry));
    let mut update = GroupUpdate {
        kept: kept.iter().map(|entry| entry.name()).collect(),
        removed: removed.iter().map(|entry| entry.name()).collect(),
        added: Vec::new(),
    };
    let keep = if stays { Member::Untouched } else { Member::Rewrapped };
    let mut members: Vec<Member> = kept.into_iter().cloned().map(keep).collect();
    for key in wanted.keys.iter().filter(is_new) {
        let name = rule.key_name(key);
        // a rule without groups may name a key twice
        if update.added.contains(&name) {
            continue;
        }
        let place = key.place;
        let master = MasterKey::parse(key.key_type, &key.address())
            .map_err(|error| RuleError::MasterKey { place, error })?;
        members.push(Member::New(master));
        update.added.push(name);
    }
    Ok((update, members))
}

/// Gives a file the master keys of its rule. The values, the data key and everything else stay.
///
/// # Errors
/// The data key is out of reach, cannot be wrapped, or the file cannot be changed in its place.
pub fn update_keys(
    file: &EncryptedFile<'_>,
    update: &KeyUpdate,
    key_ring: &KeyRing<'_>,
    randomness: &dyn Randomness,
) -> Result<String, ChangeKeysError> {
    let data_key = file.data_key(&[], key_ring)?;
    file.with_keys(
        &update.members,
        update.threshold,
        &data_key,
        randomness,
        &key_ring.surroundings(super::now()),
    )
}

/// Adds a key group to a file; its data key is split anew.
///
/// # Errors
/// As [`update_keys`].
pub fn add_group(
    file: &EncryptedFile<'_>,
    group: Vec<MasterKey>,
    threshold: Option<u32>,
    key_ring: &KeyRing<'_>,
    randomness: &dyn Randomness,
) -> Result<String, ChangeKeysError> {
    let mut members = rewrapped(&file.metadata.key_groups);
    members.push(group.into_iter().map(Member::New).collect());
    // a threshold that was without effect so far is none
    let old = file.metadata.shamir_threshold;
    let old = if file.metadata.key_groups.len() > 1 { old } else { 0 };
    let threshold = keys::written_threshold(members.len(), threshold.unwrap_or(old));
    let data_key = file.data_key(&[], key_ring)?;
    file.with_keys(&members, threshold, &data_key, randomness, &key_ring.surroundings(super::now()))
}

/// Removes a key group from a file, by its number from 0; the data key is split anew.
///
/// # Errors
/// There is no such group, too few would be left, or as [`update_keys`].
pub fn delete_group(
    file: &EncryptedFile<'_>,
    index: usize,
    threshold: Option<u32>,
    key_ring: &KeyRing<'_>,
    randomness: &dyn Randomness,
) -> Result<String, ChangeKeysError> {
    let mut groups = file.metadata.key_groups.clone();
    let count = groups.len();
    if index >= count {
        return Err(ChangeKeysError::NoSuchGroup { index, count });
    }
    if count == 1 {
        return Err(ChangeKeysError::OnlyGroup(index));
    }
    groups.remove(index);
    let left = groups.len();
    let threshold = threshold.unwrap_or_else(|| effective_threshold(&file.metadata));
    if usize::try_from(threshold).is_ok_and(|threshold| threshold > left) {
        return Err(ChangeKeysError::TooFewLeft { threshold, left });
    }
    // with one group left it says nothing
    let threshold = if left == 1 { 0 } else { threshold };
    let data_key = file.data_key(&[], key_ring)?;
    file.with_keys(
        &rewrapped(&groups),
        threshold,
        &data_key,
        randomness,
        &key_ring.surroundings(super::now()),
    )
}

fn rewrapped(groups: &[KeyGroup]) -> Vec<Vec<Member>> {
    let group = |group: &KeyGroup| group.keys.iter().cloned().map(Member::Rewrapped).collect();
    groups.iter().map(group).collect()
}
