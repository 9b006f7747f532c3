use std::path::Path;

use super::context::Context;
use super::invocation::InitOptions;
use super::report::{self, CommandError};
use crate::config;
use crate::io::files::{self, Access, FileError};
use crate::keys::age;
use crate::operations;

/// The configuration that is written for one recipient.
const CONFIG: &str = "\
# Which files are encrypted for whom; the first rule whose path_regex matches counts.
creation_rules:
  - path_regex: '\\.ya?ml$'
    age: RECIPIENT
";

/// Runs `init`: makes an age identity and a `.sops.yaml` where there are none.
pub(super) fn run(options: &InitOptions, context: &Context<'_>) -> Result<(), CommandError> {
    if let Some(word) = options.common.extra_words.first() {
        report::warn(&format!(
            "init works on the current folder and takes no file; ignored: {}",
            word.display()
        ));
    }
    Context::warn_of_flags(&options.common);
    let path = age::identity_file(context.environment).ok_or(CommandError::NoHome)?;
    let (recipient, mut lines) = identity(&path)?;
    lines.extend(rule(&recipient, options, context)?);
    lines.push(format!("next: {} encrypt --in-place FILE.yaml", context.program.name()));
    let text = lines.join("\n") + "\n";
    files::write_stdout(text.as_bytes()).map_err(CommandError::Write)
}

/// Returns the recipient of the identity in the default place, which is made if need be.
fn identity(path: &Path) -> Result<(String, Vec<String>), CommandError> {
    let new = age::generate();
    let content = new.file_content(operations::now());
    match files::create(path, content.as_bytes(), Access::Private) {
        Ok(()) => {
            let made = format!("made an age identity: {}", path.display());
            let recipient = format!("its public key, for others: {}", new.recipient);
            let backup = "keep a copy of it in a safe place: without it nothing can be decrypted";
            Ok((new.recipient, vec![made, recipient, backup.to_owned()]))
        }
        Err(FileError::Exists { .. }) => {
            let unusable = || CommandError::UnusableIdentity(path.to_owned());
            let recipients = age::recipients_of(path).map_err(|_| unusable())?;
            let recipient = recipients.into_iter().next().ok_or_else(unusable)?;
            let found = format!("found an age identity: {} ({recipient})", path.display());
            Ok((recipient, vec![found]))
        }
        Err(error) => Err(CommandError::Write(error)),
    }
}

/// Writes a configuration unless there is one.
fn rule(
    recipient: &str,
    options: &InitOptions,
    context: &Context<'_>,
) -> Result<Vec<String>, CommandError> {
    let explicit = options.common.config.as_deref();
    let existing = explicit.is_none().then(|| context.search(None, None));
    if let Some(search) = existing {
        let loaded = config::load(&search).map_err(CommandError::Config)?;
        Context::warn_of_config(&loaded);
        if let Some(config) = loaded.config {
            return Ok(found(config.path(), recipient));
        }
    }
    let path = explicit.unwrap_or(Path::new(".sops.yaml"));
    let content = CONFIG.replace("RECIPIENT", recipient);
    match files::create(path, content.as_bytes(), Access::Shared) {
        Ok(()) => Ok(vec![format!("made a config file: {}", path.display())]),
        Err(FileError::Exists { .. }) => Ok(found(path, recipient)),
        Err(error) => Err(CommandError::Write(error)),
    }
}

/// Reports a configuration that was there, and whether it lets the identity decrypt anything.
fn found(path: &Path, recipient: &str) -> Vec<String> {
    let mut lines = vec![format!("found a config file: {}", path.display())];
    let is_named =
        files::read(path).is_ok_and(|bytes| String::from_utf8_lossy(&bytes).contains(recipient));
    if !is_named {
        lines.push(format!(
            "it does not name your public key: add {recipient} to a rule, or you cannot decrypt what you encrypt"
        ));
    }
    lines
}
