use zeroize::Zeroizing;

use super::plaintext::Plaintext;
use crate::tree::{Value, ValueType};

/// Decrypted values by event, strings in a few pieces of memory: one for each would cost more than
/// its text.
#[derive(Default)]
pub(super) struct Values {
    list: Vec<Stored>,
    texts: Vec<Zeroizing<Vec<u8>>>,
    others: Vec<Value>,
}

/// A value; as many as there are want to be small. A text has less than 4 GiB, and so have its
/// events and values.
struct Stored {
    event: u32,
    /// The piece that holds a string, or [`OTHER`].
    text: u32,
    /// Where a string begins in its piece, or the number of another value.
    start: u32,
    end: u32,
}

const OTHER: u32 = u32::MAX;

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
        let event = small(event);
        self.list.push(match made {
            Made::Str(range) => {
                let text = small(self.texts.len() - 1);
                Stored { event, text, start: small(range.start), end: small(range.end) }
            }
            Made::Other(value) => {
                self.others.push(value);
                let number = small(self.others.len() - 1);
                Stored { event, text: OTHER, start: number, end: number }
            }
        });
        self.value(self.list.len() - 1)
    }

    fn value(&self, at: usize) -> Decrypted<'_> {
        let Stored { text, start, end, .. } = self.list[at];
        if text == OTHER {
            return Decrypted::Other(&self.others[start as usize]);
        }
        Decrypted::Str(&self.texts[text as usize][start as usize..end as usize])
    }

    /// Returns the event of a value, by its place in the order of events.
    fn event(&self, at: usize) -> Option<usize> {
        self.list.get(at).map(|stored| stored.event as usize)
    }

    /// Gives events and values in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = (usize, Decrypted<'_>)> {
        let list = self.list.iter().enumerate();
        list.map(|(at, stored)| (stored.event as usize, self.value(at)))
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
        let found = self.list.binary_search_by_key(&event, |it| it.event as usize).ok()?;
        *cursor = found + 1;
        Some(self.value(found))
    }
}

fn small(number: usize) -> u32 {
    u32::try_from(number).expect("what a text of less than 4 GiB holds is counted")
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
