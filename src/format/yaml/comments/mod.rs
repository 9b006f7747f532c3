//! Where each comment of a YAML text stands in the reference's tree, and so which path it has.
//!
//! Four steps, as in `spec/yaml-comments.md`: tokens of the text, records of its comments, hand-over
//! of the records to the nodes, items of the tree. Knows the layout of a text, not its values.

mod handover;
mod items;
mod layout;
mod lost;
mod records;
mod tokens;

use crate::tree::Scan;

/// Adds the comments of `source` to the events of its scan, where the reference's tree has them.
///
/// Comments that the reference drops are added too, where they stand in the source.
pub(crate) fn place(source: &str, scan: &mut Scan) {
    if memchr::memchr(b'#', source.as_bytes()).is_none() {
        return;
    }
    let mut tokens = tokens::read(source);
    let records = records::read(source, &mut tokens);
    if records.comments.is_empty() {
        return;
    }
    let holders = handover::hand_over(&scan.events, &tokens, &records);
    let (events, is_placed) = items::insert(&scan.events, &records.comments, &holders);
    scan.events = lost::insert(source, events, &records.comments, &is_placed);
}
