use std::path::Path;
use std::sync::OnceLock;

use super::key_group::RuleGroup;
use super::reader::{Item, Reader};
use super::{Cause, ConfigError, Place};
use crate::format::yaml::{Node, NodeValue};
use crate::metadata::{KeyType, Selector, SelectorKind};
use crate::pattern::{Pattern, PatternError};
use crate::tree::Tree;

/// The flat fields of a rule that name keys, in the order of the keys that they give.
const FLAT_FIELDS: [(&str, KeyType); 7] = [
    ("age", KeyType::Age),
    ("pgp", KeyType::Pgp),
    ("kms", KeyType::Kms),
    ("gcp_kms", KeyType::GcpKms),
    ("hckms", KeyType::Hckms),
    ("azure_keyvault", KeyType::AzureKeyVault),
    ("hc_vault_transit_uri", KeyType::HcVault),
];

/// What a configuration says about new files of a path.
#[derive(Clone, Debug, PartialEq)]
pub struct CreationRule {
    /// Where the rule stands.
    pub place: Place,
    /// The key groups; one for a rule without `key_groups`, which may then be empty.
    pub key_groups: Vec<RuleGroup>,
    /// How many groups must give their share; 0 when the rule does not say.
    pub shamir_threshold: u32,
    /// Which values are encrypted; nothing when the rule does not say.
    pub selector: Option<Selector>,
    /// Whether the MAC covers encrypted values only.
    pub mac_only_encrypted: bool,
    /// The AWS profile for the rule's own `kms` keys.
    pub aws_profile: Option<String>,
    /// Whether original spellings are recorded.
    pub is_layout_kept: bool,
}

/// A rule that did not match.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TriedRule {
    /// Where the rule stands.
    pub place: Place,
    /// The regular expression.
    pub path_regex: String,
}

/// A rule as it is written: its regular expressions may be none, as long as nothing needs them.
#[derive(Debug)]
pub(super) struct WrittenRule {
    path_regex: Written,
    selectors: Vec<(SelectorKind, Written)>,
    /// Everything that is certain; the selector is missing.
    rule: CreationRule,
    /// Compiled when the rule is first reached; nothing where it matches every path.
    pattern: OnceLock<Result<Option<Pattern>, PatternError>>,
}

/// A text with the place where it stands.
#[derive(Debug)]
struct Written {
    text: String,
    place: Place,
}

/// Reads `creation_rules`; null is the same as none.
pub(super) fn read_all(
    reader: &mut Reader<'_>,
    node: &Node,
) -> Result<Option<Vec<WrittenRule>>, ConfigError> {
    if matches!(node.value, NodeValue::Scalar(Tree::Null)) {
        return Ok(None);
    }
    let nodes = reader.sequence("creation_rules", node)?;
    nodes.map(|node| read(reader, node)).collect::<Result<_, _>>().map(Some)
}

fn read(reader: &mut Reader<'_>, node: &Node) -> Result<WrittenRule, ConfigError> {
    let place = reader.place(node.offset);
    let mut written = WrittenRule {
        path_regex: Written { text: String::new(), place },
        selectors: Vec::new(),
        rule: CreationRule {
            place,
            key_groups: Vec::new(),
            shamir_threshold: 0,
            selector: None,
            mac_only_encrypted: false,
            aws_profile: None,
            is_layout_kept: true,
        },
        pattern: OnceLock::new(),
    };
    let items = reader.mapping("a creation rule", node)?;
    for item in &items {
        read_field(reader, item, &mut written)?;
    }
    if written.rule.key_groups.is_empty() {
        written.rule.key_groups.push(flat_group(reader, &items)?);
    } else {
        // read all the same, as a wrong type is an error there too
        flat_group(reader, &items)?;
    }
    Ok(written)
}

fn read_field(
    reader: &mut Reader<'_>,
    item: &Item<'_>,
    written: &mut WrittenRule,
) -> Result<(), ConfigError> {
    let rule = &mut written.rule;
    let (key, node) = (item.key, item.node);
    let text = |reader: &Reader<'_>| {
        let place = reader.place(node.offset);
        reader.text(key, node).map(|text| Written { text, place })
    };
    match key {
        "path_regex" => written.path_regex = text(reader)?,
        "aws_profile" => rule.aws_profile = Some(text(reader)?.text),
        "shamir_threshold" => rule.shamir_threshold = threshold(reader, node)?,
        "mac_only_encrypted" => {
            rule.mac_only_encrypted = reader.boolean(key, node)?.unwrap_or(false);
        }
        "key_groups" => {
            for group in reader.sequence(key, node)? {
                rule.key_groups.push(RuleGroup::read(reader, group)?);
            }
        }
        "leafseal" => read_own(reader, node, rule)?,
        _ => {
            let kind = SelectorKind::ALL.into_iter().find(|kind| kind.as_str() == key);
            if let Some(kind) = kind {
                written.selectors.push((kind, text(reader)?));
            } else if !FLAT_FIELDS.iter().any(|(field, _)| *field == key) {
                reader.unknown(item);
            }
        }
    }
    Ok(())
}

