use super::{FIRST_SECTION, emit, render};
use crate::format::change::{self, Change, ChangeError, Collection, Item, Target};
use crate::format::{EmitError, Format, Steps, plain};
use crate::text::{Edits, Newline, Span, end_of_line, start_of_line};
use crate::tree::{Branch, Event, Path, Scan, Step, Tree, Value};

/// Sets or removes one key, or a section. A new key comes last in its section and a new section
/// last in the file; what goes takes its comments along.
///
/// # Errors
/// There is no such key, or a section cannot hold the value.
pub(in crate::format) fn change(
    source: &str,
    scan: &Scan,
    path: &[Step],
    change: Change<'_>,
) -> Result<String, ChangeError> {
    let target = change::target(source, scan, path, change)?;
    let editor = Editor { source, scan };
    let mut edits = Edits::new();
    match (target.way.as_slice(), &target.value) {
        ([(root, Some(section))], None) => editor.remove_section(root, *section, &mut edits),
        ([(root, Some(section))], Some(value)) => {
            editor.replace_section(root, *section, value, &mut edits)?;
        }
        ([(_, None)], Some(value)) => editor.add_section(&target, value, &mut edits)?,
        ([_, (section, Some(item))], None) => {
            if let Some(item) = section.items.get(*item) {
                edits.remove(editor.lines_of(item));
            }
        }
        ([_, (section, Some(item))], Some(value)) => {
            let item = section.items.get(*item);
            let leaf = item.and_then(|item| scan.events.get(item.node));
            let Some(Event::Leaf(leaf)) = leaf else {
                return Err(ChangeError::NotPossible(Steps(path.to_vec())));
            };
            let text = Value::str(text(value, path)?);
            if !render::is_possible(&text) {
                return Err(EmitError::NoQuotes(keys(path)).into());
            }
            edits.replace(leaf.site, render::value(source, leaf, &text).site);
        }
        ([(root, Some(number)), (section, None)], Some(value)) => {
            editor.add_key((root, *number), section, &target, (value, path), &mut edits)?;
        }
        _ => return Err(ChangeError::NotPossible(Steps(path.to_vec()))),
    }
    Ok(edits.apply(source)?)
}

fn keys(path: &[Step]) -> Path {
    let name = |step: &Step| match step {
        Step::Key(key) => key.clone(),
        Step::Index(index) => index.to_string(),
    };
    path.iter().map(name).collect()
}

fn text(value: &Tree, path: &[Step]) -> Result<String, EmitError> {
    plain::emit(Branch::from(value).parts(), Format::Ini, || keys(path))
}

struct Editor<'e> {
    source: &'e str,
    scan: &'e Scan,
}

