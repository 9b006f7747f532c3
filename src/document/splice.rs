//! Turns decisions about leaves and blocks into edits of the text.

use super::Document;
use crate::format::{DocumentPart, Rendering};
use crate::text::{Edits, Newline, Span, end_of_line};
use crate::tree::{Leaf, LeafValue, Style};

/// Returns a rendering with the line ends of `source`.
pub(super) fn with_line_ends(source: &str, rendering: Rendering) -> Rendering {
    let Rendering { site, body } = rendering;
    let body = if body.is_empty() { body } else { newlines_of(source, &body) };
    Rendering { site, body }
}

fn newlines_of(source: &str, text: &str) -> String {
    Newline::of(source).apply(text.replace("\r\n", "\n"))
}

/// Returns an envelope as it is written in the site of a leaf.
pub(super) fn in_site(document: &Document<'_>, leaf: &Leaf, envelope: &str) -> String {
    let (before, after) = document.format.around_envelope(document.source, leaf);
    format!("{before}{envelope}{after}")
}

/// Puts a rendered value into the place of a leaf.
pub(super) fn replace_leaf(source: &str, leaf: &Leaf, rendering: &Rendering, edits: &mut Edits) {
    if rendering.body.is_empty() {
        return replace_leaf_inline(source, leaf, &rendering.site, edits);
    }
    edits.replace(leaf.site, &rendering.site);
    replace_body(source, leaf, &rendering.body, edits);
}

/// Puts a text into the place of a leaf, body included.
pub(super) fn replace_leaf_inline(source: &str, leaf: &Leaf, text: &str, edits: &mut Edits) {
    edits.replace(leaf.site, text);
    if leaf.body.is_empty() {
        return;
    }
    // blank lines at the end stay, as the comments behind them belong elsewhere without them
    let length = leaf.body.slice(source).trim_end_matches(['\r', '\n']).len();
    edits.remove(Span::new(leaf.body.start(), leaf.body.start() + length));
}

fn replace_body(source: &str, leaf: &Leaf, body: &str, edits: &mut Edits) {
    if body.is_empty() && leaf.body.is_empty() {
        return;
    }
    let body = newlines_of(source, body);
    if leaf.body.is_empty() {
        edits.insert(content_end(source, leaf.site.end()), body);
    } else {
        edits.replace(leaf.body, body);
    }
}

/// Puts the old text of an unchanged leaf back.
pub(super) fn restore_site(source: &str, leaf: &Leaf, old: OldText<'_>, edits: &mut Edits) {
    let (site, body) = old;
    edits.replace(leaf.site, site);
    replace_body(source, leaf, body, edits);
}

/// The site and the body of a leaf in an old text.
pub(super) type OldText<'u> = (&'u str, &'u str);

/// Replaces the metadata block of a document by `text`.
pub(super) fn replace_block(
    base: &Document<'_>,
    part: &DocumentPart,
    text: &str,
    edits: &mut Edits,
) {
    let source = base.source();
    for block in &part.blocks {
        edits.replace(base.format.block_span(source, block), text);
    }
}

/// Keeps the value of a block scalar that ends the text without a line end, which the metadata
/// block behind it adds: its header gets a `-`.
pub(super) fn keep_missing_line_end(document: &Document<'_>, leaf: &Leaf, edits: &mut Edits) {
    let source = document.source();
    let LeafValue::Str(text) = leaf.value else { return };
    let has_line_end = document.scan.bytes(source, text).ends_with(b"\n");
    let header = leaf.site.slice(source);
    let is_block = matches!(leaf.style, Style::Literal | Style::Folded);
    // lines of blanks at the end are a line end of a value that keeps its empty lines
    let end = leaf.site.end().max(leaf.body.end());
    let is_last = source[end..].bytes().all(|byte| byte.is_ascii_whitespace());
    let is_kept = if has_line_end { !header.contains('+') } else { header.ends_with('-') };
    if source.ends_with('\n') || !is_block || !is_last || is_kept {
        return;
    }
    // indentation and chomping may stand in either order
    let start = header.rfind(['|', '>']).map_or(leaf.site.end(), |at| leaf.site.start() + at + 1);
    let kept: String =
        source[start..leaf.site.end()].chars().filter(char::is_ascii_digit).collect();
    let chomping = if has_line_end { "" } else { "-" };
    edits.replace(Span::new(start, leaf.site.end()), kept + chomping);
}

/// Returns where the line that holds `offset` ends, its line end not included.
pub(super) fn content_end(source: &str, offset: usize) -> usize {
    let end = end_of_line(source, offset);
    let line = &source[offset..end];
    offset + line.trim_end_matches('\n').trim_end_matches('\r').len()
}
