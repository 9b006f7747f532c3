use super::scan;
use crate::format::{Rendering, plain};
use crate::text::{Edits, Newline, start_of_line};
use crate::tree::{Comment, Event, Leaf, LeafValue, Value};

/// Writes a decrypted value into the site that held its envelope, in the quotes that the reference
/// takes, or in others where those would not be read back.
#[must_use]
pub fn value(source: &str, leaf: &Leaf, value: &Value) -> Rendering {
    let text = plain::text(value);
    let rest = &source[leaf.site.end()..];
    let rest = rest.split('\n').next().unwrap_or_default();
    let spelling = spelling(&text, rest).unwrap_or_else(|| by_rule(&text));
    Rendering::inline(spelling)
}

/// Writes the text of a metadata field.
#[must_use]
pub fn field(text: &str) -> String {
    spelling(text, "").unwrap_or_else(|| text.to_owned())
}

/// Tells whether some quotes can hold a value.
#[must_use]
pub fn is_possible(value: &Value) -> bool {
    spelling(&plain::text(value), "").is_some()
}

/// Spells a text so that it is read back with `rest` behind it, and without; nothing if that is
/// not possible.
pub(super) fn spelling(text: &str, rest: &str) -> Option<String> {
    if is_plain(text) {
        return Some(text.to_owned());
    }
    let quoted = ["`", "\"\"\"", "\"", "'", ""].map(|quote| format!("{quote}{text}{quote}"));
    let mut spellings = std::iter::once(by_rule(text)).chain(quoted);
    spellings.find(|spelling| {
        is_read_back(text, spelling, "") && (rest.is_empty() || is_read_back(text, spelling, rest))
    })
}

/// Tells whether a text needs no quotes whatever follows.
#[must_use]
pub fn is_plain(text: &str) -> bool {
    let is_special = |byte: u8| matches!(byte, b'"' | b'\'' | b'`' | b'#' | b';' | b'\\' | b'\n');
    // to the end in any case, which many bytes are looked at at once for
    let has_special = text.bytes().fold(false, |found, byte| found | is_special(byte));
    text.trim().len() == text.len() && !has_special
}

/// Quotes a text as the reference does.
pub(super) fn by_rule(text: &str) -> String {
    let quote = if text.contains(['\n', '`']) {
        "\"\"\""
    } else if text.contains(['#', ';']) {
        "`"
    } else if text.trim().len() != text.len() {
        "\""
    } else {
        ""
    };
    format!("{quote}{text}{quote}")
}

fn is_read_back(text: &str, spelling: &str, rest: &str) -> bool {
    let source = format!("k = {spelling}{rest}\nz = 1\n");
    let Ok(scan) = scan(&source) else { return false };
    let values = scan.events.iter().filter_map(|event| match event {
        Event::Leaf(Leaf { value: LeafValue::Str(text), .. }) => Some(scan.bytes(&source, *text)),
        _ => None,
    });
    values.eq([text.as_bytes(), b"1"])
}

/// Quotes a key as the reference does.
pub(super) fn key(name: &str) -> String {
    if name.contains(['"', '=', ':']) {
        format!("`{name}`")
    } else if name.contains('`') {
        format!("\"\"\"{name}\"\"\"")
    } else {
        name.to_owned()
    }
}

/// Puts an envelope or a decrypted text into the place of a comment: all of it stands in lines
/// before its item, where no value can swallow it.
pub fn replace_comment(source: &str, comment: &Comment, text: &str, edits: &mut Edits) {
    let newline = Newline::of(source).as_str();
    let start = comment.span.start();
    let line = &source[start_of_line(source, start)..start];
    let between = format!("{newline}{}", line.trim_start_matches('\u{feff}'));
    let lines = comment_lines(text).join(&between);
    if comment.span.is_empty() {
        edits.insert(start, lines + &between);
    } else {
        edits.replace(comment.span, lines);
    }
    edits.remove(comment.tail);
}

/// Writes a comment as the reference does: a blank behind each comment character, `;` where the
/// text has none.
pub(super) fn comment_lines(text: &str) -> Vec<String> {
    let line = |line: &str| {
        let line = line.trim();
        let (mark, rest) = match line.as_bytes().first() {
            Some(b'#') => ("#", line[1..].trim()),
            Some(b';') => (";", line[1..].trim()),
            _ => (";", line),
        };
        format!("{mark} {rest}").trim_end().to_owned()
    };
    text.split('\n').map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_quoted_as_by_the_reference_or_so_that_they_are_read_back() {
        let rows = [
            ("v w", "", Some("v w")),
            ("", "", Some("")),
            ("a=b: c%(d)s", "", Some("a=b: c%(d)s")),
            ("a;b", "", Some("`a;b`")),
            (" a ", "", Some("\" a \"")),
            ("a\nb", "", Some("\"\"\"a\nb\"\"\"")),
            ("a`b", "", Some("\"\"\"a`b\"\"\"")),
            ("it's", "", Some("it's")),
            ("in\"side", "", Some("in\"side")),
            // what follows would be lost with the reference's quotes
            ("\"q\"", "", Some("`\"q\"`")),
            ("'q'", "", Some("`'q'`")),
            ("a\\", "", Some("`a\\`")),
            (" a\"b ", "", Some("` a\"b `")),
            ("a`\"\"\"", "", Some("\"\"\"a`\"\"\"\"\"\"")),
            ("`a\"\"\"", "", Some("\"\"\"`a\"\"\"\"\"\"")),
            ("\"\"\"`\nx", "", None),
            // what stands behind must not be taken for a part of it
            ("a;b", " ; c", Some("`a;b`")),
            ("a;b", " ; ` c", Some("\"\"\"a;b\"\"\"")),
        ];
        for (text, rest, expected) in rows {
            assert_eq!(spelling(text, rest).as_deref(), expected, "{text:?} {rest:?}");
        }
    }

    #[test]
    fn comments_are_written_as_by_the_reference() {
        let rows = [
            ("note", vec!["; note"]),
            ("#  note", vec!["# note"]),
            ("one\n; two\n#three", vec!["; one", "; two", "# three"]),
            ("", vec![";"]),
            ("\nx", vec![";", "; x"]),
        ];
        for (text, expected) in rows {
            assert_eq!(comment_lines(text), expected, "{text:?}");
        }
    }
}
