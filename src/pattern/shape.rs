use regex_syntax::hir::{Hir, HirKind, Look};

use super::Pattern;

/// What can be told of a regular expression by its form alone.
#[derive(Debug)]
pub struct Shape(Hir);

impl Pattern {
    /// Returns the form of the expression; nothing if it cannot be told.
    #[must_use]
    pub fn shape(&self) -> Option<Shape> {
        regex_syntax::parse(self.regex.as_str()).ok().map(Shape)
    }
}

impl Shape {
    /// Tells whether it is certain that the expression matches every text.
    #[must_use]
    pub fn matches_everything(&self) -> bool {
        let is_free = |branch: &Hir| match core(branch) {
            [] => true,
            [only] => is_look(only, Look::Start) || is_look(only, Look::End),
            _ => false,
        };
        branches(&self.0).iter().any(is_free)
    }

    /// Tells whether it is certain that the expression matches every text that `other` matches.
    ///
    /// It is never wrong to say so, but many cases are not seen: it knows expressions that match
    /// everything, and fixed texts, anchored or not, which `other` cannot do without.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        let is_covered =
            |narrow: &Hir| branches(&self.0).iter().any(|wide| needs(narrow, core(wide)));
        self.matches_everything() || branches(&other.0).iter().all(is_covered)
    }
}

/// Returns the alternatives of an expression.
fn branches(hir: &Hir) -> &[Hir] {
    match hir.kind() {
        HirKind::Alternation(branches) => branches,
        _ => std::slice::from_ref(hir),
    }
}

/// Returns what has to match one after the other.
fn elements(hir: &Hir) -> &[Hir] {
    match hir.kind() {
        HirKind::Concat(elements) => elements,
        HirKind::Empty => &[],
        _ => std::slice::from_ref(hir),
    }
}

/// Returns the elements without those at both ends that can match nothing wherever they stand:
/// where the rest is found, the whole is.
fn core(hir: &Hir) -> &[Hir] {
    let mut core = elements(hir);
    while let [first, rest @ ..] = core
        && can_be_empty(first)
    {
        core = rest;
    }
    while let [rest @ .., last] = core
        && can_be_empty(last)
    {
        core = rest;
    }
    core
}

fn can_be_empty(hir: &Hir) -> bool {
    let properties = hir.properties();
    properties.minimum_len() == Some(0) && properties.look_set().is_empty()
}

fn is_look(hir: &Hir, look: Look) -> bool {
    matches!(hir.kind(), HirKind::Look(found) if *found == look)
}

fn literal(hir: &Hir) -> Option<&[u8]> {
    match hir.kind() {
        HirKind::Literal(literal) => Some(&literal.0),
        _ => None,
    }
}

/// Tells whether `hir` matches only where the fixed text `wide` does, which is nothing else than a
/// literal with or without anchors.
fn needs(hir: &Hir, wide: &[Hir]) -> bool {
    let elements = elements(hir);
    let starts = |wide: &Hir| match elements {
        [first, second, ..] if is_look(first, Look::Start) => {
            both(second, wide, <[u8]>::starts_with)
        }
        _ => false,
    };
    let ends = |wide: &Hir| match elements {
        [.., second, last] if is_look(last, Look::End) => both(second, wide, <[u8]>::ends_with),
        _ => false,
    };
    match wide {
        [text] => elements.iter().any(|element| both(element, text, contains)),
        [first, text] if is_look(first, Look::Start) => starts(text),
        [text, last] if is_look(last, Look::End) => ends(text),
        _ => false,
    }
}

fn both(narrow: &Hir, wide: &Hir, is_part: impl Fn(&[u8], &[u8]) -> bool) -> bool {
    literal(narrow).zip(literal(wide)).is_some_and(|(narrow, wide)| is_part(narrow, wide))
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    part.is_empty() || text.windows(part.len()).any(|window| window == part)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shape(source: &str) -> Shape {
        Pattern::new(source).unwrap().shape().unwrap()
    }

    #[test]
    fn expressions_that_match_everything_are_seen() {
        let everything =
            ["", ".*", "^", "$", "^.*", ".*$", "(?i)", "x*", "a|", "(?s).*", ".*|b", "(a?)b*"];
        for source in everything {
            assert!(shape(source).matches_everything(), "{source:?}");
        }
        // a path may hold a line break, which `.` does not match
        let not_certain = ["^.*$", "^$", ".+", "a", r"\b", r"\B", "(?m)^$", "^a*$", ".", "[^a]*b"];
        for source in not_certain {
            assert!(!shape(source).matches_everything(), "{source:?}");
        }
    }

    #[test]
    fn expressions_that_match_less_are_seen() {
        let rows = [
            ("", "x", true),
            (".*", "^a$", true),
            ("secrets/", "^secrets/", true),
            ("secrets/", "prod/secrets/a", true),
            ("secrets/", r"secrets/.*\.yaml$", true),
            ("^secrets/", r"^secrets/prod/.*\.yaml$", true),
            ("^secrets/.*", r"^secrets/prod/.*\.yaml$", true),
            (r"\.yaml$", r"^secrets/.*\.yaml$", true),
            (r".*\.yaml$", r"\.enc\.yaml$", true),
            ("prod|dev", "^prod/", true),
            ("prod", "^prod/|/prod$", true),
            ("^secrets/", "secrets/", false),
            ("secrets/", "secrets", false),
            ("(?i)secrets", "secrets/", false),
            ("secrets", "(?i)secrets/", false),
            ("prod", "prod|dev", false),
            ("prod", "(prod)?", false),
            ("^a$", "^a", false),
            (r"\.yaml$", r"\.yaml", false),
            (r"\.yaml", r".yaml$", false),
            (r"(?m)^a", "^a", false),
            (r"a.*b", "ab", false),
        ];
        for (wide, narrow, expected) in rows {
            assert_eq!(shape(wide).covers(&shape(narrow)), expected, "{wide:?} {narrow:?}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(3000))]
        #[test]
        fn covering_is_never_claimed_wrongly(
            wide in r"(\^|\\B|\\b)?(a|b|\.\*|ab|\(a\|b\)|a\?|\|){0,3}\$?",
            narrow in r"(\^|\\B|\(\?i\))?(a|b|\.\*|ab|\(a\|b\)|a\?|\|){0,4}\$?",
            text in "[abA\n.é]{0,5}",
        ) {
            let patterns = (Pattern::new(&wide), Pattern::new(&narrow));
            let (Ok(wide), Ok(narrow)) = patterns else { return Ok(()) };
            let (wide_shape, narrow_shape) = (wide.shape().unwrap(), narrow.shape().unwrap());
            if wide_shape.covers(&narrow_shape) && narrow.is_match(&text) {
                prop_assert!(wide.is_match(&text));
            }
            if wide_shape.matches_everything() {
                prop_assert!(wide.is_match(&text));
            }
        }
    }
}
