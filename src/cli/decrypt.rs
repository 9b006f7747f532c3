use std::io::{self, IsTerminal as _};

use super::context::{self, Context};
use super::encrypt::{check_destination, indent, write};
use super::invocation::DecryptOptions;
use super::report::{self, CommandError};
use crate::crypto::Strictness;
use crate::document::Warning;
use crate::format::Format;
use crate::io::files::Access;
use crate::keys::KeyRing;
use crate::metadata::KeyType;
use crate::operations::{self, DecryptRequest};
use crate::tree::Step;

/// Runs `decrypt`.
pub(super) fn run(options: &DecryptOptions, context: &Context<'_>) -> Result<(), CommandError> {
    Context::warn_of_extras(&options.common);
    check_destination(options.file.as_deref(), &options.output, options.common.is_legacy)?;
    let file = options.file.as_deref();
    let formats = Context::formats(&options.types, file);
    let target = options.types.filename_override.as_deref().or(file);
    let loaded = context.load_stores(options.common.config.as_deref(), target)?;
    let order = order(options.decryption_order.as_deref())?;
    let path = options.extract.as_deref().filter(|path| !path.is_empty());
    let path = path.map(Step::parse_path).transpose().map_err(CommandError::ExtractPath)?;
    let indent = indent(&options.output, &loaded, formats.output)?;
    let name = context::name(file);
    let format = formats.single()?;

    let bytes = context::read(file)?;
    context::check_key_services(&options.key_services)?;
    let request = DecryptRequest {
        source: &bytes,
        format,
        extract: path.as_deref(),
        key_ring: &KeyRing::new(context.environment),
        order: &order,
        ignore_mac: options.ignore_mac,
        strictness: if options.is_lenient { Strictness::Lenient } else { Strictness::Strict },
        indent,
    };
    let decrypted = operations::decrypt(&request)
        .map_err(|error| CommandError::Decrypt { file: name.clone(), error })?;
    for warning in &decrypted.warnings {
        report::warn(&format!("{name}: {}", describe(warning)));
    }
    let is_shown = options.output.output.is_none() && !options.output.in_place;
    if format == Format::Binary && is_shown && !is_printable(&decrypted.bytes) {
        return Err(CommandError::BinaryToTerminal(name));
    }
    write(&options.output, file, &bytes, &decrypted.bytes, Access::Private)
}

/// Tells whether bytes can go to standard output: a terminal takes some for commands.
fn is_printable(bytes: &[u8]) -> bool {
    let is_harmful = |letter: char| letter.is_control() && !matches!(letter, '\t' | '\n' | '\r');
    let is_text = || std::str::from_utf8(bytes).is_ok_and(|text| !text.contains(is_harmful));
    !io::stdout().is_terminal() || is_text()
}

/// Says what deserves attention in a file.
pub(super) fn describe(warning: &Warning) -> String {
    match warning {
        Warning::UnreadableComment { line } => {
            format!("line {line}: the encrypted comment does not open and is left as it is")
        }
        Warning::ClearComments { count: 1, line } => {
            format!("line {line}: a comment is in clear where comments are encrypted")
        }
        Warning::ClearComments { count, line } => {
            format!(
                "line {line} and others: {count} comments are in clear where comments are encrypted"
            )
        }
        Warning::LayoutIgnored => {
            "the layout record does not open or does not fit, so numbers, quotes and aliases may be \
             spelled in another way than before encryption"
                .to_owned()
        }
        Warning::MacIgnored => {
            "THE MAC IS MISSING OR WRONG and was ignored: the values may have been altered"
                .to_owned()
        }
    }
}

/// Reads a list of key types; unknown names are harmless, repeated ones are not
/// (`spec/cli.md` §12.3).
pub(super) fn order(list: Option<&str>) -> Result<Vec<KeyType>, CommandError> {
    let list = list.filter(|list| !list.is_empty()).unwrap_or("age,pgp");
    let mut seen = Vec::new();
    for name in list.split(',') {
        if seen.contains(&name) {
            return Err(CommandError::DuplicateOrder(name.to_owned()));
        }
        seen.push(name);
    }
    let of_name = |name: &&str| KeyType::ALL.into_iter().find(|it| it.as_str() == *name);
    Ok(seen.iter().filter_map(of_name).collect())
}
