use std::slice;

use super::quote;
use crate::tree::{Path, Tree, format_float};

/// One level of indentation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Indent {
    /// A tab, the reference's default.
    #[default]
    Tab,
    /// So many blanks; 0 gives lines without indentation.
    Blanks(usize),
}

impl Indent {
    /// Reads a setting as `--indent` and `stores.json.indent` have it: −1 for a tab, or a number of
    /// blanks.
    #[must_use]
    pub fn parse(setting: i64) -> Option<Self> {
        match setting {
            -1 => Some(Self::Tab),
            _ => usize::try_from(setting).ok().map(Self::Blanks),
        }
    }

    /// Returns the characters of one level.
    #[must_use]
    pub fn unit(self) -> String {
        match self {
            Self::Tab => "\t".to_owned(),
            Self::Blanks(count) => " ".repeat(count),
        }
    }
}

/// The reasons why data has no form in JSON.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum EmitError {
    /// JSON has no number for NaN and the infinities.
    #[error("{0}: JSON cannot hold NaN or an infinity")]
    NotFinite(Path),
}

/// Writes data as a JSON text in the reference's layout, without a line end behind it.
///
/// # Errors
/// The data has a float that JSON cannot hold.
pub fn emit(tree: &Tree, indent: Indent) -> Result<String, EmitError> {
    write(tree, &Layout::Lines { start: "\n".to_owned(), unit: indent.unit() })
}

/// How the items of collections are set apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Layout {
    /// Each on a line of its own.
    Lines {
        /// The line end, and the indentation of the whole.
        start: String,
        /// One more level of indentation.
        unit: String,
    },
    /// All on one line.
    OneLine,
}

impl Layout {
    /// Begins a line at `depth` levels; on one line, separates two items.
    fn break_into(&self, depth: usize, is_between: bool, output: &mut String) {
        match self {
            Self::Lines { start, unit } => {
                output.push_str(start);
                output.extend(std::iter::repeat_n(unit.as_str(), depth));
            }
            Self::OneLine if is_between => output.push(' '),
            Self::OneLine => {}
        }
    }
}

/// An open collection and what is left of it.
enum Open<'t> {
    Mapping { items: slice::Iter<'t, (String, Tree)>, key: &'t str },
    Sequence(slice::Iter<'t, Tree>),
}

impl<'t> Open<'t> {
    /// Takes the next value, with its key in a mapping.
    fn next(&mut self) -> Option<(Option<&'t str>, &'t Tree)> {
        match self {
            Self::Mapping { items, key } => {
                let (name, value) = items.next()?;
                *key = name;
                Some((Some(name), value))
            }
            Self::Sequence(items) => items.next().map(|value| (None, value)),
        }
    }

    fn close(&self) -> char {
        match self {
            Self::Mapping { .. } => '}',
            Self::Sequence(_) => ']',
        }
    }
}

/// Writes data in a layout.
pub(super) fn write(tree: &Tree, layout: &Layout) -> Result<String, EmitError> {
    let mut output = String::new();
    let mut open: Vec<Open<'_>> = Vec::new();
    begin(tree, &mut open, &mut output)?;
    while let Some(innermost) = open.last_mut() {
        let Some((key, value)) = innermost.next() else {
            let close = innermost.close();
            open.pop();
            if !output.ends_with(['{', '[']) {
                layout.break_into(open.len(), false, &mut output);
            }
            output.push(close);
            continue;
        };
        let is_first = output.ends_with(['{', '[']);
        if !is_first {
            output.push(',');
        }
        layout.break_into(open.len(), !is_first, &mut output);
        if let Some(key) = key {
            quote::string_into(key, &mut output);
            output.push_str(": ");
        }
        begin(value, &mut open, &mut output)?;
    }
    Ok(output)
}

/// Writes a scalar, or the bracket of a collection whose items follow.
fn begin<'t>(
    tree: &'t Tree,
    open: &mut Vec<Open<'t>>,
    output: &mut String,
) -> Result<(), EmitError> {
    match tree {
        Tree::Null => output.push_str("null"),
        Tree::Bool(value) => output.push_str(if *value { "true" } else { "false" }),
        Tree::Int(number) => output.push_str(&number.to_string()),
        Tree::Float(number) if !number.is_finite() => {
            return Err(EmitError::NotFinite(path(open)));
        }
        Tree::Float(number) => output.push_str(&float(*number)),
        Tree::Time(text) | Tree::Str(text) => quote::string_into(text, output),
        Tree::Sequence(items) => {
            output.push('[');
            open.push(Open::Sequence(items.iter()));
        }
        Tree::Mapping(items) => {
            output.push('{');
            open.push(Open::Mapping { items: items.iter(), key: "" });
        }
    }
    Ok(())
}

