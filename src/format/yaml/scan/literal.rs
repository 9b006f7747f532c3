//! Literal block scalars whose indentation follows from their first line.

use std::ops::Range;

use super::scalars;
use crate::text::Span;

/// A literal block scalar.
pub(super) struct Literal {
    pub(super) text: String,
    pub(super) header: Span,
    pub(super) body: Span,
    /// Where the line behind it begins.
    pub(super) next: usize,
}

/// What happens to the line ends behind the last line of content.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Chomping {
    Clip,
    Strip,
    Keep,
}

/// Reads the scalar whose header stands at `header`, up to the end of its line; `indent` is that
/// of the collection around it. `bytes` is `source` up to where reading ends.
pub(super) fn read(
    source: &str,
    bytes: &[u8],
    header: Range<usize>,
    indent: usize,
) -> Option<Literal> {
    let (chomping, header_end) = match bytes.get(header.start + 1) {
        Some(b'+') => (Chomping::Keep, header.start + 2),
        Some(b'-') => (Chomping::Strip, header.start + 2),
        _ => (Chomping::Clip, header.start + 1),
    };
    let is_simple =
        header.end < bytes.len() && scalars::is_rest_empty(bytes, header_end, header.end);
    if !is_simple {
        return None;
    }
    let mut body = Body { source, bytes, text: String::new(), empty_lines: 0, end: None };
    let next = body.read(header.end + 1, indent)?;
    let content_end = body.end?;
    let mut end = content_end;
    let mut text = body.text;
    if chomping != Chomping::Strip && content_end < bytes.len() {
        text.push('\n');
    }
    if chomping == Chomping::Keep && body.empty_lines > 0 {
        text.extend(std::iter::repeat_n('\n', body.empty_lines));
        end = next - 1;
    }
    let header_span = Span::new(header.start, header_end);
    Some(Literal { text, header: header_span, body: Span::new(header.end, end), next })
}

struct Body<'s> {
    source: &'s str,
    bytes: &'s [u8],
    text: String,
    /// How many empty lines came last.
    empty_lines: usize,
    /// Where the last line of content ends.
    end: Option<usize>,
}

impl Body<'_> {
    /// Reads lines from `start` on and returns where the first one begins that is none of them.
    fn read(&mut self, mut start: usize, outer: usize) -> Option<usize> {
        let mut indent = None;
        while start < self.bytes.len() {
            let at = scalars::skip_blanks(self.bytes, start);
            let end = scalars::line_end(self.bytes, at);
            if at == end {
                // blanks alone mean this or that, by their number
                let is_empty = at == start && end < self.bytes.len();
                is_empty.then_some(())?;
                self.empty_lines += 1;
                start = end + 1;
                continue;
            }
            let width = at - start;
            let indent = *indent.get_or_insert(width);
            if width < indent || width <= outer {
                return Some(start);
            }
            self.add(start + indent, end)?;
            start = (end + 1).min(self.bytes.len());
        }
        Some(start)
    }

    fn add(&mut self, from: usize, end: usize) -> Option<()> {
        let line = self.source.get(from..end).filter(|line| scalars::is_text(line))?;
        let line_ends = usize::from(self.end.is_some()) + self.empty_lines;
        self.text.extend(std::iter::repeat_n('\n', line_ends));
        self.text.push_str(line);
        self.empty_lines = 0;
        self.end = Some(end);
        Some(())
    }
}
