//! Wraps data keys for age recipients and unwraps them with age identities.
//!
//! Each wrapped key is an age file of its own for exactly one recipient, armored
//! (`spec/format.md` §7.1). Owns where identities are looked for; knows no metadata.

mod generate;
mod identities;
mod recipient;
mod source;

use std::io::{Read as _, Write as _};
use std::iter;

use ::age::armor::{ArmoredReader, ArmoredWriter, Format};
use ::age::{DecryptError, Decryptor, EncryptError, Encryptor, x25519};
use zeroize::Zeroizing;

pub use generate::{NewIdentity, default_identity_file, generate, identity_file};
pub use identities::{Identities, Report};
pub use recipient::Recipient;
pub use source::{Finding, Location, Looked, Problem, recipients_of};

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
        reason: &'static str,
    },
    /// The text is a secret identity, which is not shown.
    #[error("an age identity, which is secret, is given as a recipient")]
    IdentityAsRecipient,
    /// The recipient is of a type that this program cannot use.
    #[error("cannot encrypt to {recipient:?}: {feature} are not built in yet")]
    NotBuiltIn {
        /// The text.
        recipient: String,
        /// What it would need.
        feature: Feature,
    },
    /// The data key cannot be encrypted.
    #[error("cannot encrypt the data key to {recipient}")]
    Wrap {
        /// The recipient.
        recipient: String,
        /// What age says.
        source: Box<EncryptError>,
    },
}

/// A part of age that is not built in yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Feature {
    /// `age1pq1…` and `AGE-SECRET-KEY-PQ-1…`.
    PostQuantum,
    /// `age1name1…` and `AGE-PLUGIN-…`.
    Plugin,
    /// `ssh-…` and SSH private keys.
    Ssh,
    /// Files of identities that are encrypted with a passphrase.
    EncryptedIdentities,
}

impl std::fmt::Display for Feature {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::PostQuantum => "post-quantum age keys",
            Self::Plugin => "age plugins",
            Self::Ssh => "SSH keys",
            Self::EncryptedIdentities => "passphrase-encrypted identities",
        })
    }
}

/// Encrypts a data key, or a share of one, to one recipient.
pub fn wrap(recipient: &Recipient, data_key: &[u8]) -> Result<String, AgeError> {
    let failed =
        |source| AgeError::Wrap { recipient: recipient.text.clone(), source: Box::new(source) };
    seal(recipient, data_key).map_err(failed)
}

fn seal(recipient: &Recipient, data_key: &[u8]) -> Result<String, EncryptError> {
    let encryptor = Encryptor::with_recipients(iter::once(&recipient.key as _))?;
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
    let damaged = |error| Unwrapped::Failed(UnwrapError::Damaged(error));
    let is_own = |key: &x25519::Identity| key.to_public().to_string() == recipient.trim();
    let mut is_claimed = false;
    for stage in identities.stages(recipient) {
        is_claimed |= stage.iter().any(is_own);
        match open(&stage, enc) {
            Ok(data_key) => return Unwrapped::Mine(data_key),
            Err(DecryptError::NoMatchingKeys) => {}
            Err(error) => return damaged(error),
        }
    }
    if is_claimed {
        return Unwrapped::Failed(UnwrapError::WrongRecipient);
    }
    Unwrapped::NotMine(identities.report(recipient))
}

fn open(keys: &[x25519::Identity], enc: &str) -> Result<Zeroizing<Vec<u8>>, DecryptError> {
    let decryptor = Decryptor::new_buffered(ArmoredReader::new(enc.as_bytes()))?;
    let mut reader = decryptor.decrypt(keys.iter().map(|key| key as &dyn ::age::Identity))?;
    // reserved whole, as growing would leave copies behind; the text is longer than its content
    let mut data_key = Zeroizing::new(Vec::with_capacity(enc.len()));
    reader.read_to_end(&mut data_key).map_err(DecryptError::Io)?;
    Ok(data_key)
}

#[cfg(test)]
mod tests;
