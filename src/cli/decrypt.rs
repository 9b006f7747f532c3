use std::io::{self, IsTerminal as _};

use super::context::{self, Context, Formats};
use super::encrypt::{check_destination, indent, write};
use super::invocation::DecryptOptions;
use super::report::{self, CommandError};
use crate::crypto::{ClearBytes, Strictness};
use crate::document::Warning;
use crate::format::{Format, Indent};
use crate::io::files::Access;
use crate::metadata::KeyType;
use crate::operations::{self, DecryptError, DecryptRequest, Decrypted};
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
    let request = DecryptRequest {
        format: formats.input,
        key_ring: &context.key_ring_for(&options.common, file)?,
        order: &order,
        ignore_mac: options.ignore_mac,
        strictness: if options.is_lenient { Strictness::Lenient } else { Strictness::Strict },
        indent: indent.step(),
        keeps_layout: true,
    };
    let call = Call { request, formats, indent, name: &name };
    let services = &options.key_services;
    // what is replaced is compared with what was read
    let (bytes, result) =
        if path.is_none() && formats.are(Format::Binary) && !options.output.in_place {
            let mut source = context::read_binary(file)?;
            context::check_key_services(services)?;
            (Vec::new(), call.finish(operations::decrypt_binary(&mut source, &call.request))?)
        } else {
            let bytes = context::read(file)?;
            context::check_key_services(services)?;
            let result = call.run(&bytes, path.as_deref())?;
            (bytes, result)
        };
    let is_shown = options.output.output.is_none() && !options.output.in_place;
    if formats.output == Format::Binary && is_shown && !is_printable(&result) {
        return Err(CommandError::BinaryToTerminal(name));
    }
    write(&options.output, file, &bytes, &result, Access::Private)
}

/// Decrypts a whole file to a format, for a command that hands it on.
pub(super) fn content(
    source: &[u8],
    request: DecryptRequest<'_>,
    formats: Formats,
    indent: Indent,
    name: &str,
) -> Result<ClearBytes, CommandError> {
    Call { request, formats, indent, name }.run(source, None)
}

/// A call with all that it says but for the file's content.
struct Call<'c> {
    request: DecryptRequest<'c>,
    formats: Formats,
    indent: Indent,
    name: &'c str,
}

impl Call<'_> {
    fn run(&self, source: &[u8], path: Option<&[Step]>) -> Result<ClearBytes, CommandError> {
        match path {
            Some(path) => self.extract(source, path),
            None if self.formats.differ() => self.convert(source),
            None => self.finish(operations::decrypt(source, &self.request)),
        }
    }

    /// Takes a file that was decrypted in its own format.
    fn finish(
        &self,
        decrypted: Result<Decrypted, DecryptError>,
    ) -> Result<ClearBytes, CommandError> {
        let decrypted = decrypted.map_err(|error| self.refused(error))?;
        self.warn(&decrypted.warnings);
        Ok(decrypted.bytes)
    }

    /// Decrypts a file and writes all of it anew in another format.
    fn convert(&self, source: &[u8]) -> Result<ClearBytes, CommandError> {
        let tree = operations::decrypt_tree(source, &self.request);
        let (tree, _) = tree.map_err(|error| self.refused(error))?;
        self.warn(tree.warnings());
        self.warn(tree.left_out(self.formats.output).as_slice());
        let emitted = tree.emit(self.formats.output, self.indent);
        let file = self.name.to_owned();
        emitted.map(Into::into).map_err(|error| CommandError::Convert { file, error })
    }

    /// Decrypts a file and writes one value of it.
    fn extract(&self, source: &[u8], path: &[Step]) -> Result<ClearBytes, CommandError> {
        let tree = operations::decrypt_tree(source, &self.request);
        let (tree, _) = tree.map_err(|error| self.refused(error))?;
        self.warn(tree.warnings());
        let picked = tree.pick(path, self.formats.output, self.indent);
        let file = self.name.to_owned();
        picked.map(Into::into).map_err(|error| CommandError::Extract { file, error })
    }

    fn refused(&self, error: DecryptError) -> CommandError {
        CommandError::Decrypt { file: self.name.to_owned(), error }
    }

    fn warn(&self, warnings: &[Warning]) {
        warn(self.name, warnings);
    }
}

/// Tells what deserves attention in a file.
pub(super) fn warn(name: &str, warnings: &[Warning]) {
    for warning in warnings {
        report::warn(&format!("{name}: {}", describe(warning)));
    }
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
