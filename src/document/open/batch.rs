//! What is decrypted at once, while the walk goes on.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::Arc;

use zeroize::Zeroizing;

use crate::crypto::{Aad, Cipher, CipherError, Envelope, EnvelopeError, Strictness};
use crate::document::Document;
use crate::document::plaintext::Plaintext;
use crate::document::values::Made;
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
    pub(super) value: Made,
    /// Nothing where the text of the value itself does.
    pub(super) rendering: Option<Rendering>,
}

/// A comment that is decrypted already.
pub(super) struct OpenedComment {
    pub(super) event: usize,
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
    /// The decrypted strings.
    pub(super) texts: Zeroizing<Vec<u8>>,
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
    /// Whether renderings are wanted.
    pub(super) writes_text: bool,
}

impl Opener<'_, '_> {
    pub(super) fn open<'d>(&self, jobs: Vec<Job<'d>>, paths: Vec<u8>) -> Batch<'d> {
        // never moved while it grows, so that no copies stay in memory
        let length = |job: &Job<'_>| match job {
            Job::Closed(closed) => Envelope::length_limit(&closed.text),
            _ => 0,
        };
        let mut texts = Zeroizing::new(Vec::with_capacity(jobs.iter().map(length).sum()));
        let mut buffer = Vec::new();
        let done = jobs.into_iter().map(|job| match job {
            Job::Clear(value) => Done::Clear(value),
            Job::Comment(comment) => Done::Comment(comment),
            Job::Closed(closed) => match self.decrypt(&closed, &paths, &mut buffer, &mut texts) {
                Ok(clear) => Done::Opened(closed, clear),
                Err(failure) => Done::Failed(closed, failure),
            },
        });
        let done = done.collect();
        Batch { done, paths, texts }
    }

    fn decrypt(
        &self,
        closed: &Closed<'_>,
        paths: &[u8],
        buffer: &mut Vec<u8>,
        texts: &mut Vec<u8>,
    ) -> Result<Clear, Failure> {
        let envelope = Envelope::parse_into(&closed.text, self.strictness, buffer);
        let envelope = envelope.map_err(Failure::Envelope)?;
        let kind = ValueType::parse(envelope.kind()).ok_or(Failure::UnknownType)?;
        let aad = Aad::of_joined(&paths[closed.path.clone()]);
        let range = envelope.open_into(&self.cipher, &aad, texts).map_err(Failure::Cipher)?;
        let bytes = &texts[range.clone()];
        let value = match kind {
            ValueType::Str | ValueType::Bytes if self.is_plain(&closed.leaf, bytes) => {
                return Ok(Clear { value: Made::Str(range), rendering: None });
            }
            ValueType::Str | ValueType::Bytes => Value::str(bytes),
            _ => Value::parse(kind, bytes).map_err(Failure::Value)?,
        };
        let rendering = if self.writes_text { Some(self.render(closed, &value)?) } else { None };
        let value = if let Value::Str(_) = value { Made::Str(range) } else { Made::Other(value) };
        Ok(Clear { value, rendering })
    }

    /// Tells whether a string stands for itself, as most do.
    fn is_plain(&self, leaf: &Leaf, bytes: &[u8]) -> bool {
        let Document { format, source, .. } = self.base;
        !self.writes_text
            || std::str::from_utf8(bytes)
                .is_ok_and(|text| format.is_surely_plain(source, leaf, text))
    }

    fn render(&self, closed: &Closed<'_>, value: &Value) -> Result<Rendering, Failure> {
        let format = self.base.format;
        if let Some(what) = format.unprintable(value) {
            return Err(Failure::Unprintable(what));
        }
        Ok(format.render(self.base.source, &closed.leaf, value, self.step))
    }
}
