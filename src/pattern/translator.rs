use std::fmt::Write as _;

use super::escape::{NOT_BOUNDARY, spell};
use super::{Cause, PatternError};

/// The largest count of a repetition, also multiplied over nested repetitions.
const MAX_REPEAT: u32 = 1000;

/// The flags that a pattern can set: `i`, `m`, `s` and `U`.
#[derive(Clone, Copy, Default)]
struct Flags([bool; 4]);

impl Flags {
    const LETTERS: [char; 4] = ['i', 'm', 's', 'U'];

    fn set(&mut self, letter: char, is_on: bool) -> Option<()> {
        let place = Self::LETTERS.iter().position(|known| *known == letter)?;
        self.0[place] = is_on;
        Some(())
    }

    /// Writes all flags, as the crate refuses one that is named twice.
    fn spell(self) -> String {
        let named = |is_on| {
            let letters = Self::LETTERS.iter().zip(self.0);
            letters.filter(move |(_, on)| *on == is_on).map(|(letter, _)| letter)
        };
        let (set, cleared): (String, String) = (named(true).collect(), named(false).collect());
        if cleared.is_empty() { set } else { format!("{set}-{cleared}") }
    }
}

/// What stands right before the current place.
#[derive(Clone, Copy)]
enum Before {
    /// Nothing that can be repeated.
    Nothing,
    /// Something that can be repeated; the product of the counts inside it.
    Atom(u32),
    /// A repetition.
    Repeat,
}

/// An open group, or the pattern as a whole.
#[derive(Clone, Copy)]
struct Group {
    offset: usize,
    flags: Flags,
    before: Before,
    /// The largest product of nested counts so far.
    repeats: u32,
}

/// A walk over a pattern that writes each token in the crate's syntax.
pub(super) struct Translator<'a> {
    pub(super) source: &'a str,
    pub(super) position: usize,
    output: String,
    outer: Vec<Group>,
    group: Group,
}

pub(super) type Step<T = ()> = Result<T, PatternError>;

impl<'a> Translator<'a> {
    pub(super) fn new(source: &'a str) -> Self {
        let group =
            Group { offset: 0, flags: Flags::default(), before: Before::Nothing, repeats: 1 };
        Self { source, position: 0, output: String::new(), outer: Vec::new(), group }
    }

    pub(super) fn run(mut self) -> Step<String> {
        while let Some(next) = self.peek() {
            self.token(next)?;
        }
        if !self.outer.is_empty() {
            return Err(PatternError { offset: self.group.offset, cause: Cause::UnclosedGroup });
        }
        // the crate's search can lose a match when an ASCII `\B` holds inside a character, so it
        // must step by whole characters
        let is_stepping = self.output.contains(NOT_BOUNDARY);
        Ok(if is_stepping { format!(r"\A(?s:.)*?(?:{})", self.output) } else { self.output })
    }

    fn token(&mut self, next: char) -> Step {
        match next {
            '(' => self.open_group(),
            ')' => self.close_group(),
            '|' => {
                self.skip(1);
                self.output.push('|');
                self.group.before = Before::Nothing;
                Ok(())
            }
            '.' | '^' | '$' => {
                self.skip(1);
                self.atom(&format!("(?:{next})"));
                Ok(())
            }
            '[' => self.class(),
            '*' | '+' | '?' => self.repeat(1, &next.to_string(), 1),
            '{' => self.counted_repeat(),
            '\\' => self.escape(),
            _ => {
                self.skip(next.len_utf8());
                self.literal(next);
                Ok(())
            }
        }
    }

    pub(super) fn rest(&self) -> &'a str {
        &self.source[self.position..]
    }

    pub(super) fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    pub(super) fn skip(&mut self, bytes: usize) {
        self.position += bytes;
    }

    pub(super) fn take(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.skip(next.len_utf8());
        Some(next)
    }

    /// Moves past `text` if it comes next.
    pub(super) fn take_text(&mut self, text: &str) -> bool {
        let is_next = self.rest().starts_with(text);
        if is_next {
            self.skip(text.len());
        }
        is_next
    }

    /// Makes an error about the piece from `start` to the current place.
    pub(super) fn error<T>(&self, start: usize, cause: impl FnOnce(String) -> Cause) -> Step<T> {
        let piece = self.source[start..self.position].to_owned();
        Err(PatternError { offset: start, cause: cause(piece) })
    }

    /// Writes something that can be repeated.
    pub(super) fn atom(&mut self, text: &str) {
        self.output.push_str(text);
        self.group.before = Before::Atom(1);
    }

    pub(super) fn literal(&mut self, character: char) {
        let text = spell(character);
        self.atom(&text);
    }
}

