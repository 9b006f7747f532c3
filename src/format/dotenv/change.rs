use super::{emit, render};
use crate::format::change::{self, Change, ChangeError, Collection, Item, comments_above};
use crate::format::{EmitError, Format, Steps, plain};
use crate::text::{Edits, Span, end_of_line};
use crate::tree::{Branch, Event, Leaf, Path, Scan, Step, Tree};

/// Sets or removes one variable. A new one comes last; one that goes takes the comments right above
/// it along.
///
/// # Errors
/// There is no such variable, or a line cannot hold the value.
pub(in crate::format) fn change(
    source: &str,
    scan: &Scan,
    path: &[Step],
    change: Change<'_>,
) -> Result<String, ChangeError> {
    let target = change::target(source, scan, path, change)?;
    let Some((root, item)) = target.way.first() else { return Err(ChangeError::EmptyPath) };
    let item = item.and_then(|item| root.items.get(item));
    let mut edits = Edits::new();
    match (item, &target.value) {
        (Some(item), None) => edits.remove(line_of(source, root, item)),
        (Some(item), Some(value)) => {
            let Some(Event::Leaf(Leaf { site, .. })) = scan.events.get(item.node) else {
                return Err(ChangeError::NotPossible(Steps(path.to_vec())));
            };
            edits.replace(*site, text(value, path)?);
        }
        (None, Some(value)) => {
            let name = target.key.as_deref().unwrap_or_default();
            if !emit::is_possible(name) {
                let path = Path::from_iter([name]);
                return Err(EmitError::Name { path, format: Format::Dotenv }.into());
            }
            let before = if source.is_empty() || source.ends_with('\n') { "" } else { "\n" };
            edits.insert(source.len(), format!("{before}{name}={}\n", text(value, path)?));
        }
        (None, None) => return Err(ChangeError::NotPossible(Steps(path.to_vec()))),
    }
    Ok(edits.apply(source)?)
}

/// Writes a value as it stands behind the equals sign.
fn text(value: &Tree, path: &[Step]) -> Result<String, ChangeError> {
    let keys = path.iter().map(|step| match step {
        Step::Key(key) => key.clone(),
        Step::Index(index) => index.to_string(),
    });
    let keys: Path = keys.collect();
    let text = plain::emit(Branch::from(value).parts(), Format::Dotenv, || keys.clone())?;
    Ok(render::text(&text))
}

/// Returns the line of a variable with the comments above it.
fn line_of(source: &str, root: &Collection, item: &Item) -> Span {
    let before = root.items.iter().filter(|other| other.start < item.start);
    let limit = before.map(|other| end_of_line(source, other.end)).max().unwrap_or(0);
    let start = comments_above(source, item.start, limit, |line| line.starts_with('#'));
    Span::new(start, end_of_line(source, item.end))
}
