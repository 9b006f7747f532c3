use std::collections::HashSet;

use zeroize::Zeroizing;

use super::{FIRST_SECTION, render, scan};
use crate::format::{EmitError, Format, plain};
use crate::tree::{Branch, Event, Item, Part, Path, Remark, items};

/// Writes documents in the reference's layout, the sections of all one after another: keys padded
/// to the longest of their section, an empty line between sections (`spec/format.md` §5.5).
///
/// The first comment of a section becomes its own, others those of the keys before them, as the
/// tree of an INI file has them. Comments between sections go to the next one.
///
/// # Errors
/// A document holds more than sections of keys with values, or a name or value that INI cannot
/// hold.
pub fn emit(documents: &[Branch]) -> Result<Zeroizing<String>, EmitError> {
    let mut sections = Vec::new();
    let mut comments: Vec<&Remark> = Vec::new();
    for document in documents {
        let found = document.kind();
        let root = items(document.parts());
        for item in root.ok_or(EmitError::SingleValue { format: Format::Ini, found })? {
            match item {
                Item::Comment(remark) => comments.push(remark),
                Item::Pair(name, value) => {
                    let comments = std::mem::take(&mut comments);
                    sections.push(Section::new(name, value, comments)?);
                }
            }
        }
    }
    let mut output = Zeroizing::new(String::new());
    for (number, section) in sections.iter().enumerate() {
        section.write(number == 0, &mut output);
    }
    write_comments(&comments, &mut output);
    Ok(output)
}

struct Section<'b> {
    name: &'b str,
    comments: Vec<&'b Remark>,
    lines: Vec<Line<'b>>,
}

struct Line<'b> {
    /// The key in its quotes.
    key: String,
    value: Zeroizing<String>,
    comments: Vec<&'b Remark>,
}

impl<'b> Section<'b> {
    fn new(key: &'b [u8], value: &'b [Part], comments: Vec<&'b Remark>) -> Result<Self, EmitError> {
        let path = Path::from_iter([&*String::from_utf8_lossy(key)]);
        let Some(items) = items(value) else { return Err(EmitError::NotSection(path)) };
        let Some(name) = std::str::from_utf8(key).ok().filter(|name| is_section(name)) else {
            return Err(EmitError::Name { path, format: Format::Ini });
        };
        let mut section = Self { name, comments, lines: Vec::new() };
        let mut keys = HashSet::new();
        for item in items {
            match item {
                Item::Comment(remark) => section.comment(remark),
                Item::Pair(key, value) => {
                    let line = Line::new(name, key, value)?;
                    if !keys.insert(key) {
                        let path = path_of(name, key);
                        return Err(EmitError::Repeated { path, format: Format::Ini });
                    }
                    section.lines.push(line);
                }
            }
        }
        Ok(section)
    }

    fn comment(&mut self, remark: &'b Remark) {
        match self.lines.last_mut() {
            Some(line) => line.comments.push(remark),
            None => self.comments.push(remark),
        }
    }

    fn write(&self, is_first: bool, output: &mut String) {
        if !output.is_empty() {
            output.push('\n');
        }
        write_comments(&self.comments, output);
        if !is_first || self.name != FIRST_SECTION {
            output.extend(["[", self.name, "]\n"]);
        }
        let width = self.lines.iter().map(|line| line.key.len()).max().unwrap_or(0);
        for line in &self.lines {
            write_comments(&line.comments, output);
            output.push_str(&line.key);
            output.extend(std::iter::repeat_n(' ', width - line.key.len()));
            output.extend([" = ", &line.value, "\n"]);
        }
    }
}

impl Line<'_> {
    fn new(section: &str, key: &[u8], value: &[Part]) -> Result<Self, EmitError> {
        let path = || path_of(section, key);
        let Some(name) = std::str::from_utf8(key).ok().filter(|name| is_key(name)) else {
            return Err(EmitError::Name { path: path(), format: Format::Ini });
        };
        let text = Zeroizing::new(plain::emit(value, Format::Ini, path)?);
        let value = render::spelling(&text, "").ok_or_else(|| EmitError::NoQuotes(path()))?;
        Ok(Self { key: render::key(name), value: value.into(), comments: Vec::new() })
    }
}

fn path_of(section: &str, key: &[u8]) -> Path {
    Path::from_iter([section, &*String::from_utf8_lossy(key)])
}

fn write_comments(comments: &[&Remark], output: &mut String) {
    for remark in comments {
        for line in render::comment_lines(&String::from_utf8_lossy(&remark.text)) {
            output.push_str(&line);
            output.push('\n');
        }
    }
}

/// Tells whether a section's name is read back from its header.
fn is_section(name: &str) -> bool {
    !name.is_empty() && !name.contains('\n')
}

