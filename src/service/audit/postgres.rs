//! The log in PostgreSQL, in the table of the reference.

mod settings;
mod tls;

use std::time::Duration;

use tokio_postgres::config::Host;
use tokio_postgres::tls::MakeTlsConnect;
use tokio_postgres::{Config, NoTls, Socket};

use super::{AuditError, ConnectionString, Event};
use settings::{Security, Settings};

/// How long a row may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// The reasons why PostgreSQL takes no row. None holds the connection string.
#[derive(Debug, thiserror::Error)]
pub enum PostgresError {
    /// The connection string is none; it is not shown, as it may hold a password.
    #[error("the connection_string cannot be read")]
    Unreadable,
    /// The `sslmode` is unknown.
    #[error("sslmode has to be disable, require, verify-ca or verify-full")]
    UnknownSecurity,
    /// The certificate of the server is to be checked, and nothing is named to check it with.
    #[error("sslmode verify-ca and verify-full need sslrootcert")]
    NoRoots,
    /// The certificates to check the server with cannot be used.
    #[error("cannot use the certificates of sslrootcert {path:?}: {reason}")]
    Roots {
        /// The file.
        path: String,
        /// What is wrong with it.
        reason: String,
    },
    /// TLS cannot be set up.
    #[error("cannot set up TLS")]
    Tls(#[from] rustls::Error),
    /// No connection, or the row is refused.
    #[error(transparent)]
    Refused(#[from] tokio_postgres::Error),
    /// It takes too long.
    #[error("no answer within {} seconds", PATIENCE.as_secs())]
    TooLate,
    /// The system gives no resources to connect with.
    #[error("cannot connect")]
    System(#[source] std::io::Error),
}

/// Adds a row.
pub(super) fn record(connection: &ConnectionString, event: &Event) -> Result<(), AuditError> {
    let settings = Settings::parse(&connection.0)
        .map_err(|error| AuditError::Postgres { place: "no address".to_owned(), error })?;
    insert(&settings, event)
        .map_err(|error| AuditError::Postgres { place: place(&settings.config), error })
}

fn insert(settings: &Settings, event: &Event) -> Result<(), PostgresError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(PostgresError::System)?;
    runtime.block_on(async {
        let work = async {
            match &settings.security {
                Security::Off => add_row(&settings.config, NoTls, event).await,
                Security::On(verification) => {
                    let connector = tls::connector(verification)?;
                    add_row(&settings.config, connector, event).await
                }
            }
        };
        tokio::time::timeout(PATIENCE, work).await.unwrap_or(Err(PostgresError::TooLate))
    })
}

async fn add_row<T>(config: &Config, tls: T, event: &Event) -> Result<(), PostgresError>
where
    T: MakeTlsConnect<Socket>,
    T::Stream: Send + 'static,
{
    let (client, connection) = config.connect(tls).await?;
    let insert = "INSERT INTO audit_event (action, username, file) VALUES ($1, $2, $3)";
    let action = event.action.as_str();
    let values: [&(dyn tokio_postgres::types::ToSql + Sync); 3] =
        [&action, &event.username, &event.file];
    let work = async {
        let result = client.execute(insert, &values).await;
        // the connection ends with its client
        drop(client);
        result
    };
    let (result, ended) = tokio::join!(work, connection);
    result?;
    Ok(ended?)
}

/// Names a database without user and password.
fn place(config: &Config) -> String {
    let host = config.get_hosts().first().map(|host| match host {
        Host::Tcp(name) => name.clone(),
        #[cfg(unix)]
        Host::Unix(path) => path.display().to_string(),
    });
    let port = config.get_ports().first().copied().unwrap_or(5432);
    let database = config.get_dbname().or(config.get_user()).unwrap_or_default();
    format!("{}:{port}/{database}", host.unwrap_or_default())
}
