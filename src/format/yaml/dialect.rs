//! What YAML 1.1 as the reference reads it does not have, although readers of YAML 1.2 do.
//!
//! The reference could not read such a text, or only as another one, so it is refused
//! (`design.md` §3).

use crate::format::{ScanError, ScanErrorKind};
use crate::text::{Span, start_of_line};
use crate::tree::{Event, Leaf, Scan, Style};

/// Refuses what the reference cannot read.
///
/// # Errors
/// A tab stands where a token may begin, an end marker stands before a document without a start
/// marker, or a question mark stands in a plain scalar in brackets.
pub(super) fn check(source: &str, scan: &Scan) -> Result<(), ScanError> {
    let found = [
        marker(source, scan).map(|offset| (offset, ScanErrorKind::MarkerBeforeDocument)),
        tab(source, scan).map(|offset| (offset, ScanErrorKind::TabAsIndentation)),
        question_mark(source, scan).map(|offset| (offset, ScanErrorKind::QuestionMark)),
    ];
    match found.into_iter().flatten().min_by_key(|(offset, _)| *offset) {
        Some((offset, kind)) => Err(ScanError::at(source, offset, kind)),
        None => Ok(()),
    }
}

/// Returns where a document begins without `---` behind `...`, or a `...` before all documents.
fn marker(source: &str, scan: &Scan) -> Option<usize> {
    if !source.contains("...") {
        return None;
    }
    let mut is_first = true;
    for (at, event) in scan.events.iter().enumerate() {
        let Event::Document(span) = event else { continue };
        let has_marker = span.slice(source).starts_with("---");
        let start = if has_marker { span.start() } else { first_token(scan, at) };
        if is_first {
            let before = source.get(..start).unwrap_or_default();
            let mut lines = before.split_inclusive('\n').scan(0, |offset, line| {
                *offset += line.len();
                Some((*offset - line.len(), line.trim_start_matches('\u{feff}')))
            });
            if let Some((offset, _)) = lines.find(|(_, line)| line.starts_with("...")) {
                return Some(offset);
            }
        } else if !has_marker {
            return Some(start);
        }
        is_first = false;
    }
    None
}

/// Returns where the content of the document begins whose event is `at`.
fn first_token(scan: &Scan, at: usize) -> usize {
    let mut starts = scan.events.iter().skip(at + 1).map(|event| match event {
        Event::Document(span)
        | Event::EndDocument(span)
        | Event::Enter { span, .. }
        | Event::Leave(span)
        | Event::Anchor(_, span) => span.start(),
        Event::Key(key) => key.span.start(),
        Event::Leaf(leaf) => leaf.site.start(),
        Event::Alias(alias) => alias.span.start(),
        Event::Comment(comment) => comment.span.start(),
    });
    starts.next().unwrap_or_default()
}

/// Returns a tab at which the reference looks for a token: in the blanks before the first one of
/// a line, or behind an indicator there, outside of scalars and brackets.
fn tab(source: &str, scan: &Scan) -> Option<usize> {
    let mut tabs = source.match_indices('\t').map(|(offset, _)| offset).peekable();
    tabs.peek()?;
    if let Some(offset) = scan.events.iter().find_map(|event| tab_in_block(source, event)) {
        return Some(offset);
    }
    let covered = covered(source, scan);
    let mut covered = covered.into_iter().peekable();
    tabs.find(|offset| {
        while covered.next_if(|span| span.end() <= *offset).is_some() {}
        let is_covered = covered.peek().is_some_and(|span| span.start() <= *offset);
        !is_covered && may_token_begin(&source[start_of_line(source, *offset)..*offset])
    })
}

/// Returns a tab in the blanks that tell the indentation of a block scalar.
fn tab_in_block(source: &str, event: &Event) -> Option<usize> {
    let Event::Leaf(leaf) = event else { return None };
    let is_told = leaf.site.slice(source).contains(|letter: char| letter.is_ascii_digit());
    if leaf.body.is_empty() || is_told {
        return None;
    }
    let body = leaf.body.slice(source);
    let blanks = body.len() - body.trim_start_matches([' ', '\r', '\n']).len();
    body[blanks..].starts_with('\t').then(|| leaf.body.start() + blanks)
}

/// Tells whether a token may begin behind this beginning of a line.
fn may_token_begin(line: &str) -> bool {
    let mut words = line.split([' ', '\t']).filter(|word| !word.is_empty());
    words.all(|word| matches!(word, "-" | "?" | ":" | "\u{feff}"))
}

/// Lists the scalars and the outermost brackets, in order.
fn covered(source: &str, scan: &Scan) -> Vec<Span> {
    let mut spans = Vec::new();
    let (mut depth, mut open) = (0_usize, 0);
    for event in &scan.events {
        match event {
            Event::Enter { is_flow: true, span, .. } => {
                if depth == 0 {
                    open = span.start();
                }
                depth += 1;
            }
            Event::Leave(span) if depth > 0 => {
                depth -= 1;
                if depth == 0 {
                    spans.push(Span::new(open, span.end()));
                }
            }
            Event::Leaf(Leaf { site, body, .. }) if depth == 0 => {
                let end = if body.is_empty() { site.end() } else { body.end() };
                // a tag or anchor may stand before the scalar on another line
                let text = site.slice(source);
                let is_tagged = text.starts_with('!');
                let start = if is_tagged { scalar_start(*site, text) } else { site.start() };
                spans.push(Span::new(start, end.max(start)));
            }
            Event::Key(key) if depth == 0 => spans.push(key.span),
            _ => {}
        }
    }
    spans.retain(|span| !span.is_empty());
    spans
}

