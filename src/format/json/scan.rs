use super::resolve::{self, Fault};
use crate::format::{ScanError, ScanErrorKind};
use crate::text::{Span, line_of};
use crate::tree::{Container, Event, Key, Leaf, LeafValue, Scan, Style, Text};

/// How deep collections may be nested, as in YAML; the scan itself is iterative.
const NESTING_LIMIT: usize = 1000;

const BYTE_ORDER_MARK: char = '\u{feff}';

/// Reads a JSON text, whose top level must be an object, into events.
///
/// # Errors
/// The text is not JSON (RFC 8259), or not JSON that the reference encrypts.
pub fn scan(source: &str) -> Result<Scan, ScanError> {
    let mut scanner = Scanner { source, offset: 0, scan: Scan::default(), open: Vec::new() };
    scanner.document()?;
    Ok(scanner.scan)
}

/// One open collection.
struct Frame {
    container: Container,
    /// Where its bracket stands.
    start: usize,
    /// Whether it has an item already, so that the next one needs a comma before it.
    has_items: bool,
}

impl Frame {
    fn close(&self) -> u8 {
        match self.container {
            Container::Mapping => b'}',
            Container::Sequence => b']',
        }
    }
}

struct Scanner<'s> {
    source: &'s str,
    offset: usize,
    scan: Scan,
    open: Vec<Frame>,
}

