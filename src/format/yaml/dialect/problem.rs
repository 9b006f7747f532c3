//! Why the reference cannot read a text.

use crate::format::ScanErrorKind;

/// What stands in a text that the reference cannot read, or reads otherwise than readers of
/// YAML 1.2 do.
#[derive(Debug, Clone, Copy, thiserror::Error, PartialEq, Eq)]
pub enum Problem {
    /// A character that the grammar does not allow.
    #[error("a control character stands in the text")]
    ControlCharacter,
    /// A byte order mark elsewhere than at the start.
    #[error("a byte order mark stands within the text")]
    ByteOrderMark,
    /// A line of a comment or block that ends as on systems of long ago.
    #[error("the line ends with a carriage return alone")]
    LoneReturn,
    /// No token begins so.
    #[error("a value without quotes cannot begin with {0:?} here")]
    CannotBegin(char),
    /// A key is too long, or its colon is on another line.
    #[error("a key must be on one line with its colon, and no longer than 1024 characters")]
    KeyWithoutColon,
    /// A dash where no element may begin.
    #[error("an element of a list cannot begin here")]
    MisplacedDash,
    /// A question mark where no key may begin.
    #[error("a key cannot begin here")]
    MisplacedKey,
    /// A colon where no value may begin.
    #[error("a colon cannot stand here")]
    MisplacedColon,
    /// A line that begins with `%`.
    #[error("the directive is none that YAML 1.1 knows, or is not complete")]
    Directive,
    /// The same directive again.
    #[error("the directive stands twice")]
    RepeatedDirective,
    /// The name of an anchor or alias.
    #[error("the name of an anchor or alias may have letters of ASCII, digits, _ and - only")]
    AnchorName,
    /// A tag that is not written as one.
    #[error("the tag has a character that it must not have, or no blank behind it")]
    Tag,
    /// A tag with a prefix of its own.
    #[error("the prefix of the tag is declared nowhere")]
    UnknownTagPrefix,
    /// What stands behind `|` or `>`.
    #[error("behind | or > only a digit from 1 to 9, + or - may stand, and a comment")]
    BlockHeader,
    /// `---` or `...` within quotes.
    #[error("a line in quotes begins with --- or ...")]
    MarkerInQuotes,
    /// No closing quote.
    #[error("the closing quote is missing")]
    OpenQuote,
    /// A backslash before another character.
    #[error("the escape sequence is none that YAML 1.1 knows")]
    Escape,
    /// No document may begin here.
    #[error("text stands behind the end of the document")]
    TextBehindDocument,
    /// Directives without a document.
    #[error("a document behind a directive must begin with ---")]
    DirectiveWithoutDocument,
    /// No node where one must be.
    #[error("a value is missing here")]
    MissingValue,
    /// Something else than a dash.
    #[error("an element of the list must begin here with a dash")]
    MissingDash,
    /// Something else than a key.
    #[error("a key with a colon must stand here")]
    MissingKey,
    /// No closing bracket.
    #[error("the bracket is not closed")]
    OpenBracket,
    /// Something else than a comma or bracket.
    #[error("a comma or the closing bracket is missing here")]
    MissingComma,
    /// A merge key with another value than it may have.
    #[error("the value of << must be a mapping, an alias of one, or a list of such")]
    MergeOfOther,
    /// Both readers read the text, but not alike.
    #[error("readers of YAML 1.1 and of YAML 1.2 see another value or structure here")]
    ReadOtherwise,
}

/// Where and why the reference cannot read a text.
#[derive(Debug)]
pub(in crate::format::yaml) struct Fault {
    /// Offset in bytes.
    pub(in crate::format::yaml) at: usize,
    pub(in crate::format::yaml) kind: ScanErrorKind,
}

impl Fault {
    pub(super) fn new(at: usize, problem: Problem) -> Self {
        Self { at, kind: problem.into() }
    }
}
