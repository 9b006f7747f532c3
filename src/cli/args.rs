//! The flags and commands of the command line, as clap types with their help texts.
//!
//! Owns names and wording, no behaviour: `normalize` turns the words of a call into the strict form
//! that these types understand, and `parse` turns them into an `Invocation`.

#![expect(
    clippy::doc_markdown,
    clippy::doc_link_with_quotes,
    reason = "the comments are help texts, printed without markup"
)]

mod audit;
mod changes;
mod deferred;
mod exec;

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand, ValueHint};

pub(crate) use audit::AuditFlags;
pub(crate) use changes::{
    GroupKeyFlags, GroupsFlags, IntegrityFlags, KeyChangeFlags, PlaceFlags, RotateFlags, SetFlags,
    UnsetFlags, UpdateKeysFlags,
};
pub(crate) use deferred::Deferred;
pub(crate) use exec::{ExecEnvFlags, ExecFileFlags, RunFlags};

/// Encrypts the values of structured files and gives every byte back
#[derive(Debug, Parser)]
#[command(
    name = "leafseal",
    disable_help_subcommand = true,
    subcommand_value_name = "COMMAND",
    after_help = super::help::ROOT
)]
pub(crate) struct Root {
    #[command(flatten)]
    pub(crate) flags: LegacyFlags,
    #[command(subcommand)]
    pub(crate) command: Option<Command>,
}

/// The commands that the reference does not have. Behind a flag that names an operation, as in
/// `-d config`, the word is a file there.
pub(super) const OWN_COMMANDS: [&str; 5] = ["audit", "config", "doctor", "init", "man"];

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Encrypt a file, or standard input
    #[command(after_help = super::help::ENCRYPT)]
    Encrypt(Deferred<EncryptFlags>),
    /// Decrypt a file, or standard input
    #[command(after_help = super::help::DECRYPT)]
    Decrypt(Deferred<DecryptFlags>),
    /// Make a new data key and encrypt all values again; add and remove keys
    #[command(after_help = super::help::ROTATE)]
    Rotate(Deferred<RotateFlags>),
    /// Change a file in an editor, or make a new one
    #[command(after_help = super::help::EDIT)]
    Edit(Deferred<EditFlags>),
    /// Set one value of an encrypted file
    #[command(after_help = super::help::SET)]
    Set(Deferred<SetFlags>),
    /// Remove one value of an encrypted file
    #[command(after_help = super::help::UNSET)]
    Unset(Deferred<UnsetFlags>),
    /// Give files the keys of their creation rules
    #[command(after_help = super::help::UPDATE_KEYS)]
    Updatekeys(Deferred<UpdateKeysFlags>),
    /// Add or delete a key group of a file
    #[command(after_help = super::help::GROUPS)]
    Groups(Deferred<GroupsFlags>),
    /// Run a command with the values of files as variables
    #[command(after_help = super::help::EXEC_ENV)]
    ExecEnv(Deferred<ExecEnvFlags>),
    /// Run a command with a file in clear that is gone afterwards
    #[command(after_help = super::help::EXEC_FILE)]
    ExecFile(Deferred<ExecFileFlags>),
    /// Tell whether a file is encrypted, as JSON
    #[command(after_help = super::help::FILE_STATUS)]
    Filestatus(Deferred<FileStatusFlags>),
    /// Show which creation rule of .sops.yaml is in force for files, and why
    #[command(after_help = super::help::CONFIG)]
    Config(Deferred<ConfigFlags>),
    /// Show who encrypted and decrypted what on this machine, if that is recorded
    #[command(after_help = super::help::AUDIT)]
    Audit(Deferred<AuditFlags>),
    /// Make an age identity and a .sops.yaml where there are none
    #[command(after_help = super::help::INIT)]
    Init(Deferred<InitFlags>),
    /// Find out why a key of a cloud service does not work
    #[command(after_help = super::help::DOCTOR)]
    Doctor(Deferred<DoctorFlags>),
    /// Print the completion script of a shell
    #[command(after_help = super::help::COMPLETION)]
    Completion(Deferred<CompletionFlags>),
    /// Write the manual pages into a folder
    #[command(hide = true, after_help = super::help::MAN)]
    Man(Deferred<ManFlags>),
    /// Show the help of a command
    #[command(
        alias = "h",
        after_help = super::help::HELP
    )]
    Help(Deferred<HelpFlags>),
}

