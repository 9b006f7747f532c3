use std::borrow::Cow;
use std::collections::HashMap;

use super::apply::{self, MAX_COLUMN, apply_hunks};
use super::hunks::hunks;
use super::nodes::{self, PathTracker};
use super::record::{Original, Record, Site};
use crate::document::seal::typed;
use crate::document::{Document, events, splice, tags};
use crate::format::Rendering;
use crate::text::{EditError, Edits, Newline, Span};
use crate::tree::{Comment, Event, Key, Leaf, LeafValue, Style, Value};

/// The three states of a text that are compared: as it was given, in clear with its aliases
/// expanded and its metadata block in place, and encrypted.
pub(in crate::document) struct Clear<'c> {
    pub(in crate::document) original: &'c Document<'c>,
    pub(in crate::document) base: &'c Document<'c>,
    /// The events of `base` whose leaves and comments are encrypted, in order.
    pub(in crate::document) selected: &'c [usize],
    /// Whether literal blocks must not depend on the step that is configured when decrypting.
    pub(in crate::document) fixes_step: bool,
}

/// Why there is no record.
pub(in crate::document) enum BuildError {
    /// The texts do not have the same nodes.
    Structure,
    /// The edits contradict each other; an internal error.
    Edit(EditError),
}

impl From<EditError> for BuildError {
    fn from(error: EditError) -> Self {
        Self::Edit(error)
    }
}

/// Makes the record with which decrypting `sealed` gives the original text byte for byte; it is
/// empty when none is needed.
pub(in crate::document) fn build<'b>(
    clear: &Clear<'b>,
    sealed: &'b Document<'b>,
) -> Result<Record, BuildError> {
    let mut builder = Builder::new(clear, sealed);
    builder.run(clear.selected)?;
    let Builder { sites, mut edits, comments, mut regions, .. } = builder;
    regions.sort();
    for (comment, text) in comments {
        if !apply::is_covered(&regions, comment.span.start()) {
            sealed.format.replace_comment(sealed.source, comment, &text, &mut edits);
        }
    }
    for part in &sealed.parts {
        sealed.format.remove_block(sealed.source, &sealed.scan, part, &mut edits);
    }
    let text = edits.apply(sealed.source)?;
    let mut record = Record { sites: numbered(sealed, sites), hunks: Vec::new() };
    if text != clear.original.source {
        record.hunks = hunks(&text, clear.original);
        let is_restored = apply_hunks(&record.hunks, text)? == clear.original.source;
        if !is_restored {
            return Err(BuildError::Structure);
        }
    }
    Ok(record)
}

/// A site whose occurrence is not known yet, with its event.
type Found = (usize, Vec<String>, Original);

struct Builder<'b> {
    base: &'b Document<'b>,
    sealed: &'b Document<'b>,
    /// The source of the original text, and its events below the roots.
    original: &'b str,
    originals: Box<dyn Iterator<Item = &'b Event> + 'b>,
    /// The key of the original text whose node comes next.
    original_key: Option<&'b Key>,
    /// Whether literal blocks are always recorded, as the text shows no step for them.
    fixes_step: bool,
    path: PathTracker<'b>,
    depth: usize,
    /// Where the node ends that is replaced as a whole.
    skipped_to: usize,
    sites: Vec<Found>,
    edits: Edits<'b>,
    comments: Vec<(&'b Comment, Cow<'b, str>)>,
    regions: Vec<Span>,
}

impl<'b> Builder<'b> {
    fn new(clear: &Clear<'b>, sealed: &'b Document<'b>) -> Self {
        let originals = events::below_roots(clear.original).map(|(_, event)| event);
        Self {
            base: clear.base,
            sealed,
            original: clear.original.source,
            originals: Box::new(originals),
            original_key: None,
            fixes_step: clear.fixes_step && sealed.scan.indent_step.is_none(),
            path: PathTracker::default(),
            depth: 0,
            skipped_to: 0,
            sites: Vec::new(),
            edits: Edits::of(sealed.source),
            comments: Vec::new(),
            regions: Vec::new(),
        }
    }

