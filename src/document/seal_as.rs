//! Encrypts what a text of one format holds as a text of another (`docs/design/003-conversion.md`).

use zeroize::Zeroizing;

use super::Document;
use super::aliases::{self, ClearCopy};
use super::error::SealError;
use super::plaintext::Plaintext;
use super::seal::{self, Place, SealOptions, Sealed};
use super::walk::{Item, Walk};
use crate::crypto::Randomness;
use crate::format::{EmitError, Format, Indent, ScanError, binary};
use crate::metadata::Selector;
use crate::text::line_of;
use crate::tree::{Branch, Container, Grower, LeafValue, Part, Scalar, Value};

/// What a text in clear holds: its values with their types, and its comments, aliases replaced by
/// what they stand for.
pub struct ClearTree {
    documents: Vec<Branch>,
    clear_copies: Vec<ClearCopy>,
}

impl ClearTree {
    /// Reads a text that is to be encrypted as one of the format `output`.
    ///
    /// # Errors
    /// The text is not of its format, is encrypted already, or holds what cannot be encrypted.
    pub fn read(
        source: &str,
        format: Format,
        output: Format,
        selector: &Selector,
    ) -> Result<Self, SealError> {
        let document = Document::parse(source, format)?;
        check_not_encrypted(&document, output)?;
        seal::check_content(&document)?;
        check_values(&document, selector)?;
        let documents = Grower::new(source, &document.scan).documents(0);
        let documents = documents.map_err(|bomb| ScanError::of_bomb(source, &bomb))?;
        Ok(Self { documents, clear_copies: aliases::clear_copies(&document, selector)? })
    }

    /// Takes what a decrypted file holds.
    #[must_use]
    pub fn of_documents(documents: Vec<Branch>) -> Self {
        Self { documents, clear_copies: Vec::new() }
    }

    /// Takes a binary file, which is one value.
    #[must_use]
    pub fn of_bytes(bytes: &[u8]) -> Self {
        let mut document = Branch::new();
        document.push(Part::Enter(Container::Mapping));
        document.push(Part::Key(binary::KEY.as_bytes().to_vec()));
        document.push(Part::Scalar(Scalar::Value(Value::str(bytes))));
        document.push(Part::Leave);
        Self { documents: vec![document], clear_copies: Vec::new() }
    }

    /// Writes the tree as a text in clear.
    ///
    /// # Errors
    /// The format cannot hold a value, or not as many documents.
    pub fn emit(&self, format: Format, indent: Indent) -> Result<Zeroizing<String>, EmitError> {
        let is_filled =
            |branch: &Branch| branch.parts().iter().any(|it| matches!(it, Part::Key(_)));
        if !format.holds_documents() && self.documents.iter().skip(1).any(is_filled) {
            return Err(EmitError::SeveralDocuments { count: self.documents.len(), format });
        }
        format.emit(&self.documents, indent)
    }

    /// Returns the values of all leaves that a text of a format holds, in order.
    fn values(&self, format: Format) -> Vec<&Scalar> {
        let count = if format.holds_documents() { usize::MAX } else { 1 };
        let parts = self.documents.iter().take(count).flat_map(Branch::parts);
        let scalars = parts.filter_map(|part| match part {
            Part::Scalar(scalar) => Some(scalar),
            _ => None,
        });
        scalars.collect()
    }
}

/// Encrypts a tree that was written as `text`: new data key, new metadata block. Envelopes hold
/// the values of the tree, and what stays in clear counts as it is read from the text.
///
/// # Errors
/// The text cannot be encrypted, or the result would not be read back as it was meant.
pub fn seal_as(
    tree: &ClearTree,
    text: &str,
    options: SealOptions<'_>,
    randomness: &dyn Randomness,
) -> Result<Sealed, SealError> {
    let values = tree.values(options.format);
    let mut sealed = seal::seal_values_as(text, &values, options, randomness)?;
    sealed.clear_copies.clone_from(&tree.clear_copies);
    Ok(sealed)
}

/// Refuses a text with a metadata block, and one with an item that the output's format would take
/// for it.
fn check_not_encrypted(document: &Document<'_>, output: Format) -> Result<(), SealError> {
    let Some(line) = document.metadata_line() else { return Ok(()) };
    let found = document.format.block_name();
    let is_encrypted = matches!(document.metadata(), Ok(Some(_)));
    if is_encrypted || found == output.block_name() {
        return Err(SealError::AlreadyEncrypted { line, found });
    }
    Ok(())
}

/// Refuses values that have no encrypted form, in clear places too: the MAC cannot cover them.
fn check_values(document: &Document<'_>, selector: &Selector) -> Result<(), SealError> {
    let source = document.source;
    Walk::new(document, selector).run(|stop| {
        let Item::Leaf(leaf) = stop.item else { return Ok(()) };
        let is_possible = leaf.value == LeafValue::Null
            || Plaintext::of_leaf(&document.scan, source, leaf.value).is_some();
        if is_possible {
            return Ok(());
        }
        let place = Place { line: line_of(source, leaf.site.start()), path: stop.place.path() };
        Err(if leaf.value == LeafValue::TooBig {
            SealError::IntegerTooBig(place)
        } else {
            SealError::TimeOffset(place)
        })
    })
}
