mod json;

use std::io::{self, BufRead as _, IsTerminal as _};
use std::path::{Path, PathBuf};

use super::context::{self, Context};
use super::encrypt::rule_error;
use super::invocation::{TypeOptions, UpdateKeysOptions};
use super::report::{self, CommandError};
use crate::config::{self, CreationRule};
use crate::crypto::SystemRandomness;
use crate::format::Format;
use crate::io::files::{self, Access};
use crate::keys::KeyRing;
use crate::operations::{self, EncryptedFile, GroupUpdate, KeyUpdate, WantedKey};

/// What became of a file.
enum Outcome {
    /// It has the keys of its rule.
    UpToDate,
    /// The user was asked, and does not want it.
    Declined,
    /// It is to be changed, and nobody was asked.
    Pending(KeyUpdate),
    /// It was changed.
    Synced(KeyUpdate),
}

/// Runs `updatekeys`: gives files the master keys of their creation rules.
pub(super) fn run(options: &UpdateKeysOptions, context: &Context<'_>) -> Result<(), CommandError> {
    Context::warn_of_flags(&options.common);
    match options.files.as_slice() {
        [] => Err(CommandError::NoFile),
        files if options.is_json => json::run(files, options, context),
        [file] => update(file, options, context, &context.key_ring()).map(|_| ()),
        files => update_all(files, options, context),
    }
}

/// Updates several files; one that fails does not keep the others from it.
fn update_all(
    files: &[PathBuf],
    options: &UpdateKeysOptions,
    context: &Context<'_>,
) -> Result<(), CommandError> {
    let mut failed = 0;
    for (file, key_ring) in files.iter().zip(&key_rings(options, context)) {
        if let Err(error) = update(file, options, context, key_ring) {
            report::fail(&error, context.program);
            failed += 1;
        }
    }
    if failed == 0 { Ok(()) } else { Err(CommandError::FilesNotUpdated(failed)) }
}

/// Returns a key ring for each file. Where nobody is asked before a file is changed, they hold what
/// services elsewhere unwrapped for all of them together.
fn key_rings<'c>(options: &UpdateKeysOptions, context: &'c Context<'_>) -> Vec<KeyRing<'c>> {
    let key_rings: Vec<KeyRing<'_>> = options.files.iter().map(|_| context.key_ring()).collect();
    if options.is_agreed && key_rings.len() > 1 {
        recover_ahead(options, context, &key_rings);
    }
    key_rings
}

/// Has services elsewhere unwrap together the data keys of the files that need it. All of them are
/// read again when it is their turn, and say then what is wrong with them.
fn recover_ahead(options: &UpdateKeysOptions, context: &Context<'_>, key_rings: &[KeyRing<'_>]) {
    let read = options.files.iter().map(|file| needing_update(file, options, context));
    let read: Vec<_> = read.collect();
    let wanted = read.iter().zip(key_rings).filter_map(|(file, key_ring)| {
        let (source, format) = file.as_ref()?;
        Some(WantedKey { source, format: *format, key_ring })
    });
    operations::recover_ahead(&wanted.collect::<Vec<_>>(), &[]);
}

/// Reads a file whose master keys are not those of its rule.
fn needing_update(
    file: &Path,
    options: &UpdateKeysOptions,
    context: &Context<'_>,
) -> Option<(Vec<u8>, Format)> {
    let bytes = file.is_file().then(|| context::read(Some(file)).ok())??;
    let format = format(file, options);
    let metadata = operations::metadata(&bytes, format).ok()??;
    let search = context.search(options.common.config.as_deref(), Some(file));
    let config = config::load(&search).ok()?.config?;
    let rule = config.creation_rule(&search, file).ok()??;
    operations::plan_update(&metadata, &rule, threshold(options)).ok()??;
    Some((bytes, format))
}

fn format(file: &Path, options: &UpdateKeysOptions) -> Format {
    let types = TypeOptions { input_type: options.input_type.clone(), ..TypeOptions::default() };
    Context::formats(&types, Some(file)).input
}

fn threshold(options: &UpdateKeysOptions) -> Option<u32> {
    options.threshold.and_then(|it| u32::try_from(it).ok())
}

