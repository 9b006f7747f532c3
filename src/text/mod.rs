//! Byte spans, line structure and edits of a text.
//!
//! Owns everything that is true of any text whatever its format; knows no format.

mod decode;
mod edit;
mod lines;
mod span;

pub use decode::{MAX_LENGTH, TextError, decode};
pub use edit::{EditError, Edits};
pub use lines::{LineCounter, Newline, PlaceIndex, column_of, end_of_line, line_of, start_of_line};
pub use span::Span;
