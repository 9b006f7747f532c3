use std::collections::{HashMap, VecDeque};

use zeroize::Zeroizing;

use super::old_block::OldBlock;
use super::plaintext::Plaintext;
use super::splice::SiteText;
use crate::crypto::Aad;
use crate::tree::{Leaf, ValueType};

/// The leaves of a file before an edit, so that what did not change keeps its ciphertext.
///
/// A leaf is unchanged when additional data, type and plaintext equal an old leaf's; equal ones
/// are used up in document order.
pub struct Unchanged {
    leaves: HashMap<Identity, Queue>,
    block: OldBlock,
    /// The text of the layout record, and its ciphertext.
    layout: Option<(Zeroizing<String>, String)>,
}

#[derive(PartialEq, Eq)]
struct Identity {
    aad: Aad<'static>,
    kind: ValueType,
    plaintext: Zeroizing<Vec<u8>>,
}

impl std::hash::Hash for Identity {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.aad.hash(state);
        self.kind.hash(state);
        self.plaintext.as_slice().hash(state);
    }
}

/// The old leaves of one identity, in document order. There is hardly ever more than one.
#[derive(Default)]
struct Queue {
    first: Option<Kept>,
    rest: VecDeque<Kept>,
}

impl Queue {
    fn push(&mut self, kept: Kept) {
        if self.first.is_none() && self.rest.is_empty() {
            self.first = Some(kept);
        } else {
            self.rest.push_back(kept);
        }
    }

    fn pop(&mut self) -> Option<Kept> {
        self.first.take().or_else(|| self.rest.pop_front())
    }
}

/// What an old leaf leaves to its successor.
pub(super) struct Kept {
    /// The old ciphertext; nothing when it must not be written again.
    pub(super) envelope: Option<String>,
    /// The old text of the leaf in the encrypted file.
    pub(super) site: SiteText,
    /// The text of the leaf in the decrypted file.
    clear: SiteText,
}

impl Unchanged {
    pub(super) fn new(block: OldBlock) -> Self {
        Self { leaves: HashMap::new(), block, layout: None }
    }

    pub(super) fn add(&mut self, aad: Aad<'_>, plaintext: &Plaintext<'_>, kept: Kept) {
        let identity = Identity::new(aad, plaintext);
        self.leaves.entry(identity).or_default().push(kept);
    }

    pub(super) fn take(&mut self, aad: Aad<'_>, plaintext: &Plaintext<'_>) -> Option<Kept> {
        let identity = Identity::new(aad, plaintext);
        self.leaves.get_mut(&identity)?.pop()
    }

    pub(super) fn forget_leaves(&mut self) {
        self.leaves.clear();
    }

    pub(super) fn set_layout(&mut self, text: Zeroizing<String>, envelope: &str) {
        self.layout = Some((text, envelope.to_owned()));
    }

    pub(super) fn layout(&self) -> Option<(&Zeroizing<String>, &str)> {
        self.layout.as_ref().map(|(text, envelope)| (text, envelope.as_str()))
    }

    pub(super) fn block(&self) -> &OldBlock {
        &self.block
    }
}

impl Identity {
    fn new(aad: Aad<'_>, plaintext: &Plaintext<'_>) -> Self {
        let Plaintext { kind, .. } = *plaintext;
        Self { aad: aad.into_owned(), kind, plaintext: plaintext.bytes().to_vec().into() }
    }
}

impl Kept {
    pub(super) fn new(envelope: Option<String>, site: SiteText, clear: SiteText) -> Self {
        Self { envelope, site, clear }
    }

    /// Tells whether a leaf of the new clear text is spelled as the old one was.
    pub(super) fn is_site_unchanged(&self, source: &str, leaf: &Leaf) -> bool {
        let SiteText { site, body, in_flow } = &self.clear;
        self.envelope.is_some()
            && leaf.in_flow == *in_flow
            && leaf.site.slice(source) == site
            && leaf.body.slice(source) == body
    }
}
