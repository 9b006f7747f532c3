//! A long text, read in pieces on all cores.

use std::ops::Range;

use rayon::prelude::*;

use super::{Scanner, scan_range};
use crate::tree::{Event, LeafValue, Scan, Text};

/// Reads a long text in `count` pieces at the same time; nothing where that is not possible or
/// not sure to give what [`scan`] does.
///
/// Pieces begin at lines that begin with a letter or digit. Where the piece before is a mapping in
/// the first column by itself, such a line begins the next item of that mapping: an open quote or
/// bracket would be an error, and a scalar without quotes or in a block needs indentation.
pub(in crate::format::yaml) fn scan_in_parts(source: &str, count: usize) -> Option<Scan> {
    let ranges = part_ranges(source, count);
    if ranges.len() < 2 {
        return None;
    }
    let last = ranges.len() - 1;
    let parts = ranges.into_par_iter().enumerate().map(|(number, range)| {
        let scanner = scan_range(source, range, true).ok()?;
        scanner.is_joinable(number > 0, number < last).then_some(scanner)
    });
    let parts: Vec<Scanner<'_>> = parts.collect::<Option<_>>()?;
    let mut parts = parts.into_iter();
    let mut whole = parts.next()?;
    whole.scan.events.reserve(parts.as_slice().iter().map(|part| part.scan.events.len()).sum());
    for part in parts {
        whole.join(part);
    }
    whole.check_keys(0).ok()?;
    Some(whole.scan)
}

/// Cuts a text into about equal pieces before lines that begin with a letter or digit.
fn part_ranges(source: &str, count: usize) -> Vec<Range<usize>> {
    let bytes = source.as_bytes();
    let mut ranges = Vec::new();
    let mut start = 0;
    for number in 1..count {
        let from = (source.len() / count * number).max(start);
        let is_cut = |pair: &[u8]| pair[0] == b'\n' && pair[1].is_ascii_alphanumeric();
        let Some(length) = bytes[from..].windows(2).position(is_cut) else { break };
        let end = from + length + 1;
        ranges.push(start..end);
        start = end;
    }
    ranges.push(start..source.len());
    ranges
}

impl Scanner<'_> {
    /// Tells whether a part is one document with a block mapping in the first column and nothing
    /// that another part could refer to or be cut off by.
    fn is_joinable(&self, has_before: bool, has_after: bool) -> bool {
        let events = &self.scan.events;
        let is_free = self.documents == 1 && self.anchors.is_empty() && self.root_indent == Some(0);
        let begins = match events.first() {
            Some(Event::Document(span)) => !has_before || span.is_empty(),
            _ => false,
        };
        let ends = match events.last() {
            Some(Event::EndDocument(span)) => !has_after || span.is_empty(),
            _ => false,
        };
        is_free && begins && ends
    }

    /// Adds the items of a part that follows.
    fn join(&mut self, part: Scanner<'_>) {
        let shift = u32::try_from(self.scan.decoded.len()).unwrap_or(u32::MAX);
        let moved = |text: Text| match text {
            Text::Decoded(number) => Text::Decoded(number.saturating_add(shift)),
            Text::Source(_) => text,
        };
        self.scan.indent_step = self.scan.indent_step.or(part.scan.indent_step);
        self.scan.decoded.extend(part.scan.decoded);
        self.keys.extend(part.keys.into_iter().map(|(text, at)| (moved(text), at)));
        // the ends of the document so far, and the beginnings of the part's
        self.scan.events.truncate(self.scan.events.len() - 2);
        let events = part.scan.events.into_iter().skip(2);
        self.scan.events.extend(events.map(|mut event| {
            match &mut event {
                Event::Key(key) => key.text = moved(key.text),
                Event::Leaf(leaf) => match &mut leaf.value {
                    LeafValue::Str(text) | LeafValue::Time(text) => *text = moved(*text),
                    _ => {}
                },
                _ => {}
            }
            event
        }));
    }
}

#[cfg(test)]
mod tests {
    use super::super::scan;
    use super::*;

    #[test]
    fn parts_give_what_the_whole_gives() {
        let sources = [
            "a: 1\nb: 2\nc:\n    d: \"x\\ty\"\ne: \"\\t\"\n",
            "a: |+\n  x\n\nb: |\nc:\n- 1\n- 2\nd: >-\n  x\n\n  y\ne: 2001-01-01\n",
            "---\na: 1\nb:\nc: {x: 1}\n# end\nd: [1,\n  2]\n...\n",
            "a: |\n\n  \nb: |2-\n\nc: >\n    \nd: 1\n",
            "\u{feff}a: 1\r\nb: 'x\r\n  y'\r\nc: 3\r\nd: 4\r\n",
        ];
        for source in sources {
            let whole = scan(source).map(|scan| format!("{scan:?}"));
            for count in 2..6 {
                let parts = scan_in_parts(source, count).map(|scan| format!("{scan:?}"));
                assert_eq!(parts.as_ref(), whole.as_ref().ok(), "{source:?} in {count}");
            }
        }
    }

    #[test]
    fn texts_that_cannot_be_cut_are_left_to_one_scan() {
        let sources = [
            "a: \"x\nb: y\"\nc: 1\n",
            "a: [1,\nb, 2]\nc: 1\n",
            "a: 1\n...\nb: 2\nc: 3\n",
            "a: 1\n---\nb: 2\nc: 3\n",
            "a: &x 1\nb: *x\nc: 3\n",
            "  a: 1\nb: 2\nc: 3\n",
            "a: 1\nb: 2\na: 3\n",
            "a: |\nb\nc: 1\n",
            "a b\nc: 1\nd: 2\n",
            "{a: 1,\nb: 2,\nc: 3}\n",
        ];
        for source in sources {
            for count in 2..6 {
                let parts = scan_in_parts(source, count).map(|scan| format!("{scan:?}"));
                let whole = scan(source).ok().map(|scan| format!("{scan:?}"));
                assert!(parts.is_none() || parts == whole, "{source:?} in {count}");
            }
        }
    }
}
