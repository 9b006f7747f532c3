//! Turns decisions about leaves and blocks into edits of the text.

use super::Document;
use crate::format::yaml::block::DocumentPart;
use crate::format::yaml::render::Rendering;
use crate::text::{Edits, Span, end_of_line, start_of_line};
use crate::tree::Leaf;

/// The text of a leaf as it stood in a file: its site and its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SiteText {
    pub(super) site: String,
    pub(super) body: String,
}

impl SiteText {
    pub(super) fn of(source: &str, leaf: &Leaf) -> Self {
        let slice = |span: Span| span.slice(source).to_owned();
        Self { site: slice(leaf.site), body: slice(leaf.body) }
    }
}

/// Puts a rendered value into the place of a leaf.
pub(super) fn replace_leaf(source: &str, leaf: &Leaf, rendering: Rendering, edits: &mut Edits) {
    let Rendering { site, body } = rendering;
    edits.replace(leaf.site, site);
    if !leaf.body.is_empty() {
        edits.replace(leaf.body, body);
    } else if !body.is_empty() {
        let end = content_end(source, leaf.site.end());
        let newline = crate::text::Newline::of(source);
        edits.insert(end, newline.apply(body));
    }
}

/// Puts the old text of an unchanged leaf back.
pub(super) fn restore_site(source: &str, leaf: &Leaf, old: &SiteText, edits: &mut Edits) {
    let rendering = Rendering { site: old.site.clone(), body: old.body.clone() };
    replace_leaf(source, leaf, rendering, edits);
}

/// Replaces the metadata block of a document by `text`, which has the same lines.
pub(super) fn replace_block(
    base: &Document<'_>,
    part: &DocumentPart,
    text: &str,
    edits: &mut Edits,
) {
    let source = base.source();
    for block in &part.blocks {
        let start = start_of_line(source, block.span.start());
        let end = end_of_line(source, block.span.end());
        edits.replace(Span::new(start, end), text);
    }
}

/// Returns where the line that holds `offset` ends, its line end not included.
pub(super) fn content_end(source: &str, offset: usize) -> usize {
    let end = end_of_line(source, offset);
    let line = &source[offset..end];
    offset + line.trim_end_matches('\n').trim_end_matches('\r').len()
}
