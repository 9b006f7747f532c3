//! Reads a result again and compares it with the intent; nothing is written on any doubt.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::Document;
use super::error::{OpenError, SealError};
use super::parallel;
use super::plaintext::Plaintext;
use super::seal::{Place, typed};
use super::walk::{Item, Stop, Walk};
use crate::crypto::{Envelope, Strictness};
use crate::format::{Format, ScanError};
use crate::metadata::{Metadata, Selector, SelectorKind};
use crate::text::{Span, line_of};
use crate::tree::{Event, LeafValue, Path, Value, ValueType};

/// Makes the error for a doubt about an encrypted text.
pub(super) fn failed(base: &Document<'_>, offset: usize, doubt: &'static str) -> SealError {
    SealError::Verification(place(base, offset), doubt)
}

fn place(document: &Document<'_>, offset: usize) -> Place {
    Place { line: line_of(document.source(), offset), path: Path::new() }
}

/// Checks that an encrypted text has the structure, selection and clear values of `base`, the
/// text with its values in clear and the metadata block in place.
pub(super) fn sealed(
    base: &Document<'_>,
    text: &str,
    format: Format,
    metadata: &Metadata,
) -> Result<(), SealError> {
    let selector = &metadata.selector;
    let (wanted, result) = parallel::both(
        text.len(),
        || marks(base, selector, false),
        || Document::parse(text, format).map_err(|error| failed(base, 0, scan_doubt(&error))),
    );
    let (wanted, result) = (wanted?, result?);
    if let Some(at) = structure_difference(base, &result, &|_| false) {
        return Err(failed(base, offset_of(base, at), "the structure differs"));
    }
    if result.metadata().ok().flatten().as_ref() != Some(metadata) {
        return Err(failed(base, 0, "the metadata block differs"));
    }
    let found = marks(&result, selector, true)?;
    let differs = |(left, right): (&Mark, &Mark)| left.digest != right.digest;
    let difference = wanted.iter().zip(&found).position(differs);
    let Some(at) = difference.or((wanted.len() != found.len()).then_some(0)) else {
        return Ok(());
    };
    let offset = wanted.get(at).map_or(0, |mark| offset_of(base, mark.event));
    let by_comment = matches!(
        selector.kind(),
        SelectorKind::EncryptedCommentRegex | SelectorKind::UnencryptedCommentRegex
    );
    if by_comment {
        return Err(SealError::SelectionChanges(place(base, offset)));
    }
    Err(failed(base, offset, "a value or comment is read in another place or with another value"))
}

/// Checks that the text with its metadata block in place still has the content of `document`.
pub(super) fn framed(document: &Document<'_>, base: &Document<'_>) -> Result<(), SealError> {
    let mut others = below_roots(base);
    for (at, event) in below_roots(document) {
        let doubt = match (event, others.next()) {
            (Event::Leaf(old), Some((_, Event::Leaf(new)))) => {
                let old = typed(&document.scan, document.source, old.value);
                let new = typed(&base.scan, base.source, new.value);
                (!same(new.as_ref(), old.as_ref())).then_some("a value differs")
            }
            (_, Some((_, other))) if is_same_event(document, event, base, other) => None,
            _ => Some("the structure differs"),
        };
        if let Some(doubt) = doubt {
            return Err(failed(document, offset_of(document, at), doubt));
        }
    }
    if others.next().is_some() {
        return Err(failed(document, 0, "the structure differs"));
    }
    let count = |document| comments(document).count();
    if count(document) != count(base) {
        return Err(failed(document, 0, "a comment is missing"));
    }
    Ok(())
}

fn scan_doubt(_: &ScanError) -> &'static str {
    "the result is not of its format"
}

/// What a walk saw at one stop, as a digest of all that must agree.
struct Mark {
    digest: u64,
    event: usize,
}

