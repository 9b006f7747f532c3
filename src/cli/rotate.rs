use std::path::Path;

use super::context::{self, Context, Formats};
use super::decrypt;
use super::encrypt::{check_context, write};
use super::invocation::{NamedKeys, RotateOptions};
use super::report::{self, CommandError, KeySource};
use crate::config::{self, ConfigError, CreationRule};
use crate::crypto::{Strictness, SystemRandomness};
use crate::io::files::Access;
use crate::keys::MasterKey;
use crate::operations::{self, Conversion, EncryptedFile, KeyChange, RotateRequest};
use crate::service::audit::Action;

/// Runs `rotate`: makes a new data key and encrypts all values with it.
pub(super) fn run(options: &RotateOptions, context: &Context<'_>) -> Result<(), CommandError> {
    Context::warn_of_extras(&options.common);
    check(options)?;
    let Some(file) = options.file.as_deref() else { return Err(CommandError::NoFile) };
    check_context(options.encryption_context.as_deref())?;
    let formats = Context::formats(&options.types, Some(file));
    let order = decrypt::order(options.decryption_order.as_deref())?;
    let rule = creation_rule(options, context)?;
    context::check_key_services(&options.key_services)?;
    let add = master_keys(&options.add)?;

    let name = context::name(Some(file));
    let bytes = context::read(Some(file))?;
    let encrypted = EncryptedFile::parse(&bytes, formats.input)
        .map_err(|error| CommandError::Decrypt { file: name.clone(), error })?;
    let keys = KeyChange::new(encrypted.metadata(), &add, &options.remove);
    for key in &keys.not_found {
        report::warn(&format!("{name}: {key} is none of the file's keys, so it is not removed"));
    }
    check_rule(options, &keys, rule.as_ref(), &name, context)?;
    context.record(Action::Rotate, Some(file))?;
    let request = RotateRequest {
        key_ring: &context.key_ring_for(&options.common, Some(file))?,
        order: &order,
        ignore_mac: options.ignore_mac,
        strictness: if options.is_lenient { Strictness::Lenient } else { Strictness::Strict },
        keys,
        conversion: conversion(options, formats, file, context)?,
        now: operations::now(),
    };
    let rotated = operations::rotate(&encrypted, &request, &SystemRandomness)
        .map_err(|error| CommandError::Rotate { file: name.clone(), error })?;
    for warning in &rotated.warnings {
        report::warn(&format!("{name}: {}", decrypt::describe(warning)));
    }
    Context::note(&options.common, || {
        format!("{name}: {} values encrypted with a new data key", rotated.encrypted_values)
    });
    context.record(Action::Encrypt, Some(file))?;
    write(&options.output, Some(file), &bytes, &rotated.text, Access::Shared)?;
    if options.output.in_place {
        formats.warn_of_name(file);
    }
    Ok(())
}

/// Returns the format that the result is to have, where that is another one.
fn conversion(
    options: &RotateOptions,
    formats: Formats,
    file: &Path,
    context: &Context<'_>,
) -> Result<Option<Conversion>, CommandError> {
    if !formats.differ() {
        return Ok(None);
    }
    let loaded = context.load_stores(options.common.config.as_deref(), Some(file))?;
    formats.conversion(&options.output, &loaded)
}

/// Checks that the call makes sense, and that the file is there.
fn check(options: &RotateOptions) -> Result<(), CommandError> {
    if options.output.in_place && options.output.output.is_some() {
        return Err(CommandError::OutputAndInPlace);
    }
    let Some(file) = &options.file else { return Err(CommandError::NoFile) };
    let has_changes = !options.add.is_empty() || !options.remove.is_empty();
    match file.symlink_metadata() {
        Err(_) if has_changes => Err(CommandError::KeysOfMissingFile(file.clone())),
        Err(_) if options.common.is_legacy => Err(CommandError::MissingFile(file.clone())),
        // reading a missing one says so, with the exit code of this command
        _ if file.is_dir() => Err(CommandError::Folder(file.clone())),
        _ => Ok(()),
    }
}

/// Reads the names of master keys.
pub(super) fn master_keys(names: &NamedKeys) -> Result<Vec<MasterKey>, CommandError> {
    let wrong = |error| CommandError::MasterKey { place: KeySource::Named, error };
    let read = |(key_type, name): &(_, String)| MasterKey::parse(*key_type, name).map_err(wrong);
    names.iter().map(read).collect()
}

/// Finds the rule whose keys the file may have. Only the older form insists on one, as the
/// reference does (`spec/cli.md` §1.7).
fn creation_rule(
    options: &RotateOptions,
    context: &Context<'_>,
) -> Result<Option<CreationRule>, CommandError> {
    let file = options.types.filename_override.as_deref().or(options.file.as_deref());
    let Some(file) = file else { return Ok(None) };
    let explicit = options.common.config.as_deref();
    let search = context.search(explicit, Some(file));
    // a rule that cannot be read would let everybody through
    if !context.is_strict() && !options.common.is_legacy {
        let loaded = context.load_stores(explicit, Some(file))?;
        let rule = loaded.config.as_ref().map(|config| config.creation_rule(&search, file));
        return match rule {
            Some(Ok(rule)) => Ok(rule),
            None | Some(Err(ConfigError::NoMatchingRule { .. })) => Ok(None),
            Some(Err(error)) => {
                report::warn(&report::with_causes(&error));
                Ok(None)
            }
        };
    }
    let loaded = config::load(&search).map_err(CommandError::Config)?;
    Context::warn_of_config(&loaded);
    let Some(config) = &loaded.config else { return Ok(None) };
    match config.creation_rule(&search, file) {
        Err(ConfigError::NoMatchingRule { .. }) if !options.common.is_legacy => Ok(None),
        rule => rule.map_err(CommandError::Config),
    }
}

/// Keeps the new data key from those whom the rule does not name (`design.md` §4.3).
fn check_rule(
    options: &RotateOptions,
    keys: &KeyChange,
    rule: Option<&CreationRule>,
    file: &str,
    context: &Context<'_>,
) -> Result<(), CommandError> {
    let Some(rule) = rule else { return Ok(()) };
    let names = keys.not_in_rule(rule);
    if names.is_empty() || options.allows_extra_keys {
        return Ok(());
    }
    let error = CommandError::NotInRule { file: file.to_owned(), names, place: rule.place };
    if context.is_strict() {
        return Err(error);
    }
    report::warn(&error.to_string());
    Ok(())
}
