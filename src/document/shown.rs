//! A text in clear with its metadata block below, as who edits both gets to see it.

use zeroize::Zeroizing;

use super::error::SealError;
use super::splice;
use super::unchanged::Unchanged;
use super::{Document, METADATA_LIMIT};
use crate::format::{Block, Format, ScanError};
use crate::metadata::{Metadata, MetadataError};
use crate::text::{EditError, Edits, line_of};
use crate::tree::{Event, LeafValue, Tree};

/// The reasons why a text with its metadata block cannot be taken apart.
#[derive(Debug, thiserror::Error)]
pub enum BlockError {
    /// The text is not of its format.
    #[error(transparent)]
    Scan(#[from] ScanError),
    /// There is no block.
    #[error("the sops block is gone, without which nobody could decrypt the file")]
    Missing,
    /// There are two of them.
    #[error("line {line}: the file has a second sops block")]
    Second {
        /// Line of the second one.
        line: usize,
    },
    /// The block cannot be used.
    #[error("line {line}: {error}")]
    Metadata {
        /// Line of the field, or of the block.
        line: usize,
        /// What is wrong.
        #[source]
        error: MetadataError,
    },
    /// Edits contradict each other; an internal error.
    #[error("internal error: {0}")]
    Edit(#[from] EditError),
}

/// Puts a metadata block below a text in clear: the old one as it stands in the encrypted file, or
/// a new one. Several documents get one block, in the last of them, so that no line moves.
///
/// # Errors
/// The text is not of its format.
pub fn show(
    text: &str,
    format: Format,
    metadata: &Metadata,
    unchanged: Option<&Unchanged<'_>>,
    indent: usize,
) -> Result<Zeroizing<String>, SealError> {
    let document = Document::parse(text, format)?;
    let Some(part) = document.parts.last() else { return Err(SealError::NoDocument) };
    let block = match unchanged {
        Some(unchanged) => unchanged.block().unchanged(text),
        None => format.write_block(text, part, &metadata.to_tree(), indent),
    };
    let mut edits = Edits::new();
    format.insert_block(text, part, &block, &mut edits);
    let leaves = document.scan.events.iter().rev();
    let last = leaves.filter_map(|event| match event {
        Event::Leaf(leaf) => Some(leaf),
        _ => None,
    });
    if let Some(leaf) = last.take(1).next() {
        splice::keep_missing_line_end(&document, leaf, &mut edits);
    }
    Ok(edits.apply(text)?.into())
}

/// A text with its metadata block, both in clear.
pub struct Shown<'t> {
    document: Document<'t>,
    block: Block,
    /// What the block says.
    pub tree: Tree,
}

impl<'t> Shown<'t> {
    /// Reads a text that has one metadata block.
    ///
    /// # Errors
    /// The text is not of its format, has not one block, or that cannot be read.
    pub fn parse(text: &'t str, format: Format) -> Result<Self, BlockError> {
        let document = Document::parse(text, format)?;
        let mut blocks = document.parts.iter().flat_map(|part| &part.blocks);
        let block = blocks.next().ok_or(BlockError::Missing)?.clone();
        if let Some(second) = blocks.next() {
            return Err(BlockError::Second { line: line_of(text, second.span.start()) });
        }
        let tree = if block.events.len() > METADATA_LIMIT {
            Err(MetadataError::TooLarge)
        } else {
            format.block_tree(text, &document.scan, &block)
        };
        let shown = Self { document, block, tree: Tree::Null };
        match tree {
            Ok(tree) => Ok(Self { tree, ..shown }),
            Err(error) => Err(shown.refused(error)),
        }
    }

    /// Returns the text without the block.
    ///
    /// # Errors
    /// Edits contradict each other; an internal error.
    pub fn clear(&self) -> Result<Zeroizing<String>, BlockError> {
        let Document { format, source, scan, parts } = &self.document;
        let mut edits = Edits::new();
        for part in parts {
            format.remove_block(source, scan, part, &mut edits);
        }
        Ok(edits.apply(source)?.into())
    }

    /// Names the place of what is wrong with the block.
    #[must_use]
    pub fn refused(&self, error: MetadataError) -> BlockError {
        let line =
            error.field().map_or_else(|| self.line(|_, _| false), |it| self.line_of_field(it));
        BlockError::Metadata { line, error }
    }

    /// Returns the line of a field of the block, or that of the block.
    #[must_use]
    pub fn line_of_field(&self, field: &str) -> usize {
        self.line(|text, is_key| is_key && is_of(field, text))
    }

    /// Returns the line of a value in the block, or that of the block.
    #[must_use]
    pub fn line_of_value(&self, value: &str) -> usize {
        self.line(|text, is_key| !is_key && text == value)
    }

    /// Returns the line of the first key or string of the block that fits, or that of the block.
    fn line(&self, is_wanted: impl Fn(&str, bool) -> bool) -> usize {
        let Document { source, scan, .. } = &self.document;
        let mut events = scan.events[self.block.events.clone()].iter();
        let place = events.find_map(|event| {
            let (text, is_key, span) = match event {
                Event::Key(key) => (key.text, true, key.span),
                Event::Leaf(leaf) => match leaf.value {
                    LeafValue::Str(text) => (text, false, leaf.site),
                    _ => return None,
                },
                _ => return None,
            };
            is_wanted(&scan.str(source, text), is_key).then_some(span)
        });
        line_of(source, place.unwrap_or(self.block.span).start())
    }
}

/// Tells whether a key of a block is the field, or one of its lines in a flat block.
fn is_of(field: &str, key: &str) -> bool {
    let key = key.strip_prefix("sops_").unwrap_or(key);
    key == field || key.strip_prefix(field).is_some_and(|rest| rest.starts_with("__"))
}
