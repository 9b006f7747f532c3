use super::IniError;
use crate::text::Span;

/// A line, its line end left out.
#[derive(Clone, Copy)]
pub(super) struct Line<'s> {
    pub(super) source: &'s str,
    /// From the first letter that is no blank to the end; empty in a blank line.
    pub(super) content: Span,
    /// Whether the text ends here, without a line end.
    pub(super) is_last: bool,
}

/// What a line is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Blank,
    Comment,
    Header,
    Key,
}

/// The name of a section or key and what follows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Name {
    /// The name without quotes and blanks.
    pub(super) text: Span,
    /// The name as written.
    pub(super) span: Span,
    /// Where the rest of the line begins: behind the bracket or delimiter.
    pub(super) rest: usize,
}

impl<'s> Line<'s> {
    /// Reads the line that begins at `start`, and returns where the next one does.
    pub(super) fn at(source: &'s str, start: usize) -> (Self, usize) {
        let length = memchr::memchr(b'\n', &source.as_bytes()[start..]);
        let end = length.map_or(source.len(), |length| start + length);
        let text = &source[start..end];
        let first = start + text.len() - text.trim_start().len();
        let line = Self { source, content: Span::new(first, end), is_last: length.is_none() };
        (line, (end + 1).min(source.len()))
    }

    pub(super) fn text(&self) -> &'s str {
        self.content.slice(self.source)
    }

    pub(super) fn kind(&self) -> Kind {
        match self.text().as_bytes().first() {
            None => Kind::Blank,
            Some(b'#' | b';') => Kind::Comment,
            Some(b'[') => Kind::Header,
            Some(_) => Kind::Key,
        }
    }

    /// Returns the length as the reference counts it: with the line end.
    pub(super) fn length_from(&self, offset: usize) -> usize {
        self.content.end() - offset + usize::from(!self.is_last)
    }

    /// Returns the end of the line without the blanks before it, but not before `from`.
    pub(super) fn trimmed_end(&self, from: usize) -> usize {
        let rest = self.source.get(from..self.content.end()).unwrap_or_default();
        from + rest.trim_end().len()
    }

    /// Reads the name of a header: up to the last bracket, blanks included.
    pub(super) fn section(&self) -> Result<Name, IniError> {
        let start = self.content.start();
        let close = start + self.text().rfind(']').ok_or(IniError::OpenHeader)?;
        let text = Span::new(start + 1, close);
        if text.is_empty() {
            return Err(IniError::NamelessSection);
        }
        Ok(Name { text, span: Span::new(start, close + 1), rest: close + 1 })
    }

    /// Reads a key: in quotes, or up to the first delimiter.
    pub(super) fn key(&self) -> Result<Name, IniError> {
        let (line, start) = (self.text(), self.content.start());
        let is_long = self.length_from(start) > 6;
        let quote = match line.as_bytes().first() {
            Some(b'"') if is_long && line.starts_with("\"\"\"") => "\"\"\"",
            Some(b'"') => "\"",
            Some(b'`') => "`",
            _ => "",
        };
        let inside = quote.len();
        let (close, behind) = if quote.is_empty() {
            (None, 0)
        } else {
            let close = line[inside..].find(quote).ok_or(IniError::OpenKey)? + inside;
            (Some(close), close + inside)
        };
        let delimiter = memchr::memchr2(b'=', b':', &line.as_bytes()[behind..]);
        let delimiter = delimiter.ok_or(IniError::NoDelimiter)? + behind;
        let text = trimmed(self.source, start + inside, start + close.unwrap_or(delimiter));
        if text.is_empty() {
            return Err(IniError::EmptyKey);
        }
        let span = trimmed(self.source, start, start + delimiter);
        Ok(Name { text, span, rest: start + delimiter + 1 })
    }

    /// Returns where a comment begins behind `from`: at the first comment character.
    pub(super) fn comment_behind(&self, from: usize) -> Option<usize> {
        let rest = self.source.get(from..self.content.end())?;
        memchr::memchr2(b'#', b';', rest.as_bytes()).map(|at| from + at)
    }
}

/// Returns a piece of the source without blanks at its ends.
pub(super) fn trimmed(source: &str, start: usize, end: usize) -> Span {
    let text = &source[start..end];
    let first = start + text.len() - text.trim_start().len();
    Span::new(first, first + text.trim().len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_in_all_their_forms() {
        let rows = [
            ("a=1", Ok(("a", "1"))),
            ("  a b \t: = x", Ok(("a b", " = x"))),
            ("\"a=b\" = 1", Ok(("a=b", " 1"))),
            ("\" a \"junk=1", Ok(("a", "1"))),
            ("`a\"b`:1", Ok(("a\"b", "1"))),
            ("\"\"\"a\"b\"\"\"=1", Ok(("a\"b", "1"))),
            ("\"a\"b\"=1", Ok(("a", "1"))),
            ("'a'=1", Ok(("'a'", "1"))),
            ("-=1", Ok(("-", "1"))),
            ("=1", Err(IniError::EmptyKey)),
            ("\" \"=1", Err(IniError::EmptyKey)),
            ("\"a=1", Err(IniError::OpenKey)),
            ("`a=1", Err(IniError::OpenKey)),
            ("\"\"\"a\"=1", Err(IniError::OpenKey)),
            ("\"a=b\"", Err(IniError::NoDelimiter)),
            ("a", Err(IniError::NoDelimiter)),
            ("[s]", Ok(("s", ""))),
            ("[ s ] ; c", Ok((" s ", " ; c"))),
            ("[s] ; c ] d", Ok(("s] ; c ", " d"))),
            ("[s", Err(IniError::OpenHeader)),
            ("[]", Err(IniError::NamelessSection)),
        ];
        for (source, expected) in rows {
            let (line, _) = Line::at(source, 0);
            let name = if line.kind() == Kind::Header { line.section() } else { line.key() };
            let name = name.map(|name| (name.text.slice(source), &source[name.rest..]));
            assert_eq!(name, expected, "{source}");
        }
    }

    #[test]
    fn lines_end_at_line_feeds_alone() {
        let source = " a\r\n\u{2028}\n;b";
        let (first, next) = Line::at(source, 0);
        assert_eq!((first.text(), first.kind()), ("a\r", Kind::Key));
        let (second, next) = Line::at(source, next);
        assert_eq!((second.text(), second.kind()), ("", Kind::Blank));
        let (third, next) = Line::at(source, next);
        assert_eq!((third.text(), third.kind(), third.is_last), (";b", Kind::Comment, true));
        assert_eq!(next, source.len());
    }
}
