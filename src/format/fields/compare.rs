use crate::tree::{Timestamp, Tree};

/// The field that holds a wrapped key.
const WRAPPED: &str = "enc";

/// Tells whether two values of a metadata block mean the same; the order of keys means nothing,
/// and a time is one in quotes or without.
#[must_use]
pub fn is_same(left: &Tree, right: &Tree) -> bool {
    match (left, right) {
        (Tree::Mapping(left), Tree::Mapping(right)) => {
            left.len() == right.len() && left.iter().all(|item| has_same(right, item))
        }
        (Tree::Sequence(left), Tree::Sequence(right)) => {
            left.len() == right.len() && left.iter().zip(right).all(|(left, it)| is_same(left, it))
        }
        _ => left == right || is_same_time(left, right),
    }
}

fn has_same(items: &[(String, Tree)], (name, value): &(String, Tree)) -> bool {
    items.iter().any(|(other, it)| other == name && is_same(value, it))
}

fn is_same_time(left: &Tree, right: &Tree) -> bool {
    let time = |tree: &Tree| match tree {
        Tree::Str(text) | Tree::Time(text) => Timestamp::parse(text),
        _ => None,
    };
    time(left).is_some_and(|left| time(right) == Some(left))
}

/// Tells whether two entries name the same master key and differ in the wrapped key at most.
pub(super) fn is_same_entry(left: &Tree, right: &Tree) -> bool {
    match (left, right) {
        (Tree::Mapping(left), Tree::Mapping(right)) => {
            let naming = |items: &[(String, Tree)]| {
                let items = items.iter().filter(|(name, _)| name != WRAPPED);
                Tree::Mapping(items.cloned().collect())
            };
            let has_key = |items: &[(String, Tree)]| items.iter().any(|(name, _)| name == WRAPPED);
            has_key(left) && has_key(right) && is_same(&naming(left), &naming(right))
        }
        _ => false,
    }
}

/// Tells whether two mappings have the same keys.
pub(super) fn has_same_keys(left: &[(String, Tree)], right: &[(String, Tree)]) -> bool {
    let has = |items: &[(String, Tree)], name: &str| items.iter().any(|(other, _)| other == name);
    left.len() == right.len() && left.iter().all(|(name, _)| has(right, name))
}

/// Finds for each old element the new one that it becomes. Those without one go; the new ones that
/// no old one becomes are returned too, in order.
pub(super) fn matched(old: &[Tree], new: &[Tree]) -> (Vec<Option<usize>>, Vec<usize>) {
    let mut free: Vec<usize> = (0..new.len()).collect();
    let mut heirs = vec![None; old.len()];
    for is_equal in [is_same, is_same_entry] {
        for (at, old) in
            old.iter().enumerate().filter(|(at, _)| heirs[*at].is_none()).collect::<Vec<_>>()
        {
            let found = free.iter().position(|it| is_equal(old, &new[*it]));
            heirs[at] = found.map(|found| free.remove(found));
        }
    }
    (heirs, free)
}
