//! Master keys: wrapping the data key for them, and unwrapping it with the identities at hand.
//!
//! Owns the key types and the answers of their providers; knows no document.

#[cfg(feature = "age")]
pub mod age;
#[cfg(feature = "azure")]
pub mod azure;
#[cfg(feature = "azure")]
mod elsewhere;
mod group;
mod interaction;
#[cfg(feature = "pgp")]
pub mod pgp;
mod recovery;

pub use group::{
    Attempt, GroupReport, Member, RecoveryError, RecoveryReport, wrap, written_threshold,
};
pub use interaction::{Interaction, InteractionError, NoInteraction, Wait};
pub use recovery::{recover, recover_ahead};

use std::borrow::Cow;
use std::sync::Arc;

use crate::crypto::shamir::SplitError;
use crate::io::environment::Environment;
use crate::metadata::{KeyType, WrappedKey};
use crate::tree::Timestamp;

/// A master key that a data key can be wrapped for.
#[derive(Clone, Debug)]
pub enum MasterKey {
    /// An age recipient.
    #[cfg(feature = "age")]
    Age(age::Recipient),
    /// A key of Azure Key Vault.
    #[cfg(feature = "azure")]
    Azure(azure::KeyAddress),
    /// An OpenPGP key.
    #[cfg(feature = "pgp")]
    Pgp(pgp::Fingerprint),
}

/// What wrapping needs besides the keys.
#[derive(Clone)]
pub struct Surroundings<'e> {
    /// Where the programs that wrap are named.
    pub environment: Environment<'e>,
    /// The time that new entries get.
    pub now: Timestamp,
    /// Who is told what is waited for.
    pub interaction: Arc<dyn Interaction>,
    /// The connections to Azure.
    #[cfg(feature = "azure")]
    azure: azure::Session,
}

impl<'e> Surroundings<'e> {
    /// Wraps with what an environment leads to.
    #[must_use]
    pub fn new(environment: Environment<'e>, now: Timestamp) -> Self {
        Self {
            environment,
            now,
            interaction: Arc::new(NoInteraction),
            #[cfg(feature = "azure")]
            azure: azure::Session::default(),
        }
    }

    /// Has the user told what is waited for.
    #[must_use]
    pub fn telling(self, interaction: Arc<dyn Interaction>) -> Self {
        Self { interaction, ..self }
    }
}

