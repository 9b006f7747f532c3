use std::collections::BTreeMap;
use std::fmt;
use std::iter;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::default_identity_file;
use super::identity::Surroundings;
use super::source::{Location, Looked, Problem, Source};
use crate::io::environment::Environment;
use crate::keys::Interaction;

/// The SSH private keys that are always looked for, below the home folder.
const SSH_FILES: [&str; 2] = [".ssh/id_ed25519", ".ssh/id_rsa"];

/// The identities that were given, and all those of the user, which are collected when they are
/// first needed (`spec/format.md` §7.1).
///
/// The commands of the environment are told which recipient is looked for, so they run once for
/// each, and only if nothing at hand opens the data key.
pub struct Identities<'a> {
    given: Vec<Arc<Source>>,
    environment: Option<Environment<'a>>,
    surroundings: Arc<Surroundings>,
    fixed: OnceLock<Vec<Arc<Source>>>,
    commands: Mutex<BTreeMap<String, Vec<Arc<Source>>>>,
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

impl Report {
    pub(super) fn of(sources: &[Arc<Source>]) -> Self {
        Self(sources.iter().map(|source| source.look_again()).collect())
    }
}

impl Default for Identities<'_> {
    /// Makes a collection that looks nowhere.
    fn default() -> Self {
        let (fixed, commands) = (OnceLock::new(), Mutex::default());
        let surroundings = Arc::default();
        Self { given: Vec::new(), environment: None, surroundings, fixed, commands }
    }
}

impl<'a> Identities<'a> {
    /// Makes a collection that looks where `environment` says; nothing is read yet.
    #[must_use]
    pub fn new(environment: Environment<'a>) -> Self {
        let surroundings = Arc::new(Surroundings::of(environment));
        Self { environment: Some(environment), surroundings, ..Self::default() }
    }

    /// Has the user asked for passphrases, by identities that are added or read from now on.
    pub fn ask(&mut self, interaction: Arc<dyn Interaction>) {
        let Surroundings { deadline, agent, .. } = &*self.surroundings;
        let (deadline, agent) = (*deadline, agent.clone());
        self.surroundings = Arc::new(Surroundings { interaction, deadline, agent });
    }

    /// Adds the identities of a text, to be tried before those of the environment.
    ///
    /// # Errors
    /// The text has no identity that can be used.
    pub fn add(&mut self, text: &str) -> Result<(), Problem> {
        self.given.push(Arc::new(Source::given(text, &self.surroundings)?));
        Ok(())
    }

    /// Adds the identities of a file, to be tried before those of the environment.
    ///
    /// # Errors
    /// The file cannot be read, or has no identity that can be used.
    pub fn add_file(&mut self, path: &Path) -> Result<(), Problem> {
        self.given.push(Arc::new(Source::given_file(path, &self.surroundings)?));
        Ok(())
    }

    /// Returns the sources in the order in which they are worth reading: first those that are at
    /// hand, then those that a command has to give.
    pub(super) fn stages(&self, recipient: &str) -> impl Iterator<Item = Vec<Arc<Source>>> {
        let at_hand = move || self.given.iter().chain(self.fixed()).cloned().collect();
        (0..2).map(move |stage| if stage == 0 { at_hand() } else { self.commands(recipient) })
    }

    fn fixed(&self) -> &[Arc<Source>] {
        let read = |environment| collect(environment, &self.surroundings);
        self.fixed.get_or_init(|| self.environment.map(read).unwrap_or_default())
    }

    /// Returns what the commands of the environment give for a recipient.
    fn commands(&self, recipient: &str) -> Vec<Arc<Source>> {
        let Some(environment) = self.environment else {
            return Vec::new();
        };
        // a panic while the lock was held leaves the map as good as before
        let mut commands = self.commands.lock().unwrap_or_else(PoisonError::into_inner);
        let run = || run_commands(environment, recipient, &self.surroundings);
        commands.entry(recipient.to_owned()).or_insert_with(run).clone()
    }
}

/// Reads all sources of an environment that do not depend on the recipient.
fn collect(environment: Environment<'_>, around: &Arc<Surroundings>) -> Vec<Arc<Source>> {
    let value = |name| environment.variable(name);
    let mut sources = vec![
        Source::variable("SOPS_AGE_KEY", value("SOPS_AGE_KEY"), around),
        Source::named_file("SOPS_AGE_KEY_FILE", value("SOPS_AGE_KEY_FILE"), around),
        Source::default_file(default_identity_file(environment), around),
    ];
    let name = "SOPS_AGE_SSH_PRIVATE_KEY_FILE";
    sources.extend(value(name).map(|value| Source::named_ssh_key(name, value, around)));
    let home = environment.home_folder();
    let paths = home.into_iter().flat_map(|home| SSH_FILES.map(|file| home.join(file)));
    let found = paths.filter(|path| path.exists());
    sources.extend(found.map(|path| Source::ssh_key(Location::File(path.clone()), &path, around)));
    sources.into_iter().map(Arc::new).collect()
}

fn run_commands(
    environment: Environment<'_>,
    recipient: &str,
    around: &Arc<Surroundings>,
) -> Vec<Arc<Source>> {
    let name = "SOPS_AGE_KEY_CMD";
    let identities = Source::command(name, environment.variable(name), recipient, around);
    let name = "SOPS_AGE_SSH_PRIVATE_KEY_CMD";
    let key = environment.variable(name);
    let key = key.map(|value| Source::ssh_command(name, &value, recipient, around));
    iter::once(identities).chain(key).map(Arc::new).collect()
}
