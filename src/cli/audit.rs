use serde_json::{Value, json};

use super::context::Context;
use super::invocation::AuditOptions;
use super::report::CommandError;
use crate::io::files;
use crate::service::audit::{Action, Entry, Filter};

/// Runs `audit`: prints the log of this machine.
pub(super) fn run(options: &AuditOptions, context: &Context<'_>) -> Result<(), CommandError> {
    Context::warn_of_extras(&options.common);
    let filter = filter(options, context)?;
    let entries = context.audit_log()?.entries(&filter)?;
    let text = if options.is_json { json(&entries) } else { lines(&entries) };
    files::write_stdout(text.as_bytes()).map_err(CommandError::Write)
}

fn filter(options: &AuditOptions, context: &Context<'_>) -> Result<Filter, CommandError> {
    let is_known = |action: &&String| Action::ALL.iter().any(|known| known.as_str() == **action);
    if let Some(unknown) = options.actions.iter().find(|action| !is_known(action)) {
        return Err(CommandError::BadAction(unknown.clone()));
    }
    let file = options.file.as_deref().map(|file| context.absolute(Some(file)));
    Ok(Filter {
        actions: options.actions.clone(),
        user: options.user.clone(),
        file: file.map(|file| file.to_string_lossy().into_owned()),
        since: time("since", options.since.as_deref())?,
        until: time("until", options.until.as_deref())?,
        last: options.last,
    })
}

/// Checks the beginning of a time such as `2026-11-28T08:00:00.000Z`.
fn time(flag: &'static str, text: Option<&str>) -> Result<Option<String>, CommandError> {
    const SHAPE: &[u8] = b"0000-00-00T00:00:00.000Z";
    let Some(text) = text else { return Ok(None) };
    let fits = |(found, shape): (u8, &u8)| match shape {
        b'0' => found.is_ascii_digit(),
        mark => found == *mark,
    };
    if text.len() >= 4 && text.len() <= SHAPE.len() && text.bytes().zip(SHAPE).all(fits) {
        return Ok(Some(text.to_owned()));
    }
    Err(CommandError::BadTime { flag, value: text.to_owned() })
}

fn json(entries: &[Entry]) -> String {
    let object = |entry: &Entry| {
        json!({
            "id": entry.id,
            "timestamp": entry.timestamp,
            "action": entry.action,
            "username": entry.username,
            "file": entry.file,
        })
    };
    format!("{:#}\n", Value::Array(entries.iter().map(object).collect()))
}

/// One line for each event; characters that would move the cursor are shown as escapes.
fn lines(entries: &[Entry]) -> String {
    let line = |entry: &Entry| {
        let Entry { timestamp, action, username, file, .. } = entry;
        let text = format!("{timestamp}  {action:7}  {username}  {file}");
        let shown = text.chars().map(|letter| match letter {
            letter if letter.is_control() => letter.escape_default().to_string(),
            letter => letter.to_string(),
        });
        shown.chain(["\n".to_owned()]).collect::<String>()
    };
    entries.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn beginnings_of_times_are_taken() {
        for text in ["2026", "2026-11-28", "2026-11-28T08:00", "2026-11-28T08:00:01.123Z"] {
            assert_eq!(time("since", Some(text)).unwrap().as_deref(), Some(text));
        }
        for text in ["", "yesterday", "28.11.2026", "2026-11-28 08:00", "2026-11-28T08:00:01.123Z0"]
        {
            assert!(time("since", Some(text)).is_err(), "{text}");
        }
    }
}
