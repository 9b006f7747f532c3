//! The text as the reference reads it: YAML 1.1, by the rules of yaml v3.0.4.
//!
//! The parser below us reads YAML 1.2. What the two do not read alike is refused, as the reference
//! could not read it back, or only as something else (`design.md` §3). So every node that the
//! parser finds is compared with the node that the reference finds there.

mod cursor;
mod nodes;
mod problem;
mod properties;
mod scalars;
#[cfg(test)]
mod tests;
mod tokens;

pub(super) use nodes::Content;
pub use problem::Problem;

use self::nodes::Nodes;
use self::problem::Fault;
use super::breaks;
use super::resolve::Tag;
use crate::format::{ScanError, ScanErrorKind};
use crate::text::{Span, end_of_line};

/// The names of tags that YAML itself defines begin so.
const NAMESPACE: &str = "tag:yaml.org,2002:";

/// A node as the parser below us found it.
pub(super) struct Found<'f> {
    pub(super) content: Content<'f>,
    pub(super) anchor: Option<Span>,
    pub(super) tag: Tag,
}

/// Reads a text once more, as the reference does, and compares node by node.
pub(super) struct Witness<'s> {
    source: &'s str,
    nodes: Nodes<'s>,
    /// Where the last text stood that was found alike.
    passed: usize,
}

impl<'s> Witness<'s> {
    /// Begins with the first node of a text.
    ///
    /// # Errors
    /// The text has a character that the reference does not read.
    pub(super) fn new(source: &'s str) -> Result<Self, ScanError> {
        if let Some(at) = control_character(source) {
            return Err(ScanError::at(source, at, Problem::ControlCharacter.into()));
        }
        Ok(Self { source, nodes: Nodes::new(source), passed: 0 })
    }

    /// Compares the next node.
    ///
    /// # Errors
    /// The reference cannot read it, or reads it otherwise.
    pub(super) fn compare(&mut self, found: &Found<'_>) -> Result<(), ScanError> {
        let node = self.nodes.next().map_err(|fault| self.error(fault))?;
        let is_tag_alike = !matches!(node.content, Content::Scalar(..))
            || found.tag == kind_of(node.tag.as_deref());
        if node.content != found.content || node.anchor != found.anchor || !is_tag_alike {
            // what it stumbles over later says more than where the difference begins
            let fault = self.fault_ahead();
            let here = || self.error(Fault::new(node.at, Problem::ReadOtherwise));
            return Err(fault.unwrap_or_else(here));
        }
        // other nodes begin where the next token does
        if matches!(&node.content, Content::Scalar(_, text) if !text.is_empty()) {
            self.passed = node.at;
        }
        Ok(())
    }

    /// Returns why the reference cannot read what is left, if it cannot.
    pub(super) fn fault_ahead(&mut self) -> Option<ScanError> {
        loop {
            match self.nodes.next() {
                Ok(node) if node.content == Content::End => return None,
                Ok(_) => {}
                Err(fault) => return Some(self.error(fault)),
            }
        }
    }

    /// Names a line break of YAML 1.1 as the cause, where there is one since the last node.
    fn error(&self, fault: Fault) -> ScanError {
        let end = end_of_line(self.source, fault.at);
        let between = self.source.get(self.passed..end).unwrap_or_default();
        if let Some(at) = breaks::first(between) {
            return ScanError::at(self.source, self.passed + at, ScanErrorKind::OldLineBreak);
        }
        ScanError::at(self.source, fault.at, fault.kind)
    }
}

/// Returns where a character stands that YAML 1.1 does not allow.
fn control_character(source: &str) -> Option<usize> {
    let is_plain = |byte: u8| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~');
    if source.bytes().fold(true, |is_so_far, byte| is_so_far & is_plain(byte)) {
        return None;
    }
    source.find(|letter| match letter {
        '\t' | '\n' | '\r' | ' '..='~' | '\u{85}' => false,
        _ => !matches!(letter, '\u{a0}'..='\u{fffd}' | '\u{10000}'..),
    })
}

/// Tells whether a comment could not be read again.
pub fn holds_control_character(comment: &[u8]) -> bool {
    control_character(&String::from_utf8_lossy(comment)).is_some()
}

fn kind_of(tag: Option<&str>) -> Tag {
    match tag {
        None | Some("!") => Tag::None,
        Some(tag) => {
            let name = tag.strip_prefix(NAMESPACE).or_else(|| tag.strip_prefix("!!"));
            name.map_or(Tag::Str, Tag::core)
        }
    }
}
