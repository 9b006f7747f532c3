use std::ffi::{OsStr, OsString};
use std::io;
use std::process::Command;
use std::time::Duration;

use zeroize::Zeroizing;

use super::Fingerprint;
use crate::io::environment::Environment;
use crate::io::process::{self, Ended, RunError};

/// The variable that names the program.
const PROGRAM: &str = "SOPS_GPG_EXEC";

/// The variable of ours for how many seconds the program may take.
const TIMEOUT: &str = "LEAFSEAL_GPG_TIMEOUT";

/// How long the program may take without [`TIMEOUT`]: long enough to type a passphrase.
const DEFAULT_TIMEOUT: u64 = 120;

/// How many of the lines that the program ends with are shown.
const LINES: usize = 2;

/// The reasons why the `gpg` program gives no answer.
#[derive(Debug, thiserror::Error)]
pub enum GpgError {
    /// The program cannot be started.
    #[error("{program} cannot be started")]
    Start {
        /// The program.
        program: String,
        /// What the system says.
        source: io::Error,
    },
    /// The program takes too long, as when its agent waits for a passphrase.
    #[error("{program} gave no answer within {seconds} s")]
    TooLate {
        /// The program.
        program: String,
        /// How long it had.
        seconds: u64,
    },
    /// The program failed.
    #[error("{program} failed: {words}")]
    Failed {
        /// The program.
        program: String,
        /// What it says last, or how it ended.
        words: String,
    },
    /// The program ended well, and what it wrote is no answer.
    #[error("{program} gave no answer that can be used")]
    NoAnswer {
        /// The program.
        program: String,
    },
    /// The variable for the time is not a number.
    #[error("{TIMEOUT} is not a number of seconds from 1")]
    Timeout,
}

/// The `gpg` program, or what stands in for it.
pub(super) struct Gpg {
    program: OsString,
    seconds: u64,
}

impl Gpg {
    /// Takes the program that the environment names. Its own variables, such as `GNUPGHOME`, it
    /// finds itself: it has the environment of this process.
    pub(super) fn find(environment: Environment<'_>) -> Result<Self, GpgError> {
        let program = environment.filled_variable(PROGRAM).unwrap_or_else(|| "gpg".into());
        let seconds = match environment.filled_variable(TIMEOUT) {
            None => DEFAULT_TIMEOUT,
            Some(text) => {
                let seconds = text.to_str().and_then(|text| text.parse().ok());
                seconds.filter(|seconds| *seconds > 0).ok_or(GpgError::Timeout)?
            }
        };
        Ok(Self { program, seconds })
    }

    /// Encrypts a data key. Blanks around the armor go, so that it ends without a line feed.
    pub(super) fn encrypt(&self, key: &Fingerprint, data_key: &[u8]) -> Result<String, GpgError> {
        let before = ["--no-default-recipient", "--yes", "--encrypt", "-a", "-r", key.as_str()];
        let trust = ["--trusted-key", key.key_id(), "--no-encrypt-to"];
        let stdout = self.run(&[&before[..], &trust].concat(), data_key)?;
        match std::str::from_utf8(&stdout).map(str::trim) {
            Ok(armor) if !armor.is_empty() => Ok(armor.to_owned()),
            _ => Err(GpgError::NoAnswer { program: self.name() }),
        }
    }

    /// Decrypts a data key; no output counts as failure.
    pub(super) fn decrypt(&self, enc: &str) -> Result<Zeroizing<Vec<u8>>, GpgError> {
        let data_key = self.run(&["-d"], enc.as_bytes())?;
        if data_key.is_empty() {
            return Err(GpgError::NoAnswer { program: self.name() });
        }
        Ok(data_key)
    }

    /// Lists a key with its subkeys in the form for programs (`doc/DETAILS` of `GnuPG`).
    pub(super) fn list(&self, key: &Fingerprint) -> Result<String, GpgError> {
        let flags = ["--batch", "--with-colons", "--list-keys", "--", key.digits()];
        Ok(String::from_utf8_lossy(&self.run(&flags, b"")?).into_owned())
    }

    fn run(&self, arguments: &[&str], input: &[u8]) -> Result<Zeroizing<Vec<u8>>, GpgError> {
        let program = || self.name();
        let mut command = Command::new(&self.program);
        command.args(arguments.iter().map(OsStr::new));
        let ended = process::run(command, input, Duration::from_secs(self.seconds));
        let ended = ended.map_err(|error| match error {
            RunError::Start(source) => GpgError::Start { program: program(), source },
            RunError::TooLate => GpgError::TooLate { program: program(), seconds: self.seconds },
            RunError::TooLong => GpgError::NoAnswer { program: program() },
        })?;
        if ended.status.success() {
            Ok(ended.stdout)
        } else {
            Err(GpgError::Failed { program: program(), words: words(&ended) })
        }
    }

    fn name(&self) -> String {
        self.program.to_string_lossy().into_owned()
    }
}

/// Returns what a program said last, in one line, or else how it ended.
fn words(ended: &Ended) -> String {
    let text = String::from_utf8_lossy(&ended.stderr);
    // lines between, such as user ids, belong to those above them
    let own: Vec<&str> = text.lines().filter_map(|line| line.strip_prefix("gpg: ")).collect();
    let lines = if own.is_empty() { text.lines().collect() } else { own };
    let lines: Vec<&str> =
        lines.into_iter().map(str::trim).filter(|line| !line.is_empty()).collect();
    if lines.is_empty() {
        return ended.status.to_string();
    }
    let last = lines[lines.len().saturating_sub(LINES)..].join("; ");
    last.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).collect()
}
