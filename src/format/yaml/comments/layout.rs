//! White space, line ends and columns of a text.

/// The byte order mark, which has no width and does not count as text.
const BYTE_ORDER_MARK: &str = "\u{feff}";

/// Returns where the text begins, behind a byte order mark.
pub(super) fn start_of_text(source: &str) -> usize {
    if source.starts_with(BYTE_ORDER_MARK) { BYTE_ORDER_MARK.len() } else { 0 }
}

/// Returns the first place from `at` on that holds neither a blank nor a line end.
pub(super) fn skip_white(source: &str, at: usize) -> usize {
    skip(source, at, |byte| is_blank(byte) || is_line_end(byte))
}

/// Returns the first place from `at` on that does not hold a blank.
pub(super) fn skip_blanks(source: &str, at: usize) -> usize {
    skip(source, at, is_blank)
}

/// Returns the end of the line that holds `at`, its line end not included.
pub(super) fn line_end(source: &str, at: usize) -> usize {
    skip(source, at, |byte| !is_line_end(byte))
}

fn skip(source: &str, at: usize, is_skipped: impl Fn(u8) -> bool) -> usize {
    let rest = source.as_bytes().get(at..).unwrap_or_default();
    rest.iter().position(|byte| !is_skipped(*byte)).map_or(source.len(), |length| at + length)
}

/// Returns the first place from `at` on that holds a token: comments are passed.
pub(super) fn next_token(source: &str, mut at: usize) -> usize {
    loop {
        at = skip_white(source, at);
        let rest = source.as_bytes().get(at..).unwrap_or_default();
        if rest.starts_with(BYTE_ORDER_MARK.as_bytes()) {
            at += BYTE_ORDER_MARK.len();
        } else if rest.starts_with(b"#") {
            at = line_end(source, at);
        } else {
            return at;
        }
    }
}

/// Returns the place behind the line end that stands at `at`, if one does.
pub(super) fn skip_line_end(source: &str, at: usize) -> usize {
    let rest = source.as_bytes().get(at..).unwrap_or_default();
    match rest {
        [b'\r', b'\n', ..] => at + 2,
        [b'\r' | b'\n', ..] => at + 1,
        _ => at,
    }
}

/// Counts the line ends between the last visible character before `at` and `at`.
pub(super) fn line_ends_before(source: &str, at: usize) -> usize {
    let before = source.as_bytes().get(..at).unwrap_or_default();
    let mut count = 0;
    let mut follower = 0;
    for byte in before.iter().rev().copied() {
        match byte {
            // the LF of a CR LF was counted
            b'\r' if follower == b'\n' => {}
            b'\r' | b'\n' => count += 1,
            _ if is_blank(byte) => {}
            _ => break,
        }
        follower = byte;
    }
    count
}

/// Returns the column of `at`, from 0.
pub(super) fn column(source: &str, at: usize) -> usize {
    let before = source.get(..at).unwrap_or(source);
    let start = before.bytes().rposition(is_line_end).map_or(0, |line_end| line_end + 1);
    before[start..].trim_start_matches(BYTE_ORDER_MARK).chars().count()
}

pub(super) fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

pub(super) fn is_line_end(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

/// Narrows an offset or a number; texts are smaller than 4 GiB.
pub(super) fn narrow(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_are_counted_back_to_the_last_visible_character() {
        for (before, count) in
            [("", 0), ("a ", 0), ("a\n ", 1), ("\n\n", 2), ("a\r\n\r\n", 2), ("a\r\r", 2)]
        {
            assert_eq!(line_ends_before(before, before.len()), count, "{before:?}");
        }
    }

    #[test]
    fn columns_count_characters_but_no_byte_order_mark() {
        for (before, expected) in [("\u{feff}", 0), ("\u{feff}a", 1), ("x\ré\t", 2), ("x\r\n", 0)]
        {
            assert_eq!(column(before, before.len()), expected, "{before:?}");
        }
    }
}
