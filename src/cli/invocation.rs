//! What one call of the program asks for, in plain fields: the result of `parse`, the input of the
//! commands. Knows neither clap nor the environment.

mod changes;

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

pub use changes::{
    GroupsAction, GroupsOptions, NamedKeys, RotateOptions, SetOptions, UpdateKeysOptions,
    ValueSource,
};

/// The name the program was called by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Program {
    /// Its own name.
    Leafseal,
    /// The name of the reference, which it then answers as.
    Sops,
}

impl Program {
    /// Reads the name off the first word of a call; anything but `sops` is the program's own name.
    pub fn from_first_word(word: Option<&OsString>) -> Self {
        let stem = word.map(Path::new).and_then(Path::file_stem);
        if stem == Some(OsStr::new("sops")) { Self::Sops } else { Self::Leafseal }
    }

    /// Returns the name as it is typed.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Leafseal => "leafseal",
            Self::Sops => "sops",
        }
    }
}

/// One parsed call.
#[derive(Debug, PartialEq, Eq)]
pub enum Invocation {
    /// `encrypt`, `-e`.
    Encrypt(Box<EncryptOptions>),
    /// `decrypt`, `-d`.
    Decrypt(Box<DecryptOptions>),
    /// `rotate`, `-r`.
    Rotate(Box<RotateOptions>),
    /// `edit`, or nothing but a file.
    Edit(Box<EditOptions>),
    /// `updatekeys`.
    UpdateKeys(UpdateKeysOptions),
    /// `set`, `unset`, `--set`.
    Set(Box<SetOptions>),
    /// `groups add`, `groups delete`.
    Groups(Box<GroupsOptions>),
    /// `exec-env`.
    ExecEnv(Box<ExecEnvOptions>),
    /// `exec-file`.
    ExecFile(Box<ExecFileOptions>),
    /// `filestatus`.
    FileStatus(FileStatusOptions),
    /// `config`.
    Config(ConfigOptions),
    /// `audit`.
    Audit(AuditOptions),
    /// `init`.
    Init(InitOptions),
    /// `doctor`.
    Doctor(DoctorOptions),
    /// `completion SHELL`.
    Completion {
        /// The name the script is for.
        program: Program,
        /// The shell it is for.
        shell: Shell,
    },
    /// `man DIR`.
    Man {
        /// The name the pages are for.
        program: Program,
        /// The folder they go to.
        folder: PathBuf,
    },
    /// Help, ready to print to standard output.
    Help(String),
    /// `--version`.
    Version {
        /// The name that is answered for.
        program: Program,
        /// Whether `--check-for-updates` was given.
        check_for_updates: bool,
    },
    /// A command of the reference that this release does not have.
    NotBuiltIn(NotBuiltIn),
    /// Neither an operation nor a file was named.
    NoFile,
}

impl Invocation {
    /// Tells whether the call is one of a script that reads JSON.
    pub fn is_json(&self) -> bool {
        match self {
            Self::UpdateKeys(options) => options.is_json,
            Self::FileStatus(options) => options.is_json,
            Self::Config(options) => options.is_json,
            Self::Audit(options) => options.is_json,
            Self::Doctor(options) => options.is_json,
            _ => false,
        }
    }
}

/// A call that names an operation of later releases.
#[derive(Debug, PartialEq, Eq)]
pub struct NotBuiltIn {
    /// The name the program was called by.
    pub program: Program,
    /// The command.
    pub command: &'static str,
}

/// A word that is no command but close to one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Typo {
    /// The word as given; it may still be a file.
    pub word: String,
    /// The command it is close to.
    pub command: String,
}

/// The shells that completion scripts exist for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shell {
    /// bash.
    Bash,
    /// zsh.
    Zsh,
    /// fish.
    Fish,
    /// PowerShell.
    PowerShell,
}

/// The options of `doctor`.
#[derive(Debug, PartialEq, Eq)]
pub struct DoctorOptions {
    /// What every operation has.
    pub common: CommonOptions,
    /// What is to be examined: the service, and the address of a key.
    pub words: Vec<OsString>,
    /// `--json`.
    pub is_json: bool,
}

