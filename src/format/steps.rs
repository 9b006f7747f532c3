use std::fmt;

use crate::tree::Step;

/// The steps that lead to a place in a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Steps(pub Vec<Step>);

impl fmt::Display for Steps {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return formatter.write_str("the top level");
        }
        self.0.iter().try_for_each(|step| write!(formatter, "{step}"))
    }
}

/// The reasons why a step of an index path cannot be made, whatever it is made for.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum StepError {
    /// A comment stands at an index: it counts, as in the reference, but is no value.
    #[error(
        "component [{index}] is a comment in the list at {place}; {}",
        next.map_or("no value follows".to_owned(), |next| format!("the next value is [{next}]"))
    )]
    Comment {
        /// The index.
        index: usize,
        /// Where the list stands.
        place: Steps,
        /// The index of the next value, if there is one.
        next: Option<usize>,
    },
    /// A step does not fit what it stands at.
    #[error("component {step} does not fit: {found} stands at {place}")]
    WrongKind {
        /// The step.
        step: Step,
        /// Where it stands.
        place: Steps,
        /// What is there.
        found: &'static str,
    },
}
