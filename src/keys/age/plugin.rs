use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use std::{io, slice, thread};

use ::age::plugin::{Identity, IdentityPluginV1, Recipient, RecipientPluginV1};
use ::age::secrecy::SecretString;
use ::age::{DecryptError, EncryptError};
use age_core::format::{FileKey, Stanza};
use zeroize::Zeroizing;

use super::identity::Surroundings;
use super::source::Problem;
use crate::keys::{Interaction, InteractionError, holds_identity};

/// How long a plugin may give no sign, unless the user says otherwise; waiting for the user does
/// not count.
pub(super) const DEFAULT_DEADLINE: Duration = Duration::from_mins(1);

/// The reasons why a plugin does not help.
#[derive(Debug, thiserror::Error)]
pub enum PluginError {
    /// There is no such program.
    #[error("{0} is in no folder of PATH")]
    Missing(String),
    /// The program says nothing.
    #[error("{program} gave no sign for {} s", deadline.as_secs())]
    Silent {
        /// Name of the program.
        program: String,
        /// How long it was waited for.
        deadline: Duration,
    },
    /// The program says what is wrong.
    #[error("{program}: {message}")]
    Refused {
        /// Name of the program.
        program: String,
        /// Its words.
        message: String,
    },
    /// The program ended before it answered, or cannot be run.
    #[error("{0} ended without an answer")]
    Died(String),
    /// The program answers in another language.
    #[error("{0} does not speak the protocol of age plugins")]
    Protocol(String),
    /// The program makes nothing that an age file can hold.
    #[error("{0} gave nothing that opens the data key")]
    Useless(String),
}

/// An identity that a plugin holds or stands for.
pub(super) struct PluginIdentity {
    key: Identity,
    surroundings: Arc<Surroundings>,
    trouble: OnceLock<Arc<Problem>>,
}

impl PluginIdentity {
    pub(super) fn new(key: Identity, surroundings: &Arc<Surroundings>) -> Self {
        Self { key, surroundings: Arc::clone(surroundings), trouble: OnceLock::new() }
    }

    /// Tells why the plugin did not help.
    pub(super) fn trouble(&self) -> Option<Arc<Problem>> {
        self.trouble.get().map(Arc::clone)
    }

    fn ask(&self, stanzas: &[Stanza]) -> Result<Option<FileKey>, PluginError> {
        let name = self.key.plugin().to_owned();
        let program = program(&name);
        let key = self.key.clone();
        let stanzas: Vec<Stanza> = stanzas.iter().map(copy).collect();
        let work = move |go_between| {
            let plugin = IdentityPluginV1::new(&name, slice::from_ref(&key), go_between);
            let plugin = plugin.map_err(|_| DecryptError::NoMatchingKeys)?;
            ::age::Identity::unwrap_stanzas(&plugin, &stanzas).transpose()
        };
        let interaction = &self.surroundings.interaction;
        let answer = run(&program, interaction, self.surroundings.deadline, work)?;
        answer.map_err(|error| match error {
            DecryptError::NoMatchingKeys => PluginError::Missing(program),
            DecryptError::Plugin(errors) => refused(program, &errors),
            DecryptError::Io(error) => broken(program, &error),
            _ => PluginError::Protocol(program),
        })
    }
}

impl ::age::Identity for PluginIdentity {
    fn unwrap_stanza(&self, stanza: &Stanza) -> Option<Result<FileKey, DecryptError>> {
        self.unwrap_stanzas(slice::from_ref(stanza))
    }

    fn unwrap_stanzas(&self, stanzas: &[Stanza]) -> Option<Result<FileKey, DecryptError>> {
        if self.trouble.get().is_some() {
            return None;
        }
        match self.ask(stanzas) {
            Ok(answer) => answer.map(Ok),
            Err(error) => {
                // set above only, and before that it is empty
                let _ = self.trouble.set(Arc::new(Problem::Plugin(error)));
                None
            }
        }
    }
}

/// Encrypts a data key to the recipient of a plugin.
pub(super) fn wrap(
    recipient: &Recipient,
    data_key: &[u8],
    interaction: &Arc<dyn Interaction>,
    deadline: Duration,
) -> Result<String, PluginError> {
    let name = recipient.plugin().to_owned();
    let program = program(&name);
    let recipient = recipient.clone();
    let data_key = Zeroizing::new(data_key.to_vec());
    let work = move |go_between| {
        let plugin = RecipientPluginV1::new(&name, slice::from_ref(&recipient), &[], go_between);
        super::seal(&plugin.map_err(EncryptError::PluginResolve)?, &data_key)
    };
    run(&program, interaction, deadline, work)?.map_err(|error| match error {
        EncryptError::PluginResolve(_) => PluginError::Missing(program),
        EncryptError::Plugin(errors) => refused(program, &errors),
        EncryptError::Io(error) => broken(program, &error),
        _ => PluginError::Useless(program),
    })
}

