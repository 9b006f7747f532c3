use std::io::{Chain, Cursor, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::context::{self, Context, Formats};
use super::invocation::{EncryptOptions, KeyOptions, OutputOptions, SelectorOptions};
use super::report::{self, CommandError, KeySource};
use super::terminal::Terminal;
use crate::config::{self, CreationRule, Loaded};
use crate::crypto::SystemRandomness;
use crate::document::ClearCopy;
use crate::format::{Format, Indent, binary};
use crate::io::files::{self, Access, Content, Input};
use crate::keys::MasterKey;
use crate::metadata::{KeyType, Selector, SelectorKind};
use crate::operations::{self, ClearSource, EncryptRequest, RuleError};
use crate::service::audit::Action;

/// Runs `encrypt`.
pub(super) fn run(options: &EncryptOptions, context: &Context<'_>) -> Result<(), CommandError> {
    Context::warn_of_extras(&options.common);
    check_destination(options.file.as_deref(), &options.output, options.common.is_legacy)?;
    let file = options.file.as_deref();
    let target = match (&options.types.filename_override, file) {
        (Some(name), _) => name.as_path(),
        (None, Some(file)) => file,
        (None, None) => return Err(CommandError::NoOverride),
    };
    let name = context::name(file);
    let formats = Context::formats(&options.types, file);
    let settings = Settings::of(options, target, formats, context)?;
    let mut clear = Clear::read(file, formats, options.output.in_place)?;
    if formats.input == Format::Binary {
        clear.warn_of_wrapper(&name);
    }
    let request = settings.request(clear.source(), formats.input, context);
    let randomness = &SystemRandomness;
    let encrypted = if formats.differ() {
        operations::encrypt_as(request, formats.output, randomness)
    } else {
        operations::encrypt(request, randomness)
    };
    let encrypted =
        encrypted.map_err(|error| CommandError::Encrypt { file: name.clone(), error })?;
    warn_of_copies(&name, &encrypted.clear_copies);
    context.record(Action::Encrypt, file)?;
    Context::note(&options.common, || {
        format!("{name}: {} values encrypted", encrypted.encrypted_values)
    });
    write(&options.output, file, &clear.bytes, &encrypted.content, Access::Shared)
}

/// What flags, variables and creation rule say about a new file.
pub(super) struct Settings {
    key_groups: Vec<Vec<MasterKey>>,
    shamir_threshold: u32,
    selector: Selector,
    mac_only_encrypted: bool,
    indent: Indent,
    keeps_layout: bool,
}

impl Settings {
    /// Collects them for a file of the name `target`.
    pub(super) fn of(
        options: &EncryptOptions,
        target: &Path,
        formats: Formats,
        context: &Context<'_>,
    ) -> Result<Self, CommandError> {
        check_context(options.keys.encryption_context.as_deref())?;
        let search = context.search(options.common.config.as_deref(), Some(target));
        let loaded = config::load(&search).map_err(CommandError::Config)?;
        Context::warn_of_config(&loaded);
        let rule = creation_rule(&loaded, &search, target, &options.keys)?;
        let rule = rule.as_ref();
        Context::note(&options.common, || describe(&loaded, rule));
        context::check_key_services(&options.key_services)?;
        let from_rule = rule.map_or(0, |rule| rule.shamir_threshold);
        let given = options.threshold.and_then(|it| u32::try_from(it).ok()).filter(|it| *it > 0);
        Ok(Self {
            key_groups: key_groups(&options.keys, rule, &loaded)?,
            shamir_threshold: given.unwrap_or(from_rule),
            selector: selector(formats.input, &options.selectors, rule)?,
            mac_only_encrypted: options.mac_only_encrypted
                || rule.is_some_and(|rule| rule.mac_only_encrypted),
            indent: indent(&options.output, &loaded, formats.output)?,
            keeps_layout: !options.no_layout && rule.is_none_or(|rule| rule.is_layout_kept),
        })
    }

    /// Asks for a file in clear to be encrypted so.
    pub(super) fn request<'r>(
        &'r self,
        source: ClearSource<'r>,
        format: Format,
        context: &Context<'r>,
    ) -> EncryptRequest<'r> {
        EncryptRequest {
            source,
            format,
            key_groups: &self.key_groups,
            shamir_threshold: self.shamir_threshold,
            selector: self.selector.clone(),
            mac_only_encrypted: self.mac_only_encrypted,
            indent: self.indent,
            keeps_layout: self.keeps_layout,
            now: operations::now(),
            environment: context.environment,
            interaction: Arc::new(Terminal),
        }
    }
}

/// Tells of values that are encrypted in one place and stand in clear in another.
pub(super) fn warn_of_copies(name: &str, copies: &[ClearCopy]) {
    for copy in copies {
        report::warn(&format!(
            "{name}: line {}: the alias repeats in clear the value of line {}, which is encrypted",
            copy.line, copy.value_line
        ));
    }
}

/// A file in clear, or the beginning of one that is encrypted as it is read.
struct Clear {
    bytes: Vec<u8>,
    /// All of a file that is read later, and how many bytes it has.
    input: Option<(WholeInput, usize)>,
}

