use std::borrow::Cow;

use zeroize::Zeroizing;

use super::{Failure, LookedAt, MasterKey, NotRecorded, Surroundings, WrapError};
use crate::crypto::shamir::{self, CombineError};
use crate::crypto::{DataKey, Randomness};
use crate::metadata::{KeyGroup, KeyType, WrappedKey};

/// A master key that a file is to have, and what becomes of its entry.
#[derive(Clone, Debug)]
pub enum Member {
    /// It gets an entry.
    New(MasterKey),
    /// The data key, or its share, is wrapped again; the entry's other fields stay.
    Rewrapped(WrappedKey),
    /// The entry stays, as it wraps the right thing already.
    Untouched(WrappedKey),
}

/// One wrapped key that was tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Type of the master key.
    pub key_type: KeyType,
    /// Name of the master key.
    pub name: String,
    /// Why it did not give the data key; nothing when no identity is for it.
    pub failure: Option<Failure>,
}

/// What became of one key group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupReport {
    /// Whether one of its master keys opens.
    pub is_open: bool,
    /// Those that were tried and do not.
    pub attempts: Vec<Attempt>,
}

/// What was tried to get a data key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RecoveryReport {
    /// The key groups, in their order.
    pub groups: Vec<GroupReport>,
    /// The places that were looked at for identities.
    pub places: Vec<LookedAt>,
}

