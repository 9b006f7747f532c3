use zeroize::Zeroizing;

use super::quote::{self, is_break};
use super::spell::{self, Spelled};
use crate::tree::{Branch, Container, Part, Remark, Tree};

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

/// Writes documents in the reference's layout: block style at the given step, quotes only where
/// they are needed, texts of several lines as literal blocks, comments in their places
/// (`spec/format.md` §5.2.2 and §5.2.3).
#[must_use]
pub fn emit(documents: &[Branch], step: usize) -> Zeroizing<String> {
    let mut output = Zeroizing::new(String::new());
    for (number, document) in documents.iter().enumerate() {
        if number > 0 {
            output.push_str("---\n");
        }
        Writer::new(&mut output, document.parts(), step).root();
    }
    output
}

/// Writes `key: value` in block style with keys at column `indent`, in the reference's layout.
pub(in crate::format) fn block_item(key: &str, value: &Tree, indent: usize, step: usize) -> String {
    let mut output = String::new();
    let item = Branch::from(value);
    let mut writer = Writer::new(&mut output, item.parts(), step);
    writer.frames.push(Frame { container: Container::Mapping, indent, above: Vec::new() });
    writer.key(key.as_bytes());
    writer.rest();
    output
}

/// Writes a list element in block style; its dash has no indentation, the lines after it have
/// that of a dash at column `indent`.
pub(in crate::format) fn element(value: &Tree, indent: usize, step: usize) -> String {
    let mut output = String::new();
    let element = Branch::from(value);
    let mut writer = Writer::new(&mut output, element.parts(), step);
    writer.frames.push(Frame { container: Container::Sequence, indent, above: Vec::new() });
    writer.gap = Some(0);
    writer.rest();
    output
}

/// Writes a collection that has items on lines of its own, its keys or dashes at column `indent`.
pub(super) fn lines(value: &Tree, indent: usize, step: usize) -> String {
    let mut output = String::new();
    let value = Branch::from(value);
    let mut writer = Writer::new(&mut output, value.parts(), step);
    writer.open(indent);
    writer.rest();
    output
}

/// One open collection.
struct Frame<'b> {
    container: Container,
    /// Column of its keys or dashes.
    indent: usize,
    /// Comments that wait for the next item, or for the end.
    above: Vec<&'b Remark>,
}

/// What a value looks like from outside.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// One that is written on the line of its key or dash.
    Scalar,
    /// A collection without values, which may have comments.
    Empty,
    /// A collection with values.
    Block,
}

struct Writer<'o, 'b> {
    output: &'o mut String,
    parts: &'b [Part],
    at: usize,
    step: usize,
    frames: Vec<Frame<'b>>,
    /// Blanks between the dash or colon just written and what stands behind it on its line.
    gap: Option<usize>,
    /// How many comments at the front of the next collection have been written already.
    taken: usize,
}

impl<'o, 'b> Writer<'o, 'b> {
    fn new(output: &'o mut String, parts: &'b [Part], step: usize) -> Self {
        Self { output, parts, at: 0, step, frames: Vec::new(), gap: None, taken: 0 }
    }

    /// Writes a whole document or value.
    fn root(&mut self) {
        if self.shape() == Shape::Block {
            self.open(0);
            return self.rest();
        }
        // comments of an empty root come back wherever they stand
        let inside = self.take_comments();
        self.comments(&inside, 0);
        self.value(0, self.step, None);
    }

    /// Writes what is left of the open collections.
    fn rest(&mut self) {
        while let (Some(part), Some(frame)) = (self.parts.get(self.at), self.frames.last_mut()) {
            match part {
                Part::Comment(comment) => {
                    frame.above.push(comment);
                    self.at += 1;
                }
                Part::Key(key) => {
                    self.at += 1;
                    self.key(key);
                }
                Part::Leave => {
                    self.at += 1;
                    self.close();
                }
                Part::Enter(_) | Part::Scalar(_) => self.element(),
            }
        }
    }

    /// Writes a key and its value, or the value's beginning.
    fn key(&mut self, key: &[u8]) {
        let indent = self.indent();
        let shape = self.shape();
        let line = self.announce(shape, indent);
        self.begin(indent);
        let content = quote::next_stop(indent, self.step);
        let spelled = spell::bytes(key, indent, content);
        if spell::is_simple_key(key) {
            self.output.push_str(&spelled.line);
            self.output.push(':');
        } else {
            self.output.push_str("? ");
            self.spelled(&spelled, None);
            self.pad(indent);
            self.output.push(':');
            self.gap = content.checked_sub(indent + 1).filter(|gap| *gap > 0);
        }
        match shape {
            Shape::Scalar | Shape::Empty => {
                self.gap = None;
                self.output.push(' ');
                self.value(indent, content, line);
            }
            Shape::Block => {
                if self.gap.is_none() {
                    self.output.push('\n');
                }
                self.open(content);
            }
        }
    }

