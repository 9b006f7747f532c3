//! A document of any format: which leaves are encrypted, their cipher and MAC, and the edits that
//! turn the clear text into the encrypted one and back.
//!
//! Owns the engine; knows no files, no master keys and no configuration. Clock and randomness are
//! passed in.

mod aliases;
mod binary;
mod change;
mod elements;
mod envelopes;
mod error;
mod events;
mod exposed;
mod layout;
mod old_block;
mod open;
mod opened_tree;
mod plaintext;
mod retype;
mod rewrite;
mod seal;
mod seal_as;
mod select;
mod shown;
mod splice;
mod tags;
mod unchanged;
mod values;
mod verify;
mod walk;

pub use aliases::ClearCopy;
pub use binary::{
    BinarySource, Front, OpenedBinary, SealedBinary, open_binary, seal_binary, seal_binary_input,
};
pub use change::{Changed, change};
pub use error::{OpenError, SealError};
pub use exposed::{ExposedValue, exposed};
pub use open::{OpenOptions, Opened, Warning, open, open_to_change, open_tree, opens_mac};
pub use opened_tree::OpenedTree;
pub use rewrite::{RewriteError, Rotated, Rotation, replace_keys, replace_settings, rotate};
pub use seal::{Place, SealOptions, Sealed, reseal, reseal_with, seal};
pub use seal_as::{ClearTree, seal_as};
pub use shown::{BlockError, Shown, show};
pub use unchanged::Unchanged;

use crate::format::{DocumentPart, Format, ScanError};
use crate::metadata::{Metadata, MetadataError};
use crate::text::{Span, line_of};
use crate::tree::{Event, Scan};

/// How many events a metadata block may have: that is some 80 000 recipients, and less memory than
/// a text of that size takes.
const METADATA_LIMIT: usize = 500_000;

/// A scanned text with its documents.
pub struct Document<'s> {
    format: Format,
    source: &'s str,
    scan: Scan,
    parts: Vec<DocumentPart>,
}

impl<'s> Document<'s> {
    /// Scans a text.
    ///
    /// # Errors
    /// The text is not of its format.
    pub fn parse(source: &'s str, format: Format) -> Result<Self, ScanError> {
        let scan = format.scan(source)?;
        let parts = format.documents(source, &scan);
        Ok(Self { format, source, scan, parts })
    }

    /// Returns the text.
    #[must_use]
    pub fn source(&self) -> &'s str {
        self.source
    }

    /// Returns the number of documents.
    #[must_use]
    pub fn count(&self) -> usize {
        self.parts.len()
    }

    /// Returns the line of the first metadata block, or of any item that would be taken for one.
    #[must_use]
    pub fn metadata_line(&self) -> Option<usize> {
        let mut blocks = self.parts.iter().flat_map(|part| &part.blocks);
        blocks.next().map(|block| line_of(self.source, block.span.start()))
    }

    /// Returns the places of the metadata blocks, whole lines where they are such.
    pub fn block_spans(&self) -> impl Iterator<Item = Span> {
        let blocks = self.parts.iter().flat_map(|part| &part.blocks);
        blocks.map(|block| self.format.block_span(self.source, block))
    }

    /// Reads the metadata block of the first document; nothing when it has none.
    ///
    /// # Errors
    /// The block is not what a metadata block must be.
    pub fn metadata(&self) -> Result<Option<Metadata>, MetadataError> {
        let Some(block) = self.parts.first().and_then(|part| part.blocks.first()) else {
            return Ok(None);
        };
        if block.events.len() > METADATA_LIMIT {
            return Err(MetadataError::TooLarge);
        }
        let tree = self.format.block_tree(self.source, &self.scan, block)?;
        let is_empty = matches!(&tree, crate::tree::Tree::Mapping(items) if items.is_empty());
        if is_empty { Ok(None) } else { Metadata::from_tree(&tree).map(Some) }
    }

    /// Tells whether the text has any comment.
    fn has_comments(&self) -> bool {
        self.scan.events.iter().any(|event| matches!(event, Event::Comment(_)))
    }
}