fn path(open: &[Open<'_>]) -> Path {
    let keys = open.iter().filter_map(|it| match it {
        Open::Mapping { key, .. } => Some(*key),
        Open::Sequence(_) => None,
    });
    keys.collect()
}

/// Writes a float as ECMAScript does, with an exponent below 1e-6 and from 1e21 up
/// (`spec/format.md` §5.3, "emitted floats").
pub(super) fn float(number: f64) -> String {
    let magnitude = number.abs();
    let is_decimal = magnitude == 0.0 || (1e-6..1e21).contains(&magnitude);
    if is_decimal || !number.is_finite() {
        return format_float(number);
    }
    let scientific = format!("{number:e}");
    if magnitude < 1.0 { scientific } else { scientific.replace('e', "e+") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapping(items: &[(&str, Tree)]) -> Tree {
        let items = items.iter().map(|(key, value)| ((*key).to_owned(), value.clone()));
        Tree::Mapping(items.collect())
    }

    #[test]
    fn floats_have_the_form_of_the_reference() {
        let rows = [
            (1.0, "1"),
            (1.5, "1.5"),
            (-0.0, "-0"),
            (0.1, "0.1"),
            (1e20, "100000000000000000000"),
            (1e21, "1e+21"),
            (-1.5e300, "-1.5e+300"),
            (0.000_001, "0.000001"),
            (1e-7, "1e-7"),
            (-1.25e-10, "-1.25e-10"),
            (12_345_678_901_234_567_890.0, "12345678901234567000"),
            (f64::MIN_POSITIVE, "2.2250738585072014e-308"),
        ];
        for (number, expected) in rows {
            assert_eq!(float(number), expected);
        }
    }

    #[test]
    fn data_is_laid_out_as_by_the_reference() {
        let tree = mapping(&[
            ("a&", Tree::Sequence(vec![Tree::Int(1), Tree::Null, Tree::Sequence(vec![])])),
            ("m", mapping(&[("x", Tree::str("[")), ("e", mapping(&[])), ("t", Tree::Bool(true))])),
            ("d", Tree::Time("2020-01-01T00:00:00Z".to_owned())),
        ]);
        let lines = concat!(
            "{\n\t\"a\\u0026\": [\n\t\t1,\n\t\tnull,\n\t\t[]\n\t],\n\t\"m\": {\n\t\t\"x\": \"[\",\n",
            "\t\t\"e\": {},\n\t\t\"t\": true\n\t},\n\t\"d\": \"2020-01-01T00:00:00Z\"\n}",
        );
        assert_eq!(emit(&tree, Indent::Tab).as_deref(), Ok(lines));
        let blanks = emit(&tree, Indent::Blanks(2));
        assert_eq!(blanks.as_deref(), Ok(lines.replace('\t', "  ").as_str()));
        let none = emit(&tree, Indent::Blanks(0));
        assert_eq!(none.as_deref(), Ok(lines.replace('\t', "").as_str()));
        let one_line = r#"{"a\u0026": [1, null, []], "m": {"x": "[", "e": {}, "t": true}, "d": "2020-01-01T00:00:00Z"}"#;
        assert_eq!(write(&tree, &Layout::OneLine).as_deref(), Ok(one_line));
        for (tree, expected) in
            [(mapping(&[]), "{}"), (Tree::str("x"), "\"x\""), (Tree::Float(2.0), "2")]
        {
            assert_eq!(emit(&tree, Indent::Tab).as_deref(), Ok(expected));
        }
    }

    #[test]
    fn what_json_cannot_hold_is_named_by_its_path() {
        let list = Tree::Sequence(vec![Tree::Int(1), mapping(&[("b", Tree::Float(f64::NAN))])]);
        let tree = mapping(&[("z", Tree::Null), ("a", list)]);
        let path = ["a", "b"].into_iter().collect();
        assert_eq!(emit(&tree, Indent::Tab), Err(EmitError::NotFinite(path)));
    }

    #[test]
    fn settings_of_the_indentation_are_those_of_the_reference() {
        let rows = [
            (-1, Some(Indent::Tab)),
            (0, Some(Indent::Blanks(0))),
            (2, Some(Indent::Blanks(2))),
            (-2, None),
        ];
        for (setting, expected) in rows {
            assert_eq!(Indent::parse(setting), expected);
        }
    }
}