    /// Goes through the three texts side by side.
    fn run(&mut self, selected: &[usize]) -> Result<(), BuildError> {
        self.pair_comments(selected);
        let mut selected = selected.iter().copied().peekable();
        let pairs = events::content_events(self.base).zip(events::content_events(self.sealed));
        for ((base_at, clear), (at, event)) in pairs {
            while selected.next_if(|event| *event < base_at).is_some() {}
            let is_selected = selected.peek() == Some(&base_at);
            self.path.before(self.sealed, event);
            if at >= self.skipped_to {
                self.event(at, clear, event, is_selected)?;
            }
            self.path.after(event);
            match event {
                Event::Enter { .. } => self.depth += 1,
                Event::Leave(_) => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
        }
        Ok(())
    }

    /// Finds the clear text of each encrypted comment. They are in the same order in the text, but
    /// may be at other places among the events.
    fn pair_comments(&mut self, selected: &[usize]) {
        let in_text = |document: &'b Document<'b>| {
            let mut found: Vec<(usize, &Comment)> = events::comments(document)
                .filter_map(|(at, event)| match event {
                    Event::Comment(comment) => Some((at, comment)),
                    _ => None,
                })
                .collect();
            found.sort_by_key(|(_, comment)| comment.span.start());
            found
        };
        let (clear, closed) = (in_text(self.base), in_text(self.sealed));
        for ((at, clear), (_, closed)) in clear.into_iter().zip(closed) {
            if selected.binary_search(&at).is_ok() {
                let text = self.base.scan.str(self.base.source, clear.text);
                self.comments.push((closed, text));
            }
        }
    }

    fn event(
        &mut self,
        at: usize,
        clear: &'b Event,
        event: &'b Event,
        is_selected: bool,
    ) -> Result<(), BuildError> {
        if !events::is_below_root(self.depth, event) {
            return Ok(());
        }
        let other = self.originals.next().ok_or(BuildError::Structure)?;
        let key = self.original_key.take();
        match (other, clear, event) {
            (Event::Leaf(other), Event::Leaf(clear), Event::Leaf(leaf)) => {
                self.leaf(at, other, is_selected.then_some(clear), leaf)?;
            }
            (Event::Alias(_), _, Event::Alias(_)) => {}
            (Event::Alias(alias), _, Event::Enter { .. } | Event::Leaf(_)) => {
                self.expanded(at, alias.span, key)?;
            }
            (Event::Key(key), _, Event::Key(_)) => self.original_key = Some(key),
            (Event::Anchor(..), _, Event::Anchor(..)) => self.original_key = key,
            _ if std::mem::discriminant(other) == std::mem::discriminant(event) => {}
            _ => return Err(BuildError::Structure),
        }
        Ok(())
    }

    /// Compares a scalar with what decryption will make of it. `clear` is given if it is encrypted.
    fn leaf(
        &mut self,
        at: usize,
        original: &Leaf,
        clear: Option<&Leaf>,
        leaf: &Leaf,
    ) -> Result<(), BuildError> {
        let source = self.sealed.source;
        if let Some(text) = clear.and_then(|clear| self.plain_text(original, clear, leaf)) {
            self.edits.replace(leaf.site, text);
            return Ok(());
        }
        let (site, body) = (original.site.slice(self.original), original.body.slice(self.original));
        // a tag with a comment behind it stands outside
        let site = &site[tags::scalar_behind_comment(site).unwrap_or(0)..];
        let body = body.trim_end_matches(['\r', '\n']);
        let Some(clear) = clear else {
            if site != leaf.site.slice(source) {
                let original = Original::Text(site.to_owned());
                apply::put_header(leaf, &original, &mut self.edits);
                self.add_site(at, original);
            }
            return Ok(());
        };
        let value = typed(&self.base.scan, self.base.source, clear.value);
        let value = value.ok_or(BuildError::Structure)?;
        let step = self.sealed.format.step(&self.sealed.scan, 0);
        let rendering = self.sealed.format.render(source, leaf, &value, step);
        let rendering = splice::with_line_ends(source, rendering);
        let is_step_sure = !self.fixes_step || rendering.body.is_empty();
        let rendered_body = rendering.body.trim_end_matches(['\r', '\n']);
        if rendering.site == site && rendered_body == body && is_step_sure {
            splice::replace_leaf(source, leaf, &rendering, &mut self.edits);
            return Ok(());
        }
        let original = spelling(site, body, original.style, &value, source);
        let text = if let Value::Str(text) = &value { text.as_slice() } else { &[] };
        splice::replace_leaf(source, leaf, &apply::put(source, &original, text), &mut self.edits);
        self.add_site(at, original);
        Ok(())
    }

    /// Returns the text of a string that decryption surely writes as it stood, as it does most.
    fn plain_text(&self, original: &Leaf, clear: &Leaf, leaf: &Leaf) -> Option<&'b str> {
        let text = original.site.slice(self.original);
        let LeafValue::Str(value) = clear.value else { return None };
        let is_whole = original.body.is_empty() && leaf.body.is_empty();
        let is_same = self.base.scan.bytes(self.base.source, value) == text.as_bytes();
        let is_plain = || self.sealed.format.is_surely_plain(self.sealed.source, leaf, text);
        (is_whole && is_same && is_plain()).then_some(text)
    }

