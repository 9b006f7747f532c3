//! Lines of names with texts: metadata of dotenv and INI.

use crate::format::part::Block;
use crate::format::{Format, dotenv, ini};
use crate::text::{Edits, Newline, Span, end_of_line, start_of_line};
use crate::tree::{Event, LeafValue, Scan};

/// A line of the old block.
struct Line {
    /// The name of the field, without what all names begin with.
    name: String,
    text: String,
    /// Where the name begins.
    start: usize,
    site: Span,
}

/// A field with the lines that it is to have.
type Wanted<'w> = (&'w str, Vec<(String, String)>);

/// Adds the edits that give a block of lines its fields.
pub(super) fn set(
    format: Format,
    source: &str,
    scan: &Scan,
    block: &Block,
    fields: &[Wanted<'_>],
    edits: &mut Edits,
) {
    let lines = read(format, source, scan, block);
    let stays = |line: &&Line| {
        let mut fields = fields.iter().filter(|(field, _)| is_of(&line.name, field));
        fields.all(|(_, wanted)| wanted.iter().any(|(name, _)| *name == line.name))
    };
    let widths = lines.iter().filter(stays).map(|line| line.site.start() - line.start);
    let width = widths.max().unwrap_or(0);
    for (field, wanted) in fields {
        for line in lines.iter().filter(|line| is_of(&line.name, field)) {
            match wanted.iter().find(|(name, _)| *name == line.name) {
                Some((_, text)) if *text == line.text => {}
                Some((_, text)) => edits.replace(line.site, value(format, text)),
                None => edits.remove(whole(source, line)),
            }
        }
        for (name, text) in wanted {
            if lines.iter().all(|line| line.name != *name) {
                let line = write(format, name, text, width);
                add(format, source, &lines, name, line, edits);
            }
        }
    }
}

fn read(format: Format, source: &str, scan: &Scan, block: &Block) -> Vec<Line> {
    let pairs = scan.events[block.events.clone()].windows(2);
    let lines = pairs.filter_map(|pair| match pair {
        [Event::Key(key), Event::Leaf(leaf)] => {
            let name = scan.str(source, key.text);
            let name = name.strip_prefix(prefix(format)).unwrap_or(&name).to_owned();
            let text = match leaf.value {
                // line ends are escaped, and stand as they are in files of old releases
                LeafValue::Str(text) => scan.str(source, text).replace('\n', "\\n"),
                _ => String::new(),
            };
            Some(Line { name, text, start: key.span.start(), site: leaf.site })
        }
        _ => None,
    });
    lines.collect()
}

fn prefix(format: Format) -> &'static str {
    if format == Format::Dotenv { dotenv::PREFIX } else { "" }
}

/// Tells whether a line belongs to a field.
fn is_of(name: &str, field: &str) -> bool {
    name.strip_prefix(field).is_some_and(|rest| rest.is_empty() || rest.starts_with("__"))
}

fn whole(source: &str, line: &Line) -> Span {
    let start = start_of_line(source, line.start);
    Span::new(start, end_of_line(source, line.site.end()))
}

fn value(format: Format, text: &str) -> String {
    if format == Format::Dotenv { text.to_owned() } else { ini::render::field(text) }
}

/// Writes a line, its text at the column of the others.
fn write(format: Format, name: &str, text: &str, width: usize) -> String {
    let text = value(format, text);
    if format == Format::Dotenv {
        return format!("{}{name}={text}", dotenv::PREFIX);
    }
    let equals = " = ";
    let width = width.saturating_sub(equals.len());
    format!("{name:width$}{equals}{text}")
}

/// Inserts a line before the first one with a greater name, or behind the last one.
fn add(format: Format, source: &str, lines: &[Line], name: &str, line: String, edits: &mut Edits) {
    // a CR would belong to the value in dotenv
    let newline = if format == Format::Dotenv { "\n" } else { Newline::of(source).as_str() };
    if let Some(next) = lines.iter().find(|it| it.name.as_str() > name) {
        edits.insert(start_of_line(source, next.start), line + newline);
    } else if let Some(last) = lines.iter().max_by_key(|it| it.start) {
        let end = end_of_line(source, last.site.end());
        let is_open = !source[..end].ends_with('\n');
        edits.insert(end, if is_open { format!("{newline}{line}") } else { line + newline });
    }
}
