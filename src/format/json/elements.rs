use crate::text::{Edits, Span};
use crate::tree::{Container, Event, Scan};

/// An element of a list.
#[derive(Clone, Copy)]
struct Element {
    start: usize,
    end: usize,
    is_removed: bool,
}

/// Removes list elements with their commas: comments that the reference keeps as elements in
/// encrypted files, and leaves out when it decrypts (`spec/format.md` §5.3, "comments").
///
/// `events` holds the events of the elements in order.
pub fn remove(source: &str, scan: &Scan, events: &[usize], edits: &mut Edits) {
    if events.is_empty() {
        return;
    }
    // one list of elements for each open collection; those of mappings stay empty
    let mut open: Vec<(Span, Container, Vec<Element>)> = Vec::new();
    for (at, event) in scan.events.iter().enumerate() {
        let (start, end) = match event {
            Event::Enter { container, span, .. } => {
                open.push((*span, *container, Vec::new()));
                continue;
            }
            Event::Leaf(leaf) => (leaf.site.start(), leaf.site.end()),
            Event::Leave(close) => {
                let Some((opening, _, elements)) = open.pop() else { continue };
                shrink(source, &elements, Span::new(opening.end(), close.start()), edits);
                (opening.start(), close.end())
            }
            _ => continue,
        };
        if let Some((_, Container::Sequence, elements)) = open.last_mut() {
            let is_removed = events.binary_search(&at).is_ok();
            elements.push(Element { start, end, is_removed });
        }
    }
}

/// Removes what is to be removed of one list, whose brackets stand around `inner`.
fn shrink(source: &str, elements: &[Element], inner: Span, edits: &mut Edits) {
    if elements.iter().all(|element| element.is_removed) {
        if !elements.is_empty() {
            edits.remove(inner);
        }
        return;
    }
    let mut kept: Option<Element> = None;
    let mut first_removed: Option<Element> = None;
    for element in elements {
        match (element.is_removed, first_removed) {
            (true, None) => first_removed = Some(*element),
            (true, Some(_)) => {}
            (false, removed) => {
                if let Some(removed) = removed {
                    edits.remove(Span::new(removed.start, element.start));
                }
                first_removed = None;
                kept = Some(*element);
            }
        }
    }
    // those at the end take the comma before them along
    if let (Some(kept), Some(_), Some(last)) = (kept, first_removed, elements.last()) {
        let comma = source.get(kept.end..).and_then(|rest| rest.find(',')).unwrap_or(0);
        edits.remove(Span::new(kept.end + comma, last.end));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::format::json::scan;

    /// Removes the elements that are `"-"`.
    fn removed(source: &str) -> String {
        let scanned = scan(source).unwrap();
        let is_mark = |event: &Event| match event {
            Event::Leaf(leaf) => leaf.site.slice(source) == "\"-\"",
            _ => false,
        };
        let events = scanned.events.iter().enumerate().filter(|(_, event)| is_mark(event));
        let events: Vec<usize> = events.map(|(at, _)| at).collect();
        let mut edits = Edits::new();
        remove(source, &scanned, &events, &mut edits);
        edits.apply(source).unwrap()
    }

    #[test]
    fn elements_go_with_one_comma_each() {
        let rows = [
            (r#"{"a":["-"]}"#, r#"{"a":[]}"#),
            ("{\"a\": [\n\t\t\"-\",\n\t\t\"-\"\n\t]}", "{\"a\": []}"),
            (r#"{"a":["-", 1, "-", "-", 2 , "-"]}"#, r#"{"a":[1, 2 ]}"#),
            ("{\"a\": [\n\t\t1,\n\t\t\"-\"\n\t]}", "{\"a\": [\n\t\t1\n\t]}"),
            ("{\"a\": [\n\t\t\"-\",\n\t\t1\n\t]}", "{\"a\": [\n\t\t1\n\t]}"),
            (r#"{"a":[["-"],"-",{"b":["-",[]]}, "-"]}"#, r#"{"a":[[],{"b":[[]]}]}"#),
            (r#"{"a":[],"b":[1]}"#, r#"{"a":[],"b":[1]}"#),
        ];
        for (source, expected) in rows {
            assert_eq!(removed(source), expected, "{source}");
        }
    }
}
