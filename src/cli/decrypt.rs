use zeroize::Zeroizing;

use super::context::{self, Context};
use super::encrypt::{check_destination, indent, write};
use super::invocation::DecryptOptions;
use super::report::{self, CommandError};
use crate::crypto::Strictness;
use crate::document::{Opened, Warning};
use crate::format::{Format, Indent};
use crate::io::files::Access;
use crate::metadata::KeyType;
use crate::operations::{self, DecryptError, DecryptRequest};
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
    if target.is_none() && options.types.input_type.is_none() {
        return Err(CommandError::NoFormat);
    }
    let formats = formats.built_in(&name)?;

    let bytes = context::read(file)?;
    let source = context::text(&bytes)
        .map_err(|error| CommandError::EncryptedText { file: name.clone(), error })?;
    context::check_key_services(&options.key_services)?;
    let request = DecryptRequest {
        source,
        format: formats.input,
        key_ring: &context.key_ring(),
        order: &order,
        ignore_mac: options.ignore_mac,
        strictness: if options.is_lenient { Strictness::Lenient } else { Strictness::Strict },
        indent: indent.step(),
        keeps_layout: true,
    };
    let result = match path {
        Some(path) => extract(&request, &path, formats.output, indent, &name),
        None if formats.differ() => convert(&request, formats.output, indent, &name),
        None => decrypt(&request, &name),
    };
    write(&options.output, file, &bytes, &result?, Access::Private)
}

/// Decrypts a text, all of it in its own format.
fn decrypt(request: &DecryptRequest<'_>, name: &str) -> Result<Zeroizing<Vec<u8>>, CommandError> {
    let decrypted = operations::decrypt(request).map_err(|error| refused(name, error))?;
    let Opened { mut text, warnings } = decrypted.opened;
    warn(name, &warnings);
    Ok(std::mem::take(&mut *text).into_bytes().into())
}

/// Decrypts a text and writes all of it anew in another format.
fn convert(
    request: &DecryptRequest<'_>,
    output: Format,
    indent: Indent,
    name: &str,
) -> Result<Zeroizing<Vec<u8>>, CommandError> {
    let (tree, _) = operations::decrypt_tree(request).map_err(|error| refused(name, error))?;
    warn(name, tree.warnings());
    warn(name, tree.left_out(output).as_slice());
    let emitted = tree.emit(output, indent);
    emitted.map_err(|error| CommandError::Convert { file: name.to_owned(), error })
}

/// Decrypts a text and writes one value of it.
fn extract(
    request: &DecryptRequest<'_>,
    path: &[Step],
    output: Format,
    indent: Indent,
    name: &str,
) -> Result<Zeroizing<Vec<u8>>, CommandError> {
    let (tree, _) = operations::decrypt_tree(request).map_err(|error| refused(name, error))?;
    warn(name, tree.warnings());
    let picked = tree.pick(path, output, indent);
    picked.map_err(|error| CommandError::Extract { file: name.to_owned(), error })
}

fn refused(name: &str, error: DecryptError) -> CommandError {
    CommandError::Decrypt { file: name.to_owned(), error }
}

fn warn(name: &str, warnings: &[Warning]) {
    for warning in warnings {
        report::warn(&format!("{name}: {}", describe(warning)));
    }
}

fn describe(warning: &Warning) -> String {
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
        Warning::DocumentsLeftOut { count, format } => {
            let are = if *count == 1 { "other is" } else { "others are" };
            format!("{} holds one document; {count} {are} left out", format.as_str())
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
fn order(list: Option<&str>) -> Result<Vec<KeyType>, CommandError> {
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
