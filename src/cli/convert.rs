//! Turns the flags that clap read, and the variables that stand in for them, into plain options.
//!
//! A flag that is given beats its variable, also when it is given empty; an empty text is none.

mod changes;
mod edit;
mod exec;

use std::ffi::OsString;
use std::path::PathBuf;

use super::args::{
    AuditFlags, AwsFlags, CommonFlags, ConfigFlags, DecryptFlags, DoctorFlags, EncryptFlags,
    FileStatusFlags, InitFlags, KeyFlags, KeyServiceFlags, LegacyFlags, OpenFlags, OtherKeyFlags,
    OutputFlags, SealingFlags, SelectorFlags, TypeFlags,
};
use super::invocation::{
    AuditOptions, CommonOptions, ConfigOptions, DecryptOptions, DoctorOptions, EncryptOptions,
    FileStatusOptions, InitOptions, Invocation, KeyOptions, KeyServiceOptions, OutputOptions,
    Program, SelectorOptions, TypeOptions,
};
use super::normalize::boolean;
use super::parse::Environment;
use super::usage::UsageError;

/// The variables that name master keys.
const KEY_VARIABLES: [&str; 7] = [
    "SOPS_AGE_RECIPIENTS",
    "SOPS_PGP_FP",
    "SOPS_KMS_ARN",
    "SOPS_GCP_KMS_IDS",
    "SOPS_HUAWEICLOUD_KMS_IDS",
    "SOPS_AZURE_KEYVAULT_URLS",
    "SOPS_VAULT_URIS",
];

/// What a call has besides its flags.
pub(super) struct Call<'a> {
    pub(super) program: Program,
    pub(super) is_legacy: bool,
    pub(super) unused_flags: Vec<String>,
    pub(super) variables: Variables<'a>,
}

