use std::collections::HashMap;
use std::mem;

use super::records::{EMPTY_LINE, Record, Records, Slot};
use super::tokens::{Kind, Token};
use crate::text::Span;
use crate::tree::{Container, Event};

/// The comments of one node or document, by their numbers; [`EMPTY_LINE`] stands between groups.
#[derive(Clone, Debug, Default)]
pub(super) struct Texts {
    pub(super) head: Vec<u32>,
    pub(super) line: Vec<u32>,
    pub(super) foot: Vec<u32>,
}

impl Texts {
    /// Returns the text that a slot names.
    pub(super) fn of(&self, slot: Slot) -> &[u32] {
        match slot {
            Slot::Head => &self.head,
            Slot::Line => &self.line,
            Slot::Foot => &self.foot,
        }
    }

    fn of_mut(&mut self, slot: Slot) -> &mut Vec<u32> {
        match slot {
            Slot::Head => &mut self.head,
            Slot::Line => &mut self.line,
            Slot::Foot => &mut self.foot,
        }
    }
}

/// The comments of all nodes, by the number of a node's event.
pub(super) type Holders = HashMap<usize, Texts>;

/// Hands the records to keys, values, collections and documents (`spec/yaml-comments.md` §6).
pub(super) fn hand_over(events: &[Event], tokens: &[Token], records: &Records) -> Holders {
    let mut hand_over = HandOver {
        tokens,
        next_token: 0,
        records,
        next_record: 0,
        pending: Texts::default(),
        holders: HashMap::new(),
        frames: Vec::new(),
        document: None,
    };
    for (node, event) in events.iter().enumerate() {
        hand_over.event(node, event);
    }
    hand_over.end_document();
    hand_over.holders
}

/// How a collection is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    Block,
    Flow,
    /// Without tokens of its own: a sequence that is not indented, a pair in a flow sequence.
    Bare,
}

/// One open collection.
struct Frame {
    node: usize,
    container: Container,
    form: Form,
    /// The last key.
    key: Option<usize>,
}

struct HandOver<'a> {
    tokens: &'a [Token],
    next_token: usize,
    records: &'a Records,
    next_record: usize,
    pending: Texts,
    holders: Holders,
    frames: Vec<Frame>,
    document: Option<usize>,
}