/// Returns where the scalar of a tagged site begins: on its last line.
fn scalar_start(site: Span, text: &str) -> usize {
    let gap = text.find([' ', '\t', '\n', '\r']).unwrap_or(text.len());
    let blanks = text[gap..].len() - text[gap..].trim_start().len();
    site.start() + gap + blanks
}

/// Returns a question mark before a blank in a plain scalar in brackets, which is an indicator to
/// the reference.
fn question_mark(source: &str, scan: &Scan) -> Option<usize> {
    if !source.contains('?') {
        return None;
    }
    let mut depth = 0_usize;
    scan.events.iter().find_map(|event| {
        let span = match event {
            Event::Enter { is_flow: true, .. } => {
                depth += 1;
                return None;
            }
            Event::Leave(_) => {
                depth = depth.saturating_sub(1);
                return None;
            }
            Event::Leaf(leaf) if leaf.in_flow && leaf.style == Style::Plain => leaf.site,
            Event::Key(key) if depth > 0 => key.span,
            _ => return None,
        };
        let text = span.slice(source);
        if text.starts_with(['"', '\'']) {
            return None;
        }
        let marks = text.match_indices('?').map(|(at, _)| at);
        let is_before_blank =
            |at: &usize| source[span.start() + at + 1..].starts_with([' ', '\t', '\r', '\n']);
        marks.filter(|at| *at > 0).find(is_before_blank).map(|at| span.start() + at)
    })
}

#[cfg(test)]
mod tests {
    use super::super::scan;
    use super::ScanErrorKind as Kind;

    /// Texts, and where and why the reference refuses them; all as release 3.11 answers.
    #[test]
    fn texts_are_refused_where_the_reference_refuses_them() {
        let refused = [
            ("a:\n\tb: 1\n", 2, 1, Kind::TabAsIndentation),
            ("a: b\n\t\n", 2, 1, Kind::TabAsIndentation),
            ("a:\n\t# c\nb: 1\n", 2, 1, Kind::TabAsIndentation),
            ("a:\n  -\tb\n", 2, 4, Kind::TabAsIndentation),
            ("? \ta\n", 1, 3, Kind::TabAsIndentation),
            ("a: |\n  x\n\t\n", 3, 1, Kind::TabAsIndentation),
            ("a: |\n  \tx\n", 2, 3, Kind::TabAsIndentation),
            ("a: >\n\n \t\n  x\n", 3, 2, Kind::TabAsIndentation),
            ("a: !!str\n\tx\n", 2, 1, Kind::TabAsIndentation),
            ("...\na: 1\n", 1, 1, Kind::MarkerBeforeDocument),
            ("# c\n...\n---\na: 1\n", 2, 1, Kind::MarkerBeforeDocument),
            ("a: 1\n...\nb: 1\n", 3, 1, Kind::MarkerBeforeDocument),
            ("---\n...\n{b: 1}\n", 3, 1, Kind::MarkerBeforeDocument),
            ("a: [x ? y]\n", 1, 7, Kind::QuestionMark),
            ("a: {b ? c: 1}\n", 1, 7, Kind::QuestionMark),
            ("a: {b\n : 1}\n", 2, 2, Kind::ColonOnOtherLine),
            ("a: {&k\n b: 1}\n", 2, 3, Kind::ColonOnOtherLine),
        ];
        for (source, line, column, kind) in refused {
            let error = scan(source).expect_err(source);
            // a scanner may refuse a tab by itself, in its own words
            let is_own = matches!(error.kind, Kind::Syntax(_)) && kind == Kind::TabAsIndentation;
            assert!(is_own || error.kind == kind, "{source:?}: {error}");
            assert!(is_own || (error.line, error.column) == (line, column), "{source:?}: {error}");
        }
    }

    #[test]
    fn texts_are_read_where_the_reference_reads_them() {
        let read = [
            "a:\t1\nb: 2 \t# c\n",
            "a: \"b\n\tc\"\n",
            "a: b\n  \tc\n",
            "a: |\n  x\n  \ty\n",
            "a: |\n  x\n  \t\n",
            "a: |2\n  \tx\n",
            "a: [1,\n\t2]\n",
            "a: {b: 1,\n\tc: 2}\n",
            "a: 1\n...\n",
            "a: 1\n...\n---\nb: 1\n...\n",
            "a: x ? y\nb: [x?y, x?, \"x ? y\"]\nc: [what?]\n",
            "a: {? b\n c : 1, d: 2,\n e:\n 3}\n",
            "a: ... b\nc: |\n  ...\n",
        ];
        for source in read {
            assert!(scan(source).is_ok(), "{source:?}: {:?}", scan(source).err());
        }
    }
}
