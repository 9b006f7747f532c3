//! The terminal of this process, for questions that neither standard stream may answer.

use std::io;

use zeroize::Zeroizing;

/// What the user typed, which may be a secret.
pub type Text = Zeroizing<String>;

/// The reasons why nothing is read from the terminal.
#[derive(Debug, thiserror::Error)]
pub enum TerminalError {
    /// The process has no terminal.
    #[error("there is no terminal")]
    None,
    /// The user ended the question without an answer.
    #[error("the question was cancelled")]
    Cancelled,
    /// The terminal cannot be used.
    #[error("the terminal cannot be used")]
    Unusable(#[source] io::Error),
}

/// Prints a question on the terminal and reads a line, which is shown while it is typed or not.
///
/// # Errors
/// There is no terminal, or the user cancels with Ctrl-C or Ctrl-D.
pub fn ask(question: &str, is_shown: bool) -> Result<Text, TerminalError> {
    system::ask(question, is_shown)
}

/// A line that is being typed.
struct Line(Zeroizing<Vec<u8>>);

/// What becomes of a line with a further byte.
enum Typed {
    More,
    Complete,
    Cancelled,
}

impl Line {
    fn new() -> Self {
        // reserved, as growing would leave copies behind
        Self(Zeroizing::new(Vec::with_capacity(1024)))
    }

    /// Takes a byte as a terminal sends it that hands out each key by itself.
    fn take(&mut self, byte: u8) -> Typed {
        match byte {
            b'\n' | b'\r' => return Typed::Complete,
            0x03 => return Typed::Cancelled,
            0x04 if self.0.is_empty() => return Typed::Cancelled,
            0x08 | 0x7f => self.remove_last(),
            0x15 => self.0.clear(),
            0x00..=0x1f => {}
            byte => self.0.push(byte),
        }
        Typed::More
    }

    /// Removes the last character, which may be several bytes of UTF-8.
    fn remove_last(&mut self) {
        while self.0.pop().is_some_and(|byte| byte & 0xc0 == 0x80) {}
    }

    fn into_text(mut self) -> Result<Text, TerminalError> {
        let text = String::from_utf8(std::mem::take(&mut *self.0));
        let invalid = |_| TerminalError::Unusable(io::ErrorKind::InvalidData.into());
        text.map(Zeroizing::new).map_err(invalid)
    }
}

#[cfg(unix)]
mod system {
    use std::fs::{File, OpenOptions};
    use std::io::{BufRead as _, BufReader, Read as _, Write as _};

    use rustix::termios::{
        LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr,
    };

    use super::{Line, TerminalError, Text, Typed};

    /// A terminal that hands out each key and shows none; it is put back when this is dropped.
    struct Quiet<'f> {
        file: &'f File,
        usual: Termios,
    }

    impl<'f> Quiet<'f> {
        fn new(file: &'f File) -> rustix::io::Result<Self> {
            let usual = tcgetattr(file)?;
            let mut quiet = usual.clone();
            // signals too come as keys, or Ctrl-C would leave the terminal without echo
            quiet.local_modes.remove(LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG);
            quiet.special_codes[SpecialCodeIndex::VMIN] = 1;
            quiet.special_codes[SpecialCodeIndex::VTIME] = 0;
            // what was typed before the question is no answer to it
            tcsetattr(file, OptionalActions::Flush, &quiet)?;
            Ok(Self { file, usual })
        }
    }

    impl Drop for Quiet<'_> {
        fn drop(&mut self) {
            // a terminal that is gone needs no echo
            let _ = tcsetattr(self.file, OptionalActions::Drain, &self.usual);
        }
    }

    pub(super) fn ask(question: &str, is_shown: bool) -> Result<Text, TerminalError> {
        let terminal = OpenOptions::new().read(true).write(true).open("/dev/tty");
        let mut terminal = terminal.map_err(|_| TerminalError::None)?;
        if is_shown {
            return ask_shown(&mut terminal, question);
        }
        let quiet = Quiet::new(&terminal).map_err(|error| TerminalError::Unusable(error.into()))?;
        let typed = ask_hidden(&terminal, question);
        drop(quiet);
        // the line end was not shown
        let _ = terminal.write_all(b"\n");
        typed
    }

    /// Reads a line that the terminal shows and lets the user edit.
    fn ask_shown(terminal: &mut File, question: &str) -> Result<Text, TerminalError> {
        terminal.write_all(question.as_bytes()).map_err(TerminalError::Unusable)?;
        let mut line = Text::default();
        let length = BufReader::new(terminal).read_line(&mut line);
        if length.map_err(TerminalError::Unusable)? == 0 {
            return Err(TerminalError::Cancelled);
        }
        let length = line.trim_end_matches(['\n', '\r']).len();
        line.truncate(length);
        Ok(line)
    }

    fn ask_hidden(mut terminal: &File, question: &str) -> Result<Text, TerminalError> {
        terminal.write_all(question.as_bytes()).map_err(TerminalError::Unusable)?;
        let mut line = Line::new();
        let mut byte = [0];
        while terminal.read(&mut byte).map_err(TerminalError::Unusable)? == 1 {
            match line.take(byte[0]) {
                Typed::Complete => return line.into_text(),
                Typed::Cancelled => return Err(TerminalError::Cancelled),
                Typed::More => {}
            }
        }
        Err(TerminalError::Cancelled)
    }
}

#[cfg(not(unix))]
mod system {
    use super::{TerminalError, Text};

    /// Reading without echo is not built in for this system.
    pub(super) fn ask(_: &str, _: bool) -> Result<Text, TerminalError> {
        Err(TerminalError::None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_edited_with_the_usual_keys() {
        let rows: [(&[u8], Option<&str>); 8] = [
            (b"abc\n", Some("abc")),
            (b"\r", Some("")),
            (b"ab\x7f\x08c\n", Some("c")),
            ("aä\u{7f}b\n".as_bytes(), Some("ab")),
            (b"wrong\x15right\n", Some("right")),
            (b"a\x1b\x04b\n", Some("ab")),
            (b"ab\x03", None),
            (b"\x04", None),
        ];
        for (keys, expected) in rows {
            let mut line = Line::new();
            let end =
                keys.iter().map(|byte| line.take(*byte)).find(|it| !matches!(it, Typed::More));
            let text = match end {
                Some(Typed::Complete) => line.into_text().ok(),
                _ => None,
            };
            assert_eq!(text.as_deref().map(String::as_str), expected, "{keys:?}");
        }
    }
}
