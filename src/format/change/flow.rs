//! Items of collections in brackets.

use super::Collection;
use crate::text::{Edits, Newline, Span, end_of_line};

/// Adds an item behind the last one, on a line of its own where the last one has its own.
///
/// `item` writes it for the indentation of its line, which is none where all stand on one line.
pub(in crate::format) fn append(
    source: &str,
    collection: &Collection,
    edits: &mut Edits<'_>,
    item: impl FnOnce(Option<&str>) -> String,
) {
    let Some(last) = collection.items.last() else {
        let inner = Span::new(collection.opening.end(), collection.closing.start());
        let text = item(None);
        if inner.slice(source).contains('#') {
            edits.insert(inner.end(), text);
        } else {
            edits.replace(inner, text);
        }
        return;
    };
    let line = line_indent(source, last.start);
    let text = item(line);
    let comma = find_comma(source, last.end, collection.closing.start());
    let separator =
        line.map_or(" ".to_owned(), |line| Newline::of(source).as_str().to_owned() + line);
    match (comma, line) {
        // a comma at the end stays one
        (Some(comma), _) => edits.insert(comma + 1, format!("{separator}{text},")),
        (None, None) => edits.insert(last.end, format!(",{separator}{text}")),
        (None, Some(_)) => {
            // a comment behind the last item stays with it
            let end = end_of_line(source, last.end).min(collection.closing.start());
            let rest = source.get(last.end..end).unwrap_or_default();
            let behind = if rest.trim_start().starts_with('#') { rest.trim_end().len() } else { 0 };
            edits.insert(last.end, ",");
            edits.insert(last.end + behind, format!("{separator}{text}"));
        }
    }
}

/// Removes an item with one comma.
pub(in crate::format) fn remove(
    source: &str,
    collection: &Collection,
    item: usize,
    edits: &mut Edits<'_>,
) {
    let items = &collection.items;
    let Some(removed) = items.get(item) else { return };
    let before = item.checked_sub(1).and_then(|at| items.get(at));
    let span = match (before, items.get(item + 1)) {
        (_, Some(next)) => Span::new(removed.start, next.start),
        (Some(before), None) => {
            let comma = find_comma(source, before.end, removed.start).unwrap_or(before.end);
            Span::new(comma, removed.end)
        }
        (None, None) => Span::new(collection.opening.end(), collection.closing.start()),
    };
    edits.remove(span);
}

/// Returns the blanks before `offset`, if nothing else stands before it on its line.
pub(in crate::format) fn line_indent(source: &str, offset: usize) -> Option<&str> {
    let (_, line) = source.get(..offset)?.rsplit_once('\n')?;
    line.trim_start_matches([' ', '\t']).is_empty().then_some(line)
}

/// Finds a comma that is in no comment.
fn find_comma(source: &str, from: usize, to: usize) -> Option<usize> {
    let bytes = source.as_bytes();
    let mut at = from;
    while at < to.min(bytes.len()) {
        match bytes[at] {
            b',' => return Some(at),
            b'#' => at = end_of_line(source, at),
            _ => at += 1,
        }
    }
    None
}
