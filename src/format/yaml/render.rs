use std::borrow::Cow;

use base64::Engine as _;

use super::quote::{self, Spelling};
use super::spell;
use crate::format::Rendering;
use crate::tree::{Leaf, Style, Value};

/// Returns what stands before and behind an encrypted value in a leaf's site (`design.md` §3,
/// "Encrypting a site").
#[must_use]
pub fn around_envelope(source: &str, leaf: &Leaf) -> (Cow<'static, str>, &'static str) {
    let quote = match leaf.style {
        Style::SingleQuoted => "'",
        Style::DoubleQuoted => "\"",
        Style::Plain if leaf.in_flow => "\"",
        Style::Plain | Style::Literal | Style::Folded => "",
    };
    let anchor = kept_anchor(source, leaf);
    let before = if anchor.is_empty() { quote.into() } else { (anchor + quote).into() };
    (before, quote)
}

/// Writes a decrypted value into the site that held its envelope.
///
/// Quotes of the site stay; a plain site gets what the reference would print, lines of a block at
/// the document's own indentation `step`.
#[must_use]
pub fn value(source: &str, leaf: &Leaf, value: &Value, step: usize) -> Rendering {
    let mut rendering = match value {
        Value::Str(bytes) | Value::Comment(bytes) => match std::str::from_utf8(bytes) {
            Ok(text) => string(source, leaf, text, step),
            Err(_) => Rendering::inline(binary(bytes)),
        },
        Value::Int(number) => Rendering::inline(number.to_string()),
        Value::Float(number) => Rendering::inline(spell::float(*number)),
        Value::Bool(value) => Rendering::inline(value.to_string()),
        Value::Time(time) => Rendering::inline(time.to_string()),
    };
    rendering.site.insert_str(0, &kept_anchor(source, leaf));
    rendering
}

/// Tells at a glance whether [`value`] writes a string as it is; a doubt is no.
#[must_use]
pub fn is_surely_plain(source: &str, leaf: &Leaf, text: &str) -> bool {
    let is_plain_site = leaf.style == Style::Plain && !leaf.in_flow;
    is_plain_site && !leaf.site.slice(source).starts_with('!') && quote::is_surely_plain(text)
}

fn binary(bytes: &[u8]) -> String {
    format!("!!binary {}", base64::engine::general_purpose::STANDARD.encode(bytes))
}

fn string(source: &str, leaf: &Leaf, text: &str, step: usize) -> Rendering {
    match leaf.style {
        Style::SingleQuoted if quote::is_single_possible(text) => {
            Rendering::inline(quote::single(text, 0))
        }
        Style::SingleQuoted | Style::DoubleQuoted => Rendering::inline(quote::double_literal(text)),
        Style::Plain | Style::Literal | Style::Folded if leaf.in_flow => {
            Rendering::inline(quote::double(text))
        }
        Style::Plain | Style::Literal | Style::Folded => block_string(source, leaf, text, step),
    }
}

/// Writes a string where the reference would choose its spelling.
fn block_string(source: &str, leaf: &Leaf, text: &str, step: usize) -> Rendering {
    let indent = leaf.indent as usize;
    let content = if leaf.in_sequence { indent + 2 } else { quote::next_stop(indent, step) };
    if let Spelling::Inline(text) = quote::choose(text, content) {
        return Rendering::inline(text);
    }
    let end = leaf.site.end().max(leaf.body.end());
    // an indentation indicator has one digit
    let blank_lines = lines_behind(&source[end..], text, content).filter(|_| content - indent <= 9);
    let Some(blank_lines) = blank_lines else { return Rendering::inline(quote::double(text)) };
    let (site, mut body) = quote::literal(text, indent, content);
    body.truncate(body.len() - blank_lines);
    Rendering { site, body }
}

/// Returns how many of the blank lines at the end of `text` stand in the source already; nothing
/// if a literal block would not end where its text ends.
///
/// `rest` begins in the line of the value. Comments and blank lines behind it may be deep enough
/// to belong to the block.
fn lines_behind(rest: &str, text: &str, content: usize) -> Option<usize> {
    let lines = rest.strip_suffix('\n').unwrap_or(rest).split('\n').skip(1);
    let mut blank_lines = 0;
    for line in lines {
        let line = line.trim_end_matches('\r');
        let indent = line.len() - line.trim_start_matches(' ').len();
        match line[indent..].chars().next() {
            None if indent > content => return None,
            None => blank_lines += 1,
            Some('\t') => return None,
            Some('#') if indent >= content => return None,
            Some(_) => break,
        }
    }
    let content_end = text.trim_end_matches('\n').len();
    let wanted = (text.len() - content_end).saturating_sub(1);
    match (wanted, blank_lines) {
        (_, 0) => Some(0),
        // such blank lines do not count
        (0, _) if content_end > 0 => Some(0),
        (wanted, found) if wanted == found && content_end > 0 => Some(wanted),
        _ => None,
    }
}

/// Returns the anchor that stands inside a site, between its tag and its scalar.
fn kept_anchor(source: &str, leaf: &Leaf) -> String {
    let site = leaf.site.slice(source);
    if !site.starts_with('!') {
        return String::new();
    }
    let words = site.split_whitespace().skip(1);
    let anchors = words.take_while(|word| word.starts_with('&'));
    anchors.flat_map(|anchor| [anchor, " "]).collect()
}
