//! Merge keys, whose values the reference checks in the first document.

use std::collections::HashMap;

use super::Problem;
use crate::format::ScanError;
use crate::tree::{AnchorId, Container, Event, Key, Scan};

/// Refuses a `<<` that merges something else than mappings.
///
/// # Errors
/// The reference would not read the file.
pub(super) fn check(source: &str, scan: &Scan) -> Result<(), ScanError> {
    if !source.contains("<<") {
        return Ok(());
    }
    let is_end = |event: &&Event| !matches!(event, Event::EndDocument(_));
    let first: Vec<&Event> = scan.events.iter().take_while(is_end).collect();
    let nodes = anchored(&first);
    for (at, event) in first.iter().enumerate() {
        let Event::Key(key) = event else { continue };
        if is_merge(source, scan, key) && !may_merge(&first[at + 1..], &nodes) {
            return Err(ScanError::at(source, key.span.start(), Problem::MergeOfOther.into()));
        }
    }
    Ok(())
}

/// Tells whether a key merges: it is written without quotes, and without a tag but `!!merge`.
fn is_merge(source: &str, scan: &Scan, key: &Key) -> bool {
    if key.span.slice(source) != "<<" || scan.bytes(source, key.text) != b"<<" {
        return false;
    }
    let before = source[..key.span.start()].lines().next_back().unwrap_or_default();
    let tag = before.split_whitespace().rev().take(2).find(|word| word.starts_with('!'));
    tag.is_none_or(|tag| matches!(tag, "!" | "!!merge" | "!<tag:yaml.org,2002:merge>"))
}

/// Tells whether the node that begins the events may be merged.
fn may_merge(events: &[&Event], nodes: &HashMap<AnchorId, Container>) -> bool {
    let is_mapping = |event: &Event| match event {
        Event::Enter { container, .. } => *container == Container::Mapping,
        Event::Alias(alias) => nodes.get(&alias.target) == Some(&Container::Mapping),
        _ => false,
    };
    let mut events =
        events.iter().filter(|event| !matches!(event, Event::Anchor(..) | Event::Comment(_)));
    match events.next() {
        Some(Event::Enter { container: Container::Sequence, .. }) => {}
        Some(event) => return is_mapping(event),
        None => return false,
    }
    let mut depth = 0_usize;
    for event in events {
        if depth == 0 && !matches!(event, Event::Leave(_)) && !is_mapping(event) {
            return false;
        }
        match event {
            Event::Enter { .. } => depth += 1,
            Event::Leave(_) if depth == 0 => return true,
            Event::Leave(_) => depth -= 1,
            _ => {}
        }
    }
    true
}

/// Tells which anchors name collections.
fn anchored(events: &[&Event]) -> HashMap<AnchorId, Container> {
    let pairs = events.windows(2).filter_map(|pair| match pair {
        [Event::Anchor(id, _), Event::Enter { container, .. }] => Some((*id, *container)),
        _ => None,
    });
    pairs.collect()
}

#[cfg(test)]
mod tests {
    use super::super::{check_clear, scan};
    use super::Problem;

    fn check(source: &str) -> Result<(), crate::format::ScanError> {
        check_clear(source, &scan(source).expect(source))
    }

    /// All as release 3.11 answers.
    #[test]
    fn mappings_can_be_merged_and_nothing_else() {
        for source in [
            "a:\n  <<: {b: 1}\n",
            "x: &x {b: 1}\na:\n  <<: *x\n",
            "x: &x {b: 1}\na: {<<: [*x, {c: 1}]}\n",
            "a:\n  \"<<\": 1\n",
            "a:\n  !!str <<: 1\n",
            "a: <<\nb: [<<]\n",
            "b: 1\n---\n<<: 1\n",
        ] {
            assert_eq!(check(source), Ok(()), "{source:?}");
        }
        for source in [
            "<<: 1\n",
            "a:\n  <<:\n",
            "a: {<<: [1]}\n",
            "a:\n  - <<: ~\n",
            "x: &x {b: 1}\na:\n  <<: [*x, 1]\n",
            "x: &x 1\na:\n  <<: *x\n",
            "a:\n  <<: [[{b: 1}]]\n",
        ] {
            let error = check(source).expect_err(source);
            assert_eq!(error.kind, Problem::MergeOfOther.into(), "{source:?}");
        }
    }
}
