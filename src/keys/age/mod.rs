//! Wraps data keys for age recipients and unwraps them with age identities.
//!
//! Each wrapped key is an age file of its own for exactly one recipient, armored
//! (`spec/format.md` §7.1). Owns where identities are looked for; knows no metadata.

mod agent;
mod encrypted;
mod generate;
mod identities;
mod identity;
mod plugin;
mod post_quantum;
mod recipient;
mod source;
mod ssh;

use std::io::{Read as _, Write as _};
use std::iter;
use std::sync::Arc;

use ::age::armor::{ArmoredReader, ArmoredWriter, Format};
use ::age::{DecryptError, Decryptor, EncryptError, Encryptor};
use zeroize::Zeroizing;

pub use generate::{NewIdentity, default_identity_file, generate, identity_file};
pub use identities::{Identities, Report};
use identity::{Effort, Identity};
pub use plugin::PluginError;
use recipient::PublicKey;
pub use recipient::Recipient;
use source::Source;
pub use source::{Finding, Location, Looked, Problem, recipients_of};

use crate::keys::{Interaction, NoInteraction};

/// The reasons why a text is no recipient, or a data key cannot be wrapped.
#[derive(Debug, thiserror::Error)]
pub enum AgeError {
    /// The text begins like no type of recipient.
    #[error("unknown age recipient type: {0:?}")]
    UnknownRecipient(String),
    /// The text begins like a recipient and goes on as none.
    #[error("malformed age recipient {recipient:?}: {reason}")]
    MalformedRecipient {
        /// The text.
        recipient: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The text is a secret identity, which is not shown.
    #[error("an age identity, which is secret, is given as a recipient")]
    IdentityAsRecipient,
    /// The data key cannot be encrypted.
    #[error("cannot encrypt the data key to {recipient}")]
    Wrap {
        /// The recipient.
        recipient: String,
        /// What age says.
        source: Box<EncryptError>,
    },
    /// The plugin of the recipient does not encrypt to it.
    #[error("cannot encrypt the data key to {recipient}")]
    Plugin {
        /// The recipient.
        recipient: String,
        /// What is wrong with the plugin.
        source: PluginError,
    },
}

/// Encrypts a data key, or a share of one, to one recipient.
pub fn wrap(recipient: &Recipient, data_key: &[u8]) -> Result<String, AgeError> {
    let text = || recipient.text.clone();
    let failed = |source| AgeError::Wrap { recipient: text(), source: Box::new(source) };
    match &recipient.key {
        PublicKey::X25519(key) => seal(key, data_key).map_err(failed),
        PublicKey::PostQuantum(key) => seal(key.as_ref(), data_key).map_err(failed),
        PublicKey::Ssh(key) => seal(key, data_key).map_err(failed),
        PublicKey::Plugin(key) => {
            // a plugin asks its questions when it decrypts
            let nobody: Arc<dyn Interaction> = Arc::new(NoInteraction);
            plugin::wrap(key, data_key, &nobody, plugin::DEFAULT_DEADLINE)
                .map_err(|source| AgeError::Plugin { recipient: text(), source })
        }
    }
}

fn seal(recipient: &dyn ::age::Recipient, data_key: &[u8]) -> Result<String, EncryptError> {
    let encryptor = Encryptor::with_recipients(iter::once(recipient))?;
    let armor = ArmoredWriter::wrap_output(Vec::new(), Format::AsciiArmor)?;
    let mut writer = encryptor.wrap_output(armor)?;
    writer.write_all(data_key)?;
    let armored = writer.finish()?.finish()?;
    // age ends lines as the system does, the file format always in LF
    Ok(String::from_utf8_lossy(&armored).replace("\r\n", "\n"))
}

/// The answer of the identities to a wrapped data key.
pub enum Unwrapped {
    /// An identity opens it; this is the data key.
    Mine(Zeroizing<Vec<u8>>),
    /// No identity opens it; these places were looked at.
    NotMine(Report),
    /// It is damaged, or it is meant for an identity that cannot open it.
    Failed(UnwrapError),
}

/// The reasons why a wrapped data key that is not another's cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum UnwrapError {
    /// The text is no age file, or a damaged one.
    #[error("the encrypted data key is damaged")]
    Damaged(#[source] DecryptError),
    /// The identity of the recipient is here, but the age file is encrypted to another one.
    #[error("the data key is not encrypted to the recipient that it names")]
    WrongRecipient,
}

/// Decrypts what [`wrap`] made for `recipient`.
#[must_use]
pub fn unwrap(identities: &Identities<'_>, recipient: &str, enc: &str) -> Unwrapped {
    unwrap_key(identities, recipient, enc).unwrap_or_else(Unwrapped::Failed)
}

/// Tries first what is at hand, then what a command gives, then what needs the user or a plugin.
fn unwrap_key(
    identities: &Identities<'_>,
    recipient: &str,
    enc: &str,
) -> Result<Unwrapped, UnwrapError> {
    let mut sources = Vec::new();
    for stage in identities.stages(recipient) {
        if let Some(data_key) = open(&stage, Effort::AtHand, enc)? {
            return Ok(Unwrapped::Mine(data_key));
        }
        sources.extend(stage);
    }
    if sources.iter().any(|source| is_claimed(source, recipient)) {
        return Err(UnwrapError::WrongRecipient);
    }
    for effort in [Effort::Passphrase, Effort::BlindPassphrase, Effort::Plugin] {
        if let Some(data_key) = open(&sources, effort, enc)? {
            return Ok(Unwrapped::Mine(data_key));
        }
    }
    Ok(Unwrapped::NotMine(Report::of(&sources)))
}

/// Tells whether the identity of a recipient is at hand.
fn is_claimed(source: &Source, recipient: &str) -> bool {
    // an SSH recipient may have a comment
    let words = |text: &str| text.split_whitespace().take(2).map(str::to_owned).collect::<Vec<_>>();
    let is_at_hand = |identity: &&Identity| identity.effort() == Effort::AtHand;
    let mut known = source.identities.iter().filter(is_at_hand).filter_map(Identity::recipient);
    known.any(|known| words(&known) == words(recipient))
}

/// Tries the identities that take a certain effort.
fn open(
    sources: &[Arc<Source>],
    effort: Effort,
    enc: &str,
) -> Result<Option<Zeroizing<Vec<u8>>>, UnwrapError> {
    let identities = sources.iter().flat_map(|source| &source.identities);
    let identities = identities.filter(|identity| identity.effort() == effort);
    match decrypt(identities.map(|identity| identity as _), enc) {
        Ok(data_key) => Ok(Some(data_key)),
        Err(DecryptError::NoMatchingKeys) => Ok(None),
        Err(error) => Err(UnwrapError::Damaged(error)),
    }
}

fn decrypt<'a>(
    identities: impl Iterator<Item = &'a dyn ::age::Identity>,
    enc: &str,
) -> Result<Zeroizing<Vec<u8>>, DecryptError> {
    let decryptor = Decryptor::new_buffered(ArmoredReader::new(enc.as_bytes()))?;
    let mut reader = decryptor.decrypt(identities)?;
    // reserved whole, as growing would leave copies behind; the text is longer than its content
    let mut data_key = Zeroizing::new(Vec::with_capacity(enc.len()));
    reader.read_to_end(&mut data_key).map_err(DecryptError::Io)?;
    Ok(data_key)
}

#[cfg(test)]
mod tests;
