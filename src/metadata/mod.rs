//! The metadata block of an encrypted file: master keys, selection, MAC.
//!
//! Owns the meaning of the block's fields and their form as plain data; how a format writes that
//! data is the format's business.

mod edited;
mod flat;
mod selector;
mod wire;

pub use edited::ignored_fields;
pub use flat::{flatten, unflatten};
pub use selector::{DEFAULT_UNENCRYPTED_SUFFIX, Selector, SelectorKind};
pub use wire::MetadataError;

use crate::tree::{Timestamp, Tree};

/// The version that is written into new files: the release whose format they have.
pub const FORMAT_VERSION: &str = "3.13.2";

/// The content of a metadata block (`spec/format.md` §4).
#[derive(Clone, Debug, PartialEq)]
pub struct Metadata {
    /// The groups of master keys; one group unless Shamir's scheme splits the data key.
    pub key_groups: Vec<KeyGroup>,
    /// How many groups must give their share; 0 when the file does not say.
    pub shamir_threshold: u32,
    /// When the values were last written; authenticated with the MAC.
    pub last_modified: Timestamp,
    /// The encrypted MAC, in its envelope; empty when the file has none.
    pub mac: String,
    /// The encrypted layout record of leafseal (`docs/format.md`), in its envelope.
    pub layout: Option<String>,
    /// Which values are encrypted.
    pub selector: Selector,
    /// Whether the MAC covers encrypted values only.
    pub mac_only_encrypted: bool,
    /// Version of the program that wrote the file.
    pub version: String,
}

impl Metadata {
    /// Iterates over the master keys of all groups.
    pub fn master_keys(&self) -> impl Iterator<Item = &WrappedKey> {
        self.key_groups.iter().flat_map(|group| &group.keys)
    }
}

/// A list of master keys, each of which wraps the same data key or share.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct KeyGroup {
    /// The wrapped keys.
    pub keys: Vec<WrappedKey>,
}

/// The type of a master key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum KeyType {
    /// AWS KMS.
    Kms,
    /// GCP KMS.
    GcpKms,
    /// Huawei Cloud KMS.
    Hckms,
    /// Azure Key Vault.
    AzureKeyVault,
    /// `HashiCorp` Vault's transit engine.
    HcVault,
    /// OpenPGP.
    Pgp,
    /// age.
    Age,
}

impl KeyType {
    /// All types, in the order in which a loaded group has them.
    pub const ALL: [Self; 7] = [
        Self::Kms,
        Self::GcpKms,
        Self::Hckms,
        Self::AzureKeyVault,
        Self::HcVault,
        Self::Pgp,
        Self::Age,
    ];

    /// Returns the name of the type's list in the metadata, which is also its name in
    /// `--decryption-order`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Kms => "kms",
            Self::GcpKms => "gcp_kms",
            Self::Hckms => "hckms",
            Self::AzureKeyVault => "azure_kv",
            Self::HcVault => "hc_vault",
            Self::Pgp => "pgp",
            Self::Age => "age",
        }
    }
}

/// One data key, or one share of it, wrapped for one master key.
#[derive(Clone, Debug, PartialEq)]
pub struct WrappedKey {
    /// The type of the master key.
    pub key_type: KeyType,
    /// The fields that name the master key, all but `created_at` and `enc`.
    pub fields: Vec<(String, Tree)>,
    /// When the entry was made; age entries have none.
    pub created_at: Option<Timestamp>,
    /// The wrapped key.
    pub enc: String,
}

impl WrappedKey {
    /// Makes an entry for an age recipient.
    #[must_use]
    pub fn age(recipient: &str, enc: String) -> Self {
        let fields = vec![("recipient".to_owned(), Tree::str(recipient))];
        Self { key_type: KeyType::Age, fields, created_at: None, enc }
    }

    /// Makes an entry for an OpenPGP key.
    #[must_use]
    pub fn pgp(fingerprint: &str, created_at: Timestamp, enc: String) -> Self {
        let fields = vec![("fp".to_owned(), Tree::str(fingerprint))];
        Self { key_type: KeyType::Pgp, fields, created_at: Some(created_at), enc }
    }

    /// Makes an entry for a key of Azure Key Vault.
    #[must_use]
    pub fn azure_key_vault(
        (vault_url, name, version): (&str, &str, &str),
        created_at: Timestamp,
        enc: String,
    ) -> Self {
        let fields = [("name", name), ("vault_url", vault_url), ("version", version)];
        let fields = fields.map(|(field, text)| (field.to_owned(), Tree::str(text))).into();
        Self { key_type: KeyType::AzureKeyVault, fields, created_at: Some(created_at), enc }
    }

    /// Returns a naming field as text; empty when it is missing.
    #[must_use]
    pub fn field(&self, name: &str) -> &str {
        match self.fields.iter().find(|(field, _)| field == name) {
            Some((_, Tree::Str(text))) => text,
            _ => "",
        }
    }

    /// Returns the name under which messages and diffs show the master key
    /// (`spec/cli.md` §7.2).
    #[must_use]
    pub fn name(&self) -> String {
        let field = |name| self.field(name);
        match self.key_type {
            KeyType::Kms => self.kms_name(),
            KeyType::GcpKms => field("resource_id").to_owned(),
            KeyType::Hckms => field("key_id").to_owned(),
            KeyType::AzureKeyVault => {
                format!("{}/keys/{}/{}", field("vault_url"), field("name"), field("version"))
            }
            KeyType::HcVault => format!(
                "{}/v1/{}/keys/{}",
                field("vault_address"),
                field("engine_path"),
                field("key_name")
            ),
            KeyType::Pgp => field("fp").to_owned(),
            KeyType::Age => field("recipient").to_owned(),
        }
    }

    fn kms_name(&self) -> String {
        let mut name = self.field("arn").to_owned();
        let (role, profile) = (self.field("role"), self.field("aws_profile"));
        if !role.is_empty() {
            name = format!("{name}+{role}");
        }
        let context = match self.fields.iter().find(|(field, _)| field == "context") {
            Some((_, Tree::Mapping(items))) => context_text(items),
            _ => String::new(),
        };
        if !context.is_empty() || !profile.is_empty() {
            name = format!("{name}|{context}");
        }
        if !profile.is_empty() {
            name = format!("{name}|{profile}");
        }
        name
    }
}

fn context_text(items: &[(String, Tree)]) -> String {
    let pair = |(key, value): &(String, Tree)| match value {
        Tree::Str(value) => Some(format!("{key}:{value}")),
        _ => None,
    };
    let mut pairs: Vec<String> = items.iter().filter_map(pair).collect();
    pairs.sort();
    pairs.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(key_type: KeyType, fields: &[(&str, &str)]) -> WrappedKey {
        let fields = fields.iter().map(|(name, text)| ((*name).to_owned(), Tree::str(*text)));
        WrappedKey { key_type, fields: fields.collect(), created_at: None, enc: String::new() }
    }

    #[test]
    fn master_keys_are_named_as_the_reference_names_them() {
        let rows = [
            (key(KeyType::Age, &[("recipient", "age1x")]), "age1x"),
            (key(KeyType::Kms, &[("arn", "A")]), "A"),
            (key(KeyType::Kms, &[("arn", "A"), ("role", "R"), ("aws_profile", "P")]), "A+R||P"),
            (
                key(KeyType::AzureKeyVault, &[("vault_url", "U"), ("name", "N"), ("version", "V")]),
                "U/keys/N/V",
            ),
        ];
        for (key, name) in rows {
            assert_eq!(key.name(), name);
        }
    }
}
