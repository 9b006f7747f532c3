use super::gap::{self, Wanted};
use super::{emit, flow, render};
use crate::format::change::{
    self, Change, ChangeError, ChangeStyle, Collection, Target, append_in_flow, comments_above,
    remove_from_flow,
};
use crate::format::{Format, Rendering, Steps};
use crate::text::{Edits, Newline, Span, end_of_line, start_of_line};
use crate::tree::{
    Container, Event, Key, Leaf, LeafValue, Scan, Step, Style, Timestamp, Tree, Value,
};

/// Sets or removes one value of the first document: new items in the indentation of their
/// neighbours, items that go with the comments right above them.
///
/// # Errors
/// The path leads nowhere, through an alias, or to a place that cannot be changed so.
pub(in crate::format) fn change(
    source: &str,
    scan: &Scan,
    path: &[Step],
    change: Change<'_>,
    style: ChangeStyle,
) -> Result<String, ChangeError> {
    let target = change::target(source, scan, path, change)?;
    let step = Format::Yaml.step(scan, style.indent);
    let editor = Editor { source, scan, step, in_flow: style.in_flow, path };
    let mut edits = Edits::new();
    match (&target.value, target.way.last()) {
        (None, Some((_, Some(item)))) => editor.remove(&target, *item, &mut edits)?,
        (Some(value), Some((_, None))) => editor.append(&target, value, &mut edits)?,
        (Some(value), _) => {
            let spot = editor.spot(&target, target.way.len());
            editor.replace(target.node, spot, value, &mut edits)?;
        }
        (None, _) => return Err(ChangeError::EmptyPath),
    }
    Ok(edits.apply(source)?)
}

/// What a node stands behind.
#[derive(Clone, Copy)]
struct Spot {
    /// Its key; nothing in a list and at the top level.
    key: Option<Key>,
    /// Column of the block collection around it.
    column: usize,
    in_sequence: bool,
    in_flow: bool,
}

/// Where and how a value is put.
struct Place {
    leaf: Leaf,
    /// Where the lines of a collection begin.
    column: usize,
    /// Whether such lines stand below the line of the key.
    is_below: bool,
}

struct Editor<'e> {
    source: &'e str,
    scan: &'e Scan,
    step: usize,
    in_flow: bool,
    path: &'e [Step],
}