fn threshold(reader: &Reader<'_>, node: &Node) -> Result<u32, ConfigError> {
    let key = "shamir_threshold";
    let number = reader.integer(key, node)?.unwrap_or(0);
    let out_of_range = |_| reader.error(node.offset, Cause::OutOfRange(key.to_owned()));
    u32::try_from(number).map_err(out_of_range)
}

/// Reads the settings that only this program knows.
fn read_own(
    reader: &mut Reader<'_>,
    node: &Node,
    rule: &mut CreationRule,
) -> Result<(), ConfigError> {
    for item in reader.mapping("leafseal", node)? {
        match item.key {
            "layout" => {
                rule.is_layout_kept = reader.boolean("layout", item.node)?.unwrap_or(true);
            }
            _ => reader.unknown(&item),
        }
    }
    Ok(())
}

fn flat_group(reader: &Reader<'_>, items: &[Item<'_>]) -> Result<RuleGroup, ConfigError> {
    let mut group = RuleGroup::default();
    for (field, key_type) in FLAT_FIELDS {
        for item in items.iter().filter(|item| item.key == field) {
            group.add_flat(reader, key_type, item)?;
        }
    }
    Ok(group)
}

/// Returns the first rule that is for `target`.
pub(super) fn choose(
    config: &Path,
    rules: &[WrittenRule],
    target: String,
) -> Result<CreationRule, ConfigError> {
    for rule in rules {
        if rule.is_for(config, &target)? {
            return rule.checked(config);
        }
    }
    let tried = |rule: &WrittenRule| TriedRule {
        place: rule.rule.place,
        path_regex: rule.path_regex.text.clone(),
    };
    let tried = rules.iter().map(tried).collect();
    Err(ConfigError::NoMatchingRule { path: config.to_owned(), target, tried })
}

impl WrittenRule {
    /// Returns where the rule stands.
    pub(super) fn place(&self) -> Place {
        self.rule.place
    }

    /// Returns the regular expression as it is written; empty when there is none.
    pub(super) fn path_regex(&self) -> &str {
        &self.path_regex.text
    }

    /// Returns the regular expression; nothing where the rule matches every path.
    pub(super) fn pattern(&self) -> Result<Option<&Pattern>, &PatternError> {
        let text = self.path_regex();
        let compile = || {
            if text.is_empty() { Ok(None) } else { Pattern::new(text).map(Some) }
        };
        self.pattern.get_or_init(compile).as_ref().map(Option::as_ref)
    }

    /// Tells whether the rule is for what paths are matched as.
    pub(super) fn matches(&self, target: &str) -> Result<bool, &PatternError> {
        Ok(self.pattern()?.is_none_or(|pattern| pattern.is_match(target)))
    }

    fn is_for(&self, config: &Path, target: &str) -> Result<bool, ConfigError> {
        let Written { text, place } = &self.path_regex;
        self.matches(target).map_err(|source| {
            let cause = Cause::PathRegex { text: text.clone(), source: source.clone() };
            ConfigError::Invalid { path: config.to_owned(), place: *place, cause }
        })
    }

    /// Returns the rule with its selector, of which there may be one.
    fn checked(&self, config: &Path) -> Result<CreationRule, ConfigError> {
        let invalid = |place, cause| ConfigError::Invalid { path: config.to_owned(), place, cause };
        let mut given = self.selectors.iter().filter(|(_, written)| !written.text.is_empty());
        let Some((kind, Written { text, place })) = given.next() else {
            return Ok(self.rule.clone());
        };
        if let Some((second, written)) = given.next() {
            return Err(invalid(written.place, Cause::TwoSelectors(*kind, *second)));
        }
        let selector = Selector::new(*kind, text.as_str()).map_err(|source| {
            invalid(*place, Cause::SelectorRegex { kind: *kind, text: text.clone(), source })
        })?;
        Ok(CreationRule { selector: Some(selector), ..self.rule.clone() })
    }
}
