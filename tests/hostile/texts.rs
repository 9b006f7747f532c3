//! Texts that are too deep, too many, too long or in the wrong letters.

use std::time::Duration;

use super::{Place, RECIPIENT, failed, succeeded};

/// What becomes of a text.
enum Fate {
    /// It is encrypted and comes back.
    Accepted,
    /// Encryption refuses it with this code and words.
    Refused(i32, &'static str),
}

use Fate::{Accepted, Refused};

const DEEP: usize = 200_000;
const MANY: usize = 100_000;
const LONG: usize = 10_000_000;

const TOO_DEEP: Fate = Refused(2, "nested more than 1000 deep");

/// A list of ten, ten of which make the next list, and so on: 10^12 values.
fn bomb(suffix: &str) -> String {
    let mut text = format!("a0{suffix}: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..12 {
        let aliases = format!("*a{}, ", level - 1).repeat(10);
        text += &format!("a{level}{suffix}: &a{level} [{aliases}]\n");
    }
    text
}

/// Writes as many lines.
pub(super) fn lines(count: usize, line: impl Fn(usize) -> String) -> String {
    (0..count).map(line).collect::<Vec<_>>().concat()
}

fn steps(count: usize) -> String {
    lines(count, |depth| format!("{}a:\n", " ".repeat(depth)))
}

fn deep() -> Vec<(&'static str, String, Fate)> {
    vec![
        ("lists in brackets", format!("a: {}{}\n", "[".repeat(DEEP), "]".repeat(DEEP)), TOO_DEEP),
        ("brackets without end", format!("a: {}", "[".repeat(DEEP)), TOO_DEEP),
        ("braces", format!("a: {}{}\n", "{a: ".repeat(DEEP), "}".repeat(DEEP)), TOO_DEEP),
        ("braces without end", "{a: ".repeat(DEEP), TOO_DEEP),
        ("dashes", format!("a:\n  {}x\n", "- ".repeat(DEEP)), TOO_DEEP),
        ("keys below keys", format!("{}{}x\n", steps(3000), " ".repeat(3000)), TOO_DEEP),
        ("question marks", format!("{}\n", "? ".repeat(DEEP)), Refused(2, "cannot be a key")),
        ("colons", format!("{}\n", ":".repeat(DEEP)), Refused(2, "a colon cannot stand here")),
        ("as deep as may be", format!("{}{}x: 1\n", steps(900), " ".repeat(900)), Accepted),
    ]
}

fn many() -> Vec<(&'static str, String, Fate)> {
    vec![
        ("alias bomb", bomb(""), Refused(2, "aliases expand to too many")),
        ("alias bomb in clear", bomb("_unencrypted"), Refused(2, "aliases expand to too many")),
        ("anchors", lines(MANY, |at| format!("k{at}_unencrypted: &a{at} v\n")), Accepted),
        ("anchors of one name", lines(MANY, |at| format!("k{at}_unencrypted: &a v\n")), Accepted),
        (
            "aliases of one anchor",
            "x_unencrypted: &a v\n".to_owned()
                + &lines(MANY, |at| format!("k{at}_unencrypted: *a\n")),
            Accepted,
        ),
        ("comments", "a_unencrypted: 2\n".to_owned() + &"#\n".repeat(300_000), Accepted),
        ("comments above", "#\n".repeat(300_000) + "a: 1\n", Accepted),
        ("empty lines", format!("a: 1\n{}", "\n".repeat(LONG)), Accepted),
        ("empty collections", format!("a: [{}{{}}]\n", "[], {}, ".repeat(MANY)), Accepted),
        ("nulls", lines(MANY, |at| format!("k{at}: null\n")), Accepted),
        ("tags", format!("a: {}x\n", "!!str ".repeat(MANY)), Refused(2, "line 1")),
    ]
}

fn long() -> Vec<(&'static str, String, Fate)> {
    let block = "  some text\n".repeat(LONG / 12);
    vec![
        ("plain scalar", format!("a: {}\n", "x".repeat(LONG)), Accepted),
        ("words", format!("a: {}\n", "words and ".repeat(LONG / 10) + "end"), Accepted),
        ("plain scalar of lines", format!("a:\n{block}"), Accepted),
        ("double quotes", format!("a: \"{}\"\n", "x".repeat(LONG)), Accepted),
        ("escapes", format!("a: \"{}\"\n", "\\n".repeat(LONG / 2)), Accepted),
        ("single quotes", format!("a: '{}'\n", "x".repeat(LONG)), Accepted),
        ("literal block", format!("first:\n  b: 1\na: |\n{block}"), Accepted),
        ("folded block", format!("a: >\n{block}"), Accepted),
        ("blanks", format!("a: {}1\n", " ".repeat(LONG)), Accepted),
        ("key", format!("{}: 1\n", "x".repeat(LONG)), Refused(2, "line 1")),
        ("tag", format!("a: !{} y\n", "x".repeat(LONG)), Accepted),
        ("anchor", format!("a: &{} z\n", "x".repeat(LONG)), Accepted),
        ("indentation of a block", "a: |99999999999\n  x\n".to_owned(), Refused(2, "line 1")),
        ("number", format!("a_unencrypted: {}\n", "9".repeat(LONG)), Accepted),
    ]
}

/// Encrypts each text and decrypts the result; tries to decrypt it as if it were encrypted, too.
fn suffer(cases: Vec<(&'static str, String, Fate)>) {
    let place = Place::new();
    let block = place.block();
    for (label, text, fate) in cases {
        place.write("a.yaml", &text);
        let answer = place.encrypt("a.yaml");
        if let Refused(code, message) = fate {
            failed(label, &answer, code, "a.yaml", message);
            assert!(place.bytes("a.yaml") == text.as_bytes(), "{label}: the file was touched");
        } else {
            succeeded(label, &answer);
            succeeded(label, &place.decrypt("a.yaml"));
            let is_same = place.bytes("a.yaml") == text.as_bytes();
            assert!(is_same || matches!(fate, Accepted), "{label}: it comes back otherwise");
        }
        // a file that somebody made, with metadata that opens
        let forged = format!("{}\n{block}", text.trim_end_matches('\n'));
        place.write("a.yaml", &forged);
        let answer = place.decrypt("a.yaml");
        let code = answer.code.filter(|code| [1, 25, 51].contains(code));
        let code = code.unwrap_or_else(|| panic!("{label}: {:?}: {}", answer.code, answer.stderr));
        failed(label, &answer, code, "a.yaml", "");
        assert!(place.bytes("a.yaml") == forged.as_bytes(), "{label}: the file was touched");
        assert_eq!(place.names(), ["a.yaml"], "{label}");
    }
}

#[test]
fn depth_is_refused() {
    suffer(deep());
}

#[test]
fn large_numbers_of_things_are_borne() {
    suffer(many());
}

#[test]
fn long_things_are_borne() {
    suffer(long());
}

#[test]
fn metadata_may_hold_anything() {
    let place = Place::new();
    let encrypted = place.encrypted("a: 1\n");
    let (text, block) = encrypted.split_at(encrypted.find("sops:").expect("a block"));
    let fields = block.strip_prefix("sops:\n").expect("fields");
    let with = |lines: &str| format!("{text}sops:\n{lines}{fields}");
    let own_entry = &fields[..fields.find("    lastmodified:").expect("a date")];
    let entry = own_entry.strip_prefix("    age:\n").expect("a list").to_owned();
    let foreign = "        - recipient: age1x\n          enc: x\n";
    let many_entries = |count| {
        let entries = foreign.repeat(count) + &entry;
        format!("{text}sops:\n{}", fields.replacen(&entry, &entries, 1))
    };
    let cases = [
        ("deep", with(&format!("    x: {}{}\n", "[".repeat(DEEP), "]".repeat(DEEP))), 1),
        ("keys below keys", with(&format!("    x: {}\n", "{a: ".repeat(DEEP))), 1),
        ("bomb", format!("{}{encrypted}", bomb("_unencrypted")), 1),
        ("bomb within", with(&bomb("").replace("\na", "\n    a").replacen("a0", "    a0", 1)), 1),
        ("a million fields", with(&lines(1_000_000, |at| format!("    x{at}: 1\n"))), 1),
        ("a million elements", with(&format!("    x: [{}]\n", "1, ".repeat(1_000_000))), 1),
        ("a million entries", many_entries(1_000_000), 1),
        ("many entries", many_entries(60_000), 0),
        ("a long field", with(&format!("    x: {}\n", "x".repeat(LONG))), 0),
        ("a huge threshold", with("    shamir_threshold: 99999999999999999999\n"), 1),
        ("a negative threshold", with("    shamir_threshold: -1\n"), 1),
        ("a long version", fields_with(text, fields, "    version:", &"1.".repeat(LONG / 2)), 0),
        ("a long date", fields_with(text, fields, "    lastmodified:", &"1".repeat(LONG)), 1),
        (
            "a far date",
            fields_with(text, fields, "    lastmodified:", "999999999-01-01T00:00:00Z"),
            1,
        ),
        ("a long MAC", fields_with(text, fields, "    mac:", &"x".repeat(LONG)), 51),
    ];
    for (label, file, code) in cases {
        place.write("a.yaml", &file);
        let answer = place.decrypt("a.yaml");
        if code == 0 {
            succeeded(label, &answer);
            assert_eq!(place.bytes("a.yaml"), b"a: 1\n", "{label}");
        } else {
            failed(label, &answer, code, "a.yaml", "");
            assert!(place.bytes("a.yaml") == file.as_bytes(), "{label}: the file was touched");
        }
    }
}

/// Gives a field of a block another value.
fn fields_with(text: &str, fields: &str, name: &str, value: &str) -> String {
    let line = fields.lines().find(|line| line.starts_with(name)).expect("the field is there");
    format!("{text}sops:\n{}", fields.replacen(line, &format!("{name} {value}"), 1))
}

#[test]
fn configurations_may_hold_anything() {
    let place = Place::new();
    let rules = "creation_rules:\n";
    let rule = format!("  - path_regex: nothing$\n    age: {RECIPIENT}\n");
    let cases = [
        ("deep", format!("{rules}  {}\n", "[".repeat(DEEP)), Some("nested more than 1000 deep")),
        ("bomb", bomb("") + rules, Some("aliases expand to too many values")),
        ("long regex", format!("{rules}  - path_regex: {}\n", "(a*)*".repeat(100_000)), Some("")),
        ("nested regex", format!("{rules}  - path_regex: {}\n", "(".repeat(MANY)), Some("")),
        (
            "counted regex",
            format!("{rules}  - path_regex: ((a{{1000}}){{1000}}){{1000}}\n"),
            Some(""),
        ),
        (
            "many rules",
            format!("{rules}{}", rule.repeat(20_000)),
            Some("no matching creation rules"),
        ),
        ("invalid UTF-8", "creation_rules: [\u{0}]\n".to_owned(), Some("")),
        ("comments", format!("{}{rules}  - age: {RECIPIENT}\n", "# c\n".repeat(300_000)), None),
    ];
    for (label, config, message) in cases {
        place.write(".sops.yaml", &config);
        place.write("a.yaml", "a: 1\n");
        let answer = place.call(&["encrypt", "--in-place", "a.yaml"]);
        match message {
            Some(message) => {
                failed(label, &answer, 1, ".sops.yaml", message);
                assert_eq!(place.bytes("a.yaml"), b"a: 1\n", "{label}");
            }
            None => succeeded(label, &answer),
        }
    }
}

#[test]
fn index_paths_may_be_anything() {
    let place = Place::new();
    place.write("a.yaml", "a: [1, 2]\nb: {c: d}\n");
    succeeded("encrypt", &place.encrypt("a.yaml"));
    let deep_path = "[\"a\"]".repeat(20_000);
    let long_key = format!("[\"{}\"]", "x".repeat(100_000));
    let cases = [
        ("[99999999999]", 1),
        ("[\"a\"][99999999999]", 1),
        ("[\"a\"][18446744073709551615]", 1),
        ("[\"a\"][99999999999999999999999999]", 91),
        ("[\"a\"][-9223372036854775808]", 91),
        ("[\"a\"][0][0]", 1),
        (&deep_path, 1),
        (&long_key, 1),
        ("]", 91),
        ("[\"", 91),
        ("[\"a\"]]", 1),
        ("a", 91),
        ("[]", 91),
    ];
    for (path, code) in cases {
        let answer = place.call(&["decrypt", "--extract", path, "a.yaml"]);
        let label = path.chars().take(40).collect::<String>();
        failed(&label, &answer, code, "", "");
    }
}

#[test]
fn texts_in_other_letters_are_refused() {
    let place = Place::new();
    let block = place.block();
    let units = |text: &str, to_bytes: fn(u16) -> [u8; 2]| -> Vec<u8> {
        text.encode_utf16().flat_map(to_bytes).collect()
    };
    for text in ["a: 1\n".to_owned(), format!("a: 1\n{block}")] {
        let marked = format!("\u{feff}{text}");
        let mut inside = text.clone().into_bytes();
        inside[3] = 0xff;
        let cases = [
            ("UTF-16 LE", units(&text, u16::to_le_bytes)),
            ("UTF-16 BE", units(&text, u16::to_be_bytes)),
            ("UTF-16 LE with its mark", units(&marked, u16::to_le_bytes)),
            ("UTF-16 BE with its mark", units(&marked, u16::to_be_bytes)),
            ("a byte that is no UTF-8", inside),
            ("half a letter", [text.as_bytes(), b"b: \xc3"].concat()),
            ("a surrogate", [text.as_bytes(), b"b: \xed\xa0\x80\n"].concat()),
            ("too long a form", [text.as_bytes(), b"b: \xc0\xaf\n"].concat()),
        ];
        for (label, bytes) in cases {
            place.write("a.yaml", &bytes);
            failed(label, &place.encrypt("a.yaml"), 2, "a.yaml", "");
            failed(label, &place.decrypt("a.yaml"), 1, "a.yaml", "");
            assert_eq!(place.bytes("a.yaml"), bytes, "{label}");
        }
    }
}

#[test]
fn old_line_breaks_count_in_quotes_only() {
    let place = Place::new();
    for letter in ['\u{85}', '\u{2028}', '\u{2029}'] {
        let quoted = format!("a: \"x{letter} y\"\nb: 'x{letter}'\n");
        place.write("a.yaml", &quoted);
        succeeded("quoted", &place.encrypt("a.yaml"));
        succeeded("quoted", &place.decrypt("a.yaml"));
        for text in [
            format!("a: x{letter}b: 1\n"),
            format!("a: 1{letter}b: 1\n"),
            format!("# x{letter}\na: 1\n"),
            format!("a: 1 # x{letter}b: 2\n"),
            format!("a:{letter} 1\n"),
            format!("{letter}a: 1\n"),
            format!("a: [1,{letter}2]\n"),
            format!("a: |\n  x{letter}  y\n"),
        ] {
            place.write("a.yaml", &text);
            failed(&text, &place.encrypt("a.yaml"), 2, "a.yaml", "");
            assert_eq!(place.bytes("a.yaml"), text.as_bytes());
        }
    }
}

/// Makes a text of so many parts.
type Maker = fn(usize) -> String;

#[test]
fn time_grows_with_the_size_alone() {
    let makers: [(&str, usize, Maker); 11] = [
        ("values", 4000, |size| lines(size, |at| format!("k{at}: v\n"))),
        ("comments", 4000, |size| format!("a: 1\n{}", "# c\n".repeat(size))),
        ("comments behind values", 2000, |size| lines(size, |at| format!("k{at}: v # c\n"))),
        ("comments in lists", 3000, |size| format!("a:\n{}", "# c\n- v\n".repeat(size))),
        ("anchors", 3000, |size| lines(size, |at| format!("k{at}: &a{at} v\n"))),
        ("aliases", 20_000, |size| {
            format!("x_unencrypted: &a v\ny_unencrypted:\n{}", "- *a\n".repeat(size))
        }),
        ("odd spellings", 3000, |size| lines(size, |at| format!("k{at}: 1.10\n"))),
        ("expanded aliases", 2000, |size| {
            format!("x: &a v\n{}", lines(size, |at| format!("k{at}: *a\n")))
        }),
        ("elements in brackets", 4000, |size| format!("a: [{}]\n", "1, ".repeat(size))),
        ("mappings", 2000, |size| lines(size, |at| format!("k{at}:\n  a:\n    b: v\n"))),
        ("documents", 300, |size| "---\na: 1\n".repeat(size)),
    ];
    let place = Place::new();
    for (label, size, maker) in makers {
        // other work on the machine spoils caches: the best of some tries counts
        let mut times = Vec::new();
        let is_linear = (0..4).any(|_| {
            let [once, four_times] = [size, 4 * size].map(|size| {
                place.write("a.yaml", maker(size));
                let sealed = place.encrypt("a.yaml");
                succeeded(label, &sealed);
                let opened = place.decrypt("a.yaml");
                succeeded(label, &opened);
                sealed.time + opened.time
            });
            // four times the work, a half more for allowance; quadratic work takes sixteen times
            times.push((once, four_times));
            four_times < 6 * once + Duration::from_millis(200)
        });
        assert!(is_linear, "{label}: time grows faster than the text: {times:?}");
    }
}
