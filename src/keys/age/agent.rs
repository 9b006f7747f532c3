use std::io::{self, BufRead, BufReader, Read as _, Write};
use std::path::PathBuf;

use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::io::environment::Environment;
use crate::keys::InteractionError;

/// Digits of Base32 (RFC 4648 §6).
const BASE32_DIGITS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// Length of the part of a file's hash in a cache id: 40 digits of Base32, without padding.
const HASH_LENGTH: usize = 25;

/// The code of gpg-agent for a question that the user cancelled.
const CANCELLED: &str = "83886179";

/// The longest line of the Assuan protocol, with its end.
const MAX_LINE: u64 = 1002;

/// Where gpg-agent listens, which keeps passphrases for some time.
#[derive(Clone)]
pub(super) struct Agent {
    socket: PathBuf,
    /// What the agent is told of the user's screen.
    options: Vec<String>,
}

/// The name of a passphrase in gpg-agent's cache: `SopsAge` and Base32 of the first 25 bytes of
/// the SHA-256 of the encrypted file (`spec/format.md` §7.1).
pub(super) struct CacheId(String);

impl CacheId {
    pub(super) fn of(bytes: &[u8]) -> Self {
        let hash = Sha256::digest(bytes);
        let mut name = "SopsAge".to_owned();
        for five in hash[..HASH_LENGTH].chunks(5) {
            let bits = five.iter().fold(0_u64, |bits, byte| (bits << 8) | u64::from(*byte));
            let digit = |at: usize| BASE32_DIGITS.iter().cycle().nth(index(bits >> (5 * at)));
            name.extend((0..8).rev().filter_map(digit).map(|digit| char::from(*digit)));
        }
        Self(name)
    }
}

/// Returns the lowest five bits.
fn index(bits: u64) -> usize {
    usize::try_from(bits & 31).unwrap_or_default()
}

impl Agent {
    /// Finds the socket where the reference looks for it: `GPG_AGENT_INFO`, else the home folder,
    /// else the runtime folder.
    pub(super) fn of(environment: Environment<'_>) -> Option<Self> {
        let socket = if let Some(value) = environment.variable("GPG_AGENT_INFO") {
            PathBuf::from(value.to_str()?.split(':').next()?)
        } else {
            let home = environment.home_folder().map(|home| home.join(".gnupg/S.gpg-agent"));
            let runtime = environment.filled_variable("XDG_RUNTIME_DIR");
            let runtime = runtime.map(|folder| PathBuf::from(folder).join("gnupg/S.gpg-agent"));
            home.into_iter().chain(runtime).find(|path| path.exists())?
        };
        let option = |(name, variable)| {
            let value = environment.filled_variable(variable)?.into_string().ok()?;
            (!value.contains(char::is_control)).then(|| format!("{name}={value}"))
        };
        let known = [("display", "DISPLAY"), ("ttytype", "TERM"), ("ttyname", "GPG_TTY")];
        Some(Self { socket, options: known.into_iter().filter_map(option).collect() })
    }

    /// Asks the agent, which asks the user where it does not know; nothing if it cannot be reached
    /// or has no way to ask.
    pub(super) fn ask(
        &self,
        id: &CacheId,
        question: &str,
    ) -> Option<Result<Zeroizing<String>, InteractionError>> {
        let mut talk = self.connect()?;
        for option in &self.options {
            // an option that this agent does not know is no reason to give up
            talk.call(&format!("OPTION {option}")).ok()?;
        }
        let question = format!("{question}:").replace('%', "%25").replace('+', "%2B");
        let question = question.replace(char::is_control, " ").replace(' ', "+");
        let answer = talk.call(&format!("GET_PASSPHRASE {} X Passphrase {question}", id.0)).ok()?;
        if answer.split(' ').nth(1) == Some(CANCELLED) && answer.starts_with("ERR ") {
            return Some(Err(InteractionError::Cancelled));
        }
        let passphrase = unhex(answer.strip_prefix("OK")?.trim())?;
        if passphrase.is_empty() {
            self.forget(id);
        }
        Some(Ok(passphrase))
    }

    /// Has a passphrase dropped that turned out wrong.
    pub(super) fn forget(&self, id: &CacheId) {
        if let Some(mut talk) = self.connect() {
            // the agent may have dropped it already
            let _ = talk.call(&format!("CLEAR_PASSPHRASE {}", id.0));
        }
    }

    #[cfg(unix)]
    fn connect(&self) -> Option<Talk> {
        let stream = std::os::unix::net::UnixStream::connect(&self.socket).ok()?;
        let mut talk = Talk {
            input: Box::new(BufReader::new(stream.try_clone().ok()?)),
            output: Box::new(stream),
        };
        talk.answer().ok()?.starts_with("OK").then_some(talk)
    }

    #[cfg(not(unix))]
    fn connect(&self) -> Option<Talk> {
        None
    }
}

/// Reads the passphrase that an agent gives in hexadecimal.
fn unhex(digits: &str) -> Option<Zeroizing<String>> {
    if !digits.len().is_multiple_of(2) {
        return None;
    }
    let mut text = Zeroizing::new(Vec::with_capacity(digits.len() / 2));
    for pair in digits.as_bytes().chunks(2) {
        text.push(u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()?);
    }
    String::from_utf8(std::mem::take(&mut *text)).ok().map(Zeroizing::new)
}

/// A conversation with the agent in lines (Assuan).
struct Talk {
    input: Box<dyn BufRead>,
    output: Box<dyn Write>,
}

impl Talk {
    fn call(&mut self, line: &str) -> io::Result<Zeroizing<String>> {
        self.output.write_all(format!("{line}\n").as_bytes())?;
        self.answer()
    }

    /// Reads a line that is no comment and no status.
    fn answer(&mut self) -> io::Result<Zeroizing<String>> {
        loop {
            let mut line = Zeroizing::new(String::with_capacity(1024));
            (&mut self.input).take(MAX_LINE).read_line(&mut line)?;
            if line.is_empty() {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if !line.starts_with('#') && !line.starts_with("S ") {
                return Ok(line);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cache_id_is_that_of_the_reference() {
        // printf abc | sha256sum | head -c50 | xxd -r -p | base32
        assert_eq!(CacheId::of(b"abc").0, "SopsAgeXJ4BNP4PAHH6UQKBIDPF3LRCEOYAGYNDSYLXVHFU");
    }

    #[test]
    fn a_passphrase_comes_in_hexadecimal() {
        for (digits, expected) in
            [("", Some("")), ("6120C3A4", Some("a ä")), ("6", None), ("zz", None), ("ff", None)]
        {
            assert_eq!(unhex(digits).as_deref().map(String::as_str), expected, "{digits}");
        }
    }
}
