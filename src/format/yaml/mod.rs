//! YAML as the reference reads and writes it (`spec/format.md` §5.2).
//!
//! Owns the dialect: events, scalar types, comments and their paths, rendering of values and the
//! place of the metadata block. Knows neither keys nor selection.

/// The place and text of the metadata block.
pub mod block;
mod breaks;
mod change;
mod comments;
mod dialect;
mod emit;
mod expand;
mod flow;
mod gap;
mod merge;
mod quote;
/// The text of values in their sites.
pub mod render;
mod resolve;
mod scan;
mod spell;

pub use super::data::{Node, NodeValue};
pub(super) use change::change;
pub use dialect::{Problem, holds_control_character};
pub(super) use emit::{block_item, element};
pub use emit::{effective_step, emit};
pub use expand::expand;
pub(super) use flow::flow;
pub(super) use quote::literal;

use super::{ScanError, ScanErrorKind, data};
use crate::tree::{Event, Scan, Tree};

/// How deep collections may be nested.
const NESTING_LIMIT: usize = 1000;

/// Reads a text in `count` pieces, without its comments; nothing where it is refused or cannot be
/// cut. For the tests that compare pieces with the whole.
#[doc(hidden)]
#[must_use]
pub fn scan_in_pieces(source: &str, count: usize) -> Option<Scan> {
    scan::scan_in_pieces(source, count)
}

/// Reads all documents of a YAML text, comments in the places where the reference's tree has them.
///
/// # Errors
/// The text is not YAML as the reference reads it.
pub fn scan(source: &str) -> Result<Scan, ScanError> {
    let mut scan = scan::scan(source)?;
    comments::place(source, &mut scan);
    Ok(scan)
}

/// Refuses line breaks of YAML 1.1 where the reference and other readers disagree on them, and
/// merge keys that the reference does not take.
///
/// # Errors
/// The text has one of them.
pub fn check_clear(source: &str, scan: &Scan) -> Result<(), ScanError> {
    match breaks::outside_quotes(source, 0..source.len(), scan) {
        Some(offset) => Err(ScanError::at(source, offset, ScanErrorKind::OldLineBreak)),
        None => merge::check(source, scan),
    }
}

/// Reads the first document of a YAML text as plain data, aliases expanded; comments are dropped.
///
/// A text without documents gives null.
///
/// # Errors
/// The text is not YAML as the reference reads it, or its aliases are a bomb.
pub fn parse(source: &str) -> Result<Node, ScanError> {
    let scan = scan(source)?;
    let first = scan.events.iter().position(|event| matches!(event, Event::Document(_)));
    match first {
        Some(at) => data::build(source, &scan, at + 1),
        None => Ok(Node { offset: 0, value: NodeValue::Scalar(Tree::Null) }),
    }
}