fn update(
    file: &Path,
    options: &UpdateKeysOptions,
    context: &Context<'_>,
    key_ring: &KeyRing<'_>,
) -> Result<Outcome, CommandError> {
    if file.is_dir() {
        return Err(CommandError::UpdateFolder(file.to_owned()));
    }
    if file.symlink_metadata().is_err() {
        return Err(CommandError::UpdateMissing(file.to_owned()));
    }
    let name = context::name(Some(file));
    let tell = |message: String| {
        if !options.is_json {
            report::tell(&message);
        }
    };
    tell(format!("Syncing keys for file {name}"));
    context::check_key_services(&options.key_services)?;
    let bytes = context::read(Some(file))?;
    let encrypted = EncryptedFile::parse(&bytes, format(file, options))
        .map_err(|error| CommandError::Decrypt { file: name.clone(), error })?;
    let Some(update) = plan(file, &encrypted, options, context)? else {
        tell(format!("File {name} already up to date"));
        return Ok(Outcome::UpToDate);
    };
    if options.is_json && !options.is_agreed {
        return Ok(Outcome::Pending(update));
    }
    if !options.is_json {
        show(&update, context)?;
    }
    if !options.is_agreed && !is_agreed()? {
        tell(format!("File {name} left unchanged"));
        return Ok(Outcome::Declined);
    }
    let randomness = &SystemRandomness;
    let text = operations::update_keys(&encrypted, &update, key_ring, randomness)
        .map_err(|error| CommandError::ChangeKeys { file: name.clone(), error })?;
    files::replace(file, &text, Some(&bytes), Access::Shared).map_err(CommandError::Write)?;
    tell(format!("File {name} synced with new keys"));
    Ok(Outcome::Synced(update))
}

/// Compares a file with its rule.
fn plan(
    file: &Path,
    encrypted: &EncryptedFile<'_>,
    options: &UpdateKeysOptions,
    context: &Context<'_>,
) -> Result<Option<KeyUpdate>, CommandError> {
    let (rule, path) = creation_rule(file, options, context)?;
    operations::plan_update(encrypted.metadata(), &rule, threshold(options))
        .map_err(|error| rule_error(path, error))
}

/// Finds the rule of a file, which it must have, with the path of the configuration.
fn creation_rule(
    file: &Path,
    options: &UpdateKeysOptions,
    context: &Context<'_>,
) -> Result<(CreationRule, PathBuf), CommandError> {
    let search = context.search(options.common.config.as_deref(), Some(file));
    let loaded = config::load(&search).map_err(CommandError::Config)?;
    Context::warn_of_config(&loaded);
    let config = loaded.config.ok_or_else(|| CommandError::NoConfig(file.to_owned()))?;
    let path = config.path().to_owned();
    let rule = config.creation_rule(&search, file).map_err(CommandError::Config)?;
    let rule = rule.ok_or_else(|| CommandError::NoRules(path.clone()))?;
    Ok((rule, path))
}

/// Prints what would change, in the form of the reference (`spec/cli.md` §7.1).
fn show(update: &KeyUpdate, context: &Context<'_>) -> Result<(), CommandError> {
    let mark = Marks::of_terminal(context);
    let mut text = String::from("The following changes will be made to the file's groups:\n");
    let (old, new) = (update.old_threshold, update.threshold());
    if old == new && new > 0 {
        text.push_str(&format!("shamir_threshold: {new}\n"));
    }
    if old != new && new > 0 {
        text.push_str(&mark.added(&format!("shamir_threshold: {new}")));
    }
    if old != new && old > 0 {
        text.push_str(&mark.removed(&format!("shamir_threshold: {old}")));
    }
    for (number, group) in (1..).zip(&update.groups) {
        push_group(&mark, number, group, &mut text);
    }
    files::write_stdout(text.as_bytes()).map_err(CommandError::Write)
}

fn push_group(mark: &Marks, number: usize, group: &GroupUpdate, text: &mut String) {
    text.push_str(&mark.heading(&format!("Group {number}")));
    text.extend(group.kept.iter().map(|name| format!("    {name}\n")));
    text.extend(group.added.iter().map(|name| mark.added(name)));
    text.extend(group.removed.iter().map(|name| mark.removed(name)));
}

/// How lines of the list are set off.
struct Marks {
    is_coloured: bool,
}

impl Marks {
    fn of_terminal(context: &Context<'_>) -> Self {
        let is_set = |name| context.environment.variable(name).is_some();
        let is_dumb = context.environment.variable("TERM").is_some_and(|term| term == "dumb");
        Self { is_coloured: io::stdout().is_terminal() && !is_set("NO_COLOR") && !is_dumb }
    }

    fn line(&self, code: &str, text: &str) -> String {
        if self.is_coloured {
            format!("\u{1b}[{code}m{text}\u{1b}[0m\n")
        } else {
            format!("{text}\n")
        }
    }

    fn heading(&self, text: &str) -> String {
        self.line("4", text)
    }

    fn added(&self, text: &str) -> String {
        self.line("32", &format!("+++ {text}"))
    }

    fn removed(&self, text: &str) -> String {
        self.line("31", &format!("--- {text}"))
    }
}

/// Asks whether to go on, again and again until the answer is one.
fn is_agreed() -> Result<bool, CommandError> {
    loop {
        files::write_stdout(b"Is this okay? (y/n):").map_err(CommandError::Write)?;
        let mut answer = String::new();
        let count = io::stdin().lock().read_line(&mut answer);
        if count.map_err(CommandError::Answer)? == 0 {
            return Err(CommandError::NoAnswer);
        }
        match answer.trim() {
            "y" => return Ok(true),
            "n" => return Ok(false),
            _ => {}
        }
    }
}
