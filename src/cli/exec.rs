use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

use super::context::{self, Context, Formats};
use super::decrypt;
use super::invocation::{
    CommonOptions, ExecEnvOptions, ExecFileOptions, OutputOptions, RunOptions, TypeOptions,
};
use super::report::{self, CommandError};
use crate::crypto::{ClearBytes, Strictness};
use crate::format::Indent;
use crate::io::child::{self, Line, Relay};
use crate::io::scratch::{self, Scratch};
use crate::io::user::User;
use crate::keys::KeyRing;
use crate::operations::{self, DecryptRequest, Variable, WantedKey};

/// Exit code of a command that was started and left alone.
const STARTED: u8 = 0;

/// Runs `exec-env`: a command with the values of files as variables. Returns its exit code.
pub(super) fn env(options: &ExecEnvOptions, context: &Context<'_>) -> Result<u8, CommandError> {
    Context::warn_of_flags(&options.common);
    warn_of_background("exec-env", &options.run);
    if options.run.is_background && options.is_same_process {
        return Err(CommandError::BackgroundAndSameProcess);
    }
    let user = options.run.user.as_deref().map(User::find).transpose()?;
    let mut variables = Vec::new();
    for (file, prepared) in options.files.iter().zip(prepare(options, context)?) {
        let found = read_variables(file, prepared, options, context)?;
        check_names(file, &found, options, context)?;
        variables.extend(found);
    }
    let relay = Relay::start().map_err(CommandError::Start)?;
    let mut line = Line::new(&options.run.command);
    if options.is_pristine {
        line.forget_environment();
    }
    if let Some(user) = &user {
        user.take_on()?;
        name_user(user, &mut line);
    }
    for Variable { name, value } in &variables {
        let word = |bytes: &[u8]| child::word(bytes).map_err(CommandError::NotUnicode);
        line.set(&word(name)?, &word(value)?);
    }
    if options.is_same_process {
        drop(relay);
        line.take_over().map_err(CommandError::Start)?;
        return Ok(STARTED);
    }
    finish(line, relay, &options.run)
}

/// Runs `exec-file`: a command with the path of a file in clear. Returns its exit code.
pub(super) fn file(options: &ExecFileOptions, context: &Context<'_>) -> Result<u8, CommandError> {
    Context::warn_of_flags(&options.common);
    warn_of_background("exec-file", &options.run);
    let run = &options.run;
    let name = options.filename.as_deref().unwrap_or(OsStr::new("tmp-file"));
    if !is_inside(Path::new(name)) {
        return Err(CommandError::BadFileName(name.into()));
    }
    let user = run.user.as_deref().map(User::find).transpose()?;
    let content = read_content(options, context)?;
    let relay = Relay::start().map_err(CommandError::Start)?;
    if let Some(user) = &user {
        user.take_on()?;
    }
    let above = scratch::folder_above(&context.environment);
    let refused = |error| CommandError::Scratch { folder: above.clone(), error };
    let scratch = Scratch::new(&above, name).map_err(refused)?;
    let has_file = options.no_fifo || run.is_background || cfg!(not(unix));
    if has_file {
        scratch.write(&content).map_err(refused)?;
    } else {
        scratch.offer(content).map_err(refused)?;
    }
    let mut kept = None;
    let command = child::filled(&run.command, scratch.path());
    let mut line = if run.is_background {
        Line::that_removes(&command, &scratch.leave())
    } else {
        kept = Some(scratch);
        Line::new(&command)
    };
    if let Some(user) = &user {
        name_user(user, &mut line);
    }
    let code = finish(line, relay, run)?;
    kept.map_or(Ok(()), Scratch::remove).map_err(refused)?;
    Ok(code)
}

fn finish(line: Line, relay: Relay, options: &RunOptions) -> Result<u8, CommandError> {
    if options.is_background {
        drop(relay);
        return line.leave().map(|()| STARTED).map_err(CommandError::Start);
    }
    line.run(relay).map_err(CommandError::Start)
}

fn warn_of_background(command: &str, options: &RunOptions) {
    if options.is_background {
        report::warn(&format!(
            "{command}'s --background option is deprecated and will be removed; let the shell do it"
        ));
    }
}

fn name_user(user: &User, line: &mut Line) {
    line.set("HOME".as_ref(), user.home.as_os_str());
    line.set("USER".as_ref(), user.name.as_ref());
    line.set("LOGNAME".as_ref(), user.name.as_ref());
}

/// Tells whether a name stays in its folder.
fn is_inside(name: &Path) -> bool {
    let mut components = name.components();
    let is_one = matches!(components.next(), Some(Component::Normal(_)));
    is_one && components.next().is_none() && name.file_name() == Some(name.as_os_str())
}

/// A file that is to be decrypted.
struct Source {
    name: String,
    formats: Formats,
    bytes: Vec<u8>,
}

