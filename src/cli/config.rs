//! `config`: shows which creation rule is in force for files, and why.

mod json;
mod text;

use std::collections::HashSet;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::context::Context;
use super::invocation::{ConfigOptions, TypeOptions};
use super::report::{self, CommandError};
use crate::config::{
    Config, CreationRule, Difference, Explanation, KeyEntry, Search, Shadow, Warning,
};
use crate::format::{Format, binary};
use crate::io::files;
use crate::keys::{MasterKey, MasterKeyError, holds_identity};
use crate::operations::{self, DecryptError};

/// What there is to say about one file.
struct Entry<'o> {
    file: &'o Path,
    format: Format,
    /// The configuration's path, also if it cannot be used.
    config_path: Option<PathBuf>,
    config: Option<Rc<Known>>,
    explanation: Option<Explanation>,
    rule: Option<CreationRule>,
    state: FileState,
    error: Option<CommandError>,
}

/// A configuration with the rules in it that can never be in force.
struct Known {
    config: Config,
    shadows: Vec<Option<Shadow>>,
}

/// What the file itself is.
enum FileState {
    /// There is none.
    Missing,
    /// It has no metadata.
    NotEncrypted,
    /// It is encrypted, and differs so from its rule, if it has one.
    Encrypted(Option<Vec<Difference>>),
    /// Its metadata cannot be read, for this reason.
    NotRead(String),
}

/// Runs `config`.
pub(super) fn run(options: &ConfigOptions, context: &Context<'_>) -> Result<(), CommandError> {
    if options.files.is_empty() {
        return Err(CommandError::NoFile);
    }
    Context::warn_of_flags(&options.common);
    for variable in &options.key_variables {
        report::warn(&format!(
            "{variable} is set: encrypt takes its keys in place of those of the rule"
        ));
    }
    let mut configs = Configs::default();
    let files = options.files.iter();
    let entries: Vec<Entry<'_>> =
        files.map(|file| configs.explain(file, options, context)).collect();
    let output = if options.is_json {
        json::render(&entries, &options.key_variables)
    } else {
        text::render(&entries)
    };
    files::write_stdout(output.as_bytes()).map_err(CommandError::Write)?;
    finish(entries, options.is_json, context)
}

/// Reports what is wrong, each fact once. The error with the highest exit code is the last.
fn finish(
    entries: Vec<Entry<'_>>,
    is_json: bool,
    context: &Context<'_>,
) -> Result<(), CommandError> {
    let mut seen = HashSet::new();
    let errors = entries.into_iter().filter_map(|entry| entry.error);
    let mut errors: Vec<CommandError> =
        errors.filter(|error| seen.insert(report::with_causes(error))).collect();
    errors.sort_by_key(report::exit_code);
    let last = errors.pop();
    for error in errors {
        if is_json {
            report::json::fail(&error, context.program);
        } else {
            report::fail(&error, context.program);
        }
    }
    last.map_or(Ok(()), Err)
}

/// The configurations that were read so far: many files have the same one.
#[derive(Default)]
struct Configs {
    known: Vec<(PathBuf, Rc<Known>)>,
    warnings: HashSet<String>,
}

