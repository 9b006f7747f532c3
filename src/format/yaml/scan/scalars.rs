//! Scalars that stand on one line and mean what they seem to.

/// How long a key may be; the parser below us looks for the colon of longer ones otherwise.
pub(super) const KEY_LIMIT: usize = 256;

/// From which length on a library's search is quicker.
const LONG: usize = 64;

/// A scalar without quotes, up to its end.
pub(super) enum Plain {
    /// A colon stands behind it.
    Key(usize),
    /// It ends with the line, or before blanks and a comment.
    Value(usize),
}

/// A scalar in quotes.
pub(super) struct Quoted {
    /// Behind the closing quote.
    pub(super) end: usize,
    /// Its text, where that is not what stands between the quotes.
    pub(super) decoded: Option<String>,
}

/// Tells whether a line holds only characters that every YAML reader takes for themselves.
pub(super) fn is_text(line: &str) -> bool {
    let is_visible = |byte: &u8| matches!(byte, b' '..=b'~');
    if line.as_bytes().iter().fold(true, |is_so_far, byte| is_so_far & is_visible(byte)) {
        return true;
    }
    line.chars().all(|letter| match letter {
        ' '..='~' => true,
        // among them the byte order mark and what YAML 1.1 takes for the end of a line
        '\u{2028}' | '\u{2029}' | '\u{feff}' => false,
        _ => matches!(letter, '\u{a0}'..='\u{fffd}' | '\u{10000}'..),
    })
}

/// Returns the first place from `at` on that holds no blank.
pub(super) fn skip_blanks(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().take_while(|byte| **byte == b' ').count()
}

/// Returns the end of the line that holds `at`, its line end not included.
pub(super) fn line_end(bytes: &[u8], at: usize) -> usize {
    memchr::memchr(b'\n', &bytes[at..]).map_or(bytes.len(), |length| at + length)
}

/// Tells whether nothing but a comment follows behind a scalar.
pub(super) fn is_rest_empty(bytes: &[u8], from: usize, line_end: usize) -> bool {
    let at = skip_blanks(bytes, from);
    at >= line_end || at > from && bytes[at] == b'#'
}

/// Tells whether the colon of a key stands at `at`; `line` is the text up to the line's end.
pub(super) fn is_colon(line: &[u8], at: usize) -> bool {
    line.get(at) == Some(&b':') && line.get(at + 1).is_none_or(|byte| *byte == b' ')
}

/// Finds the end of the scalar without quotes at `at`; `line` is the text up to the line's end.
pub(super) fn plain(line: &[u8], at: usize) -> Option<Plain> {
    if !may_begin_plain(line, at) {
        return None;
    }
    let mut end = at;
    loop {
        let Some(next) = next_mark(line, end) else { return Some(Plain::Value(line.len())) };
        if line[next] == b':' {
            if is_colon(line, next) {
                return (next - at <= KEY_LIMIT).then_some(Plain::Key(next));
            }
            end = next + 1;
            continue;
        }
        end = skip_blanks(line, next);
        match line.get(end) {
            None | Some(b'#') => return Some(Plain::Value(next)),
            // a blank before the colon belongs to neither
            Some(b':') if is_colon(line, end) => return None,
            Some(_) => {}
        }
    }
}

/// Finds the next colon or blank. Most texts are too short for a library's search, which is made
/// for long ones.
fn next_mark(line: &[u8], from: usize) -> Option<usize> {
    let text = line.get(from..)?;
    if text.len() > LONG {
        return memchr::memchr2(b':', b' ', text).map(|length| from + length);
    }
    let (words, rest) = text.as_chunks::<8>();
    for (number, word) in words.iter().enumerate() {
        let word = u64::from_le_bytes(*word);
        let marks = zero_bytes(word ^ (EACH * 0x3a)) | zero_bytes(word ^ (EACH * 0x20));
        if marks != 0 {
            return Some(from + number * 8 + marks.trailing_zeros() as usize / 8);
        }
    }
    let length = rest.iter().position(|byte| matches!(byte, b':' | b' '));
    length.map(|length| line.len() - rest.len() + length)
}

/// A one in each byte.
const EACH: u64 = 0x0101_0101_0101_0101;

/// Sets a bit in the first byte that is zero, and perhaps in later ones.
fn zero_bytes(word: u64) -> u64 {
    word.wrapping_sub(EACH) & !word & EACH << 7
}

/// Tells whether a scalar without quotes may begin here, leaving out what is seldom.
fn may_begin_plain(line: &[u8], at: usize) -> bool {
    match line[at] {
        b'-' => line.get(at + 1).is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'.'),
        b'?' | b':' | b',' | b'[' | b']' | b'{' | b'}' | b'#' | b'&' | b'*' | b'!' | b'|'
        | b'>' | b'\'' | b'"' | b'%' | b'@' | b'`' => false,
        _ => true,
    }
}

/// Reads the scalar whose quote stands at `at`; `line` is the text up to the line's end.
pub(super) fn quoted(line: &str, at: usize, quote: u8) -> Option<Quoted> {
    if quote == b'\'' { single_quoted(line, at) } else { double_quoted(line, at) }
}

fn single_quoted(line: &str, at: usize) -> Option<Quoted> {
    let mut end = at + 1;
    let mut has_quotes = false;
    loop {
        end += memchr::memchr(b'\'', &line.as_bytes()[end..])?;
        if line.as_bytes().get(end + 1) != Some(&b'\'') {
            let text = &line[at + 1..end];
            let decoded = has_quotes.then(|| text.replace("''", "'"));
            return Some(Quoted { end: end + 1, decoded });
        }
        has_quotes = true;
        end += 2;
    }
}

fn double_quoted(line: &str, at: usize) -> Option<Quoted> {
    let mut from = at + 1;
    let mut decoded: Option<String> = None;
    loop {
        let end = from + memchr::memchr2(b'"', b'\\', &line.as_bytes()[from..])?;
        let text = &line[from..end];
        if line.as_bytes()[end] == b'"' {
            if let Some(decoded) = &mut decoded {
                decoded.push_str(text);
            }
            return Some(Quoted { end: end + 1, decoded });
        }
        let letter = match line.as_bytes().get(end + 1)? {
            b'n' => '\n',
            b't' => '\t',
            b'r' => '\r',
            escaped @ (b'"' | b'\\') => char::from(*escaped),
            _ => return None,
        };
        let decoded = decoded.get_or_insert_default();
        decoded.push_str(text);
        decoded.push(letter);
        from = end + 2;
    }
}
