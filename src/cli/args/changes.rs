//! The flags of the commands that change who can decrypt a file.

#![expect(clippy::doc_markdown, reason = "the comments are help texts, printed without markup")]

use std::ffi::OsString;
use std::path::PathBuf;

use clap::{ArgAction, Args, ValueHint};

use super::{
    AwsFlags, CommonFlags, KeyServiceFlags, OpenFlags, OtherKeyFlags, OutputFlags, TypeFlags,
};

/// Master keys that a rotation adds and removes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Changes of keys (of AWS, GCP, Huawei and Vault not built in yet)")]
pub(crate) struct KeyChangeFlags {
    /// Add age recipients
    #[arg(long, value_name = "RECIPIENTS")]
    pub(crate) add_age: Option<String>,
    /// Remove age recipients
    #[arg(long, value_name = "RECIPIENTS")]
    pub(crate) rm_age: Option<String>,
    /// Add OpenPGP fingerprints
    #[arg(long, value_name = "FINGERPRINTS")]
    pub(crate) add_pgp: Option<String>,
    /// Remove OpenPGP fingerprints
    #[arg(long, value_name = "FINGERPRINTS")]
    pub(crate) rm_pgp: Option<String>,
    /// Add AWS KMS key ARNs
    #[arg(long, value_name = "ARNS")]
    pub(crate) add_kms: Option<String>,
    /// Remove AWS KMS key ARNs
    #[arg(long, value_name = "ARNS")]
    pub(crate) rm_kms: Option<String>,
    /// Add GCP KMS resource ids
    #[arg(long, value_name = "IDS")]
    pub(crate) add_gcp_kms: Option<String>,
    /// Remove GCP KMS resource ids
    #[arg(long, value_name = "IDS")]
    pub(crate) rm_gcp_kms: Option<String>,
    /// Add Huawei Cloud KMS keys
    #[arg(long, value_name = "IDS")]
    pub(crate) add_hckms: Option<String>,
    /// Remove Huawei Cloud KMS keys
    #[arg(long, value_name = "IDS")]
    pub(crate) rm_hckms: Option<String>,
    /// Add Azure Key Vault key URLs
    #[arg(long, value_name = "URLS")]
    pub(crate) add_azure_kv: Option<String>,
    /// Remove Azure Key Vault key URLs
    #[arg(long, value_name = "URLS")]
    pub(crate) rm_azure_kv: Option<String>,
    /// Add Vault transit key URIs
    #[arg(long, value_name = "URIS")]
    pub(crate) add_hc_vault_transit: Option<String>,
    /// Remove Vault transit key URIs
    #[arg(long, value_name = "URIS")]
    pub(crate) rm_hc_vault_transit: Option<String>,
    /// Rotate although the file names keys that its creation rule does not
    #[arg(long)]
    pub(crate) allow_extra_keys: bool,
}

/// The flags of `rotate`.
#[derive(Debug, Args)]
pub(crate) struct RotateFlags {
    /// File to rotate
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) words: Vec<OsString>,
    #[command(flatten)]
    pub(crate) changes: KeyChangeFlags,
    #[command(flatten)]
    pub(crate) output: OutputFlags,
    #[command(flatten)]
    pub(crate) types: TypeFlags,
    #[command(flatten)]
    pub(crate) integrity: IntegrityFlags,
    #[command(flatten)]
    pub(crate) services: KeyServiceFlags,
    #[command(flatten)]
    pub(crate) aws: AwsFlags,
    #[command(flatten)]
    pub(crate) context: ContextFlags,
    #[command(flatten)]
    pub(crate) common: CommonFlags,
}

/// How a file is decrypted on the way.
#[derive(Debug, Args)]
#[command(next_help_heading = "Decryption")]
pub(crate) struct IntegrityFlags {
    /// Go on although the MAC does not match: the values may have been tampered with
    #[arg(long)]
    pub(crate) ignore_mac: bool,
    /// Try key types in this order, separated by commas [variable: SOPS_DECRYPTION_ORDER]
    #[arg(long, value_name = "TYPES")]
    pub(crate) decryption_order: Option<String>,
    /// Accept malformed envelopes that the reference accepts
    #[arg(long)]
    pub(crate) lenient: bool,
}

impl From<OpenFlags> for IntegrityFlags {
    fn from(flags: OpenFlags) -> Self {
        let OpenFlags { ignore_mac, decryption_order, lenient, .. } = flags;
        Self { ignore_mac, decryption_order, lenient }
    }
}

/// The context of AWS keys that are added.
#[derive(Debug, Args)]
pub(crate) struct ContextFlags {
    /// Bind AWS KMS keys to these key:value pairs (AWS keys are not built in yet)
    #[arg(long, value_name = "PAIRS", help_heading = "Key services")]
    pub(crate) encryption_context: Option<String>,
}

impl From<OtherKeyFlags> for ContextFlags {
    fn from(flags: OtherKeyFlags) -> Self {
        Self { encryption_context: flags.encryption_context }
    }
}

/// The flags of `set`.
#[derive(Debug, Args)]
pub(crate) struct SetFlags {
    /// File to change, path of the value such as '["key"][0]', and the value as JSON
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) words: Vec<OsString>,
    /// Read the value from the file that the third word names
    #[arg(long, help_heading = "Value")]
    pub(crate) value_file: bool,
    /// Read the value from standard input
    #[arg(long, help_heading = "Value")]
    pub(crate) value_stdin: bool,
    #[command(flatten)]
    pub(crate) place: PlaceFlags,
}

