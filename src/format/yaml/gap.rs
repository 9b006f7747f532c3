//! What stands between two nodes: indicators, properties, comments and block scalar headers.

use crate::text::{Span, end_of_line, start_of_line};

/// What a search in a gap looks for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// The dash of a sequence element.
    Dash,
    /// The `|` or `>` of a block scalar.
    BlockHeader,
}

/// Returns where the first wanted indicator of a gap stands; properties and comments are passed.
pub(super) fn find(source: &str, from: usize, to: usize, wanted: Wanted) -> Option<usize> {
    let bytes = source.as_bytes();
    let mut at = from;
    while at < to.min(bytes.len()) {
        match bytes[at] {
            b'#' => at = end_of_line(source, at),
            b'&' | b'!' => at = end_of_word(bytes, at),
            b'-' if wanted == Wanted::Dash => return Some(at),
            b'|' | b'>' if wanted == Wanted::BlockHeader => return Some(at),
            _ => at += 1,
        }
    }
    None
}

fn end_of_word(bytes: &[u8], from: usize) -> usize {
    let is_end = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
    bytes[from..].iter().position(is_end).map_or(bytes.len(), |length| from + length)
}

/// Returns the column of `offset`, from 0; a byte order mark has no width.
pub(super) fn column(source: &str, offset: usize) -> usize {
    let line = &source[start_of_line(source, offset)..offset];
    line.trim_start_matches('\u{feff}').chars().count()
}

/// Returns the indicator that stands at `start` with its indentation and chomping characters.
pub(super) fn header_span(source: &str, start: usize) -> Span {
    let is_part = |byte: &u8| matches!(byte, b'+' | b'-' | b'0'..=b'9');
    let length = source.as_bytes().iter().skip(start + 1).take_while(|byte| is_part(byte)).count();
    Span::new(start, (start + 1 + length).min(source.len()))
}

/// Returns what belongs to a block scalar behind its header line: from the end of that line to
/// the end of the last line of content, without the line end.
///
/// `content` is the body as the parser reports it and `indent` its column. Empty lines at the end
/// are part of the body only when the header keeps them.
pub(super) fn body_span(source: &str, header: Span, content: Span, indent: usize) -> Span {
    let header_line_end = without_line_end(source, end_of_line(source, header.end()));
    let header_line_end = header_line_end.max(header.end());
    // the parser's body may run into the indentation of the next line
    let line = start_of_line(source, content.end());
    let is_indentation = source[line..content.end()].bytes().all(|byte| byte == b' ');
    let end = if is_indentation { line } else { content.end() };
    let mut end = without_line_end(source, end);
    if !header.slice(source).contains('+') {
        let body = &source[header_line_end..end.max(header_line_end)];
        let has_digit = header.slice(source).bytes().any(|byte| byte.is_ascii_digit());
        // without a line of content, the longest line of blanks sets the indentation
        let is_empty = !has_digit && body.bytes().all(|byte| matches!(byte, b' ' | b'\r' | b'\n'));
        let indent = if is_empty { usize::MAX } else { indent };
        end = without_empty_lines(source, header_line_end, end, indent);
    }
    Span::new(header_line_end, end.max(header_line_end))
}

/// Goes back over lines that hold no more than their indentation.
fn without_empty_lines(source: &str, start: usize, mut end: usize, indent: usize) -> usize {
    while end > start {
        let line_start = start_of_line(source, end);
        let line = source[line_start..end].trim_end_matches('\r');
        let is_empty = line.len() <= indent && line.bytes().all(|byte| byte == b' ');
        if !is_empty || line_start == 0 {
            break;
        }
        end = without_line_end(source, line_start);
    }
    end
}

/// Goes back over one line end that stands right before `offset`.
fn without_line_end(source: &str, offset: usize) -> usize {
    let before = &source[..offset];
    let without = before.strip_suffix('\n').map(|text| text.strip_suffix('\r').unwrap_or(text));
    without.map_or(offset, str::len)
}
