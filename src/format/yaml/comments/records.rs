use std::ops::Range;

use super::layout::{self, narrow};
use super::tokens::{Kind, Token};
use crate::text::Span;

/// How many characters of white space the reference looks ahead.
const LOOK_AHEAD: usize = 511;

/// The number of an empty line among the lines of a record.
pub(super) const EMPTY_LINE: u32 = u32::MAX;

/// Which text of a node a comment goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    /// Above the node.
    Head,
    /// On the node's line.
    Line,
    /// Below the node.
    Foot,
}

/// Comments that are handed over together (`spec/yaml-comments.md` §4).
#[derive(Clone, Debug)]
pub(super) struct Record {
    /// Which text they go to.
    pub(super) slot: Slot,
    /// The first token that is looked at from here on brings them into play.
    pub(super) anchor: u32,
    /// Their lines, as indices into [`Records::lines`].
    pub(super) lines: Range<usize>,
    start: u32,
    column: u32,
    scan: u32,
    end: u32,
}

/// All records of a text, in the order in which they are handed over.
#[derive(Debug, Default)]
pub(super) struct Records {
    /// The records.
    pub(super) queue: Vec<Record>,
    /// Numbers of comments, or [`EMPTY_LINE`].
    pub(super) lines: Vec<u32>,
    /// All comments, also those without a record, in source order.
    pub(super) comments: Vec<Span>,
}

/// Gathers the comments between the tokens and gives the ends of block collections their places.
pub(super) fn read(source: &str, tokens: &mut [Token]) -> Records {
    let mut walk = Walk::new(source);
    let Some(mut previous) = tokens.first().copied() else { return walk.out };
    let mut before_previous = previous;
    let mut from = 1;
    while let Some(distance) = tokens[from..].iter().position(|token| token.kind.is_real()) {
        let at = from + distance;
        let next = tokens[at];
        let gap = walk.gap(before_previous, previous, next);
        walk.virtual_tokens(&gap, &mut tokens[from..at]);
        walk.header_comment(next);
        (before_previous, previous, from) = (previous, next, at + 1);
    }
    walk.out
}

/// The text between two real tokens.
struct Gap {
    next: Token,
    /// Where the comments below the token before are anchored.
    anchor: u32,
    is_after_colon: bool,
    /// Where looking for the next token began.
    rest: usize,
    level: u32,
    /// Whether the next token is a bracket that closes.
    is_closed: bool,
    first_record: usize,
}

/// Consecutive comments that may become one record.
struct Chunk {
    start: u32,
    column: u32,
    first_line: usize,
}

/// Chunks that are looked at in one go.
struct Group {
    anchor: u32,
    scan: u32,
    is_near: bool,
    is_below: bool,
    chunk: Option<Chunk>,
}

struct Walk<'s> {
    source: &'s str,
    out: Records,
    levels: Vec<u32>,
    flow_depth: usize,
    first_line_end: usize,
}

impl<'s> Walk<'s> {
    fn new(source: &'s str) -> Self {
        let first_line_end = layout::line_end(source, 0);
        let out = Records::default();
        Self { source, out, levels: Vec::new(), flow_depth: 0, first_line_end }
    }
}

