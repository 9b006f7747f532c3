use super::PREFIX;
use crate::format::{ScanError, ScanErrorKind, plain::line_events};
use crate::text::Span;
use crate::tree::{Comment, Container, Event, Key, Leaf, LeafValue, Scan, Style, Text};

/// Reads a text as one document: a mapping of names to strings, in the order of the lines.
///
/// Metadata lines, wherever they stand, come last.
///
/// # Errors
/// A line is neither empty nor a comment nor a variable.
pub fn scan(source: &str) -> Result<Scan, ScanError> {
    let mut scan = Scan::default();
    let _ = scan.events.try_reserve_exact(line_events(source));
    let mut metadata = Vec::new();
    let start = Span::at(0);
    scan.events.push(Event::Document(start));
    scan.events.push(Event::Enter { container: Container::Mapping, span: start, is_flow: false });
    let mut offset = 0;
    let ends = memchr::memchr_iter(b'\n', source.as_bytes()).chain([source.len()]);
    for end in ends {
        line(source, Span::new(offset, end), &mut scan, &mut metadata)?;
        offset = end + 1;
    }
    scan.events.append(&mut metadata);
    let end = Span::at(source.len());
    scan.events.extend([Event::Leave(end), Event::EndDocument(end)]);
    Ok(scan)
}

/// Reads one line; its line end is not part of `span`.
fn line(
    source: &str,
    span: Span,
    scan: &mut Scan,
    metadata: &mut Vec<Event>,
) -> Result<(), ScanError> {
    let text = span.slice(source);
    if text.is_empty() {
        return Ok(());
    }
    if text.starts_with('#') {
        scan.events.push(Event::Comment(Comment::line(span)));
        return Ok(());
    }
    let Some(length) = memchr::memchr(b'=', text.as_bytes()) else {
        let kind =
            if text == "\r" { ScanErrorKind::LoneReturn } else { ScanErrorKind::NotVariable };
        return Err(ScanError::at(source, span.start(), kind));
    };
    let name = Span::new(span.start(), span.start() + length);
    let site = Span::new(name.end() + 1, span.end());
    let key = Key { text: Text::Source(name), span: name, is_string: true, alias: None };
    let pair = [Event::Key(key), Event::Leaf(leaf(source, site, scan))];
    let is_metadata = name.slice(source).starts_with(PREFIX);
    if is_metadata {
        metadata.extend(pair);
    } else {
        scan.events.extend(pair);
    }
    Ok(())
}

/// Reads a value: `\n` is a line end, and there is no other escape.
fn leaf(source: &str, site: Span, scan: &mut Scan) -> Leaf {
    let text = site.slice(source);
    let has_escape = memchr::memchr(b'\\', text.as_bytes()).is_some() && text.contains("\\n");
    let text = if has_escape {
        scan.keep(text.replace("\\n", "\n").into_bytes())
    } else {
        Text::Source(site)
    };
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

#[cfg(test)]
mod tests {
    use super::*;

    /// The items of a text: `name=value` and `#comment`.
    fn items(source: &str) -> Result<Vec<String>, String> {
        let scan = scan(source).map_err(|error| error.to_string())?;
        let mut items = Vec::new();
        for event in &scan.events {
            match event {
                Event::Key(key) => items.push(scan.str(source, key.text).into_owned() + "="),
                Event::Leaf(Leaf { value: LeafValue::Str(text), .. }) => {
                    items.last_mut().unwrap().push_str(&scan.str(source, *text));
                }
                Event::Comment(comment) => items.push(comment.span.slice(source).to_owned()),
                _ => {}
            }
        }
        Ok(items)
    }

    #[test]
    fn lines_are_read_verbatim() {
        let rows: [(&str, &[&str]); 13] = [
            ("", &[]),
            ("\n\n", &[]),
            ("A=1\nB=2", &["A=1", "B=2"]),
            ("A=\"q\" \n B = 2\n", &["A=\"q\" ", " B = 2"]),
            ("export A=1=2\n=3\n", &["export A=1=2", "=3"]),
            ("A=1\r\nB=\r\n", &["A=1\r", "B=\r"]),
            ("# c\n#\nA=1 # no comment\n# end", &["# c", "#", "A=1 # no comment", "# end"]),
            ("A=a\\nb\\\\nc\\td", &["A=a\nb\\\nc\\td"]),
            ("A=1\nA=2", &["A=1", "A=2"]),
            (
                "sops_b=1\nA=1\n# c\nsops_a=2\nsops=3",
                &["A=1", "# c", "sops=3", "sops_b=1", "sops_a=2"],
            ),
            ("  # x=1\n", &["  # x=1"]),
            ("\u{feff}A=\u{2028}é\0", &["\u{feff}A=\u{2028}é\0"]),
            ("#\r\n", &["#\r"]),
        ];
        for (source, expected) in rows {
            let expected = expected.iter().map(ToString::to_string).collect();
            assert_eq!(items(source), Ok(expected), "{source:?}");
        }
    }

    #[test]
    fn other_lines_are_refused_with_their_place() {
        let not_variable = "line 2, column 1: the line is neither empty nor NAME=value nor a comment, which begins with # at once";
        let rows = [
            ("A=1\nB\n", not_variable),
            ("A=1\n \n", not_variable),
            ("A=1\n # c\n", not_variable),
            (
                "A=1\n\r\n",
                "line 2, column 1: the line holds nothing but a carriage return, which is read as text here",
            ),
        ];
        for (source, message) in rows {
            assert_eq!(items(source), Err(message.to_owned()), "{source:?}");
        }
    }
}