/// Tells whether a key is read back from its line.
fn is_key(name: &str) -> bool {
    let source = format!("{} = 1\n", render::key(name));
    let Ok(scan) = scan(&source) else { return false };
    let keys = scan.events.iter().filter_map(|event| match event {
        Event::Key(key) => Some(scan.bytes(&source, key.text)),
        _ => None,
    });
    keys.eq([FIRST_SECTION.as_bytes(), name.as_bytes()])
        && super::check_clear(&source, &scan).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Grower;

    fn of(format: Format, source: &str) -> Result<String, String> {
        let scan = format.scan(source).unwrap();
        let documents = Grower::new(source, &scan).documents(0).unwrap();
        emit(&documents).map(|text| text.to_string()).map_err(|error| error.to_string())
    }

    #[test]
    fn sections_are_laid_out_as_by_the_reference() {
        let rows = [
            (
                "s:\n  b: 1\n  c: 1.5\n  # cm\n  d: 2\n  t: 2020-01-01\n  bo: true\n  st: \"x\\ny\"\n",
                "[s]\nb  = 1\n; cm\nc  = 1.5\nd  = 2\nt  = 2020-01-01T00:00:00Z\nbo = true\nst = \"\"\"x\ny\"\"\"\n",
            ),
            (
                "# top\ns:\n  # first\n  a: 1\n# last\nt: {}\n",
                "; top\n; first\n[s]\na = 1\n\n; last\n[t]\n",
            ),
            ("DEFAULT: {root: 1}\nDEFAULT2: {}\n", "root = 1\n\n[DEFAULT2]\n"),
            ("DEFAULT: {}\na: {b: \"\"}\n", "[a]\nb = \n"),
            ("default: {a: 1}\n", "[default]\na = 1\n"),
            (
                "s: {a=b: 1, \"c`\": 2, long key: ' p '}\n",
                "[s]\n`a=b`    = 1\n\"\"\"c`\"\"\" = 2\nlong key = \" p \"\n",
            ),
            (
                "s: {a: 'x#y', b: '\"q\"', c: 'x\\', d: \"'\"}\n",
                "[s]\na = `x#y`\nb = `\"q\"`\nc = `x\\`\nd = '\n",
            ),
            ("a: {x: 1}\n---\nb: {y: 2}\n", "[a]\nx = 1\n\n[b]\ny = 2\n"),
            ("{}\n", ""),
        ];
        for (source, expected) in rows {
            assert_eq!(of(Format::Yaml, source), Ok(expected.to_owned()), "{source}");
        }
    }

    #[test]
    fn ini_is_written_anew_with_its_comments() {
        let source = "; top\n# second\nroot=1\n;sec\n[a] ; tail\n; key\nk=v ; in\n[a]\n";
        let expected =
            "; top\n# second\nroot = 1\n\n; sec\n; tail\n[a]\n; key\n; in\nk = v\n\n[a]\n";
        assert_eq!(of(Format::Ini, source), Ok(expected.to_owned()));
    }

    #[test]
    fn what_sections_cannot_hold_is_named() {
        let rows = [
            ("a: 1\n", "[\"a\"]: the format ini cannot hold a value outside of sections"),
            ("a: [1]\n", "[\"a\"]: the format ini cannot hold a value outside of sections"),
            ("a: {b: null}\n", "[\"a\"][\"b\"]: the format ini cannot hold null"),
            ("a: {b: {c: 1}}\n", "[\"a\"][\"b\"]: the format ini cannot hold a mapping here"),
            ("a: {b: [1]}\n", "[\"a\"][\"b\"]: the format ini cannot hold a list here"),
            ("\"\": {b: 1}\n", "[\"\"]: the format ini cannot hold this name"),
            ("\"a\\nb\": {b: 1}\n", "[\"a\\nb\"]: the format ini cannot hold this name"),
            ("a: {\"\": 1}\n", "[\"a\"][\"\"]: the format ini cannot hold this name"),
            ("a: {\"-\": 1}\n", "[\"a\"][\"-\"]: the format ini cannot hold this name"),
            ("a: {\"#b\": 1}\n", "[\"a\"][\"#b\"]: the format ini cannot hold this name"),
            ("a: {\" b\": 1}\n", "[\"a\"][\" b\"]: the format ini cannot hold this name"),
            ("a: {\"b`=\": 1}\n", "[\"a\"][\"b`=\"]: the format ini cannot hold this name"),
            (
                "a: {b: \"\\\"\\\"\\\"`\\nx\"}\n",
                "[\"a\"][\"b\"]: the format ini has no quotes that can hold this string",
            ),
        ];
        for (source, expected) in rows {
            assert_eq!(of(Format::Yaml, source), Err(expected.to_owned()), "{source}");
        }
    }
}
