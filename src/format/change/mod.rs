//! Changes of one place of a text in clear: a value is set or removed, everything else stays.
//!
//! Says where an index path leads and what the values are afterwards; each format writes the text.

mod flow;
mod outcome;
mod outline;

pub(super) use flow::{
    append as append_in_flow, line_indent as flow_line_indent, remove as remove_from_flow,
};
pub use outcome::{is_equal, outcome, values};
pub(super) use outline::{Collection, Item};

use super::{EmitError, Format, ScanError, StepError, Steps};
use crate::text::{EditError, start_of_line};
use crate::tree::{Container, Event, LeafValue, Scan, Step, Tree};

/// What becomes of the value at an index path.
#[derive(Clone, Copy, Debug)]
pub enum Change<'c> {
    /// It becomes this one; what is missing on the way is made.
    Set(&'c Tree),
    /// It goes, with its key and its comments.
    Unset,
}

/// How a change is written.
#[derive(Clone, Copy, Debug)]
pub struct ChangeStyle {
    /// Indentation step where the text shows none; 0 for the reference's default.
    pub indent: usize,
    /// Whether new collections stand in brackets in YAML too.
    pub in_flow: bool,
}

/// The reasons why a value cannot be set or removed.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum ChangeError {
    /// The text is not of its format.
    #[error(transparent)]
    Scan(#[from] ScanError),
    /// The value has no form in the format.
    #[error(transparent)]
    Emit(#[from] EmitError),
    /// The path names the whole document.
    #[error("the path is empty")]
    EmptyPath,
    /// A mapping lacks the key that is to be removed.
    #[error("Key not found: {key}, in the mapping at {place}")]
    NoKey {
        /// The key.
        key: String,
        /// Where the mapping stands.
        place: Steps,
    },
    /// A list lacks the element that is to be removed.
    #[error(
        "Index {index} out of bounds: the list at {place} has {length} element{}{}",
        if *.length == 1 { "" } else { "s" },
        if *.has_comments { ", comments counted" } else { "" }
    )]
    NoElement {
        /// The index.
        index: usize,
        /// Where the list stands.
        place: Steps,
        /// The number of elements, comments included.
        length: usize,
        /// Whether comments are among them.
        has_comments: bool,
    },
    /// A step of the path cannot be made.
    #[error(transparent)]
    Step(#[from] StepError),
    /// The path leads through an alias; the alias has to be replaced by what it stands for.
    #[error("an alias stands at {0}")]
    Alias(Steps),
    /// The format has no place for the change where the path leads.
    #[error("the value at {0} cannot be changed in its place")]
    NotPossible(Steps),
    /// Edits contradict each other; an internal error.
    #[error("internal error: {0}")]
    Edit(#[from] EditError),
}

impl ChangeError {
    /// Tells whether a value that is to be removed is not there.
    #[must_use]
    pub fn is_missing(&self) -> bool {
        matches!(self, Self::NoKey { .. } | Self::NoElement { .. })
    }
}

/// Where a path leads in a text.
pub(super) struct Target {
    /// The collections on the way, from the root down, each with the number of the item that the
    /// path goes through; none for an item that is not there yet.
    pub(super) way: Vec<(Collection, Option<usize>)>,
    /// The event of the value at the end, or of the scalar that ends the way; nothing where an item
    /// is added.
    pub(super) node: Option<usize>,
    /// What is added or put in the place of that value; nothing where it is removed.
    pub(super) value: Option<Tree>,
    /// The key of a pair that is added.
    pub(super) key: Option<String>,
}

/// Follows a path in the first document.
///
/// # Errors
/// The path leads nowhere.
pub(super) fn target(
    source: &str,
    scan: &Scan,
    path: &[Step],
    change: Change<'_>,
) -> Result<Target, ChangeError> {
    let is_node = |event: &Event| matches!(event, Event::Enter { .. } | Event::Leaf(_));
    let root = scan.events.iter().position(is_node).unwrap_or(scan.events.len());
    let mut target = Target { way: Vec::new(), node: Some(root), value: None, key: None };
    let last = path.len().checked_sub(1).ok_or(ChangeError::EmptyPath)?;
    for (depth, step) in path.iter().enumerate() {
        let place = || Steps(path[..depth].to_vec());
        let at = target.node.unwrap_or(scan.events.len());
        let found = find(source, scan, at, step, change, &place)?;
        let Some((collection, item)) = found else {
            // a scalar gives way to what the rest of the path asks for
            target.value = wrapped(&path[depth..], change);
            return Ok(target);
        };
        target.node = item.map(|item| collection.items[item].node);
        target.way.push((collection, item));
        if item.is_none() {
            target.value = wrapped(&path[depth + 1..], change);
            target.key = match step {
                Step::Key(key) => Some(key.clone()),
                Step::Index(_) => None,
            };
            return Ok(target);
        }
        if depth < last && is_alias(scan, target.node) {
            return Err(ChangeError::Alias(Steps(path[..=depth].to_vec())));
        }
    }
    target.value = wrapped(&[], change);
    Ok(target)
}

fn is_alias(scan: &Scan, at: Option<usize>) -> bool {
    matches!(at.and_then(|at| scan.events.get(at)), Some(Event::Alias(_)))
}

/// A collection with the number of an item, or none where the item is to be added; nothing for a
/// scalar that gives way.
type Found = Option<(Collection, Option<usize>)>;

/// Makes one step into the node that begins at an event.
fn find(
    source: &str,
    scan: &Scan,
    at: usize,
    step: &Step,
    change: Change<'_>,
    place: &dyn Fn() -> Steps,
) -> Result<Found, ChangeError> {
    let wrong = || {
        let found = kind(scan, at);
        StepError::WrongKind { step: step.clone(), place: place(), found }.into()
    };
    let Some(collection) = Collection::at(scan, at) else {
        return if matches!(change, Change::Set(_)) { Ok(None) } else { Err(wrong()) };
    };
    let is_set = matches!(change, Change::Set(_));
    let item = match (collection.container, step) {
        (Container::Mapping, Step::Key(name)) => {
            let is_it = |item: &Item| {
                item.key.is_some_and(|key| scan.bytes(source, key.text) == name.as_bytes())
            };
            let item = collection.items.iter().position(is_it);
            if item.is_none() && !is_set {
                return Err(ChangeError::NoKey { key: name.clone(), place: place() });
            }
            item
        }
        (Container::Sequence, Step::Index(index)) => match collection.counted.get(*index) {
            Some(Some(item)) => Some(*item),
            Some(None) => return Err(comment(&collection, *index, place())),
            None if is_set => None,
            None => {
                return Err(ChangeError::NoElement {
                    index: *index,
                    place: place(),
                    length: collection.counted.len(),
                    has_comments: collection.counted.contains(&None),
                });
            }
        },
        _ => return Err(wrong()),
    };
    Ok(Some((collection, item)))
}

fn comment(collection: &Collection, index: usize, place: Steps) -> ChangeError {
    let next = collection.counted.iter().skip(index).position(Option::is_some);
    StepError::Comment { index, place, next: next.map(|next| index + next) }.into()
}

/// Returns the value with the levels around it that a path asks for; nothing for a removal.
fn wrapped(path: &[Step], change: Change<'_>) -> Option<Tree> {
    let Change::Set(value) = change else { return None };
    Some(path.iter().rev().fold(value.clone(), |inner, step| match step {
        Step::Key(key) => Tree::Mapping(vec![(key.clone(), inner)]),
        Step::Index(_) => Tree::Sequence(vec![inner]),
    }))
}

/// Names what begins at an event, for messages.
fn kind(scan: &Scan, at: usize) -> &'static str {
    match scan.events.get(at) {
        Some(Event::Enter { container: Container::Mapping, .. }) => "a mapping",
        Some(Event::Enter { container: Container::Sequence, .. }) => "a list",
        Some(Event::Leaf(leaf)) => match leaf.value {
            LeafValue::Null => "null",
            LeafValue::Bool(_) => "a boolean",
            LeafValue::Int(_) | LeafValue::TooBig => "an integer",
            LeafValue::Float(_) => "a float",
            LeafValue::Time(_) => "a timestamp",
            LeafValue::Str(_) => "a string",
        },
        _ => "nothing",
    }
}

