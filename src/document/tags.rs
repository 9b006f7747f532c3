//! Tags of scalars with a comment behind them: they are left out while the file is encrypted.
//!
//! An envelope takes the place of a scalar with its tag, where a comment cannot stay. The layout
//! record brings the tag back.

use super::Document;
use super::error::SealError;
use super::seal::typed;
use super::splice;
use super::verify;
use crate::format::Format;
use crate::text::{Edits, Span};
use crate::tree::{Event, Leaf, LeafValue, Style};

/// Returns the text without the tags that have a comment between them and their scalar, whose
/// values are spelled so that they stay the same; nothing when there is none.
///
/// # Errors
/// The values would be others.
pub(super) fn take_away(document: &Document<'_>) -> Result<Option<String>, SealError> {
    let source = document.source;
    if document.format != Format::Yaml || !source.contains('!') {
        return Ok(None);
    }
    let mut edits = Edits::new();
    let mut is_changed = false;
    for event in &document.scan.events {
        if let Event::Leaf(leaf) = event
            && let Some(start) = scalar_behind_comment(leaf.site.slice(source))
        {
            take_away_one(document, leaf, start, &mut edits);
            is_changed = true;
        }
    }
    if !is_changed {
        return Ok(None);
    }
    let text = edits.apply(source)?;
    let result = Document::parse(&text, document.format)?;
    verify::expanded(document, &result)?;
    Ok(Some(text))
}

/// Returns where the scalar of a site begins, if a comment stands between it and its tag.
pub(super) fn scalar_behind_comment(site: &str) -> Option<usize> {
    if !site.starts_with('!') || !site.contains('#') {
        return None;
    }
    let (mut at, mut has_comment) = (0, false);
    loop {
        let rest = &site[at..];
        let length = match rest.bytes().next()? {
            b'!' | b'&' => rest.find(|letter: char| letter.is_ascii_whitespace())?,
            b'#' => {
                has_comment = true;
                rest.find(['\r', '\n'])?
            }
            b' ' | b'\t' | b'\r' | b'\n' => 1,
            _ => return has_comment.then_some(at),
        };
        at += length;
    }
}

fn take_away_one(document: &Document<'_>, leaf: &Leaf, start: usize, edits: &mut Edits) {
    let source = document.source;
    let site = leaf.site.slice(source);
    let tag = site.find([' ', '\t', '\r', '\n']).unwrap_or(site.len());
    let blanks = site[tag..].len() - site[tag..].trim_start_matches([' ', '\t']).len();
    let tag_start = leaf.site.start();
    edits.remove(Span::new(tag_start, tag_start + tag + blanks));
    let scalar = Leaf { site: Span::new(tag_start + start, leaf.site.end()), ..*leaf };
    let is_string = matches!(leaf.value, LeafValue::Str(_));
    if is_string && leaf.style != Style::Plain && !site[..tag].contains("binary") {
        return;
    }
    match typed(&document.scan, source, leaf.value) {
        Some(value) => {
            let step = document.format.step(&document.scan, 0);
            let rendering = document.format.render(source, &scalar, &value, step);
            splice::replace_leaf(source, &scalar, &rendering, edits);
        }
        None if leaf.value == LeafValue::Null => edits.replace(scalar.site, "null"),
        None => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scalars_behind_comments_are_found() {
        for (site, expected) in [
            ("!!str # c\n  x", Some(12)),
            ("!!str &a # c\n\n# d\r\n  'x'", Some(21)),
            ("!!str # c\n  &a x", Some(15)),
            ("!!str x", None),
            ("!!str '# x'", None),
            ("!!str\n  x#", None),
            ("# x", None),
            ("!x#y # c\n |", Some(10)),
        ] {
            assert_eq!(scalar_behind_comment(site), expected, "{site:?}");
        }
    }
}
