//! The report of what was tried to get a data key, in the form of the reference
//! (`spec/format.md` §6.1).

use crate::keys::{Attempt, GroupReport, RecoveryError};

/// How wide the text about one master key may be, and the one that ends the report.
const ITEM_WIDTH: usize = 60;
const END_WIDTH: usize = 75;

/// Writes the report; nothing for errors that are about no master key.
pub(super) fn report(error: &RecoveryError) -> Option<String> {
    let (groups, end) = match error {
        RecoveryError::NoneOpens(report) => (&report.groups, NONE_OPENS.to_owned()),
        RecoveryError::TooFewGroups { needed, opened, report } => {
            (&report.groups, too_few(*needed, *opened))
        }
        RecoveryError::Shares(_)
        | RecoveryError::CombinedNotDataKey
        | RecoveryError::NotDataKey { .. } => return None,
    };
    let mut text = String::new();
    for (number, group) in groups.iter().enumerate() {
        text.push('\n');
        push_group(number, group, &mut text);
    }
    text.push('\n');
    for line in wrapped(&end, END_WIDTH) {
        text.extend([line.as_str(), "\n"]);
    }
    Some(text)
}

const NONE_OPENS: &str = "Recovery failed because no master key was able to decrypt the file. In \
    order to recover the file, at least one key has to be successful, but none were.";

fn too_few(needed: u32, opened: usize) -> String {
    format!(
        "Recovery failed because the file was encrypted with a Shamir threshold of {needed}, but \
         only {opened} part(s) were successfully recovered, one for each successful key group. In \
         order to recover the file, at least {needed} groups have to be successful. In order for a \
         group to be successful, decryption has to succeed with any of the keys in that key group."
    )
}

fn push_group(number: usize, group: &GroupReport, text: &mut String) {
    if group.is_open {
        text.push_str(&format!("Group {number}: SUCCESS\n"));
        return;
    }
    text.push_str(&format!("Group {number}: FAILED\n"));
    for (number, Attempt { name, failure, .. }) in group.attempts.iter().enumerate() {
        let gap = if number == 0 { "" } else { "\n" };
        text.push_str(&format!("{gap}  {name}: FAILED\n"));
        let reason =
            failure.as_ref().map_or("no identity at hand is for it", |failure| &failure.reason);
        let lines = reason.lines().flat_map(|line| wrapped(line, ITEM_WIDTH));
        for (number, line) in lines.enumerate() {
            let mark = if number == 0 { "- | " } else { "  | " };
            text.push_str(&format!("    {mark}{line}\n"));
        }
    }
}

/// Breaks a text into lines at its blanks; longer words stay whole.
fn wrapped(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let line = lines.last_mut().expect("there is always a line");
        if line.is_empty() {
            line.push_str(word);
        } else if line.chars().count() + 1 + word.chars().count() <= width {
            line.extend([" ", word]);
        } else {
            lines.push(word.to_owned());
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::wrapped;

    #[test]
    fn lines_are_broken_at_blanks_alone() {
        assert_eq!(wrapped("", 3), [""]);
        assert_eq!(wrapped("a b c", 3), ["a b", "c"]);
        assert_eq!(wrapped("äö ü long-word x", 4), ["äö ü", "long-word", "x"]);
    }
}
