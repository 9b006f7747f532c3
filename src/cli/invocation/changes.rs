//! The calls that change an encrypted file.

use std::path::PathBuf;

use super::{CommonOptions, KeyServiceOptions, OutputOptions, TypeOptions};
use crate::metadata::KeyType;

/// Master keys by type, as the user names them: no list, no blanks around them.
pub type NamedKeys = Vec<(KeyType, String)>;

/// A call of `rotate`.
#[derive(Debug, PartialEq, Eq)]
pub struct RotateOptions {
    /// What every operation has.
    pub common: CommonOptions,
    /// The file.
    pub file: Option<PathBuf>,
    /// Where the result goes.
    pub output: OutputOptions,
    /// The formats.
    pub types: TypeOptions,
    /// The keys of `--add-…`, in the order in which they are added.
    pub add: NamedKeys,
    /// The keys of `--rm-…`.
    pub remove: NamedKeys,
    /// `--allow-extra-keys`.
    pub allows_extra_keys: bool,
    /// `--ignore-mac`.
    pub ignore_mac: bool,
    /// `--lenient`.
    pub is_lenient: bool,
    /// `--decryption-order`, a comma list not parsed yet.
    pub decryption_order: Option<String>,
    /// Who wraps and unwraps data keys.
    pub key_services: KeyServiceOptions,
    /// Context of AWS KMS keys, `key:value` pairs.
    pub encryption_context: Option<String>,
}

/// A call of `set` or `unset`.
#[derive(Debug, PartialEq, Eq)]
pub struct SetOptions {
    /// What every operation has; no words are left over here.
    pub common: CommonOptions,
    /// The file.
    pub file: PathBuf,
    /// The formats.
    pub types: TypeOptions,
    /// The path of the value, not parsed yet.
    pub index: String,
    /// Where the value comes from; nothing when it is to be removed.
    pub value: Option<ValueSource>,
    /// `--idempotent`.
    pub is_idempotent: bool,
    /// `--ignore-mac`.
    pub ignore_mac: bool,
    /// `--lenient`.
    pub is_lenient: bool,
    /// `--decryption-order`, a comma list not parsed yet.
    pub decryption_order: Option<String>,
    /// Who unwraps the data key.
    pub key_services: KeyServiceOptions,
}

/// Where the value of `set` comes from.
#[derive(Debug, PartialEq, Eq)]
pub enum ValueSource {
    /// From the command line.
    Word(String),
    /// From a file.
    File(PathBuf),
    /// From standard input.
    StandardInput,
}

/// A call of `updatekeys`.
#[derive(Debug, PartialEq, Eq)]
pub struct UpdateKeysOptions {
    /// What every operation has; no words are left over here.
    pub common: CommonOptions,
    /// The files.
    pub files: Vec<PathBuf>,
    /// `--yes`.
    pub is_agreed: bool,
    /// `--json`.
    pub is_json: bool,
    /// `--shamir-secret-sharing-threshold`, none where the creation rule decides.
    pub threshold: Option<u64>,
    /// The word given; an unknown one falls back to the file's suffix with a warning.
    pub input_type: Option<String>,
    /// Who wraps and unwraps data keys.
    pub key_services: KeyServiceOptions,
}

/// A call of `groups add` or `groups delete`.
#[derive(Debug, PartialEq, Eq)]
pub struct GroupsOptions {
    /// What every operation has; no words are left over here.
    pub common: CommonOptions,
    /// What is to be done.
    pub action: GroupsAction,
    /// `--file`.
    pub file: Option<PathBuf>,
    /// `--in-place`.
    pub in_place: bool,
    /// `--shamir-secret-sharing-threshold`, none where that of the file stays.
    pub threshold: Option<u64>,
    /// The word given; an unknown one falls back to the file's suffix with a warning.
    pub input_type: Option<String>,
    /// Who wraps and unwraps data keys.
    pub key_services: KeyServiceOptions,
    /// Context of AWS KMS keys, `key:value` pairs.
    pub encryption_context: Option<String>,
}

/// What `groups` is to do.
#[derive(Debug, PartialEq, Eq)]
pub enum GroupsAction {
    /// Add a group of these keys.
    Add(NamedKeys),
    /// Delete the group of this number, from 0.
    Delete(usize),
}