/// Flags that every command takes, before or after its name.
#[derive(Debug, Args)]
#[command(next_help_heading = "Global flags")]
pub(crate) struct CommonFlags {
    /// Use this config file instead of searching for .sops.yaml [variable: SOPS_CONFIG]
    #[arg(long, value_name = "PATH", value_hint = ValueHint::FilePath)]
    pub(crate) config: Option<PathBuf>,
    /// Say on standard error what is done
    #[arg(long)]
    pub(crate) verbose: bool,
    /// Accepted for compatibility: --version asks no server [variable: SOPS_DISABLE_VERSION_CHECK]
    #[arg(long, hide = true)]
    pub(crate) disable_version_check: bool,
    /// Accepted for compatibility: --version asks no server
    #[arg(long, hide = true)]
    pub(crate) check_for_updates: bool,
    /// Print the version
    #[arg(long, short = 'v', action = ArgAction::Version)]
    pub(crate) version: Option<bool>,
    /// Print this help
    #[arg(long, short = 'h', action = ArgAction::Help)]
    pub(crate) help: Option<bool>,
}

/// Where the result goes and how it looks.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(crate) struct OutputFlags {
    /// Write the result back to the file
    #[arg(long, short = 'i')]
    pub(crate) in_place: bool,
    /// Write the result to this file
    #[arg(long, value_name = "PATH", value_hint = ValueHint::FilePath)]
    pub(crate) output: Option<PathBuf>,
    /// Indent new lines of YAML or JSON output by this many spaces
    #[arg(long, value_name = "N")]
    pub(crate) indent: Option<String>,
}

/// Which formats are read and written.
#[derive(Debug, Args)]
#[command(next_help_heading = "Formats")]
pub(crate) struct TypeFlags {
    /// Read this format (yaml, json, dotenv, ini, binary) whatever the file is called
    #[arg(long, value_name = "TYPE")]
    pub(crate) input_type: Option<String>,
    /// Write this format instead of the one of the input
    #[arg(long, value_name = "TYPE")]
    pub(crate) output_type: Option<String>,
    /// Choose the creation rule and the formats as if the file had this path
    #[arg(long, value_name = "PATH", value_hint = ValueHint::FilePath)]
    pub(crate) filename_override: Option<PathBuf>,
}

/// Who can decrypt a new file.
#[derive(Debug, Args)]
#[command(next_help_heading = "Keys")]
pub(crate) struct KeyFlags {
    /// Encrypt for these age recipients, separated by commas [variable: SOPS_AGE_RECIPIENTS]
    #[arg(long, short = 'a', value_name = "RECIPIENTS")]
    pub(crate) age: Option<String>,
    /// Ask for this many key groups to decrypt (0: take it from the creation rule)
    #[arg(long, value_name = "N")]
    pub(crate) shamir_secret_sharing_threshold: Option<String>,
}

/// Master keys of the other types, not all of which are built in.
#[derive(Debug, Args)]
#[command(next_help_heading = "Keys of types that are not built in yet")]
pub(crate) struct OtherKeyFlags {
    /// Encrypt for these OpenPGP fingerprints [variable: SOPS_PGP_FP]
    #[arg(long, short = 'p', value_name = "FINGERPRINTS", help_heading = "Keys")]
    pub(crate) pgp: Option<String>,
    /// Encrypt for these AWS KMS key ARNs [variable: SOPS_KMS_ARN]
    #[arg(long, short = 'k', value_name = "ARNS")]
    pub(crate) kms: Option<String>,
    /// Encrypt for these GCP KMS resource ids [variable: SOPS_GCP_KMS_IDS]
    #[arg(long, value_name = "IDS")]
    pub(crate) gcp_kms: Option<String>,
    /// Encrypt for these Huawei Cloud KMS keys, region:uuid [variable: SOPS_HUAWEICLOUD_KMS_IDS]
    #[arg(long, value_name = "IDS")]
    pub(crate) hckms: Option<String>,
    /// Encrypt for these Azure Key Vault key URLs [variable: SOPS_AZURE_KEYVAULT_URLS]
    #[arg(long, value_name = "URLS", help_heading = "Keys")]
    pub(crate) azure_kv: Option<String>,
    /// Encrypt for these Vault transit key URIs [variable: SOPS_VAULT_URIS]
    #[arg(long, value_name = "URIS")]
    pub(crate) hc_vault_transit: Option<String>,
    /// Bind AWS KMS keys to these key:value pairs, separated by commas
    #[arg(long, value_name = "PAIRS")]
    pub(crate) encryption_context: Option<String>,
}

/// The profile of the AWS keys, which encryption and decryption both take.
#[derive(Debug, Args)]
pub(crate) struct AwsFlags {
    /// Use this AWS profile (AWS keys are not built in yet)
    #[arg(long, value_name = "NAME", help_heading = "Key services")]
    pub(crate) aws_profile: Option<String>,
}

