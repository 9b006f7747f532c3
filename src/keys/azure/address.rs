use super::AzureError;
use crate::keys::holds_identity;

/// The address of a key in a vault: `https://HOST/keys/NAME/VERSION`, or with nothing behind the
/// last slash for the version that is current.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyAddress {
    text: String,
    /// Where the parts end in the text: vault, and name.
    ends: (usize, usize),
}

impl KeyAddress {
    /// Reads an address; the version, or the slash before it too, may be missing
    /// (`spec/format.md` §7.5). Capitals of the host and `:443`, which the reference cannot use,
    /// are normalized away.
    ///
    /// The service's own patterns hold for name and version, since both become part of a URL: a
    /// name of 1 to 127 letters, digits and dashes, a version of 32 hexadecimal digits.
    ///
    /// # Errors
    /// The text is no such address.
    pub fn parse(text: &str) -> Result<Self, AzureError> {
        let text = text.trim();
        let (origin, rest) = split_origin(text).ok_or_else(|| not_address(text))?;
        let key = rest.strip_prefix("keys/").ok_or_else(|| not_address(text))?;
        let (name, version) = key.split_once('/').unwrap_or((key, ""));
        Self::new(&origin, name, version)
    }

    /// Puts an address together from the fields of an entry.
    ///
    /// # Errors
    /// They make up no address.
    pub fn of_fields(vault_url: &str, name: &str, version: &str) -> Result<Self, AzureError> {
        let vault = format!("{}/", vault_url.trim().trim_end_matches('/'));
        let (origin, rest) = split_origin(&vault).ok_or_else(|| not_address(vault_url))?;
        if rest.is_empty() {
            Self::new(&origin, name, version)
        } else {
            Err(not_address(vault_url))
        }
    }

    fn new(origin: &str, name: &str, version: &str) -> Result<Self, AzureError> {
        let is_word = |text: &str| text.bytes().all(|it| it.is_ascii_alphanumeric() || it == b'-');
        if !(1..=127).contains(&name.len()) || !is_word(name) {
            return Err(AzureError::KeyName(name.to_owned()));
        }
        let is_version = version.len() == 32 && version.bytes().all(|it| it.is_ascii_hexdigit());
        if !version.is_empty() && !is_version {
            return Err(AzureError::Version(version.to_owned()));
        }
        let vault_end = origin.len();
        let name_end = vault_end + "/keys/".len() + name.len();
        Ok(Self { text: format!("{origin}/keys/{name}/{version}"), ends: (vault_end, name_end) })
    }

    /// Returns the same key in a certain version, which must be one.
    pub(super) fn in_version(&self, version: &str) -> Result<Self, AzureError> {
        Self::new(self.vault_url(), self.name(), version)
    }

    /// Returns the address, with a slash at the end if it has no version.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Returns the origin of the vault.
    #[must_use]
    pub fn vault_url(&self) -> &str {
        &self.text[..self.ends.0]
    }

    /// Returns the name of the key.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.text[self.ends.0 + "/keys/".len()..self.ends.1]
    }

    /// Returns the version; empty for the current one.
    #[must_use]
    pub fn version(&self) -> &str {
        &self.text[self.ends.1 + 1..]
    }
}

/// Splits a URL into its origin, normalized, and what comes behind the slash after it.
pub(super) fn split_origin(text: &str) -> Option<(String, &str)> {
    let (host, rest) = text.strip_prefix("https://")?.split_once('/')?;
    let host = host.to_ascii_lowercase();
    let host = host.strip_suffix(":443").unwrap_or(&host);
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || b"-.:[]".contains(&byte);
    (!host.is_empty() && host.bytes().all(is_part)).then(|| (format!("https://{host}"), rest))
}

fn not_address(text: &str) -> AzureError {
    // a key that was pasted here by mistake is not shown
    let text = if holds_identity(text) { "(an identity, which is not shown)" } else { text };
    AzureError::NotAddress(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    const VERSION: &str = "0123456789abcdef0123456789ABCDEF";

    #[test]
    fn addresses_are_read_with_and_without_a_version() {
        let full = format!("https://v1.vault.azure.net/keys/k-1/{VERSION}");
        let rows = [
            (full.clone(), full.clone()),
            (format!(" https://V1.Vault.azure.net:443/keys/k-1/{VERSION}\n"), full),
            ("https://v/keys/k".to_owned(), "https://v/keys/k/".to_owned()),
            ("https://v:8443/keys/k/".to_owned(), "https://v:8443/keys/k/".to_owned()),
        ];
        for (text, expected) in rows {
            let address = KeyAddress::parse(&text).expect(&text);
            assert_eq!(address.as_str(), expected);
            let again = KeyAddress::of_fields(
                &format!("{}/", address.vault_url()),
                address.name(),
                address.version(),
            );
            assert_eq!(again.expect("the parts of an address"), address);
        }
    }

    #[test]
    fn texts_that_would_become_other_urls_are_refused() {
        let rows = [
            ("", "no address"),
            ("http://v/keys/k", "no address"),
            ("https://v", "no address"),
            ("https://v/secrets/k", "no address"),
            ("https://u:p@v/keys/k", "no address"),
            ("https://v?x=/keys/k", "no address"),
            ("https://v/keys/", "name"),
            ("https://v/keys/..", "name"),
            ("https://v/keys/a%2fb", "name"),
            ("https://v/keys/k/..", "version"),
            ("https://v/keys/k/v/w", "version"),
        ];
        for (text, kind) in rows {
            let found = match KeyAddress::parse(text).expect_err(text) {
                AzureError::NotAddress(_) => "no address",
                AzureError::KeyName(_) => "name",
                AzureError::Version(_) => "version",
                other => panic!("{text}: {other}"),
            };
            assert_eq!(found, kind, "{text}");
        }
        let long = format!("https://v/keys/{}", "a".repeat(128));
        assert!(matches!(KeyAddress::parse(&long), Err(AzureError::KeyName(_))));
        let secret = KeyAddress::parse("AGE-SECRET-KEY-1QQ").expect_err("no address").to_string();
        assert!(!secret.contains("1QQ"));
    }
}
