use super::IniError;
use super::line::{Line, trimmed};
use crate::text::Span;

/// A value as it stands in a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Value {
    pub(super) text: ValueText,
    /// What an edit replaces: quotes, continued lines, and what is ignored behind closing quotes.
    pub(super) site: Span,
    /// Where a comment begins at the end of the last line.
    pub(super) comment: Option<usize>,
    /// Where the line begins that follows.
    pub(super) next: usize,
}

/// The text of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ValueText {
    /// A piece of the source.
    Source(Span),
    /// The pieces of continued lines.
    Joined(String),
}

/// Reads the value that begins at `rest`, behind the delimiter of `line`; `next` is where the
/// following line begins.
pub(super) fn read(line: Line<'_>, rest: usize, next: usize) -> Result<Value, IniError> {
    let source = line.source;
    let all = trimmed(source, rest, line.content.end());
    let text = all.slice(source);
    let value = |text, site, comment| Value { text: ValueText::Source(text), site, comment, next };
    if text.is_empty() {
        return Ok(value(Span::at(rest), Span::at(rest), None));
    }
    let is_long = line.length_from(all.start()) > 3;
    if is_long && text.starts_with("\"\"\"") {
        return quoted(line, all, "\"\"\"", next);
    }
    if text.starts_with('`') {
        return quoted(line, all, "`", next);
    }
    if text.ends_with('\\') {
        return Ok(continued(source, all, next));
    }
    let comment = line.comment_behind(all.start());
    let site = comment.map_or(all, |at| trimmed(source, all.start(), at));
    // where nothing stands before the comment
    let site = if site.is_empty() { Span::at(rest) } else { site };
    Ok(value(without_quotes(source, site), site, comment))
}

/// Takes off one pair of quotes, unless such a quote stands inside too.
fn without_quotes(source: &str, site: Span) -> Span {
    let text = site.slice(source);
    let is_quoted = ['"', '\''].into_iter().any(|quote| {
        let inside = text.strip_prefix(quote).and_then(|text| text.strip_suffix(quote));
        inside.is_some_and(|text| !text.contains(quote))
    });
    if is_quoted { Span::new(site.start() + 1, site.end() - 1) } else { site }
}

/// Reads a raw value, which ends at the last such quotes of the first line that has some.
fn quoted(line: Line<'_>, all: Span, quote: &str, next: usize) -> Result<Value, IniError> {
    let source = line.source;
    let start = all.start() + quote.len();
    let first_line = &source[start..line.content.end()];
    if let Some(length) = first_line.rfind(quote) {
        let text = ValueText::Source(Span::new(start, start + length));
        // the reference ignores what follows, even a comment
        return Ok(Value { text, site: all, comment: None, next });
    }
    let mut next = next;
    while next < source.len() {
        let at = next;
        let (line, after) = Line::at(source, at);
        next = after;
        let Some(length) = source[at..line.content.end()].rfind(quote) else { continue };
        let close = at + length;
        let comment = line.comment_behind(close);
        let end = trimmed(source, close, comment.unwrap_or(line.content.end())).end();
        let text = ValueText::Source(Span::new(start, close));
        return Ok(Value { text, site: Span::new(all.start(), end), comment, next });
    }
    Err(IniError::OpenValue)
}

/// Joins a value that ends in a backslash with the lines that follow; an empty one ends it.
fn continued(source: &str, all: Span, next: usize) -> Value {
    let mut text = all.slice(source).to_owned();
    text.pop();
    let (mut end, mut next) = (all.end(), next);
    while next < source.len() {
        let (line, after) = Line::at(source, next);
        next = after;
        let piece = line.text().trim_end();
        if piece.is_empty() {
            break;
        }
        end = line.content.start() + piece.len();
        text.push_str(piece);
        if !text.ends_with('\\') {
            break;
        }
        text.pop();
    }
    let site = Span::new(all.start(), end);
    Value { text: ValueText::Joined(text), site, comment: None, next }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Value, site, comment and what follows of the text behind a delimiter.
    fn parts(source: &str) -> Result<(String, &str, &str, &str), IniError> {
        let whole = format!("k={source}");
        let (line, next) = Line::at(&whole, 0);
        let value = read(line, 2, next)?;
        let slice = |start: usize, end: usize| &source[start - 2..end - 2];
        let text = match value.text {
            ValueText::Source(span) => slice(span.start(), span.end()).to_owned(),
            ValueText::Joined(text) => text,
        };
        let comment = value.comment.map_or("", |at| {
            slice(at, whole[at..].find('\n').map_or(whole.len(), |length| at + length))
        });
        let site = slice(value.site.start(), value.site.end());
        Ok((text, site, comment, slice(value.next, whole.len())))
    }

    #[test]
    fn values_are_read_in_all_their_forms() {
        let rows = [
            ("v\nz=1", ("v", "v", "", "z=1")),
            ("  a b \r\n", ("a b", "a b", "", "")),
            ("", ("", "", "", "")),
            (" \t\n", ("", "", "", "")),
            ("v ; c # d\n", ("v", "v", "; c # d", "")),
            ("http://x/#f", ("http://x/", "http://x/", "#f", "")),
            (" ; c", ("", "", "; c", "")),
            ("\"a;b\"", ("\"a", "\"a", ";b\"", "")),
            ("\"a b\"", ("a b", "\"a b\"", "", "")),
            ("' a '", (" a ", "' a '", "", "")),
            ("\"a\"b\"", ("\"a\"b\"", "\"a\"b\"", "", "")),
            ("\"a'b\" ; c", ("a'b", "\"a'b\"", "; c", "")),
            ("'\"q\"'", ("\"q\"", "'\"q\"'", "", "")),
            ("\"", ("\"", "\"", "", "")),
            ("\"\"", ("", "\"\"", "", "")),
            ("`a;b` junk ; c\n", ("a;b", "`a;b` junk ; c", "", "")),
            ("`a` `b`", ("a` `b", "`a` `b`", "", "")),
            ("\"\"\"a\"\"\"", ("a", "\"\"\"a\"\"\"", "", "")),
            ("\"\"\"\"\"\"", ("", "\"\"\"\"\"\"", "", "")),
            ("\"\"\"", ("\"\"\"", "\"\"\"", "", "")),
            (
                "\"\"\"a \n\n # b\r\nc\"\"\" junk ; d \nz=1",
                ("a \n\n # b\r\nc", "\"\"\"a \n\n # b\r\nc\"\"\" junk", "; d ", "z=1"),
            ),
            ("`a\nb` ; ` c", ("a\nb` ; ", "`a\nb` ; ` c", "", "")),
            ("a\\\n  b \\\nc ; d\nz=1", ("ab c ; d", "a\\\n  b \\\nc ; d", "", "z=1")),
            ("a ; c \\\n\nz=1", ("a ; c ", "a ; c \\", "", "z=1")),
            ("\\", ("", "\\", "", "")),
            ("\\\n", ("", "\\", "", "")),
            ("a\\\\\nb", ("a\\b", "a\\\\\nb", "", "")),
        ];
        for (source, (text, site, comment, next)) in rows {
            let expected = Ok((text.to_owned(), site, comment, next));
            assert_eq!(parts(source), expected, "{source:?}");
        }
        for source in ["`a\nb\n", "\"\"\"a\"\n", "\"\"\"\n", "`"] {
            assert_eq!(parts(source), Err(IniError::OpenValue), "{source:?}");
        }
    }
}
