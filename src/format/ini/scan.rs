use std::borrow::Cow;
use std::collections::HashSet;

use foldhash::fast::RandomState;

use super::line::{Kind, Line, Name, trimmed};
use super::value::{self, ValueText};
use super::{FIRST_SECTION, IniError, METADATA};
use crate::format::{ScanError, ScanErrorKind, plain::line_events};
use crate::text::Span;
use crate::tree::{Comment, Container, Event, Key, Leaf, LeafValue, Scan, Style, Text};

/// Reads a text as one document: a mapping of sections, each a mapping of keys to strings.
///
/// The first section is always there, for the keys before the first header. The comment of a
/// section stands first in it, that of a key behind the key, as in the reference's tree.
///
/// # Errors
/// The text is not INI as the reference reads it, or has a key twice in one section.
pub fn scan(source: &str) -> Result<Scan, ScanError> {
    let mark = if source.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    let mut scanner = Scanner::new(source, mark);
    while scanner.next < source.len() {
        let (line, next) = Line::at(source, scanner.next);
        scanner.next = next;
        let start = line.content.start();
        scanner.line(line).map_err(|error| error.at(source, start))?;
    }
    Ok(scanner.finish())
}

impl IniError {
    fn at(self, source: &str, offset: usize) -> ScanError {
        ScanError::at(source, offset, ScanErrorKind::Ini(self))
    }
}

/// Refuses keys that the reference could not read again once it has written them.
///
/// # Errors
/// The text has such a key.
pub fn check_clear(source: &str, scan: &Scan) -> Result<(), ScanError> {
    for event in &scan.events {
        if let Event::Key(key) = event
            && !is_section(key, source)
            && let Some(result) = unsafe_result(&scan.str(source, key.text))
        {
            let key_text = key.span.slice(source).to_owned();
            let error = IniError::UnsafeKey { key: key_text, result };
            return Err(error.at(source, key.span.start()));
        }
    }
    Ok(())
}

fn is_section(key: &Key, source: &str) -> bool {
    key.span.is_empty() || key.span.slice(source).starts_with('[')
}

/// Returns what becomes of a key that the reference writes; nothing if it stays the same.
fn unsafe_result(key: &str) -> Option<&'static str> {
    match key.as_bytes().first() {
        Some(b'#' | b';') => Some("a comment"),
        Some(b'[') => Some("a section header"),
        _ if key.contains('`') && key.contains(['"', '=', ':']) => Some("another key"),
        _ => None,
    }
}

struct Scanner<'s> {
    source: &'s str,
    /// Where the next line begins.
    next: usize,
    scan: Scan,
    /// The comment lines that belong to what comes next.
    pending: Vec<Span>,
    /// The keys of the section.
    names: HashSet<Cow<'s, str>, RandomState>,
    /// The number for the next key that is written as `-`.
    number: u32,
    in_metadata: bool,
}

impl<'s> Scanner<'s> {
    fn new(source: &'s str, start: usize) -> Self {
        let mut scan = Scan::default();
        let _ = scan.events.try_reserve_exact(line_events(source));
        let first = scan.keep(FIRST_SECTION.as_bytes());
        let at = Span::at(start);
        let key = Key { text: first, span: at, is_string: true, alias: None };
        let enter = Event::Enter { container: Container::Mapping, span: at, is_flow: false };
        scan.events.extend([Event::Document(Span::at(0)), enter, Event::Key(key), enter]);
        Self {
            source,
            next: start,
            scan,
            pending: Vec::new(),
            names: HashSet::default(),
            number: 1,
            in_metadata: false,
        }
    }

    fn line(&mut self, line: Line<'s>) -> Result<(), IniError> {
        match line.kind() {
            Kind::Blank => {}
            Kind::Comment => self.pending.push(line.content),
            Kind::Header => self.header(line)?,
            Kind::Key => self.key(line)?,
        }
        Ok(())
    }

    fn header(&mut self, line: Line<'s>) -> Result<(), IniError> {
        let name = line.section()?;
        let is_metadata = name.text.slice(self.source) == METADATA;
        if is_metadata {
            // it goes with encryption, and its comment must not
            self.rest();
        }
        self.scan.events.push(Event::Leave(Span::at(line.content.start())));
        let key = named(name, Text::Source(name.text));
        let span = Span::at(self.next);
        let enter = Event::Enter { container: Container::Mapping, span, is_flow: false };
        self.scan.events.extend([key, enter]);
        self.names.clear();
        self.number = 1;
        self.in_metadata = is_metadata;
        if !is_metadata {
            self.comment(name.span.start(), tail(line, line.comment_behind(name.rest)));
        }
        Ok(())
    }