/// The reasons why a data key cannot be wrapped.
#[derive(Debug, thiserror::Error)]
pub enum WrapError {
    /// No master key is named, so nobody could decrypt the file.
    #[error("no master keys are named, so nobody could decrypt the file")]
    NoKeys,
    /// The data key cannot be split among the key groups.
    #[error("cannot split the data key among {groups} key groups")]
    Split {
        /// How many groups there are.
        groups: usize,
        /// What does not fit.
        source: SplitError,
    },
    /// A master key of the file would have to take another key, and cannot.
    #[error("a master key of the file would have to be wrapped for again: {0}")]
    Kept(#[source] MasterKeyError),
    /// An age recipient does not take the key.
    #[cfg(feature = "age")]
    #[error(transparent)]
    Age(#[from] age::AgeError),
    /// A key of Azure does not take the key.
    #[cfg(feature = "azure")]
    #[error(transparent)]
    Azure(#[from] azure::AzureError),
    /// An OpenPGP key does not take the key.
    #[cfg(feature = "pgp")]
    #[error(transparent)]
    Pgp(#[from] pgp::PgpError),
}

/// The reasons why a name is not that of a master key.
#[derive(Debug, thiserror::Error)]
pub enum MasterKeyError {
    /// Keys of the type cannot be used by this program.
    #[error("{} keys are not built in yet: {name}", key_type.as_str())]
    NotBuiltIn {
        /// The type.
        key_type: KeyType,
        /// The name, without blanks around it.
        name: String,
    },
    /// The name is no age recipient that can be used.
    #[cfg(feature = "age")]
    #[error(transparent)]
    Age(#[from] age::AgeError),
    /// The name is no address of an Azure key.
    #[cfg(feature = "azure")]
    #[error(transparent)]
    Azure(#[from] azure::AzureError),
    /// The name is no OpenPGP fingerprint.
    #[cfg(feature = "pgp")]
    #[error(transparent)]
    Pgp(#[from] pgp::PgpError),
}

impl MasterKey {
    /// Reads the name of a master key: a recipient, fingerprint, ARN, resource or address.
    ///
    /// # Errors
    /// The name is none of its type, or the type is not built in.
    pub fn parse(key_type: KeyType, name: &str) -> Result<Self, MasterKeyError> {
        match key_type {
            #[cfg(feature = "age")]
            KeyType::Age => Ok(Self::Age(age::Recipient::parse(name)?)),
            #[cfg(feature = "azure")]
            KeyType::AzureKeyVault => Ok(Self::Azure(azure::KeyAddress::parse(name)?)),
            #[cfg(feature = "pgp")]
            KeyType::Pgp => Ok(Self::Pgp(pgp::Fingerprint::parse(name)?)),
            key_type => {
                let secret = "(an identity, which is not shown)";
                let name = if holds_identity(name) { secret } else { name.trim() }.to_owned();
                Err(MasterKeyError::NotBuiltIn { key_type, name })
            }
        }
    }

    /// Returns the type of the master key.
    #[must_use]
    pub fn key_type(&self) -> KeyType {
        match *self {
            #[cfg(feature = "age")]
            Self::Age(_) => KeyType::Age,
            #[cfg(feature = "azure")]
            Self::Azure(_) => KeyType::AzureKeyVault,
            #[cfg(feature = "pgp")]
            Self::Pgp(_) => KeyType::Pgp,
        }
    }

    /// Returns the name of the master key, as an entry for it has it.
    #[must_use]
    pub fn name(&self) -> &str {
        match *self {
            #[cfg(feature = "age")]
            Self::Age(ref recipient) => recipient.as_str(),
            #[cfg(feature = "azure")]
            Self::Azure(ref address) => address.as_str(),
            #[cfg(feature = "pgp")]
            Self::Pgp(ref fingerprint) => fingerprint.as_str(),
        }
    }

    /// Wraps a data key, or a share of one; nothing if a service elsewhere has to.
    #[cfg_attr(
        not(feature = "pgp"),
        expect(unused_variables, reason = "nothing beside the key is needed")
    )]
    #[cfg_attr(
        all(feature = "azure", not(any(feature = "age", feature = "pgp"))),
        expect(clippy::unnecessary_wraps, reason = "other types may fail")
    )]
    fn wrap_here(
        &self,
        key: &[u8],
        surroundings: &Surroundings<'_>,
    ) -> Result<Option<WrappedKey>, WrapError> {
        match *self {
            #[cfg(feature = "age")]
            Self::Age(ref recipient) => {
                Ok(Some(WrappedKey::age(recipient.as_str(), age::wrap(recipient, key)?)))
            }
            #[cfg(feature = "azure")]
            Self::Azure(_) => Ok(None),
            #[cfg(feature = "pgp")]
            Self::Pgp(ref fingerprint) => {
                let enc = pgp::wrap(surroundings.environment, fingerprint, key)?;
                let created = surroundings.now.to_second();
                Ok(Some(WrappedKey::pgp(fingerprint.as_str(), created, enc)))
            }
        }
    }
}

/// Something to be wrapped: a data key, or a share of one, for a master key.
type Wanted<'w> = (Cow<'w, MasterKey>, &'w [u8]);

/// Wraps data keys: first what can be done here, then all that takes services elsewhere, several at
/// a time.
fn wrap_each(
    wanted: &[Wanted<'_>],
    surroundings: &Surroundings<'_>,
) -> Result<Vec<WrappedKey>, WrapError> {
    let here = wanted.iter().map(|(master_key, key)| master_key.wrap_here(key, surroundings));
    let here = here.collect::<Result<Vec<_>, _>>()?;
    let mut elsewhere = elsewhere::wrap(wanted, surroundings)?.into_iter();
    let mut next = || elsewhere.next().expect("each that is not wrapped here is wrapped there");
    Ok(here.into_iter().map(|it| it.unwrap_or_else(&mut next)).collect())
}

/// Tells whether a text holds an identity, in either letter case, which no message may show.
#[must_use]
pub fn holds_identity(text: &str) -> bool {
    let text = text.to_ascii_uppercase();
    let marks = ["AGE-SECRET-KEY-", "AGE-PLUGIN-", "PRIVATE KEY-----", "PRIVATE KEY BLOCK-----"];
    marks.iter().any(|mark| text.contains(mark))
}

/// What the identities at hand make of a wrapped key.
pub enum Unwrapped {
    /// It is for one of them.
    Mine(zeroize::Zeroizing<Vec<u8>>),
    /// It is for none of them; these places were looked at.
    NotMine(Vec<LookedAt>),
    /// It is for one of them, or cannot be read, and fails to open; the reason.
    Failed(Failure),
}

/// Why a wrapped key that is for somebody here fails to open.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Failure {
    /// What is wrong.
    pub reason: String,
    /// What may be done about it, where that depends on the reason.
    pub remedies: Vec<String>,
}

impl From<String> for Failure {
    fn from(reason: String) -> Self {
        Self { reason, remedies: Vec::new() }
    }
}

/// A place that was looked at for identities.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookedAt {
    /// The place and what was found there, in one line.
    pub text: String,
    /// Whether there were identities to try.
    pub has_identities: bool,
}

/// The identities that may unwrap a data key, found when they are first asked for.
pub struct KeyRing<'e> {
    #[cfg(feature = "age")]
    age: age::Identities<'e>,
    /// Where the programs that unwrap are named; nothing if none may be run.
    environment: Option<Environment<'e>>,
    #[cfg(feature = "azure")]
    azure: azure::Session,
    interaction: Arc<dyn Interaction>,
    /// Who is told that a data key is out, before anybody gets it.
    witness: Option<Witness<'e>>,
    /// The data key of a file that was recovered before it was asked for.
    ahead: recovery::Ahead,
}

/// Records that a data key was recovered.
pub type Witness<'e> = Box<dyn Fn() -> Result<(), NotRecorded> + Send + Sync + 'e>;

/// The reason why a [`Witness`] refuses.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct NotRecorded(pub Box<dyn std::error::Error + Send + Sync>);

impl<'e> KeyRing<'e> {
    /// Makes the key ring of an environment; reads nothing yet.
    #[must_use]
    pub fn new(environment: Environment<'e>) -> Self {
        Self {
            #[cfg(feature = "age")]
            age: age::Identities::new(environment),
            environment: Some(environment),
            #[cfg(feature = "azure")]
            azure: azure::Session::default(),
            interaction: Arc::new(NoInteraction),
            witness: None,
            ahead: recovery::Ahead::default(),
        }
    }

