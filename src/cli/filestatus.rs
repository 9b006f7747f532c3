use super::context::{self, Context};
use super::invocation::{FileStatusOptions, TypeOptions};
use super::report::CommandError;
use crate::io::files;
use crate::operations;

/// Runs `filestatus`: prints whether a file is encrypted.
pub(super) fn run(options: &FileStatusOptions, context: &Context<'_>) -> Result<(), CommandError> {
    let Some(file) = options.file.as_deref() else { return Err(CommandError::NoFile) };
    let types = TypeOptions { input_type: options.input_type.clone(), ..TypeOptions::default() };
    let format = Context::formats(&types, Some(file)).input;
    context.load_stores(options.common.config.as_deref(), Some(file))?;
    let name = context::name(Some(file));
    let bytes = files::read(file).map_err(CommandError::StatusRead)?;
    let is_encrypted = operations::file_status(&bytes, format)
        .map_err(|error| CommandError::Status { file: name, error })?;
    let answer = format!("{{\"encrypted\":{is_encrypted}}}\n");
    files::write_stdout(answer.as_bytes()).map_err(CommandError::Write)
}
