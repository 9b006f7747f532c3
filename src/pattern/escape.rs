use super::Cause;
use super::translator::{Step, Translator};

/// What `\d`, `\s` and `\w` stand for, as the inside of a class.
const DIGITS: &str = "0-9";
const BLANKS: &str = r"\t\n\x0C\r\x20";
const WORDS: &str = "0-9A-Za-z_";

/// What `\B` is written as.
pub(super) const NOT_BOUNDARY: &str = r"(?-u:\B)";

/// The names of POSIX classes, written `[:name:]` inside a class.
const POSIX_CLASSES: [&str; 14] = [
    "alnum", "alpha", "ascii", "blank", "cntrl", "digit", "graph", "lower", "print", "punct",
    "space", "upper", "word", "xdigit",
];

/// Scripts whose full name is as short as a script code; codes are no names in RE2.
const SHORT_SCRIPTS: [&str; 15] = [
    "ahom", "cham", "han", "kawi", "lao", "lisu", "miao", "modi", "mro", "newa", "nko", "thai",
    "toto", "vai", "yi",
];

/// Escapes and classes.
impl Translator<'_> {
    pub(super) fn escape(&mut self) -> Step {
        if self.take_text(r"\Q") {
            self.quoted();
            return Ok(());
        }
        let assertion = match self.rest().get(1..2) {
            Some("A") => r"(?:\A)",
            Some("z") => r"(?:\z)",
            Some("b") => r"(?-u:\b)",
            Some("B") => NOT_BOUNDARY,
            _ => "",
        };
        if !assertion.is_empty() {
            self.skip(2);
            self.atom(assertion);
        } else if let Some(class) = self.class_escape()? {
            self.atom(&class);
        } else {
            let character = self.character_escape()?;
            self.literal(character);
        }
        Ok(())
    }

    /// Writes everything up to `\E`, or up to the end, as literals.
    fn quoted(&mut self) {
        let rest = self.rest();
        let (quoted, closing) = rest.split_once(r"\E").map_or((rest, 0), |(text, _)| (text, 2));
        quoted.chars().for_each(|character| self.literal(character));
        self.skip(quoted.len() + closing);
    }

    /// Reads `\d`, `\s`, `\w`, `\p` and their negations, if one comes next.
    fn class_escape(&mut self) -> Step<Option<String>> {
        let class = match self.rest().get(1..2) {
            Some("d") => format!("[{DIGITS}]"),
            Some("D") => format!("[^{DIGITS}]"),
            Some("s") => format!("[{BLANKS}]"),
            Some("S") => format!("[^{BLANKS}]"),
            Some("w") => format!("[{WORDS}]"),
            Some("W") => format!("[^{WORDS}]"),
            Some("p") => return self.property(false).map(Some),
            Some("P") => return self.property(true).map(Some),
            _ => return Ok(None),
        };
        self.skip(2);
        Ok(Some(class))
    }

    /// Reads `\pN` or `\p{Name}`: a general category or a script.
    fn property(&mut self, is_negated: bool) -> Step<String> {
        let start = self.position;
        self.skip(2);
        let is_braced = self.take_text("{");
        let rest = self.rest();
        let length = if is_braced { rest.find('}') } else { self.peek().map(char::len_utf8) };
        let Some(length) = length else {
            return self.error(start, Cause::InvalidClass);
        };
        let name = &rest[..length];
        self.skip(length + usize::from(is_braced));
        let bare = name.strip_prefix('^').unwrap_or(name);
        let letter = if is_negated == (bare.len() < name.len()) { 'p' } else { 'P' };
        match property_query(bare) {
            Some(query) => Ok(format!(r"\{letter}{{{query}}}")),
            None => self.error(start, Cause::InvalidClass),
        }
    }

    /// Reads an escape that stands for one character.
    fn character_escape(&mut self) -> Step<char> {
        let start = self.position;
        self.skip(1);
        let Some(letter) = self.take() else {
            return self.error(start, |_| Cause::TrailingBackslash);
        };
        let character = match letter {
            'a' => Some('\u{7}'),
            'f' => Some('\u{c}'),
            'n' => Some('\n'),
            'r' => Some('\r'),
            't' => Some('\t'),
            'v' => Some('\u{b}'),
            'x' => self.hexadecimal(),
            '0'..='7' => self.octal(letter),
            _ => (letter.is_ascii() && !letter.is_ascii_alphanumeric()).then_some(letter),
        };
        character.map_or_else(|| self.error(start, Cause::InvalidEscape), Ok)
    }

    /// Reads the rest of `\xFF` or `\x{10FFFF}`.
    fn hexadecimal(&mut self) -> Option<char> {
        let digits = if self.take_text("{") {
            let (digits, _) = self.rest().split_once('}')?;
            self.skip(digits.len() + 1);
            digits
        } else {
            let digits = self.rest().get(..2)?;
            self.skip(2);
            digits
        };
        let is_number = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_number { u32::from_str_radix(digits, 16).ok().and_then(char::from_u32) } else { None }
    }

    /// Reads the rest of an octal escape: a first digit other than 0 needs a second one, else it
    /// would be a back reference.
    fn octal(&mut self, first: char) -> Option<char> {
        let is_octal = |digit: &char| digit.is_digit(8);
        if first != '0' && !self.peek().is_some_and(|digit| is_octal(&digit)) {
            return None;
        }
        let mut code = first.to_digit(8)?;
        for _ in 0..2 {
            let Some(digit) = self.peek().and_then(|digit| digit.to_digit(8)) else { break };
            self.skip(1);
            code = code * 8 + digit;
        }
        char::from_u32(code)
    }

    pub(super) fn class(&mut self) -> Step {
        let start = self.position;
        self.skip(1);
        let mut class = String::from(if self.take_text("^") { "[^" } else { "[" });
        let mut is_first = true;
        while is_first || self.peek() != Some(']') {
            if self.peek().is_none() {
                return self.error(start, |_| Cause::UnclosedClass);
            }
            is_first = false;
            self.class_item(start, &mut class)?;
        }
        self.skip(1);
        class.push(']');
        self.atom(&class);
        Ok(())
    }

    fn class_item(&mut self, class_start: usize, class: &mut String) -> Step {
        let start = self.position;
        let item = if let Some(item) = self.posix_class()? {
            item
        } else if let Some(item) = self.class_escape_at_backslash()? {
            item
        } else {
            let lower = self.class_character(class_start)?;
            let rest = self.rest();
            let mut upper = lower;
            if rest.starts_with('-') && rest.len() > 1 && !rest.starts_with("-]") {
                self.skip(1);
                upper = self.class_character(class_start)?;
            }
            if lower > upper {
                return self.error(start, Cause::InvalidClass);
            }
            format!("{}-{}", spell(lower), spell(upper))
        };
        class.push_str(&item);
        Ok(())
    }

    fn class_escape_at_backslash(&mut self) -> Step<Option<String>> {
        if self.peek() == Some('\\') { self.class_escape() } else { Ok(None) }
    }

    /// Reads `[:name:]` or `[:^name:]`, if one comes next.
    fn posix_class(&mut self) -> Step<Option<String>> {
        let start = self.position;
        let Some((name, _)) = self.rest().strip_prefix("[:").and_then(|rest| rest.split_once(":]"))
        else {
            return Ok(None);
        };
        self.skip(name.len() + 4);
        if POSIX_CLASSES.contains(&name.strip_prefix('^').unwrap_or(name)) {
            return Ok(Some(format!("[:{name}:]")));
        }
        self.error(start, Cause::InvalidClass)
    }

    fn class_character(&mut self, class_start: usize) -> Step<char> {
        match self.peek() {
            Some('\\') => self.character_escape(),
            Some(_) => Ok(self.take().unwrap_or_default()),
            None => self.error(class_start, |_| Cause::UnclosedClass),
        }
    }
}

/// Writes one character so that it stands for itself, inside a class or not.
pub(super) fn spell(character: char) -> String {
    if character.is_ascii_alphanumeric() {
        character.to_string()
    } else {
        format!(r"\x{{{:X}}}", u32::from(character))
    }
}

/// Returns the crate's spelling of a general category or a script.
fn property_query(name: &str) -> Option<String> {
    let is_separator = |character: char| matches!(character, '_' | '-' | ' ');
    let name = name.replace(is_separator, "").to_ascii_lowercase();
    // the crate drops a leading "is", which is no part of any name
    if name.starts_with("is") || !name.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        return None;
    }
    let is_known = |query: &String| regex_syntax::parse(&format!(r"\p{{{query}}}")).is_ok();
    let is_code = name.len() <= 4 && !SHORT_SCRIPTS.contains(&name.as_str());
    let category = Some(format!("gc={name}")).filter(is_known);
    let script = || Some(format!("sc={name}")).filter(|query| !is_code && is_known(query));
    category.or_else(script)
}
