use std::borrow::Cow;
use std::collections::HashMap;
use std::ops::Range;

use zeroize::Zeroizing;

use super::Document;
use super::old_block::OldBlock;
use super::plaintext::Plaintext;
use super::splice::OldText;
use crate::crypto::{Aad, Mac};
use crate::format::Rendering;
use crate::tree::{Comment, Leaf, ValueType};

/// The leaves of a file before an edit, so that what did not change keeps its ciphertext.
///
/// A leaf is unchanged when additional data, type and plaintext equal an old leaf's. Of several
/// equal ones that behind the last one found is taken, or else the first.
pub struct Unchanged<'d> {
    /// The encrypted text.
    source: &'d str,
    /// In document order.
    leaves: Vec<Old<'d>>,
    /// The additional data of all of them.
    paths: Vec<u8>,
    /// The plaintexts of all of them. Never moved while it grows, so that no copies stay in memory:
    /// a plaintext is shorter than its envelope, and all envelopes stand in the source.
    plaintexts: Zeroizing<Vec<u8>>,
    block: OldBlock,
    /// The text of the layout record, and its ciphertext.
    layout: Option<(Zeroizing<String>, String)>,
    /// The MAC over all values.
    mac: Option<Mac>,
}

/// An old leaf or comment.
pub(super) struct Old<'d> {
    kind: ValueType,
    path: Range<usize>,
    plaintext: Range<usize>,
    /// The ciphertext; nothing when it must not be written again.
    envelope: Option<Cow<'d, str>>,
    /// The leaf in the encrypted text; nothing for a comment, unless it is a list element there.
    leaf: Option<Leaf>,
    /// The comment in the encrypted text.
    comment: Option<Box<Comment>>,
    /// The text of the leaf in the decrypted file; nothing where that is the plaintext itself.
    clear: Option<Box<Rendering>>,
}

/// What makes an old leaf and a new one the same.
type Identity<'i> = (&'i [u8], ValueType, &'i [u8]);

impl<'d> Unchanged<'d> {
    pub(super) fn new(document: &'d Document<'_>) -> Self {
        let source = document.source;
        Self {
            source,
            leaves: Vec::new(),
            paths: Vec::new(),
            plaintexts: Vec::with_capacity(source.len()).into(),
            block: OldBlock::of(document),
            layout: None,
            mac: None,
        }
    }

    /// Adds a leaf, its envelope, and what takes its place in the decrypted text if that is not the
    /// plaintext itself.
    pub(super) fn add_leaf(
        &mut self,
        leaf: &Leaf,
        (aad, plaintext): (&Aad<'_>, &Plaintext<'_>),
        envelope: Cow<'d, str>,
        clear: Option<&Rendering>,
    ) {
        let clear = clear.map(|clear| Box::new(clear.clone()));
        let old = self.add(aad, plaintext);
        old.envelope = Some(envelope);
        old.leaf = Some(*leaf);
        old.clear = clear;
    }

    /// Adds a list element that becomes a comment, which gets a new ciphertext.
    pub(super) fn add_element(&mut self, leaf: &Leaf, aad: &Aad<'_>, text: &[u8]) {
        self.add(aad, &Plaintext::of_comment(text)).leaf = Some(*leaf);
    }

    /// Adds a comment; it has no envelope if its old one is not for the place where it stands.
    pub(super) fn add_comment(
        &mut self,
        comment: &Comment,
        aad: &Aad<'_>,
        text: &[u8],
        envelope: Option<Cow<'d, str>>,
    ) {
        let old = self.add(aad, &Plaintext::of_comment(text));
        old.envelope = envelope;
        old.comment = Some(Box::new(*comment));
    }

