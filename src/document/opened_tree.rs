use zeroize::{Zeroize, Zeroizing};

use super::Document;
use super::elements::CommentElement;
use super::open::Warning;
use super::retype::leaf_value;
use super::values::Values;
use crate::format::{Format, Indent, PickError, ScanError, pick};
use crate::tree::{Branch, Comment, Event, Grower, Scan, Step};

/// What a decrypted text holds: its values with their types, and its comments, in the order of the
/// reference's tree. It is written anew in any format.
///
/// It is the scan of the encrypted text with the clear values put in and the metadata blocks left
/// out, so that nothing is lost on the way through a text. Strings are overwritten in memory when it
/// is dropped.
pub struct OpenedTree<'s> {
    source: &'s str,
    scan: Scan,
    warnings: Vec<Warning>,
}

/// What takes the place of something encrypted, by events.
#[derive(Default)]
pub(super) struct Clear {
    /// Values.
    pub(super) values: Values,
    /// Comments that are comments in the encrypted text too.
    pub(super) comments: Vec<(usize, Zeroizing<String>)>,
    /// Comments that are list elements in the encrypted text.
    pub(super) elements: Vec<CommentElement>,
}

impl<'s> OpenedTree<'s> {
    pub(super) fn new(document: &Document<'s>, clear: Clear, warnings: Vec<Warning>) -> Self {
        let mut scan = document.scan.clone();
        for (at, value) in clear.values.iter() {
            let value = leaf_value(&mut scan, &value.to_value());
            if let Event::Leaf(leaf) = &mut scan.events[at] {
                leaf.value = value;
            }
        }
        for (at, text) in clear.comments {
            let text = scan.keep(text.as_bytes());
            if let Event::Comment(comment) = &mut scan.events[at] {
                comment.text = text;
            }
        }
        for CommentElement { event, text } in clear.elements {
            let text = scan.keep(text.into_bytes());
            if let Event::Leaf(leaf) = scan.events[event] {
                let line = Comment::line(leaf.site);
                scan.events[event] = Event::Comment(Comment { text, in_sequence: true, ..line });
            }
        }
        remove_blocks(document, &mut scan);
        Self { source: document.source, scan, warnings }
    }

    /// Returns what deserves attention.
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// Tells of documents that a text of a format has no place for.
    #[must_use]
    pub fn left_out(&self, format: Format) -> Option<Warning> {
        let documents = self.scan.events.split(|event| matches!(event, Event::Document(_)));
        let is_filled = |events: &&[Event]| events.iter().any(|it| matches!(it, Event::Key(_)));
        // nothing stands before the first
        let count = documents.skip(2).filter(is_filled).count();
        (count > 0 && !format.holds_documents())
            .then_some(Warning::DocumentsLeftOut { count, format })
    }

    /// Returns the documents, aliases replaced by what they stand for.
    ///
    /// # Errors
    /// The aliases stand for too many values.
    pub fn documents(&self) -> Result<Vec<Branch>, ScanError> {
        let documents = Grower::new(self.source, &self.scan).documents(0);
        documents.map_err(|bomb| ScanError::of_bomb(self.source, &bomb))
    }

    /// Writes all documents anew; those that the format does not hold are left out.
    ///
    /// # Errors
    /// A value has no form in the format.
    pub fn emit(&self, format: Format, indent: Indent) -> Result<Zeroizing<Vec<u8>>, PickError> {
        Ok(format.emit_bytes(&self.documents()?, indent)?)
    }

    /// Writes the value at an index path of the first document anew ([`pick`]).
    ///
    /// # Errors
    /// The path leads nowhere, or to what the format cannot hold.
    pub fn pick(
        &self,
        path: &[Step],
        format: Format,
        indent: Indent,
    ) -> Result<Zeroizing<Vec<u8>>, PickError> {
        pick(self.source, &self.scan, path, format, indent)
    }
}

impl Drop for OpenedTree<'_> {
    fn drop(&mut self) {
        self.scan.decoded.iter_mut().for_each(Zeroize::zeroize);
    }
}

fn remove_blocks(document: &Document<'_>, scan: &mut Scan) {
    let mut blocks = document.parts.iter().flat_map(|part| &part.blocks).map(|it| &it.events);
    let mut block = blocks.next();
    let mut at = 0;
    scan.events.retain(|_| {
        while block.is_some_and(|events| events.end <= at) {
            block = blocks.next();
        }
        let is_kept = !block.is_some_and(|events| events.contains(&at));
        at += 1;
        is_kept
    });
}
