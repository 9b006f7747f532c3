use zeroize::Zeroizing;

use super::encrypt::EncryptError;
use crate::crypto::Randomness;
use crate::document::{self, ClearTree, OpenedTree, SealError, SealOptions, Sealed};
use crate::format::{Format, Indent};
use crate::metadata::{Metadata, Selector};
use crate::text;

/// The other format that a file is to have.
#[derive(Clone, Copy, Debug)]
pub struct Conversion {
    /// The format.
    pub format: Format,
    /// How its lines are indented.
    pub indent: Indent,
}

/// A file in clear, written anew in another format; its values keep the types that they had
/// (`docs/design/003-conversion.md`).
pub(super) struct Converted {
    tree: ClearTree,
    text: Zeroizing<String>,
    format: Format,
}

impl Converted {
    /// Reads a file in clear and writes it anew.
    pub(super) fn new(
        clear: &[u8],
        format: Format,
        selector: &Selector,
        conversion: Conversion,
    ) -> Result<Self, EncryptError> {
        let output = conversion.format;
        let tree = if format == Format::Binary {
            ClearTree::of_bytes(clear)
        } else {
            ClearTree::read(text::decode(clear)?, format, output, selector)?
        };
        Self::of_tree(tree, conversion)
    }

    /// Takes a file that was decrypted, and writes it anew.
    pub(super) fn of_opened(
        opened: &OpenedTree<'_>,
        conversion: Conversion,
    ) -> Result<Self, EncryptError> {
        let documents = opened.documents().map_err(SealError::from)?;
        Self::of_tree(ClearTree::of_documents(documents), conversion)
    }

    fn of_tree(tree: ClearTree, conversion: Conversion) -> Result<Self, EncryptError> {
        let Conversion { format, indent } = conversion;
        let text = tree.emit(format, indent)?;
        Ok(Self { tree, text, format })
    }

    /// Encrypts it.
    pub(super) fn seal(
        &self,
        options: SealOptions<'_>,
        randomness: &dyn Randomness,
    ) -> Result<Sealed, EncryptError> {
        let Self { tree, text, format } = self;
        document::seal_as(tree, text, options, randomness)
            .map_err(|error| EncryptError::SealAs { format: *format, error })
    }
}

/// Tells how the metadata of a file goes on in another format: a binary file has nothing to select,
/// and a file without layout record gets none.
pub(super) fn carried_over(metadata: Metadata, format: Format) -> (Metadata, bool) {
    let keeps_layout = metadata.layout.is_some();
    let metadata = match format {
        Format::Binary => {
            Metadata { selector: Selector::default(), mac_only_encrypted: false, ..metadata }
        }
        _ => metadata,
    };
    (metadata, keeps_layout)
}
