use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use super::{Call, given, output, threshold, types};
use crate::cli::args::{
    GroupKeyFlags, GroupsFlags, KeyChangeFlags, LegacyFlags, PlaceFlags, RotateFlags, SetFlags,
    UnsetFlags, UpdateKeysFlags,
};
use crate::cli::invocation::{
    GroupsAction, GroupsOptions, Invocation, NamedKeys, RotateOptions, SetOptions, TypeOptions,
    UpdateKeysOptions, ValueSource,
};
use crate::cli::usage::UsageError;
use crate::metadata::KeyType;

impl Call<'_> {
    pub(in crate::cli) fn rotate(self, flags: RotateFlags) -> Result<Invocation, UsageError> {
        let (common, file) = self.common(flags.common, flags.words);
        let order = flags.integrity.decryption_order;
        Ok(Invocation::Rotate(Box::new(RotateOptions {
            common,
            file,
            output: output(flags.output)?,
            types: types(flags.types),
            allows_extra_keys: flags.changes.allow_extra_keys,
            remove: removed(&flags.changes),
            add: added(flags.changes),
            ignore_mac: flags.integrity.ignore_mac,
            is_lenient: flags.integrity.lenient,
            decryption_order: self.variables.text(order, "SOPS_DECRYPTION_ORDER")?,
            key_services: self.key_services(flags.services)?,
            encryption_context: given(flags.context.encryption_context),
        })))
    }

    pub(in crate::cli) fn legacy_rotate(
        self,
        flags: LegacyFlags,
    ) -> Result<Invocation, UsageError> {
        let has_several_operations = flags.operation.encrypt || flags.operation.decrypt;
        let mut invocation = self.rotate(RotateFlags {
            words: flags.words,
            changes: flags.changes,
            output: flags.output,
            types: flags.types,
            integrity: flags.open.into(),
            services: flags.sealing.services,
            aws: flags.sealing.aws,
            context: flags.sealing.other_keys.into(),
            common: flags.common,
        })?;
        if let Invocation::Rotate(options) = &mut invocation {
            options.common.has_several_operations = has_several_operations;
        }
        Ok(invocation)
    }

    pub(in crate::cli) fn set(self, flags: SetFlags) -> Result<Invocation, UsageError> {
        let SetFlags { words, value_file, value_stdin, place } = flags;
        if value_file && value_stdin {
            return Err(UsageError::TwoValueSources);
        }
        let value = |word: Option<&OsString>| match word {
            None => Ok(ValueSource::StandardInput),
            Some(path) if value_file => Ok(ValueSource::File(PathBuf::from(path))),
            Some(word) => text(word).map(ValueSource::Word),
        };
        let (file, index, value) = match words.as_slice() {
            [file, index] if value_stdin => (file, index, value(None)?),
            [file, index, word] if !value_stdin => (file, index, value(Some(word))?),
            _ => return Err(UsageError::SetWords { is_stdin: value_stdin }),
        };
        self.place(file, text(index)?, Some(value), place)
    }

    pub(in crate::cli) fn unset(self, flags: UnsetFlags) -> Result<Invocation, UsageError> {
        let UnsetFlags { words, place } = flags;
        let [file, index] = words.as_slice() else { return Err(UsageError::UnsetWords) };
        self.place(file, text(index)?, None, place)
    }

    pub(in crate::cli) fn legacy_set(self, flags: LegacyFlags) -> Result<Invocation, UsageError> {
        let operation = &flags.operation;
        let has_several = operation.encrypt || operation.decrypt || operation.rotate;
        let text = flags.operation.set.unwrap_or_default();
        let Some((index, value)) = text.split_once("] ") else { return Err(UsageError::SetText) };
        let mut words = flags.words.into_iter();
        let Some(file) = words.next() else { return Ok(Invocation::NoFile) };
        let place = PlaceFlags {
            idempotent: false,
            input_type: flags.types.input_type,
            output_type: flags.types.output_type,
            shamir_secret_sharing_threshold: None,
            integrity: flags.open.into(),
            services: flags.sealing.services,
            aws: flags.sealing.aws,
            common: flags.common,
        };
        let value = Some(ValueSource::Word(value.to_owned()));
        let mut invocation = self.place(&file, format!("{index}]"), value, place)?;
        if let Invocation::Set(options) = &mut invocation {
            options.common.has_several_operations = has_several;
            options.common.extra_words = words.collect();
        }
        Ok(invocation)
    }

    fn place(
        self,
        file: &OsStr,
        index: String,
        value: Option<ValueSource>,
        flags: PlaceFlags,
    ) -> Result<Invocation, UsageError> {
        let (common, _) = self.common(flags.common, Vec::new());
        let order = flags.integrity.decryption_order;
        Ok(Invocation::Set(Box::new(SetOptions {
            common,
            file: PathBuf::from(file),
            types: TypeOptions {
                input_type: given(flags.input_type),
                output_type: given(flags.output_type),
                filename_override: None,
            },
            index,
            value,
            is_idempotent: flags.idempotent,
            ignore_mac: flags.integrity.ignore_mac,
            is_lenient: flags.integrity.lenient,
            decryption_order: self.variables.text(order, "SOPS_DECRYPTION_ORDER")?,
            key_services: self.key_services(flags.services)?,
        })))
    }

    pub(in crate::cli) fn update_keys(
        self,
        flags: UpdateKeysFlags,
    ) -> Result<Invocation, UsageError> {
        let (mut common, first) = self.common(flags.common, flags.words);
        let others = std::mem::take(&mut common.extra_words);
        Ok(Invocation::UpdateKeys(UpdateKeysOptions {
            common,
            files: first.into_iter().chain(others.into_iter().map(PathBuf::from)).collect(),
            is_agreed: flags.yes,
            is_json: flags.json,
            threshold: threshold(flags.shamir_secret_sharing_threshold.as_deref())?,
            input_type: given(flags.input_type),
            key_services: self.key_services(flags.services)?,
        }))
    }

    pub(in crate::cli) fn groups(self, flags: GroupsFlags) -> Result<Invocation, UsageError> {
        let (mut common, first) = self.common(flags.common, flags.words);
        let words = std::mem::take(&mut common.extra_words);
        let action = match first.as_ref().and_then(|word| word.to_str()) {
            Some("add") if words.is_empty() => GroupsAction::Add(group(flags.keys)),
            Some("add") => return Err(UsageError::GroupsAddWords),
            Some("delete") => GroupsAction::Delete(group_number(&words)?),
            _ => {
                let topic = first.unwrap_or_default().display().to_string();
                return Err(UsageError::NoHelpTopic { topic });
            }
        };
        Ok(Invocation::Groups(Box::new(GroupsOptions {
            common,
            action,
            file: flags.file.filter(|path| !path.as_os_str().is_empty()),
            in_place: flags.in_place,
            threshold: threshold(flags.shamir_secret_sharing_threshold.as_deref())?,
            input_type: given(flags.input_type),
            key_services: self.key_services(flags.services)?,
            encryption_context: given(flags.context.encryption_context),
        })))
    }
}

