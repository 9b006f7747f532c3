//! The JSON around an encrypted binary file (`spec/format.md` §5.6).
//!
//! Owns the text before and behind the one value; what that value is, others know.

use zeroize::Zeroizing;

use super::json;
use super::{Block, DocumentPart, EmitError, Indent};
use crate::tree::{
    Branch, Container, Event, Item, Leaf, LeafValue, Part, Scalar, Scan, Tree, Value, items,
};

/// The key of the bytes.
pub const KEY: &str = "data";

/// The text around the value of [`KEY`], which stands between its quotes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrapper {
    /// All before the value, its first quote included.
    pub start: String,
    /// All behind the value, its last quote included.
    pub end: String,
}

impl Wrapper {
    /// Writes the wrapper with a metadata block, in the layout of the reference.
    #[must_use]
    pub fn new(metadata: &Tree, indent: Indent) -> Self {
        let mut object = Branch::new();
        object.push(Part::Enter(Container::Mapping));
        object.push(Part::Key(KEY.as_bytes().to_vec()));
        object.push(Part::Scalar(Scalar::Value(Value::str(""))));
        object.push(Part::Key(json::block::KEY.as_bytes().to_vec()));
        for part in Branch::from(metadata).parts() {
            object.push(part.clone());
        }
        object.push(Part::Leave);
        // a metadata block has no floats, which are all that JSON may not be able to hold
        let text = json::emit_document(&[object], indent).unwrap_or_default();
        let value = text.find("\"\"").map_or(text.len(), |quotes| quotes + 1);
        Self { start: text[..value].to_owned(), end: text[value..].to_owned() }
    }
}

/// Tells at a glance whether bytes are those of an encrypted binary file.
#[must_use]
pub fn is_wrapper(bytes: &[u8]) -> bool {
    data_start(bytes).is_some()
}

/// Returns where the data of the value begins, if bytes begin as an encrypted binary file does.
#[must_use]
pub fn data_start(bytes: &[u8]) -> Option<usize> {
    let mut rest = bytes;
    for token in [&b"{"[..], b"\"data\"", b":", b"\"ENC[AES256_GCM,data:"] {
        rest = rest.trim_ascii_start().strip_prefix(token)?;
    }
    Some(bytes.len() - rest.len())
}

/// Returns the value of [`KEY`] in a scanned text, if it is a string and all that the text holds
/// beside its one metadata block.
#[must_use]
pub fn only_value<'s>(source: &str, scan: &'s Scan, parts: &[DocumentPart]) -> Option<&'s Leaf> {
    let [DocumentPart { blocks, .. }] = parts else { return None };
    let [Block { events: block, .. }] = blocks.as_slice() else { return None };
    let is_document = |event: &Event| matches!(event, Event::Document(_) | Event::EndDocument(_));
    let events = scan.events.iter().enumerate().filter(|(at, _)| !block.contains(at));
    let mut events = events.map(|(_, event)| event).filter(|event| !is_document(event));
    match std::array::from_fn(|_| events.next()) {
        [Some(Event::Enter { .. }), Some(Event::Key(key)), Some(Event::Leaf(leaf)), _, None] => {
            let is_data = scan.bytes(source, key.text) == KEY.as_bytes();
            (is_data && matches!(leaf.value, LeafValue::Str(_))).then_some(leaf)
        }
        _ => None,
    }
}

/// Returns the bytes that an object holds as the first value of [`KEY`]; what else there is does
/// not count.
///
/// # Errors
/// There is no such value, or it is no string.
pub fn emit(documents: &[Branch]) -> Result<Zeroizing<Vec<u8>>, EmitError> {
    let items = documents.first().and_then(|it| items(it.parts())).unwrap_or_default();
    let value = items.into_iter().find_map(|item| match item {
        Item::Pair(key, value) if key == KEY.as_bytes() => Some(value),
        _ => None,
    });
    match value {
        Some([Part::Scalar(Scalar::Value(Value::Str(bytes))), ..]) => Ok(bytes.clone()),
        Some(_) => Err(EmitError::DataNotString),
        None => Err(EmitError::NoData),
    }
}