/// Notes place, selection, and either the clear value or the type of the encrypted one.
fn marks(
    document: &Document<'_>,
    selector: &Selector,
    is_encrypted: bool,
) -> Result<Vec<Mark>, SealError> {
    let mut marks = Vec::new();
    Walk::new(document, selector).run(|stop| {
        let mut hasher = DefaultHasher::new();
        stop.place.aad().hash(&mut hasher);
        stop.is_selected.hash(&mut hasher);
        content(document, stop, is_encrypted, &mut hasher);
        marks.push(Mark { digest: hasher.finish(), event: stop.event });
        Ok::<(), SealError>(())
    })?;
    Ok(marks)
}

fn content(document: &Document<'_>, stop: &Stop<'_>, is_encrypted: bool, hasher: &mut impl Hasher) {
    let source = document.source();
    let value = match stop.item {
        Item::Leaf(leaf) => leaf.value,
        Item::Repeated { value, .. } => value,
        Item::Comment(comment) => {
            let text = comment.span.slice(source).get(1..).unwrap_or_default();
            let is_closed = stop.is_selected && !text.is_empty();
            return match (is_closed, is_encrypted) {
                (true, true) => envelope_type(text).hash(hasher),
                (true, false) => Some(ValueType::Comment).hash(hasher),
                (false, _) => text.hash(hasher),
            };
        }
    };
    let value = Plaintext::of_leaf(&document.scan, source, value);
    let is_closed =
        stop.is_selected && value.as_ref().is_some_and(|value| !value.bytes().is_empty());
    match (is_closed, is_encrypted, value) {
        (true, true, Some(value)) if value.kind == ValueType::Str => {
            std::str::from_utf8(value.bytes()).ok().and_then(envelope_type).hash(hasher);
        }
        (true, false, Some(value)) => Some(value.kind).hash(hasher),
        (_, _, value) => {
            value.as_ref().map(|value| (value.kind, value.bytes())).hash(hasher);
        }
    }
}

fn envelope_type(text: &str) -> Option<ValueType> {
    let envelope = Envelope::parse(text, Strictness::Strict).ok()?;
    ValueType::parse(envelope.kind())
}

/// Checks that a decrypted text has the structure of `base`, the encrypted text, and the decrypted
/// values in the places of their envelopes.
///
/// `intended` holds the new values by event, in order; `is_removed` tells which events must be
/// gone.
pub(super) fn opened(
    base: &Document<'_>,
    text: &str,
    format: Format,
    intended: &[(usize, Value)],
    is_removed: &dyn Fn(usize) -> bool,
) -> Result<(), OpenError> {
    let failed = |offset, doubt| OpenError::Verification(place(base, offset), doubt);
    let result = Document::parse(text, format).map_err(|error| failed(0, scan_doubt(&error)))?;
    if let Some(at) = structure_difference(base, &result, is_removed) {
        return Err(failed(offset_of(base, at), "the structure differs"));
    }
    let mut values = intended.iter().peekable();
    let kept = leaves(base).filter(|(at, _)| !is_removed(*at));
    for ((at, old), (_, new)) in kept.zip(leaves(&result)) {
        while values.peek().is_some_and(|(event, _)| *event < at) {
            values.next();
        }
        let found = typed(&result.scan, result.source, new);
        let is_same = match values.peek() {
            Some((event, value)) if *event == at => same(found.as_ref(), Some(value)),
            _ => same(found.as_ref(), typed(&base.scan, base.source, old).as_ref()),
        };
        if !is_same {
            return Err(failed(offset_of(base, at), "a value differs"));
        }
    }
    Ok(())
}

/// Compares values by type and canonical bytes, so that NaN equals itself. A whole float is
/// printed as an integer, as the reference does.
fn same(left: Option<&Value>, right: Option<&Value>) -> bool {
    match (left, right) {
        (None, None) => true,
        #[expect(
            clippy::cast_precision_loss,
            clippy::float_cmp,
            reason = "the very digits that are printed are compared"
        )]
        (Some(Value::Int(left)), Some(Value::Float(right))) => *left as f64 == *right,
        (Some(left), Some(right)) => {
            left.kind() == right.kind() && left.canonical_bytes() == right.canonical_bytes()
        }
        _ => false,
    }
}

/// Iterates over the events outside the metadata blocks, comments left out.
fn content_events<'d>(document: &'d Document<'_>) -> impl Iterator<Item = (usize, &'d Event)> {
    let events = outer_events(document);
    events.filter(|(_, event)| !matches!(event, Event::Comment(_)))
}

