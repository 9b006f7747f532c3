use std::ffi::OsStr;
use std::io::{self, BufRead as _, IsTerminal as _};
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::context::{self, Context, Formats};
use super::decrypt;
use super::encrypt::{self, Settings};
use super::invocation::EditOptions;
use super::pinned::Pinned;
use super::report::{self, CommandError, EditError};
use crate::crypto::{Strictness, SystemRandomness};
use crate::io::child::{self, Relay, Watch};
use crate::io::editor::Editor;
use crate::io::files::{self, Access, FileError};
use crate::io::scratch::{self, Scratch};
use crate::io::terminal;
use crate::operations::{
    self, ClearSource, DecryptRequest, EditRequest, Editable, EncryptedContent, Saved, ShowError,
};
use crate::service::audit::Action;

/// Exit code of an edit that a signal ended, as in the reference.
const CANCELED: u8 = 1;

/// Runs `edit`: has a file changed in an editor, and encrypts what is new in it.
pub(super) fn run(options: &EditOptions, context: &Context<'_>) -> Result<(), CommandError> {
    let Some(file) = options.new.file.as_deref() else { return Err(CommandError::NoFile) };
    let is_there = file.symlink_metadata().is_ok();
    if let (false, Some(typo)) = (is_there, &options.typo) {
        return Err(CommandError::Typo(typo.clone()));
    }
    Context::warn_of_extras(&options.new.common);
    if file.is_dir() {
        return Err(CommandError::Folder(file.to_owned()));
    }
    let formats = Context::formats(&options.new.types, Some(file));
    let editor = Editor::find(&context.environment).map_err(EditError::from)?;
    if is_there {
        existing(file, formats, options, &editor, context)
    } else {
        new(file, formats, options, &editor, context)
    }
}

/// Edits a file that is there.
fn existing(
    file: &Path,
    formats: Formats,
    options: &EditOptions,
    editor: &Editor,
    context: &Context<'_>,
) -> Result<(), CommandError> {
    context::check_key_services(&options.new.key_services)?;
    let name = context::name(Some(file));
    let common = &options.new.common;
    let loaded = context.load_stores(common.config.as_deref(), Some(file))?;
    let indent = encrypt::indent(&options.new.output, &loaded, formats.input)?;
    let order = decrypt::order(options.decryption_order.as_deref())?;
    let bytes = context::read(Some(file))?;
    let explicit = common.config.as_deref();
    let pinned = Pinned::new(file, &bytes, formats.input, &loaded, explicit, context);
    let decrypt = DecryptRequest {
        format: formats.input,
        key_ring: &context.key_ring_for(common, Some(file))?,
        order: &order,
        ignore_mac: options.ignore_mac,
        strictness: if options.is_lenient { Strictness::Lenient } else { Strictness::Strict },
        indent: indent.step(),
        keeps_layout: true,
    };
    let conversion = formats.conversion(&options.new.output, &loaded)?;
    let shows_metadata = options.shows_master_keys;
    let request = EditRequest { decrypt, indent, conversion, shows_metadata };
    operations::edit(&bytes, &request, |editable| {
        decrypt::warn(&name, editable.warnings());
        let session = Session::start(file, editable, editor, context)?;
        let check = |content: &EncryptedContent| {
            pinned.warn_of_keys();
            if !pinned.has_clear_values() {
                return Ok(());
            }
            let bytes = written(file, content).map_err(CommandError::Write)?;
            pinned.check(&bytes, formats.output)
        };
        let replace = |content: &EncryptedContent| {
            files::replace(file, content, Some(&bytes), Access::Shared)
        };
        session.finish(check, replace)?;
        formats.warn_of_name(file);
        Ok(())
    })
    .map_err(|error| refused(name.clone(), error))?
}

/// Makes a file that is not there, from an example.
fn new(
    file: &Path,
    formats: Formats,
    options: &EditOptions,
    editor: &Editor,
    context: &Context<'_>,
) -> Result<(), CommandError> {
    let settings = Settings::of(&options.new, file, formats, context)?;
    let request = settings.request(ClearSource::Bytes(&[]), formats.output, context);
    let randomness = &SystemRandomness;
    let create =
        |content: &EncryptedContent| files::create(file, &written(file, content)?, Access::Shared);
    operations::edit_new(request, options.shows_master_keys, randomness, |editable| {
        Session::start(file, editable, editor, context)?.finish(|_| Ok(()), create)
    })
    .map_err(|error| EditError::DataKey(Box::new(refused(context::name(Some(file)), error))))?
}

