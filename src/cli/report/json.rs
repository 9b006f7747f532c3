//! Errors for scripts: the structure that `docs/json.md` describes. Fields are added to it, never
//! changed.

use std::path::Path;
use std::process::ExitCode;

use serde_json::{Value, json};

use super::{CommandError, KeySource, exit_code, hints, say, shortened, with_causes};
use crate::cli::invocation::Program;
use crate::cli::usage::UsageError;
use crate::config::ConfigError;
use crate::io::files::FileError;
use crate::operations::DecryptError;

/// Prints an error as one line of JSON and returns the exit code of the call.
pub(in crate::cli) fn fail(error: &CommandError, program: Program) -> ExitCode {
    if matches!(error, CommandError::Write(FileError::BrokenPipe)) {
        return ExitCode::SUCCESS;
    }
    say(&format!("{}\n", json!({ "error": object(error, program) })));
    ExitCode::from(exit_code(error))
}

/// Prints an error of a call that cannot be understood, like [`fail`].
pub(in crate::cli) fn fail_usage(error: &UsageError, program: Program) -> ExitCode {
    let code = error.exit_code();
    let hints = [error.hint(program.name())];
    let object = shape(&error.to_string(), (None, None, None), &hints, code);
    say(&format!("{}\n", json!({ "error": object })));
    ExitCode::from(code)
}

/// Returns what is to be said of an error.
pub(in crate::cli) fn object(error: &CommandError, program: Program) -> Value {
    shape(&with_causes(error), place(error), &hints::hints(error, program), exit_code(error))
}

/// The file that an error is about, with line and column, as far as they are known.
type Place = (Option<String>, Option<usize>, Option<usize>);

fn shape(message: &str, (file, line, column): Place, hints: &[String], code: u8) -> Value {
    json!({
        "message": shortened(message),
        "file": file,
        "line": line,
        "column": column,
        "hints": hints.iter().map(|hint| shortened(hint)).collect::<Vec<_>>(),
        "exit_code": code,
    })
}

fn place(error: &CommandError) -> Place {
    let whole = |path: &Path| (Some(path.to_string_lossy().into_owned()), None, None);
    match error {
        CommandError::Config(ConfigError::Invalid { path, place, .. })
        | CommandError::RuleWithoutKeys { path, place }
        | CommandError::MasterKey { place: KeySource::Rule(path, place), .. } => {
            (whole(path).0, Some(place.line), Some(place.column))
        }
        CommandError::Config(
            ConfigError::NotText { path } | ConfigError::NoMatchingRule { path, .. },
        )
        | CommandError::NoRules(path)
        | CommandError::MissingFile(path)
        | CommandError::Folder(path)
        | CommandError::UpdateFolder(path)
        | CommandError::UpdateMissing(path) => whole(path),
        CommandError::Config(ConfigError::Read(error))
        | CommandError::Read(error)
        | CommandError::Write(error)
        | CommandError::StatusRead(error) => {
            (of_file(error).and_then(|it| whole(it).0), None, None)
        }
        CommandError::Status { file, error } | CommandError::Decrypt { file, error } => {
            let (line, column) = match error {
                DecryptError::Scan(error) => (Some(error.line), Some(error.column)),
                _ => (None, None),
            };
            (Some(file.clone()), line, column)
        }
        CommandError::ChangeKeys { file, .. } => (Some(file.clone()), None, None),
        _ => (None, None, None),
    }
}

fn of_file(error: &FileError) -> Option<&Path> {
    match error {
        FileError::Read { path, .. }
        | FileError::Write { path, .. }
        | FileError::Changed { path }
        | FileError::Exists { path } => Some(path),
        FileError::Stdin(_) | FileError::Stdout(_) | FileError::BrokenPipe => None,
    }
}