impl Call<'_> {
    pub(super) fn encrypt(self, flags: EncryptFlags) -> Result<Invocation, UsageError> {
        Ok(Invocation::Encrypt(Box::new(self.encrypt_options(flags)?)))
    }

    fn encrypt_options(&self, flags: EncryptFlags) -> Result<EncryptOptions, UsageError> {
        let (common, file) = self.common(flags.common, flags.words);
        let SealingFlags { keys, selectors: selection, services, aws, other_keys } = flags.sealing;
        Ok(EncryptOptions {
            common,
            file,
            output: output(flags.output)?,
            types: types(flags.types),
            threshold: threshold(keys.shamir_secret_sharing_threshold.as_deref())?,
            keys: self.keys(keys, other_keys, aws)?,
            mac_only_encrypted: selection.mac_only_encrypted,
            no_layout: selection.no_layout,
            selectors: selectors(selection),
            key_services: self.key_services(services)?,
        })
    }

    pub(super) fn decrypt(self, flags: DecryptFlags) -> Result<Invocation, UsageError> {
        let (common, file) = self.common(flags.common, flags.words);
        let OpenFlags { extract, ignore_mac, decryption_order, lenient } = flags.open;
        Ok(Invocation::Decrypt(Box::new(DecryptOptions {
            common,
            file,
            output: output(flags.output)?,
            types: types(flags.types),
            extract: given(extract),
            ignore_mac,
            is_lenient: lenient,
            decryption_order: self.variables.text(decryption_order, "SOPS_DECRYPTION_ORDER")?,
            key_services: self.key_services(flags.services)?,
            aws_profile: given(flags.aws.aws_profile),
        })))
    }

    pub(super) fn file_status(self, flags: FileStatusFlags) -> Invocation {
        let (common, file) = self.common(flags.common, flags.words);
        let input_type = given(flags.input_type);
        Invocation::FileStatus(FileStatusOptions { common, is_json: flags.json, file, input_type })
    }

    pub(super) fn config(self, flags: ConfigFlags) -> Invocation {
        let (mut common, first) = self.common(flags.common, flags.words);
        let others = std::mem::take(&mut common.extra_words);
        let is_set = |name: &&str| (self.variables.0)(name).is_some_and(|value| !value.is_empty());
        Invocation::Config(ConfigOptions {
            common,
            files: first.into_iter().chain(others.into_iter().map(PathBuf::from)).collect(),
            input_type: given(flags.input_type),
            is_json: flags.json,
            key_variables: KEY_VARIABLES.into_iter().filter(is_set).collect(),
        })
    }

    pub(super) fn audit(self, flags: AuditFlags) -> Result<Invocation, UsageError> {
        let (mut common, first) = self.common(flags.common, flags.words);
        common.extra_words.splice(0..0, first.map(PathBuf::into_os_string));
        let last = flags.last.map(|text| match integer(&text).map(u32::try_from) {
            Some(Ok(number)) => Ok(number),
            _ => Err(UsageError::BadInteger {
                flag: "last",
                expected: "a number of events",
                value: text,
            }),
        });
        Ok(Invocation::Audit(AuditOptions {
            common,
            is_json: flags.json,
            actions: names(&flags.action),
            user: given(flags.user),
            file: flags.file.filter(|path| !path.as_os_str().is_empty()),
            since: given(flags.since),
            until: given(flags.until),
            last: last.transpose()?,
        }))
    }

    pub(super) fn init(self, flags: InitFlags) -> Invocation {
        let (mut common, first) = self.common(flags.common, flags.words);
        common.extra_words.splice(0..0, first.map(PathBuf::into_os_string));
        Invocation::Init(InitOptions { common })
    }

    pub(super) fn doctor(self, flags: DoctorFlags) -> Invocation {
        let (mut common, first) = self.common(flags.common, flags.words);
        let others = std::mem::take(&mut common.extra_words);
        let words = first.into_iter().map(PathBuf::into_os_string).chain(others).collect();
        Invocation::Doctor(DoctorOptions { common, words, is_json: flags.json })
    }

    pub(super) fn legacy_encrypt(self, flags: LegacyFlags) -> Result<Invocation, UsageError> {
        self.encrypt(EncryptFlags {
            words: flags.words,
            output: flags.output,
            types: flags.types,
            sealing: flags.sealing,
            common: flags.common,
        })
    }

    pub(super) fn legacy_decrypt(self, flags: LegacyFlags) -> Result<Invocation, UsageError> {
        let has_several_operations = flags.operation.encrypt;
        let mut invocation = self.decrypt(DecryptFlags {
            words: flags.words,
            open: flags.open,
            output: flags.output,
            types: flags.types,
            services: flags.sealing.services,
            aws: flags.sealing.aws,
            common: flags.common,
        })?;
        if let Invocation::Decrypt(options) = &mut invocation {
            options.common.has_several_operations = has_several_operations;
        }
        Ok(invocation)
    }

    /// Splits the words into the file and the rest.
    fn common(&self, flags: CommonFlags, words: Vec<OsString>) -> (CommonOptions, Option<PathBuf>) {
        let mut words = words.into_iter();
        let file = words.next().map(PathBuf::from);
        let options = CommonOptions {
            program: self.program,
            config: self.variables.path(flags.config, "SOPS_CONFIG"),
            verbose: flags.verbose,
            is_legacy: self.is_legacy,
            has_several_operations: false,
            extra_words: words.collect(),
            unused_flags: self.unused_flags.clone(),
        };
        (options, file)
    }

    fn keys(
        &self,
        flags: KeyFlags,
        other: OtherKeyFlags,
        aws: AwsFlags,
    ) -> Result<KeyOptions, UsageError> {
        let variables = &self.variables;
        Ok(KeyOptions {
            age: variables.text(flags.age, "SOPS_AGE_RECIPIENTS")?,
            pgp: variables.text(other.pgp, "SOPS_PGP_FP")?,
            kms: variables.text(other.kms, "SOPS_KMS_ARN")?,
            gcp_kms: variables.text(other.gcp_kms, "SOPS_GCP_KMS_IDS")?,
            hckms: variables.text(other.hckms, "SOPS_HUAWEICLOUD_KMS_IDS")?,
            azure_kv: variables.text(other.azure_kv, "SOPS_AZURE_KEYVAULT_URLS")?,
            hc_vault_transit: variables.text(other.hc_vault_transit, "SOPS_VAULT_URIS")?,
            encryption_context: given(other.encryption_context),
            aws_profile: given(aws.aws_profile),
        })
    }

    fn key_services(&self, flags: KeyServiceFlags) -> Result<KeyServiceOptions, UsageError> {
        let is_local_enabled = match flags.enable_local_keyservice {
            Some(is_on) => is_on,
            None => self.variables.boolean("SOPS_ENABLE_LOCAL_KEYSERVICE")?.unwrap_or(true),
        };
        let addresses = if flags.keyservice.is_empty() {
            self.variables.list("SOPS_KEYSERVICE")?
        } else {
            flags.keyservice
        };
        Ok(KeyServiceOptions { is_local_enabled, addresses })
    }
}

/// The variables that stand in for flags; one that is set but empty counts as not set.
pub(super) struct Variables<'a>(pub(super) Environment<'a>);

