/// Writes a string with the escapes of the reference, which prints JSON that is safe inside HTML
/// and JavaScript (`spec/format.md` §5.3, "strings emitted").
pub(super) fn string_into(text: &str, output: &mut String) {
    output.push('"');
    let mut kept = 0;
    for (at, letter) in text.char_indices() {
        let Some(escape) = escape(letter) else { continue };
        output.push_str(&text[kept..at]);
        output.push_str(&escape);
        kept = at + letter.len_utf8();
    }
    output.push_str(&text[kept..]);
    output.push('"');
}

/// Returns the escape of a character that is not written as it is.
fn escape(letter: char) -> Option<std::borrow::Cow<'static, str>> {
    Some(match letter {
        '"' => "\\\"".into(),
        '\\' => "\\\\".into(),
        '\u{8}' => "\\b".into(),
        '\u{c}' => "\\f".into(),
        '\n' => "\\n".into(),
        '\r' => "\\r".into(),
        '\t' => "\\t".into(),
        '\0'..='\u{1f}' | '<' | '>' | '&' | '\u{2028}' | '\u{2029}' => {
            format!("\\u{:04x}", u32::from(letter)).into()
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_have_the_escapes_of_the_reference() {
        let rows = [
            ("", r#""""#),
            ("plain /é😀\u{7f}\u{85}\u{a0}\u{feff}", "\"plain /é😀\u{7f}\u{85}\u{a0}\u{feff}\""),
            ("\"\\\u{8}\u{c}\n\r\t", r#""\"\\\b\f\n\r\t""#),
            ("\0\u{1}\u{b}\u{1f}", r#""\u0000\u0001\u000b\u001f""#),
            ("a<b>&c\u{2028}\u{2029}", r#""a\u003cb\u003e\u0026c\u2028\u2029""#),
        ];
        for (text, expected) in rows {
            let mut output = String::new();
            string_into(text, &mut output);
            assert_eq!(output, expected, "{text:?}");
        }
    }
}
