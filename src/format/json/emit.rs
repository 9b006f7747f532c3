use zeroize::Zeroizing;

use super::quote;
use crate::format::{EmitError, Format, Indent};
use crate::tree::{Branch, Container, Part, Path, Scalar, Value, format_float};

/// Writes a value as JSON in the reference's layout, without a line end behind it; comments are
/// left out.
///
/// # Errors
/// JSON cannot hold the value: it has a float that is no number, or a text that is not UTF-8.
pub fn emit(value: &Branch, indent: Indent) -> Result<Zeroizing<String>, EmitError> {
    write(value, &Layout::Lines { start: "\n".to_owned(), unit: unit(indent) })
}

/// Writes a value as JSON without blanks; comments are left out.
///
/// # Errors
/// As [`emit`].
pub fn emit_compact(value: &Branch) -> Result<Zeroizing<String>, EmitError> {
    write(value, &Layout::Compact)
}

/// Writes the first of some documents as a JSON text.
///
/// # Errors
/// JSON cannot hold the document: it has a float that is no number, or a text that is not UTF-8.
pub fn emit_document(documents: &[Branch], indent: Indent) -> Result<Zeroizing<String>, EmitError> {
    let empty = Branch::new();
    let mut text = emit(documents.first().unwrap_or(&empty), indent)?;
    text.push('\n');
    Ok(text)
}

/// Returns the characters of one level.
pub(super) fn unit(indent: Indent) -> String {
    match indent {
        Indent::Default => "\t".to_owned(),
        Indent::Blanks(count) => " ".repeat(count),
    }
}

/// How the items of collections are set apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::format) enum Layout {
    /// Each on a line of its own.
    Lines {
        /// The line end, and the indentation of the whole.
        start: String,
        /// One more level of indentation.
        unit: String,
    },
    /// All on one line.
    OneLine,
    /// All on one line, without blanks.
    Compact,
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
            Self::OneLine | Self::Compact => {}
        }
    }
}

/// An open collection.
struct Open {
    close: char,
    /// Whether it has an item already.
    is_filled: bool,
    /// The key of the current item.
    key: Option<String>,
}

/// Writes a value in a layout.
pub(in crate::format) fn write(
    value: &Branch,
    layout: &Layout,
) -> Result<Zeroizing<String>, EmitError> {
    let mut output = Zeroizing::new(String::new());
    let mut open: Vec<Open> = Vec::new();
    for part in value.parts() {
        match part {
            Part::Comment(_) => continue,
            Part::Leave => {
                let Some(innermost) = open.pop() else { continue };
                if innermost.is_filled {
                    layout.break_into(open.len(), false, &mut output);
                }
                output.push(innermost.close);
                continue;
            }
            Part::Key(key) => {
                begin_item(&mut open, layout, &mut output);
                self::key(key, &mut open, &mut output)?;
                output.push_str(if *layout == Layout::Compact { ":" } else { ": " });
                continue;
            }
            Part::Enter(_) | Part::Scalar(_) => {}
        }
        if open.last().is_some_and(|innermost| innermost.close == ']') {
            begin_item(&mut open, layout, &mut output);
        }
        match part {
            Part::Enter(container) => {
                let (bracket, close) = match container {
                    Container::Mapping => ('{', '}'),
                    Container::Sequence => ('[', ']'),
                };
                output.push(bracket);
                open.push(Open { close, is_filled: false, key: None });
            }
            Part::Scalar(value) => scalar(value, &open, &mut output)?,
            _ => {}
        }
    }
    Ok(output)
}

/// Separates an item from what is before it.
fn begin_item(open: &mut [Open], layout: &Layout, output: &mut String) {
    let depth = open.len();
    let Some(innermost) = open.last_mut() else { return };
    let is_between = std::mem::replace(&mut innermost.is_filled, true);
    if is_between {
        output.push(',');
    }
    layout.break_into(depth, is_between, output);
}

fn key(key: &[u8], open: &mut [Open], output: &mut String) -> Result<(), EmitError> {
    let text = String::from_utf8_lossy(key).into_owned();
    let is_text = std::str::from_utf8(key).is_ok();
    quote::string_into(&text, output);
    if let Some(innermost) = open.last_mut() {
        innermost.key = Some(text);
    }
    if is_text {
        return Ok(());
    }
    Err(EmitError::Name { path: path_of(open), format: Format::Json })
}

