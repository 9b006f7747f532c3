//! The structure that `docs/config.md` describes; fields are added to it, never changed.

use serde_json::{Value, json};

use super::{Entry, FileState, is_whole, problem, shown};
use crate::cli::report::{self, CommandError};
use crate::config::{
    ConfigError, CreationRule, Difference, ExplainedRule, KeyEntry, Place, RuleState, Shadow,
    ShadowReason, Stores,
};
use crate::format::Format;
use crate::metadata::{KeyType, Selector};

/// Writes an array with an object for each file.
pub(super) fn render(entries: &[Entry<'_>], key_variables: &[&str]) -> String {
    let array = entries.iter().map(|entry| object(entry, key_variables)).collect();
    format!("{:#}\n", Value::Array(array))
}

fn object(entry: &Entry<'_>, key_variables: &[&str]) -> Value {
    let config = entry.config_path.as_ref().map(|path| path.to_string_lossy());
    let (state, reason, differences) = state(&entry.state);
    let explanation = entry.explanation.as_ref();
    let in_force = |rule: &ExplainedRule| rule.state == RuleState::InForce;
    let number = explanation.and_then(|it| it.rules.iter().position(in_force));
    json!({
        "file": entry.file.to_string_lossy(),
        "format": entry.format.as_str(),
        "config": config,
        "path": explanation.map(|explanation| &explanation.target),
        "rules": rules(entry),
        "rule": number.map(|index| index + 1),
        "settings": entry.rule.as_ref().map(|rule| settings(rule, entry.format)),
        "stores": entry.config.as_ref().map(|known| stores(known.config.stores())),
        "keys_overridden_by": key_variables,
        "state": state,
        "not_read_reason": reason,
        "differences": differences,
        "error": entry.error.as_ref().map(error),
    })
}

fn rules(entry: &Entry<'_>) -> Vec<Value> {
    let shadows = entry.config.as_ref().map_or(&[][..], |known| &known.shadows);
    let rules = entry.explanation.iter().flat_map(|explanation| &explanation.rules);
    let object = |(number, (rule, shadow)): (usize, (&ExplainedRule, &Option<Shadow>))| {
        let (state, is_match) = verdict(&rule.state);
        json!({
            "number": number,
            "line": rule.place.line,
            "column": rule.place.column,
            "path_regex": rule.path_regex,
            "state": state,
            "matches": is_match,
            "problem": unreadable(&rule.state),
            "shadowed_by": shadow.map(shadowed),
        })
    };
    (1..).zip(rules.zip(shadows)).map(object).collect()
}

/// Returns the name of a state, and whether the rule matches, if that can be told.
fn verdict(state: &RuleState) -> (&'static str, Option<bool>) {
    match state {
        RuleState::NoMatch => ("no_match", Some(false)),
        RuleState::InForce => ("in_force", Some(true)),
        RuleState::Invalid(_) => ("invalid", None),
        RuleState::Later(is_match) => ("later", is_match.as_ref().ok().copied()),
    }
}

fn unreadable(state: &RuleState) -> Option<String> {
    match state {
        RuleState::Invalid(error) | RuleState::Later(Err(error)) => Some(error.to_string()),
        _ => None,
    }
}

fn shadowed(Shadow { rule, reason }: Shadow) -> Value {
    let reason = match reason {
        ShadowReason::MatchesEverything => "matches_everything",
        ShadowReason::SameRegex => "same_path_regex",
        ShadowReason::Covers => "covers",
        ShadowReason::Invalid => "invalid",
    };
    json!({ "rule": rule, "reason": reason })
}

fn settings(rule: &CreationRule, format: Format) -> Value {
    let key = |key: &KeyEntry| {
        let mut object = named(key.key_type, &rule.key_name(key));
        object["problem"] = json!(problem(key));
        object
    };
    let groups = rule.key_groups.iter();
    let groups: Vec<Vec<Value>> =
        groups.map(|group| group.keys.iter().map(key).collect()).collect();
    let mut selector = selector(&rule.effective_selector());
    selector["is_default"] = json!(rule.selector.is_none());
    // binary files are encrypted as a whole
    let is_whole = is_whole(format);
    json!({
        "key_groups": groups,
        "threshold": rule.effective_threshold(),
        "selector": if is_whole { Value::Null } else { selector },
        "mac_only_encrypted": rule.mac_only_encrypted && !is_whole,
        "layout": rule.is_layout_kept && !is_whole,
    })
}

fn named(key_type: KeyType, name: &str) -> Value {
    json!({ "type": key_type.as_str(), "name": shown(name) })
}

fn selector(selector: &Selector) -> Value {
    json!({ "kind": selector.kind().as_str(), "text": selector.text() })
}

fn stores(stores: Stores) -> Value {
    json!({
        "yaml": { "indent": stores.yaml_indent },
        "json": { "indent": stores.json_indent },
        "json_binary": { "indent": stores.json_binary_indent },
    })
}

/// Returns the name of a state, the reason why a file was not read, and the differences.
fn state(state: &FileState) -> (&'static str, Option<&str>, Option<Vec<Value>>) {
    match state {
        FileState::Missing => ("missing", None, None),
        FileState::NotEncrypted => ("not_encrypted", None, None),
        FileState::NotRead(reason) => ("not_read", Some(reason), None),
        FileState::Encrypted(differences) => {
            let all = |list: &Vec<Difference>| list.iter().map(difference).collect();
            ("encrypted", None, differences.as_ref().map(all))
        }
    }
}

fn difference(difference: &Difference) -> Value {
    let key = |kind: &str, group: &usize, key_type: &KeyType, name: &str| {
        let mut object = named(*key_type, name);
        object["kind"] = json!(kind);
        object["group"] = json!(group);
        object
    };
    match difference {
        Difference::MissingKey { group, key_type, name } => {
            key("missing_key", group, key_type, name)
        }
        Difference::ExtraKey { group, key_type, name } => key("extra_key", group, key_type, name),
        Difference::Threshold { rule, file } => {
            json!({ "kind": "threshold", "rule": rule, "file": file })
        }
        Difference::Selector { rule, file } => {
            json!({ "kind": "selector", "rule": selector(rule), "file": selector(file) })
        }
        Difference::MacOnlyEncrypted { rule, file } => {
            json!({ "kind": "mac_only_encrypted", "rule": rule, "file": file })
        }
    }
}

fn error(error: &CommandError) -> Value {
    let (kind, place): (_, Option<&Place>) = match error {
        CommandError::NoConfig(_) => ("no_config", None),
        CommandError::NoRules(_) => ("no_rules", None),
        CommandError::Folder(_) => ("folder", None),
        CommandError::Config(ConfigError::NoMatchingRule { .. }) => ("no_matching_rule", None),
        CommandError::Config(ConfigError::Invalid { place, .. }) => ("invalid_config", Some(place)),
        _ => ("unreadable_config", None),
    };
    json!({
        "kind": kind,
        "message": report::with_causes(error),
        "line": place.map(|place| place.line),
        "column": place.map(|place| place.column),
    })
}
