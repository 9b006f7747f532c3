//! Regular expressions with the meaning that RE2 gives them.
//!
//! Owns the translation from RE2 syntax, as Go's `regexp` reads it, to the syntax of the `regex`
//! crate. The two look alike but differ: here `\d`, `\w`, `\s` and `\b` are ASCII, `\Q…\E` quotes,
//! `[[]`, `[a&&b]` and `a{` hold literals, and `a**` or `\u0041` are errors. Each token is read by
//! RE2's rules and written in a form that the crate cannot read in another way.

mod escape;
mod shape;
mod translator;

pub use shape::Shape;

use regex::Regex;

use translator::Translator;

/// A compiled regular expression in RE2 syntax: unanchored, case-sensitive.
#[derive(Clone, Debug)]
pub struct Pattern {
    source: String,
    regex: Regex,
}

/// The reason why a text is no regular expression, with its place.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
#[error("{cause} at byte {offset} of the regular expression")]
pub struct PatternError {
    /// The byte of the pattern where the offending piece begins.
    pub offset: usize,
    /// What is wrong there.
    pub cause: Cause,
}

/// What can be wrong with a regular expression.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub enum Cause {
    /// A backslash is followed by something that has no meaning.
    #[error("invalid escape sequence `{0}`")]
    InvalidEscape(String),
    /// The pattern ends in a lone backslash.
    #[error("trailing backslash")]
    TrailingBackslash,
    /// A class has no closing bracket.
    #[error("missing closing bracket of a class")]
    UnclosedClass,
    /// A class holds a range that runs backwards, or a name that does not exist.
    #[error("invalid class or range `{0}`")]
    InvalidClass(String),
    /// A group has no closing parenthesis.
    #[error("missing closing parenthesis")]
    UnclosedGroup,
    /// A closing parenthesis has no group.
    #[error("unexpected closing parenthesis")]
    UnexpectedParenthesis,
    /// `(?` is followed by something else than flags, `:` or a name in angle brackets.
    #[error("invalid or unsupported group `{0}`")]
    InvalidGroup(String),
    /// A repetition has nothing to repeat.
    #[error("nothing to repeat before `{0}`")]
    NothingToRepeat(String),
    /// A repetition follows a repetition.
    #[error("repetition of a repetition by `{0}`")]
    NestedRepeat(String),
    /// A count is too large, or the lower one is above the upper one.
    #[error("invalid repeat count `{0}`")]
    InvalidRepeat(String),
    /// The pattern is too large or too deeply nested for the engine.
    #[error("pattern too large or too deeply nested")]
    TooLarge,
}

impl Pattern {
    /// Compiles a regular expression.
    ///
    /// # Errors
    /// RE2 refuses the text, or its meaning there cannot be kept.
    pub fn new(source: &str) -> Result<Self, PatternError> {
        let translated = Translator::new(source).run()?;
        let too_large = |_| PatternError { offset: 0, cause: Cause::TooLarge };
        let regex = Regex::new(&translated).map_err(too_large)?;
        Ok(Self { source: source.to_owned(), regex })
    }

