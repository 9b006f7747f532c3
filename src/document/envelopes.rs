use std::ops::Range;

use super::Document;
use super::error::SealError;
use super::plaintext::Plaintext;
use super::seal::Place;
use crate::crypto::{Aad, Cipher, EnvelopeWriter, Nonces, Randomness};
use crate::format::Rendering;
use crate::tree::{Comment, Leaf, Path};

/// What is done to a value or comment that is encrypted.
pub(super) enum Job<'d> {
    /// It gets an envelope.
    Close(Target, Work<'d>),
    /// The old text of the leaf comes back as it was.
    Restore(Leaf, Rendering),
}

/// Where an envelope goes.
#[derive(Clone, Copy)]
pub(super) enum Target {
    Leaf(Leaf),
    Comment(Comment),
}

/// How an envelope comes about.
pub(super) enum Work<'d> {
    /// A new ciphertext of a value whose path stands at this place among the joined paths.
    Encrypt(Plaintext<'d>, Range<usize>),
    /// An old envelope is written anew.
    Keep(String),
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
        (cipher, randomness): (&Cipher, &dyn Randomness),
        paths: &[u8],
    ) -> Result<Self, SealError> {
        // only a text of more than 64 GiB fails, and none is as long
        let place = || Place { line: 1, path: Path::new() };
        let mut text = Vec::new();
        let mut nonces = Nonces::new(randomness);
        let mut writer = EnvelopeWriter::new(cipher);
        let mut done = Vec::with_capacity(jobs.len());
        for job in jobs {
            let (target, work) = match job {
                Job::Close(target, work) => (target, work),
                Job::Restore(leaf, old) => {
                    done.push(Done::Restored(leaf, old));
                    continue;
                }
            };
            let (before, after) = match &target {
                Target::Leaf(leaf) => base.format.around_envelope(base.source, leaf),
                Target::Comment(_) => ("".into(), ""),
            };
            text.extend_from_slice(before.as_bytes());
            match work {
                Work::Encrypt(plaintext, path) => {
                    let aad = Aad::of_joined(&paths[path]);
                    let value = (plaintext.bytes(), plaintext.kind.as_str());
                    let written = writer.append(&nonces.draw()?, &aad, value, &mut text);
                    written.map_err(|error| SealError::Cipher(place(), error))?;
                }
                Work::Keep(old) => text.extend_from_slice(old.as_bytes()),
            }
            text.extend_from_slice(after.as_bytes());
            done.push(Done::New(target, text.len()));
        }
        let text = String::from_utf8(text).expect("all pieces are text");
        Ok(Self { text, done })
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