impl Scanner<'_> {
    fn document(&mut self) -> Result<(), ScanError> {
        if self.source.starts_with(BYTE_ORDER_MARK) {
            return Err(self.error(0, ScanErrorKind::ByteOrderMark));
        }
        self.scan.events.push(Event::Document(Span::at(0)));
        self.skip_blanks();
        self.root()?;
        while let Some(frame) = self.open.last() {
            let (container, close, has_items) = (frame.container, frame.close(), frame.has_items);
            self.item(container, close, has_items)?;
        }
        self.skip_blanks();
        if self.peek().is_some() {
            return Err(self.error(self.offset, ScanErrorKind::TrailingText));
        }
        self.scan.events.push(Event::EndDocument(Span::at(self.source.len())));
        Ok(())
    }

    fn root(&mut self) -> Result<(), ScanError> {
        let found = match self.peek() {
            Some(b'{') => return self.enter(Container::Mapping),
            Some(b'[') => "a list",
            Some(b'"') => "a string",
            Some(b'-' | b'0'..=b'9') => "a number",
            Some(b't' | b'f') => "a boolean",
            Some(b'n') => "null",
            Some(_) => return Err(self.syntax("an object in { } is expected here")),
            None => return Err(self.syntax("the file is empty; JSON needs at least {}")),
        };
        Err(self.error(self.offset, ScanErrorKind::RootNotObject(found)))
    }

    /// Reads the next item of the innermost collection, or its end.
    fn item(&mut self, container: Container, close: u8, has_items: bool) -> Result<(), ScanError> {
        self.skip_blanks();
        match (self.peek(), has_items) {
            (Some(byte), _) if byte == close => {
                self.leave();
                return Ok(());
            }
            (Some(b','), true) => {
                self.offset += 1;
                self.skip_blanks();
            }
            (_, false) => {}
            (_, true) if container == Container::Mapping => {
                return Err(self.syntax("a comma or } is expected here"));
            }
            (_, true) => return Err(self.syntax("a comma or ] is expected here")),
        }
        if container == Container::Mapping {
            self.key()?;
        }
        self.value(container)
    }

    fn key(&mut self) -> Result<(), ScanError> {
        if self.peek() != Some(b'"') {
            return Err(self.syntax("a key in double quotes is expected here"));
        }
        let (text, span) = self.string()?;
        self.scan.events.push(Event::Key(Key { text, span, is_string: true, alias: None }));
        self.skip_blanks();
        if self.peek() != Some(b':') {
            return Err(self.syntax("a colon is expected here"));
        }
        self.offset += 1;
        self.skip_blanks();
        Ok(())
    }

    fn value(&mut self, container: Container) -> Result<(), ScanError> {
        if let Some(frame) = self.open.last_mut() {
            frame.has_items = true;
        }
        let (value, site, style) = match self.peek() {
            Some(b'{') => return self.enter(Container::Mapping),
            Some(b'[') => return self.enter(Container::Sequence),
            Some(b'"') => {
                let (text, site) = self.string()?;
                (LeafValue::Str(text), site, Style::DoubleQuoted)
            }
            _ => {
                let (value, site) = self.word()?;
                (value, site, Style::Plain)
            }
        };
        self.scan.events.push(Event::Leaf(Leaf {
            site,
            body: Span::at(site.end()),
            value,
            indent: 0,
            style,
            in_flow: true,
            in_sequence: container == Container::Sequence,
        }));
        Ok(())
    }

    fn enter(&mut self, container: Container) -> Result<(), ScanError> {
        if self.open.len() >= NESTING_LIMIT {
            return Err(self.error(self.offset, ScanErrorKind::TooDeep(NESTING_LIMIT)));
        }
        let span = Span::new(self.offset, self.offset + 1);
        self.scan.events.push(Event::Enter { container, span, is_flow: true });
        self.open.push(Frame { container, start: self.offset, has_items: false });
        self.offset += 1;
        Ok(())
    }

    fn leave(&mut self) {
        self.open.pop();
        self.scan.events.push(Event::Leave(Span::new(self.offset, self.offset + 1)));
        self.offset += 1;
    }

    /// Reads a string; the span covers its quotes.
    fn string(&mut self) -> Result<(Text, Span), ScanError> {
        let start = self.offset;
        let mut has_escape = false;
        let mut at = start + 1;
        let bytes = self.source.as_bytes();
        loop {
            at += plain_length(bytes.get(at..).unwrap_or_default());
            match bytes.get(at) {
                Some(b'"') => break,
                Some(b'\\') => {
                    has_escape = true;
                    at += 2;
                }
                Some(_) => {
                    let what = "a control character must be written as an escape";
                    return Err(self.error(at, ScanErrorKind::Syntax(what.to_owned())));
                }
                None => return Err(self.syntax("the string that begins here has no end")),
            }
        }
        self.offset = at + 1;
        let inner = Span::new(start + 1, at);
        let text = if has_escape { self.unescaped(inner)? } else { Text::Source(inner) };
        Ok((text, Span::new(start, at + 1)))
    }

    fn unescaped(&mut self, inner: Span) -> Result<Text, ScanError> {
        match resolve::unescape(inner.slice(self.source)) {
            Ok(text) => Ok(self.scan.keep(text)),
            Err((at, fault)) => Err(self.fault(inner.start() + at, fault)),
        }
    }

    /// Reads a number, a truth value or null.
    fn word(&mut self) -> Result<(LeafValue, Span), ScanError> {
        let rest = &self.source.as_bytes()[self.offset..];
        let is_part =
            |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
        let length = rest.iter().take_while(|byte| is_part(byte)).count();
        let span = Span::new(self.offset, self.offset + length);
        let value = match span.slice(self.source) {
            "" => return Err(self.syntax("a value is expected here")),
            "true" => LeafValue::Bool(true),
            "false" => LeafValue::Bool(false),
            "null" => LeafValue::Null,
            text if text.starts_with(|first: char| first.is_ascii_digit() || first == '-') => {
                resolve::number(text).map_err(|fault| self.fault(self.offset, fault))?
            }
            _ => return Err(self.syntax("this is no value of JSON; strings need double quotes")),
        };
        self.offset = span.end();
        Ok((value, span))
    }

    fn peek(&self) -> Option<u8> {
        self.source.as_bytes().get(self.offset).copied()
    }

    fn skip_blanks(&mut self) {
        let rest = &self.source.as_bytes()[self.offset..];
        let is_blank = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
        self.offset += rest.iter().take_while(is_blank).count();
    }

    /// Makes the error for what stands, or is missing, at the current place.
    fn syntax(&self, what: &str) -> ScanError {
        let kind = match (self.peek(), self.open.last()) {
            (None, Some(frame)) => {
                ScanErrorKind::Truncated { line: line_of(self.source, frame.start) }
            }
            _ => ScanErrorKind::Syntax(what.to_owned()),
        };
        self.error(self.offset, kind)
    }

    fn fault(&self, offset: usize, fault: Fault) -> ScanError {
        let what = match fault {
            Fault::NotANumber => "this is no number of JSON",
            Fault::OutOfRange => return self.error(offset, ScanErrorKind::NumberOutOfRange),
            Fault::UnknownEscape => "JSON has no such escape",
        };
        self.error(offset, ScanErrorKind::Syntax(what.to_owned()))
    }

    fn error(&self, offset: usize, kind: ScanErrorKind) -> ScanError {
        ScanError::at(self.source, offset, kind)
    }
}

