use super::{KeyRing, MasterKey, Surroundings, Unwrapped, WrapError};
use crate::crypto::DataKey;
use crate::metadata::{KeyGroup, KeyType, Metadata, WrappedKey};

/// One wrapped key that was tried.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// Type of the master key.
    pub key_type: KeyType,
    /// Name of the master key.
    pub name: String,
    /// Why it did not give the data key; nothing when no identity is for it.
    pub failure: Option<String>,
}

/// The reasons why the data key of a file is out of reach.
#[derive(Debug, thiserror::Error)]
pub enum RecoveryError {
    /// No master key of the file opens.
    #[error("failed to get the data key: no identity at hand opens any of the file's master keys")]
    NoneOpens {
        /// What was tried.
        attempts: Vec<Attempt>,
        /// The places that were looked at for identities, and what was there.
        sources: Vec<String>,
    },
    /// The data key is split among groups.
    #[error(
        "failed to get the data key: it is split among {0} key groups, which is not built in yet"
    )]
    SeveralGroups(usize),
    /// What was unwrapped is no data key.
    #[error("failed to get the data key: {name} opens, but holds no data key")]
    NotDataKey {
        /// Name of the master key.
        name: String,
    },
}

/// Wraps a data key for every master key (`spec/format.md` §6).
///
/// # Errors
/// There is no master key, or one of them does not take the data key.
pub fn wrap(
    groups: &[Vec<MasterKey>],
    data_key: &DataKey,
    surroundings: Surroundings<'_>,
) -> Result<Vec<KeyGroup>, WrapError> {
    let [group] = groups else {
        return Err(if groups.is_empty() { WrapError::NoKeys } else { WrapError::SeveralGroups });
    };
    if group.is_empty() {
        return Err(WrapError::NoKeys);
    }
    let keys = group.iter().map(|key| key.wrap(data_key.as_bytes(), surroundings));
    Ok(vec![KeyGroup { keys: keys.collect::<Result<_, _>>()? }])
}

/// Unwraps the data key of a file, trying its master keys by type in the given order and then as
/// they are listed (`spec/format.md` §6.1).
///
/// # Errors
/// No identity at hand opens any of them.
pub fn recover(
    metadata: &Metadata,
    order: &[KeyType],
    key_ring: &KeyRing<'_>,
) -> Result<DataKey, RecoveryError> {
    let [group] = metadata.key_groups.as_slice() else {
        return Err(RecoveryError::SeveralGroups(metadata.key_groups.len()));
    };
    let mut keys: Vec<&WrappedKey> = group.keys.iter().collect();
    keys.sort_by_key(|key| order.iter().position(|it| *it == key.key_type).unwrap_or(order.len()));
    let mut attempts = Vec::new();
    let mut sources: Vec<String> = Vec::new();
    for key in keys {
        let failure = match key_ring.unwrap(key) {
            Unwrapped::Mine(bytes) => {
                let name = key.name();
                return DataKey::from_bytes(bytes).ok_or(RecoveryError::NotDataKey { name });
            }
            Unwrapped::NotMine(looked) => {
                sources.extend(
                    looked.into_iter().filter(|line| !sources.contains(line)).collect::<Vec<_>>(),
                );
                None
            }
            Unwrapped::Failed(reason) => Some(reason),
        };
        attempts.push(Attempt { key_type: key.key_type, name: key.name(), failure });
    }
    Err(RecoveryError::NoneOpens { attempts, sources })
}
