use std::ops::Range;

use super::Document;
use super::plaintext::Plaintext;
use crate::crypto::{Aad, Cipher, CipherError, Envelope, Nonce};
use crate::format::Rendering;
use crate::tree::{Comment, Leaf};

/// A value or comment that gets an envelope.
pub(super) struct Job<'d> {
    pub(super) target: Target,
    pub(super) work: Work<'d>,
}

/// Where an envelope goes.
#[derive(Clone, Copy)]
pub(super) enum Target {
    Leaf(Leaf),
    Comment(Comment),
}

/// How its text comes about.
pub(super) enum Work<'d> {
    /// A new ciphertext of a value whose path stands at this place among the joined paths.
    Encrypt(Plaintext<'d>, Nonce, Range<usize>),
    /// An old envelope is written anew.
    Keep(String),
    /// The old text of the leaf comes back as it was.
    Restore(Rendering),
}

/// What stands in the places of several jobs.
pub(super) struct Envelopes {
    /// The envelopes, and for leaves what is written in their sites, in one piece.
    text: String,
    /// The target of each, and where its text ends.
    done: Vec<Done>,
}

enum Done {
    /// What comes next in the text is for this target.
    New(Target, usize),
    Restored(Leaf, Rendering),
}

/// Something to be put in its place.
pub(super) enum Put<'e> {
    Site(Leaf, &'e str),
    Comment(Comment, &'e str),
    Restored(Leaf, &'e Rendering),
}

impl Envelopes {
    /// Does jobs of `base` whose paths stand in `paths`.
    pub(super) fn make(
        base: &Document<'_>,
        jobs: Vec<Job<'_>>,
        cipher: &Cipher,
        paths: &[u8],
    ) -> Result<Self, CipherError> {
        let mut envelopes = Self { text: String::new(), done: Vec::with_capacity(jobs.len()) };
        let mut buffer = Vec::new();
        for Job { target, work } in jobs {
            match (work, target) {
                (Work::Encrypt(plaintext, nonce, path), _) => {
                    buffer.clear();
                    let aad = Aad::of_joined(&paths[path]);
                    let text = (plaintext.bytes(), plaintext.kind.as_str());
                    Envelope::append(cipher, &nonce, &aad, text, &mut buffer)?;
                    let envelope = std::str::from_utf8(&buffer);
                    let envelope = envelope.expect("base64 and type words are ASCII");
                    envelopes.add(base, target, envelope);
                }
                (Work::Keep(envelope), _) => envelopes.add(base, target, &envelope),
                (Work::Restore(text), Target::Leaf(leaf)) => {
                    envelopes.done.push(Done::Restored(leaf, text));
                }
                (Work::Restore(text), Target::Comment(_)) => {
                    envelopes.add(base, target, &text.site);
                }
            }
        }
        Ok(envelopes)
    }

    fn add(&mut self, base: &Document<'_>, target: Target, envelope: &str) {
        match &target {
            Target::Leaf(leaf) => {
                let rendering = base.format.render_envelope(base.source, leaf, envelope);
                self.text.push_str(&rendering.site);
            }
            Target::Comment(_) => self.text.push_str(envelope),
        }
        self.done.push(Done::New(target, self.text.len()));
    }

    /// Gives what is to be put in place, in document order.
    pub(super) fn iter(&self) -> impl Iterator<Item = Put<'_>> {
        let mut start = 0;
        self.done.iter().map(move |done| match done {
            Done::New(target, end) => {
                let text = &self.text[start..*end];
                start = *end;
                match target {
                    Target::Leaf(leaf) => Put::Site(*leaf, text),
                    Target::Comment(comment) => Put::Comment(*comment, text),
                }
            }
            Done::Restored(leaf, text) => Put::Restored(*leaf, text),
        })
    }
}