impl Editor<'_> {
    /// Returns what the node stands behind to which the first `depth` steps of a path lead.
    fn spot(&self, target: &Target, depth: usize) -> Spot {
        let parent = depth.checked_sub(1).and_then(|at| target.way.get(at));
        let Some((parent, item)) = parent else {
            return Spot { key: None, column: 0, in_sequence: false, in_flow: false };
        };
        Spot {
            key: item.and_then(|item| parent.items.get(item)?.key),
            column: self.column(parent),
            in_sequence: parent.container == Container::Sequence,
            in_flow: parent.is_flow,
        }
    }

    /// Returns the column of the keys or dashes of a collection.
    fn column(&self, collection: &Collection) -> usize {
        gap::column(self.source, self.first_start(collection))
    }

    fn first_start(&self, collection: &Collection) -> usize {
        let opening = collection.opening.start();
        let Some(first) = collection.items.first() else { return opening };
        if collection.container == Container::Mapping || collection.is_flow {
            return first.start.min(opening);
        }
        // a list in the column of its key is said to begin behind its first dash
        let before = self.source[..first.start.max(opening)].trim_end();
        let is_dash = self.source[opening..].starts_with('-') || !before.ends_with('-');
        if is_dash { opening } else { before.len() - 1 }
    }

    fn impossible(&self) -> ChangeError {
        ChangeError::NotPossible(Steps(self.path.to_vec()))
    }

    /// Puts a value in the place of a node.
    fn replace(
        &self,
        node: Option<usize>,
        spot: Spot,
        value: &Tree,
        edits: &mut Edits<'_>,
    ) -> Result<(), ChangeError> {
        let event = node.and_then(|at| self.scan.events.get(at));
        let place = match (event, node) {
            (Some(Event::Leaf(leaf)), _) => self.line_place(*leaf, spot),
            (Some(Event::Alias(alias)), _) => self.line_place(pseudo_leaf(alias.span, spot), spot),
            (Some(Event::Enter { is_flow: true, .. }), Some(at)) => {
                let Some(collection) = Collection::at(self.scan, at) else {
                    return Err(self.impossible());
                };
                let span = Span::new(collection.opening.start(), collection.closing.end());
                self.line_place(pseudo_leaf(span, spot), spot)
            }
            (Some(Event::Enter { .. }), Some(at)) => self.block_place(at, spot)?,
            _ => {
                let end = Span::at(self.source.len());
                self.line_place(pseudo_leaf(end, spot), spot)
            }
        };
        self.put(&place, value, edits);
        Ok(())
    }

    /// Describes the place of a node that begins behind its key or dash.
    fn line_place(&self, leaf: Leaf, spot: Spot) -> Place {
        let start = leaf.site.start();
        let column = match spot.key {
            Some(_) => self.next_stop(spot.column),
            None if spot.in_sequence && leaf.site.is_empty() => spot.column + 2,
            None if spot.in_sequence => gap::column(self.source, start),
            None => 0,
        };
        Place { leaf, column, is_below: spot.key.is_some() }
    }

    /// Describes the place of a block collection, whose lines give way.
    fn block_place(&self, at: usize, spot: Spot) -> Result<Place, ChangeError> {
        let Some(collection) = Collection::at(self.scan, at) else {
            return Err(self.impossible());
        };
        let start = self.first_start(&collection);
        let column = self.column(&collection);
        let last = collection.items.last().map_or(start, |item| item.end);
        let is_root = spot.key.is_none() && !spot.in_sequence;
        let depth = if is_root { column + 1 } else { column.max(spot.column + 1) };
        let end = self.lines_end(last, depth);
        let Some(key) = spot.key else {
            return Ok(Place {
                leaf: pseudo_leaf(Span::new(start, end), spot),
                column,
                is_below: false,
            });
        };
        let line_end = self.content_end(key.span.end());
        if line_end >= start {
            return Err(self.impossible());
        }
        // behind the colon and what belongs to the node, before a comment
        let header = &self.source[key.span.end()..line_end];
        let header = header.split(" #").next().unwrap_or_default().trim_end();
        let mut leaf = pseudo_leaf(Span::at(key.span.end() + header.len()), spot);
        leaf.body = Span::new(line_end, end.max(line_end));
        let column = if column > spot.column { column } else { self.next_stop(spot.column) };
        Ok(Place { leaf, column, is_below: true })
    }

    fn next_stop(&self, column: usize) -> usize {
        super::quote::next_stop(column, self.step)
    }

    /// Writes a value into its place.
    fn put(&self, place: &Place, value: &Tree, edits: &mut Edits<'_>) {
        let leaf = &place.leaf;
        let has_lines = is_filled(value) && !leaf.in_flow && !self.in_flow;
        if has_lines {
            return self.put_lines(place, value, edits);
        }
        let mut rendering = match scalar(value) {
            Some(value) => render::value(self.source, leaf, &value, self.step),
            None => Rendering::inline(flow(value)),
        };
        let before = &self.source[..leaf.site.start()];
        if leaf.site.is_empty() && before.ends_with(|letter: char| !letter.is_whitespace()) {
            rendering.site.insert(0, ' ');
        }
        edits.replace(leaf.site, &rendering.site);
        self.put_body(leaf, &rendering.body, edits);
    }

    /// Puts lines in the place of those that belong to a node.
    fn put_body(&self, leaf: &Leaf, body: &str, edits: &mut Edits<'_>) {
        let body = Newline::of(self.source).apply(body.to_owned());
        let end = self.content_end(leaf.site.end());
        match (body.is_empty(), leaf.body.is_empty()) {
            (true, true) => {}
            (false, true) => edits.insert(end, body),
            (false, false) => edits.replace(leaf.body, body),
            (true, false) => {
                // blank lines at the end stay
                let length = leaf.body.slice(self.source).trim_end_matches(['\r', '\n']).len();
                edits.remove(Span::new(leaf.body.start(), leaf.body.start() + length));
            }
        }
    }

    fn put_lines(&self, place: &Place, value: &Tree, edits: &mut Edits<'_>) {
        let leaf = &place.leaf;
        let lines = emit::lines(value, place.column, self.step);
        let lines = lines.strip_suffix('\n').unwrap_or(&lines);
        let line = start_of_line(self.source, leaf.site.start());
        let before = &self.source[line..leaf.site.start()];
        if place.is_below {
            let blanks = before.len() - before.trim_end_matches(' ').len();
            edits.remove(Span::new(leaf.site.start() - blanks, leaf.site.end()));
            return self.put_body(leaf, &format!("\n{lines}"), edits);
        }
        let lines = lines.trim_start_matches(' ');
        let is_root = !leaf.in_sequence;
        let separator = match before.trim_start_matches('\u{feff}').trim_end() {
            "" => "",
            _ if is_root => "\n",
            _ if before.ends_with(' ') => "",
            _ => " ",
        };
        let (first, rest) = match lines.find('\n') {
            Some(at) if leaf.body.is_empty() && !leaf.site.is_empty() => lines.split_at(at),
            _ => (lines, ""),
        };
        let newline = Newline::of(self.source);
        edits.replace(leaf.site, newline.apply(format!("{separator}{first}")));
        self.put_body(leaf, rest, edits);
    }

    /// Adds an item to a collection.
    fn append(
        &self,
        target: &Target,
        value: &Tree,
        edits: &mut Edits<'_>,
    ) -> Result<(), ChangeError> {
        let Some((collection, _)) = target.way.last() else { return Err(self.impossible()) };
        let depth = target.way.len() - 1;
        let spot = self.spot(target, depth);
        if !collection.is_flow {
            self.append_lines(collection, target.key.as_deref(), value, edits);
            return Ok(());
        }
        let is_plain = collection.items.is_empty() && !collection.has_comments;
        if is_plain && !spot.in_flow && !self.in_flow {
            let item = match &target.key {
                Some(key) => Tree::Mapping(vec![(key.clone(), value.clone())]),
                None => Tree::Sequence(vec![value.clone()]),
            };
            let span = Span::new(collection.opening.start(), collection.closing.end());
            let place = self.line_place(pseudo_leaf(span, spot), spot);
            self.put(&place, &item, edits);
            return Ok(());
        }
        append_in_flow(self.source, collection, edits, |_| match &target.key {
            Some(key) => format!("{}: {}", key_in_flow(key), flow(value)),
            None => flow(value),
        });
        Ok(())
    }

    /// Adds an item on lines of its own behind the last one.
    fn append_lines(
        &self,
        collection: &Collection,
        key: Option<&str>,
        value: &Tree,
        edits: &mut Edits<'_>,
    ) {
        let column = self.column(collection);
        let value_lines = if self.in_flow { &Tree::Null } else { value };
        let text = match key {
            Some(key) => emit::block_item(key, value_lines, column, self.step),
            None => " ".repeat(column) + &emit::element(value_lines, column, self.step),
        };
        let mut text = text.strip_suffix('\n').unwrap_or(&text).to_owned();
        if self.in_flow {
            text.truncate(text.len() - "null".len());
            text.push_str(&flow(value));
        }
        let last = collection.items.last().map_or(collection.opening.start(), |item| item.end);
        let end = self.lines_end(last, column + 1);
        edits.insert(end, Newline::of(self.source).apply(format!("\n{text}")));
    }

    /// Removes an item; a collection without items is written as one that is empty.
    fn remove(
        &self,
        target: &Target,
        item: usize,
        edits: &mut Edits<'_>,
    ) -> Result<(), ChangeError> {
        let Some((collection, _)) = target.way.last() else { return Err(self.impossible()) };
        if collection.is_flow {
            remove_from_flow(self.source, collection, item, edits);
            return Ok(());
        }
        if collection.items.len() > 1 {
            let span = self.lines_of(collection, item).ok_or_else(|| self.impossible())?;
            edits.remove(span);
            return Ok(());
        }
        let depth = target.way.len() - 1;
        let empty = match collection.container {
            Container::Mapping => Tree::Mapping(Vec::new()),
            Container::Sequence => Tree::Sequence(Vec::new()),
        };
        let around = depth.checked_sub(1).and_then(|at| target.way.get(at));
        let node = match around {
            Some((parent, item)) => item.and_then(|item| Some(parent.items.get(item)?.node)),
            None => self.scan.events.iter().position(|it| matches!(it, Event::Enter { .. })),
        };
        self.replace(node, self.spot(target, depth), &empty, edits)
    }

    /// Returns what goes with an item of a block collection that has others.
    fn lines_of(&self, collection: &Collection, number: usize) -> Option<Span> {
        let item = collection.items.get(number)?;
        let before = number.checked_sub(1).and_then(|at| collection.items.get(at));
        let start = match (collection.container, before) {
            (Container::Mapping, _) => item.start,
            (Container::Sequence, None) => self.first_start(collection),
            (Container::Sequence, Some(before)) => {
                gap::find(self.source, before.end, item.start + 1, Wanted::Dash)?
            }
        };
        let column = self.column(collection);
        let end = end_of_line(self.source, self.lines_end(item.end, column + 1));
        let line = start_of_line(self.source, start);
        let prefix = self.source[line..start].trim_start_matches('\u{feff}').trim();
        if !prefix.is_empty() && prefix != "?" {
            // the first item of a collection on the line of a dash
            let rest = self.source.get(end..)?;
            let blanks = rest.len() - rest.trim_start().len();
            return (number == 0).then(|| Span::new(start, end + blanks));
        }
        let limit = before.map_or(0, |before| end_of_line(self.source, before.end));
        let is_comment = |line: &str| {
            let text = line.trim_start_matches([' ', '\u{feff}']);
            text.starts_with('#') && gap::column(line, line.len() - text.len()) == column
        };
        let first = comments_above(self.source, line, limit, is_comment);
        Some(self.with_blank_line(first, end))
    }

    /// Takes one of two blank lines around some lines along.
    fn with_blank_line(&self, start: usize, end: usize) -> Span {
        let mark = '\u{feff}'.len_utf8();
        let first = if self.source[start..].starts_with('\u{feff}') { start + mark } else { start };
        let above = &self.source[..start];
        let above = above.strip_suffix('\n').map(|text| text.strip_suffix('\r').unwrap_or(text));
        let is_blank_above = above.is_some_and(|text| text.ends_with('\n'));
        let next = end_of_line(self.source, end);
        let is_blank_below = next > end && self.source[end..next].trim().is_empty();
        match above {
            _ if self.in_flow => Span::new(first, end),
            _ if is_blank_below && (is_blank_above || start == 0) => Span::new(first, next),
            Some(text) if is_blank_above && end == self.source.len() => Span::new(text.len(), end),
            _ => Span::new(first, end),
        }
    }

    /// Returns where the lines end that begin with that of `offset`: a comment behind it and those
    /// below at column `depth` or deeper belong to them.
    fn lines_end(&self, offset: usize, depth: usize) -> usize {
        let mut end = self.content_end(offset);
        let mut next = end_of_line(self.source, offset);
        while next < self.source.len() {
            let line_end = self.content_end(next);
            let line = &self.source[next..line_end];
            let text = line.trim_start_matches(' ');
            let is_deep = text.starts_with('#') && line.len() - text.len() >= depth;
            if is_deep {
                end = line_end;
            } else if !text.is_empty() {
                break;
            }
            next = end_of_line(self.source, next);
        }
        end
    }

    /// Returns where the line of `offset` ends, its line end not included.
    fn content_end(&self, offset: usize) -> usize {
        let line = &self.source[offset..end_of_line(self.source, offset)];
        offset + line.trim_end_matches('\n').trim_end_matches('\r').len()
    }
}