impl Source {
    fn read(file: &Path, types: &TypeOptions, options: &RunOptions) -> Result<Self, CommandError> {
        let formats = Context::formats(types, Some(file));
        let bytes = context::read(Some(file))?;
        context::check_key_services(&options.key_services)?;
        Ok(Self { name: context::name(Some(file)), formats, bytes })
    }
}

fn request<'r>(
    source: &Source,
    options: &RunOptions,
    key_ring: &'r KeyRing<'r>,
    order: &'r [crate::metadata::KeyType],
) -> DecryptRequest<'r> {
    DecryptRequest {
        format: source.formats.input,
        key_ring,
        order,
        ignore_mac: options.ignore_mac,
        strictness: if options.is_lenient { Strictness::Lenient } else { Strictness::Strict },
        indent: 0,
        keeps_layout: true,
    }
}

/// A file that was read, or why not, and the key ring that is going to open it.
type Prepared<'e> = (Result<Source, CommandError>, KeyRing<'e>);

/// Reads files, and has services elsewhere unwrap their data keys together.
fn prepare<'e>(
    options: &ExecEnvOptions,
    context: &Context<'e>,
) -> Result<Vec<Prepared<'e>>, CommandError> {
    let order = decrypt::order(options.run.decryption_order.as_deref())?;
    let read = |file: &PathBuf| Source::read(file, &options.run.types, &options.run);
    let files = options.files.iter().map(|file| (read(file), context.key_ring()));
    let files: Vec<Prepared<'e>> = files.collect();
    let wanted = files.iter().map(|(source, key_ring)| {
        let Source { bytes, formats, .. } = source.as_ref().ok()?;
        Some(WantedKey { source: bytes, format: formats.input, key_ring })
    });
    // one that cannot be read ends it
    if let Some(wanted) = wanted.collect::<Option<Vec<_>>>() {
        operations::recover_ahead(&wanted, &order);
    }
    Ok(files)
}

fn read_variables(
    file: &Path,
    (source, key_ring): Prepared<'_>,
    options: &ExecEnvOptions,
    context: &Context<'_>,
) -> Result<Vec<Variable>, CommandError> {
    let order = decrypt::order(options.run.decryption_order.as_deref())?;
    load(&options.common, file, context)?;
    let source = source?;
    let key_ring = context.witnessed(key_ring, &options.common, Some(file))?;
    let request = request(&source, &options.run, &key_ring, &order);
    let refused = |error| CommandError::Decrypt { file: source.name.clone(), error };
    let (tree, _) = operations::decrypt_tree(&source.bytes, &request).map_err(refused)?;
    decrypt::warn(&source.name, tree.warnings());
    let documents = tree.documents().map_err(|error| refused(error.into()))?;
    let Some(first) = documents.first() else { return Ok(Vec::new()) };
    operations::variables(first, options.separator.as_deref())
        .map_err(|error| CommandError::Variable { file: source.name.clone(), error })
}

/// Keeps a file from making the command run other code (`design.md` §4.10).
fn check_names(
    file: &Path,
    variables: &[Variable],
    options: &ExecEnvOptions,
    context: &Context<'_>,
) -> Result<(), CommandError> {
    let is_allowed = |name: &str| options.allowed.iter().any(|allowed| allowed == name);
    let dangerous = variables.iter().filter(|variable| variable.is_dangerous());
    let names = dangerous.map(|variable| String::from_utf8_lossy(&variable.name).into_owned());
    let mut names: Vec<String> = names.filter(|name| !is_allowed(name)).collect();
    names.dedup();
    if names.is_empty() {
        return Ok(());
    }
    let error = CommandError::DangerousVariables { file: context::name(Some(file)), names };
    if context.is_strict() {
        return Err(error);
    }
    report::warn(&error.to_string());
    Ok(())
}

fn read_content(
    options: &ExecFileOptions,
    context: &Context<'_>,
) -> Result<ClearBytes, CommandError> {
    let order = decrypt::order(options.run.decryption_order.as_deref())?;
    let loaded = load(&options.common, &options.file, context)?;
    let source = Source::read(&options.file, &options.run.types, &options.run)?;
    let output = OutputOptions::default();
    let indent: Indent = super::encrypt::indent(&output, &loaded, source.formats.output)?;
    let key_ring = context.key_ring_for(&options.common, Some(&options.file))?;
    let mut request = request(&source, &options.run, &key_ring, &order);
    request.indent = indent.step();
    decrypt::content(&source.bytes, request, source.formats, indent, &source.name)
}

fn load(
    common: &CommonOptions,
    file: &Path,
    context: &Context<'_>,
) -> Result<crate::config::Loaded, CommandError> {
    context.load_stores(common.config.as_deref(), Some(file))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_in_their_folder() {
        let rows = [("a.yaml", true), ("..", false), (".", false), ("/a", false), ("a/b", false)];
        for (name, expected) in
            rows.into_iter().chain([("a/", false), ("./a", false), ("..a", true)])
        {
            assert_eq!(is_inside(Path::new(name)), expected, "{name}");
        }
    }
}
