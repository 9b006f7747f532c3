use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};

use zeroize::Zeroizing;

use super::group::{Attempt, GroupReport, RecoveryError, RecoveryReport};
use super::{KeyRing, LookedAt, Unwrapped, elsewhere};
use crate::crypto::{DataKey, shamir};
use crate::metadata::{KeyGroup, KeyType, Metadata, WrappedKey};

/// What came of recovering a data key before it was asked for, with the entries that it is from.
#[derive(Default)]
pub(super) struct Ahead(Mutex<Option<(Vec<KeyGroup>, Recovered)>>);

type Recovered = Result<DataKey, RecoveryError>;

impl Ahead {
    /// Hands out what came of it, once, if it is from these entries.
    fn take(&self, metadata: &Metadata) -> Option<Recovered> {
        let found = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        found.filter(|(groups, _)| *groups == metadata.key_groups).map(|(_, recovered)| recovered)
    }

    fn set(&self, metadata: &Metadata, recovered: Recovered) {
        let mut place = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *place = Some((metadata.key_groups.clone(), recovered));
    }
}

/// Unwraps the data key of a file, trying the master keys of each group by type in the given order
/// and then as they are listed (`spec/format.md` §6.1). What can be tried here is tried for all
/// groups, and all that open count. Services elsewhere, unlike there, are asked only while groups
/// are missing, and for as many groups at a time as are missing.
///
/// # Errors
/// Not enough of the groups open, what they hold is no data key, or it cannot be recorded.
pub fn recover(
    metadata: &Metadata,
    order: &[KeyType],
    key_ring: &KeyRing<'_>,
) -> Result<DataKey, RecoveryError> {
    let recovered = key_ring.ahead.take(metadata).unwrap_or_else(|| {
        let mut way = Way::new(metadata, order, key_ring);
        go(std::slice::from_mut(&mut way));
        way.end()
    });
    let data_key = recovered?;
    key_ring.record()?;
    Ok(data_key)
}

/// Unwraps the data keys of those files that may need a service elsewhere, each with a key ring of
/// its own, so that several are asked for at a time. [`recover`] finds, records and hands them out.
pub fn recover_ahead(files: &[(&Metadata, &KeyRing<'_>)], order: &[KeyType]) {
    let asks = |(metadata, _): &&(&Metadata, &KeyRing<'_>)| {
        metadata.master_keys().any(elsewhere::is_asked)
    };
    let files: Vec<_> = files.iter().filter(asks).collect();
    // one alone gets its turn soon enough
    if files.len() < 2 {
        return;
    }
    let ways = files.iter().map(|(metadata, key_ring)| Way::new(metadata, order, key_ring));
    let mut ways: Vec<Way<'_>> = ways.collect();
    go(&mut ways);
    for (way, (metadata, key_ring)) in ways.into_iter().zip(files) {
        key_ring.ahead.set(metadata, way.end());
    }
}

/// The way to the data key of one file.
struct Way<'w> {
    metadata: &'w Metadata,
    key_ring: &'w KeyRing<'w>,
    groups: Vec<Group<'w>>,
    report: RecoveryReport,
}

/// What was tried of one key group, and what is left to try.
struct Group<'w> {
    left: VecDeque<&'w WrappedKey>,
    attempts: Vec<Attempt>,
    opened: Option<(String, Zeroizing<Vec<u8>>)>,
}