/// Which values of a new file are encrypted; one of the six at most.
#[derive(Debug, Args)]
#[command(next_help_heading = "Which values to encrypt (one of these at most)")]
pub(crate) struct SelectorFlags {
    /// Leave values in clear below keys that end so (the default: _unencrypted)
    #[arg(long, value_name = "SUFFIX")]
    pub(crate) unencrypted_suffix: Option<String>,
    /// Encrypt only values below keys that end so
    #[arg(long, value_name = "SUFFIX")]
    pub(crate) encrypted_suffix: Option<String>,
    /// Leave values in clear below keys that match
    #[arg(long, value_name = "REGEX")]
    pub(crate) unencrypted_regex: Option<String>,
    /// Encrypt only values below keys that match
    #[arg(long, value_name = "REGEX")]
    pub(crate) encrypted_regex: Option<String>,
    /// Leave values in clear whose comment matches
    #[arg(long, value_name = "REGEX")]
    pub(crate) unencrypted_comment_regex: Option<String>,
    /// Encrypt only values whose comment matches
    #[arg(long, value_name = "REGEX")]
    pub(crate) encrypted_comment_regex: Option<String>,
    /// Compute the MAC only over values that end up encrypted
    #[arg(long, help_heading = "Integrity")]
    pub(crate) mac_only_encrypted: bool,
    /// Do not record how values were spelled (1.10, 0644, folded lines, aliases)
    #[arg(long, help_heading = "Layout")]
    pub(crate) no_layout: bool,
}

/// Flags that only decryption takes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Decryption")]
pub(crate) struct OpenFlags {
    /// Print only the value at this path, such as '["key"][0]'
    #[arg(long, value_name = "PATH")]
    pub(crate) extract: Option<String>,
    /// Decrypt although the MAC does not match: the values may have been tampered with
    #[arg(long)]
    pub(crate) ignore_mac: bool,
    /// Try key types in this order, separated by commas [variable: SOPS_DECRYPTION_ORDER]
    #[arg(long, value_name = "TYPES")]
    pub(crate) decryption_order: Option<String>,
    /// Accept malformed envelopes that the reference accepts
    #[arg(long)]
    pub(crate) lenient: bool,
}

/// Who wraps and unwraps data keys.
#[derive(Debug, Args)]
#[command(next_help_heading = "Key services")]
pub(crate) struct KeyServiceFlags {
    /// Use the keys of this machine (the default) [variable: SOPS_ENABLE_LOCAL_KEYSERVICE]
    #[arg(long, value_name = "BOOL", num_args = 0..=1, require_equals = true, default_missing_value = "true",
        hide_possible_values = true)]
    pub(crate) enable_local_keyservice: Option<bool>,
    /// Ask this key service too, such as tcp://HOST:PORT; repeatable [variable: SOPS_KEYSERVICE]
    #[arg(long, value_name = "ADDRESS", action = ArgAction::Append)]
    pub(crate) keyservice: Vec<String>,
}

/// What is encrypted, and for whom.
#[derive(Debug, Args)]
pub(crate) struct SealingFlags {
    #[command(flatten)]
    pub(crate) keys: KeyFlags,
    #[command(flatten)]
    pub(crate) selectors: SelectorFlags,
    #[command(flatten)]
    pub(crate) services: KeyServiceFlags,
    #[command(flatten)]
    pub(crate) aws: AwsFlags,
    #[command(flatten)]
    pub(crate) other_keys: OtherKeyFlags,
}

/// The flags of `encrypt`.
#[derive(Debug, Args)]
pub(crate) struct EncryptFlags {
    /// File to encrypt; without one, standard input (needs --filename-override)
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) words: Vec<OsString>,
    #[command(flatten)]
    pub(crate) output: OutputFlags,
    #[command(flatten)]
    pub(crate) types: TypeFlags,
    #[command(flatten)]
    pub(crate) sealing: SealingFlags,
    #[command(flatten)]
    pub(crate) common: CommonFlags,
}

/// The flags of `edit`.
#[derive(Debug, Args)]
pub(crate) struct EditFlags {
    /// File to edit; one that is not there is made
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) words: Vec<OsString>,
    /// Show the metadata below the values, to change keys and selector there
    #[arg(long, short = 's')]
    pub(crate) show_master_keys: bool,
    /// Read this format (yaml, json, dotenv, ini, binary) whatever the file is called
    #[arg(long, value_name = "TYPE", help_heading = "Formats")]
    pub(crate) input_type: Option<String>,
    /// Show this format in the editor, and write it
    #[arg(long, value_name = "TYPE", help_heading = "Formats")]
    pub(crate) output_type: Option<String>,
    /// Indent new lines of YAML or JSON by this many spaces
    #[arg(long, value_name = "N", help_heading = "Formats")]
    pub(crate) indent: Option<String>,
    #[command(flatten)]
    pub(crate) integrity: IntegrityFlags,
    #[command(flatten)]
    pub(crate) sealing: SealingFlags,
    #[command(flatten)]
    pub(crate) common: CommonFlags,
}

