//! Why a rule is in force for a file and the others are not.

use super::Place;
use super::creation_rule::WrittenRule;
use crate::pattern::{Pattern, PatternError, Shape};

/// What the rules of a configuration make of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// What the regular expressions are matched against.
    pub target: String,
    /// The rules, in their order.
    pub rules: Vec<ExplainedRule>,
}

/// One rule with its part in the decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExplainedRule {
    /// Where the rule stands.
    pub place: Place,
    /// The regular expression; nothing for a rule that matches every path.
    pub path_regex: Option<String>,
    /// What became of the rule.
    pub state: RuleState,
}

/// What became of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RuleState {
    /// The expression is not found in the path.
    NoMatch,
    /// The first rule that matches.
    InForce,
    /// The expression is none, so that nobody can tell which rule is meant.
    Invalid(PatternError),
    /// A rule above is in force or cannot be read. This one would match or not, or cannot be read.
    Later(Result<bool, PatternError>),
}

/// Why a rule can never be in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shadow {
    /// Number of the rule above that takes its files, from 1.
    pub rule: usize,
    /// How that one does it.
    pub reason: ShadowReason,
}

/// How a rule keeps the rules below it from ever being in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ShadowReason {
    /// It matches every path.
    MatchesEverything,
    /// It has the same regular expression.
    SameRegex,
    /// It matches whatever the one below matches.
    Covers,
    /// Its regular expression is none, which stops the search.
    Invalid,
}

/// Matches every rule against a path. The first that matches, or cannot be read, decides.
pub(super) fn explain(rules: &[WrittenRule], target: String) -> Explanation {
    let mut is_decided = false;
    let explained = rules.iter().map(|rule| {
        let is_match = rule.matches(&target).map_err(Clone::clone);
        let state = match is_match {
            is_match if is_decided => RuleState::Later(is_match),
            Ok(false) => RuleState::NoMatch,
            Ok(true) => RuleState::InForce,
            Err(error) => RuleState::Invalid(error),
        };
        is_decided = !matches!(state, RuleState::NoMatch);
        let path_regex = Some(rule.path_regex()).filter(|text| !text.is_empty());
        ExplainedRule { place: rule.place(), path_regex: path_regex.map(str::to_owned), state }
    });
    let rules = explained.collect();
    Explanation { target, rules }
}

/// Finds the rules that can never be in force.
pub(super) fn shadows(rules: &[WrittenRule]) -> Vec<Option<Shadow>> {
    let forms: Vec<Form<'_>> = rules.iter().map(Form::of).collect();
    let shadow = |(number, form): (usize, &Form<'_>)| {
        let above = forms[..number].iter().zip(1..);
        let mut found = above
            .filter_map(|(above, rule)| above.shadows(form).map(|reason| Shadow { rule, reason }));
        found.next()
    };
    forms.iter().enumerate().map(shadow).collect()
}

/// What a rule matches, as far as that can be told.
struct Form<'r> {
    text: &'r str,
    is_valid: bool,
    shape: Option<Shape>,
}

impl<'r> Form<'r> {
    fn of(rule: &'r WrittenRule) -> Self {
        let pattern = rule.pattern();
        let shape = pattern.ok().flatten().and_then(Pattern::shape);
        Self { text: rule.path_regex(), is_valid: pattern.is_ok(), shape }
    }

    /// Tells how this rule shadows one below it, if that is certain.
    fn shadows(&self, below: &Self) -> Option<ShadowReason> {
        if !self.is_valid {
            return Some(ShadowReason::Invalid);
        }
        let shape = self.shape.as_ref();
        if self.text.is_empty() || shape.is_some_and(Shape::matches_everything) {
            return Some(ShadowReason::MatchesEverything);
        }
        if self.text == below.text {
            return Some(ShadowReason::SameRegex);
        }
        let covers =
            shape.zip(below.shape.as_ref()).is_some_and(|(this, below)| this.covers(below));
        covers.then_some(ShadowReason::Covers)
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::tests::{parse, search};
    use super::*;

    fn config(source: &str) -> super::super::Config {
        parse(source).0.unwrap()
    }

    fn states(source: &str, target: &str) -> Vec<&'static str> {
        let explanation = config(source).explain(&search(), Path::new(target)).unwrap();
        let state = |rule: ExplainedRule| match rule.state {
            RuleState::NoMatch => "no",
            RuleState::InForce => "in force",
            RuleState::Invalid(_) => "invalid",
            RuleState::Later(Ok(true)) => "later yes",
            RuleState::Later(Ok(false)) => "later no",
            RuleState::Later(Err(_)) => "later invalid",
        };
        explanation.rules.into_iter().map(state).collect()
    }

    const RULES: &str = "creation_rules:
        - {path_regex: ^a, age: a}
        - {path_regex: b, age: a}
        - {path_regex: 'c(', age: a}
        - {path_regex: '', age: a}
        - {path_regex: ^b, age: a}
";

    #[test]
    fn first_match_is_in_force_and_an_invalid_rule_stops_the_search() {
        let rows: [(&str, &[&str]); 3] = [
            ("ab", &["in force", "later yes", "later invalid", "later yes", "later no"]),
            ("b", &["no", "in force", "later invalid", "later yes", "later yes"]),
            ("x", &["no", "no", "invalid", "later yes", "later no"]),
        ];
        for (target, expected) in rows {
            assert_eq!(states(RULES, target), expected, "{target}");
        }
        assert_eq!(states("creation_rules: []", "x"), [""; 0]);
        let none = config("stores: {}");
        assert_eq!((none.explain(&search(), Path::new("x")), none.shadows()), (None, vec![]));
    }

    #[test]
    fn explanation_and_choice_agree() {
        let config = config(RULES);
        for target in ["ab", "b", "xb", "x", "c", "a/b"] {
            let target = Path::new(target);
            let explanation = config.explain(&search(), target).unwrap();
            let in_force = explanation.rules.iter().find(|it| it.state == RuleState::InForce);
            let chosen = config.creation_rule(&search(), target).ok().flatten();
            assert_eq!(in_force.map(|it| it.place), chosen.map(|it| it.place), "{target:?}");
        }
    }

    type Row = (&'static [&'static str], &'static [Option<(usize, ShadowReason)>]);

    #[test]
    fn rules_that_can_never_be_in_force_are_found() {
        use ShadowReason::{Covers, Invalid, MatchesEverything, SameRegex};
        let rows: [Row; 6] = [
            (&["", "a", ""], &[None, Some((1, MatchesEverything)), Some((1, MatchesEverything))]),
            (&["a", ".*", "b"], &[None, None, Some((2, MatchesEverything))]),
            (&["^a$", "b", "^a$"], &[None, None, Some((1, SameRegex))]),
            (&["secrets/", "^secrets/prod/"], &[None, Some((1, Covers))]),
            (&["^secrets/prod/", "secrets/", "b"], &[None, None, None]),
            (&["a", "(", "b", "a"], &[None, None, Some((2, Invalid)), Some((1, SameRegex))]),
        ];
        for (rules, expected) in rows {
            let rule = |text: &&str| format!("  - {{path_regex: '{text}', age: a}}\n");
            let rules: String = rules.iter().map(rule).collect();
            let found = config(&format!("creation_rules:\n{rules}")).shadows();
            let found: Vec<_> = found.iter().map(|it| it.map(|it| (it.rule, it.reason))).collect();
            assert_eq!(found, expected, "{rules}");
        }
    }
}
