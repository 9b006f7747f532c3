//! The layout record: how a file was spelled where decryption alone would spell it otherwise.
//!
//! Owns the record's grammar (`docs/format.md`), what goes into it when a text is sealed, and how
//! it is put back. A record never decides about values: what it makes is read again and compared.

mod apply;
mod build;
mod hunks;
mod nodes;
mod record;

pub(super) use apply::{Resolved, put, put_header, resolve};
pub(super) use build::{BuildError, Clear, build};
pub(super) use record::Record;

use zeroize::Zeroizing;

use crate::crypto::{Aad, Cipher, CipherError, Envelope, Nonce, Strictness};
use crate::document::Document;
use crate::tree::{Event, LeafValue, ValueType};

/// The metadata field of the record, which is also its additional data: no path of a value is
/// like it, since those end in a colon.
pub(super) const FIELD: &str = "leafseal_layout";

/// Kinds of Kubernetes objects whose definitions list the fields of `sops`, so that another one
/// would be refused by the cluster.
const CLOSED_KINDS: [&[u8]; 2] = [b"SopsSecret", b"GlobalSopsSecret"];

/// Tells whether a text may have a record.
pub(super) fn is_welcome(document: &Document<'_>) -> bool {
    let mut depth = 0_usize;
    let mut is_kind = false;
    document.scan.events.iter().all(|event| {
        match event {
            Event::Enter { .. } => depth += 1,
            Event::Leave(_) => depth = depth.saturating_sub(1),
            Event::Key(key) => {
                is_kind = depth == 1 && document.scan.bytes(document.source, key.text) == b"kind";
            }
            Event::Leaf(leaf) if is_kind => {
                is_kind = false;
                if let LeafValue::Str(text) = leaf.value {
                    let text = document.scan.bytes(document.source, text);
                    return !CLOSED_KINDS.contains(&text);
                }
            }
            _ => {}
        }
        true
    })
}

/// Encrypts the text of a record.
pub(super) fn seal(cipher: &Cipher, nonce: &Nonce, text: &str) -> Result<String, CipherError> {
    let aad = Aad::of_text(FIELD);
    Envelope::seal(cipher, nonce, &aad, text.as_bytes(), ValueType::Str.as_str())
}

/// Decrypts the text of a record; nothing if it does not authenticate.
pub(super) fn open(
    cipher: &Cipher,
    envelope: &str,
    strictness: Strictness,
) -> Option<Zeroizing<String>> {
    let envelope = Envelope::parse(envelope, strictness).ok()?;
    let bytes = envelope.open(cipher, &Aad::of_text(FIELD)).ok()?;
    std::str::from_utf8(&bytes).ok().map(|text| Zeroizing::new(text.to_owned()))
}
