//! Reads a result again and compares it with the intent; nothing is written on any doubt.

use std::hash::{BuildHasher, Hash, Hasher};

use foldhash::quality::RandomState;

use super::Document;
use super::error::{OpenError, SealError};
use super::events::{below_roots, comments, expanded_events};
use super::plaintext::Plaintext;
use super::seal::{Place, typed};
use super::values::{Decrypted, Values};
use super::walk::{Item, Stop, Walk};
use crate::crypto::{Envelope, Strictness};
use crate::format::{Format, ScanError};
use crate::metadata::{Metadata, Selector, SelectorKind};
use crate::parallel;
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
/// text with its values in clear and the metadata block in place. Meanwhile `look` looks at the
/// result.
pub(super) fn sealed<'t, R: Send>(
    base: &Document<'_>,
    text: &'t str,
    format: Format,
    metadata: &Metadata,
    look: impl FnOnce(&Document<'t>) -> R + Send,
) -> Result<(Document<'t>, R), SealError> {
    let selector = &metadata.selector;
    let digests = RandomState::default();
    let (wanted, result) = parallel::both(
        text.len(),
        || marks(base, selector, false, &digests),
        || Document::parse(text, format).map_err(|error| failed(base, 0, scan_doubt(&error))),
    );
    let (wanted, result) = (wanted?, result?);
    let (compared, seen) = parallel::both(
        text.len(),
        || compare(base, &result, metadata, (&wanted, &digests)),
        || look(&result),
    );
    compared?;
    Ok((result, seen))
}

