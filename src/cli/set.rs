use std::io::{self, IsTerminal as _};
use std::path::Path;

use zeroize::Zeroizing;

use super::context::{self, Context};
use super::decrypt;
use super::encrypt::indent;
use super::invocation::{OutputOptions, SetOptions, ValueSource};
use super::pinned::Pinned;
use super::report::{self, CommandError};
use crate::crypto::{Strictness, SystemRandomness};
use crate::format::Change;
use crate::io::files::{self, Access};
use crate::operations::{self, ChangeRequest, ValueError};
use crate::service::audit::Action;
use crate::tree::{Step, Tree};

/// Runs `set` and `unset`: changes one value where it stands.
pub(super) fn run(options: &SetOptions, context: &Context<'_>) -> Result<(), CommandError> {
    Context::warn_of_flags(&options.common);
    let file = options.file.as_path();
    if file.is_dir() {
        return Err(CommandError::Folder(file.to_owned()));
    }
    let formats = Context::formats(&options.types, Some(file));
    let path = Step::parse_path(&options.index).map_err(CommandError::SetPath)?;
    if path.is_empty() {
        return Err(CommandError::EmptySetPath);
    }
    let value = options.value.as_ref().map(value).transpose()?;
    let order = decrypt::order(options.decryption_order.as_deref())?;
    let loaded = context.load_stores(options.common.config.as_deref(), Some(file))?;
    let indent = indent(&OutputOptions::default(), &loaded, formats.input)?;
    context::check_key_services(&options.key_services)?;
    let name = context::name(Some(file));
    let bytes = context::read(Some(file))?;
    let explicit = options.common.config.as_deref();
    let pinned = Pinned::new(file, &bytes, formats.input, &loaded, explicit, context);
    let request = ChangeRequest {
        format: formats.input,
        path: &path,
        change: value.as_ref().map_or(Change::Unset, Change::Set),
        is_idempotent: options.is_idempotent,
        key_ring: &context.key_ring_for(&options.common, Some(file))?,
        order: &order,
        ignore_mac: options.ignore_mac,
        strictness: if options.is_lenient { Strictness::Lenient } else { Strictness::Strict },
        indent: indent.step(),
        conversion: formats.conversion(&OutputOptions::default(), &loaded)?,
        now: operations::now(),
    };
    let changed = operations::change(&bytes, &request, &SystemRandomness)
        .map_err(|error| CommandError::Set { file: name.clone(), error })?;
    for warning in &changed.warnings {
        report::warn(&format!("{name}: {}", decrypt::describe(warning)));
    }
    let Some(text) = changed.text else { return Ok(()) };
    pinned.warn_of_keys();
    pinned.check(text.as_bytes(), formats.output)?;
    context.record(Action::Encrypt, Some(file))?;
    files::replace(file, &text, Some(&bytes), Access::Shared).map_err(CommandError::Write)?;
    formats.warn_of_name(file);
    Ok(())
}

/// Reads the value that is to be set.
fn value(source: &ValueSource) -> Result<Tree, CommandError> {
    let bytes = Zeroizing::new(match source {
        ValueSource::Word(text) => {
            if io::stderr().is_terminal() {
                report::warn(
                    "the value is kept in the history of the shell, and other users may see it while the program runs; --value-stdin and --value-file avoid that",
                );
            }
            text.clone().into_bytes()
        }
        ValueSource::File(path) => read_value(path)?,
        ValueSource::StandardInput => context::read(None)?,
    });
    let text = std::str::from_utf8(&bytes).map_err(|_| CommandError::SetValue(ValueError::NotJson));
    operations::json_value(text?).map_err(CommandError::SetValue)
}

fn read_value(path: &Path) -> Result<Vec<u8>, CommandError> {
    files::read(path).map_err(CommandError::ValueFile)
}
