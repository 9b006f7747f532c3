//! What to do about a text that cannot be read or written in its format, or cannot be encrypted.

use crate::document::SealError;
use crate::format::ini::IniError;
use crate::format::yaml::Problem;
use crate::format::{EmitError, ScanError, ScanErrorKind};

/// Says what to do about data that has no form in the format of the result.
pub(super) fn emit_hint(error: &EmitError) -> Option<&'static str> {
    Some(match error {
        EmitError::Null { .. } => "yaml and json hold null; or give the key an empty string",
        EmitError::Collection { .. } | EmitError::NotSection(_) => {
            "dotenv holds names with values, ini sections of them; yaml and json hold all shapes"
        }
        EmitError::NotFinite(_) | EmitError::NotUtf8 { .. } | EmitError::NoQuotes(_) => {
            "yaml holds it: --output-type yaml"
        }
        EmitError::Name { .. } => "yaml holds any name: --output-type yaml",
        EmitError::Comment(_) => "take the character out of the comment",
        EmitError::Repeated { .. } => "json holds both: --output-type json",
        EmitError::SeveralDocuments { .. } => {
            "yaml holds several documents: --output-type yaml; or make a file of each"
        }
        EmitError::NoData | EmitError::DataNotString => {
            "values of other formats are no binary file: --output-type json, or that of the input"
        }
        EmitError::SingleValue { .. } => return None,
    })
}

/// Says what to do about a text that cannot be encrypted.
pub(super) fn seal_hints(error: &SealError, program: &str) -> Vec<String> {
    let hint = match error {
        SealError::AlreadyEncrypted { .. } => {
            format!(
                "to change an encrypted file, decrypt it first: `{program} decrypt --in-place FILE`"
            )
        }
        SealError::KeyNotString(_) => "put the key in quotes".to_owned(),
        SealError::TimeOffset(_) => "put the time in quotes".to_owned(),
        SealError::IntegerTooBig(_) => "put the number in quotes".to_owned(),
        SealError::Layout => {
            "--no-layout encrypts it; then the values come back, perhaps in another spelling"
                .to_owned()
        }
        SealError::EncryptedAlias(_) | SealError::AliasNotExpanded(_) => {
            "write the value out in place of the alias, or keep both in clear with a selector"
                .to_owned()
        }
        SealError::Scan(error) => return scan_hint(error).map(str::to_owned).into_iter().collect(),
        SealError::NoDocument | SealError::OnlyComments => {
            "a YAML file needs at least one key".to_owned()
        }
        SealError::SelectionChanges(_) => {
            "use a comment selector that does not match encrypted comments (ENC[…,type:comment])"
                .to_owned()
        }
        SealError::Verification(..) => {
            "the file was not touched; simplify it at this place, and please report it".to_owned()
        }
        _ => return Vec::new(),
    };
    vec![hint]
}

/// Says what to do about a text that is not of its format.
pub(super) fn scan_hint(error: &ScanError) -> Option<&'static str> {
    Some(match &error.kind {
        ScanErrorKind::RootNotMapping(_) => "put the content below a key (key: value)",
        ScanErrorKind::RootNotObject(_) => {
            "put the content into an object, {\"key\": …}, or take the file as it is with --input-type binary"
        }
        ScanErrorKind::OldLineBreak => {
            "other programs read a new line there; outside of values, take the character out"
        }
        ScanErrorKind::TabAsIndentation => {
            "use blanks; a block that begins with a tab needs its indentation in its header (|2)"
        }
        ScanErrorKind::QuestionMark => "put the value in quotes",
        ScanErrorKind::ColonOnOtherLine => "put key and colon on one line, or ? before the key",
        ScanErrorKind::MarkerBeforeDocument => "begin each document with a line ---",
        ScanErrorKind::Yaml(problem) => return Some(problem_hint(*problem)),
        ScanErrorKind::ByteOrderMark => "save the file as UTF-8 without a byte order mark",
        ScanErrorKind::TrailingText => "a JSON file holds one object and nothing else",
        ScanErrorKind::Truncated { .. } => "the end of the file is missing, or a bracket",
        ScanErrorKind::NotVariable => {
            "a comment begins with # at the start of its line, and a line without content is quite empty"
        }
        ScanErrorKind::LoneReturn => "take the line out, or end all lines with LF alone",
        ScanErrorKind::Ini(IniError::DuplicateKey(_)) => {
            "keep one of them, or take the file as it is with --input-type binary"
        }
        ScanErrorKind::Ini(IniError::UnsafeKey { .. }) => {
            "give the key another name, or take the file as it is with --input-type binary"
        }
        ScanErrorKind::Ini(IniError::OpenValue) => {
            "a value that begins with a backtick or three quotes ends with the same; put it into single quotes if it is no such value"
        }
        _ => return None,
    })
}

/// Says what to do about a text that SOPS could not read back.
fn problem_hint(problem: Problem) -> &'static str {
    match problem {
        Problem::ControlCharacter => {
            "take it out, or write it as an escape in double quotes (\\u001b)"
        }
        Problem::LoneReturn => "save the file with the line ends LF or CRLF",
        Problem::ByteOrderMark => "take it out; only the first character of a file may be one",
        Problem::CannotBegin(_) | Problem::MisplacedColon => "put the value in quotes",
        Problem::KeyWithoutColon => {
            "add the colon, put a longer key behind a question mark (? key), or indent the line if it belongs to the value above"
        }
        Problem::MisplacedDash | Problem::MisplacedKey => "begin it on a line of its own",
        Problem::Directive | Problem::RepeatedDirective => {
            "%YAML 1.1 and %TAG are known; take other lines that begin with % out"
        }
        Problem::AnchorName => "give the anchor another name, at all places",
        Problem::Tag | Problem::UnknownTagPrefix => {
            "take the tag out, or put the text in quotes if it is none"
        }
        Problem::BlockHeader => "put the text on the next line",
        Problem::MarkerInQuotes => "indent the line, or write it with \\n in double quotes",
        Problem::OpenQuote => "add the quote; a quote within single quotes is written twice",
        Problem::Escape => {
            "write a backslash that is meant as \\\\, or use single quotes; / needs no backslash"
        }
        Problem::TextBehindDocument | Problem::DirectiveWithoutDocument => {
            "put --- on a line of its own before it"
        }
        Problem::MissingValue => "take a comma out, or write the value",
        Problem::MissingDash | Problem::MissingKey => {
            "check the indentation of this line and of those above it"
        }
        Problem::OpenBracket => "add the closing bracket, or put the text in quotes",
        Problem::MissingComma => {
            "check the commas and brackets; a value that holds one of ,[]{} must be in quotes"
        }
        Problem::MergeOfOther => "put << in quotes if it is meant as a name",
        Problem::ReadOtherwise => "put the value or key in quotes",
    }
}
