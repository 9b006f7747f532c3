use std::collections::HashMap;

use super::nodes::{self, NodeAt};
use super::record::{Hunk, Original, Record, Site};
use crate::document::Document;
use crate::format::Rendering;
use crate::text::{EditError, Edits, Newline, Span};
use crate::tree::Leaf;

/// A record with the events and places of an encrypted text that it is about.
#[derive(Default)]
pub(in crate::document) struct Resolved<'r> {
    /// The original texts of scalars, by event.
    sites: HashMap<usize, &'r Original>,
    /// The nodes that are replaced as a whole, in order, and what takes their place.
    regions: Vec<Span>,
    texts: Vec<&'r str>,
    hunks: &'r [Hunk],
}

/// Finds the nodes that a record names; those that are gone are left out.
pub(in crate::document) fn resolve<'r>(
    document: &Document<'_>,
    record: &'r Record,
) -> Resolved<'r> {
    let mut wanted = Wanted::new(&record.sites);
    let mut resolved = Resolved { hunks: &record.hunks, ..Resolved::default() };
    nodes::visit(document, |node| {
        if let Some(original) = wanted.take(node) {
            resolved.add(document, node, original);
        }
    });
    resolved
}

impl<'r> Resolved<'r> {
    fn add(&mut self, document: &Document<'_>, node: &NodeAt<'_>, original: &'r Original) {
        let is_leaf = matches!(document.scan.events[node.event], crate::tree::Event::Leaf(_));
        match original {
            Original::Lines(text) => self.add_region(document, node, true, text),
            Original::Text(text) if !is_leaf => self.add_region(document, node, false, text),
            _ if is_leaf => {
                self.sites.insert(node.event, original);
            }
            _ => {}
        }
    }

    /// Adds a node that is replaced as a whole, but none within another.
    fn add_region(
        &mut self,
        document: &Document<'_>,
        node: &NodeAt<'_>,
        by_lines: bool,
        text: &'r str,
    ) {
        let region = nodes::region(document, node.event, node.key, by_lines);
        let last = self.regions.last().map_or(0, |region| region.end());
        if let Some(region) = region.filter(|region| region.start() >= last) {
            self.regions.push(region);
            self.texts.push(text);
        }
    }

    /// Returns the original text of a scalar.
    pub(in crate::document) fn site(&self, event: usize) -> Option<&'r Original> {
        self.sites.get(&event).copied()
    }

    /// Tells whether a place lies in a node that is replaced as a whole.
    pub(in crate::document) fn is_covered(&self, offset: usize) -> bool {
        is_covered(&self.regions, offset)
    }

    /// Adds the edits for whole nodes.
    pub(in crate::document) fn replace_regions(&self, edits: &mut Edits) {
        for (region, text) in self.regions.iter().zip(&self.texts) {
            edits.replace(*region, text);
        }
    }

    /// Puts the text outside nodes back, as far as it stands where the record says.
    pub(in crate::document) fn restore_rest(&self, text: String) -> Result<String, EditError> {
        apply_hunks(self.hunks, text)
    }
}

/// Tells whether a place lies in one of `regions`, which are in order.
pub(super) fn is_covered(regions: &[Span], offset: usize) -> bool {
    let after = regions.partition_point(|region| region.start() <= offset);
    let before = after.checked_sub(1).and_then(|at| regions.get(at));
    before.is_some_and(|region| offset < region.end())
}

/// Applies hunks whose removed text stands where they say.
pub(super) fn apply_hunks(hunks: &[Hunk], text: String) -> Result<String, EditError> {
    if hunks.is_empty() {
        return Ok(text);
    }
    let mut edits = Edits::new();
    for hunk in hunks {
        let distance = usize::try_from(hunk.offset.unsigned_abs()).unwrap_or(usize::MAX);
        let start = if hunk.offset < 0 { text.len().checked_sub(distance) } else { Some(distance) };
        let Some(start) = start else { continue };
        let is_there = text.get(start..).is_some_and(|rest| rest.starts_with(&hunk.removed));
        if is_there {
            edits.replace(Span::new(start, start + hunk.removed.len()), &hunk.inserted);
        }
    }
    edits.apply(&text)
}

/// Returns what stands in a leaf's place when its original text is put back.
///
/// `value` is the text of a string, of which a literal block has the lines.
pub(in crate::document) fn put(source: &str, original: &Original, value: &[u8]) -> Rendering {
    match original {
        Original::Text(text) | Original::Lines(text) => {
            Rendering { site: text.clone(), body: String::new() }
        }
        Original::Block(header, body) => Rendering { site: header.clone(), body: body.clone() },
        Original::Literal(header, column) => {
            let text = String::from_utf8_lossy(value);
            let body = literal_lines(&text, *column, Newline::of(source).as_str());
            Rendering { site: header.clone(), body }
        }
    }
}

/// Writes the lines of a literal block, each with its line end before it; empty lines at its end
/// are left out.
pub(super) fn literal_lines(text: &str, column: usize, newline: &str) -> String {
    let pad = " ".repeat(column.min(MAX_COLUMN));
    let mut lines = String::with_capacity(text.len() + text.len() / 2);
    for line in text.trim_end_matches('\n').split('\n') {
        lines.push_str(newline);
        if !line.is_empty() {
            lines.push_str(&pad);
            lines.push_str(line);
        }
    }
    lines
}

/// How far a literal block of a record may be indented.
pub(super) const MAX_COLUMN: usize = 1000;

/// Adds the edit that puts an original text into the place of an unselected leaf, whose lines are
/// in the text.
pub(in crate::document) fn put_header(leaf: &Leaf, original: &Original, edits: &mut Edits) {
    if let Original::Text(text) = original {
        edits.replace(leaf.site, text);
    }
}

/// The sites of a record by path, used up in document order.
struct Wanted<'r> {
    by_path: HashMap<Vec<u8>, WantedAt<'r>>,
}

struct WantedAt<'r> {
    /// How many nodes with this path have been seen.
    seen: usize,
    sites: std::iter::Peekable<std::vec::IntoIter<&'r Site>>,
}

impl<'r> Wanted<'r> {
    fn new(sites: &'r [Site]) -> Self {
        let mut lists: HashMap<Vec<u8>, Vec<&Site>> = HashMap::new();
        for site in sites {
            lists.entry(joined(&site.path)).or_default().push(site);
        }
        let by_path = lists
            .into_iter()
            .map(|(path, sites)| (path, WantedAt { seen: 0, sites: sites.into_iter().peekable() }));
        Self { by_path: by_path.collect() }
    }

    fn take(&mut self, node: &NodeAt<'_>) -> Option<&'r Original> {
        let wanted = self.by_path.get_mut(node.place.joined())?;
        let occurrence = wanted.seen;
        wanted.seen += 1;
        let site = wanted.sites.next_if(|site| site.occurrence == occurrence)?;
        Some(&site.text)
    }
}

/// Joins keys as additional data has them.
pub(super) fn joined(path: &[String]) -> Vec<u8> {
    let mut joined = Vec::new();
    for key in path {
        joined.extend_from_slice(key.as_bytes());
        joined.push(b':');
    }
    joined
}
