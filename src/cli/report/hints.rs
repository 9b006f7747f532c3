#[cfg(feature = "pgp")]
mod pgp;
mod text;

use std::io;

use self::text::{emit_hint, scan_hint, seal_hints};
use super::{CommandError, EditError};
use crate::cli::invocation::Program;
use crate::config::ConfigError;
use crate::crypto::EnvelopeError;
use crate::crypto::shamir::SplitError;
use crate::document::{BlockError, OpenError, SealError};
use crate::format::{ChangeError, Format, PickError};
use crate::io::files::FileError;
use crate::io::user::UserError;
#[cfg(feature = "age")]
use crate::keys::age::AgeError;
#[cfg(feature = "azure")]
use crate::keys::azure;
use crate::keys::{Attempt, MasterKeyError, RecoveryError, WrapError};
use crate::metadata::{KeyType, MetadataError};
use crate::operations::{
    ChangeKeysError, DecryptError, EncryptError, RotateError, SaveError, SetError, ValueError,
    VariableError,
};
use crate::service::audit::AuditError;

/// Says what to do about an error.
pub(super) fn hints(error: &CommandError, caller: Program) -> Vec<String> {
    let program = caller.name();
    match error {
        CommandError::NoFile => vec![format!("`{program} help` lists the commands")],
        CommandError::NoKeys(None) => vec![
            format!("`{program} init` makes an age identity and a .sops.yaml with a rule for it"),
            "or name recipients with --age or SOPS_AGE_RECIPIENTS".to_owned(),
        ],
        CommandError::NoConfig(_) => {
            vec![format!(
                "`{program} init` makes an age identity and a .sops.yaml with a rule for it"
            )]
        }
        CommandError::MasterKey { error, .. } => master_key_hints(error),
        CommandError::Encrypt { error, .. }
        | CommandError::Rotate { error: RotateError::Convert(error), .. } => {
            encrypt_hints(error, program)
        }
        CommandError::Convert { error: PickError::Emit(error), .. } => {
            emit_hint(error).map(str::to_owned).into_iter().collect()
        }
        CommandError::Decrypt { error, .. }
        | CommandError::Status { error, .. }
        | CommandError::Rotate { error: RotateError::Decrypt(error), .. } => {
            decrypt_hints(error, program)
        }
        CommandError::Set { error, .. } => set_hints(error, program),
        CommandError::Rotate { error: RotateError::Wrap(error), .. }
        | CommandError::ChangeKeys { error: ChangeKeysError::Wrap(error), .. } => wrap_hints(error),
        CommandError::ChangeKeys { error: ChangeKeysError::Recovery(error), .. } => {
            recovery_hints(error)
        }
        #[cfg(feature = "azure")]
        CommandError::Unhealthy { failures, .. } => {
            let mut hints: Vec<String> = failures.iter().flat_map(azure::remedies).collect();
            hints.dedup();
            hints
        }
        #[cfg(feature = "azure")]
        CommandError::DoctorTopic => vec![format!(
            "for example {program} doctor azure https://VAULT.vault.azure.net/keys/NAME"
        )],
        CommandError::Typo(typo) => vec![format!("did you mean `{program} {}`?", typo.command)],
        CommandError::Save { error, .. } => save_hints(error, program),
        CommandError::Edit(EditError::Kept { error, .. } | EditError::DataKey(error)) => {
            hints(error, caller)
        }
        _ => fixed_hint(error).map(str::to_owned).into_iter().collect(),
    }
}