    /// Writes a dash and the element behind it, or the element's beginning.
    fn element(&mut self) {
        let indent = self.indent();
        let shape = self.shape();
        let line = self.announce(shape, indent);
        self.begin(indent);
        self.output.push('-');
        match shape {
            Shape::Scalar | Shape::Empty => {
                self.output.push(' ');
                self.value(indent, indent + 2, line);
            }
            Shape::Block => {
                self.gap = Some(1);
                self.open(indent + 2);
            }
        }
    }

    /// Writes the comments above an item; returns the one that stands on its line.
    fn announce(&mut self, shape: Shape, indent: usize) -> Option<&'b Remark> {
        let above = self.frames.last_mut().map(|frame| std::mem::take(&mut frame.above));
        let mut above = above.unwrap_or_default();
        let in_sequence = self.container() == Some(Container::Sequence);
        let inside = match shape {
            Shape::Empty => self.take_comments(),
            Shape::Block if in_sequence => self.take_comments(),
            Shape::Block | Shape::Scalar => Vec::new(),
        };
        // the reference no longer reads a comment that it has written inside of brackets
        let is_of_empty = shape == Shape::Empty && !inside.is_empty();
        above.extend(inside);
        let can_stand_behind =
            |comment: &mut &Remark| (comment.is_inline || is_of_empty) && is_one_line(comment);
        let line = if shape == Shape::Block { None } else { above.pop_if(can_stand_behind) };
        self.comments(&above, indent);
        line
    }

    /// Takes the comments at the front of the collection that comes next.
    fn take_comments(&mut self) -> Vec<&'b Remark> {
        let rest = self.parts.get(self.at..).unwrap_or_default();
        let Some((Part::Enter(_), inside)) = rest.split_first() else { return Vec::new() };
        let comments = inside.iter().map_while(|part| match part {
            Part::Comment(comment) => Some(comment),
            _ => None,
        });
        let comments: Vec<&Remark> = comments.collect();
        self.taken = comments.len();
        comments
    }

    fn shape(&self) -> Shape {
        let rest = self.parts.get(self.at..).unwrap_or_default();
        let Some((Part::Enter(_), inside)) = rest.split_first() else { return Shape::Scalar };
        match inside.iter().find(|part| !matches!(part, Part::Comment(_))) {
            None | Some(Part::Leave) => Shape::Empty,
            Some(_) => Shape::Block,
        }
    }

    /// Begins the collection that comes next, its keys or dashes at column `indent`.
    fn open(&mut self, indent: usize) {
        if let Some(Part::Enter(container)) = self.parts.get(self.at) {
            self.at += 1 + std::mem::take(&mut self.taken);
            self.frames.push(Frame { container: *container, indent, above: Vec::new() });
        }
    }

    /// Ends the innermost collection; comments that are left over stand below its last item.
    fn close(&mut self) {
        if let Some(frame) = self.frames.pop() {
            self.comments(&frame.above, frame.indent);
        }
    }

    /// Writes the value that comes next, a scalar or an empty collection, to the end of its line
    /// or lines.
    fn value(&mut self, indent: usize, content: usize, comment: Option<&Remark>) {
        let spelled = match self.parts.get(self.at) {
            Some(Part::Scalar(scalar)) => spell::scalar(scalar, indent, content),
            Some(Part::Enter(container)) => {
                // all that it holds has been written; its end is next
                self.at += 1 + std::mem::take(&mut self.taken);
                Spelled::inline(spell::empty(*container))
            }
            _ => return,
        };
        self.at += 1;
        self.spelled(&spelled, comment);
    }

    fn spelled(&mut self, spelled: &Spelled, comment: Option<&Remark>) {
        self.output.push_str(&spelled.line);
        if let Some(comment) = comment {
            self.output.push_str(" #");
            self.output.push_str(&String::from_utf8_lossy(&comment.text));
        }
        self.output.push_str(&spelled.body);
        self.output.push('\n');
    }

    /// Writes comments on lines of their own.
    fn comments(&mut self, comments: &[&Remark], indent: usize) {
        for comment in comments {
            let text = String::from_utf8_lossy(&comment.text);
            for (number, line) in text.split(is_break).enumerate() {
                if number > 0 && line.is_empty() {
                    continue;
                }
                self.begin(indent);
                // a comment of another format may have lines
                self.output.push_str(match number {
                    0 => "#",
                    _ if line.starts_with('#') => "",
                    _ => "# ",
                });
                self.output.push_str(line);
                self.output.push('\n');
            }
        }
    }

    /// Goes to the column at which an item or comment begins.
    fn begin(&mut self, column: usize) {
        let blanks = self.gap.take().unwrap_or(column);
        self.pad(blanks);
    }

    fn pad(&mut self, blanks: usize) {
        self.output.extend(std::iter::repeat_n(' ', blanks));
    }

    fn indent(&self) -> usize {
        self.frames.last().map_or(0, |frame| frame.indent)
    }

    fn container(&self) -> Option<Container> {
        self.frames.last().map(|frame| frame.container)
    }
}

