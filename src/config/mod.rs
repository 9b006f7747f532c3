//! The configuration file `.sops.yaml`: where it is, what it says, which rule is for which file.
//!
//! Owns the file's grammar (`spec/cli.md` §4); knows neither how keys wrap nor what is written.

mod creation_rule;
mod difference;
mod explain;
mod key_group;
mod reader;
mod search;

use std::path::{Path, PathBuf};

pub use creation_rule::{CreationRule, TriedRule};
pub use difference::Difference;
pub use explain::{ExplainedRule, Explanation, RuleState, Shadow, ShadowReason};
pub use key_group::{KeyEntry, RuleGroup};
pub use search::Search;

use crate::format::{Format, Indent, ScanErrorKind, yaml};
use crate::io::files::{self, FileError};
use crate::metadata::SelectorKind;
use crate::pattern::PatternError;
use creation_rule::WrittenRule;
use reader::Reader;

/// The reasons why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot load the config file")]
    Read(#[from] FileError),
    /// The file is not text.
    #[error("config file {} is not valid UTF-8", path.display())]
    NotText {
        /// The configuration.
        path: PathBuf,
    },
    /// The file does not say what it has to.
    #[error("config file {}, {place}: {cause}", path.display())]
    Invalid {
        /// The configuration.
        path: PathBuf,
        /// Where that shows.
        place: Place,
        /// What is wrong there.
        cause: Cause,
    },
    /// There are creation rules, and none is for the file. A wrapper reads the first five words.
    #[error("no matching creation rules found for {target} in {}{}", path.display(), Tried(tried))]
    NoMatchingRule {
        /// The configuration.
        path: PathBuf,
        /// What the rules were matched against.
        target: String,
        /// The rules in the order in which they were tried.
        tried: Vec<TriedRule>,
    },
}

/// What can be wrong at one place of a configuration.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Cause {
    /// The file is not YAML.
    #[error("{0}")]
    Syntax(ScanErrorKind),
    /// A value has another type than its key asks for.
    #[error("{key} has to be {expected}, not {found}")]
    WrongType {
        /// The key, or what stands in for it.
        key: String,
        /// What is accepted.
        expected: &'static str,
        /// What stands there.
        found: &'static str,
    },
    /// A number is outside of what its key accepts.
    #[error("{0} is out of range")]
    OutOfRange(String),
    /// A merge key has something else than mappings as its value.
    #[error("the merge key << takes a mapping or a list of mappings")]
    WrongMerge,
    /// Groups hold each other deeper than anybody writes by hand.
    #[error("key groups are nested too deeply")]
    DeepGroups,
    /// The regular expression of a rule that was reached is none.
    #[error("invalid path_regex {text:?}: {source}")]
    PathRegex {
        /// The text.
        text: String,
        /// What is wrong with it.
        source: PatternError,
    },
    /// The regular expression of a selector is none.
    #[error("invalid {} {text:?}: {source}", kind.as_str())]
    SelectorRegex {
        /// The selector.
        kind: SelectorKind,
        /// The text.
        text: String,
        /// What is wrong with it.
        source: PatternError,
    },
    /// A rule has more than one selector.
    #[error("a creation rule can have only one of {} and {}", .0.as_str(), .1.as_str())]
    TwoSelectors(SelectorKind, SelectorKind),
}

/// Something about a configuration that is worth telling and stops nothing.
#[derive(Debug, thiserror::Error)]
pub enum Warning {
    /// A file that looks like a configuration is none, for its name.
    #[error(
        "ignoring {} when searching for config file; the config file has to be named .sops.yaml",
        path.display()
    )]
    IgnoredFile {
        /// The file.
        path: PathBuf,
    },
    /// A key means nothing here.
    #[error("config file {}, {place}: unknown key {key:?}", path.display())]
    UnknownKey {
        /// The configuration.
        path: PathBuf,
        /// Where the key stands.
        place: Place,
        /// The key.
        key: String,
    },
    /// New lines of YAML cannot be indented like this.
    #[error(
        "config file {}, {place}: the indent of YAML must not be negative: {indent}; using the default",
        path.display()
    )]
    NegativeIndent {
        /// The configuration.
        path: PathBuf,
        /// Where the number stands.
        place: Place,
        /// The number.
        indent: i64,
    },
    /// The configuration cannot be used, and is not needed for more than the indent.
    #[error("ignoring the config file")]
    Unusable(#[source] ConfigError),
}

/// A place in a configuration.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Line, from 1.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
}

impl std::fmt::Display for Place {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "line {}, column {}", self.line, self.column)
    }
}

/// Writes the rules that were tried behind the message that none matches.
struct Tried<'a>(&'a [TriedRule]);

