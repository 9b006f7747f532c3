//! What the values of a text are after a change, worked out from the values alone.

use std::ops::Range;

use super::Change;
use crate::tree::{Branch, Container, Part, Scalar, Step, Tree, Value};

/// Returns the parts of a document after a change, comments left out; nothing if the path, whose
/// indexes do not count comments, leads nowhere.
#[must_use]
pub fn outcome(document: &Branch, path: &[Step], change: Change<'_>) -> Option<Vec<Part>> {
    let mut parts = values(document);
    let mut node = 0..parts.len();
    for (depth, step) in path.iter().enumerate() {
        let rest = &path[depth + 1..];
        let is_last = rest.is_empty();
        let Some(Part::Enter(container)) = parts.get(node.start) else {
            let Change::Set(value) = change else { return None };
            parts.splice(node, parts_of(value, &path[depth..]));
            return Some(parts);
        };
        match item(&parts, &node, *container, step) {
            Some(found) if is_last && matches!(change, Change::Unset) => {
                parts.drain(found);
                return Some(parts);
            }
            Some(found) => {
                let has_key = *container == Container::Mapping;
                node = found.start + usize::from(has_key)..found.end;
            }
            None => {
                let Change::Set(value) = change else { return None };
                let new = parts_of(value, &path[depth..]);
                // without the brackets around the one item
                let inner = new.get(1..new.len().checked_sub(1)?)?.to_vec();
                parts.splice(node.end - 1..node.end - 1, inner);
                return Some(parts);
            }
        }
    }
    let Change::Set(value) = change else { return None };
    parts.splice(node, parts_of(value, &[]));
    Some(parts)
}

/// Tells whether the value at a path is the given one already; numbers are compared by value.
#[must_use]
pub fn is_equal(document: &Branch, path: &[Step], value: &Tree) -> bool {
    let parts = values(document);
    let mut node = 0..parts.len();
    for step in path {
        let Some(Part::Enter(container)) = parts.get(node.start) else { return false };
        let Some(found) = item(&parts, &node, *container, step) else { return false };
        node = found.start + usize::from(*container == Container::Mapping)..found.end;
    }
    let value = parts_of(value, &[]);
    let old = parts.get(node).unwrap_or_default();
    old.len() == value.len() && old.iter().zip(&value).all(|(old, new)| is_same(old, new))
}

fn is_same(old: &Part, new: &Part) -> bool {
    match (old, new) {
        (
            Part::Scalar(Scalar::Value(Value::Int(integer))),
            Part::Scalar(Scalar::Value(Value::Float(float))),
        )
        | (
            Part::Scalar(Scalar::Value(Value::Float(float))),
            Part::Scalar(Scalar::Value(Value::Int(integer))),
        ) => float.fract() == 0.0 && format!("{float:.0}") == integer.to_string(),
        _ => old == new,
    }
}

/// Returns the parts of a document without its comments.
#[must_use]
pub fn values(document: &Branch) -> Vec<Part> {
    let is_value = |part: &&Part| !matches!(part, Part::Comment(_));
    document.parts().iter().filter(is_value).cloned().collect()
}

/// Returns the parts of a value with the levels around it that a path asks for.
fn parts_of(value: &Tree, path: &[Step]) -> Vec<Part> {
    let mut parts = Branch::from(value).parts().to_vec();
    for step in path.iter().rev() {
        let (container, key) = match step {
            Step::Key(key) => (Container::Mapping, Some(Part::Key(key.as_bytes().to_vec()))),
            Step::Index(_) => (Container::Sequence, None),
        };
        let opening = std::iter::once(Part::Enter(container)).chain(key);
        parts.splice(0..0, opening);
        parts.push(Part::Leave);
    }
    parts
}

/// Finds the item of a collection that a step leads to, key included.
fn item(
    parts: &[Part],
    node: &Range<usize>,
    container: Container,
    step: &Step,
) -> Option<Range<usize>> {
    let mut at = node.start + 1;
    let mut number = 0;
    while at + 1 < node.end {
        let value = at + usize::from(container == Container::Mapping);
        let end = end_of(parts, value);
        let is_it = match (step, &parts[at]) {
            (Step::Key(name), Part::Key(key)) => key == name.as_bytes(),
            (Step::Index(index), _) => container == Container::Sequence && *index == number,
            _ => false,
        };
        if is_it {
            return Some(at..end);
        }
        number += 1;
        at = end;
    }
    None
}

/// Returns where the value that begins at `start` ends.
fn end_of(parts: &[Part], start: usize) -> usize {
    let mut depth = 0_usize;
    for (at, part) in parts.iter().enumerate().skip(start) {
        match part {
            Part::Enter(_) => depth += 1,
            Part::Leave => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    parts.len()
}
