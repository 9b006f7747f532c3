//! The nodes of a text, as the reference's parser finds them (yaml v3.0.4, `parserc.go`).

use std::borrow::Cow;

use super::problem::{Fault, Problem};
use super::tokens::{Kind, Token, Tokens};
use crate::format::ScanErrorKind;
use crate::format::yaml::NESTING_LIMIT;
use crate::text::Span;
use crate::tree::{Container, Style};

/// A node, or the end of one.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::format::yaml) enum Content<'s> {
    Document,
    EndDocument,
    Enter(Container),
    Leave,
    Scalar(Style, Cow<'s, str>),
    Alias,
    /// The end of the text.
    End,
}

/// A node with its place and properties.
#[derive(Debug)]
pub(in crate::format::yaml) struct Node<'s> {
    pub(in crate::format::yaml) at: usize,
    pub(in crate::format::yaml) content: Content<'s>,
    pub(in crate::format::yaml) anchor: Option<Span>,
    /// The tag with its prefix; `!` alone is none.
    pub(in crate::format::yaml) tag: Option<String>,
}

/// What comes next.
#[derive(Clone, Copy)]
enum State {
    /// A document; the first one needs no `---`.
    Document {
        is_first: bool,
    },
    /// What stands behind `---`.
    DocumentContent,
    DocumentEnd,
    Block,
    BlockSequence,
    /// A sequence whose dashes stand in the column of the keys around it.
    PlainSequence,
    BlockKey,
    BlockValue,
    FlowSequence {
        is_first: bool,
    },
    /// The parts of a mapping without braces in a flow sequence.
    PairKey,
    PairValue,
    PairEnd,
    FlowKey {
        is_first: bool,
    },
    FlowValue {
        is_missing: bool,
    },
    End,
}

/// Finds one node after the other.
pub(in crate::format::yaml) struct Nodes<'s> {
    tokens: Tokens<'s>,
    state: State,
    /// What comes when the innermost nodes have ended.
    states: Vec<State>,
    /// Handles of tags with their prefixes.
    prefixes: Vec<(&'s str, Cow<'s, str>)>,
    /// Where the open brackets stand.
    brackets: Vec<usize>,
    /// Whether `...` ended the last document.
    is_behind_marker: bool,
}

type Outcome<'s> = Result<Node<'s>, Fault>;

impl<'s> Nodes<'s> {
    pub(in crate::format::yaml) fn new(source: &'s str) -> Self {
        let start = if source.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        Self {
            tokens: Tokens::new(source, start),
            state: State::Document { is_first: true },
            states: Vec::new(),
            prefixes: Vec::new(),
            brackets: Vec::new(),
            is_behind_marker: false,
        }
    }

