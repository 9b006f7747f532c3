//! dotenv as the reference reads and writes it (`spec/format.md` §5.4): lines of `NAME=value`,
//! without quotes, blanks to trim or interpolation.
//!
//! Owns the dialect: events, rendering of values and the metadata lines. Knows neither keys nor
//! selection.

/// The metadata lines.
pub mod block;
mod change;
mod emit;
/// The text of values in their sites.
pub mod render;
mod scan;

pub(super) use change::change;
pub use emit::emit;
pub use scan::scan;

/// What the names of metadata lines begin with.
pub(super) const PREFIX: &str = "sops_";