/// All of a file of which only the beginning was read.
type WholeInput = Chain<Cursor<Vec<u8>>, Input>;

/// How many bytes are read before the others to see what the file is.
const BEGINNING: u64 = 1024;

impl Clear {
    fn read(
        file: Option<&Path>,
        formats: Formats,
        is_replaced: bool,
    ) -> Result<Self, CommandError> {
        // what is replaced is compared with what was read
        if !formats.are(Format::Binary) || is_replaced {
            return Ok(Self { bytes: context::read(file)?, input: None });
        }
        let mut input = files::open(file).map_err(CommandError::Read)?;
        let length = input.length();
        let mut bytes = Vec::new();
        let is_known = length > 0;
        let wanted = if is_known { BEGINNING } else { u64::MAX };
        let read = input.by_ref().take(wanted).read_to_end(&mut bytes);
        read.map_err(|error| CommandError::Read(input.failed(error)))?;
        let input = is_known.then(|| (Cursor::new(bytes.clone()).chain(input), length));
        Ok(Self { bytes, input })
    }

    /// Tells of a binary file that is encrypted already.
    fn warn_of_wrapper(&self, name: &str) {
        if binary::is_wrapper(&self.bytes) {
            report::warn(&format!(
                "{name}: the file is encrypted already and is now encrypted twice, so it has to be decrypted twice"
            ));
        }
    }

    fn source(&mut self) -> ClearSource<'_> {
        match &mut self.input {
            Some((input, length)) => ClearSource::Binary(input, *length),
            None => ClearSource::Bytes(&self.bytes),
        }
    }
}

/// Checks that input and output of a call make sense, and that the input is there.
pub(super) fn check_destination(
    file: Option<&Path>,
    output: &OutputOptions,
    is_legacy: bool,
) -> Result<(), CommandError> {
    if output.in_place && output.output.is_some() {
        return Err(CommandError::OutputAndInPlace);
    }
    match file {
        None if is_legacy => Err(CommandError::NoFile),
        // in place there would overwrite whatever file standard input is read from
        _ if output.in_place && file.is_none_or(is_standard_input) => {
            Err(CommandError::InPlaceStdin)
        }
        Some(path) if path.symlink_metadata().is_err() => {
            Err(CommandError::MissingFile(path.to_owned()))
        }
        Some(path) if path.is_dir() => Err(CommandError::Folder(path.to_owned())),
        _ => Ok(()),
    }
}

/// Checks the form of `--encryption-context`, which matters to keys of types to come only.
pub(super) fn check_context(pairs: Option<&str>) -> Result<(), CommandError> {
    let is_pair = |pair: &&str| pair.split(':').count() == 2;
    match pairs.and_then(|pairs| pairs.split(',').find(|pair| !is_pair(pair))) {
        Some(pair) => Err(CommandError::BadContext(pair.to_owned())),
        None => Ok(()),
    }
}

/// Says where the settings for a new file come from.
fn describe(loaded: &Loaded, rule: Option<&CreationRule>) -> String {
    match (&loaded.config, rule) {
        (Some(config), Some(rule)) => {
            format!("config file {}, rule at {}", config.path().display(), rule.place)
        }
        (Some(config), None) => format!("config file {}, no rule", config.path().display()),
        (None, _) => "no config file".to_owned(),
    }
}

fn is_standard_input(path: &Path) -> bool {
    ["/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"].iter().any(|name| path == Path::new(name))
}

/// Writes the result of a call to where it belongs.
pub(super) fn write(
    output: &OutputOptions,
    file: Option<&Path>,
    input: &[u8],
    content: &dyn Content,
    access: Access,
) -> Result<(), CommandError> {
    let written = match (&output.output, file) {
        (Some(path), _) => files::replace(path, content, None, access),
        (None, Some(path)) if output.in_place => files::replace(path, content, Some(input), access),
        _ => files::write_content_to_stdout(content),
    };
    written.map_err(CommandError::Write)
}

/// Returns the indent that flags and configuration ask for.
pub(super) fn indent(
    output: &OutputOptions,
    loaded: &Loaded,
    format: Format,
) -> Result<Indent, CommandError> {
    let indent = output.indent.unwrap_or_else(|| loaded.stores().indent(format));
    config::indent(format, indent).ok_or(CommandError::BadIndent { format, indent })
}

/// Finds the rule for a new file. Without one, keys from flags are enough (`spec/cli.md` §14.6).
fn creation_rule(
    loaded: &Loaded,
    search: &config::Search<'_>,
    target: &Path,
    keys: &KeyOptions,
) -> Result<Option<CreationRule>, CommandError> {
    let Some(config) = &loaded.config else { return Ok(None) };
    match config.creation_rule(search, target) {
        Ok(rule) => Ok(rule),
        // not in the words of the error, which wrappers take for a failure
        Err(config::ConfigError::NoMatchingRule { path, target, .. }) if has_keys(keys) => {
            report::warn(&format!(
                "no rule of {} is for {target}; using the keys that were named",
                path.display()
            ));
            Ok(None)
        }
        Err(error) => Err(CommandError::Config(error)),
    }
}