/// Groups and flags.
impl Translator<'_> {
    fn open_group(&mut self) -> Step {
        let start = self.position;
        self.skip(1);
        if !self.take_text("?") {
            self.enter(start);
            return Ok(());
        }
        if self.take_text("P<") || self.take_text("<") {
            return self.named_group(start);
        }
        self.flag_group(start)
    }

    /// Begins a group without capture; captures are never asked for.
    fn enter(&mut self, offset: usize) {
        self.outer.push(self.group);
        self.group = Group { offset, before: Before::Nothing, repeats: 1, ..self.group };
        self.output.push_str("(?:");
    }

    fn named_group(&mut self, start: usize) -> Step {
        let Some(length) = self.rest().find('>') else {
            return self.error(start, Cause::InvalidGroup);
        };
        let name = &self.rest()[..length];
        let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
        let is_name = !name.is_empty() && name.bytes().all(is_word);
        self.skip(length + 1);
        if !is_name {
            return self.error(start, Cause::InvalidGroup);
        }
        self.enter(start);
        Ok(())
    }

    fn flag_group(&mut self, start: usize) -> Step {
        let mut flags = self.group.flags;
        let (mut is_on, mut is_flag_missing) = (true, false);
        loop {
            match self.take() {
                Some('-') if is_on => (is_on, is_flag_missing) = (false, true),
                Some(end @ (':' | ')')) if !is_flag_missing => {
                    self.apply_flags(start, flags, end == ':');
                    return Ok(());
                }
                Some(letter) if flags.set(letter, is_on).is_some() => is_flag_missing = false,
                _ => return self.error(start, Cause::InvalidGroup),
            }
        }
    }

    fn apply_flags(&mut self, start: usize, flags: Flags, is_group: bool) {
        if is_group {
            self.enter(start);
        }
        self.group.flags = flags;
        self.group.before = Before::Nothing;
        let _ = write!(self.output, "(?{})", flags.spell());
    }

    fn close_group(&mut self) -> Step {
        let start = self.position;
        self.skip(1);
        let Some(outer) = self.outer.pop() else {
            return self.error(start, |_| Cause::UnexpectedParenthesis);
        };
        self.output.push(')');
        let repeats = self.group.repeats;
        self.group =
            Group { before: Before::Atom(repeats), repeats: repeats.max(outer.repeats), ..outer };
        Ok(())
    }
}

/// Repetitions.
impl Translator<'_> {
    /// Reads `{n}`, `{n,}` or `{n,m}`; any other brace is a literal.
    fn counted_repeat(&mut self) -> Step {
        let Some(length) = self.rest().find('}') else {
            self.skip(1);
            self.literal('{');
            return Ok(());
        };
        let inner = &self.rest()[1..length];
        let (lower, upper) = inner.split_once(',').map_or((inner, None), |(a, b)| (a, Some(b)));
        if !is_count(lower) || upper.is_some_and(|upper| !upper.is_empty() && !is_count(upper)) {
            self.skip(1);
            self.literal('{');
            return Ok(());
        }
        let lower = lower.parse().unwrap_or(u32::MAX);
        let upper = match upper {
            None => Some(lower),
            Some("") => None,
            Some(upper) => Some(upper.parse().unwrap_or(u32::MAX)),
        };
        let largest = upper.unwrap_or(lower);
        if lower > MAX_REPEAT || largest > MAX_REPEAT || lower > largest {
            let start = self.position;
            self.skip(length + 1);
            return self.error(start, Cause::InvalidRepeat);
        }
        let text = match upper {
            None => format!("{{{lower},}}"),
            Some(upper) => format!("{{{lower},{upper}}}"),
        };
        self.repeat(length + 1, &text, largest.max(1))
    }

    /// Writes the repetition that is `length` bytes long, with the `?` behind it if there is one.
    fn repeat(&mut self, length: usize, text: &str, count: u32) -> Step {
        let start = self.position;
        self.skip(length);
        let is_lazy = self.take_text("?");
        let inside = match self.group.before {
            Before::Atom(inside) => inside,
            Before::Nothing => return self.error(start, Cause::NothingToRepeat),
            Before::Repeat => return self.error(start, Cause::NestedRepeat),
        };
        let product = inside.saturating_mul(count);
        if count > 1 && product > MAX_REPEAT {
            return self.error(start, Cause::InvalidRepeat);
        }
        self.output.push_str(text);
        self.output.push_str(if is_lazy { "?" } else { "" });
        self.group.before = Before::Repeat;
        self.group.repeats = self.group.repeats.max(product);
        Ok(())
    }
}

/// Tells whether `text` is a count: digits without a leading zero.
fn is_count(text: &str) -> bool {
    let is_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    is_digits && (text == "0" || !text.starts_with('0'))
}
