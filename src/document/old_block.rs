use std::ops::Range;

use super::{Document, layout};
use crate::format::FlatBlock;
use crate::text::{Newline, end_of_line, start_of_line};
use crate::tree::{Event, Leaf};

/// The text of a metadata block and the places of the fields that an edit changes.
#[derive(Clone, Debug, Default)]
pub(super) struct OldBlock {
    text: String,
    mac: Option<Range<usize>>,
    last_modified: Option<Range<usize>>,
    layout: Option<Range<usize>>,
    /// Where the MAC's key stands.
    mac_key: Option<usize>,
    style: Style,
    /// Whether the text is that of whole lines.
    is_lines: bool,
}

/// How the fields of a block are written.
#[derive(Clone, Copy, Debug, Default)]
enum Style {
    /// `name: text` in lines.
    #[default]
    Lines,
    /// `"name": "text"` between commas.
    Flow,
    /// A name and a text in a line, without quotes.
    Flat {
        /// What stands before the name.
        prefix: &'static str,
        /// What stands between the two.
        equals: &'static str,
        /// To how many letters names are padded.
        width: usize,
    },
}

impl OldBlock {
    /// Takes the metadata block of the first document.
    pub(super) fn of(document: &Document<'_>) -> Self {
        let part = document.parts.first();
        let Some(block) = part.and_then(|part| part.blocks.first()) else {
            return Self::default();
        };
        let source = document.source;
        if let Some(flat) = document.format.flat_block(source, &document.scan, block) {
            return Self::of_lines(flat);
        }
        let span = document.format.block_span(source, block);
        let start = span.start();
        let events = &document.scan.events[block.events.clone()];
        let mut old = Self { text: span.slice(source).to_owned(), ..Self::default() };
        old.is_lines = document.format.has_line_blocks();
        if events.iter().any(|it| matches!(it, Event::Enter { is_flow: true, .. })) {
            old.style = Style::Flow;
        }
        for (name, key, leaf) in fields(document, events) {
            let site = leaf.site.start() - start..leaf.site.end() - start;
            old.add_field(name, key - start, site);
        }
        old
    }

    fn of_lines(flat: FlatBlock) -> Self {
        let FlatBlock { text, prefix, equals, width, fields } = flat;
        let mut old = Self {
            text,
            style: Style::Flat { prefix, equals, width },
            is_lines: true,
            ..Self::default()
        };
        for (name, key, site) in fields {
            old.add_field(name.as_bytes(), key, site);
        }
        old
    }

    fn add_field(&mut self, name: &[u8], key: usize, site: Range<usize>) {
        if name.eq_ignore_ascii_case(b"mac") {
            self.mac = Some(site);
            self.mac_key = Some(key);
        } else if name.eq_ignore_ascii_case(b"lastmodified") {
            self.last_modified = Some(site);
        } else if name == layout::FIELD.as_bytes() {
            self.layout = Some(key..site.end);
        }
    }

    /// Returns the block with another MAC, date and layout record, in the line ends of `source`.
    pub(super) fn with_fields(
        &self,
        source: &str,
        mac: &str,
        last_modified: &str,
        record: Option<&str>,
    ) -> String {
        let newline = match self.style {
            Style::Flat { .. } => Newline::of(&self.text).as_str(),
            _ => Newline::of(source).as_str(),
        };
        let mut changes: Vec<(Range<usize>, String)> = Vec::new();
        changes.extend(self.mac.clone().map(|at| {
            let quote = self.text[at.clone()].chars().next().filter(|it| matches!(it, '"' | '\''));
            let quote = quote.map_or(String::new(), String::from);
            (at, format!("{quote}{mac}{quote}"))
        }));
        let date = match self.style {
            Style::Flat { .. } => last_modified.to_owned(),
            _ => format!("\"{last_modified}\""),
        };
        changes.extend(self.last_modified.clone().map(|at| (at, date)));
        changes.extend(self.with_record(record, newline));
        changes.sort_by_key(|(at, _)| std::cmp::Reverse(at.start));
        let mut text = self.text.clone();
        for (at, change) in changes {
            text.replace_range(at, &change);
        }
        self.whole_lines(text, newline)
    }

    /// Returns the block as it is, to be put into `source`.
    pub(super) fn unchanged(&self, source: &str) -> String {
        self.whole_lines(self.text.clone(), Newline::of(source).as_str())
    }

    fn whole_lines(&self, mut text: String, newline: &str) -> String {
        if self.is_lines && !text.ends_with('\n') {
            text.push_str(newline);
        }
        text
    }

    /// Returns the change that brings another layout record, or none.
    fn with_record(&self, record: Option<&str>, newline: &str) -> Option<(Range<usize>, String)> {
        let name = layout::FIELD;
        let field = record.map(|record| match self.style {
            Style::Lines => format!("{name}: {record}"),
            Style::Flow => format!("\"{name}\": \"{record}\""),
            Style::Flat { prefix, equals, width } => {
                format!("{prefix}{name:width$}{equals}{record}")
            }
        });
        match (field, self.layout.clone()) {
            (Some(field), Some(at)) => Some((at, field)),
            (None, Some(at)) => Some((self.whole_field(at), String::new())),
            (Some(field), None) => {
                let key = self.mac_key?;
                let line = start_of_line(&self.text, key);
                let pad = &self.text[line..key];
                let has_own_line = line > 0 && pad.trim().is_empty();
                let is_flow = matches!(self.style, Style::Flow);
                let behind = match (is_flow, has_own_line) {
                    (false, _) => format!("{newline}{pad}"),
                    (true, true) => format!(",{newline}{pad}"),
                    (true, false) => ", ".to_owned(),
                };
                Some((key..key, field + &behind))
            }
            (None, None) => None,
        }
    }

    /// Widens the place of a field to what goes when it is removed.
    fn whole_field(&self, at: Range<usize>) -> Range<usize> {
        if !matches!(self.style, Style::Flow) {
            return start_of_line(&self.text, at.start)..end_of_line(&self.text, at.end);
        }
        let rest = self.text[at.end..].trim_start_matches([',', ' ', '\t', '\r', '\n']);
        if rest.starts_with('}') {
            let before = self.text[..at.start].trim_end().trim_end_matches(',');
            return before.len()..at.end;
        }
        at.start..self.text.len() - rest.len()
    }
}

/// Iterates over the scalar fields of a block: name, place of the key, value.
fn fields<'d>(
    document: &'d Document<'_>,
    events: &'d [Event],
) -> impl Iterator<Item = (&'d [u8], usize, &'d Leaf)> {
    let mut depth = 0_usize;
    events.windows(2).filter_map(move |pair| match pair {
        [Event::Enter { .. }, _] => {
            depth += 1;
            None
        }
        [Event::Leave(_), _] => {
            depth = depth.saturating_sub(1);
            None
        }
        [Event::Key(key), Event::Leaf(leaf)] if depth == 1 => {
            let name = document.scan.bytes(document.source, key.text);
            Some((name, key.span.start(), leaf))
        }
        _ => None,
    })
}