fn is_one_line(comment: &Remark) -> bool {
    !String::from_utf8_lossy(&comment.text).contains(is_break)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::Grower;

    fn written(source: &str, indent: usize) -> String {
        let scan = crate::format::yaml::scan(source).unwrap();
        let documents = Grower::new(source, &scan).documents(0).unwrap();
        emit(&documents, effective_step(indent)).as_str().to_owned()
    }

    #[test]
    fn layout_follows_the_configured_indent() {
        let source = "a: {b: [1, [2, {c: d, e: [f]}]]}\n";
        let rows = [
            (
                0,
                "a:\n    b:\n        - 1\n        - - 2\n          - c: d\n            e:\n                - f\n",
            ),
            (2, "a:\n  b:\n    - 1\n    - - 2\n      - c: d\n        e:\n          - f\n"),
            (
                3,
                "a:\n   b:\n      - 1\n      - - 2\n        - c: d\n          e:\n            - f\n",
            ),
        ];
        for (indent, expected) in rows {
            assert_eq!(written(source, indent), expected, "{indent}");
        }
        assert_eq!(written(source, 1), written(source, 2));
        assert_eq!(written(source, 10), written(source, 2));
    }

    #[test]
    fn comments_keep_their_places() {
        let rows = [
            ("above and below", "# a\nk: 1\n# b\nl:\n  # c\n  m: 1\n  # d\n"),
            (
                "behind a value",
                "k: 1 # a\nl: |- # b\n  x\n  y\nm:\n  - 1 # c\n  # d\n  - \"\" # e\n",
            ),
            ("behind an empty collection", "k: {} # a\nl: [] # b\nm:\n  - {} # c\n"),
            ("in lists of lists", "k:\n  # a\n  - - 1\n    # b\n    - 2\n    # c\n  - 3\n"),
            ("above a mapping in a list", "k:\n  # a\n  - l: 1\n    # b\n    m: 2\n"),
            ("in several documents", "# a\nk: 1\n# b\n---\n# c\n{}\n---\nk: |+\n  x\n\n# d\n"),
            ("below a long key", "? |-\n  a\n  b\n:\n  # c\n  k: 1\n  # d\n"),
        ];
        for (name, source) in rows {
            let expected = source.replace(":\n  # c\n  k: 1\n", ": # c\n  k: 1\n");
            assert_eq!(written(source, 2), expected, "{name}");
        }
    }

    #[test]
    fn comments_with_line_breaks_stay_comments() {
        let remark = |text: &str| {
            Part::Comment(Remark { text: text.as_bytes().to_vec().into(), is_inline: true })
        };
        let mut branch = Branch::new();
        branch.push(Part::Enter(Container::Mapping));
        branch.push(remark(" a\nk: 1\r# b\u{2028}"));
        branch.push(Part::Key(b"l".to_vec()));
        branch.push(Part::Scalar(crate::tree::Scalar::Null));
        branch.push(Part::Leave);
        let expected = "# a\n# k: 1\n# b\nl: null\n";
        assert_eq!(emit(&[branch], 4).as_str(), expected);
    }

    #[test]
    fn what_is_written_reads_the_same() {
        let long = "k".repeat(129);
        let keys = [
            "a\\nb",
            " a\\n\\nb\\n",
            "\\n",
            "a\\Lb",
            "a\\rb",
            "<<",
            "yes",
            "",
            "?",
            "\\ta\\nb",
            &long,
        ];
        let mut source = String::new();
        for key in keys {
            source += &format!("\"{key}\": [\"{key}\", {{\"{key}\": [[\"{key}\"]]}}]\n");
        }
        let data = |text: &str| crate::format::yaml::parse(text).unwrap().into_tree();
        for indent in [0, 2, 3, 9] {
            assert_eq!(data(&written(&source, indent)), data(&source), "{indent}");
        }
    }

    #[test]
    fn unfinished_branches_are_written_as_far_as_they_go() {
        for parts in [&[][..], &[Part::Enter(Container::Sequence)], &[Part::Leave]] {
            let mut branch = Branch::new();
            for part in parts {
                branch.push(part.clone());
            }
            assert!(emit(&[branch], 4).len() <= 3);
        }
    }

    #[test]
    fn deep_branches_need_no_deep_stack() {
        let mut branch = Branch::new();
        let depth = 200_000;
        (0..depth).for_each(|_| branch.push(Part::Enter(Container::Sequence)));
        branch.push(Part::Scalar(crate::tree::Scalar::Null));
        (0..depth).for_each(|_| branch.push(Part::Leave));
        assert_eq!(emit(&[branch.clone()], 4).len(), 2 * depth + "null\n".len());
        assert!(branch.clone() == branch);
    }
}