impl Variables<'_> {
    /// Reads a variable that stands for a switch.
    pub(super) fn boolean(&self, variable: &'static str) -> Result<Option<bool>, UsageError> {
        let Some(value) = self.text(None, variable)? else { return Ok(None) };
        match boolean(&value) {
            Some(is_on) => Ok(Some(is_on)),
            None => Err(UsageError::BadBooleanVariable { variable, value }),
        }
    }

    fn text(
        &self,
        flag: Option<String>,
        variable: &'static str,
    ) -> Result<Option<String>, UsageError> {
        if flag.is_some() {
            return Ok(given(flag));
        }
        let Some(value) = (self.0)(variable) else { return Ok(None) };
        let value = value.into_string().map_err(|_| UsageError::VariableNotUnicode { variable })?;
        Ok(given(Some(value)))
    }

    fn path(&self, flag: Option<PathBuf>, variable: &str) -> Option<PathBuf> {
        let path = flag.or_else(|| (self.0)(variable).map(PathBuf::from));
        path.filter(|path| !path.as_os_str().is_empty())
    }

    fn list(&self, variable: &'static str) -> Result<Vec<String>, UsageError> {
        let text = self.text(None, variable)?.unwrap_or_default();
        let items = text.split(',').map(str::trim).filter(|item| !item.is_empty());
        Ok(items.map(str::to_owned).collect())
    }
}

fn output(flags: OutputFlags) -> Result<OutputOptions, UsageError> {
    let OutputFlags { in_place, output, indent } = flags;
    let output = output.filter(|path| !path.as_os_str().is_empty());
    let indent = indent
        .map(|text| {
            integer(&text).ok_or(UsageError::BadInteger {
                flag: "indent",
                expected: "an integer",
                value: text,
            })
        })
        .transpose()?;
    Ok(OutputOptions { in_place, output, indent })
}

fn types(flags: TypeFlags) -> TypeOptions {
    TypeOptions {
        input_type: given(flags.input_type),
        output_type: given(flags.output_type),
        filename_override: flags.filename_override.filter(|path| !path.as_os_str().is_empty()),
    }
}

fn selectors(flags: SelectorFlags) -> SelectorOptions {
    SelectorOptions {
        unencrypted_suffix: given(flags.unencrypted_suffix),
        encrypted_suffix: given(flags.encrypted_suffix),
        unencrypted_regex: given(flags.unencrypted_regex),
        encrypted_regex: given(flags.encrypted_regex),
        unencrypted_comment_regex: given(flags.unencrypted_comment_regex),
        encrypted_comment_regex: given(flags.encrypted_comment_regex),
    }
}

/// Reads a threshold; 0 leaves it to the creation rule.
fn threshold(text: Option<&str>) -> Result<Option<u64>, UsageError> {
    let Some(text) = text else { return Ok(None) };
    match integer(text).map(u64::try_from) {
        Some(Ok(number)) => Ok((number > 0).then_some(number)),
        _ => Err(UsageError::BadInteger {
            flag: "shamir-secret-sharing-threshold",
            expected: "a number of key groups",
            value: text.to_owned(),
        }),
    }
}

fn given(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

/// Splits lists of names.
fn names(lists: &[String]) -> Vec<String> {
    let names = lists.iter().flat_map(|list| list.split(',')).map(str::trim);
    names.filter(|name| !name.is_empty()).map(str::to_owned).collect()
}

/// Reads an integer literal: decimal, `0x`, `0b`, `0o` or a leading zero for octal.
fn integer(text: &str) -> Option<i64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits),
        None => ("", text.strip_prefix('+').unwrap_or(text)),
    };
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, &digits[2..]),
        [b'0', b'b' | b'B', ..] => (2, &digits[2..]),
        [b'0', b'o' | b'O', ..] => (8, &digits[2..]),
        [b'0', _, ..] => (8, &digits[1..]),
        _ => (10, digits),
    };
    if digits.starts_with(['+', '-']) {
        return None;
    }
    i64::from_str_radix(&format!("{sign}{digits}"), radix).ok()
}

#[cfg(test)]
mod tests {
    use super::integer;

    #[test]
    fn integer_reads_literals_of_every_base() {
        let cases = [
            ("2", Some(2)),
            ("-1", Some(-1)),
            ("+7", Some(7)),
            ("0", Some(0)),
            ("0x10", Some(16)),
            ("-0X1f", Some(-31)),
            ("0o17", Some(15)),
            ("017", Some(15)),
            ("0b101", Some(5)),
            ("08", None),
            ("--1", None),
            ("0x-1", None),
            ("0x", None),
            ("", None),
            ("two", None),
            ("9223372036854775808", None),
            ("-9223372036854775808", Some(i64::MIN)),
        ];
        for (text, expected) in cases {
            assert_eq!(integer(text), expected, "{text:?}");
        }
    }
}
