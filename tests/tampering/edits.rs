//! What is done to the text of an encrypted file.

/// Returns the first line that begins with `start`.
pub(super) fn line<'t>(text: &'t str, start: &str) -> &'t str {
    text.lines().find(|line| line.starts_with(start)).expect("the line is there")
}

pub(super) fn value(text: &str, start: &str) -> String {
    line(text, start)[start.len()..].to_owned()
}

/// Replaces a line.
pub(super) fn on_line(text: &str, start: &str, change: impl Fn(&str) -> String) -> String {
    let line = line(text, start);
    text.replacen(line, &change(line), 1)
}

/// Replaces what stands behind `start`.
pub(super) fn set(text: &str, start: &str, value: &str) -> String {
    on_line(text, start, |_| format!("{start}{value}"))
}

pub(super) fn insert(text: &str, before: &str, lines: &str) -> String {
    on_line(text, before, |line| format!("{lines}{line}"))
}

/// Swaps the values of two lines, which are different ones also where they begin alike.
pub(super) fn swap(text: &str, one: &str, other: &str) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    let first = lines.iter().position(|line| line.starts_with(one)).expect("the line is there");
    let second = lines.iter().rposition(|line| {
        line.starts_with(other) && line.contains(if one == other { "ENC" } else { "" })
    });
    let second = second.expect("the line is there");
    let (left, right) =
        (lines[first][one.len()..].to_owned(), lines[second][other.len()..].to_owned());
    lines[first] = format!("{one}{right}");
    lines[second] = format!("{other}{left}");
    lines.join("\n") + "\n"
}

/// Moves a line behind another.
pub(super) fn move_line(text: &str, start: &str, behind: &str) -> String {
    let moved = line(text, start);
    let without = text.replacen(&format!("{moved}\n"), "", 1);
    on_line(&without, behind, |line| format!("{line}\n{moved}"))
}

/// Replaces the first letter of a part of the envelope on a line.
pub(super) fn flip(text: &str, start: &str, name: &str) -> String {
    on_line(text, start, |line| {
        let at = line.find(name).expect("the part is there") + name.len();
        let other = if line.as_bytes()[at] == b'A' { "B" } else { "A" };
        format!("{}{other}{}", &line[..at], &line[at + 1..])
    })
}

/// Cuts a part of an envelope to its first letters.
pub(super) fn part(text: &str, start: &str, name: &str, length: usize) -> String {
    on_line(text, start, |line| {
        let at = line.find(name).expect("the part is there") + name.len();
        let end = line[at..].find(',').expect("another part") + at;
        format!("{}{}", &line[..at + length], &line[end..])
    })
}

pub(super) fn selector(text: &str, line: &str) -> String {
    set(text, "    unencrypted_suffix: ", "").replacen(
        "    unencrypted_suffix: ",
        &format!("    {line}"),
        1,
    )
}