    /// Takes note of an alias that stands in the place of a node.
    fn expanded(&mut self, at: usize, alias: Span, key: Option<&Key>) -> Result<(), BuildError> {
        let event = &self.sealed.scan.events[at];
        let is_block = matches!(event, Event::Enter { is_flow: false, .. });
        if let Event::Leaf(leaf) = event {
            let rendering =
                Rendering { site: alias.slice(self.original).to_owned(), body: String::new() };
            let original = Original::Text(rendering.site.clone());
            splice::replace_leaf(self.sealed.source, leaf, &rendering, &mut self.edits);
            self.add_site(at, original);
            return Ok(());
        }
        let region = nodes::region(self.sealed, at, self.path.key, is_block);
        let region = region.ok_or(BuildError::Structure)?;
        let original = if is_block {
            let start = key.map_or(alias.start(), |key| key.span.end());
            let end = splice::content_end(self.original, alias.end());
            Original::Lines(self.original[start..end].to_owned())
        } else {
            Original::Text(alias.slice(self.original).to_owned())
        };
        if let Original::Lines(text) | Original::Text(text) = &original {
            self.edits.replace(region, text);
        }
        self.regions.push(region);
        self.skipped_to = nodes::events_of(self.sealed, at).end;
        self.add_site(at, original);
        Ok(())
    }

    /// Adds a site; a key that is not UTF-8 cannot be named, and the rest of the text tells.
    fn add_site(&mut self, at: usize, original: Original) {
        if let Some(path) = self.path.place.keys() {
            self.sites.push((at, path, original));
        }
    }
}

/// Chooses the shortest form in which a scalar's text can be kept.
fn spelling(site: &str, body: &str, style: Style, value: &Value, source: &str) -> Original {
    if body.is_empty() {
        return Original::Text(site.to_owned());
    }
    if let (Style::Literal, Value::Str(text)) = (style, value)
        && let Ok(text) = std::str::from_utf8(text)
    {
        let first = body.trim_start_matches(['\r', '\n']);
        let column = first.len() - first.trim_start_matches(' ').len();
        let lines = || apply::literal_lines(text, column, Newline::of(source).as_str());
        if column <= MAX_COLUMN && lines() == body {
            return Original::Literal(site.to_owned(), column);
        }
    }
    Original::Block(site.to_owned(), body.to_owned())
}

/// Counts for each site how many nodes before it have the same path.
fn numbered(sealed: &Document<'_>, found: Vec<Found>) -> Vec<Site> {
    if found.is_empty() {
        return Vec::new();
    }
    let paths = found.iter().map(|(_, path, _)| (apply::joined(path), 0));
    let mut seen: HashMap<Vec<u8>, usize> = paths.collect();
    let mut found = found.into_iter().peekable();
    let mut sites = Vec::new();
    nodes::visit(sealed, |node| {
        let Some(count) = seen.get_mut(node.place.joined()) else { return };
        if let Some((_, path, text)) = found.next_if(|(at, ..)| *at == node.event) {
            sites.push(Site { path, occurrence: *count, text });
        }
        *count += 1;
    });
    sites
}
