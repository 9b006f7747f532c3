//! Changes fields of a metadata block and leaves every other byte of it alone.
//!
//! Owns the places of fields and list elements in each format, and how new ones are written beside
//! them. Does not know what the fields mean.

mod compare;
mod flat;
mod flow;
mod lines;
mod nested;
mod node;

pub use compare::is_same;

use super::part::Block;
use super::{Format, subtree};
use crate::metadata::{self, MetadataError};
use crate::text::Edits;
use crate::tree::{Scan, Tree};

/// What a field is to be; nothing for one that is to go.
pub type Field<'f> = (&'f str, Option<Tree>);

impl Format {
    /// Adds the edits after which a block has the given fields, and all others as before. An
    /// element of a list that stays as it is keeps its text, and one that differs in `enc` alone
    /// all but that.
    ///
    /// # Errors
    /// The block cannot be read.
    pub fn set_fields(
        self,
        source: &str,
        scan: &Scan,
        block: &Block,
        fields: &[Field<'_>],
        edits: &mut Edits,
    ) -> Result<(), MetadataError> {
        match self {
            Self::Dotenv | Self::Ini => {
                let lines: Vec<_> =
                    fields.iter().map(|(name, it)| (*name, flat(name, it.as_ref()))).collect();
                flat::set(self, source, scan, block, &lines, edits);
            }
            Self::Yaml | Self::Json | Self::Binary => {
                let old = subtree(source, scan, block.events.start + 1)
                    .map_err(|_| MetadataError::AliasBomb)?;
                nested::set(self, source, scan, block, &old, fields, edits);
            }
        }
        Ok(())
    }
}

/// Returns the lines of a field, by name.
fn flat(name: &str, field: Option<&Tree>) -> Vec<(String, String)> {
    let field = field.map(|tree| (name.to_owned(), tree.clone()));
    metadata::flatten(&Tree::Mapping(field.into_iter().collect()))
}

#[cfg(test)]
mod tests;
