//! The format-independent view of a document: events, typed values, paths.
//!
//! Owns the types of leaves and their canonical bytes; knows neither formats nor keys.

mod branch;
mod data;
mod event;
mod grow;
mod path;
mod step;
mod timestamp;
mod value;

pub use branch::{Branch, Item, Part, Remark, Scalar, items};
pub use data::Tree;
pub use event::{
    Alias, AnchorId, Comment, Container, Event, Key, Leaf, LeafValue, Scan, Style, Text,
};
pub use grow::{AliasBomb, Grower};
pub use path::Path;
pub use step::{Step, StepError};
pub use timestamp::{Clock, Timestamp};
pub use value::{Value, ValueError, ValueType, format_float};