impl Configs {
    fn explain<'o>(
        &mut self,
        file: &'o Path,
        options: &'o ConfigOptions,
        context: &Context<'_>,
    ) -> Entry<'o> {
        let types =
            TypeOptions { input_type: options.input_type.clone(), ..TypeOptions::default() };
        let mut entry = Entry {
            file,
            format: Context::formats(&types, Some(file)).input,
            config_path: None,
            config: None,
            explanation: None,
            rule: None,
            state: FileState::Missing,
            error: None,
        };
        let search = context.search(options.common.config.as_deref(), Some(file));
        entry.error = self.fill(&mut entry, &search).err();
        entry.state = state(file, entry.format, entry.rule.as_ref());
        entry
    }

    /// Finds out as much as there is until something is wrong.
    fn fill(&mut self, entry: &mut Entry<'_>, search: &Search<'_>) -> Result<(), CommandError> {
        if entry.file.is_dir() {
            return Err(CommandError::Folder(entry.file.to_owned()));
        }
        let (path, warnings) = search.find();
        self.warn(&warnings);
        let path = path.ok_or_else(|| CommandError::NoConfig(entry.file.to_owned()))?;
        entry.config_path = Some(path.clone());
        let known = self.read(&path, search)?;
        entry.config = Some(Rc::clone(&known));
        entry.explanation = known.config.explain(search, entry.file);
        let rule = known.config.creation_rule(search, entry.file).map_err(CommandError::Config)?;
        entry.rule = Some(rule.ok_or(CommandError::NoRules(path))?);
        Ok(())
    }

    fn read(&mut self, path: &Path, search: &Search<'_>) -> Result<Rc<Known>, CommandError> {
        if let Some((_, known)) = self.known.iter().find(|(known, _)| known == path) {
            return Ok(Rc::clone(known));
        }
        let mut warnings = Vec::new();
        let config = Config::read(path, search, &mut warnings);
        self.warn(&warnings);
        let config = config.map_err(CommandError::Config)?;
        let known = Rc::new(Known { shadows: config.shadows(), config });
        self.known.push((path.to_owned(), Rc::clone(&known)));
        Ok(known)
    }

    /// Tells of each fact once.
    fn warn(&mut self, warnings: &[Warning]) {
        for warning in warnings {
            let text = report::with_causes(warning);
            if !self.warnings.contains(&text) {
                report::warn(&text);
                self.warnings.insert(text);
            }
        }
    }
}

/// Looks at the file itself, which need not be there.
fn state(file: &Path, format: Format, rule: Option<&CreationRule>) -> FileState {
    match file.metadata() {
        Ok(about) if about.is_file() => {}
        // a pipe would be waited for, a device has no end
        Ok(_) => return FileState::NotRead("it is no regular file".to_owned()),
        Err(error) if error.kind() == ErrorKind::NotFound => return FileState::Missing,
        Err(error) => return FileState::NotRead(error.to_string()),
    }
    let bytes = match files::read(file) {
        Ok(bytes) => bytes,
        Err(error) => return FileState::NotRead(report::with_causes(&error)),
    };
    match operations::metadata(&bytes, format) {
        Ok(None) | Err(DecryptError::NotWrapped) => FileState::NotEncrypted,
        // any bytes can be those of a binary file in clear
        Err(DecryptError::Scan(_)) if is_whole(format) && !binary::is_wrapper(&bytes) => {
            FileState::NotEncrypted
        }
        Ok(Some(metadata)) => FileState::Encrypted(rule.map(|rule| rule.differences(&metadata))),
        Err(error) => FileState::NotRead(error.to_string()),
    }
}

/// Returns the name of a master key as it may be shown.
fn shown(name: &str) -> &str {
    if holds_identity(name) { "(an identity, which is not shown)" } else { name }
}

/// Says why `encrypt` cannot wrap the data key for a master key.
fn problem(key: &KeyEntry) -> Option<String> {
    MasterKey::parse(key.key_type, &key.address()).err().map(|error| match error {
        // the name stands beside it
        MasterKeyError::NotBuiltIn { key_type, .. } => {
            format!("{} keys are not built in yet", key_type.as_str())
        }
        #[cfg(feature = "age")]
        MasterKeyError::Age(error) => error.to_string(),
        #[cfg(feature = "azure")]
        MasterKeyError::Azure(error) => error.to_string(),
        #[cfg(feature = "pgp")]
        MasterKeyError::Pgp(error) => error.to_string(),
    })
}

/// Tells whether files of a format are encrypted as a whole, whatever a rule selects.
fn is_whole(format: Format) -> bool {
    format == Format::Binary
}