/// Says what to do about an error where that is always the same.
fn fixed_hint(error: &CommandError) -> Option<&'static str> {
    Some(match error {
        CommandError::InPlaceStdin => {
            "name the file, or leave --in-place out to write to standard output"
        }
        CommandError::OutputAndInPlace => "leave one of them out",
        CommandError::Edit(EditError::Editor(_) | EditError::Start(_)) => {
            "let SOPS_EDITOR or EDITOR name an editor, for example EDITOR='code --wait'"
        }
        CommandError::NoOverride => {
            "add --filename-override NAME: it decides the format and the creation rule"
        }
        CommandError::MissingFile(_) => "check the name and the working folder",
        CommandError::Folder(_) => "name the files in it one by one",
        CommandError::SetValue(ValueError::TooBig) => "put the number in double quotes: a string",
        CommandError::SetValue(ValueError::NotJson) => {
            "a string stands in double quotes, as in '\"text\"'; numbers, true, false and null in none"
        }
        CommandError::ExtractPath(_) | CommandError::SetPath(_) | CommandError::EmptySetPath => {
            "a path is written as '[\"key\"][0]', in quotes for the shell"
        }
        CommandError::BadContext(_) => "for example --encryption-context team:web,stage:live",
        CommandError::BadIndent { format, .. } => indent_hint(*format),
        CommandError::DuplicateOrder(_) => {
            "name each type once in --decryption-order or SOPS_DECRYPTION_ORDER"
        }
        CommandError::BadPattern { .. } => {
            "a character that is meant literally needs a \\ before it"
        }
        CommandError::TwoSelectors(..) => {
            "one selector at most may be in force, from flags and creation rule together"
        }
        CommandError::NoKeys(Some(_)) => {
            "add creation_rules with `age: RECIPIENT`, or name recipients with --age or SOPS_AGE_RECIPIENTS"
        }
        CommandError::NoRules(_) => "add creation_rules with `age: RECIPIENT`",
        CommandError::RuleWithoutKeys { .. } => "add `age: RECIPIENT` to the rule",
        CommandError::Config(ConfigError::NoMatchingRule { .. }) => {
            "add a rule whose path_regex matches, or name keys with --age"
        }
        CommandError::NoKeyService => {
            "leave --enable-local-keyservice=false and SOPS_ENABLE_LOCAL_KEYSERVICE out"
        }
        CommandError::Write(FileError::Write { source, .. })
            if source.kind() == io::ErrorKind::NotFound =>
        {
            "make the folder first"
        }
        CommandError::BinaryToTerminal(_) => "name a file with --output, or pipe it to a program",
        CommandError::Write(FileError::Changed { .. }) => "nothing was written; try again",
        #[cfg(feature = "age")]
        CommandError::UnusableIdentity(_) => {
            "move the file away, or add an identity to it with age-keygen"
        }
        _ => return key_hint(error),
    })
}

/// What follows where an event cannot be recorded.
const NOT_RECORDED: &str = "this machine records who decrypts what, and without the record nothing is; ask its administrator";

/// Says what to do about an error of a command that runs another.
fn exec_hint(error: &CommandError) -> Option<&'static str> {
    Some(match error {
        CommandError::BackgroundAndSameProcess => {
            "leave one of them out; a shell starts a command in the background with &"
        }
        CommandError::Variable { error: VariableError::Complex { .. }, .. } => {
            "--flatten _ takes values at any depth, their keys joined by _"
        }
        CommandError::Variable { error: VariableError::Twice { .. }, .. } => {
            "choose another text for --flatten, such as __"
        }
        CommandError::Variable { .. } => "`exec-file` hands a file of any kind to a command",
        CommandError::DangerousVariables { .. } => {
            "check who wrote the file; --allow-variable NAME sets one all the same"
        }
        CommandError::Audit(AuditError::NothingToShow) => {
            "a log in PostgreSQL is read there: SELECT * FROM audit_event"
        }
        CommandError::Audit(_) => NOT_RECORDED,
        CommandError::BadTime { .. } => {
            "for example --since 2026-11-28 or --since 2026-11-28T08:00"
        }
        CommandError::Scratch { .. } => "TMPDIR names the folder to use",
        CommandError::User(UserError::Refused(..)) => {
            "only root can run a command as somebody else"
        }
        _ => return None,
    })
}

/// Says what to do about an error of a command that changes keys.
fn key_hint(error: &CommandError) -> Option<&'static str> {
    Some(match error {
        CommandError::ChangeKeys { error, .. } => return change_hint(error),
        CommandError::NotInRule { .. } => {
            "remove them with --rm-…, add them to the rule, or go on with --allow-extra-keys"
        }
        CommandError::InClear(_) => {
            "check who changed the file's selector and encrypt the file anew, or put its selector into the rule"
        }
        CommandError::KeysOfMissingFile(_) | CommandError::UpdateMissing(_) => {
            "check the name and the working folder"
        }
        CommandError::UpdateFolder(_) => "name the files in it one by one",
        CommandError::NoAnswer => "--yes changes the file without asking",
        CommandError::NoGroupsFile => "name the file that is to be changed: --file FILE",
        CommandError::EmptyGroup => "name one or more: --age RECIPIENT",
        _ => return exec_hint(error),
    })
}

fn indent_hint(format: Format) -> &'static str {
    match format {
        Format::Json => "set --indent, or stores.json.indent in .sops.yaml, to 2",
        Format::Binary => "set --indent, or stores.json_binary.indent in .sops.yaml, to 2",
        Format::Yaml | Format::Dotenv | Format::Ini => {
            "set --indent, or stores.yaml.indent in .sops.yaml, to 2"
        }
    }
}

fn encrypt_hints(error: &EncryptError, program: &str) -> Vec<String> {
    let hint = match error {
        EncryptError::SealAs { error: SealError::AlreadyEncrypted { .. }, .. } => {
            Some("give the key another name")
        }
        EncryptError::Seal(error) | EncryptError::SealAs { error, .. } => {
            return seal_hints(error, program);
        }
        EncryptError::Text(_) => Some(
            "YAML, JSON, dotenv and INI have to be UTF-8 text; --input-type binary --output-type binary takes any bytes as they are",
        ),
        EncryptError::Emit(error) => emit_hint(error),
        EncryptError::Wrap(error) => return wrap_hints(error),
        EncryptError::Random(_) => None,
    };
    hint.map(str::to_owned).into_iter().collect()
}