/// Names the file that cannot be shown.
fn refused(file: String, error: ShowError) -> CommandError {
    match error {
        ShowError::Decrypt(error) => CommandError::Decrypt { file, error },
        ShowError::Encrypt(error) => CommandError::Encrypt { file, error },
        ShowError::Convert(error) => CommandError::Convert { file, error },
        ShowError::Block(error) => CommandError::Save { file, error: error.into() },
    }
}

/// Returns the encrypted file as bytes.
fn written(file: &Path, content: &EncryptedContent) -> Result<Vec<u8>, FileError> {
    let mut bytes = Vec::new();
    let written = files::Content::write_to(content, &mut bytes);
    written.map_err(|source| FileError::Write { path: file.to_owned(), source })?;
    Ok(bytes)
}

/// A file in clear in a private folder, while the user works on it.
struct Session<'s> {
    file: &'s Path,
    editable: &'s Editable<'s>,
    editor: &'s Editor,
    context: &'s Context<'s>,
    scratch: Scratch,
    /// Holds back the signals that would leave the file in clear behind.
    _held: Relay,
}

impl<'s> Session<'s> {
    fn start(
        file: &'s Path,
        editable: &'s Editable<'_>,
        editor: &'s Editor,
        context: &'s Context<'_>,
    ) -> Result<Self, CommandError> {
        let above = scratch::folder_above(&context.environment);
        let refused = |error| CommandError::Scratch { folder: above.clone(), error };
        let held = Relay::start().map_err(CommandError::Start)?;
        let scratch = Scratch::new(&above, file.file_name().unwrap_or(OsStr::new("file")));
        let scratch = scratch.map_err(refused)?;
        scratch.write(editable.bytes()).map_err(refused)?;
        Ok(Self { file, editable, editor, context, scratch, _held: held })
    }

    /// Has the text edited until it can be encrypted, and writes the result.
    fn finish(
        self,
        check: impl FnOnce(&EncryptedContent) -> Result<(), CommandError>,
        write: impl FnOnce(&EncryptedContent) -> Result<(), FileError>,
    ) -> Result<(), CommandError> {
        let name = context::name(Some(self.file));
        let saved = loop {
            let edited = self.edited()?;
            if *edited == *self.editable.bytes() {
                return Err(EditError::NotModified.into());
            }
            let randomness = &SystemRandomness;
            match self.editable.save(&edited, operations::now(), randomness) {
                Ok(saved) => break saved,
                Err(error) => {
                    let error = CommandError::Save { file: name.clone(), error };
                    report::fail(&error, self.context.program);
                    if !self.goes_on() {
                        let code = report::exit_code(&error);
                        return Err(EditError::Stopped { path: self.kept(), code }.into());
                    }
                }
            }
        };
        let Saved { encrypted, ignored } = saved;
        encrypt::warn_of_copies(&name, &encrypted.clear_copies);
        for field in ignored {
            report::warn(&format!("{name}: the edit of {field} in the sops block is not kept"));
        }
        let checked = check(&encrypted.content);
        let recorded = checked.and_then(|()| self.context.record(Action::Encrypt, Some(self.file)));
        let written =
            recorded.and_then(|()| write(&encrypted.content).map_err(CommandError::Write));
        match written {
            Ok(()) => Ok(()),
            Err(error) => Err(EditError::Kept { path: self.kept(), error: Box::new(error) }.into()),
        }
    }

    /// Runs the editor and returns what it left.
    fn edited(&self) -> Result<Zeroizing<Vec<u8>>, CommandError> {
        let relay = Relay::start().map_err(CommandError::Start)?;
        let command = self.editor.command(self.scratch.path());
        match child::run(command, relay) {
            Ok(0) => {}
            Ok(129 | 130 | 143) => return Err(EditError::Canceled.into()),
            Ok(code) => return Err(EditError::Failed(code).into()),
            Err(error) => return Err(EditError::Start(error).into()),
        }
        files::read(self.scratch.path()).map(Zeroizing::new).map_err(CommandError::Read)
    }

    /// Asks whether to edit on; a signal ends it all.
    fn goes_on(&self) -> bool {
        let folder = self.scratch.path().parent().map(PathBuf::from).unwrap_or_default();
        let _watch = Watch::start(folder, i32::from(CANCELED));
        let question = "Press Enter to go on editing, Ctrl-C to stop";
        if io::stdin().is_terminal() {
            return terminal::ask(question, false).is_ok();
        }
        report::tell(question);
        let mut line = String::new();
        io::stdin().lock().read_line(&mut line).is_ok_and(|length| length > 0)
    }

    /// Leaves what was edited where it is.
    fn kept(self) -> PathBuf {
        let name = self.scratch.path().file_name().map(PathBuf::from).unwrap_or_default();
        self.scratch.leave().join(name)
    }
}
