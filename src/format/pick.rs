use std::collections::HashMap;
use std::ops::Range;

use super::json::EmitError;
use super::{ScanError, yaml};
use crate::tree::{AnchorId, Container, Event, Scan, Step, Tree};

/// The reasons why an index path leads nowhere.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum PickError {
    /// The text is not of its format, or its aliases are a bomb.
    #[error(transparent)]
    Scan(#[from] ScanError),
    /// The value has no form in the format.
    #[error(transparent)]
    Emit(#[from] EmitError),
    /// A mapping lacks a key.
    #[error("component [\"{0}\"] not found")]
    NoKey(String),
    /// A list is shorter than an index.
    #[error("component [{index}] accesses out of bounds: the list has {length} elements")]
    NoElement {
        /// The index.
        index: usize,
        /// The number of elements, comments included.
        length: usize,
    },
    /// A comment stands at an index: it counts, as in the reference, but is no value.
    #[error("component [{index}] is a comment{}", next.map_or(String::new(), |next| format!("; the next value is [{next}]")))]
    Comment {
        /// The index.
        index: usize,
        /// The index of the next value, if there is one.
        next: Option<usize>,
    },
    /// A step does not fit what it stands at.
    #[error("component {step} does not fit {found}")]
    WrongKind {
        /// The step.
        step: String,
        /// What is there.
        found: &'static str,
    },
}

/// Returns the value at an index path of the first document, comments left out.
///
/// # Errors
/// The path leads nowhere.
pub(super) fn value(source: &str, scan: &Scan, path: &[Step]) -> Result<Tree, PickError> {
    let nodes = Nodes::of(scan);
    let is_node = |event: &Event| matches!(event, Event::Enter { .. } | Event::Leaf(_));
    let mut at = scan.events.iter().position(is_node).unwrap_or(scan.events.len());
    for step in path {
        at = nodes.step(source, at, step)?;
    }
    Ok(yaml::subtree(source, scan, nodes.resolve(at))?)
}

/// The nodes of a scan, aliases resolved.
struct Nodes<'s> {
    scan: &'s Scan,
    /// First event of each anchored node.
    anchored: HashMap<AnchorId, usize>,
}

impl<'s> Nodes<'s> {
    fn of(scan: &'s Scan) -> Self {
        let mut anchored = HashMap::new();
        for (at, event) in scan.events.iter().enumerate() {
            if let Event::Anchor(id, _) = event {
                anchored.insert(*id, at + 1);
            }
        }
        Self { scan, anchored }
    }

    /// Returns the first event of the node that begins at `at`, past anchors and through aliases.
    fn resolve(&self, mut at: usize) -> usize {
        while let Some(event) = self.scan.events.get(at) {
            at = match event {
                Event::Anchor(..) | Event::Comment(_) => at + 1,
                Event::Alias(alias) => match self.anchored.get(&alias.target) {
                    Some(target) => *target,
                    None => return at,
                },
                _ => return at,
            };
        }
        at
    }

    fn step(&self, source: &str, at: usize, step: &Step) -> Result<usize, PickError> {
        let at = self.resolve(at);
        let container = match self.scan.events.get(at) {
            Some(Event::Enter { container, .. }) => Some(*container),
            _ => None,
        };
        match (container, step) {
            (Some(Container::Mapping), Step::Key(key)) => self
                .children(at)
                .find(|child| self.is_key(source, child.start, key))
                .map(|child| child.start + 1)
                .ok_or_else(|| PickError::NoKey(key.clone())),
            (Some(Container::Sequence), Step::Index(index)) => self.element(at, *index),
            (container, step) => Err(PickError::WrongKind {
                step: step.to_string(),
                found: match container {
                    Some(Container::Mapping) => "a mapping",
                    Some(Container::Sequence) => "a list",
                    None => "a scalar",
                },
            }),
        }
    }

    fn is_key(&self, source: &str, at: usize, wanted: &str) -> bool {
        match &self.scan.events[at] {
            Event::Key(key) => self.scan.bytes(source, key.text) == wanted.as_bytes(),
            _ => false,
        }
    }

    fn element(&self, at: usize, index: usize) -> Result<usize, PickError> {
        let elements: Vec<usize> = self.children(at).map(|child| child.start).collect();
        let is_comment = |at: &usize| matches!(self.scan.events[*at], Event::Comment(_));
        match elements.get(index) {
            None => Err(PickError::NoElement { index, length: elements.len() }),
            Some(at) if is_comment(at) => {
                let next = elements.iter().skip(index).position(|at| !is_comment(at));
                Err(PickError::Comment { index, next: next.map(|next| index + next) })
            }
            Some(at) => Ok(*at),
        }
    }

    /// Iterates over the items of the collection that begins at `at`: keys with their values,
    /// elements, and comments of the reference's tree.
    fn children(&self, at: usize) -> impl Iterator<Item = Range<usize>> {
        let mut children = Vec::new();
        let (mut depth, mut start) = (0_usize, None);
        for (at, event) in self.scan.events.iter().enumerate().skip(at + 1) {
            match event {
                Event::Comment(comment) => {
                    if depth == 0 && start.is_none() && comment.is_in_tree {
                        children.push(at..at + 1);
                    }
                    continue;
                }
                Event::Key(_) | Event::Anchor(..) => {
                    start = start.or(Some(at));
                    // an anchor of a key is not where the item begins
                    if depth == 0 && matches!(event, Event::Key(_)) {
                        start = Some(at);
                    }
                    continue;
                }
                Event::Enter { .. } => {
                    start = start.or(Some(at));
                    depth += 1;
                    continue;
                }
                Event::Leave(_) if depth == 0 => break,
                Event::Leave(_) => depth -= 1,
                _ => start = start.or(Some(at)),
            }
            if depth == 0 {
                children.extend(start.take().map(|start| start..at + 1));
            }
        }
        children.into_iter()
    }
}
