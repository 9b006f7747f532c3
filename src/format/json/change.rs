use super::emit::{self, Layout};
use crate::format::Indent;
use crate::format::change::{
    self, Change, ChangeError, ChangeStyle, Collection, Target, append_in_flow, flow_line_indent,
    remove_from_flow,
};
use crate::text::{Edits, Newline, Span};
use crate::tree::{Branch, Event, Scan, Step, Tree};

/// Sets or removes one value of a JSON text: new values in the layout of their neighbours.
///
/// # Errors
/// The path leads nowhere, or JSON cannot hold the value.
pub(in crate::format) fn change(
    source: &str,
    scan: &Scan,
    path: &[Step],
    change: Change<'_>,
    style: ChangeStyle,
) -> Result<String, ChangeError> {
    let target = change::target(source, scan, path, change)?;
    let writer = Writer { source, scan, unit: unit(source, scan, style) };
    let mut edits = Edits::new();
    match (&target.value, target.way.last()) {
        (None, Some((collection, Some(item)))) => {
            remove_from_flow(source, collection, *item, &mut edits);
        }
        (Some(value), Some((collection, None))) => {
            writer.append(&target, collection, value, &mut edits)?;
        }
        (Some(value), _) => writer.replace(&target, value, &mut edits)?,
        (None, _) => return Err(ChangeError::EmptyPath),
    }
    Ok(edits.apply(source)?)
}

/// Returns the characters of one level: those of the first pair, or the configured ones. Nothing
/// where pairs stand on one line.
fn unit(source: &str, scan: &Scan, style: ChangeStyle) -> Option<String> {
    let root = scan.events.iter().position(|event| matches!(event, Event::Enter { .. }));
    let root = root.and_then(|at| Collection::at(scan, at));
    let Some((root, first)) =
        root.and_then(|root| root.items.first().copied().map(|it| (root, it)))
    else {
        return Some(emit::unit(Indent::of_step(style.indent)));
    };
    let inner = flow_line_indent(source, first.start)?;
    let outer = flow_line_indent(source, root.closing.start()).unwrap_or_default();
    Some(inner.strip_prefix(outer).unwrap_or(inner).to_owned())
}

struct Writer<'w> {
    source: &'w str,
    scan: &'w Scan,
    unit: Option<String>,
}

impl Writer<'_> {
    /// Writes a value whose key or element stands behind `line`; nothing means on one line.
    fn value(&self, value: &Tree, line: Option<&str>) -> Result<String, ChangeError> {
        let layout = match (&self.unit, line) {
            (Some(unit), Some(line)) => Layout::Lines {
                start: Newline::of(self.source).as_str().to_owned() + line,
                unit: unit.clone(),
            },
            _ if self.is_compact() => Layout::Compact,
            _ => Layout::OneLine,
        };
        Ok(emit::write(&Branch::from(value), &layout)?.as_str().to_owned())
    }

    /// Tells whether keys stand right before their values.
    fn is_compact(&self) -> bool {
        let first = self.scan.events.iter().find_map(|event| match event {
            Event::Key(key) => Some(key.span.end()),
            _ => None,
        });
        first.is_some_and(|end| {
            let behind = self.source.get(end..).unwrap_or_default();
            behind.starts_with(':') && !behind[1..].starts_with([' ', '\t', '\r', '\n'])
        })
    }

    /// Puts a value in the place of another.
    fn replace(
        &self,
        target: &Target,
        value: &Tree,
        edits: &mut Edits<'_>,
    ) -> Result<(), ChangeError> {
        let Some(span) = target.node.and_then(|at| node_span(self.scan, at)) else {
            return Err(ChangeError::EmptyPath);
        };
        let parent = target.way.last().and_then(|(parent, item)| parent.items.get((*item)?));
        let line = match parent {
            Some(item) => flow_line_indent(self.source, item.start),
            None => Some(""),
        };
        edits.replace(span, self.value(value, line)?);
        Ok(())
    }

    /// Adds an item to a collection.
    fn append(
        &self,
        target: &Target,
        collection: &Collection,
        value: &Tree,
        edits: &mut Edits<'_>,
    ) -> Result<(), ChangeError> {
        if collection.items.is_empty() && self.unit.is_some() {
            // an empty collection is written anew with its first item
            let item = match &target.key {
                Some(key) => Tree::Mapping(vec![(key.clone(), value.clone())]),
                None => Tree::Sequence(vec![value.clone()]),
            };
            let span = Span::new(collection.opening.start(), collection.closing.end());
            let depth = target.way.len();
            let around = depth.checked_sub(2).and_then(|at| target.way.get(at));
            let around = around.and_then(|(parent, item)| parent.items.get((*item)?));
            let line = around.map_or(Some(""), |item| flow_line_indent(self.source, item.start));
            edits.replace(span, self.value(&item, line)?);
            return Ok(());
        }
        let mut failure = None;
        append_in_flow(self.source, collection, edits, |line| {
            let text = self.value(value, line).unwrap_or_else(|error| {
                failure = Some(error);
                String::new()
            });
            match &target.key {
                Some(key) => self.key(collection, key) + &text,
                None => text,
            }
        });
        failure.map_or(Ok(()), Err)
    }

    /// Writes a key with a colon as its neighbour has it.
    fn key(&self, collection: &Collection, key: &str) -> String {
        let between = collection.items.last().and_then(|item| {
            let value = node_span(self.scan, item.node)?;
            self.source.get(item.key?.span.end()..value.start())
        });
        let default = if self.is_compact() { ":" } else { ": " };
        let mut text = String::new();
        super::quote::string_into(key, &mut text);
        text + between.filter(|text| !text.contains('\n')).unwrap_or(default)
    }
}

/// Returns the text of the node that begins at an event.
fn node_span(scan: &Scan, at: usize) -> Option<Span> {
    match scan.events.get(at)? {
        Event::Leaf(leaf) => Some(leaf.site),
        Event::Enter { span, .. } => {
            let collection = Collection::at(scan, at)?;
            Some(Span::new(span.start(), collection.closing.end()))
        }
        _ => None,
    }
}