/// The flags of `unset`.
#[derive(Debug, Args)]
pub(crate) struct UnsetFlags {
    /// File to change, and path of the value such as '["key"][0]'
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) words: Vec<OsString>,
    #[command(flatten)]
    pub(crate) place: PlaceFlags,
}

/// The flags that `set` and `unset` share.
#[derive(Debug, Args)]
pub(crate) struct PlaceFlags {
    /// Leave the file alone, and succeed, if nothing would change
    #[arg(long, help_heading = "Value")]
    pub(crate) idempotent: bool,
    /// Read this format (yaml, json, dotenv, ini, binary) whatever the file is called
    #[arg(long, value_name = "TYPE", help_heading = "Formats")]
    pub(crate) input_type: Option<String>,
    /// Write this format instead of the one of the input
    #[arg(long, value_name = "TYPE", help_heading = "Formats")]
    pub(crate) output_type: Option<String>,
    /// Accepted for compatibility; without effect
    #[arg(long, hide = true)]
    pub(crate) shamir_secret_sharing_threshold: Option<String>,
    #[command(flatten)]
    pub(crate) integrity: IntegrityFlags,
    #[command(flatten)]
    pub(crate) services: KeyServiceFlags,
    #[command(flatten)]
    pub(crate) aws: AwsFlags,
    #[command(flatten)]
    pub(crate) common: CommonFlags,
}

/// The flags of `updatekeys`.
#[derive(Debug, Args)]
pub(crate) struct UpdateKeysFlags {
    /// Files to update
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub(crate) words: Vec<OsString>,
    /// Change the files without asking
    #[arg(long, short = 'y')]
    pub(crate) yes: bool,
    /// Print one JSON array with an object for each file; without --yes nothing is changed
    #[arg(long, help_heading = "Output")]
    pub(crate) json: bool,
    /// Ask for this many key groups to decrypt (0: take it from the creation rule)
    #[arg(long, value_name = "N", help_heading = "Keys")]
    pub(crate) shamir_secret_sharing_threshold: Option<String>,
    /// Read this format (yaml, json, dotenv, ini, binary) whatever the files are called
    #[arg(long, value_name = "TYPE", help_heading = "Formats")]
    pub(crate) input_type: Option<String>,
    #[command(flatten)]
    pub(crate) services: KeyServiceFlags,
    #[command(flatten)]
    pub(crate) common: CommonFlags,
}

/// The flags of `groups`.
#[derive(Debug, Args)]
pub(crate) struct GroupsFlags {
    /// add, or delete with the number of the group, from 0
    #[arg(value_name = "ACTION")]
    pub(crate) words: Vec<OsString>,
    /// Change this file
    #[arg(long, short = 'f', value_name = "PATH", value_hint = ValueHint::FilePath)]
    pub(crate) file: Option<PathBuf>,
    /// Write the result back to the file
    #[arg(long, short = 'i', help_heading = "Output")]
    pub(crate) in_place: bool,
    /// Ask for this many key groups to decrypt (0: leave it)
    #[arg(long, value_name = "N", help_heading = "Keys of a new group")]
    pub(crate) shamir_secret_sharing_threshold: Option<String>,
    #[command(flatten)]
    pub(crate) keys: GroupKeyFlags,
    /// Read this format (yaml, json, dotenv, ini, binary) whatever the file is called
    #[arg(long, value_name = "TYPE", help_heading = "Formats")]
    pub(crate) input_type: Option<String>,
    #[command(flatten)]
    pub(crate) services: KeyServiceFlags,
    #[command(flatten)]
    pub(crate) aws: AwsFlags,
    #[command(flatten)]
    pub(crate) context: ContextFlags,
    #[command(flatten)]
    pub(crate) common: CommonFlags,
}

/// Master keys of a new group; each flag may be given several times.
#[derive(Debug, Args)]
#[command(
    next_help_heading = "Keys of a new group (of AWS, GCP, Huawei and Vault not built in yet)"
)]
pub(crate) struct GroupKeyFlags {
    /// age recipient
    #[arg(long, value_name = "RECIPIENT", action = ArgAction::Append)]
    pub(crate) age: Vec<String>,
    /// OpenPGP fingerprint
    #[arg(long, value_name = "FINGERPRINT", action = ArgAction::Append)]
    pub(crate) pgp: Vec<String>,
    /// AWS KMS key ARN
    #[arg(long, value_name = "ARN", action = ArgAction::Append)]
    pub(crate) kms: Vec<String>,
    /// GCP KMS resource id
    #[arg(long, value_name = "ID", action = ArgAction::Append)]
    pub(crate) gcp_kms: Vec<String>,
    /// Huawei Cloud KMS key, region:uuid
    #[arg(long, value_name = "ID", action = ArgAction::Append)]
    pub(crate) hckms: Vec<String>,
    /// Azure Key Vault key URL
    #[arg(long, value_name = "URL", action = ArgAction::Append)]
    pub(crate) azure_kv: Vec<String>,
    /// Vault transit key URI
    #[arg(long, value_name = "URI", action = ArgAction::Append)]
    pub(crate) hc_vault_transit: Vec<String>,
}