/// Stands in for a leaf at a place where none is.
fn pseudo_leaf(site: Span, spot: Spot) -> Leaf {
    Leaf {
        site,
        body: Span::at(site.end()),
        value: LeafValue::Null,
        indent: u32::try_from(spot.column).unwrap_or(u32::MAX),
        style: Style::Plain,
        in_flow: spot.in_flow,
        in_sequence: spot.in_sequence,
    }
}

/// Tells whether a value is a collection with items.
fn is_filled(value: &Tree) -> bool {
    match value {
        Tree::Mapping(items) => !items.is_empty(),
        Tree::Sequence(items) => !items.is_empty(),
        _ => false,
    }
}

/// Returns a value that is neither null nor a collection.
fn scalar(value: &Tree) -> Option<Value> {
    Some(match value {
        Tree::Null | Tree::Sequence(_) | Tree::Mapping(_) => return None,
        Tree::Bool(value) => Value::Bool(*value),
        Tree::Int(number) => Value::Int(*number),
        Tree::Float(number) => Value::Float(*number),
        Tree::Str(text) => Value::str(text.as_bytes()),
        Tree::Time(text) => match Timestamp::parse(text) {
            Some(time) => Value::Time(time),
            None => Value::str(text.as_bytes()),
        },
    })
}

/// Writes a key in brackets: plain where that is surely read back.
fn key_in_flow(key: &str) -> String {
    if super::quote::is_surely_plain(key) { key.to_owned() } else { super::quote::double(key) }
}
