use std::cell::{OnceCell, RefCell};
use std::collections::BTreeMap;
use std::fmt;
use std::iter;
use std::rc::Rc;
use std::sync::Arc;

use ::age::x25519;

use super::source::{Location, Looked, Source};
use super::{Feature, default_identity_file};
use crate::io::environment::Environment;

/// The SSH private keys that are always looked for, below the home folder.
const SSH_FILES: [&str; 2] = [".ssh/id_ed25519", ".ssh/id_rsa"];

/// The variables that name an SSH private key.
const SSH_VARIABLES: [&str; 2] = ["SOPS_AGE_SSH_PRIVATE_KEY_FILE", "SOPS_AGE_SSH_PRIVATE_KEY_CMD"];

/// All identities of the user, collected when they are first needed (`spec/format.md` §7.1).
///
/// The command of `SOPS_AGE_KEY_CMD` is told which recipient is looked for, so it runs once for
/// each, and only if nothing else opens the data key.
pub struct Identities<'a> {
    environment: Environment<'a>,
    fixed: OnceCell<Vec<Source>>,
    commands: RefCell<BTreeMap<String, Rc<Source>>>,
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

impl<'a> Identities<'a> {
    /// Makes a collection that looks where `environment` says; nothing is read yet.
    #[must_use]
    pub fn new(environment: Environment<'a>) -> Self {
        Self { environment, fixed: OnceCell::new(), commands: RefCell::default() }
    }

    /// Returns the identities in the order in which they are worth trying: first those that are
    /// at hand, then those that a command has to give.
    pub(super) fn stages(&self, recipient: &str) -> impl Iterator<Item = Vec<x25519::Identity>> {
        let at_hand = || self.fixed().iter().flat_map(|source| source.identities.clone());
        let given = || self.command(recipient).identities.clone();
        (0..2).map(move |stage| if stage == 0 { at_hand().collect() } else { given() })
    }

    /// Tells what was found where, after nothing opened the data key of `recipient`.
    pub(super) fn report(&self, recipient: &str) -> Report {
        let command = self.command(recipient);
        let sources = self.fixed().iter().chain(iter::once(&*command));
        Report(sources.map(|source| Arc::clone(&source.looked)).collect())
    }

    fn fixed(&self) -> &[Source] {
        self.fixed.get_or_init(|| self.collect())
    }

    fn collect(&self) -> Vec<Source> {
        let value = |name| self.environment.variable(name);
        let mut sources = vec![
            Source::variable("SOPS_AGE_KEY", value("SOPS_AGE_KEY")),
            Source::named_file("SOPS_AGE_KEY_FILE", value("SOPS_AGE_KEY_FILE")),
            Source::default_file(default_identity_file(self.environment)),
        ];
        sources.extend(self.ssh_sources());
        sources
    }

    /// Lists the SSH keys that are there and would be used if they were built in.
    fn ssh_sources(&self) -> impl Iterator<Item = Source> {
        let is_set = |name: &&str| self.environment.variable(name).is_some();
        let named = SSH_VARIABLES.into_iter().filter(is_set).map(Location::Variable);
        let home = self.environment.home_folder();
        let paths = home.into_iter().flat_map(|home| SSH_FILES.map(|file| home.join(file)));
        let found = paths.filter(|path| path.exists()).map(Location::File);
        named.chain(found).map(|location| Source::not_built_in(location, Feature::Ssh))
    }

    fn command(&self, recipient: &str) -> Rc<Source> {
        let known = self.commands.borrow().get(recipient).cloned();
        known.unwrap_or_else(|| {
            let name = "SOPS_AGE_KEY_CMD";
            let value = self.environment.variable(name);
            let source = Rc::new(Source::command(name, value, recipient));
            self.commands.borrow_mut().insert(recipient.to_owned(), Rc::clone(&source));
            source
        })
    }
}
