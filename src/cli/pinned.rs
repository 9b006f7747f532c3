//! Keeps a change of an encrypted file within its creation rule (`design.md` §4.3, §4.4).

use std::path::Path;

use super::context::{self, Context};
use super::report::{self, CommandError};
use crate::config::{ConfigError, CreationRule, Loaded, Place};
use crate::document;
use crate::format::Format;
use crate::metadata::Selector;
use crate::operations::{self, EncryptedFile, ExposedValues};

/// A value would stand in clear although the creation rule says that it is secret.
#[derive(Debug, thiserror::Error)]
#[error(
    "{file}: {value} would stand in clear by the file's {file_selector}; by the creation rule in {place} of the config file ({rule_selector}) it is secret"
)]
pub(super) struct InClear {
    file: String,
    value: document::Place,
    place: Place,
    rule_selector: String,
    file_selector: String,
}

/// The rule of a file that is changed, and the file as it was.
pub(super) struct Pinned<'p> {
    name: String,
    old: &'p [u8],
    format: Format,
    rule: Option<CreationRule>,
    is_strict: bool,
}

impl<'p> Pinned<'p> {
    /// Finds the rule.
    pub(super) fn new(
        file: &Path,
        old: &'p [u8],
        format: Format,
        loaded: &Loaded,
        explicit: Option<&Path>,
        context: &Context<'_>,
    ) -> Self {
        let search = context.search(explicit, Some(file));
        let found = loaded.config.as_ref().map(|config| config.creation_rule(&search, file));
        let rule = match found {
            Some(Ok(rule)) => rule,
            None | Some(Err(ConfigError::NoMatchingRule { .. })) => None,
            Some(Err(error)) => {
                report::warn(&report::with_causes(&error));
                None
            }
        };
        let name = context::name(Some(file));
        Self { name, old, format, rule, is_strict: context.is_strict() }
    }

    /// Warns of keys of the file that the rule does not name: they can read what is written.
    pub(super) fn warn_of_keys(&self) {
        let Some(rule) = &self.rule else { return };
        let Ok(file) = EncryptedFile::parse(self.old, self.format) else { return };
        let names = operations::keys_not_in_rule(&file, rule);
        if !names.is_empty() {
            report::warn(&format!(
                "{}: the creation rule in {} of the config file does not name these keys of the file, which can read what is written: {}",
                self.name,
                rule.place,
                names.join(", ")
            ));
        }
    }

    /// Tells whether a value of the file can be in clear against the rule.
    pub(super) fn has_clear_values(&self) -> bool {
        self.rule.is_some() && self.format != Format::Binary
    }

    /// Checks the changed file before it is written.
    pub(super) fn check(&self, new: &[u8], format: Format) -> Result<(), CommandError> {
        let Some(rule) = self.rule.as_ref().filter(|_| self.has_clear_values()) else {
            return Ok(());
        };
        let refused = |error| CommandError::Decrypt { file: self.name.clone(), error };
        let old = EncryptedFile::parse(self.old, self.format).map_err(refused)?;
        let new = EncryptedFile::parse(new, format).map_err(refused)?;
        let values = operations::exposed_values(&old, &new, rule).map_err(refused)?;
        let rule_selector = describe(&rule.effective_selector());
        let file_selector = describe(&new.metadata().selector);
        self.judge(values, rule.place, &rule_selector, &file_selector)
    }

    fn judge(
        &self,
        values: ExposedValues,
        place: Place,
        rule: &str,
        file: &str,
    ) -> Result<(), CommandError> {
        if let Some(first) = values.old.first() {
            report::warn(&format!(
                "{}: {} in clear by the file's {file}, which the creation rule in {place} of the config file ({rule}) encrypts; the first: {first}",
                self.name,
                counted(values.old.len()),
            ));
        }
        let Some(value) = values.new.into_iter().next() else { return Ok(()) };
        let (rule_selector, file_selector) = (rule.to_owned(), file.to_owned());
        let error = InClear { file: self.name.clone(), value, place, rule_selector, file_selector };
        if self.is_strict {
            return Err(error.into());
        }
        report::warn(&error.to_string());
        Ok(())
    }
}

fn describe(selector: &Selector) -> String {
    format!("{} {:?}", selector.kind().as_str(), selector.text())
}

fn counted(number: usize) -> String {
    if number == 1 { "one value stands".to_owned() } else { format!("{number} values stand") }
}