fn program(name: &str) -> String {
    format!("age-plugin-{name}")
}

fn copy(stanza: &Stanza) -> Stanza {
    let Stanza { tag, args, body } = stanza;
    Stanza { tag: tag.clone(), args: args.clone(), body: body.clone() }
}

/// Gives the words of a plugin, in one line and without an identity.
fn refused(program: String, errors: &[impl ToString]) -> PluginError {
    let words = errors.iter().map(|error| one_line(&error.to_string()));
    // the name of the program stands before it
    let message = words.collect::<Vec<_>>().join("; ").replace(&format!("'{program}' "), "");
    let secret = "(a message with an identity in it, which is not shown)".to_owned();
    let message = if holds_identity(&message) { secret } else { message };
    PluginError::Refused { program, message }
}

fn one_line(text: &str) -> String {
    // the crate sets marks of direction around what it fills in
    let is_mark = |character| matches!(character, '\u{2066}'..='\u{2069}');
    text.trim().replace(is_mark, "").replace(char::is_control, " ")
}

fn broken(program: String, error: &io::Error) -> PluginError {
    match error.kind() {
        io::ErrorKind::InvalidData => PluginError::Protocol(program),
        _ => PluginError::Died(program),
    }
}

/// What a thread that talks to a plugin tells the one that waits for it.
enum Event<T> {
    /// The user is being asked.
    Asking,
    /// The plugin gave a sign, or the user an answer.
    Alive,
    /// The plugin has answered.
    Done(T),
}

/// Runs `work`, which talks to a plugin, as long as the plugin gives signs. A silent one is left
/// behind: its input closes when this process ends, if not before.
fn run<T: Send + 'static>(
    program: &str,
    interaction: &Arc<dyn Interaction>,
    deadline: Duration,
    work: impl FnOnce(GoBetween<T>) -> T + Send + 'static,
) -> Result<T, PluginError> {
    let (events, received) = mpsc::channel();
    let interaction = Arc::clone(interaction);
    let go_between = GoBetween { interaction, program: program.to_owned(), events: events.clone() };
    thread::spawn(move || {
        let result = work(go_between);
        // nobody waits any more for a plugin that was too late
        let _ = events.send(Event::Done(result));
    });
    wait(&received, deadline).map_err(|error| match error {
        RecvTimeoutError::Timeout => PluginError::Silent { program: program.to_owned(), deadline },
        RecvTimeoutError::Disconnected => PluginError::Died(program.to_owned()),
    })
}

fn wait<T>(events: &Receiver<Event<T>>, deadline: Duration) -> Result<T, RecvTimeoutError> {
    let mut event = events.recv_timeout(deadline)?;
    loop {
        event = match event {
            Event::Done(result) => return Ok(result),
            Event::Alive => events.recv_timeout(deadline)?,
            Event::Asking => events.recv().map_err(|_| RecvTimeoutError::Disconnected)?,
        };
    }
}

/// Hands the questions of a plugin to the user.
struct GoBetween<T> {
    interaction: Arc<dyn Interaction>,
    program: String,
    events: Sender<Event<T>>,
}

impl<T> Clone for GoBetween<T> {
    fn clone(&self) -> Self {
        let Self { interaction, program, events } = self;
        let (interaction, events) = (Arc::clone(interaction), events.clone());
        Self { interaction, program: program.clone(), events }
    }
}

impl<T> GoBetween<T> {
    fn ask<A>(&self, question: impl FnOnce() -> Result<A, InteractionError>) -> Option<A> {
        // nobody waits any more for a plugin that was too late
        let _ = self.events.send(Event::Asking);
        let answer = question();
        let _ = self.events.send(Event::Alive);
        answer.ok()
    }

    fn line(&self, message: &str) -> String {
        format!("{}: {}", self.program, one_line(message))
    }
}

impl<T: Send + 'static> ::age::Callbacks for GoBetween<T> {
    fn display_message(&self, message: &str) {
        let _ = self.events.send(Event::Alive);
        self.interaction.tell(&self.line(message));
    }

    fn confirm(&self, message: &str, yes: &str, no: Option<&str>) -> Option<bool> {
        let message = self.line(message);
        self.ask(|| self.interaction.confirm(&message, yes, no.unwrap_or("no")))
    }

    fn request_public_string(&self, description: &str) -> Option<String> {
        let question = self.line(description);
        self.ask(|| self.interaction.text(&question))
    }

    fn request_passphrase(&self, description: &str) -> Option<SecretString> {
        let question = self.line(description);
        let mut secret = self.ask(|| self.interaction.passphrase(&question))?;
        Some(SecretString::from(std::mem::take(&mut *secret)))
    }
}
