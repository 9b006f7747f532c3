use super::convert::{Conversion, Converted, carried_over};
use super::decrypt::{DecryptError, open_error};
use super::encrypt::EncryptError;
use super::encrypted::EncryptedFile;
use super::pinned::is_in_rule;
use crate::config::CreationRule;
use crate::crypto::{DataKey, RandomError, Randomness, Strictness};
use crate::document::{
    self, OpenOptions, OpenedTree, RewriteError, Rotated, Rotation, SealOptions, Sealed,
};
use crate::format::Format;
use crate::keys::{self, KeyRing, MasterKey, Member, WrapError};
use crate::metadata::{KeyType, Metadata, WrappedKey};
use crate::tree::Timestamp;

/// How the values of a file are encrypted anew.
pub struct RotateRequest<'r> {
    /// The identities that may open the file.
    pub key_ring: &'r KeyRing<'r>,
    /// Which types of master keys are tried first.
    pub order: &'r [KeyType],
    /// Whether a MAC that is missing or does not fit is passed over, with a warning.
    pub ignore_mac: bool,
    /// How closely envelopes must keep to their form.
    pub strictness: Strictness,
    /// The master keys that the file is to have.
    pub keys: KeyChange,
    /// The other format that the result is to have, if any.
    pub conversion: Option<Conversion>,
    /// The time that is written as `lastmodified`.
    pub now: Timestamp,
}

/// The master keys of a file after some were added and some removed.
pub struct KeyChange {
    members: Vec<Vec<Member>>,
    /// Names that were to be removed and that the file does not have.
    pub not_found: Vec<String>,
}

