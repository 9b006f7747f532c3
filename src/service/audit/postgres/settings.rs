use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode};

use super::PostgresError;
use super::tls::Verification;
use crate::io::user;

/// How a server is reached.
pub(super) struct Settings {
    pub(super) config: Config,
    pub(super) security: Security,
}

/// Whether the connection goes through TLS.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Security {
    Off,
    On(Verification),
}

/// The options that the client for Go knows and the one for Rust does not, or means otherwise.
const OWN_OPTIONS: [&str; 2] = ["sslmode", "sslrootcert"];

impl Settings {
    /// Reads a connection string, a URL or `key=value` words, as the client of the reference does:
    /// TLS is required unless `sslmode` or a socket of this machine says otherwise.
    pub(super) fn parse(text: &str) -> Result<Self, PostgresError> {
        let (rest, options) = take_options(text.trim());
        let mut config: Config = rest.parse().map_err(|_| PostgresError::Unreadable)?;
        if config.get_user().is_none() {
            config.user(user::current());
        }
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            config.host("localhost");
        }
        let find = |name| options.iter().rev().find(|(key, _)| key == name);
        let roots = find("sslrootcert").map(|(_, path)| path.clone());
        let mode = find("sslmode").map_or("require", |(_, mode)| mode.as_str());
        let security = if is_local(&config) { Security::Off } else { security(mode, roots)? };
        config.ssl_mode(if security == Security::Off {
            SslMode::Disable
        } else {
            SslMode::Require
        });
        Ok(Self { config, security })
    }
}

fn security(mode: &str, roots: Option<String>) -> Result<Security, PostgresError> {
    let verification = match (mode, roots) {
        ("disable", _) => return Ok(Security::Off),
        ("require", None) => Verification::None,
        // as in libpq: who names roots wants them checked
        ("require" | "verify-ca", Some(roots)) => Verification::Issuer(roots),
        ("verify-full", Some(roots)) => Verification::Full(roots),
        ("verify-ca" | "verify-full", None) => return Err(PostgresError::NoRoots),
        _ => return Err(PostgresError::UnknownSecurity),
    };
    Ok(Security::On(verification))
}

/// Tells whether the server is reached through sockets of this machine alone.
fn is_local(config: &Config) -> bool {
    #[cfg(unix)]
    let is_socket = |host: &Host| matches!(host, Host::Unix(_));
    #[cfg(not(unix))]
    let is_socket = |_: &Host| false;
    !config.get_hosts().is_empty() && config.get_hosts().iter().all(is_socket)
}

/// Takes [`OWN_OPTIONS`] out of a connection string.
fn take_options(text: &str) -> (String, Vec<(String, String)>) {
    let mut taken = Vec::new();
    let mut is_kept = |word: &str| {
        let Some((key, value)) = word.split_once('=') else { return true };
        let is_own = OWN_OPTIONS.contains(&key.trim());
        if is_own {
            let value = value.trim().trim_matches('\'');
            taken.push((key.trim().to_owned(), decoded(value)));
        }
        !is_own
    };
    let is_url = text.starts_with("postgres://") || text.starts_with("postgresql://");
    let rest = if let Some((address, query)) = text.split_once('?').filter(|_| is_url) {
        let kept: Vec<&str> = query.split('&').filter(|word| is_kept(word)).collect();
        if kept.is_empty() { address.to_owned() } else { format!("{address}?{}", kept.join("&")) }
    } else if is_url {
        text.to_owned()
    } else {
        let words = text.split_inclusive(char::is_whitespace);
        words.filter(|word| is_kept(word)).collect()
    };
    (rest, taken)
}

/// Replaces `%2F` and the like.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let digits = tail.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connection_strings_of_both_forms_are_read() {
        use Verification::{Full, Issuer};
        let on = |verification| Security::On(verification);
        let rows = [
            ("postgres://u:p@h/d?sslmode=disable", Security::Off),
            ("postgres://u:p@h/d", on(Verification::None)),
            (
                "postgres://u@h/d?connect_timeout=3&sslmode=verify-full&sslrootcert=%2Fa",
                on(Full("/a".into())),
            ),
            ("host=h user=u sslmode=verify-ca sslrootcert='/a'", on(Issuer("/a".into()))),
            ("host=/run/postgresql user=u", Security::Off),
            ("host=h user=u password='a sslmode b'", on(Verification::None)),
        ];
        for (text, expected) in rows {
            let settings = Settings::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(settings.security, expected, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_not_shown() {
        let rows = [
            ("postgres://u:s3cret@h:port/d", "the connection_string cannot be read"),
            ("s3cret", "the connection_string cannot be read"),
            ("host=h s3cret=1", "the connection_string cannot be read"),
            (
                "host=h sslmode=s3cret",
                "sslmode has to be disable, require, verify-ca or verify-full",
            ),
            ("host=h sslmode=verify-full", "sslmode verify-ca and verify-full need sslrootcert"),
        ];
        for (text, expected) in rows {
            let error = Settings::parse(text).err().expect(text);
            assert_eq!(error.to_string(), expected, "{text}");
        }
    }
}