    /// Makes a key ring with nothing on it.
    #[must_use]
    pub fn empty() -> Self {
        Self {
            #[cfg(feature = "age")]
            age: age::Identities::default(),
            environment: None,
            #[cfg(feature = "azure")]
            azure: azure::Session::default(),
            interaction: Arc::new(NoInteraction),
            witness: None,
            ahead: recovery::Ahead::default(),
        }
    }

    /// Takes part in what the calls to Azure of a whole run share.
    #[cfg(feature = "azure")]
    #[must_use]
    pub fn sharing(self, session: &azure::Session) -> Self {
        Self { azure: session.for_file(), ..self }
    }

    /// Has the user asked for passphrases, and told what is waited for.
    #[must_use]
    pub fn asking(mut self, interaction: Arc<dyn Interaction>) -> Self {
        #[cfg(feature = "age")]
        self.age.ask(Arc::clone(&interaction));
        self.interaction = interaction;
        self
    }

    /// Tells what is waited for, until the result is dropped.
    #[must_use]
    pub fn wait_for(&self, what: &str) -> Wait {
        self.interaction.wait_for(what)
    }

    /// Has each data key recorded before it is handed out; without a record it is not.
    #[must_use]
    pub fn witnessed(mut self, witness: Witness<'e>) -> Self {
        self.witness = Some(witness);
        self
    }

