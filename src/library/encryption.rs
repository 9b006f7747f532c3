use std::path::Path;
use std::sync::Arc;

use super::Error;
use crate::config::{self, CreationRule, Stores};
use crate::format::{Format, Indent};
use crate::io::environment::Environment;
use crate::keys::{MasterKey, NoInteraction};
#[cfg(any(feature = "age", feature = "azure", feature = "pgp"))]
use crate::metadata::KeyType;
use crate::metadata::Selector;
use crate::operations::{self, ClearSource, EncryptRequest};

/// For whom files are encrypted, and how.
///
/// It begins with recipients, or with the creation rule for a file ([`super::Rules::for_file`]);
/// the other methods change single settings.
#[derive(Clone, Debug)]
pub struct Encryption {
    key_groups: Vec<Vec<MasterKey>>,
    shamir_threshold: u32,
    selector: Selector,
    mac_only_encrypted: bool,
    keeps_layout: bool,
    stores: Stores,
    indent: Option<usize>,
}

impl Encryption {
    /// Encrypts to age recipients.
    ///
    /// # Errors
    /// One of them is no age recipient, or one of a type that is not built in.
    #[cfg(feature = "age")]
    pub fn to_age(recipients: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self, Error> {
        let parse = |name: &str| MasterKey::parse(KeyType::Age, name).map_err(Error::MasterKey);
        let keys = recipients.into_iter().map(|recipient| parse(recipient.as_ref()));
        Ok(Self::to(vec![keys.collect::<Result<_, _>>()?]))
    }

    /// Encrypts to OpenPGP keys, which the `gpg` program, or the one that the variable
    /// `SOPS_GPG_EXEC` names, must have. It is run, as a child of this process and with its
    /// environment, when something is encrypted.
    ///
    /// # Errors
    /// One of the texts is no fingerprint.
    #[cfg(feature = "pgp")]
    pub fn to_pgp(fingerprints: impl IntoIterator<Item = impl AsRef<str>>) -> Result<Self, Error> {
        let parse = |name: &str| MasterKey::parse(KeyType::Pgp, name).map_err(Error::MasterKey);
        let keys = fingerprints.into_iter().map(|fingerprint| parse(fingerprint.as_ref()));
        Ok(Self::to(vec![keys.collect::<Result<_, _>>()?]))
    }

    /// Encrypts to keys of Azure Key Vault, by their addresses. When something is encrypted, the
    /// vault is asked, with credentials that the environment of this process leads to; the call
    /// waits for it, 30 seconds at most.
    ///
    /// # Errors
    /// One of the texts is no address of a key.
    #[cfg(feature = "azure")]
    pub fn to_azure_key_vault(
        addresses: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Result<Self, Error> {
        let key_type = KeyType::AzureKeyVault;
        let parse = |name: &str| MasterKey::parse(key_type, name).map_err(Error::MasterKey);
        let keys = addresses.into_iter().map(|address| parse(address.as_ref()));
        Ok(Self::to(vec![keys.collect::<Result<_, _>>()?]))
    }

    #[cfg(any(feature = "age", feature = "azure", feature = "pgp"))]
    fn to(key_groups: Vec<Vec<MasterKey>>) -> Self {
        Self {
            key_groups,
            shamir_threshold: 0,
            selector: Selector::default(),
            mac_only_encrypted: false,
            keeps_layout: true,
            stores: Stores::default(),
            indent: None,
        }
    }

    /// Takes what a creation rule says.
    pub(super) fn of_rule(path: &Path, rule: CreationRule, stores: Stores) -> Result<Self, Error> {
        let key_groups = operations::master_keys(&rule)
            .map_err(|source| Error::Rule { path: path.to_owned(), source })?;
        Ok(Self {
            key_groups,
            shamir_threshold: rule.shamir_threshold,
            selector: rule.selector.unwrap_or_default(),
            mac_only_encrypted: rule.mac_only_encrypted,
            keeps_layout: rule.is_layout_kept,
            stores,
            indent: None,
        })
    }

    /// Chooses which values are encrypted; without this all but those whose key ends with
    /// `_unencrypted`.
    #[must_use]
    pub fn selector(self, selector: Selector) -> Self {
        Self { selector, ..self }
    }

    /// Chooses whether the MAC covers encrypted values only, so that clear ones may be changed
    /// without a key. Without this it covers all.
    #[must_use]
    pub fn mac_only_encrypted(self, mac_only_encrypted: bool) -> Self {
        Self { mac_only_encrypted, ..self }
    }

    /// Chooses whether spelling that would not come back is recorded in the metadata, encrypted.
    /// Without this it is.
    #[must_use]
    pub fn layout(self, keeps_layout: bool) -> Self {
        Self { keeps_layout, ..self }
    }

    /// Chooses by how many blanks new lines are indented; 0 is the format's default.
    #[must_use]
    pub fn indent(self, indent: usize) -> Self {
        Self { indent: Some(indent), ..self }
    }

    /// Makes the request to encrypt a file now.
    pub(super) fn request<'r>(
        &'r self,
        source: &'r [u8],
        format: Format,
        indent: Indent,
    ) -> EncryptRequest<'r> {
        EncryptRequest {
            source: ClearSource::Bytes(source),
            format,
            key_groups: &self.key_groups,
            shamir_threshold: self.shamir_threshold,
            selector: self.selector.clone(),
            mac_only_encrypted: self.mac_only_encrypted,
            indent,
            keeps_layout: self.keeps_layout,
            now: operations::now(),
            interaction: Arc::new(NoInteraction),
            environment: Environment::of_process(),
        }
    }

    /// Returns the indent for new lines of a format.
    pub(super) fn indent_of(&self, format: Format) -> Result<Indent, Error> {
        let chosen = self.indent.filter(|blanks| *blanks > 0);
        let indent = match (self.indent, chosen) {
            (_, Some(blanks)) => i64::try_from(blanks).unwrap_or(i64::MAX),
            (Some(_), None) => return Ok(Indent::Default),
            (None, None) => self.stores.indent(format),
        };
        config::indent(format, indent).ok_or(Error::Indent { format, indent })
    }
}