/// Returns the keys that lead to the current item.
fn path_of(open: &[Open]) -> Path {
    open.iter().filter_map(|it| it.key.as_deref()).collect()
}

fn scalar(value: &Scalar, open: &[Open], output: &mut String) -> Result<(), EmitError> {
    match value {
        Scalar::Null => output.push_str("null"),
        Scalar::TooBig(digits) => output.push_str(digits),
        Scalar::Value(Value::Bool(value)) => output.push_str(if *value { "true" } else { "false" }),
        Scalar::Value(Value::Int(number)) => output.push_str(&number.to_string()),
        Scalar::Value(Value::Float(number)) if !number.is_finite() => {
            return Err(EmitError::NotFinite(path_of(open)));
        }
        Scalar::Value(Value::Float(number)) => output.push_str(&float(*number)),
        Scalar::Value(Value::Time(time)) => quote::string_into(&time.to_string(), output),
        Scalar::Value(Value::Str(bytes) | Value::Comment(bytes)) => {
            let text = std::str::from_utf8(bytes);
            let error = |_| EmitError::NotUtf8 { path: path_of(open), format: Format::Json };
            quote::string_into(text.map_err(error)?, output);
        }
    }
    Ok(())
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
    use crate::tree::Tree;

    fn text(tree: &Tree, indent: Indent) -> Result<String, EmitError> {
        emit(&Branch::from(tree), indent).map(|text| text.as_str().to_owned())
    }

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
        assert_eq!(text(&tree, Indent::Default).as_deref(), Ok(lines));
        let blanks = text(&tree, Indent::Blanks(2));
        assert_eq!(blanks.as_deref(), Ok(lines.replace('\t', "  ").as_str()));
        let none = text(&tree, Indent::Blanks(0));
        assert_eq!(none.as_deref(), Ok(lines.replace('\t', "").as_str()));
        let one_line = r#"{"a\u0026": [1, null, []], "m": {"x": "[", "e": {}, "t": true}, "d": "2020-01-01T00:00:00Z"}"#;
        assert_eq!(write(&Branch::from(&tree), &Layout::OneLine).unwrap().as_str(), one_line);
        let compact = emit_compact(&Branch::from(&tree)).unwrap();
        let expected =
            r#"{"a\u0026":[1,null,[]],"m":{"x":"[","e":{},"t":true},"d":"2020-01-01T00:00:00Z"}"#;
        assert_eq!(compact.as_str(), expected);
        for (tree, expected) in
            [(mapping(&[]), "{}"), (Tree::str("x"), "\"x\""), (Tree::Float(2.0), "2")]
        {
            assert_eq!(text(&tree, Indent::Default).as_deref(), Ok(expected));
        }
    }

    #[test]
    fn what_json_cannot_hold_is_named_by_its_path() {
        let list = Tree::Sequence(vec![Tree::Int(1), mapping(&[("b", Tree::Float(f64::NAN))])]);
        let tree = mapping(&[("z", Tree::Null), ("a", list)]);
        let path = ["a", "b"].into_iter().collect();
        assert_eq!(text(&tree, Indent::Default), Err(EmitError::NotFinite(path)));
    }

    #[test]
    fn bytes_that_are_no_text_are_refused() {
        let latin = || vec![b'x', 0xff];
        let part = |parts: Vec<Part>| {
            let mut branch = Branch::new();
            branch.push(Part::Enter(Container::Mapping));
            for part in parts {
                branch.push(part);
            }
            branch.push(Part::Leave);
            emit(&branch, Indent::Default).map(|_| ()).map_err(|error| error.to_string())
        };
        let text = Part::Scalar(Scalar::Value(Value::str(latin())));
        let expected = "[\"k\"]: the format json cannot hold a string that is not UTF-8";
        assert_eq!(part(vec![Part::Key(b"k".to_vec()), text]), Err(expected.to_owned()));
        let expected = "[\"x\u{fffd}\"]: the format json cannot hold this name";
        let key = vec![Part::Key(latin()), Part::Scalar(Scalar::Null)];
        assert_eq!(part(key), Err(expected.to_owned()));
    }
}
