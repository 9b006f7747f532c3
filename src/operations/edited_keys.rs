use crate::keys::{self, MasterKey, MasterKeyError, Member};
use crate::metadata::{KeyGroup, KeyType, Metadata, WrappedKey};

/// The master keys of a metadata block that was edited.
pub(super) struct EditedKeys {
    pub(super) members: Vec<Vec<Member>>,
    pub(super) threshold: u32,
}

/// An entry that names no master key.
pub(super) struct BadEntry {
    pub(super) entry: Box<WrappedKey>,
    pub(super) error: MasterKeyError,
}

/// Compares the master keys of an edited block with those that the file had; nothing if they are the
/// same. An entry that wraps the right thing already stays, others are wrapped for.
pub(super) fn plan(old: &Metadata, edited: &Metadata) -> Result<Option<EditedKeys>, BadEntry> {
    let threshold = threshold(old, edited);
    if old.key_groups == edited.key_groups && old.shamir_threshold == threshold {
        return Ok(None);
    }
    // with one group the data key itself is wrapped, and stays the same
    let stays = old.key_groups.len() == 1 && edited.key_groups.len() == 1;
    let group = |(number, group): (usize, &KeyGroup)| {
        let before = old.key_groups.get(number).map_or(&[][..], |group| &group.keys);
        let entries = in_place(before, &group.keys).into_iter();
        entries.map(|entry| member(old, entry, stays)).collect::<Result<_, _>>()
    };
    let members = edited.key_groups.iter().enumerate().map(group).collect::<Result<_, _>>()?;
    Ok(Some(EditedKeys { members, threshold }))
}

/// Returns the threshold that the file gets. One that was without effect so far is none, and with
/// one group left it says nothing.
fn threshold(old: &Metadata, edited: &Metadata) -> u32 {
    let (before, after) = (old.key_groups.len(), edited.key_groups.len());
    let asked = edited.shamir_threshold;
    let is_new = asked != old.shamir_threshold;
    match (before > 1, after > 1) {
        _ if is_new || before == after => {
            if after > 1 {
                keys::written_threshold(after, asked)
            } else {
                asked
            }
        }
        (_, false) => 0,
        (false, true) => keys::written_threshold(after, 0),
        (true, true) => keys::written_threshold(after, asked),
    }
}

/// Returns the entries of a group in the order in which they are written: by type, those that the
/// group had before in their old order, new ones behind them. One that repeats another is left out.
fn in_place<'e>(before: &[WrappedKey], entries: &'e [WrappedKey]) -> Vec<&'e WrappedKey> {
    let mut kept: Vec<&WrappedKey> = Vec::new();
    for entry in entries {
        if !kept.iter().any(|other| is_same_key(other, entry)) {
            kept.push(entry);
        }
    }
    kept.sort_by_key(|entry| {
        let of_type = KeyType::ALL.iter().position(|it| *it == entry.key_type);
        let place = before.iter().position(|other| is_same_key(other, entry));
        (of_type, place.unwrap_or(usize::MAX))
    });
    kept
}

fn is_same_key(left: &WrappedKey, right: &WrappedKey) -> bool {
    (left.key_type, left.name()) == (right.key_type, right.name())
}

fn member(old: &Metadata, entry: &WrappedKey, stays: bool) -> Result<Member, BadEntry> {
    let before = old.master_keys().find(|other| is_same_key(other, entry));
    if let Some(before) = before {
        let is_kept = stays && before.enc == entry.enc;
        return Ok(if is_kept {
            Member::Untouched(entry.clone())
        } else {
            Member::Rewrapped(entry.clone())
        });
    }
    let key = MasterKey::parse(entry.key_type, &entry.name());
    key.map(Member::New).map_err(|error| BadEntry { entry: entry.clone().into(), error })
}
