use std::ffi::OsString;
use std::path::PathBuf;

use super::{Call, given, output, threshold, types};
use crate::cli::args::{
    GroupKeyFlags, GroupsFlags, KeyChangeFlags, LegacyFlags, RotateFlags, UpdateKeysFlags,
};
use crate::cli::invocation::{
    GroupsAction, GroupsOptions, Invocation, NamedKeys, RotateOptions, UpdateKeysOptions,
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
            services: flags.services,
            aws: flags.aws,
            context: flags.other_keys.into(),
            common: flags.common,
        })?;
        if let Invocation::Rotate(options) = &mut invocation {
            options.common.has_several_operations = has_several_operations;
        }
        Ok(invocation)
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
