use std::any::Any;
use std::io;

use zeroize::Zeroizing;

/// The reasons why the user cannot be asked.
#[derive(Debug, thiserror::Error)]
pub enum InteractionError {
    /// This program never asks.
    #[error("this program does not ask for it")]
    NotAsked,
    /// There is no terminal.
    #[error("there is no terminal to ask on")]
    NoTerminal,
    /// The user ended the question without an answer.
    #[error("the question was cancelled")]
    Cancelled,
    /// The terminal cannot be used.
    #[error("the terminal cannot be used")]
    Terminal(#[source] io::Error),
}

/// Asks and tells the user what a key needs.
pub trait Interaction: Send + Sync {
    /// Asks for a secret, which is not shown while it is typed.
    fn passphrase(&self, question: &str) -> Result<Zeroizing<String>, InteractionError>;
    /// Asks for a text.
    fn text(&self, question: &str) -> Result<String, InteractionError>;
    /// Asks whether the first of two answers is meant.
    fn confirm(&self, question: &str, yes: &str, no: &str) -> Result<bool, InteractionError>;
    /// Tells what is going on.
    fn tell(&self, message: &str);
    /// Tells of something that should be looked at.
    fn warn(&self, message: &str);
    /// Tells what is waited for, until the result is dropped. Nothing is asked or told meanwhile.
    fn wait_for(&self, what: &str) -> Wait;
}

/// Something that lasts until it is dropped.
pub type Wait = Box<dyn Any>;

/// Asks nobody and tells nobody.
#[derive(Clone, Copy, Debug)]
pub struct NoInteraction;

impl Interaction for NoInteraction {
    fn passphrase(&self, _: &str) -> Result<Zeroizing<String>, InteractionError> {
        Err(InteractionError::NotAsked)
    }

    fn text(&self, _: &str) -> Result<String, InteractionError> {
        Err(InteractionError::NotAsked)
    }

    fn confirm(&self, _: &str, _: &str, _: &str) -> Result<bool, InteractionError> {
        Err(InteractionError::NotAsked)
    }

    fn tell(&self, _: &str) {}

    fn warn(&self, _: &str) {}

    fn wait_for(&self, _: &str) -> Wait {
        Box::new(())
    }
}
