//! Aliases whose targets or places are encrypted: they become copies (`design.md` §3, "Aliases and
//! merge keys").

use std::collections::HashMap;

use super::Document;
use super::error::SealError;
use super::plaintext::Plaintext;
use super::verify;
use super::walk::{Item, Walk};
use crate::format::yaml;
use crate::metadata::Selector;
use crate::text::PlaceIndex;
use crate::tree::Event;

/// A text with copies in the place of aliases.
pub(super) struct Expanded {
    pub(super) text: String,
    /// Copies in clear of values that are encrypted where they are defined.
    pub(super) clear_copies: Vec<ClearCopy>,
}

/// An alias that stays in clear although it repeats a value that is encrypted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClearCopy {
    /// Line of the alias, which stays in clear.
    pub line: usize,
    /// Line of the value that the alias repeats, which is encrypted; the first one if there are
    /// several.
    pub value_line: usize,
}

/// Expands each alias that stands where values are encrypted, or whose target holds one; nothing
/// when there is none.
///
/// # Errors
/// An alias cannot be expanded, or the aliases expand to too much.
pub(super) fn expand(
    document: &Document<'_>,
    selector: &Selector,
    indent: usize,
) -> Result<Option<Expanded>, SealError> {
    let events = &document.scan.events;
    let is_alias = |event: &Event| matches!(event, Event::Alias(_));
    if !document.scan.has_anchors || !events.iter().any(is_alias) {
        return Ok(None);
    }
    let found = find(document, selector)?;
    let aliases = found.aliases_to_expand(document);
    if aliases.is_empty() {
        return Ok(None);
    }
    let step = document.format.step(&document.scan, indent);
    let text = yaml::expand(document.source, &document.scan, &aliases, step)?;
    Ok(Some(Expanded { text, clear_copies: found.clear_copies(document) }))
}

/// Lists the values that an alias repeats in clear and that are encrypted where they are defined.
///
/// # Errors
/// The aliases expand to too much.
pub(super) fn clear_copies(
    document: &Document<'_>,
    selector: &Selector,
) -> Result<Vec<ClearCopy>, SealError> {
    if !document.scan.has_anchors {
        return Ok(Vec::new());
    }
    Ok(find(document, selector)?.clear_copies(document))
}

/// What a walk tells about aliases.
struct Found {
    /// For each event whether it is a leaf or comment that is encrypted, or an alias in the place of
    /// such a leaf.
    is_selected: Vec<bool>,
    /// Offsets of aliases in clear, in order, each with the event of the first encrypted leaf that
    /// it repeats.
    clear_aliases: Vec<(usize, usize)>,
}

fn find(document: &Document<'_>, selector: &Selector) -> Result<Found, SealError> {
    let (scan, source) = (&document.scan, document.source);
    let mut found =
        Found { is_selected: vec![false; scan.events.len()], clear_aliases: Vec::new() };
    let places = scan.events.iter().enumerate().filter_map(|(at, event)| match event {
        Event::Alias(alias) => Some((alias.span.start(), at)),
        _ => None,
    });
    let places: HashMap<usize, usize> = places.collect();
    Walk::new(document, selector).run(|stop| {
        let (value, alias) = match stop.item {
            Item::Leaf(leaf) => (leaf.value, None),
            Item::Repeated { value, alias } => (value, Some(alias)),
            Item::Comment(comment) => {
                let text = scan.bytes(source, comment.text);
                found.is_selected[stop.event] |= stop.is_selected && !text.is_empty();
                return Ok::<(), SealError>(());
            }
        };
        let value = Plaintext::of_leaf(scan, source, value);
        if value.is_none_or(|value| value.bytes().is_empty()) {
            return Ok(());
        }
        let at = alias.map_or(Some(stop.event), |alias| places.get(&alias.start()).copied());
        match (at, alias) {
            (Some(at), _) if stop.is_selected => found.is_selected[at] = true,
            (_, Some(alias)) if found.is_selected[stop.event] => {
                let start = alias.start();
                if found.clear_aliases.last().is_none_or(|(last, _)| *last != start) {
                    found.clear_aliases.push((start, stop.event));
                }
            }
            _ => {}
        }
        Ok(())
    })?;
    Ok(found)
}

impl Found {
    fn clear_copies(&self, document: &Document<'_>) -> Vec<ClearCopy> {
        if self.clear_aliases.is_empty() {
            return Vec::new();
        }
        let places = PlaceIndex::new(document.source);
        let line = |offset| places.place_of(offset).0;
        let copy = |(alias, event): &(usize, usize)| ClearCopy {
            line: line(*alias),
            value_line: line(verify::offset_of(document, *event)),
        };
        self.clear_aliases.iter().map(copy).collect()
    }

    /// Lists the events of aliases that cannot stay; one whose target holds such an alias cannot
    /// stay either.
    fn aliases_to_expand(&self, document: &Document<'_>) -> Vec<usize> {
        let events = &document.scan.events;
        let nodes = document.scan.anchored_nodes();
        // how many selected events there are before each event; targets stand before their aliases
        let mut counts = Vec::with_capacity(events.len() + 1);
        let mut count = 0_usize;
        let mut aliases = Vec::new();
        for (at, event) in events.iter().enumerate() {
            counts.push(count);
            let mut is_selected = self.is_selected[at];
            if let Event::Alias(alias) = event {
                let holds = |range: &std::ops::Range<usize>| {
                    let end = counts.get(range.end).copied().unwrap_or(count);
                    counts.get(range.start).is_some_and(|start| end > *start)
                };
                is_selected |= nodes.get(&alias.target).is_some_and(holds);
                if is_selected {
                    aliases.push(at);
                }
            }
            count += usize::from(is_selected);
        }
        aliases
    }
}
