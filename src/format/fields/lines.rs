//! Items of a block collection of YAML, which are whole lines.

use super::nested::{Change, Editor, New, Plan};
use super::node::Item;
use crate::format::yaml;
use crate::text::{Newline, Span, end_of_line, start_of_line};

/// Returns the changes that carry out a plan; nothing if an item does not have its lines to itself.
pub(super) fn rearrange(editor: &Editor<'_>, plan: &Plan<'_>) -> Option<Vec<Change>> {
    let source = editor.source;
    let lines = plan.items.iter().map(|item| Lines::of(source, item));
    let lines: Vec<Lines> = lines.collect::<Option<_>>()?;
    let gone = lines.iter().zip(&plan.gone).filter(|(_, is_gone)| **is_gone);
    let mut changes: Vec<Change> = gone.map(|(lines, _)| (lines.span, String::new())).collect();
    for (before, new) in &plan.added {
        let column = lines.first()?.column;
        let text = write(editor, *new, column);
        changes.push(match lines.get(*before) {
            Some(lines) => (Span::at(lines.span.start()), text),
            None => behind(source, lines.last()?.span.end(), text),
        });
    }
    Some(changes)
}

/// The lines of an item.
struct Lines {
    span: Span,
    /// Column of the key, or of the dash.
    column: usize,
}

impl Lines {
    fn of(source: &str, item: &Item) -> Option<Self> {
        let start = start_of_line(source, item.start);
        let before = source.get(start..item.start)?;
        let mark = if item.name.is_some() { "" } else { "-" };
        let has_own_lines = before.trim_matches(' ') == mark;
        let span = Span::new(start, end_of_line(source, item.end()));
        let column = before.len() - before.trim_start_matches(' ').len();
        has_own_lines.then_some(Self { span, column })
    }
}

fn write(editor: &Editor<'_>, new: New<'_>, column: usize) -> String {
    let step = yaml::effective_step(editor.step);
    let text = match new.name {
        Some(name) => yaml::block_item(name, new.value, column, step),
        None => " ".repeat(column) + &yaml::element(new.value, column, step),
    };
    let text = if text.ends_with('\n') { text } else { text + "\n" };
    Newline::of(editor.source).apply(text)
}

/// Inserts lines behind the end of a line, which may be the last one and open.
fn behind(source: &str, end: usize, text: String) -> Change {
    let newline = Newline::of(source).as_str();
    if source[..end].ends_with('\n') {
        return (Span::at(end), text);
    }
    let lines = text.strip_suffix(newline).unwrap_or(&text);
    (Span::at(end), format!("{newline}{lines}"))
}
