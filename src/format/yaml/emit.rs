use super::quote::{self, Spelling};
use crate::tree::{Tree, format_float};

/// The indentation step that the reference uses when nothing else is asked for.
const DEFAULT_STEP: usize = 4;

/// Returns the step that the reference uses for a configured one: 0 means the default, and 1 and
/// values above 9 act as 2 (`spec/format.md` §5.2.2, "Layout").
pub fn effective_step(configured: usize) -> usize {
    match configured {
        0 => DEFAULT_STEP,
        1 | 10.. => 2,
        step => step,
    }
}

/// Writes `key: value` in block style with keys at column `indent`, in the reference's layout.
pub(super) fn block_item(key: &str, value: &Tree, indent: usize, step: usize) -> String {
    let mut writer = Writer { output: String::new(), step };
    writer.item(key, value, indent);
    writer.output
}

/// Writes a list element in block style; its dash has no indentation, the lines after it have
/// that of a dash at column `indent`.
pub(super) fn element(value: &Tree, indent: usize, step: usize) -> String {
    let mut writer = Writer { output: String::new(), step };
    writer.element(value, indent);
    writer.output
}

/// Writes a whole document in the reference's layout.
pub(super) fn document(value: &Tree, step: usize) -> String {
    let mut writer = Writer { output: String::new(), step };
    match value {
        Tree::Mapping(items) if !items.is_empty() => {
            for (key, value) in items {
                writer.item(key, value, 0);
            }
        }
        Tree::Sequence(items) if !items.is_empty() => {
            for value in items {
                writer.element(value, 0);
            }
        }
        scalar => writer.scalar(scalar, 0, step),
    }
    writer.output
}

/// Writes a value in flow style: JSON, which YAML reads alike.
pub(super) fn flow(value: &Tree) -> String {
    let mut output = String::new();
    flow_into(value, &mut output);
    output
}

fn flow_into(value: &Tree, output: &mut String) {
    let separate = |output: &mut String, number: usize| {
        if number > 0 {
            output.push_str(", ");
        }
    };
    match value {
        Tree::Mapping(items) => {
            output.push('{');
            for (number, (key, value)) in items.iter().enumerate() {
                separate(output, number);
                output.push_str(&quote::double(key));
                output.push_str(": ");
                flow_into(value, output);
            }
            output.push('}');
        }
        Tree::Sequence(items) => {
            output.push('[');
            for (number, value) in items.iter().enumerate() {
                separate(output, number);
                flow_into(value, output);
            }
            output.push(']');
        }
        Tree::Str(text) => output.push_str(&quote::double(text)),
        scalar => output.push_str(&plain(scalar)),
    }
}

struct Writer {
    output: String,
    step: usize,
}

impl Writer {
    fn item(&mut self, key: &str, value: &Tree, indent: usize) {
        self.pad(indent);
        self.key_and_value(key, value, indent);
    }

    fn key_and_value(&mut self, key: &str, value: &Tree, indent: usize) {
        self.output.push_str(&quote::key(key));
        self.output.push(':');
        match value {
            Tree::Mapping(items) if !items.is_empty() => {
                self.output.push('\n');
                let inner = self.next_stop(indent);
                for (key, value) in items {
                    self.item(key, value, inner);
                }
            }
            Tree::Sequence(items) if !items.is_empty() => {
                self.output.push('\n');
                let inner = self.next_stop(indent);
                for value in items {
                    self.pad(inner);
                    self.element(value, inner);
                }
            }
            scalar => {
                self.output.push(' ');
                let content = self.next_stop(indent);
                self.scalar(scalar, indent, content);
            }
        }
    }

    /// Writes a sequence element whose dash stands at column `indent`.
    fn element(&mut self, value: &Tree, indent: usize) {
        self.output.push_str("- ");
        let inner = indent + 2;
        match value {
            Tree::Mapping(items) if !items.is_empty() => {
                for (number, (key, value)) in items.iter().enumerate() {
                    if number > 0 {
                        self.pad(inner);
                    }
                    self.key_and_value(key, value, inner);
                }
            }
            Tree::Sequence(items) if !items.is_empty() => {
                for (number, value) in items.iter().enumerate() {
                    if number > 0 {
                        self.pad(inner);
                    }
                    self.element(value, inner);
                }
            }
            scalar => self.scalar(scalar, indent, inner),
        }
    }

    fn scalar(&mut self, value: &Tree, indent: usize, content: usize) {
        let text = match value {
            Tree::Str(text) => match quote::choose(text) {
                Spelling::Inline(text) => text,
                Spelling::Literal => {
                    let (header, body) = quote::literal(text, indent, content);
                    format!("{header}{body}")
                }
            },
            other => plain(other),
        };
        self.output.push_str(&text);
        self.output.push('\n');
    }

    fn pad(&mut self, indent: usize) {
        self.output.extend(std::iter::repeat_n(' ', indent));
    }

    fn next_stop(&self, indent: usize) -> usize {
        quote::next_stop(indent, self.step)
    }
}

/// Writes a scalar that is no string, or an empty collection.
pub(super) fn plain(value: &Tree) -> String {
    match value {
        Tree::Null => "null".to_owned(),
        Tree::Bool(value) => value.to_string(),
        Tree::Int(number) => number.to_string(),
        Tree::Float(number) => float(*number),
        Tree::Time(text) | Tree::Str(text) => text.clone(),
        Tree::Sequence(_) => "[]".to_owned(),
        Tree::Mapping(_) => "{}".to_owned(),
    }
}

/// Writes a float as Go's `%g` does: shortest digits, with an exponent below 1e-4 and from 1e6 up
/// (`spec/format.md` §5.2.2).
pub(super) fn float(number: f64) -> String {
    if number.is_nan() {
        return ".nan".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { ".inf" } else { "-.inf" }.to_owned();
    }
    let scientific = format!("{number:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if number == 0.0 || (-4..6).contains(&exponent) {
        return format_float(number);
    }
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.unsigned_abs())
}
