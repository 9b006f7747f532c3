use super::{quote, spell};
use crate::tree::{Branch, Container, Part, Tree};

/// Writes a value in flow style: JSON, which YAML reads alike.
pub(in crate::format) fn flow(value: &Tree) -> String {
    let mut output = String::new();
    // for each open collection, whether it has an item yet
    let mut open: Vec<(Container, bool)> = Vec::new();
    let mut follows_key = false;
    for part in Branch::from(value).parts() {
        let is_item = !follows_key && !matches!(part, Part::Leave);
        if let Some((_, has_items)) = open.last_mut().filter(|_| is_item) {
            output.push_str(if std::mem::replace(has_items, true) { ", " } else { "" });
        }
        follows_key = matches!(part, Part::Key(_));
        match part {
            Part::Enter(container) => {
                output.push(bracket(*container).0);
                open.push((*container, false));
            }
            Part::Leave => output.extend(open.pop().map(|(container, _)| bracket(container).1)),
            Part::Key(key) => {
                output.push_str(&quote::double(&String::from_utf8_lossy(key)));
                output.push_str(": ");
            }
            Part::Scalar(scalar) => output.push_str(&spell::in_flow(scalar)),
            Part::Comment(_) => {}
        }
    }
    output
}

fn bracket(container: Container) -> (char, char) {
    match container {
        Container::Mapping => ('{', '}'),
        Container::Sequence => ('[', ']'),
    }
}
