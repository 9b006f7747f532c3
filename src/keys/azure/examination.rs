use zeroize::Zeroizing;

use super::session::Want;
use super::{Action, AzureError, KeyAddress, Link, Session};
use crate::io::environment::Environment;

/// What came of trying everything that a key is needed for.
#[derive(Debug)]
pub struct Examination {
    /// The key, in the version that was found.
    pub address: KeyAddress,
    /// Which credentials gave a token.
    pub served: Option<&'static str>,
    /// Which were passed over before, and why.
    pub passed: Vec<Link>,
    /// What was done, in order. What comes behind a failure that is not about a right was not
    /// tried.
    pub steps: Vec<Step>,
}

/// One thing that was tried.
#[derive(Debug)]
pub struct Step {
    /// What.
    pub action: Action,
    /// Why it does not work.
    pub failure: Option<AzureError>,
}

impl Examination {
    /// Tells whether all of it works.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.steps.len() == 3 && self.steps.iter().all(|step| step.failure.is_none())
    }
}

/// Gets a key, and encrypts and decrypts a value with it that is thrown away.
///
/// # Errors
/// The system has no random bytes.
pub fn examine(
    session: &Session,
    environment: Environment<'_>,
    address: &KeyAddress,
) -> Result<Examination, AzureError> {
    let mut value = Zeroizing::new([0; 32]);
    getrandom::fill(value.as_mut_slice()).map_err(|error| AzureError::Start(error.to_string()))?;
    let mut address = address.clone();
    let mut steps = Vec::new();
    let mut wrapped = None;
    for action in [Action::Get, Action::Encrypt, Action::Decrypt] {
        let result = match action {
            Action::Get => {
                let done = session.one(environment, &address, Want::Get);
                done.map(|done| address = done.address)
            }
            Action::Encrypt => {
                let done = session.one(environment, &address, Want::Encrypt(value.as_slice()));
                done.map(|done| wrapped = Some(done.bytes))
            }
            // without something to decrypt, the refusal alone can be found
            Action::Decrypt => {
                let bytes = wrapped.take();
                open(session, environment, &address, bytes, value.as_slice())
            }
        };
        let failure = result.err();
        let is_over = failure.as_ref().is_some_and(|it| !is_about_right(it));
        steps.push(Step { action, failure });
        if is_over {
            break;
        }
    }
    let served = session.served();
    Ok(Examination { address, served: served.by, passed: served.passed, steps })
}

fn open(
    session: &Session,
    environment: Environment<'_>,
    address: &KeyAddress,
    wrapped: Option<Zeroizing<Vec<u8>>>,
    value: &[u8],
) -> Result<(), AzureError> {
    let is_real = wrapped.is_some();
    let bytes = wrapped.unwrap_or_else(|| Zeroizing::new(vec![1; 256]));
    match session.one(environment, address, Want::Decrypt(&bytes)) {
        Ok(opened) if opened.bytes.as_slice() == value => Ok(()),
        Ok(opened) => Err(AzureError::NotDataKey(opened.bytes.len())),
        // the right is there, and what it was tried with is no ciphertext
        Err(AzureError::Vault(refusal)) if !is_real && refusal.status == 400 => Ok(()),
        Err(error) => Err(error),
    }
}

/// Tells a refusal of one call from what would keep all of them from working.
fn is_about_right(error: &AzureError) -> bool {
    matches!(error, AzureError::Vault(refusal) if refusal.status == 403)
}
