use granit_parser::{ScalarStyle, Scanner, StrInput, TokenType};

use super::layout;
use crate::text::Span;

/// How deep collections may be nested; a scan of the text has checked that already.
const NESTING_LIMIT: usize = 1000;

/// What a token is, as far as comments depend on it (`spec/yaml-comments.md` §3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Begins the text.
    Start,
    /// A `%` line.
    Directive,
    /// `---`
    Document,
    /// `...`
    DocumentEnd,
    /// A scalar without quotes.
    Plain,
    /// A scalar in quotes.
    Quoted,
    /// A scalar after `|` or `>`.
    Block,
    /// A reference to an anchor.
    Alias,
    /// An anchor or a tag.
    Property,
    /// `[` or `{`
    Open,
    /// `]` or `}`
    Close,
    /// `,`
    Comma,
    /// `-`
    Dash,
    /// `:`
    Colon,
    /// `?`; keys without it have no token here, looking at them changes nothing.
    Key,
    /// Begins a block mapping, where its first key stands.
    MappingStart,
    /// Begins a block sequence, where its first dash stands.
    SequenceStart,
    /// Ends a block mapping or sequence.
    BlockEnd,
    /// Ends the text.
    End,
}

impl Kind {
    /// Tells whether the token stands for characters of the text or for an end of it.
    pub(super) fn is_real(self) -> bool {
        !matches!(self, Self::MappingStart | Self::SequenceStart | Self::BlockEnd)
    }

    /// Tells whether the token is a whole node.
    pub(super) fn is_scalar(self) -> bool {
        matches!(self, Self::Plain | Self::Quoted | Self::Block | Self::Alias)
    }

    /// Tells whether the token lies between documents and so closes every level before it.
    pub(super) fn is_outside_documents(self) -> bool {
        matches!(self, Self::Directive | Self::Document | Self::DocumentEnd | Self::End)
    }
}

/// A token with its place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Token {
    /// What it is.
    pub(super) kind: Kind,
    /// Where it stands; for the end of a block collection, where the records have it.
    pub(super) span: Span,
    /// The column of the level that it begins.
    pub(super) column: u32,
}

/// Reads all tokens of a text, from its start to its end.
pub(super) fn read(source: &str) -> Vec<Token> {
    let mut options = granit_parser::options! {
        block_scalar_eof_without_line_feed: true,
        flow_nesting_limit: NESTING_LIMIT,
        block_nesting_limit: NESTING_LIMIT,
    };
    options.set_emit_comments(false);
    let start = layout::start_of_text(source);
    let mut reader = Reader { source, tokens: Vec::new(), end: start };
    reader.push(Kind::Start, start, start, 0);
    // an error cannot come: the text was scanned before
    for token in Scanner::with_options(StrInput::new(source), options).map_while(Result::ok) {
        let range = token.span().byte_range().unwrap_or_default();
        let column = token.span().start.col();
        reader.add(token.token_type(), Span::new(range.start, range.end), column);
    }
    reader.push(Kind::End, source.len(), source.len(), 0);
    reader.tokens
}

struct Reader<'s> {
    source: &'s str,
    tokens: Vec<Token>,
    /// Behind the last real token.
    end: usize,
}

impl Reader<'_> {
    fn add(&mut self, token: &TokenType<'_>, span: Span, column: usize) {
        let (start, end) = (span.start(), span.end());
        match token {
            TokenType::VersionDirective(..)
            | TokenType::TagDirective(..)
            | TokenType::ReservedDirective(..) => self.push(Kind::Directive, start, end, 0),
            TokenType::DocumentStart => self.push(Kind::Document, start, end, 0),
            TokenType::DocumentEnd => self.push(Kind::DocumentEnd, start, end, 0),
            TokenType::BlockSequenceStart => self.push(Kind::SequenceStart, start, start, column),
            TokenType::BlockMappingStart => self.push(Kind::MappingStart, start, start, column),
            TokenType::BlockEnd => self.push(Kind::BlockEnd, start, start, 0),
            TokenType::FlowSequenceStart | TokenType::FlowMappingStart => {
                self.push_written(Kind::Open, span);
            }
            TokenType::FlowSequenceEnd | TokenType::FlowMappingEnd => {
                self.push_written(Kind::Close, span);
            }
            TokenType::FlowEntry => self.push(Kind::Comma, start, start + 1, 0),
            // the scanner names a place behind the dash
            TokenType::BlockEntry => {
                let dash = layout::next_token(self.source, self.end);
                self.push(Kind::Dash, dash, dash + 1, 0);
            }
            TokenType::Key => self.push_written(Kind::Key, span),
            TokenType::Value => self.push(Kind::Colon, start, start + 1, 0),
            TokenType::Alias(_) => self.push(Kind::Alias, start, end, 0),
            TokenType::Anchor(_) | TokenType::Tag(..) => self.push(Kind::Property, start, end, 0),
            TokenType::Scalar(style, _) => self.add_scalar(*style, start, end),
            _ => {}
        }
    }

    fn add_scalar(&mut self, style: ScalarStyle, start: usize, end: usize) {
        match style {
            ScalarStyle::Plain => self.push(Kind::Plain, start, end, 0),
            ScalarStyle::SingleQuoted | ScalarStyle::DoubleQuoted => {
                self.push(Kind::Quoted, start, end, 0);
            }
            // the scanner names the content only
            ScalarStyle::Literal | ScalarStyle::Folded => {
                let header = layout::next_token(self.source, self.end);
                let end = end.max(layout::line_end(self.source, header));
                self.push(Kind::Block, header, end, 0);
            }
        }
    }

    /// Adds a token that the scanner also gives, as empty, where it is only meant.
    fn push_written(&mut self, kind: Kind, span: Span) {
        if !span.is_empty() {
            self.push(kind, span.start(), span.end(), 0);
        }
    }

    fn push(&mut self, kind: Kind, start: usize, end: usize, column: usize) {
        let end = end.clamp(start, self.source.len().max(start));
        if kind.is_real() {
            self.end = end;
        }
        let column = layout::narrow(column);
        self.tokens.push(Token { kind, span: Span::new(start, end), column });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dashes_and_block_headers_stand_where_they_are_written() {
        let source = "\u{feff}a:\n  - # c\n    &x |- # d\n    e\n  -\tf\n";
        let text = |token: &Token| token.span.slice(source).to_owned();
        let written = |kind| {
            let tokens = read(source).into_iter().filter(move |token| token.kind == kind);
            tokens.map(|token| text(&token)).collect::<Vec<_>>()
        };
        assert_eq!(written(Kind::Dash), ["-", "-"]);
        assert_eq!(written(Kind::Block), ["|- # d\n    e\n"]);
        assert_eq!(written(Kind::Plain), ["a", "f"]);
    }
}
