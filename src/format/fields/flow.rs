//! Items between commas: those of JSON, and of YAML in brackets.

use super::nested::{Change, Editor, New, Plan};
use crate::format::json::{Layout, write as write_json};
use crate::format::{Format, yaml};
use crate::text::{Span, start_of_line};
use crate::tree::Branch;

/// Returns the changes that carry out a plan; `parent` stands on the line where the collection
/// begins.
pub(super) fn rearrange(editor: &Editor<'_>, plan: &Plan<'_>, parent: usize) -> Vec<Change> {
    let writer = Writer::new(editor, plan, parent);
    let count = plan.items.len();
    let mut changes = Vec::new();
    if plan.gone.iter().all(|is_gone| *is_gone) {
        let start = plan.items.first().map_or(parent, |item| item.start);
        let end = plan.items.last().map_or(start, super::node::Item::end);
        let items: Vec<String> = plan.added.iter().map(|(_, new)| writer.write(*new)).collect();
        return vec![(Span::new(start, end), items.join(&format!(",{}", writer.gap)))];
    }
    let last_kept = plan.gone.iter().rposition(|is_gone| !is_gone).unwrap_or(0);
    for (before, new) in &plan.added {
        let next = (*before..count).find(|at| !plan.gone[*at]);
        let text = writer.write(*new);
        changes.push(match next {
            Some(at) => (Span::at(plan.items[at].start), format!("{text},{}", writer.gap)),
            None => (Span::at(plan.items[last_kept].end()), format!(",{}{text}", writer.gap)),
        });
    }
    changes.extend(removals(plan, last_kept));
    changes
}

/// Removes each run of items that go with as many commas.
fn removals(plan: &Plan<'_>, last_kept: usize) -> Vec<Change> {
    let mut changes = Vec::new();
    let mut at = 0;
    while at < plan.items.len() {
        if !plan.gone[at] {
            at += 1;
            continue;
        }
        let end = (at..plan.items.len()).find(|it| !plan.gone[*it]);
        let last = plan.items.last().map_or(0, super::node::Item::end);
        let span = match end {
            Some(next) => Span::new(plan.items[at].start, plan.items[next].start),
            None => Span::new(plan.items[last_kept].end(), last),
        };
        changes.push((span, String::new()));
        at = end.unwrap_or(plan.items.len());
    }
    changes
}

/// Writes items as those that are there.
struct Writer<'w> {
    format: Format,
    /// What stands between a comma and the next item.
    gap: &'w str,
    layout: Layout,
}

impl<'w> Writer<'w> {
    fn new(editor: &Editor<'w>, plan: &Plan<'_>, parent: usize) -> Self {
        let source = editor.source;
        let start = plan.items.last().map_or(parent, |item| item.start);
        let before = &source[..start];
        let gap = &before[before.trim_end_matches([' ', '\t', '\r', '\n']).len()..];
        let layout = match gap.rsplit_once('\n') {
            Some((_, pad)) => {
                let line = &source[start_of_line(source, parent)..];
                let outer = &line[..line.len() - line.trim_start_matches([' ', '\t']).len()];
                let unit = pad.strip_prefix(outer).filter(|unit| !unit.is_empty());
                let line_end = &gap[gap.rfind("\r\n").or(gap.rfind('\n')).unwrap_or(0)..];
                Layout::Lines { start: line_end.to_owned(), unit: unit.unwrap_or("\t").to_owned() }
            }
            None => Layout::OneLine,
        };
        Self { format: editor.format, gap, layout }
    }

    fn write(&self, New { name, value }: New<'_>) -> String {
        let value = if self.format == Format::Yaml {
            yaml::flow(value)
        } else {
            // a metadata block has no floats, which are all that JSON may not be able to hold
            let text = write_json(&Branch::from(value), &self.layout).unwrap_or_default();
            text.as_str().to_owned()
        };
        match name {
            Some(name) => format!("\"{name}\": {value}"),
            None => value,
        }
    }
}
