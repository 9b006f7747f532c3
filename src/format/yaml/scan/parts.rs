//! A text, read in pieces: the simple ones quickly, long ones on all cores.

use std::ops::Range;

use super::builder::Builder;
use super::{lines, parser};
use crate::format::yaml::breaks;
use crate::parallel;
use crate::tree::Scan;

/// How a text is cut.
#[derive(Clone, Copy)]
pub(super) struct Cuts {
    /// How many parts there are at most.
    pub(super) parts: usize,
    /// How long a piece is that the parser below us reads, at least.
    pub(super) parsed: usize,
}

/// Reads a text in pieces, several at the same time; nothing where that is not possible or not
/// sure to give what the parser below us does with the whole.
///
/// Pieces begin at lines that begin with a letter or digit. Where the piece before is a mapping in
/// the first column by itself, such a line begins the next item of that mapping: an open quote or
/// bracket would be an error, and a scalar without quotes or in a block needs indentation.
pub(super) fn scan_in_parts(source: &str, cuts: Cuts) -> Option<Scan> {
    let ranges = part_ranges(source, cuts.parts);
    if ranges.len() < 2 {
        let mut whole = read(source, 0..source.len(), cuts)?;
        whole.check_keys(0).ok()?;
        return Some(whole.scan);
    }
    let count = ranges.len();
    let mut whole = parallel::with_pipeline(source.len(), |mut pipeline| {
        let mut whole = None;
        for range in ranges {
            pipeline.add(move || read_part(source, range, cuts));
            while let Some(part) = pipeline.ready() {
                join(&mut whole, part?, count);
            }
        }
        while let Some(part) = pipeline.next() {
            join(&mut whole, part?, count);
        }
        whole
    })?;
    whole.check_keys(0).ok()?;
    Some(whole.scan)
}

/// Reads a part; nothing where it cannot be joined with the others.
fn read_part(source: &str, range: Range<usize>, cuts: Cuts) -> Option<Builder<'_>> {
    let (has_before, has_after) = (range.start > 0, range.end < source.len());
    let builder = read(source, range, cuts)?;
    builder.is_joinable(has_before, has_after).then_some(builder)
}

/// Adds the next of `count` parts.
fn join<'s>(whole: &mut Option<Builder<'s>>, mut part: Builder<'s>, count: usize) {
    if let Some(whole) = whole {
        whole.reopen();
        whole.join(part);
        return;
    }
    // memory that is not written to costs nothing; where there is none, less may do
    let events = &mut part.scan.events;
    let _ = events.try_reserve_exact(events.len().saturating_mul(count));
    *whole = Some(part);
}

/// Cuts a text into about equal pieces before lines that begin with a letter or digit.
fn part_ranges(source: &str, count: usize) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut start = 0;
    for number in 1..count {
        let from = (source.len() / count * number).max(start);
        let Some(end) = next_cut(source, from..source.len()) else { break };
        ranges.push(start..end);
        start = end;
    }
    ranges.push(start..source.len());
    ranges
}

/// Finds the first line behind the start of a range that begins with a letter or digit.
fn next_cut(source: &str, range: Range<usize>) -> Option<usize> {
    let is_cut = |pair: &[u8]| pair[0] == b'\n' && pair[1].is_ascii_alphanumeric();
    let length = source.as_bytes()[range.clone()].windows(2).position(is_cut)?;
    Some(range.start + length + 1)
}

/// Reads a piece of a text: runs of simple lines quickly, and the parser below us what is between.
fn read(source: &str, range: Range<usize>, cuts: Cuts) -> Option<Builder<'_>> {
    let mut builder = Builder::new(source, true);
    let mut at = range.start;
    while let Err(refused) = lines::read(&mut builder, at..range.end) {
        if builder.documents > 1 {
            return None;
        }
        let begin = refused.checkpoint.as_ref().map_or(range.start, |it| it.offset);
        match refused.checkpoint {
            Some(checkpoint) => builder.go_back(checkpoint),
            None => builder = Builder::new(source, true),
        }
        let from = refused.at.max(begin + cuts.parsed).min(range.end);
        at = next_cut(source, from..range.end).unwrap_or(range.end);
        let parsed = parser::read(source, begin..at, true).ok()?;
        // such a break moves the column in which the parser below us has what follows it
        let has_break = breaks::outside_quotes(source, begin..at, &parsed.scan).is_some();
        if has_break || !parsed.is_joinable(begin > 0, at < source.len()) {
            return None;
        }
        builder.join(parsed);
        if at == range.end {
            break;
        }
        builder.reopen();
    }
    Some(builder)
}