fn has_keys(keys: &KeyOptions) -> bool {
    named(keys).iter().any(|(_, list)| list.is_some())
}

/// Lists the keys of flags and variables by type; an empty list counts as not given.
fn named(keys: &KeyOptions) -> [(KeyType, Option<&str>); 7] {
    [
        (KeyType::Kms, keys.kms.as_deref()),
        (KeyType::GcpKms, keys.gcp_kms.as_deref()),
        (KeyType::Hckms, keys.hckms.as_deref()),
        (KeyType::AzureKeyVault, keys.azure_kv.as_deref()),
        (KeyType::Pgp, keys.pgp.as_deref()),
        (KeyType::HcVault, keys.hc_vault_transit.as_deref()),
        (KeyType::Age, keys.age.as_deref()),
    ]
    .map(|(key_type, list)| (key_type, list.filter(|list| !list.is_empty())))
}

/// Returns the master keys: those that were named, else those of the rule.
fn key_groups(
    keys: &KeyOptions,
    rule: Option<&CreationRule>,
    loaded: &Loaded,
) -> Result<Vec<Vec<MasterKey>>, CommandError> {
    if has_keys(keys) {
        let mut group = Vec::new();
        for (key_type, list) in named(keys) {
            for name in list.into_iter().flat_map(|list| list.split(',')) {
                let wrong = |error| CommandError::MasterKey { place: KeySource::Named, error };
                group.push(MasterKey::parse(key_type, name).map_err(wrong)?);
            }
        }
        return Ok(vec![group]);
    }
    let path = loaded.config.as_ref().map(|config| config.path().to_owned());
    let Some(rule) = rule else { return Err(CommandError::NoKeys(path)) };
    let path = path.unwrap_or_default();
    operations::master_keys(rule).map_err(|error| rule_error(path, error))
}

/// Names the configuration whose rule cannot be used.
pub(super) fn rule_error(path: PathBuf, error: RuleError) -> CommandError {
    match error {
        RuleError::NoKeys { place } => CommandError::RuleWithoutKeys { path, place },
        RuleError::MasterKey { place, error } => {
            CommandError::MasterKey { place: KeySource::Rule(path, place), error }
        }
    }
}

/// Returns the selector in force: that of a flag, else the rule's, else the default. One from each
/// is a conflict unless they are of the same kind (`spec/cli.md` §4.4). In a binary file there is
/// nothing to select.
fn selector(
    format: Format,
    flags: &SelectorOptions,
    rule: Option<&CreationRule>,
) -> Result<Selector, CommandError> {
    if format == Format::Binary {
        warn_of_selectors(flags, rule);
        return Ok(Selector::default());
    }
    let given = given_selectors(flags);
    let from_rule = rule.and_then(|rule| rule.selector.as_ref());
    match (given.as_slice(), from_rule) {
        ([], None) => Ok(Selector::default()),
        ([], Some(selector)) => Ok(selector.clone()),
        ([(kind, _)], Some(selector)) if selector.kind() != *kind => {
            Err(CommandError::TwoSelectors(
                format!("--{}", flag(*kind)),
                format!("{} of the creation rule", selector.kind().as_str()),
            ))
        }
        ([(kind, text)], _) => Selector::new(*kind, *text)
            .map_err(|source| CommandError::BadPattern { flag: flag(*kind), source }),
        ([(one, _), (two, _), ..], _) => Err(CommandError::TwoSelectors(
            format!("--{}", flag(*one)),
            format!("--{}", flag(*two)),
        )),
    }
}

/// Says which selectors have no effect on a binary file.
fn warn_of_selectors(flags: &SelectorOptions, rule: Option<&CreationRule>) {
    let flags = given_selectors(flags).into_iter().map(|(kind, _)| format!("--{}", flag(kind)));
    let selector = rule.and_then(|rule| rule.selector.as_ref());
    let of_rule =
        |selector: &Selector| format!("{} of the creation rule", selector.kind().as_str());
    for name in flags.chain(selector.map(of_rule)) {
        report::warn(&format!(
            "{name} has no effect on a binary file, which is encrypted as a whole"
        ));
    }
}

/// Names the flag of a kind of selector.
fn flag(kind: SelectorKind) -> String {
    kind.as_str().replace('_', "-")
}

fn given_selectors(flags: &SelectorOptions) -> Vec<(SelectorKind, &str)> {
    let texts = [
        (SelectorKind::UnencryptedSuffix, &flags.unencrypted_suffix),
        (SelectorKind::EncryptedSuffix, &flags.encrypted_suffix),
        (SelectorKind::UnencryptedRegex, &flags.unencrypted_regex),
        (SelectorKind::EncryptedRegex, &flags.encrypted_regex),
        (SelectorKind::UnencryptedCommentRegex, &flags.unencrypted_comment_regex),
        (SelectorKind::EncryptedCommentRegex, &flags.encrypted_comment_regex),
    ];
    let given = texts.into_iter().filter_map(|(kind, text)| Some((kind, text.as_deref()?)));
    given.filter(|(_, text)| !text.is_empty()).collect()
}
