use super::context::{self, Context};
use super::encrypt::{check_context, write};
use super::invocation::{GroupsAction, GroupsOptions, NamedKeys, OutputOptions, TypeOptions};
use super::report::CommandError;
use super::rotate::master_keys;
use crate::crypto::SystemRandomness;
use crate::io::files::Access;
use crate::keys::MasterKey;
use crate::operations::{self, EncryptedFile};

/// Runs `groups`: adds or deletes a key group of a file.
pub(super) fn run(options: &GroupsOptions, context: &Context<'_>) -> Result<(), CommandError> {
    Context::warn_of_flags(&options.common);
    let Some(file) = options.file.as_deref() else { return Err(CommandError::NoGroupsFile) };
    check_context(options.encryption_context.as_deref())?;
    let new = match &options.action {
        GroupsAction::Add(names) => new_group(names)?,
        GroupsAction::Delete(_) => Vec::new(),
    };
    if file.is_dir() {
        return Err(CommandError::Folder(file.to_owned()));
    }
    context::check_key_services(&options.key_services)?;
    let types = TypeOptions { input_type: options.input_type.clone(), ..TypeOptions::default() };
    let format = Context::formats(&types, Some(file)).input;
    let name = context::name(Some(file));
    let bytes = context::read(Some(file))?;
    let encrypted = EncryptedFile::parse(&bytes, format)
        .map_err(|error| CommandError::Decrypt { file: name.clone(), error })?;
    let threshold = options.threshold.and_then(|it| u32::try_from(it).ok());
    let key_ring = context.key_ring();
    let randomness = &SystemRandomness;
    let changed = match options.action {
        GroupsAction::Add(_) => {
            operations::add_group(&encrypted, new, threshold, &key_ring, randomness)
        }
        GroupsAction::Delete(index) => {
            operations::delete_group(&encrypted, index, threshold, &key_ring, randomness)
        }
    };
    let text = changed.map_err(|error| CommandError::ChangeKeys { file: name, error })?;
    let output = OutputOptions { in_place: options.in_place, ..OutputOptions::default() };
    write(&output, Some(file), &bytes, &text, Access::Shared)
}

/// Reads the master keys of a new group, each once.
fn new_group(names: &NamedKeys) -> Result<Vec<MasterKey>, CommandError> {
    if names.is_empty() {
        return Err(CommandError::EmptyGroup);
    }
    let mut different = NamedKeys::new();
    for name in names {
        if !different.contains(name) {
            different.push(name.clone());
        }
    }
    master_keys(&different)
}