/// Says what to do about an edited text that cannot be saved.
fn save_hints(error: &SaveError, program: &str) -> Vec<String> {
    let hint = match error {
        SaveError::Encrypt(error) => return encrypt_hints(error, program),
        SaveError::MasterKey { error, .. } => return master_key_hints(error),
        SaveError::Wrap(error) => return wrap_hints(error),
        SaveError::Block(BlockError::Scan(error)) => {
            return scan_hint(error).map(str::to_owned).into_iter().collect();
        }
        SaveError::Block(BlockError::Missing | BlockError::Second { .. }) => {
            "leave one sops block in the file; to start anew, leave the editor without saving"
        }
        SaveError::Block(BlockError::Metadata {
            error: MetadataError::KeysBesideGroups, ..
        }) => "move them into one of the groups, or take key_groups out",
        SaveError::Block(BlockError::Metadata { error: MetadataError::NoKeys, .. })
        | SaveError::Nameless { .. } => {
            "a new entry needs its name alone, such as `- recipient: age1...` below age"
        }
        SaveError::Block(BlockError::Metadata { .. } | BlockError::Edit(_))
        | SaveError::Rewrite(_) => return Vec::new(),
    };
    vec![hint.to_owned()]
}

/// Says what to do about a value that cannot be set or removed.
fn set_hints(error: &SetError, program: &str) -> Vec<String> {
    let hint = match error {
        SetError::Decrypt(error) => return decrypt_hints(error, program),
        SetError::Seal(SealError::AlreadyEncrypted { .. }) => "give the key another name",
        SetError::Seal(error) => return seal_hints(error, program),
        SetError::Convert(error) => return encrypt_hints(error, program),
        SetError::Change(error) if error.is_missing() => {
            "--idempotent takes it as done where the value is not there"
        }
        SetError::Change(ChangeError::Emit(error)) => {
            return emit_hint(error).map(str::to_owned).into_iter().collect();
        }
        SetError::Change(ChangeError::NotPossible(_) | ChangeError::Alias(_)) => {
            "nothing was written; change the decrypted file and encrypt it again"
        }
        SetError::BinaryPath => "for example '[\"data\"]' '\"text\"'",
        SetError::Change(_) => return Vec::new(),
    };
    vec![hint.to_owned()]
}

fn decrypt_hints(error: &DecryptError, program: &str) -> Vec<String> {
    let one = |text: &str| vec![text.to_owned()];
    match error {
        DecryptError::Text(_) => one("YAML, JSON, dotenv and INI have to be UTF-8 text"),
        DecryptError::NotWrapped => one(
            "files whose names end in none of .yaml .yml .json .env .ini are taken for binary; --input-type and --output-type name another format",
        ),
        DecryptError::Open(OpenError::NoBytes(_)) => {
            one("if it is an encrypted JSON file, add --input-type json --output-type json")
        }
        DecryptError::NotEncrypted => {
            vec![format!(
                "`{program} encrypt FILE` encrypts it; --input-type names the format if the file's name does not"
            )]
        }
        DecryptError::Recovery(error) => recovery_hints(error),
        DecryptError::Open(
            OpenError::MacMissing | OpenError::MacUnreadable | OpenError::MacMismatch,
        ) => one(
            "restore the file from version control; --ignore-mac decrypts it all the same, without protection",
        ),
        DecryptError::ForeignShares => one(
            "entries of the sops block come from another file or version of it; restore it from version control",
        ),
        DecryptError::MetadataLost => one("restore the whole file from version control"),
        DecryptError::Open(OpenError::Envelope(_, EnvelopeError::Malformed)) => one(
            "a value was written in clear or altered; restore it from version control, and change values in the decrypted file only",
        ),
        DecryptError::Open(OpenError::Envelope(..)) => one(
            "restore the value from version control; --lenient accepts it if another program wrote it so",
        ),
        DecryptError::Open(
            OpenError::Cipher(..)
            | OpenError::UnknownType(_)
            | OpenError::Value(..)
            | OpenError::CommentAsValue(_)
            | OpenError::NotCovered(_)
            | OpenError::EncryptedAlias(_),
        ) => one("restore the value from version control"),
        DecryptError::Open(OpenError::NotEncrypted(..)) => one(
            "the value was written in clear by hand; restore it, or put it into the decrypted file and encrypt that",
        ),
        DecryptError::Scan(error) => scan_hint(error).map(str::to_owned).into_iter().collect(),
        DecryptError::Metadata(_) => one("restore the sops block from version control"),
        DecryptError::Open(_) => Vec::new(),
    }
}

