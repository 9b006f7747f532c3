use std::io::Read as _;
use std::sync::{Arc, OnceLock};

use ::age::armor::ArmoredReader;
use ::age::secrecy::SecretString;
use ::age::{DecryptError, Decryptor, scrypt};
use age_core::format::{FileKey, Stanza};
use zeroize::Zeroizing;

use super::agent::CacheId;
use super::identity::{Identity, Surroundings};
use super::source::{Problem, parse_lines};

/// The size from which the reference refuses identities (`spec/format.md` §7.1).
const MAX_LENGTH: u64 = 1 << 24;

/// The binary logarithm of the most work that is done for a passphrase, as in Go's age.
const MAX_WORK_FACTOR: u8 = 22;

/// How a source that is encrypted with a passphrase begins.
const STARTS: [&[u8]; 2] = [b"age-encryption", b"-----BEGIN AGE"];

/// Identities that are encrypted with a passphrase, which is asked for when they are needed.
pub(super) struct EncryptedFile {
    /// The age file, without armor.
    bytes: Vec<u8>,
    /// The place of the file, for the question.
    place: String,
    surroundings: Arc<Surroundings>,
    opened: OnceLock<Result<Vec<Identity>, Arc<Problem>>>,
}

impl EncryptedFile {
    /// Tells whether a source begins like an encrypted one.
    pub(super) fn is_like(bytes: &[u8]) -> bool {
        STARTS.iter().any(|start| bytes.starts_with(start))
    }

    /// Takes an age file, which must be one that a passphrase opens.
    pub(super) fn parse(
        bytes: &[u8],
        place: String,
        surroundings: &Arc<Surroundings>,
    ) -> Result<Self, Problem> {
        let mut plain = Vec::new();
        let mut reader = ArmoredReader::new(bytes).take(MAX_LENGTH);
        reader.read_to_end(&mut plain).map_err(|_| Problem::BadEncrypted)?;
        if u64::try_from(plain.len()).unwrap_or(u64::MAX) >= MAX_LENGTH {
            return Err(Problem::TooLong);
        }
        let decryptor = Decryptor::new_buffered(&plain[..]).map_err(|_| Problem::BadEncrypted)?;
        if !decryptor.is_scrypt() {
            return Err(Problem::NotPassphrase);
        }
        let surroundings = Arc::clone(surroundings);
        Ok(Self { bytes: plain, place, surroundings, opened: OnceLock::new() })
    }

    /// Tells why the identities could not be used.
    pub(super) fn trouble(&self) -> Option<Arc<Problem>> {
        match self.opened.get()? {
            Ok(identities) => identities.iter().find_map(Identity::trouble),
            Err(problem) => Some(Arc::clone(problem)),
        }
    }

    fn open(&self) -> Result<Vec<Identity>, Problem> {
        let cache = CacheId::of(&self.bytes);
        let mut passphrase = self.passphrase(&cache)?;
        let text = self.decrypt(std::mem::take(&mut *passphrase)).inspect_err(|problem| {
            if let (Problem::WrongPassphrase, Some(agent)) = (problem, &self.surroundings.agent) {
                agent.forget(&cache);
            }
        })?;
        let lines = parse_lines(&text, &self.surroundings);
        let mut identities = lines.map_err(|problem| Problem::Inside(Box::new(problem)))?;
        identities.sort_by_key(Identity::effort);
        Ok(identities)
    }

    /// Gets the passphrase from gpg-agent where there is one, else from the user.
    fn passphrase(&self, cache: &CacheId) -> Result<Zeroizing<String>, Problem> {
        let question = format!("passphrase of the identities in {}", self.place);
        let asked = self.surroundings.agent.as_ref().and_then(|agent| agent.ask(cache, &question));
        let asked = asked.unwrap_or_else(|| self.surroundings.interaction.passphrase(&question));
        asked.map_err(Problem::NoPassphrase)
    }

    fn decrypt(&self, passphrase: String) -> Result<Zeroizing<Vec<u8>>, Problem> {
        let mut identity = scrypt::Identity::new(SecretString::from(passphrase));
        identity.set_max_work_factor(MAX_WORK_FACTOR);
        let opened = Decryptor::new_buffered(&self.bytes[..])
            .and_then(|decryptor| decryptor.decrypt(std::iter::once(&identity as _)));
        let mut reader = opened.map_err(|error| match error {
            DecryptError::DecryptionFailed | DecryptError::KeyDecryptionFailed => {
                Problem::WrongPassphrase
            }
            DecryptError::ExcessiveWork { .. } => Problem::ExcessiveWork,
            _ => Problem::BadEncrypted,
        })?;
        // reserved whole, as growing would leave copies behind
        let mut text = Zeroizing::new(Vec::with_capacity(self.bytes.len()));
        reader.read_to_end(&mut text).map_err(|_| Problem::BadEncrypted)?;
        Ok(text)
    }
}

impl ::age::Identity for EncryptedFile {
    fn unwrap_stanza(&self, stanza: &Stanza) -> Option<Result<FileKey, DecryptError>> {
        self.unwrap_stanzas(std::slice::from_ref(stanza))
    }

    fn unwrap_stanzas(&self, stanzas: &[Stanza]) -> Option<Result<FileKey, DecryptError>> {
        let opened = self.opened.get_or_init(|| self.open().map_err(Arc::new));
        opened.as_ref().ok()?.iter().find_map(|identity| identity.unwrap_stanzas(stanzas))
    }
}