/// What every operation on a file has.
#[derive(Debug, PartialEq, Eq)]
pub struct CommonOptions {
    /// The name the program was called by.
    pub program: Program,
    /// `--config`.
    pub config: Option<PathBuf>,
    /// `--verbose`.
    pub verbose: bool,
    /// Whether the call used a flag (`-d`) instead of a command; such calls never read stdin.
    pub is_legacy: bool,
    /// Whether several of `-e -d -r --set` were given; the last of them in that order counts.
    pub has_several_operations: bool,
    /// Words after the file, which have no meaning and get a warning.
    pub extra_words: Vec<OsString>,
    /// Flags before the command which the command has no use for, such as `--extract`.
    pub unused_flags: Vec<String>,
}

/// `--in-place`, `--output`, `--indent`.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct OutputOptions {
    /// Whether the result replaces the input.
    pub in_place: bool,
    /// The file the result goes to.
    pub output: Option<PathBuf>,
    /// Spaces of one level; the meaning of 0 and of negative numbers depends on the format.
    pub indent: Option<i64>,
}

/// `--input-type`, `--output-type`, `--filename-override`.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct TypeOptions {
    /// The word given; an unknown one falls back to the file's suffix with a warning.
    pub input_type: Option<String>,
    /// The word given; an unknown one falls back with a warning.
    pub output_type: Option<String>,
    /// The path that stands in for the file's own.
    pub filename_override: Option<PathBuf>,
}

/// The master keys named by flags or variables, as comma lists.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct KeyOptions {
    /// age recipients.
    pub age: Option<String>,
    /// OpenPGP fingerprints.
    pub pgp: Option<String>,
    /// AWS KMS key ARNs.
    pub kms: Option<String>,
    /// GCP KMS resource ids.
    pub gcp_kms: Option<String>,
    /// Huawei Cloud KMS keys.
    pub hckms: Option<String>,
    /// Azure Key Vault key URLs.
    pub azure_kv: Option<String>,
    /// Vault transit key URIs.
    pub hc_vault_transit: Option<String>,
    /// Context of AWS KMS keys, `key:value` pairs.
    pub encryption_context: Option<String>,
    /// Profile of AWS KMS keys.
    pub aws_profile: Option<String>,
}

/// The six selectors; the caller checks that one at most is given.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct SelectorOptions {
    /// `--unencrypted-suffix`.
    pub unencrypted_suffix: Option<String>,
    /// `--encrypted-suffix`.
    pub encrypted_suffix: Option<String>,
    /// `--unencrypted-regex`.
    pub unencrypted_regex: Option<String>,
    /// `--encrypted-regex`.
    pub encrypted_regex: Option<String>,
    /// `--unencrypted-comment-regex`.
    pub unencrypted_comment_regex: Option<String>,
    /// `--encrypted-comment-regex`.
    pub encrypted_comment_regex: Option<String>,
}

/// `--enable-local-keyservice`, `--keyservice`.
#[derive(Debug, PartialEq, Eq)]
pub struct KeyServiceOptions {
    /// Whether the keys of this machine are used; true unless turned off.
    pub is_local_enabled: bool,
    /// Further services, in the order they are asked.
    pub addresses: Vec<String>,
}

/// A call of `encrypt`.
#[derive(Debug, PartialEq, Eq)]
pub struct EncryptOptions {
    /// What every operation has.
    pub common: CommonOptions,
    /// The file; none means standard input, or an error in the older form.
    pub file: Option<PathBuf>,
    /// Where the result goes.
    pub output: OutputOptions,
    /// The formats.
    pub types: TypeOptions,
    /// The master keys.
    pub keys: KeyOptions,
    /// Which values are encrypted.
    pub selectors: SelectorOptions,
    /// `--mac-only-encrypted`.
    pub mac_only_encrypted: bool,
    /// `--no-layout`.
    pub no_layout: bool,
    /// `--shamir-secret-sharing-threshold`, none where the creation rule decides.
    pub threshold: Option<u64>,
    /// Who wraps the data key.
    pub key_services: KeyServiceOptions,
}

/// A call of `edit`.
#[derive(Debug, PartialEq, Eq)]
pub struct EditOptions {
    /// The file, and what is wanted of one that is not there yet.
    pub new: EncryptOptions,
    /// `--show-master-keys`.
    pub shows_master_keys: bool,
    /// `--ignore-mac`.
    pub ignore_mac: bool,
    /// `--lenient`.
    pub is_lenient: bool,
    /// `--decryption-order`, a comma list not parsed yet.
    pub decryption_order: Option<String>,
    /// The word, where it looks like a mistyped command rather than a file.
    pub typo: Option<Typo>,
}

