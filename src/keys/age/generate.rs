use std::ffi::OsString;
use std::path::PathBuf;

use ::age::secrecy::ExposeSecret as _;
use ::age::x25519;
use zeroize::Zeroizing;

use crate::io::environment::Environment;
use crate::keys::holds_identity;
use crate::tree::Timestamp;

/// A new identity with its recipient.
pub struct NewIdentity {
    /// `AGE-SECRET-KEY-1…`
    pub identity: Zeroizing<String>,
    /// `age1…`
    pub recipient: String,
}

/// Makes a new identity from the system's secure random source.
#[must_use]
pub fn generate() -> NewIdentity {
    let key = x25519::Identity::generate();
    NewIdentity {
        identity: Zeroizing::new(key.to_string().expose_secret().to_owned()),
        recipient: key.to_public().to_string(),
    }
}

impl NewIdentity {
    /// Returns the content of an identity file, in the form that `age-keygen` writes.
    #[must_use]
    pub fn file_content(&self, created: Timestamp) -> Zeroizing<String> {
        let Self { identity, recipient } = self;
        let identity = identity.as_str();
        Zeroizing::new(format!("# created: {created}\n# public key: {recipient}\n{identity}\n"))
    }
}

/// Returns the file of identities in the user's configuration, if the environment says where
/// that is.
#[must_use]
pub fn default_identity_file(environment: Environment<'_>) -> Option<PathBuf> {
    environment.configuration_folder().map(|folder| folder.join("sops/age/keys.txt"))
}

/// Returns the file that the user's identity is kept in: the one that `SOPS_AGE_KEY_FILE` names,
/// else the default one.
#[must_use]
pub fn identity_file(environment: Environment<'_>) -> Option<PathBuf> {
    let named = environment.variable("SOPS_AGE_KEY_FILE");
    // an identity in place of a path must not become the name of a file
    let is_path = |value: &OsString| !value.is_empty() && !holds_identity(&value.to_string_lossy());
    named.filter(is_path).map(PathBuf::from).or_else(|| default_identity_file(environment))
}