impl Walk<'_> {
    /// Records all comments between `previous` and `next`.
    fn gap(&mut self, before_previous: Token, previous: Token, next: Token) -> Gap {
        let first_record = self.out.queue.len();
        let (mut at, rest) = self.rest(before_previous, previous);
        match previous.kind {
            Kind::Open => self.flow_depth += 1,
            Kind::Close => self.flow_depth = self.flow_depth.saturating_sub(1),
            _ => {}
        }
        let anchor = if previous.kind == Kind::Comma { before_previous } else { previous };
        let gap = Gap {
            next,
            anchor: anchor.span.start,
            is_after_colon: anchor.kind == Kind::Colon,
            rest,
            level: self.levels.last().copied().unwrap_or(0),
            is_closed: next.kind == Kind::Close,
            first_record,
        };
        while let Some(comment) = self.find_comment(at, next.span.start()) {
            at = self.group(&gap, comment);
        }
        gap
    }

    fn find_comment(&self, from: usize, to: usize) -> Option<usize> {
        let gap = self.source.as_bytes().get(from..to)?;
        gap.iter().position(|byte| *byte == b'#').map(|length| from + length)
    }

    /// Takes the comment behind a token on its line; gives where the next comment can stand and
    /// where looking for the next token begins.
    fn rest(&mut self, before: Token, token: Token) -> (usize, usize) {
        let end = token.span.end();
        let comment = match token.kind {
            Kind::Start | Kind::Document | Kind::DocumentEnd | Kind::Dash | Kind::Block => None,
            _ => self.comment_on_line(end),
        };
        if token.kind == Kind::Directive {
            let end =
                comment.map_or_else(|| layout::line_end(self.source, end), |at| self.take(at));
            return (end, layout::skip_line_end(self.source, end));
        }
        if let Some(comment) = comment {
            let is_of_the_one_before = match token.kind {
                Kind::Colon => self.flow_depth == 0,
                Kind::Comma => true,
                _ => false,
            };
            let anchor = if is_of_the_one_before { before } else { token };
            let end = self.line_record(anchor, comment);
            return (end, end);
        }
        match token.kind {
            Kind::Plain | Kind::Block => (end, layout::skip_white(self.source, end)),
            _ => (end, end),
        }
    }

    /// Finds a comment that follows on the same line.
    fn comment_on_line(&self, end: usize) -> Option<usize> {
        let at = layout::skip_blanks(self.source, end);
        let is_comment = self.source.as_bytes().get(at) == Some(&b'#');
        (is_comment && at - end <= LOOK_AHEAD).then_some(at)
    }

    /// Takes the comment on the header line of a block scalar.
    fn header_comment(&mut self, token: Token) {
        if token.kind != Kind::Block {
            return;
        }
        let is_header = |byte: &u8| matches!(byte, b'|' | b'>' | b'+' | b'-' | b'0'..=b'9');
        let text = token.span.slice(self.source).bytes();
        let header_end = token.span.start() + text.take_while(is_header).count();
        if let Some(comment) = self.comment_on_line(header_end) {
            self.line_record(token, comment);
        }
    }

    fn line_record(&mut self, anchor: Token, comment: usize) -> usize {
        let first_line = self.out.lines.len();
        let end = self.take_line(comment);
        self.out.queue.push(Record {
            slot: Slot::Line,
            anchor: anchor.span.start,
            lines: first_line..self.out.lines.len(),
            start: 0,
            column: 0,
            scan: 0,
            end: 0,
        });
        end
    }

    /// Counts the comment at `at` and returns its end.
    fn take(&mut self, at: usize) -> usize {
        let end = layout::line_end(self.source, at);
        self.out.comments.push(Span::new(at, end));
        end
    }

    /// Makes the comment at `at` a line of the record that is being made.
    fn take_line(&mut self, at: usize) -> usize {
        self.out.lines.push(narrow(self.out.comments.len()));
        self.take(at)
    }

    /// Records the comments from `at` on (`spec/yaml-comments.md` §4.3) and returns their end.
    fn group(&mut self, gap: &Gap, mut at: usize) -> usize {
        let line_ends = layout::line_ends_before(self.source, at);
        let is_first_line = gap.rest <= self.first_line_end;
        let mut group = Group {
            anchor: gap.anchor,
            scan: narrow(gap.rest),
            is_near: line_ends <= 1,
            is_below: line_ends == 1 && !is_first_line && !gap.is_after_colon,
            chunk: None,
        };
        loop {
            let end = self.add_comment(&mut group, gap, at);
            let ahead = look_ahead(self.source, end, gap.next.span.start());
            if let Some(blank) = ahead.blank_line {
                self.blank_lines(&mut group, gap, blank, true);
            }
            match ahead.stop {
                Stop::Comment(comment) => at = comment,
                Stop::TooFar(place) => {
                    self.close(&mut group, Slot::Head, 0, place.saturating_sub(1));
                    return place;
                }
                Stop::Token => {
                    self.end_group(&mut group, gap, ahead.blank_line.is_some());
                    return gap.next.span.start();
                }
            }
        }
    }

    fn add_comment(&mut self, group: &mut Group, gap: &Gap, at: usize) -> usize {
        let (start, column) = (narrow(at), narrow(layout::column(self.source, at)));
        if group.chunk.as_ref().is_some_and(|chunk| is_dedented(chunk, column, gap.level)) {
            self.close(group, Slot::Foot, group.anchor, at);
            (group.anchor, group.scan) = (start, start);
        }
        let first_line = self.out.lines.len();
        group.chunk.get_or_insert(Chunk { start, column, first_line });
        self.take_line(at)
    }

    /// Handles blank lines, the first of which ends at `at`; the end of the text is one of them.
    fn blank_lines(&mut self, group: &mut Group, gap: &Gap, at: usize, is_line: bool) {
        if let Some(chunk) = &group.chunk {
            let is_foot = group.is_below || chunk.column < gap.level;
            if group.is_near && is_foot {
                self.close(group, Slot::Foot, foot_anchor(group, gap), at);
                (group.anchor, group.scan) = (narrow(at), narrow(at));
            } else if is_line {
                self.out.lines.push(EMPTY_LINE);
            }
        }
        group.is_near = false;
    }

    /// Closes what is open before the next token.
    fn end_group(&mut self, group: &mut Group, gap: &Gap, is_blank_above: bool) {
        let next = gap.next.span.start();
        if gap.next.kind == Kind::End {
            if !is_blank_above {
                self.blank_lines(group, gap, next, false);
            }
            return self.close(group, Slot::Head, 0, next.saturating_sub(1));
        }
        if gap.is_closed {
            return self.close(group, Slot::Foot, foot_anchor(group, gap), next);
        }
        let column = narrow(layout::column(self.source, next));
        if group.chunk.as_ref().is_some_and(|chunk| is_dedented(chunk, column, gap.level)) {
            return self.close(group, Slot::Foot, group.anchor, next);
        }
        self.close(group, Slot::Head, 0, next.saturating_sub(1));
    }

    /// Makes the open chunk a record; a head is anchored where it begins.
    fn close(&mut self, group: &mut Group, slot: Slot, anchor: u32, end: usize) {
        let Some(chunk) = group.chunk.take() else { return };
        self.out.queue.push(Record {
            slot,
            anchor: if slot == Slot::Head { chunk.start } else { anchor },
            lines: chunk.first_line..self.out.lines.len(),
            start: chunk.start,
            column: chunk.column,
            scan: group.scan,
            end: narrow(end),
        });
    }

    /// Keeps the levels and places the ends of block collections (`spec/yaml-comments.md` §5).
    fn virtual_tokens(&mut self, gap: &Gap, tokens: &mut [Token]) {
        let next = gap.next.span.start();
        let column = match gap.next.kind {
            Kind::End => narrow(layout::column(self.source, next)),
            _ => 0,
        };
        let mut base = narrow(gap.rest.saturating_sub(1));
        let mut is_second_round = false;
        for token in tokens {
            if token.kind != Kind::BlockEnd {
                self.levels.push(token.column);
                token.span = Span::at(next);
                continue;
            }
            let level = self.levels.pop().unwrap_or(0);
            let is_open = gap.next.kind.is_outside_documents() && level <= column;
            if is_open && !is_second_round {
                base = narrow(next.saturating_sub(1));
                is_second_round = true;
            }
            base = self.block_end(gap, level, base);
            token.span = Span { start: base, end: base };
        }
    }

    fn block_end(&self, gap: &Gap, level: u32, mut base: u32) -> u32 {
        let mut limit = base;
        for record in self.out.queue[gap.first_record..].iter().rev() {
            if record.end < limit {
                break;
            }
            if record.column == level {
                base = record.start;
            }
            limit = record.scan;
        }
        base
    }
}

