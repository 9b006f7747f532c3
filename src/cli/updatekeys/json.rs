//! The structure that `docs/json.md` describes; fields are added to it, never changed.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{Outcome, key_rings, update};
use crate::cli::context::Context;
use crate::cli::invocation::UpdateKeysOptions;
use crate::cli::report::{self, CommandError};
use crate::io::files;
use crate::operations::{GroupUpdate, KeyUpdate};

/// Updates files, or tells what would be changed, and prints an array with an object for each.
pub(super) fn run(
    files: &[PathBuf],
    options: &UpdateKeysOptions,
    context: &Context<'_>,
) -> Result<(), CommandError> {
    let mut errors = Vec::new();
    let mut entries = Vec::new();
    for (file, key_ring) in files.iter().zip(&key_rings(options, context)) {
        let outcome = update(file, options, context, key_ring);
        entries.push(entry(file, &outcome, context));
        errors.extend(outcome.err());
    }
    let text = format!("{:#}\n", Value::Array(entries));
    files::write_stdout(text.as_bytes()).map_err(CommandError::Write)?;
    let count = errors.len();
    match errors.pop() {
        None => Ok(()),
        Some(error) if files.len() == 1 => Err(error),
        Some(_) => Err(CommandError::FilesNotUpdated(count)),
    }
}

fn entry(file: &Path, outcome: &Result<Outcome, CommandError>, context: &Context<'_>) -> Value {
    let (state, update, error) = match outcome {
        Ok(Outcome::UpToDate) => ("up_to_date", None, None),
        Ok(Outcome::Declined) => ("declined", None, None),
        Ok(Outcome::Pending(update)) => ("pending", Some(update), None),
        Ok(Outcome::Synced(update)) => ("synced", Some(update), None),
        Err(error) => ("failed", None, Some(error)),
    };
    json!({
        "file": file.to_string_lossy(),
        "state": state,
        "threshold": update.map(threshold),
        "groups": update.map(|it| it.groups.iter().map(group).collect::<Vec<_>>()),
        "error": error.map(|error| report::json::object(error, context.program)),
    })
}

fn threshold(update: &KeyUpdate) -> Value {
    json!({ "old": update.old_threshold, "new": update.threshold() })
}

fn group(group: &GroupUpdate) -> Value {
    json!({ "kept": group.kept, "added": group.added, "removed": group.removed })
}