/// Goes the ways of files to their ends.
fn go(ways: &mut [Way<'_>]) {
    loop {
        for way in &mut *ways {
            way.go_on_here();
        }
        let mut next = Vec::new();
        for (number, way) in ways.iter().enumerate() {
            next.extend(way.missing().into_iter().map(|(group, key)| (number, group, key)));
        }
        if next.is_empty() {
            return;
        }
        let wanted = next.iter().map(|(number, _, key)| (ways[*number].key_ring, *key));
        let answers = elsewhere::unwrap(&wanted.collect::<Vec<_>>());
        for ((number, group, _), answer) in next.into_iter().zip(answers) {
            let looked = ways[number].groups[group].take(answer);
            ways[number].report.add_places(looked);
        }
    }
}

impl<'w> Way<'w> {
    fn new(metadata: &'w Metadata, order: &[KeyType], key_ring: &'w KeyRing<'_>) -> Self {
        elsewhere::begin_file(key_ring);
        let groups = metadata.key_groups.iter().map(|group| Group::new(group, order)).collect();
        Self { metadata, key_ring, groups, report: RecoveryReport::default() }
    }

    /// Tries what needs no service elsewhere, in each group up to what needs one.
    fn go_on_here(&mut self) {
        for group in &mut self.groups {
            let here = |key: &&WrappedKey| !elsewhere::is_asked(key);
            while let Some(key) = group.next().filter(here) {
                let looked = group.take(self.key_ring.unwrap_here(key));
                self.report.add_places(looked);
            }
        }
    }

    /// Returns what services elsewhere have to be asked for next: as many groups, the first of
    /// them, as are missing.
    fn missing(&self) -> Vec<(usize, &'w WrappedKey)> {
        let opened = self.groups.iter().filter(|group| group.opened.is_some()).count();
        let missing = self.wanted().saturating_sub(opened);
        let next = self.groups.iter().enumerate();
        let next = next.filter_map(|(number, group)| Some((number, group.next()?)));
        next.take(missing).collect()
    }

    /// Returns how many groups are worth opening. A file that does not say how many it needs may
    /// need all of them.
    fn wanted(&self) -> usize {
        match self.metadata.shamir_threshold {
            _ if self.groups.len() < 2 => 1,
            0 => self.groups.len(),
            threshold => usize::try_from(threshold.max(2)).unwrap_or(usize::MAX),
        }
    }

    fn end(self) -> Recovered {
        let Self { metadata, groups, mut report, .. } = self;
        let mut opened = Vec::new();
        for Group { attempts, opened: it, .. } in groups {
            report.groups.push(GroupReport { is_open: it.is_some(), attempts });
            opened.extend(it);
        }
        if metadata.key_groups.len() < 2 {
            let (name, bytes) =
                opened.into_iter().next().ok_or(RecoveryError::NoneOpens(report))?;
            return DataKey::from_bytes(bytes).ok_or(RecoveryError::NotDataKey { name });
        }
        // a file that does not say is tried with what there is, of which two are needed in any case
        let needed = metadata.shamir_threshold.max(2);
        if opened.len() < usize::try_from(needed).unwrap_or(usize::MAX) {
            return Err(RecoveryError::TooFewGroups { needed, opened: opened.len(), report });
        }
        let shares: Vec<&[u8]> = opened.iter().map(|(_, share)| share.as_slice()).collect();
        let bytes = shamir::combine(&shares).map_err(RecoveryError::Shares)?;
        DataKey::from_bytes(bytes).ok_or(RecoveryError::CombinedNotDataKey)
    }
}

impl<'w> Group<'w> {
    fn new(group: &'w KeyGroup, order: &[KeyType]) -> Self {
        let mut keys: Vec<&WrappedKey> = group.keys.iter().collect();
        let rank = |key: &&WrappedKey| order.iter().position(|it| *it == key.key_type);
        keys.sort_by_key(|key| rank(key).unwrap_or(order.len()));
        Self { left: keys.into(), attempts: Vec::new(), opened: None }
    }

    /// Returns the wrapped key to try next; nothing once one has opened.
    fn next(&self) -> Option<&'w WrappedKey> {
        self.left.front().copied().filter(|_| self.opened.is_none())
    }

    /// Takes what became of the next wrapped key; returns the places that were looked at.
    fn take(&mut self, answer: Unwrapped) -> Vec<LookedAt> {
        let Some(key) = self.left.pop_front() else { return Vec::new() };
        let (failure, looked) = match answer {
            Unwrapped::Mine(bytes) => {
                self.opened = Some((key.name(), bytes));
                return Vec::new();
            }
            Unwrapped::NotMine(looked) => (None, looked),
            Unwrapped::Failed(failure) => (Some(failure), Vec::new()),
        };
        self.attempts.push(Attempt { key_type: key.key_type, name: key.name(), failure });
        looked
    }
}