/// Goes up from the line that holds `offset` over the comments right above it, but not above
/// `limit`; returns where the first of these lines begins.
pub(super) fn comments_above(
    source: &str,
    offset: usize,
    limit: usize,
    is_comment: impl Fn(&str) -> bool,
) -> usize {
    let mut start = start_of_line(source, offset);
    while start > limit {
        let above = start_of_line(source, start - 1);
        if above < limit || !is_comment(&source[above..start]) {
            break;
        }
        start = above;
    }
    start
}

/// Changes a text; `scan` is its own. The result has not been read again yet.
///
/// # Errors
/// The path leads nowhere, or to what the format cannot hold.
pub fn change(
    source: &str,
    (scan, format): (&Scan, Format),
    path: &[Step],
    change: Change<'_>,
    style: ChangeStyle,
) -> Result<String, ChangeError> {
    match format {
        Format::Yaml => super::yaml::change(source, scan, path, change, style),
        Format::Json | Format::Binary => super::json::change(source, scan, path, change, style),
        Format::Dotenv => super::dotenv::change(source, scan, path, change),
        Format::Ini => super::ini::change(source, scan, path, change),
    }
}

/// Returns the steps of a path with the number of the element itself for each index: comments do
/// not count.
///
/// # Errors
/// The path leads nowhere.
pub fn without_comments(
    source: &str,
    scan: &Scan,
    path: &[Step],
    change: Change<'_>,
) -> Result<Vec<Step>, ChangeError> {
    let target = target(source, scan, path, change)?;
    let mut steps = path.to_vec();
    for (step, (collection, item)) in steps.iter_mut().zip(&target.way) {
        if let Step::Index(index) = step {
            *index = item.unwrap_or(collection.items.len());
        }
    }
    Ok(steps)
}
