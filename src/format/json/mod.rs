//! JSON as the reference reads and writes it (`spec/format.md` §5.3), but strict: what RFC 8259
//! does not allow is refused, also where the reference drops or ignores it.
//!
//! Owns the dialect: events, numbers, escapes, rendering of values, the place of the metadata
//! block and the layout of fresh text. Knows neither keys nor selection.

/// The place and text of the metadata block.
pub mod block;
mod change;
/// List elements that are comments.
pub mod elements;
mod emit;
mod quote;
/// The text of values in their sites.
pub mod render;
mod resolve;
mod scan;

pub(super) use change::change;
pub(super) use emit::{Layout, write};
pub use emit::{emit, emit_compact, emit_document};
pub use scan::scan;
