use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use super::invocation::{CommonOptions, KeyServiceOptions, OutputOptions, Program, TypeOptions};
use super::normalize::boolean;
use super::report::{self, CommandError};
use super::terminal::Terminal;
use crate::config::{self, Loaded, Search};
use crate::document::BinarySource;
use crate::format::Format;
use crate::io::environment::Environment;
use crate::io::files;
use crate::keys::{KeyRing, NotRecorded};
use crate::operations::Conversion;
use crate::service::audit::{Action, AuditError, AuditLog};

/// What every command needs to know of the process it runs in.
pub(super) struct Context<'e> {
    pub(super) program: Program,
    pub(super) environment: Environment<'e>,
    pub(super) working_folder: PathBuf,
    /// What all calls to Azure share.
    #[cfg(feature = "azure")]
    pub(super) azure: crate::keys::azure::Session,
}

/// The two formats of a call.
#[derive(Clone, Copy)]
pub(super) struct Formats {
    pub(super) input: Format,
    pub(super) output: Format,
}

impl<'e> Context<'e> {
    pub(super) fn new(
        program: Program,
        environment: super::Environment<'e>,
    ) -> Result<Self, CommandError> {
        let working_folder = std::env::current_dir().map_err(CommandError::WorkingFolder)?;
        Ok(Self {
            program,
            environment: Environment::new(environment),
            working_folder,
            #[cfg(feature = "azure")]
            azure: crate::keys::azure::Session::default(),
        })
    }

    /// Returns the keys of this machine; what needs a passphrase asks on the terminal.
    pub(super) fn key_ring(&self) -> KeyRing<'e> {
        let key_ring = KeyRing::new(self.environment).asking(Arc::new(Terminal));
        #[cfg(feature = "azure")]
        let key_ring = key_ring.sharing(&self.azure);
        key_ring
    }

    /// As [`key_ring`](Self::key_ring); the log of this machine gets an event for each data key
    /// that it opens, before anybody sees what is encrypted with it.
    pub(super) fn key_ring_for(
        &self,
        common: &CommonOptions,
        file: Option<&Path>,
    ) -> Result<KeyRing<'e>, CommandError> {
        self.witnessed(self.key_ring(), common, file)
    }

    /// Has a key ring write to the log of this machine, as [`key_ring_for`](Self::key_ring_for).
    pub(super) fn witnessed(
        &self,
        key_ring: KeyRing<'e>,
        common: &CommonOptions,
        file: Option<&Path>,
    ) -> Result<KeyRing<'e>, CommandError> {
        let log = self.audit_log()?;
        let file = self.absolute(file);
        let is_verbose = common.verbose;
        let witness = move || {
            if is_verbose {
                report::note("Data key recovered successfully");
            }
            let recorded = log.record(Action::Decrypt, &file);
            recorded.map_err(|error| NotRecorded(error.into()))
        };
        Ok(key_ring.witnessed(Box::new(witness)))
    }

    /// Records an event in the log of this machine; what it is about is not handed out without.
    pub(super) fn record(&self, action: Action, file: Option<&Path>) -> Result<(), CommandError> {
        Ok(self.audit_log()?.record(action, &self.absolute(file))?)
    }

    /// Reads what is to be recorded on this machine. A configuration that this user may not read
    /// asks for nothing from the reference.
    pub(super) fn audit_log(&self) -> Result<AuditLog, CommandError> {
        match AuditLog::of_machine() {
            Err(error @ AuditError::Unreadable(_)) if !self.is_strict() => {
                report::warn(&report::with_causes(&error));
                Ok(AuditLog::default())
            }
            log => Ok(log?),
        }
    }

    /// Returns the absolute path of a file, without looking at links; the working folder stands
    /// for standard input, as in the reference.
    pub(super) fn absolute(&self, file: Option<&Path>) -> PathBuf {
        let mut absolute = PathBuf::new();
        for component in self.working_folder.join(file.unwrap_or(Path::new(""))).components() {
            match component {
                Component::ParentDir => drop(absolute.pop()),
                Component::CurDir => {}
                component => absolute.push(component),
            }
        }
        absolute
    }

    /// Tells whether rules that the reference does not have refuse, or only warn.
    pub(super) fn is_strict(&self) -> bool {
        let is_on = |value: std::ffi::OsString| value.to_str().and_then(boolean).unwrap_or(true);
        self.program == Program::Leafseal
            || self.environment.filled_variable("LEAFSEAL_STRICT").is_some_and(is_on)
    }

    /// Tells of words and flags that have no meaning in this call.
    pub(super) fn warn_of_extras(common: &CommonOptions) {
        if let Some(first) = common.extra_words.first() {
            report::warn(&format!(
                "More than one positional argument provided. Only the first one is used; ignored from {} on",
                first.display()
            ));
        }
        let mut flags = common.extra_words.iter().filter(|word| is_flag_like(word));
        if let Some(flag) = flags.next() {
            report::warn(&format!(
                "Note that one of the ignored positional argument is {}, which was not read as a flag",
                flag.display()
            ));
        }
        Self::warn_of_flags(common);
    }

    /// Tells of flags that have no meaning in this call.
    pub(super) fn warn_of_flags(common: &CommonOptions) {
        for flag in &common.unused_flags {
            report::warn(&format!("flag {flag} has no meaning for this command and is ignored"));
        }
        if common.has_several_operations {
            report::warn(
                "More than one command (--encrypt, --decrypt, --rotate, --set) was given; only the last one counts",
            );
        }
    }

    /// Chooses the formats by option, else by the file's name (`spec/format.md` §5).
    pub(super) fn formats(types: &TypeOptions, file: Option<&Path>) -> Formats {
        let named = types.filename_override.as_deref().or(file);
        let by_name = named.map_or(Format::Binary, |path| Format::of_path(&path.to_string_lossy()));
        let choose = |flag: &str, word: &Option<String>| match word.as_deref() {
            None | Some("") => by_name,
            Some(word) => Format::parse(word).unwrap_or_else(|| {
                report::warn(&format!(
                    "--{flag} {word:?} is no format; using {} by the file's name",
                    by_name.as_str()
                ));
                by_name
            }),
        };
        Formats {
            input: choose("input-type", &types.input_type),
            output: choose("output-type", &types.output_type),
        }
    }

    /// Returns where the configuration is looked for.
    pub(super) fn search<'a>(
        &'a self,
        explicit: Option<&'a Path>,
        target: Option<&'a Path>,
    ) -> Search<'a> {
        Search { explicit, working_folder: &self.working_folder, target }
    }

    /// Loads the configuration for a command that needs no rules: what is wrong is a warning,
    /// unless the user named the file.
    pub(super) fn load_stores(
        &self,
        explicit: Option<&Path>,
        target: Option<&Path>,
    ) -> Result<Loaded, CommandError> {
        let search = self.search(explicit, target);
        let loaded = if explicit.is_some() {
            config::load(&search).map_err(CommandError::Config)?
        } else {
            config::load_or_warn(&search)
        };
        Self::warn_of_config(&loaded);
        Ok(loaded)
    }

    /// Says what is done, where `--verbose` asks for it.
    pub(super) fn note(common: &CommonOptions, message: impl FnOnce() -> String) {
        if common.verbose {
            report::note(&message());
        }
    }

    pub(super) fn warn_of_config(loaded: &Loaded) {
        for warning in &loaded.warnings {
            report::warn(&report::with_causes(warning));
        }
    }
}

