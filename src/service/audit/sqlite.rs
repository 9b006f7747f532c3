//! The log as an SQLite file, written by many processes at once: a write-ahead log, so that who
//! reads and who writes do not wait for each other, and writers wait in line.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::types::Value;
use rusqlite::{Connection, ErrorCode, OpenFlags, Result, params_from_iter};

use super::{Entry, Event, Filter};

/// How long a process waits for others.
const PATIENCE: Duration = Duration::from_secs(30);

/// The table of the reference, with a time that sorts as text.
const SCHEMA: &str = "CREATE TABLE IF NOT EXISTS audit_event (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    timestamp TEXT NOT NULL DEFAULT (strftime('%Y-%m-%dT%H:%M:%fZ', 'now')),
    action TEXT NOT NULL,
    username TEXT NOT NULL,
    file TEXT NOT NULL
)";

/// Adds a row, which is on the disk when this returns.
pub(super) fn record(path: &Path, event: &Event) -> Result<()> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE;
    let connection = Connection::open_with_flags(path, flags | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    connection.busy_timeout(PATIENCE)?;
    patiently(|| write_ahead(&connection))?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    patiently(|| connection.execute(SCHEMA, []))?;
    let insert = "INSERT INTO audit_event (action, username, file) VALUES (?1, ?2, ?3)";
    let values = [event.action.as_str(), &event.username, &event.file];
    patiently(|| connection.execute(insert, values)).map(drop)
}

/// Turns the write-ahead log on, which stays so for the file.
fn write_ahead(connection: &Connection) -> Result<()> {
    let mode = |row: &rusqlite::Row<'_>| row.get::<_, String>(0);
    let current = connection.query_row("PRAGMA journal_mode", [], mode)?;
    if current != "wal" {
        connection.query_row("PRAGMA journal_mode = WAL", [], mode)?;
    }
    Ok(())
}

/// Tries again where SQLite does not wait by itself, as while the first process makes the file.
fn patiently<T>(work: impl Fn() -> Result<T>) -> Result<T> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        match work() {
            Err(error) if is_busy(&error) && Instant::now() < deadline => {
                thread::sleep(Duration::from_millis(10));
            }
            result => return result,
        }
    }
}

fn is_busy(error: &rusqlite::Error) -> bool {
    matches!(error.sqlite_error_code(), Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}

/// Returns the rows that a filter asks for, the oldest first; none while nothing was recorded.
pub(super) fn entries(path: &Path, filter: &Filter) -> Result<Vec<Entry>> {
    if !path.exists() {
        return Ok(Vec::new());
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(PATIENCE)?;
    let (query, values) = query(filter);
    let mut statement = connection.prepare(&query)?;
    let rows = statement.query_map(params_from_iter(values), |row| {
        Ok(Entry {
            id: row.get(0)?,
            timestamp: row.get(1)?,
            action: row.get(2)?,
            username: row.get(3)?,
            file: row.get(4)?,
        })
    })?;
    let mut entries = rows.collect::<Result<Vec<Entry>>>()?;
    entries.reverse();
    Ok(entries)
}

fn query(filter: &Filter) -> (String, Vec<Value>) {
    let mut conditions = vec!["1".to_owned()];
    let mut values: Vec<Value> = Vec::new();
    let mut add = |condition: &str, texts: &[&str]| {
        conditions.push(condition.to_owned());
        values.extend(texts.iter().map(|text| Value::from((*text).to_owned())));
    };
    if !filter.actions.is_empty() {
        let marks = vec!["?"; filter.actions.len()].join(", ");
        let actions: Vec<&str> = filter.actions.iter().map(String::as_str).collect();
        add(&format!("action IN ({marks})"), &actions);
    }
    if let Some(user) = &filter.user {
        add("username = ?", &[user]);
    }
    if let Some(file) = &filter.file {
        let folder = format!("{}/", file.trim_end_matches('/'));
        add("(file = ? OR substr(file, 1, length(?)) = ?)", &[file, &folder, &folder]);
    }
    if let Some(since) = &filter.since {
        add("timestamp >= ?", &[since]);
    }
    if let Some(until) = &filter.until {
        add("substr(timestamp, 1, length(?)) <= ?", &[until, until]);
    }
    let limit = filter.last.map_or(-1, i64::from);
    values.push(limit.into());
    let conditions = conditions.join(" AND ");
    let columns = "id, timestamp, action, username, file";
    let query =
        format!("SELECT {columns} FROM audit_event WHERE {conditions} ORDER BY id DESC LIMIT ?");
    (query, values)
}
