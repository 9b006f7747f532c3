//! Wraps data keys for OpenPGP keys and unwraps them, through the `gpg` program with its agent,
//! smartcards and pinentry (`spec/format.md` §7.2), or else with exported keys in this process.
//!
//! Each wrapped key is an armored OpenPGP message of its own. Owns how the program is called, how
//! its answers are read and where exported keys are looked for; knows no metadata.

mod certificates;
mod fingerprint;
mod gpg;
mod in_process;
mod listing;

use zeroize::Zeroizing;

pub use fingerprint::Fingerprint;
pub use gpg::GpgError;
pub use in_process::InProcessError;
pub use listing::Unusable;

use crate::io::environment::Environment;
use certificates::Certificates;
use gpg::Gpg;

/// The reasons why a text is no OpenPGP fingerprint, or a data key cannot be wrapped.
#[derive(Debug, thiserror::Error)]
pub enum PgpError {
    /// The text is not made of the digits of a fingerprint.
    #[error("not an OpenPGP fingerprint: {0:?}")]
    NotFingerprint(String),
    /// The text is a key id of eight digits, which `gpg` does not accept for a trusted key.
    #[error("an OpenPGP key id of 8 digits does not tell keys apart: {0}")]
    ShortId(String),
    /// The text is a secret key, which is not shown.
    #[error("an OpenPGP secret key is given as a fingerprint")]
    SecretKey,
    /// The key is not at hand.
    #[error("{program} lists no OpenPGP key {fingerprint}")]
    NoKey {
        /// The program that was asked.
        program: String,
        /// The fingerprint.
        fingerprint: String,
    },
    /// The key is at hand, and nothing may be encrypted to it.
    #[error("cannot encrypt to OpenPGP key {fingerprint}: {reason}")]
    Unusable {
        /// The fingerprint.
        fingerprint: String,
        /// Why not.
        reason: Unusable,
    },
    /// The program does not encrypt the data key.
    #[error("cannot encrypt the data key to OpenPGP key {fingerprint}")]
    Wrap {
        /// The fingerprint.
        fingerprint: String,
        /// What the program says.
        source: GpgError,
    },
    /// Neither the program nor an exported key is of help.
    #[error("{}; {exported}", with_cause(gpg.as_ref()))]
    Neither {
        /// What is wrong with the program.
        gpg: Box<Self>,
        /// What is wrong with the exported keys.
        exported: InProcessError,
    },
}

/// The reasons why a wrapped data key cannot be opened.
#[derive(Debug, thiserror::Error)]
pub enum UnwrapError {
    /// The program does not open it, and no exported key is for it.
    #[error(transparent)]
    Gpg(#[from] GpgError),
    /// Neither the program nor an exported key opens it.
    #[error("{}; {exported}", with_cause(gpg))]
    Neither {
        /// What the program says.
        gpg: GpgError,
        /// What is wrong with the exported keys.
        exported: InProcessError,
    },
}

/// Writes an error with what is behind it.
fn with_cause(error: &dyn std::error::Error) -> String {
    match error.source() {
        Some(cause) => format!("{error}: {}", with_cause(cause)),
        None => error.to_string(),
    }
}

/// Encrypts a data key, or a share of one, to one OpenPGP key: through the program, or else to an
/// exported certificate.
///
/// # Errors
/// The key is not at hand, may not be encrypted to, or the program fails.
pub fn wrap(
    environment: Environment<'_>,
    fingerprint: &Fingerprint,
    data_key: &[u8],
) -> Result<String, PgpError> {
    let gpg = match wrap_with_gpg(environment, fingerprint, data_key) {
        Ok(enc) => return Ok(enc),
        // an exported copy may be from before the key was revoked
        Err(error @ PgpError::Unusable { .. }) => return Err(error),
        Err(error) => error,
    };
    let wrapped = in_process::wrap(&Certificates::read(environment), fingerprint, data_key);
    wrapped.map_err(|exported| match exported {
        InProcessError::NoKey(problems) if problems.is_empty() => gpg,
        InProcessError::Unusable(reason) => {
            PgpError::Unusable { fingerprint: fingerprint.as_str().to_owned(), reason }
        }
        exported => PgpError::Neither { gpg: Box::new(gpg), exported },
    })
}

fn wrap_with_gpg(
    environment: Environment<'_>,
    fingerprint: &Fingerprint,
    data_key: &[u8],
) -> Result<String, PgpError> {
    let name = || fingerprint.as_str().to_owned();
    let failed = |source| PgpError::Wrap { fingerprint: name(), source };
    let gpg = Gpg::find(environment).map_err(failed)?;
    let error = match gpg.encrypt(fingerprint, data_key) {
        Ok(enc) => return Ok(enc),
        Err(error @ GpgError::Failed { .. }) => error,
        Err(error) => return Err(failed(error)),
    };
    // the words of the program are in the user's language, the listing is not
    match gpg.list(fingerprint) {
        Ok(listing) => match listing::unusable(&listing, fingerprint) {
            Some(reason) => Err(PgpError::Unusable { fingerprint: name(), reason }),
            None => Err(failed(error)),
        },
        Err(GpgError::Failed { program, .. }) => {
            Err(PgpError::NoKey { program, fingerprint: name() })
        }
        Err(_) => Err(failed(error)),
    }
}

/// Decrypts what [`wrap`] made, with whatever secret key the program has for it, or else with an
/// exported one.
///
/// # Errors
/// Nothing at hand opens it.
pub fn unwrap(environment: Environment<'_>, enc: &str) -> Result<Zeroizing<Vec<u8>>, UnwrapError> {
    let gpg = match Gpg::find(environment).and_then(|gpg| gpg.decrypt(enc)) {
        Ok(data_key) => return Ok(data_key),
        Err(error) => error,
    };
    in_process::unwrap(&Certificates::read(environment), enc).map_err(|exported| match exported {
        InProcessError::NoKey(problems) if problems.is_empty() => UnwrapError::Gpg(gpg),
        exported => UnwrapError::Neither { gpg, exported },
    })
}