    /// Returns the next node.
    pub(in crate::format::yaml) fn next(&mut self) -> Outcome<'s> {
        match self.state {
            State::Document { is_first } => self.document(is_first),
            State::DocumentContent => self.document_content(),
            State::DocumentEnd => self.document_end(),
            State::Block => self.node(true, false),
            State::BlockSequence => self.block_sequence(),
            State::PlainSequence => self.plain_sequence(),
            State::BlockKey => self.block_key(),
            State::BlockValue => self.block_value(),
            State::FlowSequence { is_first } => self.flow_sequence(is_first),
            State::PairKey => self.pair_key(),
            State::PairValue => self.pair_value(),
            State::PairEnd => {
                self.state = State::FlowSequence { is_first: false };
                let at = self.at()?;
                Ok(Node::bare(at, Content::Leave))
            }
            State::FlowKey { is_first } => self.flow_key(is_first),
            State::FlowValue { is_missing } => self.flow_value(is_missing),
            State::End => Ok(Node::bare(self.at()?, Content::End)),
        }
    }

    fn kind(&mut self) -> Result<&Kind<'s>, Fault> {
        Ok(&self.tokens.peek()?.kind)
    }

    fn at(&mut self) -> Result<usize, Fault> {
        Ok(self.tokens.peek()?.start)
    }

    fn fail<T>(&mut self, problem: Problem) -> Result<T, Fault> {
        let at = self.at()?;
        let is_end = matches!(self.kind()?, Kind::Document | Kind::DocumentEnd | Kind::End);
        match self.brackets.last().filter(|_| is_end) {
            Some(bracket) => Err(Fault::new(*bracket, Problem::OpenBracket)),
            None => Err(Fault::new(at, problem)),
        }
    }

    fn pop(&mut self) {
        self.state = self.states.pop().unwrap_or(State::End);
    }

    /// Reads a node, and then goes on with a state.
    fn node_then(&mut self, next: State, is_block: bool, may_be_plain: bool) -> Outcome<'s> {
        self.states.push(next);
        self.node(is_block, may_be_plain)
    }

    /// Gives a null where nothing stands, and then goes on with a state.
    fn nothing_then(&mut self, next: State) -> Outcome<'s> {
        self.state = next;
        Ok(Node::nothing(self.at()?))
    }

    fn leave(&mut self) -> Outcome<'s> {
        self.pop();
        let token = self.tokens.take()?;
        if matches!(token.kind, Kind::FlowSequenceEnd | Kind::FlowMappingEnd) {
            self.brackets.pop();
        }
        Ok(Node::bare(token.start, Content::Leave))
    }

    fn document(&mut self, is_first: bool) -> Outcome<'s> {
        while !is_first && matches!(self.kind()?, Kind::DocumentEnd) {
            self.tokens.take()?;
            self.is_behind_marker = true;
        }
        let at = self.at()?;
        let is_behind_marker = self.is_behind_marker;
        match self.kind()? {
            Kind::End => {
                self.state = State::End;
                return Ok(Node::bare(at, Content::End));
            }
            Kind::DocumentEnd => return Err(misplaced_marker(at)),
            Kind::Version(..) | Kind::TagPrefix(..) | Kind::Document => {}
            _ if is_first => {
                self.add_prefixes();
                self.states.push(State::DocumentEnd);
                self.state = State::Block;
                return Ok(Node::bare(at, Content::Document));
            }
            _ if is_behind_marker => return Err(misplaced_marker(at)),
            _ => return self.fail(Problem::TextBehindDocument),
        }
        self.directives()?;
        if !matches!(self.kind()?, Kind::Document) {
            return self.fail(Problem::DirectiveWithoutDocument);
        }
        self.tokens.take()?;
        self.states.push(State::DocumentEnd);
        self.state = State::DocumentContent;
        Ok(Node::bare(at, Content::Document))
    }

    fn directives(&mut self) -> Result<(), Fault> {
        let mut has_version = false;
        while matches!(self.kind()?, Kind::Version(..) | Kind::TagPrefix(..)) {
            let token = self.tokens.take()?;
            let is_repeated = match token.kind {
                Kind::Version(1, 1) => std::mem::replace(&mut has_version, true),
                Kind::TagPrefix(handle, prefix) => {
                    let is_known = self.prefixes.iter().any(|(known, _)| *known == handle);
                    self.prefixes.push((handle, prefix));
                    is_known
                }
                _ => {
                    let kind = ScanErrorKind::UnsupportedVersion;
                    return Err(Fault { at: token.start, kind });
                }
            };
            if is_repeated {
                return Err(Fault::new(token.start, Problem::RepeatedDirective));
            }
        }
        self.add_prefixes();
        Ok(())
    }

    /// Adds the prefixes that need no directive, behind those that have one.
    fn add_prefixes(&mut self) {
        self.prefixes.push(("!", Cow::Borrowed("!")));
        self.prefixes.push(("!!", Cow::Borrowed("tag:yaml.org,2002:")));
    }

    fn document_content(&mut self) -> Outcome<'s> {
        let is_end = matches!(
            self.kind()?,
            Kind::Version(..)
                | Kind::TagPrefix(..)
                | Kind::Document
                | Kind::DocumentEnd
                | Kind::End
        );
        if is_end {
            self.pop();
            return Ok(Node::nothing(self.at()?));
        }
        self.node(true, false)
    }

    fn document_end(&mut self) -> Outcome<'s> {
        let at = self.at()?;
        self.is_behind_marker = matches!(self.kind()?, Kind::DocumentEnd);
        if self.is_behind_marker {
            self.tokens.take()?;
        }
        self.prefixes.clear();
        self.state = State::Document { is_first: false };
        Ok(Node::bare(at, Content::EndDocument))
    }

    /// Reads a node with its properties; a block one where `is_block`, and a sequence in the column
    /// of the keys around it where `may_be_plain`.
    fn node(&mut self, is_block: bool, may_be_plain: bool) -> Outcome<'s> {
        if matches!(self.kind()?, Kind::Alias(_)) {
            self.pop();
            return Ok(Node::bare(self.tokens.take()?.start, Content::Alias));
        }
        let mut node = Node::nothing(self.at()?);
        self.properties(&mut node)?;
        let is_in_brackets = !self.brackets.is_empty();
        node.content = match self.kind()? {
            Kind::Dash if may_be_plain => {
                self.state = State::PlainSequence;
                Content::Enter(Container::Sequence)
            }
            Kind::Scalar(..) => {
                self.pop();
                match self.tokens.take()?.kind {
                    Kind::Scalar(style, text) => Content::Scalar(style, text),
                    _ => node.content,
                }
            }
            Kind::FlowSequence => {
                self.enter(State::FlowSequence { is_first: true }, Container::Sequence)?
            }
            Kind::FlowMapping => {
                self.enter(State::FlowKey { is_first: true }, Container::Mapping)?
            }
            Kind::BlockSequence if is_block => {
                self.enter(State::BlockSequence, Container::Sequence)?
            }
            Kind::BlockMapping if is_block => self.enter(State::BlockKey, Container::Mapping)?,
            _ if node.anchor.is_some() || node.tag.is_some() => {
                self.pop();
                return Ok(node);
            }
            Kind::DocumentEnd if !is_in_brackets => {
                return Err(misplaced_marker(self.at()?));
            }
            Kind::Key => return Err(question_mark(self.at()?)),
            _ => return self.fail(Problem::MissingValue),
        };
        Ok(node)
    }

    fn enter(&mut self, state: State, container: Container) -> Result<Content<'s>, Fault> {
        let token = self.tokens.take()?;
        if matches!(token.kind, Kind::FlowSequence | Kind::FlowMapping) {
            self.brackets.push(token.start);
        }
        if self.states.len() > NESTING_LIMIT {
            let kind = ScanErrorKind::TooDeep(NESTING_LIMIT);
            return Err(Fault { at: token.start, kind });
        }
        self.state = state;
        Ok(Content::Enter(container))
    }

    /// Reads an anchor and a tag, in either order.
    fn properties(&mut self, node: &mut Node<'s>) -> Result<(), Fault> {
        loop {
            match self.kind()? {
                Kind::Anchor(_) if node.anchor.is_none() => {
                    let Token { start, end, .. } = self.tokens.take()?;
                    node.anchor = Some(Span::new(start, end));
                }
                Kind::Tag { .. } if node.tag.is_none() => {
                    let token = self.tokens.take()?;
                    node.tag = Some(self.tag(&token)?);
                }
                _ => return Ok(()),
            }
        }
    }

    fn tag(&self, token: &Token<'s>) -> Result<String, Fault> {
        let Kind::Tag { handle, suffix } = &token.kind else { return Ok(String::new()) };
        if handle.is_empty() {
            return Ok(suffix.to_string());
        }
        let prefix = self.prefixes.iter().find(|(known, _)| known == handle);
        let (_, prefix) =
            prefix.ok_or_else(|| Fault::new(token.start, Problem::UnknownTagPrefix))?;
        Ok(format!("{prefix}{suffix}"))
    }

    fn block_sequence(&mut self) -> Outcome<'s> {
        match self.kind()? {
            Kind::Dash => {}
            Kind::BlockEnd => return self.leave(),
            _ => return self.fail(Problem::MissingDash),
        }
        self.tokens.take()?;
        if matches!(self.kind()?, Kind::Dash | Kind::BlockEnd) {
            return self.nothing_then(State::BlockSequence);
        }
        self.node_then(State::BlockSequence, true, false)
    }

    fn plain_sequence(&mut self) -> Outcome<'s> {
        if !matches!(self.kind()?, Kind::Dash) {
            self.pop();
            return Ok(Node::bare(self.at()?, Content::Leave));
        }
        self.tokens.take()?;
        if matches!(self.kind()?, Kind::Dash | Kind::Key | Kind::Value | Kind::BlockEnd) {
            return self.nothing_then(State::PlainSequence);
        }
        self.node_then(State::PlainSequence, true, false)
    }

    fn block_key(&mut self) -> Outcome<'s> {
        match self.kind()? {
            Kind::Key => {}
            Kind::BlockEnd => return self.leave(),
            _ => return self.fail(Problem::MissingKey),
        }
        self.tokens.take()?;
        self.block_item(State::BlockValue)
    }

    fn block_value(&mut self) -> Outcome<'s> {
        if !matches!(self.kind()?, Kind::Value) {
            return self.nothing_then(State::BlockKey);
        }
        self.tokens.take()?;
        self.block_item(State::BlockKey)
    }

    fn block_item(&mut self, next: State) -> Outcome<'s> {
        if matches!(self.kind()?, Kind::Key | Kind::Value | Kind::BlockEnd) {
            return self.nothing_then(next);
        }
        self.node_then(next, true, true)
    }

    fn flow_sequence(&mut self, is_first: bool) -> Outcome<'s> {
        if !matches!(self.kind()?, Kind::FlowSequenceEnd) {
            if !is_first {
                self.comma()?;
            }
            let at = self.at()?;
            match self.kind()? {
                Kind::Key => {
                    self.tokens.take()?;
                    self.state = State::PairKey;
                    return Ok(Node::bare(at, Content::Enter(Container::Mapping)));
                }
                Kind::FlowSequenceEnd => {}
                _ => return self.node_then(State::FlowSequence { is_first: false }, false, false),
            }
        }
        self.leave()
    }

    /// Passes a comma.
    fn comma(&mut self) -> Result<(), Fault> {
        let at = self.at()?;
        match self.kind()? {
            Kind::Comma => {
                self.tokens.take()?;
                Ok(())
            }
            Kind::Key => Err(question_mark(at)),
            Kind::Value => Err(Fault { at, kind: ScanErrorKind::ColonOnOtherLine }),
            _ => self.fail(Problem::MissingComma),
        }
    }

    fn pair_key(&mut self) -> Outcome<'s> {
        if matches!(self.kind()?, Kind::Value | Kind::Comma | Kind::FlowSequenceEnd) {
            // the reference passes the token here
            self.tokens.take()?;
            return self.nothing_then(State::PairValue);
        }
        self.node_then(State::PairValue, false, false)
    }

    fn pair_value(&mut self) -> Outcome<'s> {
        if matches!(self.kind()?, Kind::Value) {
            self.tokens.take()?;
            if !matches!(self.kind()?, Kind::Comma | Kind::FlowSequenceEnd) {
                return self.node_then(State::PairEnd, false, false);
            }
        }
        self.nothing_then(State::PairEnd)
    }

    fn flow_key(&mut self, is_first: bool) -> Outcome<'s> {
        if matches!(self.kind()?, Kind::FlowMappingEnd) {
            return self.leave();
        }
        if !is_first {
            self.comma()?;
        }
        match self.kind()? {
            Kind::Key => {
                self.tokens.take()?;
                let next = State::FlowValue { is_missing: false };
                if matches!(self.kind()?, Kind::Value | Kind::Comma | Kind::FlowMappingEnd) {
                    return self.nothing_then(next);
                }
                self.node_then(next, false, false)
            }
            Kind::FlowMappingEnd => self.leave(),
            _ => self.node_then(State::FlowValue { is_missing: true }, false, false),
        }
    }

    fn flow_value(&mut self, is_missing: bool) -> Outcome<'s> {
        let next = State::FlowKey { is_first: false };
        if !is_missing && matches!(self.kind()?, Kind::Value) {
            self.tokens.take()?;
            if !matches!(self.kind()?, Kind::Comma | Kind::FlowMappingEnd) {
                return self.node_then(next, false, false);
            }
        }
        self.nothing_then(next)
    }
}

impl<'s> Node<'s> {
    fn bare(at: usize, content: Content<'s>) -> Self {
        Self { at, content, anchor: None, tag: None }
    }

    fn nothing(at: usize) -> Self {
        Self::bare(at, Content::Scalar(Style::Plain, Cow::Borrowed("")))
    }
}

fn misplaced_marker(at: usize) -> Fault {
    Fault { at, kind: ScanErrorKind::MarkerBeforeDocument }
}

fn question_mark(at: usize) -> Fault {
    Fault { at, kind: ScanErrorKind::QuestionMark }
}
