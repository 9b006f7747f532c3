use std::ops::Range;

use zeroize::Zeroizing;

use super::{EmitError, Format, Indent, ScanError, StepError, Steps};
use crate::tree::{Container, Event, Grower, LeafValue, Part, Scalar, Scan, Step, Value};

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
    #[error("component {step} not found in the mapping at {place}")]
    NoKey {
        /// The step into the mapping.
        step: Step,
        /// Where the mapping stands.
        place: Steps,
    },
    /// A list is shorter than an index.
    #[error(
        "component [{index}] accesses out of bounds: the list at {place} has {length} element{}{}",
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
}

/// Returns the value at an index path of the first document of a text: a string as its bytes, a
/// mapping as a document that the other documents follow, anything else as a value
/// (`spec/cli.md` §1.8).
///
/// `scan` is that of the text; `format` is that of the result.
///
/// # Errors
/// The path leads nowhere, or to what the format cannot hold.
pub fn pick(
    source: &str,
    scan: &Scan,
    path: &[Step],
    format: Format,
    indent: Indent,
) -> Result<Zeroizing<Vec<u8>>, PickError> {
    let grower = Grower::new(source, scan);
    let at = Walk { source, scan, grower: &grower }.follow(path)?;
    let value = grower.node(at).map_err(|bomb| ScanError::of_bomb(source, &bomb))?;
    match value.parts() {
        [Part::Scalar(Scalar::Value(Value::Str(bytes)))] => Ok(bytes.clone()),
        [Part::Enter(Container::Mapping), ..] => {
            let mut documents = vec![value];
            if format.holds_documents() {
                documents
                    .extend(grower.documents(1).map_err(|bomb| ScanError::of_bomb(source, &bomb))?);
            }
            Ok(format.emit_bytes(&documents, indent)?)
        }
        _ => Ok(format.emit_value(&value, indent)?.as_bytes().to_vec().into()),
    }
}

/// A walk along an index path.
struct Walk<'w> {
    source: &'w str,
    scan: &'w Scan,
    grower: &'w Grower<'w>,
}

impl Walk<'_> {
    /// Returns the first event of the node at the end of a path.
    fn follow(&self, path: &[Step]) -> Result<usize, PickError> {
        let is_node = |event: &Event| matches!(event, Event::Enter { .. } | Event::Leaf(_));
        let root = self.scan.events.iter().position(is_node);
        let mut at = root.unwrap_or(self.scan.events.len());
        for (depth, step) in path.iter().enumerate() {
            at = self.grower.resolve(self.step(at, step, || Steps(path[..depth].to_vec()))?);
        }
        Ok(at)
    }

    fn step(&self, at: usize, step: &Step, place: impl Fn() -> Steps) -> Result<usize, PickError> {
        let container = match self.scan.events.get(at) {
            Some(Event::Enter { container, .. }) => Some(*container),
            _ => None,
        };
        match (container, step) {
            (Some(Container::Mapping), Step::Key(key)) => {
                let mut children = self.children(at).into_iter().map(|child| child.start);
                children
                    .find(|child| self.is_key(*child, key))
                    .map(|key| key + 1)
                    .ok_or_else(|| PickError::NoKey { step: step.clone(), place: place() })
            }
            (Some(Container::Sequence), Step::Index(index)) => self.element(at, *index, place),
            _ => {
                let found = self.kind(at);
                Err(StepError::WrongKind { step: step.clone(), place: place(), found }.into())
            }
        }
    }

    fn is_key(&self, at: usize, wanted: &str) -> bool {
        match &self.scan.events[at] {
            Event::Key(key) => self.scan.bytes(self.source, key.text) == wanted.as_bytes(),
            _ => false,
        }
    }

    fn element(
        &self,
        at: usize,
        index: usize,
        place: impl Fn() -> Steps,
    ) -> Result<usize, PickError> {
        let elements = self.children(at);
        let is_comment =
            |child: &Range<usize>| matches!(self.scan.events[child.start], Event::Comment(_));
        match elements.get(index) {
            None => Err(PickError::NoElement {
                index,
                place: place(),
                length: elements.len(),
                has_comments: elements.iter().any(is_comment),
            }),
            Some(child) if is_comment(child) => {
                let next = elements.iter().skip(index).position(|child| !is_comment(child));
                let next = next.map(|next| index + next);
                Err(StepError::Comment { index, place: place(), next }.into())
            }
            Some(child) => Ok(child.start),
        }
    }

    /// Lists the items of the collection that begins at `at`: keys with their values, elements,
    /// and comments of the reference's tree.
    fn children(&self, at: usize) -> Vec<Range<usize>> {
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
                Event::Anchor(..) => {
                    start = start.or(Some(at));
                    continue;
                }
                Event::Key(_) => {
                    // an anchor of a key is not where the item begins
                    start = if depth == 0 { Some(at) } else { start };
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
        children
    }

    fn kind(&self, at: usize) -> &'static str {
        match self.scan.events.get(at) {
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
            Some(Event::Key(_)) => "a string",
            _ => "nothing",
        }
    }
}

#[cfg(test)]
mod tests;
