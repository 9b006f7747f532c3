//! Reads a YAML text into events: simple lines by ourselves, all else with the parser below us.

mod builder;
mod lines;
mod literal;
mod parser;
mod parts;
mod scalars;

use parts::{Cuts, scan_in_parts};

use crate::format::ScanError;
use crate::tree::Scan;

/// From which length on a text is read in parts; shorter ones are read before a thread starts.
const PART_LENGTH: usize = 60_000;

/// How long parts of very long texts are at most: their events are kept twice for a while.
const MERGED_LENGTH: usize = 400_000;

/// How long a piece is that the parser below us reads: so much that its start costs little.
const PARSED_LENGTH: usize = 4000;

/// Reads all documents of a YAML text into events, without its comments.
///
/// # Errors
/// The text is not YAML as the reference reads it (`spec/format.md` §5.2.1).
pub(super) fn scan(source: &str) -> Result<Scan, ScanError> {
    let parts = part_count(source.len());
    let in_parts = |parts| scan_in_parts(source, Cuts { parts, parsed: PARSED_LENGTH });
    let has_more_documents = || parts > 1 && source.contains("\n---");
    let scan = in_parts(parts).or_else(|| if has_more_documents() { in_parts(1) } else { None });
    scan.map_or_else(|| scan_whole(source), Ok)
}

/// Chooses in how many parts a text is read: at least one for each core if it is long, and more if
/// they would take much memory.
fn part_count(length: usize) -> usize {
    if length < 2 * PART_LENGTH {
        return 1;
    }
    let threads = rayon::current_num_threads();
    (length / PART_LENGTH).min(threads).max(length / MERGED_LENGTH)
}

/// Reads a text in `count` pieces, or with the parser below us alone if that is less than two.
pub(super) fn scan_in_pieces(source: &str, count: usize) -> Option<Scan> {
    match count {
        0 | 1 => scan_whole(source).ok(),
        _ => scan_in_parts(source, Cuts { parts: count, parsed: 1 }),
    }
}

/// Reads a text with the parser below us alone.
fn scan_whole(source: &str) -> Result<Scan, ScanError> {
    Ok(parser::read(source, 0..source.len(), false)?.scan)
}

#[cfg(test)]
mod tests;