    fn key(&mut self, line: Line<'s>) -> Result<(), IniError> {
        let name = line.key()?;
        let mut text = Cow::Borrowed(name.text.slice(self.source));
        let mut handle = Text::Source(name.text);
        if text == "-" {
            text = Cow::Owned(format!("#{}", self.number));
            handle = self.scan.keep(text.as_bytes());
            self.number += 1;
        }
        if !self.names.insert(text.clone()) {
            return Err(IniError::DuplicateKey(text.into_owned()));
        }
        let value = value::read(line, name.rest, self.next)?;
        let last_line = match value.comment {
            Some(at) => Line::at(self.source, crate::text::start_of_line(self.source, at)).0,
            None => line,
        };
        self.next = value.next;
        let value_text = match value.text {
            ValueText::Source(span) => Text::Source(span),
            ValueText::Joined(text) => self.scan.keep(text.into_bytes()),
        };
        let key = named(name, handle);
        let leaf = Event::Leaf(leaf(value.site, value_text));
        self.scan.events.extend([key, leaf]);
        if self.in_metadata {
            self.pending.clear();
        } else {
            self.comment(name.span.start(), tail(last_line, value.comment));
        }
        Ok(())
    }

    /// Adds the comment of the item that begins at `item`.
    fn comment(&mut self, item: usize, tail: Option<Span>) {
        let pieces: Vec<Span> = self.pending.drain(..).collect();
        let span = match (pieces.first(), pieces.last()) {
            (Some(first), Some(last)) => trimmed(self.source, first.start(), last.end()),
            _ if tail.is_none() => return,
            _ => Span::at(item),
        };
        let text = self.comment_text(&pieces, tail);
        let comment = Comment {
            span,
            tail: tail.unwrap_or(Span::at(span.end())),
            text,
            in_sequence: false,
            is_inline: false,
            is_in_tree: true,
        };
        self.scan.events.push(Event::Comment(comment));
    }

    /// Adds the comment lines that belong to nothing; the reference drops them.
    fn rest(&mut self) {
        let at = self.scan.events.len();
        self.comment(0, None);
        if let Some(Event::Comment(comment)) = self.scan.events.get_mut(at) {
            comment.is_in_tree = false;
        }
    }

    /// Joins the pieces of a comment as the reference does, comment characters left out at the
    /// start alone.
    fn comment_text(&mut self, pieces: &[Span], tail: Option<Span>) -> Text {
        let source = self.source;
        let tail = tail.map(|tail| trimmed(source, tail.start(), tail.end()));
        if let ([only], None) | ([], Some(only)) = (pieces, &tail) {
            let text = trimmed(source, only.start(), only.end());
            let stripped = stripped(text.slice(source));
            return Text::Source(Span::new(text.end() - stripped.len(), text.end()));
        }
        let lines = pieces.iter().map(|piece| piece.slice(source).to_owned() + "\n");
        let text: String = lines.chain(tail.map(|tail| tail.slice(source).to_owned())).collect();
        // a first line without text makes the reference crash when it writes the file
        let stripped = stripped(text.trim()).trim_start_matches('\n').to_owned();
        self.scan.keep(stripped.into_bytes())
    }

    fn finish(mut self) -> Scan {
        let end = Span::at(self.source.len());
        if self.in_metadata {
            self.scan.events.push(Event::Leave(end));
        }
        self.rest();
        if !self.in_metadata {
            self.scan.events.push(Event::Leave(end));
        }
        self.scan.events.extend([Event::Leave(end), Event::EndDocument(end)]);
        self.scan
    }
}

fn named(name: Name, text: Text) -> Event {
    Event::Key(Key { text, span: name.span, is_string: true, alias: None })
}

fn leaf(site: Span, text: Text) -> Leaf {
    Leaf {
        site,
        body: Span::at(site.end()),
        value: LeafValue::Str(text),
        indent: 0,
        style: Style::Plain,
        in_flow: false,
        in_sequence: false,
    }
}

/// Returns a comment at the end of a line with the blanks before it.
fn tail(line: Line<'_>, comment: Option<usize>) -> Option<Span> {
    let at = comment?;
    let before = line.source[..at].trim_end().len();
    Some(Span::new(before, line.trimmed_end(at)))
}

