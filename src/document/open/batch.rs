//! What is decrypted at once, while the walk goes on.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::crypto::{Aad, Cipher, CipherError, Envelope, EnvelopeError, Strictness};
use crate::document::Document;
use crate::document::plaintext::Plaintext;
use crate::format::Rendering;
use crate::tree::{Comment, Leaf, Value, ValueError, ValueType};

/// Something on its way into the MAC and the text.
pub(super) enum Job<'d> {
    /// A value in clear: it only counts.
    Clear(Plaintext<'d>),
    Closed(Closed<'d>),
    Comment(OpenedComment),
}

/// An encrypted value.
pub(super) struct Closed<'d> {
    pub(super) event: usize,
    pub(super) leaf: Leaf,
    pub(super) text: Cow<'d, str>,
    /// Where its path stands among the joined paths.
    pub(super) path: Range<usize>,
}

/// A decrypted value and what takes the place of its envelope.
pub(super) struct Clear {
    pub(super) value: Value,
    pub(super) rendering: Rendering,
}

/// A comment that is decrypted already.
pub(super) struct OpenedComment {
    pub(super) comment: Comment,
    pub(super) clear: Zeroizing<Vec<u8>>,
    pub(super) aad: Aad<'static>,
    /// Whether the additional data is that of its place, not of one above.
    pub(super) is_own_place: bool,
}

/// Why a value does not open; its place is found when it is wanted.
pub(super) enum Failure {
    Envelope(EnvelopeError),
    UnknownType,
    Cipher(CipherError),
    Value(ValueError),
    Unprintable(&'static str),
}

/// The results of a batch, in document order.
pub(super) struct Batch<'d> {
    pub(super) done: Vec<Done<'d>>,
    pub(super) paths: Vec<u8>,
}

pub(super) enum Done<'d> {
    Clear(Plaintext<'d>),
    Opened(Closed<'d>, Clear),
    Failed(Closed<'d>, Failure),
    Comment(OpenedComment),
}

/// What decryption of a value needs to know.
pub(super) struct Opener<'d, 's> {
    pub(super) base: &'d Document<'s>,
    pub(super) cipher: Arc<Cipher>,
    pub(super) strictness: Strictness,
    /// The document's indentation step.
    pub(super) step: usize,
}

impl Opener<'_, '_> {
    pub(super) fn open<'d>(&self, jobs: Vec<Job<'d>>, paths: Vec<u8>) -> Batch<'d> {
        let done = jobs.into_iter().map(|job| match job {
            Job::Clear(value) => Done::Clear(value),
            Job::Comment(comment) => Done::Comment(comment),
            Job::Closed(closed) => match self.decrypt(&closed, &paths) {
                Ok(clear) => Done::Opened(closed, clear),
                Err(failure) => Done::Failed(closed, failure),
            },
        });
        let done = done.collect();
        Batch { done, paths }
    }

    fn decrypt(&self, closed: &Closed<'_>, paths: &[u8]) -> Result<Clear, Failure> {
        let envelope = Envelope::parse(&closed.text, self.strictness).map_err(Failure::Envelope)?;
        let kind = ValueType::parse(envelope.kind()).ok_or(Failure::UnknownType)?;
        let aad = Aad::of_joined(&paths[closed.path.clone()]);
        let bytes = envelope.open(&self.cipher, &aad).map_err(Failure::Cipher)?;
        let value = match kind {
            ValueType::Str | ValueType::Bytes => Value::Str(bytes),
            _ => Value::parse(kind, &bytes).map_err(Failure::Value)?,
        };
        let format = self.base.format;
        if let Some(what) = format.unprintable(&value) {
            return Err(Failure::Unprintable(what));
        }
        let rendering = format.render(self.base.source, &closed.leaf, &value, self.step);
        Ok(Clear { value, rendering })
    }
}
