use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use ::age::x25519;

use super::source::{Location, Looked, Problem, Source};
use super::{Feature, default_identity_file};
use crate::io::environment::Environment;

/// The SSH private keys that are always looked for, below the home folder.
const SSH_FILES: [&str; 2] = [".ssh/id_ed25519", ".ssh/id_rsa"];

/// The variables that name an SSH private key.
const SSH_VARIABLES: [&str; 2] = ["SOPS_AGE_SSH_PRIVATE_KEY_FILE", "SOPS_AGE_SSH_PRIVATE_KEY_CMD"];

/// The identities that were given, and all those of the user, which are collected when they are
/// first needed (`spec/format.md` §7.1).
///
/// The command of `SOPS_AGE_KEY_CMD` is told which recipient is looked for, so it runs once for
/// each, and only if nothing else opens the data key.
pub struct Identities<'a> {
    given: Vec<Source>,
    environment: Option<Environment<'a>>,
    fixed: OnceLock<Vec<Source>>,
    commands: Mutex<BTreeMap<String, Arc<Source>>>,
}

/// The places that were looked at, with what was found there: one line each.
#[derive(Debug)]
pub struct Report(pub Vec<Arc<Looked>>);

impl fmt::Display for Report {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, looked) in self.0.iter().enumerate() {
            let separator = if number == 0 { "" } else { "\n" };
            write!(formatter, "{separator}{looked}")?;
        }
        Ok(())
    }
}

impl Default for Identities<'_> {
    /// Makes a collection that looks nowhere.
    fn default() -> Self {
        let (fixed, commands) = (OnceLock::new(), Mutex::default());
        Self { given: Vec::new(), environment: None, fixed, commands }
    }
}

impl<'a> Identities<'a> {
    /// Makes a collection that looks where `environment` says; nothing is read yet.
    #[must_use]
    pub fn new(environment: Environment<'a>) -> Self {
        Self { environment: Some(environment), ..Self::default() }
    }

    /// Adds the identities of a text, to be tried before those of the environment.
    ///
    /// # Errors
    /// The text has no identity that can be used.
    pub fn add(&mut self, text: &str) -> Result<(), Problem> {
        self.given.push(Source::given(text)?);
        Ok(())
    }

    /// Adds the identities of a file, to be tried before those of the environment.
    ///
    /// # Errors
    /// The file cannot be read, or has no identity that can be used.
    pub fn add_file(&mut self, path: &Path) -> Result<(), Problem> {
        self.given.push(Source::given_file(path)?);
        Ok(())
    }

    /// Returns the identities in the order in which they are worth trying: first those that are
    /// at hand, then those that a command has to give.
    pub(super) fn stages(&self, recipient: &str) -> impl Iterator<Item = Vec<x25519::Identity>> {
        let of = |source: &Source| source.identities.clone();
        let at_hand = move || self.given.iter().chain(self.fixed()).flat_map(of).collect();
        let command = move || self.command(recipient).as_deref().map(of).unwrap_or_default();
        (0..2).map(move |stage| if stage == 0 { at_hand() } else { command() })
    }

    /// Tells what was found where, after nothing opened the data key of `recipient`.
    pub(super) fn report(&self, recipient: &str) -> Report {
        let command = self.command(recipient);
        let sources = self.given.iter().chain(self.fixed()).chain(command.as_deref());
        Report(sources.map(|source| Arc::clone(&source.looked)).collect())
    }

    fn fixed(&self) -> &[Source] {
        self.fixed.get_or_init(|| self.environment.map(collect).unwrap_or_default())
    }

    /// Returns what the command of the environment gives for a recipient; it runs once for each.
    fn command(&self, recipient: &str) -> Option<Arc<Source>> {
        let environment = self.environment?;
        // a panic while the lock was held leaves the map as good as before
        let mut commands = self.commands.lock().unwrap_or_else(PoisonError::into_inner);
        let run = || {
            let name = "SOPS_AGE_KEY_CMD";
            Arc::new(Source::command(name, environment.variable(name), recipient))
        };
        Some(Arc::clone(commands.entry(recipient.to_owned()).or_insert_with(run)))
    }
}

/// Reads all sources of an environment that do not depend on the recipient.
fn collect(environment: Environment<'_>) -> Vec<Source> {
    let value = |name| environment.variable(name);
    let mut sources = vec![
        Source::variable("SOPS_AGE_KEY", value("SOPS_AGE_KEY")),
        Source::named_file("SOPS_AGE_KEY_FILE", value("SOPS_AGE_KEY_FILE")),
        Source::default_file(default_identity_file(environment)),
    ];
    sources.extend(ssh_sources(environment));
    sources
}

/// Lists the SSH keys that are there and would be used if they were built in.
fn ssh_sources(environment: Environment<'_>) -> impl Iterator<Item = Source> {
    let is_set = move |name: &&str| environment.variable(name).is_some();
    let named = SSH_VARIABLES.into_iter().filter(is_set).map(Location::Variable);
    let home = environment.home_folder();
    let paths = home.into_iter().flat_map(|home| SSH_FILES.map(|file| home.join(file)));
    let found = paths.filter(|path| path.exists()).map(Location::File);
    named.chain(found).map(|location| Source::not_built_in(location, Feature::Ssh))
}