    /// Tells whether the expression matches anywhere in `text`.
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }

    /// Returns the expression as it was given.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.source
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pattern, text, whether it matches; all as Go's `regexp` answers.
    const MEANINGS: &[(&str, &str, bool)] = &[
        ("", "", true),
        ("b", "abc", true),
        ("B", "abc", false),
        (r"^\w+$", "password", true),
        (r"^\w+$", "пароль", false),
        (r"^[\w]+$", "пароль", false),
        (r"^\W+$", "пароль", true),
        (r"^[^\W]+$", "пароль", false),
        (r"^\pL+$", "пароль", true),
        (r"^\p{Cyrillic}+$", "пароль", true),
        (r"^\p{^greek}+$", "пароль", true),
        (r"^\P{^Greek}+$", "пароль", false),
        (r"^\p{Letter}\pN$", "a٣", true),
        (r"^\d$", "٣", false),
        (r"^\D$", "٣", true),
        (r"^\s$", "\u{a0}", false),
        (r"^\s$", "\u{b}", false),
        (r"^[\s]$", "\u{c}", true),
        (r"\bключ", "мойключ", false),
        (r"\bkey\b", "ключ-key-ключ", true),
        (r"\bkey\b", "ключkeyключ", true),
        (r"a\Bé", "aé", false),
        (r"é\Bü", "éü", true),
        (r"^\B$", "a", false),
        (r"\B", "aéb", false),
        (r"\PL+?|\B", "x😀y", true),
        (r"(?i)ПАРОЛЬ", "пароль", true),
        (r"(?i)k", "\u{212a}", true),
        (r"^(?i)\w$", "\u{212a}", true),
        (r"(?i-i)A", "a", false),
        (r"(?i:a)b", "AB", false),
        (r"(a(?i)b|c)D", "CD", true),
        ("^a.b$", "a\nb", false),
        ("(?s)^a.b$", "a\nb", true),
        ("^a[^x]b$", "a\nb", true),
        ("a$", "a\n", false),
        ("(?m)a$", "a\n", true),
        ("(?m)^b", "a\nb", true),
        (r"\Aa\z", "a", true),
        (r"\A\Qa.b*\E$", "a.b*", true),
        (r"^\Qa.b*", "axbb", false),
        (r"^\Qab\E+$", "abbb", true),
        ("^[[]$", "[", true),
        ("^[[a]$", "a", true),
        ("^[a&&b]$", "&", true),
        ("^[,--b]$", "b", true),
        ("^[+--]$", ",", true),
        ("^[a~~b]$", "~", true),
        ("^[]a]$", "]", true),
        ("^[^]a]$", "]", false),
        ("^[a-]$", "-", true),
        ("^[[:alpha:]-]+$", "a-", true),
        ("^[[:^alpha:]]$", "é", true),
        ("^[:alpha:]$", ":", true),
        ("^a{$", "a{", true),
        ("^a{,2}$", "a{,2}", true),
        ("^{$", "{", true),
        ("^a{2}$", "aa", true),
        ("^a{02}$", "a{02}", true),
        ("^a{2,}?$", "aaaa", true),
        ("^(?:^a)*b$", "b", true),
        ("(?U)^a+?b*$", "aab", true),
        ("(?P<n>a)(?<m>b)", "ab", true),
        (r"^\x41\x{42}\103\0$", "ABC\0", true),
        (r"^\_\-\<\/$", "_-</", true),
        (r"\b{start}", "a{start}", true),
        ("# a", "# a", true),
        (r"(?s)^\pZ\p{Han}", " 漢", true),
    ];

    #[test]
    fn patterns_mean_what_they_mean_in_re2() {
        for (pattern, text, expected) in MEANINGS {
            let found = Pattern::new(pattern).map(|pattern| pattern.is_match(text));
            assert_eq!(found, Ok(*expected), "{pattern:?} on {text:?}");
        }
    }

    #[test]
    fn what_re2_does_not_know_is_refused() {
        let rows = [
            ("(", 0, "missing closing parenthesis"),
            ("a(b(c)", 1, "missing closing parenthesis"),
            ("ab)", 2, "unexpected closing parenthesis"),
            ("a[b", 1, "missing closing bracket of a class"),
            ("[]", 0, "missing closing bracket of a class"),
            ("[a-", 0, "missing closing bracket of a class"),
            ("[a--b]", 1, "invalid class or range `a--`"),
            ("[z-a]", 1, "invalid class or range `z-a`"),
            ("[[:no:]]", 1, "invalid class or range `[:no:]`"),
            (r"[a-\d]", 3, r"invalid escape sequence `\d`"),
            (r"[\b]", 1, r"invalid escape sequence `\b`"),
            ("a**", 2, "repetition of a repetition by `*`"),
            ("a{2}{3}", 4, "repetition of a repetition by `{3}`"),
            ("a|*", 2, "nothing to repeat before `*`"),
            ("(?i)+?", 4, "nothing to repeat before `+?`"),
            ("a{2,1}", 1, "invalid repeat count `{2,1}`"),
            ("a{1001}", 1, "invalid repeat count `{1001}`"),
            ("(a{100}){11}", 8, "invalid repeat count `{11}`"),
            ("é(?=a)", 2, "invalid or unsupported group `(?=`"),
            ("(?<!a)", 0, "invalid or unsupported group `(?<`"),
            ("(?x)a", 0, "invalid or unsupported group `(?x`"),
            ("(?R)", 0, "invalid or unsupported group `(?R`"),
            ("(?i-)a", 0, "invalid or unsupported group `(?i-)`"),
            ("(?P=n)", 0, "invalid or unsupported group `(?P`"),
            (r"(a)\1", 3, r"invalid escape sequence `\1`"),
            (r"\u{41}", 0, r"invalid escape sequence `\u`"),
            (r"\x{110000}", 0, r"invalid escape sequence `\x{110000}`"),
            (r"\C", 0, r"invalid escape sequence `\C`"),
            (r"\Z", 0, r"invalid escape sequence `\Z`"),
            (r"\p{Alphabetic}", 0, r"invalid class or range `\p{Alphabetic}`"),
            (r"\p{Grek}", 0, r"invalid class or range `\p{Grek}`"),
            (r"\p{sc=Greek}", 0, r"invalid class or range `\p{sc=Greek}`"),
            (r"a\", 1, "trailing backslash"),
        ];
        for (pattern, offset, cause) in rows {
            let error = Pattern::new(pattern).map(|_| ()).unwrap_err();
            assert_eq!((error.offset, error.cause.to_string().as_str()), (offset, cause));
        }
    }

    #[test]
    fn deep_nesting_is_an_error_not_a_crash() {
        let deep = format!("{}a{}", "(".repeat(100_000), ")".repeat(100_000));
        assert_eq!(Pattern::new(&deep).unwrap_err().cause, Cause::TooLarge);
    }
}