/// Takes the comment characters and blanks off the start of a comment.
fn stripped(text: &str) -> &str {
    match text.as_bytes().first() {
        Some(b';') => text.trim_start_matches([';', ' ']),
        Some(b'#') => text.trim_start_matches(['#', ' ']),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The events of a text: `[section]`, `key=value`, `;comment`, and `!comment` for one that the
    /// reference drops.
    fn items(source: &str) -> Result<Vec<String>, String> {
        let scan = scan(source).map_err(|error| error.to_string())?;
        let mut items: Vec<String> = Vec::new();
        let mut depth = 0;
        for event in &scan.events {
            match event {
                Event::Enter { .. } => depth += 1,
                Event::Leave(_) => depth -= 1,
                Event::Key(key) if depth == 1 => {
                    items.push(format!("[{}]", scan.str(source, key.text)));
                }
                Event::Key(key) => items.push(scan.str(source, key.text).into_owned() + "="),
                Event::Leaf(Leaf { value: LeafValue::Str(text), .. }) => {
                    items.last_mut().unwrap().push_str(&scan.str(source, *text));
                }
                Event::Comment(comment) => {
                    let mark = if comment.is_in_tree { ';' } else { '!' };
                    items.push(format!("{mark}{}", scan.str(source, comment.text)));
                }
                _ => {}
            }
        }
        Ok(items)
    }

    #[test]
    fn sections_and_comments_stand_where_the_reference_has_them() {
        let rows: [(&str, &[&str]); 17] = [
            ("", &["[DEFAULT]"]),
            ("a=1\n[s]\nb=2\n[s]\n", &["[DEFAULT]", "a=1", "[s]", "b=2", "[s]"]),
            ("\u{feff}a=1", &["[DEFAULT]", "a=1"]),
            ("[DEFAULT]\na=1", &["[DEFAULT]", "[DEFAULT]", "a=1"]),
            ("; c\na=1\nb=2", &["[DEFAULT]", "a=1", ";c", "b=2"]),
            ("; c\n[s] ; d\na=1", &["[DEFAULT]", "[s]", ";c\n; d", "a=1"]),
            ("; c\n\n # d\r\na=1 ;e", &["[DEFAULT]", "a=1", ";c\n# d\r\n;e"]),
            ("a=1 #; e # f ", &["[DEFAULT]", "a=1", ";; e # f"]),
            (";; c\na=1", &["[DEFAULT]", "a=1", ";c"]),
            ("#;c\na=1", &["[DEFAULT]", "a=1", ";;c"]),
            (";\na=1", &["[DEFAULT]", "a=1", ";"]),
            (";\n; c\n;\na=1", &["[DEFAULT]", "a=1", ";; c\n;"]),
            ("a=1\n; end\n\n# of it", &["[DEFAULT]", "a=1", "!end\n# of it"]),
            ("a=1\n; end\n[sops] ; x\n; y\nb=2", &["[DEFAULT]", "a=1", "!end", "[sops]", "b=2"]),
            ("[sops]\nb=2\n; c\n[s]", &["[DEFAULT]", "[sops]", "b=2", "[s]", ";c"]),
            ("[sops]\nb=2\n; c", &["[DEFAULT]", "[sops]", "b=2", "!c"]),
            ("-=1\n-=2\n[s]\n\"-\"=3", &["[DEFAULT]", "#1=1", "#2=2", "[s]", "#1=3"]),
        ];
        for (source, expected) in rows {
            let expected = expected.iter().map(ToString::to_string).collect();
            assert_eq!(items(source), Ok(expected), "{source:?}");
        }
    }

    #[test]
    fn keys_that_stand_twice_are_refused() {
        let message = "line 3, column 2: the key \"a\" stands twice in this section, where only the last one would count";
        assert_eq!(items("a=1\nb=2\n `a`: 3"), Err(message.to_owned()));
        assert!(items("a=1\n[s]\na=2\n[s]\na=3").is_ok());
    }

    #[test]
    fn keys_that_the_reference_would_write_otherwise_are_refused() {
        let rows = [
            ("a=1\n\"b=\"=2\n`c\"`=3\n\"\"\"d`\"\"\"=4\n'e'=5\n-f=6\n", None),
            ("[#s]\na=1\n", None),
            ("- = 1", Some(("-", "a comment"))),
            ("\"#a\" = 1", Some(("\"#a\"", "a comment"))),
            ("`;a` = 1", Some(("`;a`", "a comment"))),
            ("\"[a\" = 1", Some(("\"[a\"", "a section header"))),
            ("\"a`:\" = 1", Some(("\"a`:\"", "another key"))),
        ];
        for (source, expected) in rows {
            let scan = scan(source).unwrap();
            let expected = expected.map(|(key, result)| {
                let kind = IniError::UnsafeKey { key: key.to_owned(), result };
                ScanError { line: 1, column: 1, kind: ScanErrorKind::Ini(kind) }
            });
            assert_eq!(check_clear(source, &scan).err(), expected, "{source:?}");
        }
    }
}
