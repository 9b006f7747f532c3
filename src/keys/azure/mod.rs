//! Wraps data keys for keys of Azure Key Vault and Managed HSM, and unwraps them, through the
//! crates of the service's makers (`spec/format.md` §7.5, `spec/azure.md`).
//!
//! Owns what an address is, which hosts may be talked to, where tokens come from and how long it may
//! all take; knows no metadata.

mod address;
mod challenge;
mod credentials;
mod error;
mod examination;
mod hosts;
mod remedy;
mod session;
mod settings;
mod shared;
mod transport;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use zeroize::Zeroizing;

pub use address::KeyAddress;
pub use error::{Action, AzureError, Link, Refusal, Stage};
pub use examination::{Examination, Step, examine};
pub use remedy::remedies;
pub use session::{Served, Session};

use crate::io::environment::Environment;

/// How many bytes a data key has, and a share of one.
const LENGTHS: [usize; 2] = [32, 33];

/// A data key that is wrapped.
pub struct Wrapped {
    /// The key, in the version that wraps.
    pub address: KeyAddress,
    /// The wrapped key: RSA-OAEP with SHA-256, in URL-safe base64 without padding.
    pub enc: String,
}

/// Finds the version that a key has now; an address with one stays as it is.
///
/// # Errors
/// The vault does not say.
pub fn current(
    session: &Session,
    environment: Environment<'_>,
    address: &KeyAddress,
) -> Result<KeyAddress, AzureError> {
    if address.version().is_empty() {
        session.current(environment, address)
    } else {
        Ok(address.clone())
    }
}

/// Encrypts a data key, or a share of one, with a key, in its current version if the address names
/// none.
///
/// # Errors
/// The host is none of the service, or it does not answer, or refuses.
pub fn wrap(
    session: &Session,
    environment: Environment<'_>,
    address: &KeyAddress,
    data_key: &[u8],
) -> Result<Wrapped, AzureError> {
    let address = current(session, environment, address)?;
    let wrapped = session.encrypt(environment, &address, data_key)?;
    if wrapped.is_empty() {
        let host = address.vault_url().trim_start_matches("https://").to_owned();
        return Err(AzureError::Answer {
            host,
            text: "the encrypted data key is empty".to_owned(),
        });
    }
    Ok(Wrapped { address, enc: URL_SAFE_NO_PAD.encode(wrapped) })
}

/// Decrypts what [`wrap`] made.
///
/// # Errors
/// As [`wrap`]; or what comes back is no data key.
pub fn unwrap(
    session: &Session,
    environment: Environment<'_>,
    address: &KeyAddress,
    enc: &str,
) -> Result<Zeroizing<Vec<u8>>, AzureError> {
    let wrapped = URL_SAFE_NO_PAD.decode(enc).map_err(|_| AzureError::Damaged)?;
    if wrapped.is_empty() {
        return Err(AzureError::Damaged);
    }
    let data_key = session.decrypt(environment, address, (enc, wrapped))?;
    if LENGTHS.contains(&data_key.len()) {
        Ok(data_key)
    } else {
        Err(AzureError::NotDataKey(data_key.len()))
    }
}