/// Compares an encrypted document with its intent; `wanted` holds the marks of `base`, made with
/// `digests`.
fn compare(
    base: &Document<'_>,
    result: &Document<'_>,
    metadata: &Metadata,
    (wanted, digests): (&[Mark], &RandomState),
) -> Result<(), SealError> {
    let selector = &metadata.selector;
    if let Some(at) = structure_difference(base, result) {
        return Err(failed(base, offset_of(base, at), "the structure differs"));
    }
    if result.metadata().ok().flatten().as_ref() != Some(metadata) {
        return Err(failed(base, 0, "the metadata block differs"));
    }
    let found = marks(result, selector, true, digests)?;
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

/// Tells whether two encrypted texts hold the same values and comments in the same places, some of
/// them under other ciphertexts.
pub(super) fn has_same_values(
    left: &Document<'_>,
    right: &Document<'_>,
    selector: &Selector,
) -> bool {
    let state = RandomState::default();
    let digests = |document| {
        let marks = marks(document, selector, true, &state).ok()?;
        Some(marks.iter().map(|mark| mark.digest).collect::<Vec<_>>())
    };
    structure_difference(left, right).is_none()
        && digests(left).is_some_and(|left| Some(left) == digests(right))
}

/// Checks that the text with its metadata block in place still has the content of `document`.
pub(super) fn framed(document: &Document<'_>, base: &Document<'_>) -> Result<(), SealError> {
    let mut others = below_roots(base);
    for (at, event) in below_roots(document) {
        let doubt = match (event, others.next()) {
            (Event::Leaf(old), Some((_, Event::Leaf(new)))) => {
                (!is_same_leaf(base, new.value, document, old.value)).then_some("a value differs")
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
    digests: &RandomState,
) -> Result<Vec<Mark>, SealError> {
    let mut marks = Vec::new();
    Walk::new(document, selector).run(|stop| {
        let mut hasher = digests.build_hasher();
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
    let leaf = match stop.item {
        Item::Leaf(leaf) => leaf.value,
        Item::Repeated { value, .. } => value,
        Item::Comment(comment) => {
            let text = &*document.scan.str(source, comment.text);
            let is_closed = stop.is_selected && !text.is_empty();
            return match (is_closed, is_encrypted) {
                (true, true) => envelope_type(text).hash(hasher),
                (true, false) => Some(ValueType::Comment).hash(hasher),
                (false, _) => text.hash(hasher),
            };
        }
    };
    let value = Plaintext::of_leaf(&document.scan, source, leaf);
    let is_closed =
        stop.is_selected && value.as_ref().is_some_and(|value| !value.bytes().is_empty());
    match (is_closed, is_encrypted, leaf, value) {
        (true, true, LeafValue::Str(text), _) => {
            envelope_type(&document.scan.str(source, text)).hash(hasher);
        }
        (true, false, _, Some(value)) => Some(value.kind).hash(hasher),
        (_, _, _, value) => {
            value.as_ref().map(|value| (value.kind, value.bytes())).hash(hasher);
        }
    }
}

fn envelope_type(text: &str) -> Option<ValueType> {
    ValueType::parse(Envelope::kind_of(text, Strictness::Strict).ok()?)
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
    intended: &Values,
    is_removed: &dyn Fn(usize) -> bool,
) -> Result<(), OpenError> {
    let failed = |offset, doubt| OpenError::Verification(place(base, offset), doubt);
    let result = Document::parse(text, format).map_err(|error| failed(0, scan_doubt(&error)))?;
    let mut others = expanded_events(&result);
    let mut cursor = 0;
    for (at, event) in expanded_events(base).filter(|(at, _)| !is_removed(*at)) {
        let doubt = match (event, others.next()) {
            (Event::Leaf(old), Some((_, Event::Leaf(new)))) => {
                let is_same = match intended.find(&mut cursor, at) {
                    Some(value) => is_intended(&result, new.value, value),
                    None => is_same_leaf(&result, new.value, base, old.value),
                };
                (!is_same).then_some("a value differs")
            }
            // an alias may stand for a key again
            (Event::Leaf(old), Some((_, Event::Key(key)))) => {
                let text = result.scan.bytes(result.source, key.text);
                let clear = || Plaintext::of_leaf(&base.scan, base.source, old.value);
                let value = intended.find(&mut cursor, at).map(Decrypted::plaintext).or_else(clear);
                let is_same =
                    value.is_some_and(|it| it.kind == ValueType::Str && it.bytes() == text);
                (!is_same).then_some("a value differs")
            }
            (_, Some((_, other))) if is_same_event(base, event, &result, other) => None,
            _ => Some("the structure differs"),
        };
        if let Some(doubt) = doubt {
            return Err(failed(offset_of(base, at), doubt));
        }
    }
    match others.next() {
        Some(_) => Err(failed(0, "the structure differs")),
        None => Ok(()),
    }
}

/// Checks that a text with copies in the place of aliases has the content of `document`.
pub(super) fn expanded(document: &Document<'_>, result: &Document<'_>) -> Result<(), SealError> {
    let mut others = expanded_events(result);
    let is_same = |event: &Event, other: &Event| match (event, other) {
        (Event::Leaf(old), Event::Leaf(new)) => {
            is_same_leaf(result, new.value, document, old.value)
        }
        _ => is_same_event(document, event, result, other),
    };
    for (at, event) in expanded_events(document) {
        if !others.next().is_some_and(|(_, other)| is_same(event, other)) {
            return Err(SealError::AliasNotExpanded(place(document, offset_of(document, at))));
        }
    }
    match others.next() {
        Some(_) => Err(SealError::AliasNotExpanded(place(document, 0))),
        None => Ok(()),
    }
}

/// Compares the values of two leaves, strings without a copy.
fn is_same_leaf(
    left: &Document<'_>,
    one: LeafValue,
    right: &Document<'_>,
    other: LeafValue,
) -> bool {
    if let (LeafValue::Str(one), LeafValue::Str(other)) = (one, other) {
        return left.scan.bytes(left.source, one) == right.scan.bytes(right.source, other);
    }
    let value = |document: &Document<'_>, value| typed(&document.scan, document.source, value);
    same(value(left, one).as_ref(), value(right, other).as_ref())
}

/// Tells whether a leaf is what a decrypted value is read back as, strings without a copy.
fn is_intended(document: &Document<'_>, leaf: LeafValue, value: Decrypted<'_>) -> bool {
    if let Decrypted::Str(bytes) = value
        && document.format.keeps_string(bytes)
    {
        return is_string(document, leaf, bytes);
    }
    let value = value.to_value();
    let found = typed(&document.scan, document.source, leaf);
    same(found.as_ref(), Some(&document.format.read_back(&value)))
}

/// Compares values by type and canonical bytes, so that NaN equals itself. A whole float is
/// printed as an integer, as the reference does; so a copy of `1e3` is `1000`.
pub(super) fn same(left: Option<&Value>, right: Option<&Value>) -> bool {
    match (left, right) {
        (None, None) => true,
        #[expect(
            clippy::cast_precision_loss,
            clippy::float_cmp,
            reason = "the very digits that are printed are compared"
        )]
        (Some(Value::Int(int)), Some(Value::Float(float)))
        | (Some(Value::Float(float)), Some(Value::Int(int))) => *int as f64 == *float,
        (Some(left), Some(right)) => {
            left.kind() == right.kind() && left.canonical_bytes() == right.canonical_bytes()
        }
        _ => false,
    }
}

/// Returns the first event of `left` that has no counterpart in `right`, aliases expanded.
fn structure_difference(left: &Document<'_>, right: &Document<'_>) -> Option<usize> {
    let mut others = expanded_events(right);
    for (at, event) in expanded_events(left) {
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
        // an alias may stand for a key, and its copy is a string
        (Event::Key(key), Event::Leaf(leaf)) => {
            is_string(right, leaf.value, left.scan.bytes(left.source, key.text))
        }
        (Event::Leaf(leaf), Event::Key(key)) => {
            is_string(left, leaf.value, right.scan.bytes(right.source, key.text))
        }
        (Event::Enter { container: one, .. }, Event::Enter { container: two, .. }) => one == two,
        (Event::Alias(one), Event::Alias(two)) => one.target == two.target,
        (Event::Anchor(one, _), Event::Anchor(two, _)) => one == two,
        _ => std::mem::discriminant(event) == std::mem::discriminant(other),
    }
}

fn is_string(document: &Document<'_>, value: LeafValue, expected: &[u8]) -> bool {
    match value {
        LeafValue::Str(text) => document.scan.bytes(document.source, text) == expected,
        _ => false,
    }
}

/// Returns where an event stands.
pub(super) fn offset_of(document: &Document<'_>, event: usize) -> usize {
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
    if !document.scan.has_anchors {
        return None;
    }
    let nodes = document.scan.anchored_nodes();
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
