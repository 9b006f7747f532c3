use zeroize::Zeroizing;

use super::plaintext::Plaintext;
use crate::tree::{Value, ValueType};

/// Decrypted values by event, strings in a few pieces of memory: one for each would cost more than
/// its text.
#[derive(Default)]
pub(super) struct Values {
    list: Vec<(usize, Stored)>,
    texts: Vec<Zeroizing<Vec<u8>>>,
}

/// A string of the piece of this number, from the first to behind the last byte, or another value.
enum Stored {
    Str(usize, u32, u32),
    Other(Box<Value>),
}

/// A decrypted value.
#[derive(Clone, Copy)]
pub(super) enum Decrypted<'v> {
    Str(&'v [u8]),
    Other(&'v Value),
}

/// A decrypted value that was just made: where its bytes stand in the text of a batch, or itself.
pub(super) enum Made {
    Str(std::ops::Range<usize>),
    Other(Value),
}

impl Values {
    /// Begins a batch whose strings stand in `text`.
    pub(super) fn begin(&mut self, text: Zeroizing<Vec<u8>>) {
        self.texts.push(text);
    }

    /// Adds a value of the current batch, and returns it.
    pub(super) fn add(&mut self, event: usize, made: Made) -> Decrypted<'_> {
        let stored = match made {
            Made::Str(range) => match (u32::try_from(range.start), u32::try_from(range.end)) {
                (Ok(start), Ok(end)) => Stored::Str(self.texts.len() - 1, start, end),
                _ => Stored::Other(Box::new(Value::str(&self.texts[self.texts.len() - 1][range]))),
            },
            Made::Other(value) => Stored::Other(Box::new(value)),
        };
        self.list.push((event, stored));
        self.value(self.list.len() - 1)
    }

    fn value(&self, at: usize) -> Decrypted<'_> {
        match &self.list[at].1 {
            Stored::Str(text, start, end) => {
                Decrypted::Str(&self.texts[*text][*start as usize..*end as usize])
            }
            Stored::Other(value) => Decrypted::Other(value),
        }
    }

    /// Returns the event of a value, by its place in the order of events.
    pub(super) fn event(&self, at: usize) -> Option<usize> {
        self.list.get(at).map(|(event, _)| *event)
    }

    /// Gives events and values in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, Decrypted<'_>)> {
        self.list.iter().enumerate().map(|(at, (event, _))| (*event, self.value(at)))
    }

    /// Looks up the value of an event; `cursor` stands behind the last one found, where the next
    /// one is unless an alias leads back.
    pub(super) fn find(&self, cursor: &mut usize, event: usize) -> Option<Decrypted<'_>> {
        if self.event(*cursor) == Some(event) {
            *cursor += 1;
            return Some(self.value(*cursor - 1));
        }
        let is_next = self.event(*cursor).is_none_or(|at| at > event);
        let is_behind = *cursor == 0 || self.event(*cursor - 1).is_none_or(|at| at < event);
        if is_behind && is_next {
            return None;
        }
        let found = self.list.binary_search_by_key(&event, |(at, _)| *at).ok()?;
        *cursor = found + 1;
        Some(self.value(found))
    }
}

impl<'v> Decrypted<'v> {
    pub(super) fn plaintext(self) -> Plaintext<'v> {
        match self {
            Self::Str(bytes) => Plaintext::of_text(ValueType::Str, bytes),
            Self::Other(value) => Plaintext::of_value(value),
        }
    }

    pub(super) fn to_value(self) -> Value {
        match self {
            Self::Str(bytes) => Value::str(bytes),
            Self::Other(value) => value.clone(),
        }
    }
}
