//! Encrypts and decrypts without the `gpg` program, with certificates and secret keys that were
//! exported.

use std::io::{Read as _, Write as _};
use std::time::{SystemTime, UNIX_EPOCH};

use sequoia_openpgp::cert::amalgamation::ValidAmalgamation as _;
use sequoia_openpgp::cert::amalgamation::key::ValidErasedKeyAmalgamation;
use sequoia_openpgp::crypto::SessionKey;
use sequoia_openpgp::packet::key::PublicParts;
use sequoia_openpgp::packet::{PKESK, SKESK};
use sequoia_openpgp::parse::Parse as _;
use sequoia_openpgp::parse::stream::{
    DecryptionHelper, DecryptorBuilder, MessageStructure, VerificationHelper,
};
use sequoia_openpgp::policy::StandardPolicy;
use sequoia_openpgp::serialize::stream::{Armorer, Encryptor, LiteralWriter, Message};
use sequoia_openpgp::types::{KeyFlags, RevocationStatus, SymmetricAlgorithm};
use sequoia_openpgp::{Cert, KeyHandle};
use zeroize::Zeroizing;

use super::certificates::Certificates;
use super::{Fingerprint, Unusable};
use crate::tree::Timestamp;

/// How many bytes a message may hold: far more than a data key, far less than a bomb.
const LIMIT: usize = 1 << 16;

/// The reasons why exported keys are of no help.
#[derive(Debug, thiserror::Error)]
pub enum InProcessError {
    /// No certificate or secret key is at hand for it.
    #[error("{}", if .0.is_empty() { "no exported key is for it".to_owned() } else { .0.join("; ") })]
    NoKey(Vec<String>),
    /// Nothing may be encrypted to the key.
    #[error("{0}")]
    Unusable(Unusable),
    /// The secret key is at hand, and protected by a passphrase.
    #[error("the exported secret key is protected by a passphrase, which only gpg can ask for")]
    Locked,
    /// The message does not open, or the key does not take it.
    #[error("{0}")]
    Failed(String),
}

impl From<sequoia_openpgp::anyhow::Error> for InProcessError {
    fn from(error: sequoia_openpgp::anyhow::Error) -> Self {
        // its words may have several lines
        let words = error.to_string();
        Self::Failed(words.lines().next().unwrap_or_default().to_owned())
    }
}

type ValidKey<'c> = ValidErasedKeyAmalgamation<'c, PublicParts>;

/// Encrypts a data key to a certificate.
pub(super) fn wrap(
    certificates: &Certificates,
    fingerprint: &Fingerprint,
    data_key: &[u8],
) -> Result<String, InProcessError> {
    let no_key = || InProcessError::NoKey(certificates.problems.clone());
    let handle: KeyHandle = fingerprint.digits().parse().map_err(|_| no_key())?;
    let has_key = |cert: &&Cert| cert.keys().any(|it| it.key().key_handle().aliases(&handle));
    let policy = StandardPolicy::new();
    let mut problem = no_key();
    // a newer copy of an expired key may follow it
    for cert in certificates.found.iter().filter(has_key) {
        match encryption_key(cert, &policy, &handle, fingerprint.is_exact()) {
            Ok(key) => return Ok(encrypt(key, data_key)?),
            Err(reason) => problem = InProcessError::Unusable(reason),
        }
    }
    Err(problem)
}

/// Finds the newest key of a certificate that may be encrypted to, as `gpg` does.
fn encryption_key<'c>(
    cert: &'c Cert,
    policy: &'c StandardPolicy<'c>,
    handle: &KeyHandle,
    is_exact: bool,
) -> Result<ValidKey<'c>, Unusable> {
    let valid = cert.with_policy(policy, None).map_err(|_| Unusable::Invalid)?;
    if matches!(valid.revocation_status(), RevocationStatus::Revoked(_)) {
        return Err(Unusable::Revoked);
    }
    if valid.alive().is_err() {
        return Err(Unusable::Expired(timestamp(valid.primary_key().key_expiration_time())));
    }
    let flags = KeyFlags::empty().set_storage_encryption().set_transport_encryption();
    let keys = valid.keys().supported().key_flags(flags);
    let keys: Vec<ValidKey<'c>> =
        keys.filter(|it| !is_exact || it.key().key_handle().aliases(handle)).collect();
    if keys.is_empty() && is_exact {
        return Err(Unusable::SubkeyNotForEncryption);
    }
    let expiry = keys.iter().filter(|key| key.alive().is_err());
    let expiry = expiry.map(|key| timestamp(key.key_expiration_time())).next_back();
    let is_none = keys.is_empty();
    let is_usable = |key: &ValidKey<'c>| {
        key.alive().is_ok() && !matches!(key.revocation_status(), RevocationStatus::Revoked(_))
    };
    let usable = keys.into_iter().filter(is_usable).max_by_key(|it| it.key().creation_time());
    usable.ok_or(match (is_none, expiry) {
        (true, _) => Unusable::NotForEncryption,
        (false, Some(time)) => Unusable::SubkeyExpired(time),
        (false, None) => Unusable::SubkeyRevoked,
    })
}