impl Editor<'_> {
    /// Returns where the lines of a section begin: behind its header.
    fn inner_start(&self, section: &Item) -> usize {
        match section.key {
            Some(key) if !key.span.is_empty() => end_of_line(self.source, key.span.end()),
            _ => section.start,
        }
    }

    /// Returns where the last line of a section ends.
    fn inner_end(&self, section: &Item) -> usize {
        let inner = Collection::at(self.scan, section.node);
        let last = inner.and_then(|inner| inner.items.last().map(|item| item.end));
        last.map_or(self.inner_start(section), |end| end_of_line(self.source, end))
    }

    /// Returns the lines of a key: those of its comments, and its own.
    fn lines_of(&self, item: &Item) -> Span {
        let start = self.comment(item.node).map_or(item.start, Span::start);
        let start = start_of_line(self.source, start.min(item.start));
        Span::new(self.behind_mark(start), end_of_line(self.source, item.end))
    }

    /// Returns the lines of the comment that belongs to an item, given by its event.
    fn comment(&self, node: usize) -> Option<Span> {
        match self.scan.events.get(node + 1) {
            Some(Event::Comment(comment)) if !comment.span.is_empty() => Some(comment.span),
            _ => None,
        }
    }

    fn behind_mark(&self, start: usize) -> usize {
        let is_marked = self.source[start..].starts_with('\u{feff}');
        if is_marked { start + '\u{feff}'.len_utf8() } else { start }
    }

    fn remove_section(&self, root: &Collection, number: usize, edits: &mut Edits<'_>) {
        let Some(section) = root.items.get(number) else { return };
        let end = self.inner_end(section);
        let has_header = section.key.is_some_and(|key| !key.span.is_empty());
        if !has_header {
            return edits.remove(Span::new(section.start, end.max(section.start)));
        }
        let start = self.comment(section.node).map_or(section.start, Span::start);
        let start = self.behind_mark(start_of_line(self.source, start.min(section.start)));
        edits.remove(self.with_blank_line(start, end));
    }

    /// Takes one of the blank lines around some lines along.
    fn with_blank_line(&self, start: usize, end: usize) -> Span {
        let before = &self.source[..start];
        let line = start_of_line(self.source, before.trim_end_matches('\n').len());
        let blank = before.strip_suffix('\n').map(|it| it.strip_suffix('\r').unwrap_or(it));
        match blank {
            Some(text) if text.ends_with('\n') => Span::new(text.len(), end),
            _ if line == 0 || before.is_empty() => {
                let rest = &self.source[end..];
                let length = usize::from(rest.starts_with('\n'));
                Span::new(start, end + if rest.starts_with("\r\n") { 2 } else { length })
            }
            _ => Span::new(start, end),
        }
    }

    fn replace_section(
        &self,
        root: &Collection,
        number: usize,
        value: &Tree,
        edits: &mut Edits<'_>,
    ) -> Result<(), ChangeError> {
        let Some(section) = root.items.get(number) else { return Ok(()) };
        let name = section.key.map(|key| self.scan.str(self.source, key.text).into_owned());
        let name = name.unwrap_or_default();
        let lines = Self::section(&name, value)?;
        // the first line is the header
        let lines = match lines.split_once('\n') {
            Some((first, rest)) if first.starts_with('[') => rest.to_owned(),
            _ => lines,
        };
        let (start, end) = (self.inner_start(section), self.inner_end(section));
        edits.replace(Span::new(start, end.max(start)), self.fitted(start, &lines));
        Ok(())
    }

    /// Writes a section with its header; that of the first one is left out.
    fn section(name: &str, value: &Tree) -> Result<String, ChangeError> {
        let document = Tree::Mapping(vec![(name.to_owned(), value.clone())]);
        let text = emit(&[Branch::from(&document)])?;
        Ok(text.as_str().to_owned())
    }

    /// Gives lines the line ends of the text, and one before them where it lacks one.
    fn fitted(&self, at: usize, lines: &str) -> String {
        let newline = Newline::of(self.source);
        let before = &self.source[..at];
        let is_open = !before.is_empty() && !before.ends_with(['\n', '\u{feff}']);
        let first = if is_open && !lines.is_empty() { newline.as_str() } else { "" };
        first.to_owned() + &newline.apply(lines.to_owned())
    }

    fn add_section(
        &self,
        target: &Target,
        value: &Tree,
        edits: &mut Edits<'_>,
    ) -> Result<(), ChangeError> {
        let name = target.key.as_deref().unwrap_or_default();
        let mut lines = Self::section(name, value)?;
        if name == FIRST_SECTION {
            lines.insert_str(0, &format!("[{name}]\n"));
        }
        let end = self.source.len();
        if !self.source.trim().trim_start_matches('\u{feff}').is_empty() {
            lines.insert(0, '\n');
        }
        edits.insert(end, self.fitted(end, &lines));
        Ok(())
    }

    fn add_key(
        &self,
        (root, number): (&Collection, usize),
        section: &Collection,
        target: &Target,
        (value, path): (&Tree, &[Step]),
        edits: &mut Edits<'_>,
    ) -> Result<(), ChangeError> {
        let key = target.key.as_deref().unwrap_or_default();
        let document = Tree::Mapping(vec![(key.to_owned(), value.clone())]);
        // checks the name and quotes the value
        let line = Self::section("s", &document).map_err(|error| located(error, path))?;
        let line = line.lines().skip(1).collect::<Vec<_>>().join("\n");
        let key = render::key(key);
        let text = line.strip_prefix(&key).unwrap_or(&line).trim_start_matches(" = ");
        let line = format!("{key}{}{text}\n", self.delimiter(section, key.len()));
        let Some(owner) = root.items.get(number) else { return Ok(()) };
        let at = self.inner_end(owner);
        let is_first = section.items.is_empty() && at == owner.start && at < self.source.len();
        let line = if is_first { line + "\n" } else { line };
        edits.insert(at, self.fitted(at, &line));
        Ok(())
    }

    /// Returns what stands between key and value: what the last key of the section has there, its
    /// values in one column if theirs are.
    fn delimiter(&self, section: &Collection, width: usize) -> String {
        let last = section.items.last().and_then(|item| {
            let Some(Event::Leaf(leaf)) = self.scan.events.get(item.node) else { return None };
            let key = item.key?;
            let between = self.source.get(key.span.end()..leaf.site.start())?;
            Some((key.span.len(), between))
        });
        let Some((last_width, between)) = last else { return " = ".to_owned() };
        let rest = between.trim_start_matches(' ');
        let blanks = between.len() - rest.len();
        let padded = (last_width + blanks).saturating_sub(width).max(1);
        let blanks = if blanks == 0 { 0 } else { padded };
        let is_aligned = section.items.len() > 1 || blanks > 1;
        let blanks = if is_aligned { blanks } else { blanks.min(1) };
        let rest = if rest.trim().is_empty() { "= " } else { rest };
        " ".repeat(blanks) + rest
    }
}

/// Puts the place of the file in the place of the one that was made for a check.
fn located(error: ChangeError, path: &[Step]) -> ChangeError {
    let ChangeError::Emit(error) = error else { return error };
    let format = Format::Ini;
    ChangeError::Emit(match error {
        EmitError::Null { .. } => EmitError::Null { path: keys(path), format },
        EmitError::Collection { found, .. } => {
            EmitError::Collection { path: keys(path), format, found }
        }
        EmitError::Name { .. } => EmitError::Name { path: keys(path), format },
        EmitError::NoQuotes(_) => EmitError::NoQuotes(keys(path)),
        error => error,
    })
}
