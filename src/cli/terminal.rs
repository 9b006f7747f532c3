use zeroize::Zeroizing;

use super::progress::Progress;
use super::report;
use crate::io::terminal::{self, TerminalError};
use crate::keys::{Interaction, InteractionError, Wait};

/// Asks the user on the terminal, whatever the standard streams are; tells on standard error.
pub(super) struct Terminal;

impl Interaction for Terminal {
    fn passphrase(&self, question: &str) -> Result<Zeroizing<String>, InteractionError> {
        terminal::ask(&format!("{question}: "), false).map_err(refused)
    }

    fn text(&self, question: &str) -> Result<String, InteractionError> {
        let mut text = terminal::ask(&format!("{question}: "), true).map_err(refused)?;
        Ok(std::mem::take(&mut text))
    }

    fn confirm(&self, question: &str, yes: &str, no: &str) -> Result<bool, InteractionError> {
        loop {
            let answer = self.text(&format!("{question} (1: {yes}, 2: {no})"))?;
            match answer.trim() {
                "1" => return Ok(true),
                "2" => return Ok(false),
                _ => {}
            }
        }
    }

    fn tell(&self, message: &str) {
        report::note(message);
    }

    fn warn(&self, message: &str) {
        report::warn(message);
    }

    fn wait_for(&self, what: &str) -> Wait {
        Box::new(Progress::start(what))
    }
}

fn refused(error: TerminalError) -> InteractionError {
    match error {
        TerminalError::None => InteractionError::NoTerminal,
        TerminalError::Cancelled => InteractionError::Cancelled,
        TerminalError::Unusable(error) => InteractionError::Terminal(error),
    }
}
