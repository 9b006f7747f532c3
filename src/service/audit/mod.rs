//! The audit log: who encrypted, decrypted or rotated which file, in databases that the
//! administrator of the machine names (`spec/cli.md` §11).
//!
//! Owns the configuration, the events and the two kinds of databases. The configuration has one
//! place, which neither a flag nor a variable moves.

mod config;
#[cfg(feature = "audit-postgres")]
mod postgres;
#[cfg(feature = "audit-sqlite")]
mod sqlite;

use std::fmt;
use std::path::{Path, PathBuf};

pub use config::ConfigProblem;

use crate::io::user;

/// Where the configuration is, for the whole machine.
pub const CONFIG: &str = "/etc/sops/audit.yaml";

/// What was done with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// It was encrypted.
    Encrypt,
    /// Its data key was recovered, to decrypt it.
    Decrypt,
    /// A new data key was asked for.
    Rotate,
}

impl Action {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Encrypt, Self::Decrypt, Self::Rotate];

    /// Returns the word in the log.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Encrypt => "encrypt",
            Self::Decrypt => "decrypt",
            Self::Rotate => "rotate",
        }
    }
}

/// A row of the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Number of the row.
    pub id: i64,
    /// When it was written, RFC 3339 in UTC to the millisecond.
    pub timestamp: String,
    /// What was done.
    pub action: String,
    /// The user of the system who did it.
    pub username: String,
    /// The absolute path of the file.
    pub file: String,
}

/// Which rows are asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Those of one of these actions; all if there are none.
    pub actions: Vec<String>,
    /// Those of this user.
    pub user: Option<String>,
    /// Those of this file, or of all below this folder.
    pub file: Option<String>,
    /// Those from this time on, a beginning of an RFC 3339 time in UTC.
    pub since: Option<String>,
    /// Those up to this time, all that begin so included.
    pub until: Option<String>,
    /// The last ones of all that remain.
    pub last: Option<u32>,
}

/// The reasons why an event is not recorded or not shown. None holds a password.
#[derive(Debug, thiserror::Error)]
pub enum AuditError {
    /// The configuration cannot be read.
    #[error("cannot read the audit configuration {CONFIG}")]
    Unreadable(#[source] std::io::Error),
    /// The configuration is none.
    #[error("audit configuration {CONFIG}: {0}")]
    Config(#[from] ConfigProblem),
    /// A database that is named is not built in.
    #[error("audit configuration {CONFIG}: {0} is not built in")]
    NotBuiltIn(&'static str),
    /// A PostgreSQL database refuses.
    #[cfg(feature = "audit-postgres")]
    #[error("audit log in PostgreSQL ({place}): {error}")]
    Postgres {
        /// Host and database.
        place: String,
        /// What is wrong.
        #[source]
        error: PostgresError,
    },
    /// An SQLite database refuses.
    #[cfg(feature = "audit-sqlite")]
    #[error("audit log {}: {error}", path.display())]
    Sqlite {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        error: rusqlite::Error,
    },
    /// No log that can be shown is configured.
    #[error("no audit log to show: {CONFIG} names no sqlite backend")]
    NothingToShow,
}

#[cfg(feature = "audit-postgres")]
pub use postgres::PostgresError;

/// A database that events go to.
#[derive(Debug, PartialEq, Eq)]
enum Backend {
    /// PostgreSQL, by a connection string.
    Postgres(ConnectionString),
    /// An SQLite file.
    Sqlite(PathBuf),
}

/// A connection string, which may hold a password.
#[derive(PartialEq, Eq)]
struct ConnectionString(String);

/// Shows nothing of the text.
impl fmt::Debug for ConnectionString {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("ConnectionString")
    }
}

/// The databases that events go to; none where nothing is configured.
#[derive(Debug, Default)]
pub struct AuditLog {
    backends: Vec<Backend>,
}

impl AuditLog {
    /// Reads the configuration of this machine; a missing one asks for nothing.
    ///
    /// # Errors
    /// There is one, and it cannot be read.
    pub fn of_machine() -> Result<Self, AuditError> {
        match std::fs::read_to_string(CONFIG) {
            Ok(text) => Ok(Self { backends: config::parse(&text)? }),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(AuditError::Unreadable(error)),
        }
    }

    /// Records in every database what is done with a file.
    ///
    /// # Errors
    /// One of them refuses; nobody may see the result then.
    pub fn record(&self, action: Action, file: &Path) -> Result<(), AuditError> {
        if self.backends.is_empty() {
            return Ok(());
        }
        let event =
            Event { action, username: user::current(), file: file.to_string_lossy().into_owned() };
        self.backends.iter().try_for_each(|backend| backend.record(&event))
    }

    /// Returns the rows of the SQLite logs, the oldest first.
    ///
    /// # Errors
    /// There is no such log, or it cannot be read.
    pub fn entries(&self, filter: &Filter) -> Result<Vec<Entry>, AuditError> {
        let is_shown = |backend: &&Backend| matches!(backend, Backend::Sqlite(_));
        let mut shown = self.backends.iter().filter(is_shown).peekable();
        if shown.peek().is_none() {
            return Err(AuditError::NothingToShow);
        }
        let mut entries = Vec::new();
        for backend in shown {
            entries.extend(backend.entries(filter)?);
        }
        Ok(entries)
    }
}

/// What goes into a row.
#[cfg_attr(
    not(any(feature = "audit-postgres", feature = "audit-sqlite")),
    expect(dead_code, reason = "nothing is built in that reads it")
)]
struct Event {
    action: Action,
    username: String,
    file: String,
}

impl Backend {
    #[cfg_attr(
        not(any(feature = "audit-postgres", feature = "audit-sqlite")),
        expect(unused_variables, reason = "nothing is built in that takes it")
    )]
    fn record(&self, event: &Event) -> Result<(), AuditError> {
        match self {
            #[cfg(feature = "audit-postgres")]
            Self::Postgres(connection) => postgres::record(connection, event),
            #[cfg(feature = "audit-sqlite")]
            Self::Sqlite(path) => sqlite::record(path, event)
                .map_err(|error| AuditError::Sqlite { path: path.clone(), error }),
            #[cfg(not(feature = "audit-postgres"))]
            Self::Postgres(_) => Err(AuditError::NotBuiltIn("PostgreSQL")),
            #[cfg(not(feature = "audit-sqlite"))]
            Self::Sqlite(_) => Err(AuditError::NotBuiltIn("SQLite")),
        }
    }

    #[cfg_attr(not(feature = "audit-sqlite"), expect(unused_variables, reason = "as above"))]
    fn entries(&self, filter: &Filter) -> Result<Vec<Entry>, AuditError> {
        match self {
            #[cfg(feature = "audit-sqlite")]
            Self::Sqlite(path) => sqlite::entries(path, filter)
                .map_err(|error| AuditError::Sqlite { path: path.clone(), error }),
            _ => Err(AuditError::NothingToShow),
        }
    }
}