/// The reasons why the values of a file cannot be encrypted anew.
#[derive(Debug, thiserror::Error)]
pub enum RotateError {
    /// The file cannot be decrypted.
    #[error(transparent)]
    Decrypt(#[from] DecryptError),
    /// The random source failed.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// The new data key cannot be wrapped for every master key.
    #[error(transparent)]
    Wrap(#[from] WrapError),
    /// The file cannot be changed in its place.
    #[error(transparent)]
    Rewrite(RewriteError),
    /// The file cannot be written in the other format.
    #[error(transparent)]
    Convert(#[from] EncryptError),
}

impl KeyChange {
    /// Adds master keys to the first group and removes others from all (`spec/cli.md` §7.3). One
    /// that is there already is not added again.
    #[must_use]
    pub fn new(metadata: &Metadata, add: &[MasterKey], remove: &[(KeyType, String)]) -> Self {
        let is_removed = |entry: &WrappedKey| remove.iter().any(|name| is_named(name, entry));
        let mut members: Vec<Vec<Member>> = Vec::new();
        for group in &metadata.key_groups {
            let kept = group.keys.iter().filter(|entry| !is_removed(entry));
            members.push(kept.cloned().map(Member::Rewrapped).collect());
        }
        if let Some(first) = members.first_mut() {
            let is_dropped = |key: &MasterKey| {
                remove.iter().any(|(kind, name)| *kind == key.key_type() && name == key.name())
            };
            let mut new: Vec<&MasterKey> = Vec::new();
            for key in add.iter().filter(|key| !is_dropped(key)) {
                let is_there = first.iter().any(|member| is_same_key(member, key));
                let is_named = new.iter().any(|other| is_same_name(other, key));
                new.extend((!is_there && !is_named).then_some(key));
            }
            first.extend(new.into_iter().cloned().map(Member::New));
        }
        let is_missing =
            |name: &&(KeyType, String)| !metadata.master_keys().any(|entry| is_named(name, entry));
        let not_found = remove.iter().filter(is_missing).map(|(_, name)| name.clone()).collect();
        Self { members, not_found }
    }

    /// Lists the master keys of the file that its rule does not name, in any group. Those that
    /// were added in the same breath count as named.
    #[must_use]
    pub fn not_in_rule(&self, rule: &CreationRule) -> Vec<String> {
        let kept = self.members.iter().flatten().filter_map(|member| match member {
            Member::Rewrapped(entry) | Member::Untouched(entry) => Some(entry),
            Member::New(_) => None,
        });
        kept.filter(|entry| !is_in_rule(entry, rule)).map(WrappedKey::name).collect()
    }
}

fn is_same_name(left: &MasterKey, right: &MasterKey) -> bool {
    (left.key_type(), left.name()) == (right.key_type(), right.name())
}

fn is_same_key(member: &Member, key: &MasterKey) -> bool {
    match member {
        Member::New(other) => is_same_name(other, key),
        Member::Rewrapped(entry) | Member::Untouched(entry) => {
            entry.key_type == key.key_type() && entry.name() == key.name()
        }
    }
}

/// Tells whether a name that the user gives is that of an entry. An ARN names the entry whatever
/// its context and profile, an Azure key without a version each of its versions.
fn is_named((key_type, name): &(KeyType, String), entry: &WrappedKey) -> bool {
    if *key_type != entry.key_type {
        return false;
    }
    let full = entry.name();
    let is_part = match key_type {
        KeyType::Kms => full.split('|').next() == Some(name) || entry.field("arn") == name,
        KeyType::AzureKeyVault => {
            full.rsplit_once('/').is_some_and(|(key, _)| key == name.trim_end_matches('/'))
        }
        _ => false,
    };
    full == *name || is_part
}

/// Makes a new data key for a file and encrypts all its values with it, each in its place.
///
/// # Errors
/// The file does not open, no master key would be left, or one of them does not take the data key.
pub fn rotate(
    file: &EncryptedFile<'_>,
    request: &RotateRequest<'_>,
    randomness: &dyn Randomness,
) -> Result<Rotated, RotateError> {
    let old = &file.metadata;
    let recovered = keys::recover(old, request.order, request.key_ring);
    let old_key = recovered.map_err(DecryptError::from)?;
    let data_key = DataKey::generate(randomness)?;
    let members = &request.keys.members;
    let surroundings = &request.key_ring.surroundings(request.now);
    let metadata = Metadata {
        key_groups: keys::wrap(members, old.shamir_threshold, &data_key, randomness, surroundings)?,
        shamir_threshold: keys::written_threshold(members.len(), old.shamir_threshold),
        last_modified: request.now.to_second(),
        ..old.clone()
    };
    let options = OpenOptions {
        format: file.format,
        ignore_mac: request.ignore_mac,
        strictness: request.strictness,
        indent: 0,
        keeps_layout: true,
    };
    if let Some(conversion) = request.conversion {
        let opened = document::open_tree(&file.document, old, &old_key, options);
        let opened = opened.map_err(|error| open_error(error, old, &old_key))?;
        return convert(&opened, file.format, metadata, &data_key, conversion, randomness);
    }
    let _wait = request.key_ring.wait_for("encrypting the values anew");
    let rotation = Rotation { data_key: &data_key, metadata };
    let rotated = document::rotate(&file.document, old, &old_key, rotation, options, randomness);
    rotated.map_err(|error| match error {
        RewriteError::Open(error) => open_error(error, old, &old_key).into(),
        error => RotateError::Rewrite(error),
    })
}

/// Writes what was decrypted in another format, under the new data key.
fn convert(
    opened: &OpenedTree<'_>,
    input: Format,
    metadata: Metadata,
    data_key: &DataKey,
    conversion: Conversion,
    randomness: &dyn Randomness,
) -> Result<Rotated, RotateError> {
    let converted = Converted::of_opened(opened, conversion)?;
    let (metadata, keeps_layout) = carried_over(metadata, input);
    let Conversion { format, indent } = conversion;
    let indent = indent.step();
    let options = SealOptions { format, data_key, metadata, indent, keeps_layout };
    let Sealed { text, encrypted_values, .. } = converted.seal(options, randomness)?;
    Ok(Rotated { text, warnings: opened.warnings().to_vec(), encrypted_values })
}
