//! YAML as the reference reads and writes it (`spec/format.md` §5.2).
//!
//! Owns the dialect: events, scalar types, comments and their paths, rendering of values and the
//! place of the metadata block. Knows neither keys nor selection.

mod comments;
mod gap;
mod resolve;
mod scan;
mod tree;

pub use tree::{Node, NodeValue, parse};

use super::ScanError;
use crate::tree::Scan;

/// Reads all documents of a YAML text.
///
/// # Errors
/// The text is not YAML as the reference reads it.
pub fn scan(source: &str) -> Result<Scan, ScanError> {
    let mut scan = scan::scan(source)?;
    comments::place(source, &mut scan);
    Ok(scan)
}
