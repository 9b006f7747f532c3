use std::sync::{Arc, OnceLock};

use ::age::DecryptError;
use ::age::secrecy::SecretString;
use ::age::ssh::{EncryptedKey, Identity as SshIdentity, Recipient, UnsupportedKey};
use age_core::format::{FileKey, Stanza};
use base64::Engine as _;
use base64::prelude::{BASE64_STANDARD, BASE64_STANDARD_NO_PAD};
use sha2::{Digest as _, Sha256};

use super::identity::{Identity, Surroundings};
use super::source::Problem;

/// Length of the part of a public key's hash that age names it by.
const TAG_LENGTH: usize = 4;

/// An SSH private key that is at hand.
pub(super) struct PrivateKey {
    pub(super) key: SshIdentity,
    pub(super) recipient: Recipient,
}

/// An SSH private key whose passphrase is asked for when a data key is encrypted to it.
pub(super) struct LockedKey {
    key: EncryptedKey,
    pub(super) recipient: Recipient,
    tag: Tag,
    /// The place of the key, for the question.
    place: String,
    surroundings: Arc<Surroundings>,
    unlocked: OnceLock<Result<SshIdentity, Arc<Problem>>>,
}

/// Reads an SSH private key: `OpenSSH`'s own form, or PEM of an RSA key without passphrase.
pub(super) fn parse(
    bytes: &[u8],
    place: String,
    surroundings: &Arc<Surroundings>,
) -> Result<Identity, Problem> {
    let key = SshIdentity::from_buffer(bytes, None).map_err(|_| Problem::NotSshKey)?;
    if let SshIdentity::Unsupported(reason) = &key {
        return Err(unsupported(reason));
    }
    let recipient = Recipient::try_from(key.clone()).map_err(|_| Problem::NotSshKey)?;
    Ok(match key {
        SshIdentity::Encrypted(key) => Identity::LockedSsh(LockedKey {
            key,
            tag: Tag::of(&recipient),
            recipient,
            place,
            surroundings: Arc::clone(surroundings),
            unlocked: OnceLock::new(),
        }),
        key => Identity::Ssh(PrivateKey { key, recipient }),
    })
}

fn unsupported(reason: &UnsupportedKey) -> Problem {
    match reason {
        UnsupportedKey::EncryptedPem => Problem::OldSshKey,
        UnsupportedKey::Hardware(name) | UnsupportedKey::Type(name) => {
            Problem::SshKeyType(name.clone())
        }
        UnsupportedKey::EncryptedSsh(_) => Problem::NotSshKey,
    }
}

/// How an age file says which SSH key it is encrypted to: the key's type, and the first four bytes
/// of the SHA-256 of its public part in Base64 without padding
/// (<https://github.com/FiloSottile/age/blob/main/agessh/agessh.go>).
struct Tag {
    kind: String,
    hash: String,
}

impl Tag {
    fn of(recipient: &Recipient) -> Self {
        let text = recipient.to_string();
        let (kind, key) = text.split_once(' ').unwrap_or_default();
        let hash = Sha256::digest(BASE64_STANDARD.decode(key).unwrap_or_default());
        let hash = BASE64_STANDARD_NO_PAD.encode(&hash[..TAG_LENGTH]);
        Self { kind: kind.to_owned(), hash }
    }

    fn is_of(&self, stanza: &Stanza) -> bool {
        stanza.tag == self.kind && stanza.args.first() == Some(&self.hash)
    }
}

impl LockedKey {
    /// Tells why the key could not be unlocked.
    pub(super) fn trouble(&self) -> Option<Arc<Problem>> {
        self.unlocked.get()?.as_ref().err().map(Arc::clone)
    }

    fn unlock(&self) -> Result<SshIdentity, Problem> {
        let question = format!("passphrase of the SSH key {}", self.place);
        let passphrase = self.surroundings.interaction.passphrase(&question);
        let mut passphrase = passphrase.map_err(Problem::NoPassphrase)?;
        let secret = SecretString::from(std::mem::take(&mut *passphrase));
        self.key.decrypt(secret).map(SshIdentity::from).map_err(|_| Problem::WrongPassphrase)
    }
}

impl ::age::Identity for LockedKey {
    fn unwrap_stanza(&self, stanza: &Stanza) -> Option<Result<FileKey, DecryptError>> {
        if !self.tag.is_of(stanza) {
            return None;
        }
        let unlocked = self.unlocked.get_or_init(|| self.unlock().map_err(Arc::new));
        unlocked.as_ref().ok()?.unwrap_stanza(stanza)
    }
}