/// The flags of `decrypt`.
#[derive(Debug, Args)]
pub(crate) struct DecryptFlags {
    /// File to decrypt; without one, standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) words: Vec<OsString>,
    #[command(flatten)]
    pub(crate) open: OpenFlags,
    #[command(flatten)]
    pub(crate) output: OutputFlags,
    #[command(flatten)]
    pub(crate) types: TypeFlags,
    #[command(flatten)]
    pub(crate) services: KeyServiceFlags,
    #[command(flatten)]
    pub(crate) aws: AwsFlags,
    #[command(flatten)]
    pub(crate) common: CommonFlags,
}

/// The flags of `filestatus`.
#[derive(Debug, Args)]
pub(crate) struct FileStatusFlags {
    /// File to look at
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) words: Vec<OsString>,
    /// Print an error as JSON, too
    #[arg(long, help_heading = "Output")]
    pub(crate) json: bool,
    /// Read this format (yaml, json, dotenv, ini, binary) whatever the file is called
    #[arg(long, value_name = "TYPE", help_heading = "Formats")]
    pub(crate) input_type: Option<String>,
    #[command(flatten)]
    pub(crate) common: CommonFlags,
}

/// The flags of `config`.
#[derive(Debug, Args)]
pub(crate) struct ConfigFlags {
    /// Files to look at; they need not exist
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) words: Vec<OsString>,
    /// Print one JSON array with an object for each file
    #[arg(long, help_heading = "Output")]
    pub(crate) json: bool,
    /// Take the files for this format (yaml, json, dotenv, ini, binary) whatever they are called
    #[arg(long, value_name = "TYPE", help_heading = "Formats")]
    pub(crate) input_type: Option<String>,
    #[command(flatten)]
    pub(crate) common: CommonFlags,
}

/// The flags of `init`.
#[derive(Debug, Args)]
pub(crate) struct InitFlags {
    #[arg(hide = true)]
    pub(crate) words: Vec<OsString>,
    #[command(flatten)]
    pub(crate) common: CommonFlags,
}

/// The flags of `doctor`.
#[derive(Debug, Args)]
pub(crate) struct DoctorFlags {
    /// azure, and the address of a key
    #[arg(value_name = "KEY")]
    pub(crate) words: Vec<OsString>,
    /// Print one JSON object
    #[arg(long, help_heading = "Output")]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) common: CommonFlags,
}

/// The flags of `completion`.
#[derive(Debug, Args)]
pub(crate) struct CompletionFlags {
    /// bash, zsh, fish or powershell
    #[arg(value_name = "SHELL")]
    pub(crate) words: Vec<OsString>,
    #[command(flatten)]
    pub(crate) common: CommonFlags,
}

/// The flags of `man`.
#[derive(Debug, Args)]
pub(crate) struct ManFlags {
    /// Folder that exists
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) words: Vec<OsString>,
    #[command(flatten)]
    pub(crate) common: CommonFlags,
}

/// The flags of `help`.
#[derive(Debug, Args)]
pub(crate) struct HelpFlags {
    /// Command to explain
    #[arg(value_name = "COMMAND")]
    pub(crate) words: Vec<OsString>,
    #[command(flatten)]
    pub(crate) common: CommonFlags,
}

/// The flags of the older form, which names the operation by a flag instead of a command.
#[derive(Debug, Args)]
pub(crate) struct LegacyFlags {
    #[arg(hide = true, value_hint = ValueHint::FilePath)]
    pub(crate) words: Vec<OsString>,
    #[command(flatten)]
    pub(crate) operation: OperationFlags,
    #[command(flatten)]
    pub(crate) open: OpenFlags,
    #[command(flatten)]
    pub(crate) output: OutputFlags,
    #[command(flatten)]
    pub(crate) types: TypeFlags,
    #[command(flatten)]
    pub(crate) sealing: SealingFlags,
    #[command(flatten)]
    pub(crate) changes: KeyChangeFlags,
    #[command(flatten)]
    pub(crate) common: CommonFlags,
}

/// Which operation the older form asks for.
#[derive(Debug, Args)]
#[command(next_help_heading = super::help::OPERATIONS)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches of the command line")]
pub(crate) struct OperationFlags {
    /// Encrypt the file; takes all flags of `encrypt`
    #[arg(long, short = 'e')]
    pub(crate) encrypt: bool,
    /// Decrypt the file; takes all flags of `decrypt`
    #[arg(long, short = 'd')]
    pub(crate) decrypt: bool,
    /// Make a new data key and encrypt all values again; takes all flags of `rotate`
    #[arg(long, short = 'r')]
    pub(crate) rotate: bool,
    /// Set one value: '["path"] VALUE'; takes all flags of `set`
    #[arg(long, value_name = "PATH VALUE")]
    pub(crate) set: Option<String>,
    /// Show the metadata below the values, to change keys and selector there
    #[arg(long, short = 's')]
    pub(crate) show_master_keys: bool,
}
