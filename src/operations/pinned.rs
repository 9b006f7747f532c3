use super::decrypt::DecryptError;
use super::encrypted::EncryptedFile;
use crate::config::CreationRule;
use crate::document::{self, ExposedValue, Place};
use crate::format::Format;
use crate::metadata::WrappedKey;

/// Values that a creation rule encrypts and a file has in clear.
pub struct ExposedValues {
    /// Those that a change brought in.
    pub new: Vec<Place>,
    /// Those that were there before.
    pub old: Vec<Place>,
}

/// Compares an encrypted file before and after a change with its creation rule: whatever selector
/// the file claims, its rule says which values are secret (`design.md` §4.4).
///
/// # Errors
/// One of the two is no encrypted file.
pub fn exposed_values(
    old: &EncryptedFile<'_>,
    new: &EncryptedFile<'_>,
    rule: &CreationRule,
) -> Result<ExposedValues, DecryptError> {
    let (before, after) = (exposed(old, rule)?, exposed(new, rule)?);
    let is_old = |value: &ExposedValue| before.iter().any(|other| other.is_same(value));
    let (kept, added): (Vec<_>, Vec<_>) = after.into_iter().partition(is_old);
    let places = |values: Vec<ExposedValue>| values.into_iter().map(|it| it.place).collect();
    Ok(ExposedValues { new: places(added), old: places(kept) })
}

fn exposed(
    file: &EncryptedFile<'_>,
    rule: &CreationRule,
) -> Result<Vec<ExposedValue>, DecryptError> {
    let wanted = rule.effective_selector();
    if file.format == Format::Binary || file.metadata.selector == wanted {
        return Ok(Vec::new());
    }
    let found = document::exposed(&file.document, &file.metadata.selector, &wanted);
    found.map_err(DecryptError::from)
}

/// Lists the master keys of a file that its rule does not name, in any group.
#[must_use]
pub fn keys_not_in_rule(file: &EncryptedFile<'_>, rule: &CreationRule) -> Vec<String> {
    let others = file.metadata.master_keys().filter(|entry| !is_in_rule(entry, rule));
    others.map(WrappedKey::name).collect()
}

/// Tells whether a rule names the master key of an entry, in any group.
pub(super) fn is_in_rule(entry: &WrappedKey, rule: &CreationRule) -> bool {
    rule.key_groups.iter().flat_map(|group| &group.keys).any(|key| rule.is_for(key, entry))
}