/// Tells whether something in `column` leaves the block that the chunk stands in.
fn is_dedented(chunk: &Chunk, column: u32, level: u32) -> bool {
    column < level && column != chunk.column
}

fn foot_anchor(group: &Group, gap: &Gap) -> u32 {
    match &group.chunk {
        Some(chunk) if chunk.column < gap.level => chunk.start,
        _ => group.anchor,
    }
}

/// What follows a comment.
struct Ahead {
    /// The line end of the first blank line.
    blank_line: Option<usize>,
    stop: Stop,
}

enum Stop {
    Comment(usize),
    Token,
    TooFar(usize),
}

fn look_ahead(source: &str, from: usize, to: usize) -> Ahead {
    let bytes = source.as_bytes();
    let is_crlf = |at: usize| bytes.get(at..at + 2) == Some(b"\r\n");
    // the reference takes the LF of a CR LF behind a comment for a line of its own
    let mut blank_line = is_crlf(from).then_some(from + 1);
    let mut line_ends = 0;
    let mut at = from;
    while at < to && bytes.get(at) != Some(&b'#') && at - from <= LOOK_AHEAD {
        if bytes.get(at).copied().is_some_and(layout::is_line_end) {
            line_ends += 1;
            if line_ends == 2 {
                blank_line = blank_line.or(Some(at));
            }
        }
        at += if is_crlf(at) { 2 } else { 1 };
    }
    let stop = match at {
        _ if at - from > LOOK_AHEAD => Stop::TooFar(at),
        _ if at < to => Stop::Comment(at),
        _ => Stop::Token,
    };
    Ahead { blank_line, stop }
}