impl std::fmt::Display for Tried<'_> {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (number, TriedRule { place, path_regex }) in self.0.iter().enumerate() {
            let separator = if number == 0 { " (tried" } else { "," };
            // its backslashes as they are written; a control character could fool a terminal
            let text = path_regex.replace(char::is_control, "?");
            write!(formatter, "{separator} line {}: \"{text}\"", place.line)?;
        }
        formatter.write_str(if self.0.is_empty() { " (it has no rules)" } else { ")" })
    }
}

/// How output is indented; the numbers as they are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stores {
    /// `stores.yaml.indent`
    pub yaml_indent: i64,
    /// `stores.json.indent`; -1 is a tab.
    pub json_indent: i64,
    /// `stores.json_binary.indent`; -1 is a tab.
    pub json_binary_indent: i64,
}

impl Default for Stores {
    fn default() -> Self {
        Self { yaml_indent: 4, json_indent: -1, json_binary_indent: -1 }
    }
}

impl Stores {
    /// Returns the indent of new lines of a format, as it is written.
    #[must_use]
    pub fn indent(self, format: Format) -> i64 {
        match format {
            Format::Json => self.json_indent,
            Format::Binary => self.json_binary_indent,
            Format::Yaml | Format::Dotenv | Format::Ini => self.yaml_indent,
        }
    }
}

/// By how many blanks a level of JSON can be indented: more is a mistake that would fill the disk.
pub const MAX_JSON_INDENT: i64 = 1000;

/// Returns how far lines of a format are indented by an indent as it is written; nothing if no text
/// of the format can have it.
#[must_use]
pub fn indent(format: Format, setting: i64) -> Option<Indent> {
    let is_json = matches!(format, Format::Json | Format::Binary);
    match setting {
        _ if matches!(format, Format::Dotenv | Format::Ini) => Some(Indent::Default),
        -1 if is_json => Some(Indent::Default),
        0 if !is_json => Some(Indent::Default),
        _ if is_json && setting > MAX_JSON_INDENT => None,
        _ => usize::try_from(setting).ok().map(Indent::Blanks),
    }
}

/// A configuration that was read.
#[derive(Debug)]
pub struct Config {
    path: PathBuf,
    /// The folder of the file, absolute, which rules do not see.
    folder: PathBuf,
    stores: Stores,
    /// Where the indent of YAML stands, if it is there.
    yaml_indent_place: Option<Place>,
    /// Nothing where the file has no `creation_rules` at all.
    rules: Option<Vec<WrittenRule>>,
}

/// The configuration that is in force, with what is worth telling about it.
#[derive(Debug, Default)]
pub struct Loaded {
    /// The configuration, if there is one.
    pub config: Option<Config>,
    /// What to tell the user.
    pub warnings: Vec<Warning>,
}

impl Loaded {
    /// Returns the indents that are in force.
    #[must_use]
    pub fn stores(&self) -> Stores {
        self.config.as_ref().map_or_else(Stores::default, Config::stores)
    }
}

/// Finds and reads the configuration for a command that needs its rules.
///
/// # Errors
/// There is a configuration and it cannot be used.
pub fn load(search: &Search<'_>) -> Result<Loaded, ConfigError> {
    let (path, mut warnings) = search.find();
    let config = path.map(|path| Config::read(&path, search, &mut warnings)).transpose()?;
    Ok(Loaded { config, warnings })
}

/// Finds and reads the configuration for a command that can do without: what is wrong with it is
/// a warning.
#[must_use]
pub fn load_or_warn(search: &Search<'_>) -> Loaded {
    let (path, mut warnings) = search.find();
    let read = path.map(|path| Config::read(&path, search, &mut warnings)).transpose();
    let config = read.unwrap_or_else(|error| {
        warnings.push(Warning::Unusable(error));
        None
    });
    let config = config.map(|config| config.without_negative_indent(&mut warnings));
    Loaded { config, warnings }
}

impl Config {
    /// Reads the configuration at `path`, as it was found or given.
    ///
    /// # Errors
    /// The file cannot be used.
    pub fn read(
        path: &Path,
        search: &Search<'_>,
        warnings: &mut Vec<Warning>,
    ) -> Result<Self, ConfigError> {
        let bytes = files::read(path)?;
        let not_text = |_| ConfigError::NotText { path: path.to_owned() };
        let source = String::from_utf8(bytes).map_err(not_text)?;
        let absolute = search.absolute(path);
        let folder = absolute.parent().unwrap_or(&absolute);
        Self::parse(path, folder, &source, warnings)
    }

