use std::fmt;
#[cfg(feature = "age")]
use std::path::Path;

#[cfg(feature = "age")]
use super::Error;
use crate::io::environment::Environment;
use crate::keys::KeyRing;

/// What opens files: secret keys that were given, and those that the environment leads to.
///
/// What the environment leads to is found when it is first needed and kept as long as this value,
/// which threads may share.
pub struct Identities {
    key_ring: KeyRing<'static>,
}

impl Identities {
    /// Looks for identities where the command does, when they are first needed: in the variables
    /// that SOPS knows (`SOPS_AGE_KEY`, `SOPS_AGE_SSH_PRIVATE_KEY_FILE` and those like them), which
    /// may name a file or a command to run, in the user's configuration folder and in `~/.ssh`. For
    /// OpenPGP keys it runs `gpg`, or the program that `SOPS_GPG_EXEC` names, which may ask for a
    /// passphrase, and looks for exported keys (`LEAFSEAL_PGP_KEY_FILE`, `LEAFSEAL_PGP_KEY`).
    /// For keys of Azure it finds credentials as the SDKs of Azure do, and asks the vault.
    ///
    /// This is the only part of the library that looks at the environment to decrypt. Commands share
    /// the standard error of this process. Nobody is asked for a passphrase by leafseal itself:
    /// identities of age that need one are used if gpg-agent knows it, and plugins that ask are told
    /// that nobody answers.
    #[must_use]
    pub fn from_environment() -> Self {
        Self { key_ring: KeyRing::new(Environment::of_process()) }
    }

    /// Takes the age identities of a text in the form of an identity file: `AGE-SECRET-KEY-1…` or
    /// `AGE-PLUGIN-…`, lines of comments after `#`. Looks nowhere else.
    ///
    /// # Errors
    /// The text has no identity that can be used.
    #[cfg(feature = "age")]
    pub fn from_age(text: &str) -> Result<Self, Error> {
        let mut identities = Self { key_ring: KeyRing::empty() };
        identities.add_age(text)?;
        Ok(identities)
    }

    /// Takes the age identities of a file. Looks nowhere else.
    ///
    /// # Errors
    /// The file cannot be read, or has no identity that can be used.
    #[cfg(feature = "age")]
    pub fn from_age_file(path: impl AsRef<Path>) -> Result<Self, Error> {
        let mut identities = Self { key_ring: KeyRing::empty() };
        identities.key_ring.age().add_file(path.as_ref()).map_err(Error::Identities)?;
        Ok(identities)
    }

    /// Adds the age identities of a text, to be tried before what the environment leads to.
    ///
    /// # Errors
    /// The text has no identity that can be used.
    #[cfg(feature = "age")]
    pub fn add_age(&mut self, text: &str) -> Result<(), Error> {
        self.key_ring.age().add(text).map_err(Error::Identities)
    }

    pub(super) fn key_ring(&self) -> &KeyRing<'static> {
        &self.key_ring
    }
}

/// Shows nothing of the identities.
impl fmt::Debug for Identities {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Identities").finish_non_exhaustive()
    }
}
