use std::ops::Range;

use super::record::Hunk;
use crate::document::Document;
use crate::tree::Event;

/// How many lines ahead like ones are looked for.
const REACH: usize = 64;

/// Returns what must be changed in `text` to make the original of it, document by document, so that
/// what is the same between two changes stays out of it.
pub(super) fn hunks(text: &str, original: &Document<'_>) -> Vec<Hunk> {
    let source = original.source;
    let whole = || changes(text, 0..text.len(), source);
    let Ok(restored) = Document::parse(text, original.format) else { return whole() };
    let (ours, theirs) = (starts(&restored), starts(original));
    if ours.len() != theirs.len() {
        return whole();
    }
    let mut hunks = Vec::new();
    for (our, their) in ours.windows(2).zip(theirs.windows(2)) {
        hunks.extend(changes(text, our[0]..our[1], &source[their[0]..their[1]]));
    }
    hunks
}

/// Returns where the documents of a text begin, the first at its start, and the end of the text.
fn starts(document: &Document<'_>) -> Vec<usize> {
    let starts = document.scan.events.iter().filter_map(|event| match event {
        Event::Document(span) => Some(span.start()),
        _ => None,
    });
    let inner = starts.skip(1);
    std::iter::once(0).chain(inner).chain([document.source.len()]).collect()
}

/// Returns the differences of a piece of `text` and its original, each as small as lines that are
/// alike allow.
fn changes(text: &str, piece: Range<usize>, original: &str) -> Vec<Hunk> {
    let Some(found) = text.get(piece.clone()) else { return Vec::new() };
    let (found, wanted) = (lines(found), lines(original));
    let mut hunks = Vec::new();
    let (mut at, mut to) = (0, 0);
    let mut offset = piece.start;
    while at < found.len() || to < wanted.len() {
        let (mut removed, mut added) = gap(&found[at..], &wanted[to..]);
        if (removed, added) == (0, 0) {
            // lines that begin alike
            (removed, added) = (1, 1);
        }
        let length: usize = found[at..at + removed].iter().map(|line| line.len()).sum();
        let inserted: String = wanted[to..to + added].concat();
        hunks.extend(hunk(text, offset..offset + length, &inserted));
        (at, to, offset) = (at + removed, to + added, offset + length);
    }
    hunks
}

fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// Returns how many lines of each side differ before lines that begin alike, or the end; all of
/// them if that is far.
fn gap(found: &[&str], wanted: &[&str]) -> (usize, usize) {
    let fits = |at: usize, to: usize| match (found.get(at), wanted.get(to)) {
        (None, None) => true,
        (Some(one), Some(two)) => {
            // lines without content are alike by chance
            if one == two && one.trim().is_empty() {
                found.get(at + 1) == wanted.get(to + 1)
            } else {
                begin_alike(one.trim_end(), two.trim_end())
            }
        }
        _ => false,
    };
    for distance in 0..=REACH {
        for at in 0..=distance.min(found.len()) {
            let to = distance - at;
            if to <= wanted.len() && fits(at, to) {
                return (at, to);
            }
        }
    }
    (found.len(), wanted.len())
}

/// Tells whether one line is the other, with or without something behind it.
fn begin_alike(one: &str, two: &str) -> bool {
    !one.is_empty() && !two.is_empty() && (one.starts_with(two) || two.starts_with(one))
}

/// Returns the difference of a piece of `text` and its original, without what both begin and end
/// with.
fn hunk(text: &str, piece: Range<usize>, original: &str) -> Option<Hunk> {
    let found = text.get(piece.clone())?;
    let same = |(one, two): &(char, char)| one == two;
    let before: usize =
        found.chars().zip(original.chars()).take_while(same).map(|(one, _)| one.len_utf8()).sum();
    let (found, original) = (&found[before..], &original[before..]);
    let reversed = found.chars().rev().zip(original.chars().rev());
    let after: usize = reversed.take_while(same).map(|(one, _)| one.len_utf8()).sum();
    let removed = &found[..found.len() - after];
    let inserted = &original[..original.len() - after];
    if removed.is_empty() && inserted.is_empty() {
        return None;
    }
    let start = piece.start + before;
    let to_end = text.len() - start;
    // an offset of 0 is the start of the text
    let is_late = to_end > 0 && to_end < start;
    let offset = if is_late { -signed(to_end) } else { signed(start) };
    Some(Hunk { offset, removed: removed.to_owned(), inserted: inserted.to_owned() })
}

fn signed(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::layout::apply::apply_hunks;

    fn parts(text: &str, original: &str) -> Vec<(i64, String, String)> {
        let hunks = changes(text, 0..text.len(), original);
        let restored = apply_hunks(&hunks, text.to_owned()).ok();
        assert_eq!(restored.as_deref(), Some(original), "{text:?}");
        hunks.into_iter().map(|it| (it.offset, it.removed, it.inserted)).collect()
    }

    #[test]
    fn each_change_is_a_piece_of_its_own() {
        type Piece<'p> = (i64, &'p str, &'p str);
        let rows: [(&str, &str, &[Piece<'_>]); 8] = [
            ("a\nb\n", "a\nb", &[(-1, "\n", "")]),
            ("a\nb\nc\nd\ne\n", "a\nB\nc\nd\ne\n", &[(2, "b", "B")]),
            ("", "a\n", &[(0, "", "a\n")]),
            ("a\n", "", &[(0, "a\n", "")]),
            (
                "; c\na=1\nb=2\n; d\nc=3\nd=4\n",
                "a=1 ; c\nb=2\nc=3 ; d\nd=4\n",
                &[(0, "; c\n", ""), (7, "", " ; c"), (12, "; d\n", ""), (-5, "", " ; d")],
            ),
            ("a\nb\nc\n", "x\nb\ny\n", &[(0, "a", "x"), (-2, "c", "y")]),
            ("é\n", "è\n", &[(0, "é", "è")]),
            ("a\nb\n", "a\nb\n;c\n", &[(4, "", ";c\n")]),
        ];
        for (text, original, expected) in rows {
            let expected: Vec<_> = expected
                .iter()
                .map(|(offset, removed, inserted)| {
                    (*offset, (*removed).to_owned(), (*inserted).to_owned())
                })
                .collect();
            assert_eq!(parts(text, original), expected, "{text:?}");
        }
    }
}
