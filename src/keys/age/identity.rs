use std::sync::Arc;
use std::time::Duration;

use ::age::{DecryptError, x25519};
use age_core::format::{FileKey, Stanza};

use super::agent::Agent;
use super::encrypted::EncryptedFile;
use super::plugin::{DEFAULT_DEADLINE, PluginIdentity};
use super::post_quantum;
use super::source::Problem;
use super::ssh::{LockedKey, PrivateKey};
use crate::io::environment::Environment;
use crate::keys::{Interaction, NoInteraction};

/// What identities need besides themselves.
pub(super) struct Surroundings {
    /// Whom to ask for passphrases.
    pub(super) interaction: Arc<dyn Interaction>,
    /// How long a plugin may give no sign.
    pub(super) deadline: Duration,
    /// Who may know passphrases already.
    pub(super) agent: Option<Agent>,
}

impl Default for Surroundings {
    /// Asks nobody.
    fn default() -> Self {
        Self { interaction: Arc::new(NoInteraction), deadline: DEFAULT_DEADLINE, agent: None }
    }
}

impl Surroundings {
    /// Takes from an environment what it says.
    pub(super) fn of(environment: Environment<'_>) -> Self {
        let seconds = environment.variable("LEAFSEAL_AGE_PLUGIN_TIMEOUT");
        let seconds = seconds.and_then(|text| text.to_str()?.trim().parse().ok());
        let deadline = seconds.map_or(DEFAULT_DEADLINE, Duration::from_secs);
        Self { deadline, agent: Agent::of(environment), ..Self::default() }
    }
}

/// A secret that may open a data key.
pub(super) enum Identity {
    /// `AGE-SECRET-KEY-1…`
    X25519(x25519::Identity),
    /// `AGE-SECRET-KEY-PQ-1…`
    PostQuantum(post_quantum::Identity),
    /// An SSH private key.
    Ssh(PrivateKey),
    /// An SSH private key with a passphrase.
    LockedSsh(LockedKey),
    /// Identities behind a passphrase.
    EncryptedFile(EncryptedFile),
    /// `AGE-PLUGIN-…`
    Plugin(PluginIdentity),
}

/// What it takes to use an identity, in the order in which that is tried: what is at hand never
/// waits for the user or a plugin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Effort {
    /// Nothing.
    AtHand,
    /// A passphrase, which is asked for only if the identity is the right one.
    Passphrase,
    /// A passphrase, before anybody knows whether it helps.
    BlindPassphrase,
    /// Another program, and what that asks for.
    Plugin,
}

impl Identity {
    /// Tells what it takes to use the identity.
    pub(super) fn effort(&self) -> Effort {
        match self {
            Self::X25519(_) | Self::PostQuantum(_) | Self::Ssh(_) => Effort::AtHand,
            Self::LockedSsh(_) => Effort::Passphrase,
            Self::EncryptedFile(_) => Effort::BlindPassphrase,
            Self::Plugin(_) => Effort::Plugin,
        }
    }

    /// Returns the recipient, if the identity tells it.
    pub(super) fn recipient(&self) -> Option<String> {
        match self {
            Self::X25519(key) => Some(key.to_public().to_string()),
            Self::PostQuantum(key) => Some(key.recipient()),
            Self::Ssh(key) => Some(key.recipient.to_string()),
            Self::LockedSsh(key) => Some(key.recipient.to_string()),
            Self::EncryptedFile(_) | Self::Plugin(_) => None,
        }
    }

    /// Tells why the identity could not be used when it was tried.
    pub(super) fn trouble(&self) -> Option<Arc<Problem>> {
        match self {
            Self::X25519(_) | Self::PostQuantum(_) | Self::Ssh(_) => None,
            Self::LockedSsh(key) => key.trouble(),
            Self::EncryptedFile(file) => file.trouble(),
            Self::Plugin(plugin) => plugin.trouble(),
        }
    }

    fn as_age(&self) -> &dyn ::age::Identity {
        match self {
            Self::X25519(key) => key,
            Self::PostQuantum(key) => key,
            Self::Ssh(key) => &key.key,
            Self::LockedSsh(key) => key,
            Self::EncryptedFile(file) => file,
            Self::Plugin(plugin) => plugin,
        }
    }
}

impl ::age::Identity for Identity {
    fn unwrap_stanza(&self, stanza: &Stanza) -> Option<Result<FileKey, DecryptError>> {
        self.as_age().unwrap_stanza(stanza)
    }

    fn unwrap_stanzas(&self, stanzas: &[Stanza]) -> Option<Result<FileKey, DecryptError>> {
        self.as_age().unwrap_stanzas(stanzas)
    }
}
