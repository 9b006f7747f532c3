use super::AzureError;
use super::address::split_origin;

/// The variable of hosts that a token may be sent to beside those of the known clouds.
pub(super) const ALLOWLIST: &str = "SOPS_AZURE_KEYVAULT_ALLOWLIST";

/// The domains of Key Vault and Managed HSM, each with the login host of its cloud
/// (`spec/azure.md` §2).
const CLOUDS: [(&str, &str); 7] = [
    ("vault.azure.net", "https://login.microsoftonline.com"),
    ("managedhsm.azure.net", "https://login.microsoftonline.com"),
    ("vault.azure.cn", "https://login.chinacloudapi.cn"),
    ("managedhsm.azure.cn", "https://login.chinacloudapi.cn"),
    ("vault.usgovcloudapi.net", "https://login.microsoftonline.us"),
    ("managedhsm.usgovcloudapi.net", "https://login.microsoftonline.us"),
    ("vault.microsoftazure.de", "https://login.microsoftonline.de"),
];

/// A vault that may be talked to, and what tokens for it must be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Vault {
    /// Its origin.
    pub(super) origin: String,
    /// The resource that tokens are for; what the vault asks for must be that.
    pub(super) resource: String,
    /// Where tokens come from.
    pub(super) login: String,
}

impl Vault {
    /// Finds out whether an origin is that of a vault. A file cannot choose where a token goes:
    /// other hosts must be named by the user's environment (`design.md` §4.2).
    ///
    /// # Errors
    /// The host is none, or the list of further ones cannot be read.
    pub(super) fn find(origin: &str, allowlist: Option<&str>) -> Result<Self, AzureError> {
        let host = origin.strip_prefix("https://").unwrap_or(origin);
        for (domain, login) in CLOUDS {
            if host.strip_suffix(domain).and_then(|it| it.strip_suffix('.')).is_some_and(is_vault) {
                return Ok(Self::new(origin, domain, login));
            }
        }
        if is_allowed(origin, allowlist.unwrap_or_default())? {
            let name = host.split(':').next().unwrap_or(host);
            let parent = name.split_once('.').map_or("", |(_, parent)| parent);
            return Ok(Self::new(origin, parent, CLOUDS[0].1));
        }
        Err(AzureError::Host { host: host.to_owned(), origin: origin.to_owned() })
    }

    /// Returns its host, with the port if that is another than 443.
    pub(super) fn host(&self) -> &str {
        self.origin.trim_start_matches("https://")
    }

    fn new(origin: &str, domain: &str, login: &str) -> Self {
        let resource = format!("https://{domain}");
        Self { origin: origin.to_owned(), resource, login: login.to_owned() }
    }
}

/// Tells whether a label is the name of a vault.
fn is_vault(name: &str) -> bool {
    (3..=24).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// Looks an origin up in a list of origins and of `.domain` for the hosts below one.
fn is_allowed(origin: &str, list: &str) -> Result<bool, AzureError> {
    let mut is_found = false;
    for entry in list.split(',').map(str::trim).filter(|entry| !entry.is_empty()) {
        let bad = || AzureError::Allowlist(entry.to_owned());
        if entry.strip_prefix('.').is_some_and(is_domain) {
            let host = origin.strip_prefix("https://").unwrap_or(origin);
            is_found |= host.ends_with(&entry.to_ascii_lowercase());
        } else {
            let url = format!("{}/", entry.trim_end_matches('/'));
            let (known, rest) = split_origin(&url).ok_or_else(bad)?;
            if !rest.is_empty() {
                return Err(bad());
            }
            is_found |= known == origin;
        }
    }
    Ok(is_found)
}

fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
    };
    text.contains('.') && text.split('.').all(is_label)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(host: &str, allowlist: &str) -> Result<(String, String), AzureError> {
        let vault = Vault::find(&format!("https://{host}"), Some(allowlist))?;
        Ok((vault.resource, vault.login))
    }

    #[test]
    fn each_cloud_has_its_resource_and_login_host() {
        for (domain, login) in CLOUDS {
            let found = find(&format!("some-vault.{domain}"), "").expect(domain);
            assert_eq!(found, (format!("https://{domain}"), login.to_owned()));
        }
    }

    #[test]
    fn other_hosts_are_refused() {
        let hosts = [
            "vault.azure.net",
            ".vault.azure.net",
            "ab.vault.azure.net",
            "a.b.vault.azure.net",
            "evil-vault.azure.net",
            "evilvault.azure.net",
            "name.vault.azure.net.evil.example",
            "name.vault.azure.net:8443",
            "a-name-of-25-letters-is-too.vault.azure.net",
            "127.0.0.1",
            "[::1]",
            "localhost",
        ];
        for host in hosts {
            assert!(matches!(find(host, ""), Err(AzureError::Host { .. })), "{host}");
        }
    }

    #[test]
    fn more_hosts_are_named_by_origin_or_domain() {
        let list = "https://KV.vault.example.net:443/, .vaults.example.org,https://x.y.z:8443";
        let rows = [
            ("kv.vault.example.net", Some("https://vault.example.net")),
            ("b.vaults.example.org", Some("https://vaults.example.org")),
            ("x.y.z:8443", Some("https://y.z")),
            ("x.y.z", None),
            ("kv.vault.example.net:8443", None),
            ("evilvaults.example.org", None),
            ("vaults.example.org", None),
        ];
        for (host, resource) in rows {
            assert_eq!(find(host, list).ok().map(|found| found.0).as_deref(), resource, "{host}");
        }
        for entry in ["vault.example.net", "http://v.example.net", "https://v/x", ".net", "all"] {
            assert!(matches!(find("kv.a.b", entry), Err(AzureError::Allowlist(_))), "{entry}");
        }
    }
}