impl HandOver<'_> {
    fn event(&mut self, node: usize, event: &Event) {
        match *event {
            Event::Document(_) => self.document(node),
            Event::Key(key) => {
                self.scalar(node, key.span);
                self.key(node);
            }
            Event::Leaf(leaf) => {
                self.scalar(node, leaf.site);
                self.value_done(node);
            }
            Event::Alias(alias) => {
                self.scalar(node, alias.span);
                self.value_done(node);
            }
            Event::Enter { container, span, is_flow } => {
                self.enter(node, container, span, is_flow);
            }
            Event::Leave(_) => self.leave(),
            Event::Anchor(..) | Event::Comment(_) | Event::EndDocument(_) => {}
        }
    }

    /// Looks at the next token: brings those records into play whose time has come.
    fn look(&mut self) {
        let Some(token) = self.tokens.get(self.next_token) else { return };
        while let Some(record) = self.records.queue.get(self.next_record) {
            let waits = record.slot == Slot::Head && token.kind == Kind::BlockEnd;
            if record.anchor > token.span.start || waits {
                break;
            }
            self.bring(record);
            self.next_record += 1;
        }
    }

    fn bring(&mut self, record: &Record) {
        let lines = &self.records.lines[record.lines.clone()];
        self.pending.of_mut(record.slot).extend_from_slice(lines);
    }

    /// Looks at the next token and goes on behind it.
    fn pass(&mut self) {
        self.look();
        self.next_token = self.tokens.len().min(self.next_token + 1);
    }

    fn kind(&self) -> Option<Kind> {
        self.tokens.get(self.next_token).map(|token| token.kind)
    }

    fn pass_until(&mut self, is_wanted: impl Fn(Kind) -> bool) {
        while self.kind().is_some_and(|kind| !is_wanted(kind)) {
            self.pass();
        }
    }

    fn pass_through(&mut self, wanted: Kind) {
        self.pass_until(|kind| kind == wanted);
        self.pass();
    }

    fn document(&mut self, node: usize) {
        let is_first = self.document.is_none();
        self.end_document();
        self.document = Some(node);
        let from = self.next_token;
        self.pass_until(|kind| !matches!(kind, Kind::Start | Kind::DocumentEnd | Kind::Directive));
        let passed = &self.tokens[from..self.next_token];
        let has_directive = passed.iter().any(|token| token.kind == Kind::Directive);
        if self.kind() == Some(Kind::Document) {
            self.pass();
        } else if is_first && !has_directive {
            self.look();
            self.document_head(node);
        }
    }

    /// Gives the document what stands above the last empty line over its first node.
    fn document_head(&mut self, node: usize) {
        let head = &mut self.pending.head;
        if let Some(at) = head.iter().rposition(|line| *line == EMPTY_LINE) {
            let rest = head.split_off(at + 1);
            let text = mem::replace(head, rest);
            self.give(node, Slot::Head, text);
        }
    }

    fn end_document(&mut self) {
        let Some(node) = self.document else { return };
        self.pass_until(Kind::is_outside_documents);
        self.look();
        let Texts { head, foot, .. } = mem::take(&mut self.pending);
        let foot = if foot.is_empty() { head } else { foot };
        self.give(node, Slot::Foot, foot);
        if self.kind() == Some(Kind::DocumentEnd) {
            self.pass();
        }
    }

    /// Lets a scalar or alias take what is pending; one that is not written takes nothing.
    fn scalar(&mut self, node: usize, span: Span) {
        if span.is_empty() {
            return;
        }
        while let Some(token) = self.tokens.get(self.next_token) {
            // the span of a block scalar as a key does not cover its header
            // a tag alone has no token of a scalar behind it: what follows is not its own
            let is_unreal = !token.kind.is_real() && token.span.start < span.end;
            let is_before = token.span.end <= span.start || is_unreal;
            let is_property = token.kind == Kind::Property && token.span.start < span.end;
            if !is_before && !is_property {
                break;
            }
            self.pass();
        }
        let token = self.tokens.get(self.next_token);
        if token.is_some_and(|token| token.kind.is_scalar() && token.span.start < span.end) {
            self.pass();
            self.take(node);
        }
    }

    fn take(&mut self, node: usize) {
        let Texts { head, line, foot } = mem::take(&mut self.pending);
        self.give(node, Slot::Head, head);
        self.give(node, Slot::Line, line);
        self.give(node, Slot::Foot, foot);
    }

    /// Sets one text of a node, unless there is nothing to set.
    fn give(&mut self, node: usize, slot: Slot, text: Vec<u32>) {
        if !text.is_empty() {
            *self.holders.entry(node).or_default().of_mut(slot) = text;
        }
    }

    /// Ends a key: below it there is nothing, so its foot is that of the key before.
    fn key(&mut self, node: usize) {
        let Some(frame) = self.frames.last_mut() else { return };
        let previous = frame.key.replace(node);
        let is_block = frame.form == Form::Block;
        if let (Some(previous), true) = (previous, is_block) {
            let foot = self.take_foot(node);
            self.give(previous, Slot::Foot, foot);
        }
    }

    fn take_foot(&mut self, node: usize) -> Vec<u32> {
        self.holders.get_mut(&node).map(|texts| mem::take(&mut texts.foot)).unwrap_or_default()
    }

    /// Ends a value: its foot is that of its key, unless that has one.
    fn value_done(&mut self, node: usize) {
        let frame = self.frames.last().filter(|frame| frame.container == Container::Mapping);
        let Some(key) = frame.and_then(|frame| frame.key) else { return };
        if self.holders.get(&key).is_none_or(|texts| texts.foot.is_empty()) {
            let foot = self.take_foot(node);
            self.give(key, Slot::Foot, foot);
        }
    }

    fn enter(&mut self, node: usize, container: Container, span: Span, is_flow: bool) {
        let form = self.form(container, span, is_flow);
        match (form, container) {
            (Form::Flow, _) => self.open(node),
            (Form::Block, Container::Mapping) => self.start(node, Kind::MappingStart),
            (Form::Block, Container::Sequence) => self.start(node, Kind::SequenceStart),
            (Form::Bare, _) => {}
        }
        self.frames.push(Frame { node, container, form, key: None });
    }

    fn form(&self, container: Container, span: Span, is_flow: bool) -> Form {
        if is_flow {
            return if span.is_empty() { Form::Bare } else { Form::Flow };
        }
        let in_mapping =
            self.frames.last().is_some_and(|frame| frame.container == Container::Mapping);
        if container == Container::Mapping || !in_mapping {
            return Form::Block;
        }
        let mut kinds = self.tokens[self.next_token..].iter().map(|token| token.kind);
        match kinds.find(|kind| matches!(kind, Kind::Dash | Kind::SequenceStart)) {
            Some(Kind::Dash) => Form::Bare,
            _ => Form::Block,
        }
    }

    /// A bracket takes what stands above it; what stands behind it is lost.
    fn open(&mut self, node: usize) {
        self.pass_through(Kind::Open);
        let head = mem::take(&mut self.pending).head;
        self.give(node, Slot::Head, head);
    }

    /// Begins a block collection, which takes only what stands between it and its dash.
    fn start(&mut self, node: usize, start: Kind) {
        self.pass_until(|kind| kind == start);
        let before = self.next_token.checked_sub(1).and_then(|at| self.tokens.get(at));
        let is_element = before.is_some_and(|token| token.kind == Kind::Dash);
        let above = self.pending.head.len();
        self.pass();
        if is_element && above > 0 {
            let rest = self.pending.head.split_off(above);
            let head = mem::replace(&mut self.pending.head, rest);
            self.give(node, Slot::Head, head);
        }
    }

    fn leave(&mut self) {
        let Some(frame) = self.frames.pop() else { return };
        match frame.form {
            Form::Flow => {
                self.pass_through(Kind::Close);
                let Texts { line, foot, .. } = mem::take(&mut self.pending);
                self.give(frame.node, Slot::Line, line);
                self.give(frame.node, Slot::Foot, foot);
            }
            Form::Block => {
                self.pass_through(Kind::BlockEnd);
                if frame.container == Container::Mapping {
                    self.end_mapping(&frame);
                }
            }
            Form::Bare => {}
        }
        self.value_done(frame.node);
    }

    fn end_mapping(&mut self, frame: &Frame) {
        let Texts { line, foot, .. } = mem::take(&mut self.pending);
        self.give(frame.node, Slot::Line, line);
        if let Some(key) = frame.key {
            self.give(key, Slot::Foot, foot);
        }
    }
}