/// Says what to do about master keys that cannot be changed.
fn change_hint(error: &ChangeKeysError) -> Option<&'static str> {
    match error {
        ChangeKeysError::WrongDataKey => Some("restore the sops block from version control"),
        ChangeKeysError::OnlyGroup(_) => Some("add another group first"),
        ChangeKeysError::TooFewLeft { .. } => {
            Some("ask for fewer with --shamir-secret-sharing-threshold")
        }
        _ => None,
    }
}

/// Says what to do about a data key that cannot be wrapped.
fn wrap_hints(error: &WrapError) -> Vec<String> {
    let hint = match error {
        WrapError::Split { source: SplitError::Random(_), .. } => return Vec::new(),
        WrapError::Split { .. } => {
            "set shamir_threshold or --shamir-secret-sharing-threshold to a number from 2 to that of the groups; without it all groups are needed"
        }
        WrapError::NoKeys => "leave one key at least in each group",
        WrapError::Kept(_) => "remove the key, or do it with a program that has its type",
        #[cfg(feature = "age")]
        WrapError::Age(_) => return Vec::new(),
        #[cfg(feature = "azure")]
        WrapError::Azure(error) => return azure::remedies(error),
        #[cfg(feature = "pgp")]
        WrapError::Pgp(error) => return pgp::hints(error),
    };
    vec![hint.to_owned()]
}

/// Says what to do about a data key that is out of reach, and where identities were looked for.
fn recovery_hints(error: &RecoveryError) -> Vec<String> {
    let report = match error {
        RecoveryError::NoneOpens(report) | RecoveryError::TooFewGroups { report, .. } => report,
        RecoveryError::Shares(_) | RecoveryError::CombinedNotDataKey => {
            return vec!["restore the sops block from version control".to_owned()];
        }
        RecoveryError::NotRecorded(_) => return vec![NOT_RECORDED.to_owned()],
        RecoveryError::NotDataKey { .. } => return Vec::new(),
    };
    let mut attempts = report.groups.iter().flat_map(|group| &group.attempts);
    let is_damaged =
        |attempt: &Attempt| attempt.key_type == KeyType::Age && attempt.failure.is_some();
    let remedy = if report.places.is_empty() && attempts.any(is_damaged) {
        "restore the sops block from version control"
    } else {
        "let SOPS_AGE_KEY_FILE name a file with an identity for one of these keys, or ask somebody who has one to add your key"
    };
    let looked = report.places.iter().map(|place| format!("looked at {}", place.text));
    let mut hints: Vec<String> = Vec::new();
    let attempts = || report.groups.iter().flat_map(|group| &group.attempts);
    #[cfg(feature = "pgp")]
    hints.extend(pgp::recovery_hint(attempts()));
    for remedy in attempts().filter_map(|it| it.failure.as_ref()).flat_map(|it| &it.remedies) {
        if !hints.contains(remedy) {
            hints.push(remedy.clone());
        }
    }
    let is_other = |it: &Attempt| matches!(it.key_type, KeyType::Pgp | KeyType::AzureKeyVault);
    if !attempts().all(is_other) {
        hints.push(remedy.to_owned());
    }
    hints.extend(looked);
    hints
}

fn master_key_hints(error: &MasterKeyError) -> Vec<String> {
    match error {
        MasterKeyError::NotBuiltIn { .. } => {
            vec!["this release encrypts for age recipients, OpenPGP keys and keys of Azure Key Vault".to_owned()]
        }
        #[cfg(feature = "age")]
        MasterKeyError::Age(error) => recipient_hints(error),
        #[cfg(feature = "azure")]
        MasterKeyError::Azure(error) => azure::remedies(error),
        #[cfg(feature = "pgp")]
        MasterKeyError::Pgp(error) => pgp::hints(error),
    }
}

#[cfg(feature = "age")]
fn recipient_hints(error: &AgeError) -> Vec<String> {
    let hint = match error {
        AgeError::UnknownRecipient(text) if text.is_empty() => {
            "there is a comma too many in the list of recipients"
        }
        AgeError::UnknownRecipient(_) => {
            "a recipient begins with age1 or ssh-; `age-keygen -y KEYFILE` prints that of an identity"
        }
        AgeError::MalformedRecipient { .. } => {
            "copy the whole recipient; a letter is missing or wrong"
        }
        AgeError::IdentityAsRecipient => {
            "name its public key, which `age-keygen -y KEYFILE` prints; an identity in a shell history or a config file is no longer secret"
        }
        AgeError::Plugin { .. } | AgeError::Wrap { .. } => return Vec::new(),
    };
    vec![hint.to_owned()]
}
