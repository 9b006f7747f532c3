use crate::config::{CreationRule, KeyEntry, Place, RuleGroup};
use crate::keys::{MasterKey, MasterKeyError};

/// The reasons why a data key cannot be wrapped for what a creation rule names.
#[derive(Debug, thiserror::Error)]
pub enum RuleError {
    /// The rule, or one of its groups, names no master keys.
    #[error("no keys are named by the creation rule in {place}")]
    NoKeys {
        /// Where the rule stands.
        place: Place,
    },
    /// One of its names is not that of a master key.
    #[error("{place}: {error}")]
    MasterKey {
        /// Where the name stands.
        place: Place,
        /// What is wrong with it.
        #[source]
        error: MasterKeyError,
    },
}

/// Reads the master keys of a creation rule, group by group.
///
/// # Errors
/// A group is empty, or something in it is no master key that is built in.
pub fn master_keys(rule: &CreationRule) -> Result<Vec<Vec<MasterKey>>, RuleError> {
    let is_empty = |group: &RuleGroup| group.keys.is_empty();
    if rule.key_groups.iter().any(is_empty) {
        return Err(RuleError::NoKeys { place: rule.place });
    }
    let read = |key: &KeyEntry| {
        let place = key.place;
        MasterKey::parse(key.key_type, &key.address())
            .map_err(|error| RuleError::MasterKey { place, error })
    };
    rule.key_groups.iter().map(|group| group.keys.iter().map(read).collect()).collect()
}
