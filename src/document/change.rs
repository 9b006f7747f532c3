//! One value of a text in clear is set or removed.
//!
//! The changed text is read again: its values must be those that the old ones and the change give.

use zeroize::{Zeroize, Zeroizing};

use crate::format::{self, Change, ChangeError, ChangeStyle, Format, yaml};
use crate::tree::{Branch, Container, Event, Grower, Part, Scan, Step, Tree};

use super::Document;

/// Sets or removes one value of a text in clear; nothing if it is set to what it is already.
///
/// # Errors
/// The path leads nowhere, or the format has no place for the value.
pub fn change(
    source: &str,
    format: Format,
    path: &[Step],
    change: Change<'_>,
    indent: usize,
) -> Result<Changed, ChangeError> {
    let value = match change {
        Change::Set(value) if matches!(format, Format::Dotenv | Format::Ini) => as_text(value),
        Change::Set(value) => with_integers(value),
        Change::Unset => Tree::Null,
    };
    let change = match change {
        Change::Set(_) => Change::Set(&value),
        Change::Unset => Change::Unset,
    };
    let document = Document::parse(source, format)?;
    match changed(&document, path, change, indent) {
        Err(ChangeError::NotPossible(_) | ChangeError::Alias(_)) if document.scan.has_anchors => {
            let text = Zeroizing::new(without_aliases(&document, indent)?);
            changed(&Document::parse(&text, format)?, path, change, indent)
        }
        result => result,
    }
}

/// What a change makes of a text.
pub struct Changed {
    /// The new text.
    pub text: Zeroizing<String>,
    /// Whether the values are as they were.
    pub is_same: bool,
}

/// Replaces all aliases by what they stand for.
fn without_aliases(document: &Document<'_>, indent: usize) -> Result<String, ChangeError> {
    let events = document.scan.events.iter().enumerate();
    let aliases = events.filter(|(_, event)| matches!(event, Event::Alias(_))).map(|(at, _)| at);
    let aliases: Vec<usize> = aliases.collect();
    let step = document.format.step(&document.scan, indent);
    Ok(yaml::expand(document.source, &document.scan, &aliases, step)?)
}

fn changed(
    document: &Document<'_>,
    path: &[Step],
    change: Change<'_>,
    indent: usize,
) -> Result<Changed, ChangeError> {
    let Document { source, format, scan, .. } = document;
    let old = documents(source, scan)?;
    let steps = format::without_comments(source, scan, path, change)?;
    let is_same = match (change, old.first()) {
        (Change::Set(value), Some(first)) => format::is_equal(first, &steps, value),
        _ => false,
    };
    let impossible = || ChangeError::NotPossible(format::Steps(path.to_vec()));
    let empty = Branch::from(&Tree::Mapping(Vec::new()));
    let first = old.first().unwrap_or(&empty);
    let expected = format::outcome(first, &steps, change).ok_or_else(impossible)?;
    let mut failure = impossible();
    for in_flow in [false, true] {
        let style = ChangeStyle { indent, in_flow };
        let text = match format::change(source, (scan, *format), path, change, style) {
            Ok(text) => Zeroizing::new(text),
            Err(error) => {
                failure = error;
                continue;
            }
        };
        if is_as_expected(&text, *format, &expected, &old) {
            return Ok(Changed { text, is_same });
        }
        failure = impossible();
    }
    Err(failure)
}

fn documents(source: &str, scan: &Scan) -> Result<Vec<Branch>, ChangeError> {
    let documents = Grower::new(source, scan).documents(0);
    Ok(documents.map_err(|bomb| format::ScanError::of_bomb(source, &bomb))?)
}

/// Tells whether a text holds the expected first document, and the others as they were.
fn is_as_expected(text: &str, format: Format, expected: &[Part], old: &[Branch]) -> bool {
    let Ok(document) = Document::parse(text, format) else { return false };
    let Ok(new) = documents(text, &document.scan) else { return false };
    let values: Vec<Vec<Part>> = new.iter().map(format::values).collect();
    let others = || old.iter().skip(1).map(format::values);
    let is_first = |values: &Vec<Part>| normal(values, format) == normal(expected, format);
    let are_others = others().eq(values.iter().skip(1).cloned());
    let is_as_expected = values.first().is_some_and(is_first) && are_others;
    let mut scan = document.scan;
    scan.decoded.iter_mut().for_each(Zeroize::zeroize);
    is_as_expected
}

/// Leaves out the first section of INI where it is empty: it need not be written.
fn normal(parts: &[Part], format: Format) -> Vec<Part> {
    match parts {
        [root, Part::Key(key), Part::Enter(Container::Mapping), Part::Leave, rest @ ..]
            if format == Format::Ini && key == b"DEFAULT" =>
        {
            std::iter::once(root).chain(rest).cloned().collect()
        }
        _ => parts.to_vec(),
    }
}

/// Makes integers of the floats that are written as such: `1.0` is read back as `1`.
fn with_integers(value: &Tree) -> Tree {
    match value {
        Tree::Mapping(items) => {
            let items = items.iter().map(|(key, value)| (key.clone(), with_integers(value)));
            Tree::Mapping(items.collect())
        }
        Tree::Sequence(items) => Tree::Sequence(items.iter().map(with_integers).collect()),
        Tree::Float(number) if number.fract() == 0.0 => {
            let integer = format!("{number:.0}").parse();
            integer.map_or(Tree::Float(*number), Tree::Int)
        }
        scalar => scalar.clone(),
    }
}

/// Gives a value the form that formats without types have it in.
fn as_text(value: &Tree) -> Tree {
    match value {
        Tree::Mapping(items) => {
            Tree::Mapping(items.iter().map(|(key, value)| (key.clone(), as_text(value))).collect())
        }
        Tree::Sequence(items) => Tree::Sequence(items.iter().map(as_text).collect()),
        Tree::Null => Tree::Null,
        Tree::Str(text) => Tree::Str(text.clone()),
        scalar => Tree::Str(format::data_text(scalar)),
    }
}
