use zeroize::Zeroizing;

use super::seal::typed;
use crate::tree::{LeafValue, Scan, Value, ValueType};

/// The canonical bytes of a value: what is encrypted and what the MAC covers. Strings are borrowed.
pub(super) struct Plaintext<'v> {
    pub(super) kind: ValueType,
    bytes: Bytes<'v>,
}

enum Bytes<'v> {
    Borrowed(&'v [u8]),
    Owned(Zeroizing<Vec<u8>>),
}

impl<'v> Plaintext<'v> {
    /// Takes the value of a leaf, or nothing for null and for what has no encrypted form.
    pub(super) fn of_leaf(scan: &'v Scan, source: &'v str, value: LeafValue) -> Option<Self> {
        if let LeafValue::Str(text) = value {
            let bytes = Bytes::Borrowed(scan.bytes(source, text));
            return Some(Self { kind: ValueType::Str, bytes });
        }
        let value = typed(scan, source, value)?;
        Some(Self { kind: value.kind(), bytes: Bytes::Owned(value.canonical_bytes()) })
    }

    /// Takes the text of a comment.
    pub(super) fn of_comment(text: &'v [u8]) -> Self {
        Self::of_text(ValueType::Comment, text)
    }

    /// Takes the text of a value whose type has one.
    pub(super) fn of_text(kind: ValueType, text: &'v [u8]) -> Self {
        Self { kind, bytes: Bytes::Borrowed(text) }
    }

    /// Takes a value.
    pub(super) fn of_value(value: &'v Value) -> Self {
        let bytes = match value {
            Value::Str(bytes) | Value::Comment(bytes) => Bytes::Borrowed(bytes),
            _ => Bytes::Owned(value.canonical_bytes()),
        };
        Self { kind: value.kind(), bytes }
    }

    pub(super) fn bytes(&self) -> &[u8] {
        match &self.bytes {
            Bytes::Borrowed(bytes) => bytes,
            Bytes::Owned(bytes) => bytes,
        }
    }
}
