//! Anchors, aliases, tags and directives, as the reference reads them.

use std::borrow::Cow;

use super::cursor::Cursor;
use super::problem::{Fault, Problem};
use super::tokens::{Kind, Token};

/// Reads an anchor or alias. YAML 1.2 allows more letters in its name.
pub(super) fn anchor<'s>(cursor: &mut Cursor<'s>) -> Result<Token<'s>, Fault> {
    let start = cursor.mark().at;
    let is_alias = cursor.byte(0) == b'*';
    cursor.skip();
    let name = cursor.skip_while(is_word);
    let end = cursor.mark().at;
    let may_follow =
        || matches!(cursor.byte(0), b'?' | b':' | b',' | b']' | b'}' | b'%' | b'@' | b'`');
    if name.is_empty() || !(cursor.is_gap(0) || may_follow()) {
        return Err(Fault::new(start, Problem::AnchorName));
    }
    let kind = if is_alias { Kind::Alias(name) } else { Kind::Anchor(name) };
    Ok(Token { start, end, kind })
}

/// Reads a tag.
pub(super) fn tag<'s>(cursor: &mut Cursor<'s>) -> Result<Token<'s>, Fault> {
    let start = cursor.mark().at;
    let fault = || Fault::new(start, Problem::Tag);
    let (handle, suffix) = if cursor.byte(1) == b'<' {
        cursor.skip_bytes(2);
        let suffix = uri(cursor).filter(|suffix| !suffix.is_empty()).ok_or_else(fault)?;
        if cursor.byte(0) != b'>' {
            return Err(fault());
        }
        cursor.skip();
        ("", suffix)
    } else {
        short_tag(cursor).ok_or_else(fault)?
    };
    if !cursor.is_gap(0) {
        return Err(fault());
    }
    Ok(Token { start, end: cursor.mark().at, kind: Kind::Tag { handle, suffix } })
}

/// Reads a tag in the form `!handle!suffix`, `!suffix` or `!`.
fn short_tag<'s>(cursor: &mut Cursor<'s>) -> Option<(&'s str, Cow<'s, str>)> {
    let start = cursor.mark().at;
    let handle = tag_handle(cursor);
    if handle.len() > 1 && handle.ends_with('!') {
        let suffix = uri(cursor).filter(|suffix| !suffix.is_empty())?;
        return Some((handle, suffix));
    }
    let suffix = uri(cursor)?;
    if cursor.mark().at == start + 1 {
        return Some(("", Cow::Borrowed("!")));
    }
    let suffix = match suffix {
        // what looked like a handle belongs to it
        Cow::Borrowed(_) => Cow::Borrowed(&cursor.since(start)[1..]),
        Cow::Owned(rest) => Cow::Owned(handle[1..].to_owned() + &rest),
    };
    Some(("!", suffix))
}

/// Reads `!`, `!!` or `!word!`; `!word` is none, which the caller sees by its end.
fn tag_handle<'s>(cursor: &mut Cursor<'s>) -> &'s str {
    let start = cursor.mark().at;
    cursor.skip();
    cursor.skip_while(is_word);
    if cursor.byte(0) == b'!' {
        cursor.skip();
    }
    cursor.since(start)
}

/// Reads the characters of a tag, which may be none; nothing where a `%` does not begin one.
fn uri<'s>(cursor: &mut Cursor<'s>) -> Option<Cow<'s, str>> {
    let text = cursor.skip_while(is_uri);
    if !text.contains('%') {
        return Some(Cow::Borrowed(text));
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        if *first == b'%' {
            let digits = std::str::from_utf8(tail.get(..2)?).ok()?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            rest = &tail[2..];
        } else {
            bytes.push(*first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).ok().map(Cow::Owned)
}

/// Reads a line that begins with `%`.
pub(super) fn directive<'s>(cursor: &mut Cursor<'s>) -> Result<Token<'s>, Fault> {
    let start = cursor.mark().at;
    cursor.skip();
    let name = cursor.skip_while(is_word);
    let has_gap = cursor.is_gap(0);
    cursor.skip_blanks();
    let kind = match name {
        "YAML" => version(cursor),
        "TAG" => tag_prefix(cursor),
        _ => None,
    };
    let end = cursor.mark().at;
    cursor.skip_blanks();
    if cursor.byte(0) == b'#' {
        cursor.skip_to_line_end();
    }
    match kind {
        Some(kind) if has_gap && cursor.is_line_end() => {
            cursor.skip_break();
            Ok(Token { start, end, kind })
        }
        _ => Err(Fault::new(start, Problem::Directive)),
    }
}

fn version<'s>(cursor: &mut Cursor<'s>) -> Option<Kind<'s>> {
    let major = number(cursor)?;
    if cursor.byte(0) != b'.' {
        return None;
    }
    cursor.skip();
    Some(Kind::Version(major, number(cursor)?))
}

fn number(cursor: &mut Cursor<'_>) -> Option<u8> {
    let digits = cursor.skip_while(|byte| byte.is_ascii_digit());
    digits.parse().ok().filter(|_| digits.len() <= 2)
}

fn tag_prefix<'s>(cursor: &mut Cursor<'s>) -> Option<Kind<'s>> {
    if cursor.byte(0) != b'!' {
        return None;
    }
    let handle = tag_handle(cursor);
    let is_handle = handle == "!" || handle.len() > 1 && handle.ends_with('!');
    if !is_handle || !cursor.is_blank(0) {
        return None;
    }
    cursor.skip_blanks();
    let prefix = uri(cursor).filter(|prefix| !prefix.is_empty())?;
    cursor.is_gap(0).then_some(Kind::TagPrefix(handle, prefix))
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

fn is_uri(byte: u8) -> bool {
    is_word(byte) || b";/?:@&=+$,.!~*'()[]%".contains(&byte)
}