/// A call of `decrypt`.
#[derive(Debug, PartialEq, Eq)]
pub struct DecryptOptions {
    /// What every operation has.
    pub common: CommonOptions,
    /// The file; none means standard input, or an error in the older form.
    pub file: Option<PathBuf>,
    /// Where the result goes.
    pub output: OutputOptions,
    /// The formats.
    pub types: TypeOptions,
    /// `--extract`, a path not parsed yet.
    pub extract: Option<String>,
    /// `--ignore-mac`.
    pub ignore_mac: bool,
    /// `--lenient`.
    pub is_lenient: bool,
    /// `--decryption-order`, a comma list not parsed yet.
    pub decryption_order: Option<String>,
    /// Who unwraps the data key.
    pub key_services: KeyServiceOptions,
    /// Profile of AWS KMS keys.
    pub aws_profile: Option<String>,
}

/// How `exec-env` and `exec-file` decrypt a file and run the command.
#[derive(Debug, PartialEq, Eq)]
pub struct RunOptions {
    /// The command, a line of shell.
    pub command: OsString,
    /// `--user`.
    pub user: Option<String>,
    /// `--background`.
    pub is_background: bool,
    /// The formats.
    pub types: TypeOptions,
    /// `--ignore-mac`.
    pub ignore_mac: bool,
    /// `--lenient`.
    pub is_lenient: bool,
    /// `--decryption-order`, a comma list not parsed yet.
    pub decryption_order: Option<String>,
    /// Who unwraps the data key.
    pub key_services: KeyServiceOptions,
}

/// A call of `exec-env`.
#[derive(Debug, PartialEq, Eq)]
pub struct ExecEnvOptions {
    /// What every operation has; no words are left over here.
    pub common: CommonOptions,
    /// The files, the last of which wins.
    pub files: Vec<PathBuf>,
    /// How they are decrypted, and the command.
    pub run: RunOptions,
    /// `--pristine`.
    pub is_pristine: bool,
    /// `--same-process`.
    pub is_same_process: bool,
    /// `--flatten`, with the separator.
    pub separator: Option<String>,
    /// The names of `--allow-variable`.
    pub allowed: Vec<String>,
}

/// A call of `exec-file`.
#[derive(Debug, PartialEq, Eq)]
pub struct ExecFileOptions {
    /// What every operation has; no words are left over here.
    pub common: CommonOptions,
    /// The file.
    pub file: PathBuf,
    /// How it is decrypted, and the command.
    pub run: RunOptions,
    /// `--no-fifo`.
    pub no_fifo: bool,
    /// `--filename`.
    pub filename: Option<OsString>,
}

/// A call of `filestatus`.
#[derive(Debug, PartialEq, Eq)]
pub struct FileStatusOptions {
    /// What every operation has.
    pub common: CommonOptions,
    /// `--json`, which is for errors: the answer is JSON in any case.
    pub is_json: bool,
    /// The file.
    pub file: Option<PathBuf>,
    /// The word given; an unknown one falls back to the file's suffix with a warning.
    pub input_type: Option<String>,
}

/// A call of `config`.
#[derive(Debug, PartialEq, Eq)]
pub struct ConfigOptions {
    /// What every operation has; no words are left over here.
    pub common: CommonOptions,
    /// The files, which need not exist.
    pub files: Vec<PathBuf>,
    /// The word given; an unknown one falls back to the file's suffix with a warning.
    pub input_type: Option<String>,
    /// `--json`.
    pub is_json: bool,
    /// The variables with keys that `encrypt` would take in place of a rule's.
    pub key_variables: Vec<&'static str>,
}

/// A call of `audit`.
#[derive(Debug, PartialEq, Eq)]
pub struct AuditOptions {
    /// What every operation has; all words are extra words here.
    pub common: CommonOptions,
    /// `--json`.
    pub is_json: bool,
    /// The words of `--action`, not checked yet.
    pub actions: Vec<String>,
    /// `--user`.
    pub user: Option<String>,
    /// `--file`.
    pub file: Option<PathBuf>,
    /// `--since`, not checked yet.
    pub since: Option<String>,
    /// `--until`, not checked yet.
    pub until: Option<String>,
    /// `--last`.
    pub last: Option<u32>,
}

/// A call of `init`.
#[derive(Debug, PartialEq, Eq)]
pub struct InitOptions {
    /// What every operation has; all words are extra words here.
    pub common: CommonOptions,
}
