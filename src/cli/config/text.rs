use std::rc::Rc;

use super::{Entry, FileState, Known, is_whole, problem, shown};
use crate::cli::report::CommandError;
use crate::config::{
    CreationRule, Difference, ExplainedRule, Explanation, RuleGroup, RuleState, Shadow,
    ShadowReason, Stores,
};
use crate::format::Format;
use crate::metadata::{KeyType, Selector, SelectorKind};

/// Writes a section for each file, then one for each configuration with rules that can never be in
/// force or cannot be read.
pub(super) fn render(entries: &[Entry<'_>]) -> String {
    let mut sections: Vec<String> = entries.iter().map(section).collect();
    let mut seen: Vec<&Rc<Known>> = Vec::new();
    for entry in entries {
        let (Some(known), Some(explanation)) = (&entry.config, &entry.explanation) else {
            continue;
        };
        if !seen.iter().any(|other| Rc::ptr_eq(other, known)) {
            seen.push(known);
            sections.extend(remarks(known, explanation));
        }
    }
    sections.join("\n")
}

/// Lines of a label and a text, below the name of a file.
struct Section(String);

impl Section {
    fn new(head: &str) -> Self {
        Self(printable(head) + "\n")
    }

    /// Adds a line; one without a label goes on with what stands above it.
    fn line(&mut self, label: &str, text: &str) {
        let line = format!("  {label:<10} {}", printable(text));
        self.0.push_str(line.trim_end());
        self.0.push('\n');
    }
}

/// Replaces control characters, which could fool a terminal.
fn printable(text: &str) -> String {
    text.replace(char::is_control, "?")
}

fn section(entry: &Entry<'_>) -> String {
    let mut section = Section::new(&entry.file.to_string_lossy());
    if matches!(entry.error, Some(CommandError::Folder(_))) {
        section.line("file", "is a folder");
        return section.0;
    }
    let path = entry.config_path.as_ref().map(|path| path.display().to_string());
    match (path, &entry.config) {
        (None, _) => section.line("config", "none"),
        (Some(path), None) => section.line("config", &format!("{path} (cannot be used)")),
        (Some(path), Some(_)) => section.line("config", &path),
    }
    if let Some(explanation) = &entry.explanation {
        section.line("path", &format!("{}, as path_regex sees it", explanation.target));
        rules(&mut section, explanation);
    }
    if let Some(rule) = &entry.rule {
        let stores = entry.config.as_ref().map(|known| known.config.stores());
        settings(&mut section, entry.format, rule, stores.unwrap_or_default());
    }
    file(&mut section, &entry.state);
    section.0
}

/// Lists the rules down to the one in force, and those below that would match too. A last rule
/// for everything else is meant to.
fn rules(section: &mut Section, explanation: &Explanation) {
    let decided = (1..).zip(&explanation.rules).find(|(_, it)| it.state != RuleState::NoMatch);
    let decided = decided.map_or(0, |(number, _)| number);
    for (number, rule) in (1..).zip(&explanation.rules) {
        let verdict = match &rule.state {
            RuleState::NoMatch => "does not match".to_owned(),
            RuleState::InForce if rule.path_regex.is_none() => {
                "IN FORCE, as it matches every path".to_owned()
            }
            RuleState::InForce => "IN FORCE, the first that matches".to_owned(),
            RuleState::Invalid(error) => format!("cannot be read, {error}"),
            RuleState::Later(Ok(true)) if rule.path_regex.is_some() => {
                format!("matches too, but rule {decided} comes first")
            }
            RuleState::Later(_) => continue,
        };
        section.line(&format!("rule {number}"), &format!("{}: {verdict}", written(rule)));
    }
    if decided == 0 {
        section.line("", "no rule matches");
    }
}

fn written(rule: &ExplainedRule) -> String {
    match &rule.path_regex {
        Some(path_regex) => format!("line {}, path_regex \"{path_regex}\"", rule.place.line),
        None => format!("line {}, no path_regex", rule.place.line),
    }
}

/// Says which rules of a configuration are of no use, whatever the file.
fn remarks(known: &Known, explanation: &Explanation) -> Option<String> {
    let mut section = Section::new(&known.config.path().to_string_lossy());
    let head = section.0.len();
    for ((number, rule), shadow) in (1..).zip(&explanation.rules).zip(&known.shadows) {
        let written = written(rule);
        let label = format!("rule {number}");
        if let RuleState::Invalid(error) | RuleState::Later(Err(error)) = &rule.state {
            section.line(&label, &format!("{written}: cannot be read, {error}"));
        }
        if let Some(shadow) = shadow {
            let reason = shadowed(*shadow);
            section.line(&label, &format!("{written}: can never be in force, {reason}"));
        }
    }
    (section.0.len() > head).then_some(section.0)
}

fn shadowed(Shadow { rule, reason }: Shadow) -> String {
    let reason = match reason {
        ShadowReason::MatchesEverything => "matches every path",
        ShadowReason::SameRegex => "has the same path_regex",
        ShadowReason::Covers => "matches whatever this one matches",
        ShadowReason::Invalid => "cannot be read and ends the search",
    };
    format!("rule {rule} {reason}")
}

/// Says what follows from the rule for a file that is encrypted now.
fn settings(section: &mut Section, format: Format, rule: &CreationRule, stores: Stores) {
    match rule.key_groups.as_slice() {
        [group] => keys(section, "keys", rule, group),
        groups => {
            for (number, group) in (1..).zip(groups) {
                keys(section, &format!("group {number}"), rule, group);
            }
        }
    }
    if let Some(threshold) = rule.effective_threshold() {
        let groups = rule.key_groups.len();
        section.line("threshold", &format!("{threshold} of {groups} groups have to decrypt"));
    }
    if is_whole(format) {
        section.line("selector", "none: a binary file is encrypted as a whole");
    } else {
        let origin = if rule.selector.is_none() { " (the default)" } else { "" };
        let selector = selector(&rule.effective_selector());
        section.line("selector", &format!("{selector}{origin}"));
        section.line("MAC", mac(rule.mac_only_encrypted));
        section.line("layout", layout(rule.is_layout_kept));
    }
    indent(section, format, stores);
}

fn keys(section: &mut Section, label: &str, rule: &CreationRule, group: &RuleGroup) {
    if group.keys.is_empty() {
        section.line(label, "none: encrypt refuses the file");
    }
    for (index, key) in group.keys.iter().enumerate() {
        let name = rule.key_name(key);
        let problem = problem(key).filter(|_| shown(&name) == name);
        let problem = problem.map(|problem| format!(" ({problem})")).unwrap_or_default();
        let label = if index == 0 { label } else { "" };
        section.line(label, &format!("{}{problem}", named(key.key_type, &name)));
    }
}

fn named(key_type: KeyType, name: &str) -> String {
    format!("{} {}", key_type.as_str(), shown(name))
}

fn selector(selector: &Selector) -> String {
    let meaning = match selector.kind() {
        SelectorKind::UnencryptedSuffix => "encrypts all but values below keys that end so",
        SelectorKind::EncryptedSuffix => "encrypts only values below keys that end so",
        SelectorKind::UnencryptedRegex => "encrypts all but values below keys that match",
        SelectorKind::EncryptedRegex => "encrypts only values below keys that match",
        SelectorKind::UnencryptedCommentRegex => "encrypts all but values whose comment matches",
        SelectorKind::EncryptedCommentRegex => "encrypts only values whose comment matches",
    };
    format!("{}, {meaning}", quoted(selector))
}

fn quoted(selector: &Selector) -> String {
    format!("{} \"{}\"", selector.kind().as_str(), selector.text())
}

fn mac(is_only_encrypted: bool) -> &'static str {
    if is_only_encrypted {
        "covers encrypted values only (mac_only_encrypted: true)"
    } else {
        "covers all values"
    }
}