    /// Reads the text of the configuration at `path`, which lies in the absolute `folder`.
    ///
    /// # Errors
    /// The text cannot be used.
    pub fn parse(
        path: &Path,
        folder: &Path,
        source: &str,
        warnings: &mut Vec<Warning>,
    ) -> Result<Self, ConfigError> {
        let root = yaml::parse(source).map_err(|error| ConfigError::Invalid {
            path: path.to_owned(),
            place: Place { line: error.line, column: error.column },
            cause: Cause::Syntax(error.kind),
        })?;
        let mut reader = Reader::new(path, source, warnings);
        let (mut stores, mut yaml_indent_place, mut rules) = (Stores::default(), None, None);
        for item in reader.mapping("the config file", &root)? {
            match item.key {
                "stores" => {
                    (stores, yaml_indent_place) = read_stores(&mut reader, item.node)?;
                }
                "creation_rules" => rules = creation_rule::read_all(&mut reader, item.node)?,
                "destination_rules" => {}
                key if is_misspelt(key) => reader.unknown(&item),
                // other keys are where people keep their anchors
                _ => {}
            }
        }
        let (path, folder) = (path.to_owned(), folder.to_owned());
        Ok(Self { path, folder, stores, yaml_indent_place, rules })
    }

    /// Puts the default in place of an indent that no text can have.
    fn without_negative_indent(mut self, warnings: &mut Vec<Warning>) -> Self {
        let indent = self.stores.yaml_indent;
        if let Some(place) = self.yaml_indent_place.filter(|_| indent < 0) {
            warnings.push(Warning::NegativeIndent { path: self.path.clone(), place, indent });
            self.stores.yaml_indent = Stores::default().yaml_indent;
        }
        self
    }

    /// Returns the path of the file, as it was found or given.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Returns how output is indented.
    #[must_use]
    pub fn stores(&self) -> Stores {
        self.stores
    }

    /// Returns the first creation rule for a file, whose path is absolute or relative to the
    /// working folder of `search`; nothing if the configuration has no list of rules.
    ///
    /// # Errors
    /// No rule matches, or one that is reached is not right.
    pub fn creation_rule(
        &self,
        search: &Search<'_>,
        target: &Path,
    ) -> Result<Option<CreationRule>, ConfigError> {
        let Some(rules) = &self.rules else {
            return Ok(None);
        };
        let target = search::match_text(&self.folder, &search.absolute(target));
        creation_rule::choose(&self.path, rules, target).map(Some)
    }

    /// Tells of every rule why it is in force for a file, or why not; nothing if the configuration
    /// has no list of rules. The path is that of [`Self::creation_rule`], which chooses in the
    /// same way.
    #[must_use]
    pub fn explain(&self, search: &Search<'_>, target: &Path) -> Option<Explanation> {
        let rules = self.rules.as_ref()?;
        let target = search::match_text(&self.folder, &search.absolute(target));
        Some(explain::explain(rules, target))
    }

    /// Finds the rules that can never be in force, whatever the path: one entry for each rule, in
    /// their order.
    #[must_use]
    pub fn shadows(&self) -> Vec<Option<Shadow>> {
        explain::shadows(self.rules.as_deref().unwrap_or_default())
    }
}

/// Tells whether an unknown key at the top looks like a known one.
fn is_misspelt(key: &str) -> bool {
    let bare = key.replace(['_', '-', ' '], "").to_ascii_lowercase();
    ["creationrule", "destinationrule", "store"].contains(&bare.trim_end_matches('s'))
}

/// Reads the indents, and where that of YAML stands.
fn read_stores(
    reader: &mut Reader<'_>,
    node: &yaml::Node,
) -> Result<(Stores, Option<Place>), ConfigError> {
    let mut stores = Stores::default();
    let mut yaml_indent_place = None;
    for store in reader.mapping("stores", node)? {
        let indent = match store.key {
            "yaml" => Some(&mut stores.yaml_indent),
            "json" => Some(&mut stores.json_indent),
            "json_binary" => Some(&mut stores.json_binary_indent),
            "dotenv" | "ini" => None,
            _ => {
                reader.unknown(&store);
                continue;
            }
        };
        let place = read_store(reader, &store, indent)?;
        if store.key == "yaml" {
            yaml_indent_place = place;
        }
    }
    Ok((stores, yaml_indent_place))
}

/// Reads the indent of one format, and where it stands.
fn read_store(
    reader: &mut Reader<'_>,
    store: &reader::Item<'_>,
    mut indent: Option<&mut i64>,
) -> Result<Option<Place>, ConfigError> {
    let mut place = None;
    for item in reader.mapping(store.key, store.node)? {
        match (item.key, indent.as_deref_mut()) {
            ("indent", Some(indent)) => {
                *indent = reader.integer("indent", item.node)?.unwrap_or(*indent);
                place = Some(reader.place(item.node.offset));
            }
            _ => reader.unknown(&item),
        }
    }
    Ok(place)
}

#[cfg(test)]
mod tests;