/// Returns how many bytes stand before the next quote, backslash or control character; by blocks,
/// as the only string of a binary file is as long as the file.
fn plain_length(bytes: &[u8]) -> usize {
    let is_special = |byte: u8| matches!(byte, b'"' | b'\\' | 0..=0x1f);
    let is_plain = |block: &&[u8; 64]| !block.iter().fold(false, |it, byte| it | is_special(*byte));
    let blocks = bytes.as_chunks().0.iter().take_while(is_plain).count();
    let rest = &bytes[64 * blocks..];
    64 * blocks + rest.iter().position(|byte| is_special(*byte)).unwrap_or(rest.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A one-line picture of the events, with the values that leaves have.
    fn picture(source: &str) -> String {
        let scan = scan(source).unwrap();
        let text = |text| format!("{:?}", scan.str(source, text));
        let one = |event: &Event| match event {
            Event::Enter { container: Container::Mapping, .. } => "{".to_owned(),
            Event::Enter { container: Container::Sequence, .. } => "[".to_owned(),
            Event::Leave(span) => span.slice(source).to_owned(),
            Event::Key(key) => text(key.text) + ":",
            Event::Leaf(leaf) => match leaf.value {
                LeafValue::Str(string) => text(string),
                LeafValue::Int(number) => format!("int {number}"),
                LeafValue::Float(number) => format!("float {number}"),
                other => format!("{other:?}"),
            },
            _ => String::new(),
        };
        let events: Vec<String> = scan.events.iter().map(one).filter(|it| !it.is_empty()).collect();
        events.join(" ")
    }

    #[test]
    fn events_give_the_values_of_the_text() {
        let rows = [
            ("{}", "{ }"),
            (" \t\r\n{ \n} \r\n\t", "{ }"),
            (
                r#"{"a":1,"b":[true,false,null,"x",[],{}],"":{"a":1.5}}"#,
                r#"{ "a": int 1 "b": [ Bool(true) Bool(false) Null "x" [ ] { } ] "": { "a": float 1.5 } }"#,
            ),
            (r#"{"a":1,"a":2}"#, r#"{ "a": int 1 "a": int 2 }"#),
            (r#"{"\u0041\ud83d\ude00":"\ud800\n"}"#, r#"{ "A😀": "�\n" }"#),
            (
                r#"{"n":[-0,-0.0,1E2,12345678901234567890]}"#,
                r#"{ "n": [ int 0 float -0 float 100 float 12345678901234567000 ] }"#,
            ),
            ("{\"\u{feff}\":\"\u{2028}\u{7f}\"}", "{ \"\u{feff}\": \"\u{2028}\u{7f}\" }"),
        ];
        for (source, expected) in rows {
            let expected = expected
                .replace('\u{feff}', "\\u{feff}")
                .replace('\u{2028}', "\\u{2028}")
                .replace('\u{7f}', "\\u{7f}");
            assert_eq!(picture(source), expected, "{source}");
        }
    }

    #[test]
    fn errors_say_what_is_wrong_where() {
        use ScanErrorKind::{
            ByteOrderMark, NumberOutOfRange, RootNotObject, TrailingText, Truncated,
        };
        let syntax = |what: &str| ScanErrorKind::Syntax(what.to_owned());
        let rows = [
            ("", 1, 1, syntax("the file is empty; JSON needs at least {}")),
            (" \n", 2, 1, syntax("the file is empty; JSON needs at least {}")),
            ("\u{feff}{}", 1, 1, ByteOrderMark),
            ("[1]", 1, 1, RootNotObject("a list")),
            ("\n \"a\"", 2, 2, RootNotObject("a string")),
            ("-1", 1, 1, RootNotObject("a number")),
            ("true", 1, 1, RootNotObject("a boolean")),
            ("null", 1, 1, RootNotObject("null")),
            ("a: 1", 1, 1, syntax("an object in { } is expected here")),
            ("{\"a\":1} x", 1, 9, TrailingText),
            ("{}\n{}", 2, 1, TrailingText),
            ("{}}", 1, 3, TrailingText),
            ("{", 1, 2, Truncated { line: 1 }),
            ("{\n\"a\":\n", 3, 1, Truncated { line: 1 }),
            ("{\n\"a\": [\n1,", 3, 3, Truncated { line: 2 }),
            ("{\n\"a\": {}", 2, 8, Truncated { line: 1 }),
            ("{\"a", 1, 2, syntax("the string that begins here has no end")),
            ("{\"é\" 1}", 1, 6, syntax("a colon is expected here")),
            ("{a:1}", 1, 2, syntax("a key in double quotes is expected here")),
            ("{\"a\":1,}", 1, 8, syntax("a key in double quotes is expected here")),
            ("{\"a\":[1,]}", 1, 9, syntax("a value is expected here")),
            ("{\"a\":[1 2]}", 1, 9, syntax("a comma or ] is expected here")),
            ("{\"a\":1 \"b\":2}", 1, 8, syntax("a comma or } is expected here")),
            ("{\"a\":'x'}", 1, 6, syntax("a value is expected here")),
            ("{\"a\":x}", 1, 6, syntax("this is no value of JSON; strings need double quotes")),
            ("{\"a\":01}", 1, 6, syntax("this is no number of JSON")),
            ("{\"a\":1e400}", 1, 6, NumberOutOfRange),
            ("{\"a\":\"b\tc\"}", 1, 8, syntax("a control character must be written as an escape")),
            ("{\"a\":\"b\\qc\"}", 1, 8, syntax("JSON has no such escape")),
            ("{\"a\":\"\\", 1, 6, syntax("the string that begins here has no end")),
        ];
        for (source, line, column, kind) in rows {
            assert_eq!(scan(source).err(), Some(ScanError { line, column, kind }), "{source:?}");
        }
    }

    #[test]
    fn long_strings_end_where_short_ones_do() {
        for length in [0, 1, 62, 63, 64, 65, 127, 128, 129, 1000] {
            let text = "x".repeat(length);
            assert_eq!(plain_length(text.as_bytes()), length);
            for special in ['"', '\\', '\n', '\u{1f}', '\0'] {
                let text = format!("{text}{special}{text}");
                assert_eq!(plain_length(text.as_bytes()), length, "{special:?}");
            }
        }
    }

    #[test]
    fn nesting_is_limited_and_never_overflows_the_stack() {
        let nested = |depth: usize| {
            let lists = depth - 1;
            format!("{{\"a\":{}{}}}", "[".repeat(lists), "]".repeat(lists))
        };
        assert!(scan(&nested(NESTING_LIMIT)).is_ok());
        for depth in [NESTING_LIMIT + 1, 200_000] {
            let kind = scan(&nested(depth)).map(|_| ()).map_err(|error| error.kind);
            assert_eq!(kind, Err(ScanErrorKind::TooDeep(NESTING_LIMIT)));
        }
        let open = "{\"a\":".repeat(200_000);
        assert!(scan(&open).is_err());
    }

    /// Puts the text together again from the spans of its tokens; what lies between them must be
    /// blanks, commas and colons.
    fn check_spans(source: &str) {
        let scan = scan(source).unwrap();
        let mut at = 0;
        for event in &scan.events {
            let span = match event {
                Event::Enter { span, .. } | Event::Leave(span) => *span,
                Event::Key(key) => {
                    assert_text(source, &scan, key.text, key.span);
                    key.span
                }
                Event::Leaf(leaf) => {
                    if let LeafValue::Str(text) = leaf.value {
                        assert_text(source, &scan, text, leaf.site);
                    }
                    leaf.site
                }
                _ => continue,
            };
            let gap = &source[at..span.start()];
            assert!(gap.chars().all(|it| " \t\r\n,:".contains(it)), "{gap:?} in {source:?}");
            assert!(!span.is_empty() && source.get(span.range()).is_some());
            at = span.end();
        }
        assert!(source[at..].trim().is_empty());
    }

    fn assert_text(source: &str, scan: &Scan, text: Text, span: Span) {
        let quoted = span.slice(source);
        let decoded: Option<String> = serde_json::from_str(quoted).ok();
        // serde_json refuses lone surrogates
        if let Some(decoded) = decoded {
            assert_eq!(scan.str(source, text), decoded, "{quoted}");
        }
    }

    fn blanks() -> impl Strategy<Value = String> {
        "[ \t\r\n]{0,2}"
    }

    fn string() -> impl Strategy<Value = String> {
        let piece = prop_oneof![
            "[^\"\\\\\\x00-\\x1f]{0,4}",
            r#"\\["\\/bfnrt]"#,
            r"\\u[0-9a-fA-F]{4}",
            r"\\ud83d\\ude00"
        ];
        prop::collection::vec(piece, 0..4).prop_map(|pieces| format!("\"{}\"", pieces.concat()))
    }

    fn value() -> impl Strategy<Value = String> {
        let scalar = prop_oneof![
            string(),
            "-?(0|[1-9][0-9]{0,20})(\\.[0-9]{1,5})?([eE][+-]?[0-9]{1,2})?",
            "true|false|null"
        ];
        scalar.prop_recursive(4, 40, 5, |inner| {
            let padded =
                (blanks(), inner, blanks()).prop_map(|(a, value, b)| a + &value + &b).boxed();
            let pair = (blanks(), string(), blanks(), padded.clone())
                .prop_map(|(a, key, b, value)| format!("{a}{key}{b}:{value}"));
            let list = prop::collection::vec(padded, 1..5);
            let object = prop::collection::vec(pair, 1..5);
            prop_oneof![
                list.prop_map(|items| format!("[{}]", items.join(","))),
                object.prop_map(|items| format!("{{{}}}", items.join(","))),
                Just("[ ]".to_owned()),
                Just("{}".to_owned()),
            ]
        })
    }

    proptest! {
        #[test]
        fn spans_cover_the_text(pairs in prop::collection::vec((string(), value()), 0..6)) {
            let pairs: Vec<String> = pairs.iter().map(|(key, it)| format!("{key} : {it}")).collect();
            check_spans(&format!("{{{}}}\n", pairs.join(" ,\n")));
        }

        #[test]
        fn any_text_is_read_or_refused(text in ".{0,40}") {
            let _ = scan(&text);
            let _ = scan(&format!("{{\"a\":{text}"));
        }

        #[test]
        fn any_pieces_are_read_or_refused_as_by_another_parser(
            pieces in prop::collection::vec(
                prop::sample::select(vec![
                    "{", "}", "[", "]", ",", ":", "\"a\"", "\"", "\\", "\\u12", "1", "-", "0", ".",
                    "e", "true", "nul", "null", " ", "\n", "é", "\u{feff}", "\t", "/",
                ]),
                0..12,
            ),
        ) {
            let text = format!("{{\"a\":{}}}", pieces.concat());
            let is_json = serde_json::from_str::<serde_json::Value>(&text).is_ok();
            prop_assert_eq!(scan(&text).is_ok(), is_json, "{}", text);
        }
    }
}