/// The reasons why the data key of a file is out of reach.
#[derive(Debug, thiserror::Error)]
pub enum RecoveryError {
    /// No master key of the file opens.
    #[error("failed to get the data key: {}", .0.summary())]
    NoneOpens(RecoveryReport),
    /// The data key is split among groups, and not enough of them open.
    #[error(
        "failed to get the data key: {needed} of the file's {} key groups must open, not {opened}; {}",
        report.groups.len(),
        report.summary()
    )]
    TooFewGroups {
        /// How many must open.
        needed: u32,
        /// How many do.
        opened: usize,
        /// What was tried.
        report: RecoveryReport,
    },
    /// The shares of the groups cannot be those of one data key.
    #[error("failed to get the data key: the shares of the key groups do not belong together: {0}")]
    Shares(#[source] CombineError),
    /// What the shares of the groups give is no data key.
    #[error("failed to get the data key: the shares of the key groups give no data key")]
    CombinedNotDataKey,
    /// The data key could be had, but not recorded.
    #[error(transparent)]
    NotRecorded(#[from] NotRecorded),
    /// What was unwrapped is no data key.
    #[error("failed to get the data key: {name} opens, but holds no data key")]
    NotDataKey {
        /// Name of the master key.
        name: String,
    },
}

impl RecoveryReport {
    /// Says for whom the closed groups are, and which identities were tried.
    fn summary(&self) -> String {
        let closed = self.groups.iter().filter(|group| !group.is_open);
        let names: Vec<&str> =
            closed.flat_map(|group| &group.attempts).map(|attempt| attempt.name.as_str()).collect();
        let names = names.join(", ");
        if self.places.is_empty() {
            return format!("none of its master keys opens: {names}");
        }
        let tried = self.places.iter().filter(|place| place.has_identities);
        let tried: Vec<&str> = tried.map(|place| place.text.as_str()).collect();
        if tried.is_empty() {
            return format!("no identities were found; it is for {names}");
        }
        format!("no identity at hand is for {names}; tried {}", tried.join("; "))
    }

    pub(super) fn add_places(&mut self, looked: Vec<LookedAt>) {
        for place in looked {
            if !self.places.contains(&place) {
                self.places.push(place);
            }
        }
    }
}

/// Returns the threshold that is written into a file: where the data key is split and none is
/// asked for, all groups are needed (`spec/format.md` §6).
#[must_use]
pub fn written_threshold(groups: usize, asked: u32) -> u32 {
    if groups > 1 && asked == 0 { u32::try_from(groups).unwrap_or(u32::MAX) } else { asked }
}

/// Wraps a data key for the master keys of all groups; with two groups or more each gets a share
/// of it, of which `threshold` are needed, or all where that is 0 (`spec/format.md` §6).
///
/// # Errors
/// A group has no master key, one of them does not take the data key, or the threshold does not
/// fit the number of groups.
pub fn wrap(
    groups: &[Vec<Member>],
    threshold: u32,
    data_key: &DataKey,
    randomness: &dyn Randomness,
    surroundings: &Surroundings<'_>,
) -> Result<Vec<KeyGroup>, WrapError> {
    if groups.is_empty() || groups.iter().any(Vec::is_empty) {
        return Err(WrapError::NoKeys);
    }
    let parts = parts(groups.len(), threshold, data_key, randomness)?;
    let mut wanted = Vec::new();
    for (group, part) in groups.iter().zip(&parts) {
        for member in group {
            wanted.extend(member.master_key()?.map(|key| (key, part.as_slice())));
        }
    }
    let mut wrapped = super::wrap_each(&wanted, surroundings)?.into_iter();
    let mut next = || wrapped.next().expect("what is wanted is wrapped");
    let group = |group: &Vec<Member>| {
        let entries = group.iter().map(|member| member.entry(&mut next)).collect();
        let mut keys = without_repeats(group, entries);
        // as a block lists them, and as they are read back
        keys.sort_by_key(|entry| KeyType::ALL.iter().position(|it| *it == entry.key_type));
        KeyGroup { keys }
    };
    Ok(groups.iter().map(group).collect())
}

/// Drops new entries that turn out to be for a key that has one: a key of Azure may be named
/// without its version.
fn without_repeats(group: &[Member], entries: Vec<WrappedKey>) -> Vec<WrappedKey> {
    let name = |entry: &WrappedKey| (entry.key_type, entry.name());
    let mut kept: Vec<WrappedKey> = Vec::new();
    for (member, entry) in group.iter().zip(entries) {
        let may_repeat =
            entry.key_type == KeyType::AzureKeyVault && matches!(member, Member::New(_));
        if !may_repeat || !kept.iter().any(|other| name(other) == name(&entry)) {
            kept.push(entry);
        }
    }
    kept
}

/// Returns what each group wraps.
fn parts(
    groups: usize,
    threshold: u32,
    data_key: &DataKey,
    randomness: &dyn Randomness,
) -> Result<Vec<Zeroizing<Vec<u8>>>, WrapError> {
    if groups == 1 {
        return Ok(vec![Zeroizing::new(data_key.as_bytes().to_vec())]);
    }
    let threshold = usize::try_from(written_threshold(groups, threshold)).unwrap_or(usize::MAX);
    let shares = shamir::split(data_key.as_bytes(), groups, threshold, randomness);
    shares.map_err(|source| WrapError::Split { groups, source })
}

impl Member {
    /// Returns the master key to wrap for, if something is to be wrapped.
    fn master_key(&self) -> Result<Option<Cow<'_, MasterKey>>, WrapError> {
        match self {
            Self::New(key) => Ok(Some(Cow::Borrowed(key))),
            Self::Untouched(_) => Ok(None),
            Self::Rewrapped(entry) => {
                let key = MasterKey::parse(entry.key_type, &entry.name());
                key.map(|key| Some(Cow::Owned(key))).map_err(WrapError::Kept)
            }
        }
    }

    /// Returns the entry; `next` gives the wrapped key, if something is wrapped.
    fn entry(&self, next: impl FnOnce() -> WrappedKey) -> WrappedKey {
        match self {
            Self::New(_) => next(),
            Self::Untouched(entry) => entry.clone(),
            Self::Rewrapped(entry) => rewrapped(entry, next()),
        }
    }
}

/// Puts a new wrapped key into an entry, and the version of a key that had none: what it wraps now
/// opens with that version alone.
fn rewrapped(entry: &WrappedKey, new: WrappedKey) -> WrappedKey {
    let mut entry = entry.clone();
    if entry.key_type == KeyType::AzureKeyVault && entry.field("version").is_empty() {
        entry.fields.retain(|(field, _)| field != "version");
        entry.fields.extend(new.fields.into_iter().filter(|(field, _)| field == "version"));
        entry.fields.sort_by(|(left, _), (right, _)| left.cmp(right));
    }
    WrappedKey { enc: new.enc, ..entry }
}
