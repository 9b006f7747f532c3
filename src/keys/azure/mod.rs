//! Wraps data keys for keys of Azure Key Vault and Managed HSM, and unwraps them, through the
//! crates of the service's makers (`spec/format.md` §7.5, `spec/azure.md`).
//!
//! Owns what an address is, which hosts may be talked to, where tokens come from and how long it may
//! all take; knows no metadata.

mod address;
mod call;
mod challenge;
mod credentials;
mod error;
mod examination;
mod hosts;
mod remedy;
mod session;
mod settings;
mod shared;
mod talk;
mod time;
mod transport;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

pub use address::KeyAddress;
pub use error::{Action, AzureError, Link, Refusal, Stage};
pub use examination::{Examination, Step, examine};
pub use remedy::remedies;
pub use session::Session;
pub use shared::Served;

use crate::io::environment::Environment;
use session::{Done, Job, Want};

/// How many bytes a data key has, and a share of one.
const LENGTHS: [usize; 2] = [32, 33];

/// A data key that is wrapped.
pub struct Wrapped {
    /// The key, in the version that wraps.
    pub address: KeyAddress,
    /// The wrapped key: RSA-OAEP with SHA-256, in URL-safe base64 without padding.
    pub enc: String,
}

/// Something to be wrapped for a key: a data key, or a share of one.
pub struct ToWrap<'w> {
    /// The key; in its current version if the address names none.
    pub address: &'w KeyAddress,
    /// What is wrapped.
    pub data_key: &'w [u8],
}

/// Something that was wrapped.
pub struct ToUnwrap<'u> {
    /// The session of the file that it is from.
    pub session: &'u Session,
    /// The key.
    pub address: &'u KeyAddress,
    /// What [`wrap`] made.
    pub enc: &'u str,
}

/// Encrypts data keys, several at a time.
///
/// # Errors
/// A host is none of the service, or it does not answer, or refuses: the first of them in order.
pub fn wrap(
    session: &Session,
    environment: Environment<'_>,
    wanted: &[ToWrap<'_>],
) -> Result<Vec<Wrapped>, AzureError> {
    let job = wanted.iter().map(|it| Job {
        session,
        address: it.address,
        want: Want::Encrypt(it.data_key),
    });
    session.all(environment, &job.collect::<Vec<_>>())?.into_iter().map(Wrapped::of).collect()
}

/// Decrypts what [`wrap`] made, several at a time, and what is the same once in a run; returns what
/// comes of each.
pub fn unwrap(
    environment: Environment<'_>,
    wanted: &[ToUnwrap<'_>],
) -> Vec<Result<Zeroizing<Vec<u8>>, AzureError>> {
    let Some(ToUnwrap { session, .. }) = wanted.first() else { return Vec::new() };
    let mut asked: Vec<(&ToUnwrap<'_>, Vec<u8>)> = Vec::new();
    for it in wanted.iter().filter(|it| it.opened().is_none()) {
        if let Some(wrapped) = it.wrapped().filter(|_| !asked.iter().any(|(other, _)| *other == it))
        {
            asked.push((it, wrapped));
        }
    }
    let jobs = asked.iter().map(|(it, wrapped)| Job {
        session: it.session,
        address: it.address,
        want: Want::Decrypt(wrapped),
    });
    let answers = session.each(environment, &jobs.collect::<Vec<_>>()).into_iter().map(data_key);
    let answers: Vec<_> = answers.collect();
    for ((it, _), answer) in asked.iter().zip(&answers) {
        if let Ok(clear) = answer {
            it.session.keep(it.address, it.enc, clear);
        }
    }
    let result = |it: &ToUnwrap<'_>| {
        let answer = || answers.get(asked.iter().position(|(other, _)| *other == it)?).cloned();
        it.opened().map(Ok).or_else(answer).unwrap_or(Err(AzureError::Damaged))
    };
    wanted.iter().map(result).collect()
}

impl Wrapped {
    fn of(done: Done) -> Result<Self, AzureError> {
        let Done { address, bytes } = done;
        if bytes.is_empty() {
            let host = address.vault_url().trim_start_matches("https://").to_owned();
            let text = "the encrypted data key is empty".to_owned();
            return Err(AzureError::Answer { host, text });
        }
        Ok(Self { address, enc: URL_SAFE_NO_PAD.encode(&*bytes) })
    }
}

/// Two are the same if the same bytes are unwrapped with the same key.
impl PartialEq for ToUnwrap<'_> {
    fn eq(&self, other: &Self) -> bool {
        (self.address, self.enc) == (other.address, other.enc)
    }
}

impl ToUnwrap<'_> {
    /// Returns what was unwrapped before.
    fn opened(&self) -> Option<Zeroizing<Vec<u8>>> {
        self.session.opened(self.address, self.enc)
    }

    /// Returns the bytes to unwrap; nothing if they are damaged.
    fn wrapped(&self) -> Option<Vec<u8>> {
        URL_SAFE_NO_PAD.decode(self.enc).ok().filter(|wrapped| !wrapped.is_empty())
    }
}

/// Makes sure that a vault gives what may be a data key.
fn data_key(done: Result<Done, AzureError>) -> Result<Zeroizing<Vec<u8>>, AzureError> {
    let bytes = done?.bytes;
    if LENGTHS.contains(&bytes.len()) {
        Ok(bytes)
    } else {
        Err(AzureError::NotDataKey(bytes.len()))
    }
}
