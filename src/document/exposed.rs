use super::Document;
use super::seal::Place;
use super::walk::{Item, Walk};
use crate::format::ScanError;
use crate::metadata::Selector;
use crate::text::line_of;
use crate::tree::{Event, LeafValue};

/// A value that one selector leaves in clear and another encrypts.
#[derive(PartialEq, Eq)]
pub struct ExposedValue {
    /// Where it stands.
    pub place: Place,
    /// What it is known by in another version of the file: its keys, and its text.
    identity: (Vec<u8>, String),
}

impl ExposedValue {
    /// Tells whether two versions of a file have the same value in the same place; its line may be
    /// another one.
    #[must_use]
    pub fn is_same(&self, other: &Self) -> bool {
        self.identity == other.identity
    }
}

/// Lists the values that stand in clear by the selector that is in force, and would not by the one
/// that is wanted. Nulls and empty strings have no encrypted form, so they are none of them.
///
/// # Errors
/// Aliases multiply the text.
pub fn exposed(
    document: &Document<'_>,
    present: &Selector,
    wanted: &Selector,
) -> Result<Vec<ExposedValue>, ScanError> {
    let mut encrypted = Vec::new();
    Walk::new(document, present).run(|stop| {
        encrypted.push(stop.is_selected);
        Ok::<(), ScanError>(())
    })?;
    // which stops there are does not depend on the selector
    let mut encrypted = encrypted.into_iter();
    let mut values = Vec::new();
    Walk::new(document, wanted).run(|stop| {
        let is_encrypted = encrypted.next().unwrap_or(false);
        let is_comment = matches!(stop.item, Item::Comment(_));
        if !stop.is_selected || is_encrypted || is_comment {
            return Ok(());
        }
        if let Event::Leaf(leaf) = &document.scan.events[stop.event]
            && !is_empty(document, leaf.value)
        {
            let line = line_of(document.source, leaf.site.start());
            let place = Place { line, path: stop.place.path() };
            let text = leaf.site.slice(document.source).to_owned();
            values.push(ExposedValue { place, identity: (stop.place.joined().to_vec(), text) });
        }
        Ok::<(), ScanError>(())
    })?;
    Ok(values)
}

fn is_empty(document: &Document<'_>, value: LeafValue) -> bool {
    match value {
        LeafValue::Null => true,
        LeafValue::Str(text) => document.scan.bytes(document.source, text).is_empty(),
        _ => false,
    }
}