/// Iterates over the events within the roots, which may be empty without the metadata block.
fn below_roots<'d>(document: &'d Document<'_>) -> impl Iterator<Item = (usize, &'d Event)> {
    let mut depth = 0_usize;
    content_events(document).filter(move |(_, event)| {
        let is_below = depth > 0;
        match event {
            Event::Enter { .. } => depth += 1,
            Event::Leave(_) => depth = depth.saturating_sub(1),
            Event::Leaf(_) => {}
            _ => return true,
        }
        is_below && depth > 0
    })
}

/// Iterates over the comments outside the metadata blocks.
fn comments<'d>(document: &'d Document<'_>) -> impl Iterator<Item = (usize, &'d Event)> {
    outer_events(document).filter(|(_, event)| matches!(event, Event::Comment(_)))
}

fn outer_events<'d>(document: &'d Document<'_>) -> impl Iterator<Item = (usize, &'d Event)> {
    let parts = document.parts.iter();
    let indices = parts.flat_map(|part| {
        let is_outside = |at: &usize| !part.blocks.iter().any(|it| it.events.contains(at));
        part.events.clone().filter(is_outside)
    });
    indices.map(|at| (at, &document.scan.events[at]))
}

fn leaves(document: &Document<'_>) -> impl Iterator<Item = (usize, LeafValue)> {
    content_events(document).filter_map(|(at, event)| match event {
        Event::Leaf(leaf) => Some((at, leaf.value)),
        _ => None,
    })
}

/// Returns the first event of `left` that has no counterpart in `right`.
fn structure_difference(
    left: &Document<'_>,
    right: &Document<'_>,
    is_removed: &dyn Fn(usize) -> bool,
) -> Option<usize> {
    let mut others = content_events(right);
    for (at, event) in content_events(left).filter(|(at, _)| !is_removed(*at)) {
        if !others.next().is_some_and(|(_, other)| is_same_event(left, event, right, other)) {
            return Some(at);
        }
    }
    others.next().map(|_| 0)
}

/// Compares all of two events but their values.
fn is_same_event(left: &Document<'_>, event: &Event, right: &Document<'_>, other: &Event) -> bool {
    match (event, other) {
        (Event::Key(one), Event::Key(two)) => {
            left.scan.bytes(left.source, one.text) == right.scan.bytes(right.source, two.text)
        }
        (Event::Enter { container: one, .. }, Event::Enter { container: two, .. }) => one == two,
        (Event::Alias(one), Event::Alias(two)) => one.target == two.target,
        (Event::Anchor(one, _), Event::Anchor(two, _)) => one == two,
        _ => std::mem::discriminant(event) == std::mem::discriminant(other),
    }
}

fn offset_of(document: &Document<'_>, event: usize) -> usize {
    match document.scan.events.get(event) {
        Some(Event::Key(key)) => key.span.start(),
        Some(Event::Leaf(leaf)) => leaf.site.start(),
        Some(Event::Comment(comment)) => comment.span.start(),
        Some(Event::Alias(alias)) => alias.span.start(),
        Some(
            Event::Enter { span, .. }
            | Event::Leave(span)
            | Event::Anchor(_, span)
            | Event::Document(span)
            | Event::EndDocument(span),
        ) => span.start(),
        None => 0,
    }
}

/// Returns the first alias whose target holds one of `events`, which are in order.
pub(super) fn alias_of_any(document: &Document<'_>, events: &[usize]) -> Option<Span> {
    let nodes = super::walk::anchored_nodes(&document.scan.events);
    let holds = |range: &std::ops::Range<usize>| {
        let at = events.partition_point(|event| *event < range.start);
        events.get(at).is_some_and(|event| *event < range.end)
    };
    document.scan.events.iter().find_map(|event| {
        let (target, span) = match event {
            Event::Alias(alias) => (alias.target, alias.span),
            Event::Key(key) => (key.alias?, key.span),
            _ => return None,
        };
        nodes.get(&target).filter(|range| holds(range)).map(|_| span)
    })
}