fn layout(is_kept: bool) -> &'static str {
    if is_kept {
        "original spellings are recorded"
    } else {
        "original spellings are not recorded (leafseal.layout: false)"
    }
}

fn indent(section: &mut Section, format: Format, stores: Stores) {
    let (store, indent) = match format {
        Format::Yaml => ("yaml", stores.yaml_indent),
        Format::Json => ("json", stores.json_indent),
        Format::Binary => ("json_binary", stores.json_binary_indent),
        Format::Dotenv | Format::Ini => return,
    };
    let text = match (format, indent) {
        (Format::Yaml, ..0) | (_, ..-1) => format!("{indent}, which encrypt refuses"),
        (_, -1) => "a tab".to_owned(),
        _ => indent.to_string(),
    };
    section.line("indent", &format!("{text} (stores.{store}.indent)"));
}

fn file(section: &mut Section, state: &FileState) {
    match state {
        FileState::Missing => section.line("file", "does not exist"),
        FileState::NotEncrypted => section.line("file", "is not encrypted"),
        FileState::NotRead(reason) => {
            section.line("file", &format!("not compared with the rule: {reason}"));
        }
        FileState::Encrypted(None) => section.line("file", "is encrypted"),
        FileState::Encrypted(Some(differences)) if differences.is_empty() => {
            section.line("file", "is encrypted as the rule says");
        }
        FileState::Encrypted(Some(differences)) => {
            section.line("file", "IS ENCRYPTED, BUT DIFFERS FROM THE RULE:");
            for it in differences {
                section.line("", &format!("- {}", difference(it)));
            }
        }
    }
}

fn difference(difference: &Difference) -> String {
    let groups =
        |needed: &Option<usize>| needed.map_or("one group".to_owned(), |it| format!("{it} groups"));
    match difference {
        Difference::MissingKey { group, key_type, name } => {
            format!("group {group}: {} is missing in the file", named(*key_type, name))
        }
        Difference::ExtraKey { group, key_type, name } => {
            format!("group {group}: {} is only in the file", named(*key_type, name))
        }
        Difference::Threshold { rule, file } => {
            format!(
                "shamir_threshold: {} needed by the file, {} by the rule",
                groups(file),
                groups(rule)
            )
        }
        Difference::Selector { rule, file } => {
            format!("selector: {} in the file, {} by the rule", quoted(file), quoted(rule))
        }
        Difference::MacOnlyEncrypted { rule, file } => {
            format!("mac_only_encrypted: {file} in the file, {rule} by the rule")
        }
    }
}
