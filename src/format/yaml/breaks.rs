//! The line breaks of YAML 1.1 that YAML 1.2 dropped: U+0085, U+2028 and U+2029.
//!
//! The reference reads 1.1 here; the parser below us reads 1.2 and takes them for content.

use std::ops::Range;

use granit_parser::{Event, Parser};

use crate::tree::{self, Scan, Style};

/// Tells whether a text has such a break.
pub(super) fn has_old_break(text: &str) -> bool {
    first(text).is_some()
}

/// Returns where the first such break stands.
pub(super) fn first(text: &str) -> Option<usize> {
    // nearly all text is ASCII, which takes no look at each letter
    if text.is_ascii() { None } else { text.find(is_old_break) }
}

/// Returns where a line break of YAML 1.1 stands outside quotes in a piece of a text that was
/// scanned: there the reference reads another text, or the end of a comment with what follows it
/// in clear.
pub(super) fn outside_quotes(source: &str, piece: Range<usize>, scan: &Scan) -> Option<usize> {
    let text = &source[piece.clone()];
    if !has_old_break(text) {
        return None;
    }
    let mut breaks = text.match_indices(is_old_break).map(|(offset, _)| piece.start + offset);
    let quoted = scan.events.iter().filter_map(|event| match event {
        tree::Event::Leaf(leaf) => {
            matches!(leaf.style, Style::SingleQuoted | Style::DoubleQuoted).then_some(leaf.site)
        }
        tree::Event::Key(key) => {
            key.span.slice(source).starts_with(['"', '\'']).then_some(key.span)
        }
        _ => None,
    });
    let mut quoted = quoted.peekable();
    breaks.find(|offset| {
        while quoted.next_if(|span| span.end() <= *offset).is_some() {}
        quoted.peek().is_none_or(|span| *offset < span.start())
    })
}

fn is_old_break(letter: char) -> bool {
    matches!(letter, '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// Reads a plain or quoted scalar again, folding its lines as YAML 1.1 does: blanks around a break
/// go, U+0085 counts as LF, and U+2028 and U+2029 stay in the text.
pub(super) fn read_folded(scalar: &str) -> Option<String> {
    let mut text = String::with_capacity(scalar.len());
    let mut after_break = false;
    for letter in scalar.chars() {
        let is_blank = matches!(letter, ' ' | '\t');
        if is_old_break(letter) {
            text.truncate(text.trim_end_matches([' ', '\t']).len());
            text.push(if letter == '\u{85}' { '\n' } else { letter });
            after_break = true;
        } else if !(is_blank && after_break) {
            text.push(letter);
            after_break = false;
        }
    }
    Parser::new_from_str(&text).find_map(|event| match event {
        Ok((Event::Scalar(text, ..), _)) => Some(text.into_owned()),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quoted_scalars_fold_as_in_yaml_1_1() {
        for (scalar, expected) in [
            ("'a\u{2028}    b'", "a\u{2028}b"),
            ("'a  \u{2029}b'", "a\u{2029}b"),
            ("\"a\u{85} b\"", "a b"),
            ("'a\u{85}\u{85}b'", "a\nb"),
        ] {
            assert_eq!(read_folded(scalar).as_deref(), Some(expected), "{scalar:?}");
        }
    }
}
