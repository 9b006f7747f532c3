//! YAML as the reference reads and writes it (`spec/format.md` §5.2).
//!
//! Owns the dialect: events, scalar types, comments and their paths, rendering of values and the
//! place of the metadata block. Knows neither keys nor selection.

/// The place and text of the metadata block.
pub mod block;
mod breaks;
mod comments;
mod dialect;
mod emit;
mod expand;
mod gap;
mod pick;
mod quote;
/// The text of values in their sites.
pub mod render;
mod resolve;
mod scan;
mod tree;

pub use emit::effective_step;
pub use expand::expand;
pub use pick::pick;
pub use tree::{Node, NodeValue, parse, subtree};

use super::ScanError;
use crate::tree::Scan;

/// From which length on a text is read in parts; shorter ones are read before a thread starts.
const PART_LENGTH: usize = 60_000;

/// Reads a long text on several cores where that is possible.
fn scanned(source: &str) -> Result<Scan, ScanError> {
    if source.len() >= 2 * PART_LENGTH {
        let count = rayon::current_num_threads().min(source.len() / PART_LENGTH);
        if let Some(scan) = scan::scan_in_parts(source, count) {
            return Ok(scan);
        }
    }
    scan::scan(source)
}

/// Reads a text in `count` pieces, without its comments; nothing where it is refused or cannot be
/// cut. For the tests that compare pieces with the whole.
#[doc(hidden)]
#[must_use]
pub fn scan_in_pieces(source: &str, count: usize) -> Option<Scan> {
    if count < 2 { scan::scan(source).ok() } else { scan::scan_in_parts(source, count) }
}

/// Reads all documents of a YAML text, comments in the places where the reference's tree has them.
///
/// # Errors
/// The text is not YAML as the reference reads it.
pub fn scan(source: &str) -> Result<Scan, ScanError> {
    let mut scan = scanned(source)?;
    dialect::check(source, &scan)?;
    comments::place(source, &mut scan);
    Ok(scan)
}
