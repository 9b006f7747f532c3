//! Puts known values in the place of what a text says.

use super::Document;
use super::error::SealError;
use super::seal::{Place, typed};
use super::verify;
use super::walk::{Item, Walk};
use crate::metadata::Selector;
use crate::text::line_of;
use crate::tree::{Event, LeafValue, Scalar, Scan, Style, Value};

impl Document<'_> {
    /// Gives the leaves that are encrypted the values that they were written from. A text may say
    /// less: those of dotenv and INI hold strings alone, JSON has no times, and a whole float reads
    /// as an integer. What stays in clear keeps the value that is read, which the MAC must cover.
    ///
    /// `values` are those of all leaves, in order.
    ///
    /// # Errors
    /// The text does not hold these values.
    pub(super) fn retype(
        &mut self,
        values: &[&Scalar],
        selector: &Selector,
    ) -> Result<(), SealError> {
        let mut values = values.iter();
        let mut known = Vec::new();
        Walk::new(self, selector).run(|stop| {
            let Item::Leaf(leaf) = stop.item else { return Ok(()) };
            let value = values.next();
            let value = value.filter(|value| self.is_read_as(leaf.value, value));
            let Some(value) = value else {
                let line = line_of(self.source, leaf.site.start());
                let place = Place { line, path: stop.place.path() };
                return Err(SealError::Verification(place, "a value differs"));
            };
            if let (true, Scalar::Value(value)) = (stop.is_selected, value) {
                known.push((stop.event, value));
            }
            Ok::<(), SealError>(())
        })?;
        if values.next().is_some() {
            return Err(verify::failed(self, 0, "the structure differs"));
        }
        for (at, value) in known {
            let value = leaf_value(&mut self.scan, value);
            if let Event::Leaf(leaf) = &mut self.scan.events[at] {
                leaf.value = value;
                // quotes are those of the text that was written anew; its envelope needs none
                leaf.style = Style::Plain;
            }
        }
        Ok(())
    }

    /// Tells whether a leaf is what a value is read back as.
    fn is_read_as(&self, leaf: LeafValue, value: &Scalar) -> bool {
        match value {
            Scalar::Null => leaf == LeafValue::Null,
            Scalar::TooBig(_) => false,
            Scalar::Value(value) => {
                let found = typed(&self.scan, self.source, leaf);
                verify::same(found.as_ref(), Some(&self.format.read_back(value)))
            }
        }
    }
}

/// Keeps a value for a leaf of a scan.
pub(super) fn leaf_value(scan: &mut Scan, value: &Value) -> LeafValue {
    match value {
        Value::Str(bytes) | Value::Comment(bytes) => LeafValue::Str(scan.keep(bytes.as_slice())),
        Value::Int(number) => LeafValue::Int(*number),
        Value::Float(number) => LeafValue::Float(*number),
        Value::Bool(value) => LeafValue::Bool(*value),
        Value::Time(time) => LeafValue::Time(scan.keep(time.to_string().into_bytes())),
    }
}
