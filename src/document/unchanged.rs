use std::collections::{HashMap, VecDeque};

use super::plaintext::Plaintext;
use super::splice::SiteText;
use crate::crypto::Aad;
use crate::text::Newline;
use crate::tree::{Leaf, ValueType};

/// The leaves of a file before an edit, so that what did not change keeps its ciphertext.
///
/// A leaf is unchanged when additional data, type and plaintext equal an old leaf's; equal ones
/// are used up in document order.
pub struct Unchanged {
    leaves: HashMap<Identity, VecDeque<Kept>>,
    block: OldBlock,
}

#[derive(PartialEq, Eq)]
struct Identity {
    aad: Aad<'static>,
    kind: ValueType,
    plaintext: zeroize::Zeroizing<Vec<u8>>,
}

impl std::hash::Hash for Identity {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.aad.hash(state);
        self.kind.hash(state);
        self.plaintext.as_slice().hash(state);
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

/// The text of a metadata block and the places of the fields that an edit changes.
#[derive(Clone, Debug, Default)]
pub(super) struct OldBlock {
    pub(super) text: String,
    /// Sites of `mac` and `lastmodified` in the text.
    pub(super) mac: Option<std::ops::Range<usize>>,
    pub(super) last_modified: Option<std::ops::Range<usize>>,
}

impl Unchanged {
    pub(super) fn new(block: OldBlock) -> Self {
        Self { leaves: HashMap::new(), block }
    }

    pub(super) fn add(&mut self, aad: Aad<'_>, plaintext: &Plaintext<'_>, kept: Kept) {
        let identity = Identity::new(aad, plaintext);
        self.leaves.entry(identity).or_default().push_back(kept);
    }

    pub(super) fn take(&mut self, aad: Aad<'_>, plaintext: &Plaintext<'_>) -> Option<Kept> {
        let identity = Identity::new(aad, plaintext);
        self.leaves.get_mut(&identity)?.pop_front()
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
        self.envelope.is_some() && SiteText::of(source, leaf) == self.clear
    }
}

impl OldBlock {
    /// Returns the block with another MAC and date, in the line ends of `source`.
    pub(super) fn with_fields(&self, source: &str, mac: &str, last_modified: &str) -> String {
        let mut fields: Vec<(std::ops::Range<usize>, String)> = Vec::new();
        fields.extend(self.mac.clone().map(|at| {
            let quote = self.text[at.clone()].chars().next().filter(|it| matches!(it, '"' | '\''));
            let quote = quote.map_or(String::new(), String::from);
            (at, format!("{quote}{mac}{quote}"))
        }));
        let quoted = format!("\"{last_modified}\"");
        fields.extend(self.last_modified.clone().map(|at| (at, quoted)));
        fields.sort_by_key(|(at, _)| std::cmp::Reverse(at.start));
        let mut text = self.text.clone();
        for (at, field) in fields {
            text.replace_range(at, &field);
        }
        if !text.ends_with('\n') {
            text.push_str(Newline::of(source).as_str());
        }
        text
    }
}