fn is_flag_like(word: &OsStr) -> bool {
    word.len() > 1 && word.as_encoded_bytes().starts_with(b"-")
}

impl Formats {
    /// Tells whether the file and the result are both of a format.
    pub(super) fn are(self, format: Format) -> bool {
        self.input == format && self.output == format
    }

    /// Returns the format of the result, where that is another one than that of the file.
    pub(super) fn conversion(
        self,
        options: &OutputOptions,
        loaded: &Loaded,
    ) -> Result<Option<Conversion>, CommandError> {
        let Self { output: format, .. } = self;
        if !self.differ() {
            return Ok(None);
        }
        let indent = super::encrypt::indent(options, loaded, format)?;
        Ok(Some(Conversion { format, indent }))
    }

    /// Tells of a file whose name asks for another format than it has from now on.
    pub(super) fn warn_of_name(self, file: &Path) {
        let by_name = Format::of_path(&file.to_string_lossy());
        if self.differ() && by_name != self.output {
            let format = self.output.as_str();
            report::warn(&format!(
                "{}: the file is {format} now, and its name does not say so; other calls need --input-type {format}",
                file.display()
            ));
        }
    }

    /// Tells whether the result is of another format than the file.
    pub(super) fn differ(self) -> bool {
        self.input != self.output
    }
}

/// Reads the file of a call, or standard input.
pub(super) fn read(file: Option<&Path>) -> Result<Vec<u8>, CommandError> {
    let bytes = match file {
        Some(path) => files::read(path),
        None => files::read_stdin(),
    };
    bytes.map_err(CommandError::Read)
}

/// Reads an encrypted binary file, or standard input, and decodes it meanwhile.
pub(super) fn read_binary(file: Option<&Path>) -> Result<BinarySource, CommandError> {
    let mut input = files::open(file).map_err(CommandError::Read)?;
    let length = input.length();
    BinarySource::read(&mut input, length).map_err(|error| CommandError::Read(input.failed(error)))
}

/// Names the file of a call in messages.
pub(super) fn name(file: Option<&Path>) -> String {
    file.map_or_else(|| "standard input".to_owned(), |path| path.display().to_string())
}

/// Checks that the keys of this machine may be used, and that no others are asked for.
pub(super) fn check_key_services(services: &KeyServiceOptions) -> Result<(), CommandError> {
    if !services.addresses.is_empty() {
        return Err(CommandError::NotBuiltIn(
            "a key service (--keyservice, SOPS_KEYSERVICE)".to_owned(),
        ));
    }
    if services.is_local_enabled { Ok(()) } else { Err(CommandError::NoKeyService) }
}