    /// Tells the witness that a data key is out.
    fn record(&self) -> Result<(), NotRecorded> {
        self.witness.as_ref().map_or(Ok(()), |witness| witness())
    }

    /// Gives access to the age identities, to add some.
    #[cfg(feature = "age")]
    pub fn age(&mut self) -> &mut age::Identities<'e> {
        &mut self.age
    }

    /// Returns what wrapping at a time needs: programs are those that unwrap, or else those of
    /// this process.
    #[must_use]
    pub fn surroundings(&self, now: Timestamp) -> Surroundings<'e> {
        let environment = match self.environment {
            Some(environment) => environment,
            None => Environment::of_process(),
        };
        Surroundings {
            environment,
            now,
            interaction: Arc::clone(&self.interaction),
            #[cfg(feature = "azure")]
            azure: self.azure.clone(),
        }
    }

    /// Unwraps a data key, or a share of one, if no service elsewhere has to be asked.
    #[cfg_attr(
        not(any(feature = "age", feature = "pgp")),
        expect(clippy::unused_self, reason = "nothing is unwrapped here")
    )]
    fn unwrap_here(&self, key: &WrappedKey) -> Unwrapped {
        match key.key_type {
            #[cfg(feature = "age")]
            KeyType::Age => match age::unwrap(&self.age, key.field("recipient"), &key.enc) {
                age::Unwrapped::Mine(bytes) => Unwrapped::Mine(bytes),
                age::Unwrapped::NotMine(report) => {
                    Unwrapped::NotMine(report.0.iter().map(|it| looked_at(it)).collect())
                }
                age::Unwrapped::Failed(error) => Unwrapped::Failed(error.to_string().into()),
            },
            #[cfg(feature = "pgp")]
            KeyType::Pgp => self.unwrap_pgp(key),
            other => {
                Unwrapped::Failed(format!("{} keys are not built in yet", other.as_str()).into())
            }
        }
    }

    #[cfg(feature = "pgp")]
    fn unwrap_pgp(&self, key: &WrappedKey) -> Unwrapped {
        use std::error::Error as _;

        let Some(environment) = self.environment else { return Unwrapped::NotMine(Vec::new()) };
        match pgp::unwrap(environment, &key.enc) {
            Ok(bytes) => Unwrapped::Mine(bytes),
            Err(error) => {
                let reason = match error.source() {
                    Some(cause) => format!("{error}: {cause}"),
                    None => error.to_string(),
                };
                Unwrapped::Failed(reason.into())
            }
        }
    }
}

#[cfg(feature = "age")]
fn looked_at(looked: &age::Looked) -> LookedAt {
    let has_identities =
        matches!(looked.finding, age::Finding::Identities(1.., _) | age::Finding::Failed(..));
    LookedAt { text: looked.to_string(), has_identities }
}

/// There are no services elsewhere.
#[cfg(not(feature = "azure"))]
mod elsewhere {
    use super::{KeyRing, Surroundings, Unwrapped, Wanted, WrapError};
    use crate::metadata::WrappedKey;

    #[expect(clippy::unnecessary_wraps, reason = "services may fail")]
    pub(super) fn wrap(
        _: &[Wanted<'_>],
        _: &Surroundings<'_>,
    ) -> Result<Vec<WrappedKey>, WrapError> {
        Ok(Vec::new())
    }

    pub(super) fn begin_file(_: &KeyRing<'_>) {}

    pub(super) fn is_asked(_: &WrappedKey) -> bool {
        false
    }

    pub(super) fn unwrap(_: &[(&KeyRing<'_>, &WrappedKey)]) -> Vec<Unwrapped> {
        Vec::new()
    }
}