    fn add(&mut self, aad: &Aad<'_>, plaintext: &Plaintext<'_>) -> &mut Old<'d> {
        let path = append(&mut self.paths, aad.as_bytes());
        let kind = plaintext.kind;
        let plaintext = append(&mut self.plaintexts, plaintext.bytes());
        let (envelope, leaf, comment, clear) = (None, None, None, None);
        self.leaves.push(Old { kind, path, plaintext, envelope, leaf, comment, clear });
        self.leaves.last_mut().expect("one was just added")
    }

    pub(super) fn forget_leaves(&mut self) {
        self.leaves.clear();
        self.paths.clear();
        self.plaintexts.clear();
    }

    pub(super) fn set_layout(&mut self, text: Zeroizing<String>, envelope: &str) {
        self.layout = Some((text, envelope.to_owned()));
    }

    pub(super) fn layout(&self) -> Option<(&Zeroizing<String>, &str)> {
        self.layout.as_ref().map(|(text, envelope)| (text, envelope.as_str()))
    }

    /// Keeps the MAC over all values.
    pub(super) fn set_mac(&mut self, mac: Mac) {
        self.mac = Some(mac);
    }

    pub(super) fn mac(&self) -> Option<&Mac> {
        self.mac.as_ref()
    }

    /// Iterates over the leaves and comments: what each is, with its additional data and plaintext.
    pub(super) fn closed(&self) -> impl Iterator<Item = (&Old<'d>, Aad<'_>, &[u8])> {
        self.leaves.iter().map(|old| {
            let (path, _, plaintext) = self.identity(old);
            (old, Aad::of_joined(path), plaintext)
        })
    }

    pub(super) fn block(&self) -> &OldBlock {
        &self.block
    }

    /// Returns the old text of a leaf, if the leaf that takes it over is spelled in `source` as the
    /// old one was in the decrypted file.
    pub(super) fn old_text(&self, old: &Old<'_>, source: &str, leaf: &Leaf) -> Option<OldText<'_>> {
        let then = old.leaf.filter(|then| then.in_flow == leaf.in_flow)?;
        let (site, body) = (leaf.site.slice(source), leaf.body.slice(source));
        let plaintext = || &self.plaintexts[old.plaintext.clone()];
        let is_same = match &old.clear {
            Some(clear) => clear.site == site && clear.body == body,
            None => body.is_empty() && site.as_bytes() == plaintext(),
        };
        is_same.then(|| (then.site.slice(self.source), then.body.slice(self.source)))
    }

    fn identity(&self, old: &Old<'_>) -> Identity<'_> {
        (&self.paths[old.path.clone()], old.kind, &self.plaintexts[old.plaintext.clone()])
    }
}

impl Old<'_> {
    pub(super) fn kind(&self) -> ValueType {
        self.kind
    }

    pub(super) fn leaf(&self) -> Option<&Leaf> {
        self.leaf.as_ref()
    }

    pub(super) fn comment(&self) -> Option<&Comment> {
        self.comment.as_deref()
    }

    pub(super) fn envelope(&self) -> Option<&str> {
        self.envelope.as_deref()
    }
}

/// Appends bytes and tells where they stand.
fn append(buffer: &mut Vec<u8>, bytes: &[u8]) -> Range<usize> {
    let start = buffer.len();
    buffer.extend_from_slice(bytes);
    start..buffer.len()
}

/// Gives each new leaf the old one that it takes the place of.
pub(super) struct Heirs<'u> {
    unchanged: &'u Unchanged<'u>,
    /// The old leaf behind the last one taken, which most often comes next.
    next: usize,
    is_taken: Vec<bool>,
    index: Option<Index<'u>>,
}

/// The old leaves by identity, made when one does not come in its turn.
struct Index<'u> {
    first: HashMap<Identity<'u>, usize>,
    /// For the first leaf of an identity the first one that may be free, for others themselves.
    free: Vec<usize>,
    /// The next leaf of the same identity; the number of leaves if there is none.
    next: Vec<usize>,
}

impl<'u> Heirs<'u> {
    pub(super) fn new(unchanged: &'u Unchanged<'u>) -> Self {
        let is_taken = vec![false; unchanged.leaves.len()];
        Self { unchanged, next: 0, is_taken, index: None }
    }

    pub(super) fn unchanged(&self) -> &'u Unchanged<'u> {
        self.unchanged
    }

    /// Takes the old leaf that a new one equals.
    pub(super) fn take(&mut self, aad: &Aad<'_>, plaintext: &Plaintext<'_>) -> Option<&'u Old<'u>> {
        let identity = (aad.as_bytes(), plaintext.kind, plaintext.bytes());
        let is_next = |old: &Old<'_>| self.unchanged.identity(old) == identity;
        let is_in_turn = self.unchanged.leaves.get(self.next).is_some_and(is_next);
        let found = if is_in_turn && !self.is_taken[self.next] {
            self.next
        } else {
            self.look_up(identity)?
        };
        self.is_taken[found] = true;
        self.next = found + 1;
        self.unchanged.leaves.get(found)
    }

    fn look_up(&mut self, identity: Identity<'_>) -> Option<usize> {
        let Index { first, free, next } =
            self.index.get_or_insert_with(|| Index::new(self.unchanged));
        let first = *(*first).get(&identity)?;
        while *self.is_taken.get(free[first])? {
            free[first] = next[free[first]];
        }
        Some(free[first])
    }
}

impl<'u> Index<'u> {
    fn new(unchanged: &'u Unchanged<'u>) -> Self {
        let count = unchanged.leaves.len();
        let mut first = HashMap::with_capacity(count);
        let mut next = vec![count; count];
        for (at, old) in unchanged.leaves.iter().enumerate().rev() {
            if let Some(later) = first.insert(unchanged.identity(old), at) {
                next[at] = later;
            }
        }
        Self { first, free: (0..count).collect(), next }
    }
}