fn timestamp(time: Option<SystemTime>) -> Option<Timestamp> {
    let since = time?.duration_since(UNIX_EPOCH).ok()?;
    Timestamp::from_unix(since.as_secs())
}

/// Writes an armored message without a line feed at its end, as what `gpg` gives is stored.
fn encrypt(key: ValidKey<'_>, data_key: &[u8]) -> sequoia_openpgp::Result<String> {
    let mut armored = Vec::new();
    let message = Armorer::new(Message::new(&mut armored)).build()?;
    let message = Encryptor::for_recipients(message, [key]).build()?;
    let mut message = LiteralWriter::new(message).build()?;
    message.write_all(data_key)?;
    message.finalize()?;
    Ok(String::from_utf8(armored)?.trim().to_owned())
}

/// Decrypts a data key. A key that is expired or revoked still opens what was encrypted to it.
pub(super) fn unwrap(
    certificates: &Certificates,
    enc: &str,
) -> Result<Zeroizing<Vec<u8>>, InProcessError> {
    let policy = StandardPolicy::new();
    let mut missing = None;
    let helper = Helper { certificates, missing: &mut missing };
    let decryptor = DecryptorBuilder::from_bytes(enc.as_bytes())
        .and_then(|builder| builder.with_policy(&policy, None, helper));
    let decryptor = match decryptor {
        Ok(decryptor) => decryptor,
        Err(error) => return Err(missing.unwrap_or_else(|| error.into())),
    };
    // reserved whole, as growing would leave copies behind
    let mut data_key = Zeroizing::new(Vec::with_capacity(LIMIT + 1));
    let read = decryptor.take(LIMIT as u64 + 1).read_to_end(&mut data_key);
    read.map_err(|error| InProcessError::Failed(error.to_string()))?;
    if data_key.is_empty() || data_key.len() > LIMIT {
        return Err(InProcessError::Failed("the message holds no data key".to_owned()));
    }
    Ok(data_key)
}

/// Gives the decryptor its secret keys, and remembers why there is none.
struct Helper<'h> {
    certificates: &'h Certificates,
    missing: &'h mut Option<InProcessError>,
}

impl DecryptionHelper for Helper<'_> {
    fn decrypt(
        &mut self,
        pkesks: &[PKESK],
        _skesks: &[SKESK],
        algorithm: Option<SymmetricAlgorithm>,
        decrypt: &mut dyn FnMut(Option<SymmetricAlgorithm>, &SessionKey) -> bool,
    ) -> sequoia_openpgp::Result<Option<Cert>> {
        let (mut is_tried, mut is_locked) = (false, false);
        for pkesk in pkesks {
            let keys = self.certificates.found.iter().flat_map(|cert| cert.keys().secret());
            // a message may hide for whom it is
            let is_for = |handle: KeyHandle| pkesk.recipient().is_none_or(|it| it.aliases(&handle));
            for key in keys.filter(|it| is_for(it.key().key_handle())) {
                if !key.key().has_unencrypted_secret() {
                    is_locked = true;
                    continue;
                }
                is_tried = true;
                let mut pair = key.key().clone().into_keypair()?;
                let opened = pkesk.decrypt(&mut pair, algorithm);
                if opened.is_some_and(|(algorithm, session)| decrypt(algorithm, &session)) {
                    return Ok(None);
                }
            }
        }
        if !is_tried {
            let problems = self.certificates.problems.clone();
            let missing = InProcessError::NoKey(problems);
            *self.missing = Some(if is_locked { InProcessError::Locked } else { missing });
        }
        Ok(None)
    }
}

/// Signatures are not asked for: the reference makes none.
impl VerificationHelper for Helper<'_> {
    fn get_certs(&mut self, _ids: &[KeyHandle]) -> sequoia_openpgp::Result<Vec<Cert>> {
        Ok(Vec::new())
    }

    fn check(&mut self, _structure: MessageStructure<'_>) -> sequoia_openpgp::Result<()> {
        Ok(())
    }
}
