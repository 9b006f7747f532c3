use std::ops::Range;

use super::plaintext::Plaintext;
use crate::crypto::{Aad, Cipher, CipherError, Envelope, Nonce};
use crate::tree::{Comment, Leaf};

/// A value or comment that gets a new ciphertext.
pub(super) struct Job<'d> {
    pub(super) target: Target,
    pub(super) plaintext: Plaintext<'d>,
    pub(super) nonce: Nonce,
    /// Where its path stands among the joined paths.
    pub(super) path: Range<usize>,
}

/// Where an envelope goes.
#[derive(Clone, Copy)]
pub(super) enum Target {
    Leaf(Leaf),
    Comment(Comment),
}

/// The envelopes of several jobs, in one piece of text.
pub(super) struct Envelopes<'j> {
    text: String,
    /// The target of each, and where it ends in the text.
    ends: Vec<(&'j Target, usize)>,
}

impl<'j> Envelopes<'j> {
    /// Does jobs whose paths stand in `paths`.
    pub(super) fn encrypt(
        jobs: &'j [Job<'_>],
        cipher: &Cipher,
        paths: &[u8],
    ) -> Result<Self, CipherError> {
        let mut output = Vec::new();
        let mut ends = Vec::with_capacity(jobs.len());
        for Job { target, plaintext, nonce, path } in jobs {
            let aad = Aad::of_joined(&paths[path.clone()]);
            let text = (plaintext.bytes(), plaintext.kind.as_str());
            Envelope::append(cipher, nonce, &aad, text, &mut output)?;
            ends.push((target, output.len()));
        }
        let text = String::from_utf8(output).expect("base64 and type words are ASCII");
        Ok(Self { text, ends })
    }

    /// Gives each target with its envelope.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Target, &str)> {
        let starts = std::iter::once(0).chain(self.ends.iter().map(|(_, end)| *end));
        let spans = starts.zip(&self.ends);
        spans.map(|(start, (target, end))| (**target, &self.text[start..*end]))
    }
}