/// Takes a word that must be text.
fn text(word: &OsStr) -> Result<String, UsageError> {
    let text = word.to_str().map(str::to_owned);
    text.ok_or_else(|| UsageError::WordNotUnicode { word: word.to_owned() })
}

/// Reads the number of the group that is to go.
fn group_number(words: &[OsString]) -> Result<usize, UsageError> {
    let [word] = words else { return Err(UsageError::GroupsDeleteWords) };
    let text = word.to_string_lossy();
    text.parse().map_err(|_| UsageError::BadGroup { word: text.into_owned() })
}

/// Lists the keys that are added, in the order of the reference (`spec/cli.md` §7.3).
fn added(flags: KeyChangeFlags) -> NamedKeys {
    let lists = [
        (KeyType::Kms, flags.add_kms),
        (KeyType::Pgp, flags.add_pgp),
        (KeyType::GcpKms, flags.add_gcp_kms),
        (KeyType::Hckms, flags.add_hckms),
        (KeyType::AzureKeyVault, flags.add_azure_kv),
        (KeyType::HcVault, flags.add_hc_vault_transit),
        (KeyType::Age, flags.add_age),
    ];
    lists.into_iter().flat_map(|(key_type, list)| names(key_type, list.as_deref())).collect()
}

fn removed(flags: &KeyChangeFlags) -> NamedKeys {
    let lists = [
        (KeyType::Kms, &flags.rm_kms),
        (KeyType::Pgp, &flags.rm_pgp),
        (KeyType::GcpKms, &flags.rm_gcp_kms),
        (KeyType::Hckms, &flags.rm_hckms),
        (KeyType::AzureKeyVault, &flags.rm_azure_kv),
        (KeyType::HcVault, &flags.rm_hc_vault_transit),
        (KeyType::Age, &flags.rm_age),
    ];
    lists.into_iter().flat_map(|(key_type, list)| names(key_type, list.as_deref())).collect()
}

fn group(flags: GroupKeyFlags) -> NamedKeys {
    let lists = [
        (KeyType::Pgp, flags.pgp),
        (KeyType::Kms, flags.kms),
        (KeyType::GcpKms, flags.gcp_kms),
        (KeyType::Hckms, flags.hckms),
        (KeyType::AzureKeyVault, flags.azure_kv),
        (KeyType::HcVault, flags.hc_vault_transit),
        (KeyType::Age, flags.age),
    ];
    let all = lists.into_iter().flat_map(|(key_type, lists)| {
        lists.into_iter().flat_map(move |list| names(key_type, Some(&list)))
    });
    all.collect()
}

/// Takes a comma list apart; fingerprints and ARNs may hold blanks.
fn names(key_type: KeyType, list: Option<&str>) -> NamedKeys {
    let list = list.unwrap_or_default();
    let name = |name: &str| match key_type {
        KeyType::Pgp | KeyType::Kms | KeyType::GcpKms => name.split_whitespace().collect(),
        _ => name.trim().to_owned(),
    };
    let names = list.split(',').map(name).filter(|name: &String| !name.is_empty());
    names.map(|name| (key_type, name)).collect()
}
