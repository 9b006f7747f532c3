//! JSON files as a whole: what comes back, what is refused, and what the reference makes of them.

mod support;

use leafseal::crypto::SystemRandomness;
use leafseal::document::{self, Document, OpenOptions, SealOptions};
use leafseal::format::{self, Format, Indent, json};
use leafseal::metadata::{Metadata, Selector, SelectorKind};
use leafseal::tree::{Branch, Event, Tree, Value, ValueType};
use support::json::JsonWriter;
use support::{OPTIONS, Reference, TestKey};

fn tree(text: &str) -> Tree {
    let scan = json::scan(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    format::subtree(text, &scan, 1).expect("data")
}

/// A text as the reference prints its values.
fn printed(text: &str) -> String {
    let text = json::emit_document(&[Branch::from(&tree(text))], Indent::Default).expect("JSON");
    text.as_str().to_owned()
}

/// Drops the sign of zero: the float is printed as `-0`, which is read back as an integer.
fn without_signed_zeros(text: &str) -> String {
    text.replace("-0,\n", "0,\n").replace("-0\n", "0\n")
}

/// The tokens of a text without its scalar values, and all blanks between them.
fn skeleton(text: &str) -> String {
    let scan = json::scan(text).expect("JSON");
    let mut kept = String::new();
    let mut at = 0;
    for event in &scan.events {
        if let Event::Leaf(leaf) = event {
            kept.push_str(&text[at..leaf.site.start()]);
            kept.push('*');
            at = leaf.site.end();
        }
    }
    kept + &text[at..]
}

fn metadata(key: &TestKey, seed: u64) -> Metadata {
    let selector = match seed % 4 {
        0 | 1 => Selector::default(),
        2 => Selector::new(SelectorKind::UnencryptedSuffix, "_unencrypted").expect("a selector"),
        _ => Selector::new(SelectorKind::EncryptedRegex, "^(a|user|ключ|)$").expect("a selector"),
    };
    Metadata { selector, mac_only_encrypted: seed % 5 == 4, ..key.metadata.clone() }
}

fn seal(key: &TestKey, source: &str) -> String {
    let sealed = key.seal_in(Format::Json, source, key.metadata.clone());
    sealed.unwrap_or_else(|error| panic!("{error}: {source}"))
}

/// Texts of RFC 8259 whose top level is an object, spelled as the reference prints values.
const PRINTED: [&str; 26] = [
    "{}",
    " {} ",
    "\t{\r\n}\n",
    r#"{"":0}"#,
    r#"{"a":"b","a":"b"}"#,
    r#"{"a":[],"a":{},"a":[[],[[]],{"":{}}]}"#,
    r#"{"a":true,"b":false,"c":null}"#,
    r#"{"a":[true,false,null,""]}"#,
    r#"{"a":0,"b":-1,"c":123,"d":1.5,"e":-0.000001,"f":1e-7,"g":1e+21}"#,
    r#"{"a":100000000000000000000}"#,
    r#"{"a":9223372036854775807,"b":-9223372036854775808}"#,
    r#"{"a":5e-324,"b":1.7976931348623157e+308}"#,
    "{\"a\" :\n1\n}",
    "{ \"a\":\t\"b\" ,\r\n\"c\" :[ 1 , 2 ]\r\n}\r\n",
    "{\"a\u{e9}\u{20ac}\u{10ffff}\":\"\u{80}\u{7ff}\u{800}\u{ffff}\u{10000}\"}",
    "{\"a\":\"\u{7f}\u{85}\u{a0}\u{2027}\u{feff}\u{fffd}\u{fffe}\"}",
    r#"{"a":"\"\\/\b\f\n\r\t"}"#,
    r#"{"a":"\u0000\u0001\u000b\u001f"}"#,
    r#"{"a":"\u003c\u003e\u0026\u2028\u2029"}"#,
    r#"{"a\u0026":{"b":"c"}}"#,
    r#"{"a":"{\"b\":[1,2]}, // no \\\\ /* comment */"}"#,
    r#"{"sops_":{"sops":{"mac":"x"},"Sops":1}}"#,
    r#"{"a":"ENC[AES256_GCM,data:AA==,iv:AA==,tag:AA==,type:str]"}"#,
    r#"{"a_unencrypted":{"b":[1.50,"\u0041\/","&"]},"b":1}"#,
    r#"{"\u0041\/\ud83d\ude00":"x"}"#,
    r#"{"a":{"b":{"c":{"d":{"e":{"f":{"g":{"h":[[[[[[[[1]]]]]]]]}}}}}}}}"#,
];

/// Texts of RFC 8259 in spellings that the reference would not print.
const SPELLED: [&str; 14] = [
    r#"{"a":1.0,"b":1.10,"c":1E5,"d":1e+2,"e":1E-2,"f":-0,"g":-0.0,"h":0e1,"i":0E+0}"#,
    r#"{"a":12345678901234567890,"b":9223372036854775808,"c":123e45,"d":123.456789e-3}"#,
    r#"{"a":1e-400,"b":-1e-9999}"#,
    r#"{"a":0.3000000000000000444089209850062616169452667236328125}"#,
    r#"{"a":"\u0041\u00e9\uD834\uDD1E\ud83d\ude39"}"#,
    r#"{"a":"\/","b":"&<>","c":"\u0008\u000c\u000A\u000d\u0009\u0022\u005c"}"#,
    "{\"a\":\"\u{2028}\u{2029}\"}",
    r#"{"a":"\u007f\u0060\u012a\u005C"}"#,
    r#"{"a":"\ud800","b":"\udc00\ud800","c":"\ud800\u0041","d":"\uD800\n","e":"\ud800\ud800\udc00"}"#,
    r#"{"a":"\uFFFE\uFDD0\uFFFF\uDBFF\uDFFE"}"#,
    r#"{"a":"\u0000\u001F"}"#,
    r#"{"a":"\\u0041\\\u0022"}"#,
    r#"{"a":["\u2028",1.0],"b":[{"c":"\u0026"}]}"#,
    r#"{"a":"\u200B\u2064\uFEFF"}"#,
];

/// What is no JSON, or no object.
const REFUSED: [&str; 100] = [
    "",
    " ",
    "[]",
    "[1]",
    "1",
    "-1",
    "1.5",
    "\"a\"",
    "true",
    "false",
    "null",
    "nul",
    "a",
    "\u{feff}{}",
    "{",
    "}",
    "{]",
    "{}}",
    "{},",
    "{}{}",
    "{} {}",
    "{}#",
    "{}/**/",
    "{}//",
    "{}\u{0}",
    "{}\u{a0}",
    "\u{c}{}",
    "\u{b}{}",
    "\u{a0}{}",
    "{\u{2060}}",
    "{\u{c}}",
    "{,}",
    "{:}",
    "{\"a\"}",
    "{\"a\":}",
    "{\"a\":1",
    "{\"a\":1,",
    "{\"a\":1,}",
    "{\"a\":1,,}",
    "{\"a\":1,,\"b\":2}",
    "{,\"a\":1}",
    "{\"a\" 1}",
    "{\"a\",1}",
    "{\"a\"::1}",
    "{\"a\":1 \"b\":2}",
    "{\"a\":1:2}",
    "{\"a\":1]",
    "{'a':1}",
    "{a:1}",
    "{1:1}",
    "{null:1}",
    "{[]:1}",
    "{\"a\":1;\"b\":2}",
    "{\"a\":'b'}",
    "{\"a\":b}",
    "{\"a\":True}",
    "{\"a\":tru}",
    "{\"a\":truee}",
    "{\"a\":nulll}",
    "{\"a\":NaN}",
    "{\"a\":Infinity}",
    "{\"a\":-Infinity}",
    "{\"a\":undefined}",
    "{\"a\":+1}",
    "{\"a\":01}",
    "{\"a\":-01}",
    "{\"a\":-}",
    "{\"a\":--1}",
    "{\"a\":.5}",
    "{\"a\":-.5}",
    "{\"a\":1.}",
    "{\"a\":1.e1}",
    "{\"a\":1e}",
    "{\"a\":1e+}",
    "{\"a\":1ee1}",
    "{\"a\":1.2.3}",
    "{\"a\":0x1F}",
    "{\"a\":1_000}",
    "{\"a\":1 000}",
    "{\"a\":１}",
    "{\"a\":1e400}",
    "{\"a\":-1e400}",
    "{\"a\":\"\t\"}",
    "{\"a\":\"\n\"}",
    "{\"a\":\"\u{0}\"}",
    "{\"a\":\"\u{1f}\"}",
    "{\"a\":\"b}",
    "{\"a\":\"\\\"}",
    "{\"a\":\"\\a\"}",
    "{\"a\":\"\\x41\"}",
    "{\"a\":\"\\u\"}",
    "{\"a\":\"\\u12\"}",
    "{\"a\":\"\\u12g4\"}",
    "{\"a\":\"\\ud800\\u\"}",
    "{\"a\":\"\\é\"}",
    "{\"a\":[1,]}",
    "{\"a\":[,1]}",
    "{\"a\":[1 2]}",
    "{\"a\":[1}",
    "{\"a\":[1]]}",
];

#[test]
fn every_byte_of_a_json_file_comes_back() {
    let key = TestKey::load();
    let generated = (0..2000).map(|seed| (seed, JsonWriter::new(seed).document()));
    let fixed = PRINTED.iter().chain(&SPELLED).map(|source| (0, (*source).to_owned()));
    for (seed, source) in fixed.chain(generated) {
        let sealed = key.seal_in(Format::Json, &source, metadata(&key, seed));
        let sealed = sealed.unwrap_or_else(|error| panic!("{error}: {source}"));
        assert_eq!(key.open_in(Format::Json, &sealed).as_deref().ok(), Some(source.as_str()));
    }
}

#[test]
fn what_is_spelled_as_the_reference_prints_it_needs_no_layout_record() {
    let key = TestKey::load();
    let generated = (0..500).map(|seed| JsonWriter::printed(seed).document());
    for source in PRINTED.iter().map(|source| (*source).to_owned()).chain(generated) {
        let sealed = seal(&key, &source);
        assert!(!sealed.contains("leafseal_layout"), "{source}");
        assert_eq!(key.open_in(Format::Json, &sealed).as_deref().ok(), Some(source.as_str()));
    }
}

#[test]
fn without_a_layout_record_values_stay_and_all_that_is_around_them() {
    let key = TestKey::load();
    let generated = (0..1000).map(|seed| JsonWriter::new(seed).document());
    for source in SPELLED.iter().map(|source| (*source).to_owned()).chain(generated) {
        let sealed = key.seal_as(Format::Json, &source, key.metadata.clone(), false);
        let sealed = sealed.unwrap_or_else(|error| panic!("{error}: {source}"));
        let opened = key.open_in(Format::Json, &sealed);
        let opened = opened.unwrap_or_else(|error| panic!("{error}: {source}"));
        let [found, wanted] = [&opened, &source].map(|it| without_signed_zeros(&printed(it)));
        assert_eq!(found, wanted, "{source}");
        assert_eq!(skeleton(&opened), skeleton(&source));
    }
}

#[test]
fn what_is_no_json_object_is_refused() {
    let key = TestKey::load();
    for source in REFUSED {
        let sealed = key.seal_in(Format::Json, source, key.metadata.clone());
        assert!(matches!(sealed, Err(document::SealError::Scan(_))), "{source}");
    }
}

#[test]
fn the_reference_decrypts_what_we_encrypt() {
    let (key, reference) = (TestKey::load(), Reference::for_files("json"));
    let generated = (0..320).map(|seed| (seed, JsonWriter::new(seed).document()));
    let fixed = PRINTED.iter().map(|source| (0, (*source).to_owned()));
    let mut failures = Vec::new();
    for (seed, source) in fixed.chain(generated) {
        let metadata = metadata(&key, seed);
        // 3.11 reads other numbers than 3.13 where they are in clear, which the MAC shows
        let is_steady = seed % 4 != 3;
        let metadata = if is_steady { metadata } else { key.metadata.clone() };
        let sealed = key.seal_in(Format::Json, &source, metadata);
        let sealed = sealed.unwrap_or_else(|error| panic!("{error}: {source}"));
        match reference.decrypt(&sealed) {
            Ok(text) if text == printed(&source) => {}
            Ok(text) => failures.push(format!("seed {seed}\n{source}\n--- reference\n{text}")),
            Err(error) => failures.push(format!("seed {seed}: {error}\n{source}\n{sealed}")),
        }
    }
    let shown = failures.iter().take(3).cloned().collect::<Vec<_>>().join("\n=====\n");
    assert!(failures.is_empty(), "{} failures:\n{shown}", failures.len());
}

/// Decrypts with our program.
fn decrypt_with_ours(text: &str) -> String {
    let file = tempfile::Builder::new().suffix(".json").tempfile().expect("a scratch file");
    std::fs::write(file.path(), text).expect("it can be written");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_leafseal"));
    command.env("SOPS_AGE_KEY_FILE", support::fixture("vectors/keys/age1.txt"));
    let output = command.arg("decrypt").arg(file.path()).output().expect("it runs");
    let bytes = if output.status.success() { output.stdout } else { output.stderr };
    String::from_utf8(bytes).expect("text")
}

#[test]
fn what_the_reference_encrypts_decrypts_to_what_it_prints() {
    let reference = Reference::for_files("json");
    let mut failures = Vec::new();
    for seed in 7000..7320 {
        let source = JsonWriter::new(seed).document();
        let encrypted = reference.encrypt(&source, &[]);
        let encrypted = encrypted.unwrap_or_else(|error| panic!("{error}: {source}"));
        let wanted = reference.decrypt(&encrypted).expect("the reference opens its own file");
        let found = decrypt_with_ours(&encrypted);
        if found != wanted {
            failures
                .push(format!("seed {seed}\n{source}\n--- reference\n{wanted}\n--- ours\n{found}"));
        }
    }
    let shown = failures.iter().take(3).cloned().collect::<Vec<_>>().join("\n=====\n");
    assert!(failures.is_empty(), "{} failures:\n{shown}", failures.len());
}

#[test]
fn a_new_block_is_the_one_that_the_reference_would_write() {
    // the order of keys is that of 3.13, so the reference's own 3.13 file is the measure
    let vector = std::fs::read_to_string(support::fixture("vectors/v313/numbers.enc.json"));
    let vector = vector.expect("a vector");
    let document = Document::parse(&vector, Format::Json).expect("JSON");
    let metadata = document.metadata().expect("readable").expect("present");
    let block = &vector[vector.find("\t\"sops\": {").expect("a block")..];
    let key = TestKey::load();
    let sealed = key.seal_in(Format::Json, "{\n\t\"i\": 1\n}\n", metadata.clone());
    let sealed = sealed.expect("it is encrypted");
    let new = Document::parse(&sealed, Format::Json).expect("JSON");
    let new = new.metadata().expect("readable").expect("present");
    let written = &sealed[sealed.find("\t\"sops\": {").expect("a block")..];
    assert_eq!(written.replace(&new.mac, &metadata.mac), block);
}

/// Encrypts one value of any type in the place of a string, as another program or a conversion may.
fn with_value(key: &TestKey, kind: ValueType, text: &str, place: &str) -> String {
    use leafseal::crypto::{Aad, Cipher, Envelope, MacState, Nonce, Randomness as _};
    let source = format!("{{\n\t\"a\": {}\n}}\n", place.replace('@', "\"x\""));
    let sealed = seal(key, &source);
    let document = Document::parse(&sealed, Format::Json).expect("JSON");
    let metadata = document.metadata().expect("readable").expect("present");
    let cipher = Cipher::new(&key.data_key);
    let envelope = |plain: &[u8], aad: &Aad<'_>, kind: ValueType| {
        let mut nonce = Nonce([0; 32]);
        SystemRandomness.fill(&mut nonce.0).expect("random bytes");
        Envelope::seal(&cipher, &nonce, aad, plain, kind.as_str()).expect("an envelope")
    };
    let value = Value::parse(kind, text.as_bytes()).expect("a value");
    let bytes = value.canonical_bytes();
    let mut mac = MacState::new(false);
    if kind != ValueType::Comment {
        mac.add(&bytes, true);
    }
    let last_modified = metadata.last_modified.to_second().to_string();
    let aad = Aad::of_text(&last_modified);
    let new_mac = envelope(mac.finish().as_str().as_bytes(), &aad, ValueType::Str);
    let start = sealed.find("ENC[").expect("a value");
    let end = start + sealed[start..].find(']').expect("its end") + 1;
    let value = envelope(&bytes, &Aad::of_joined(b"a:"), kind);
    sealed.replace(&metadata.mac, &new_mac).replacen(&sealed[start..end], &value, 1)
}

#[test]
fn values_of_every_type_are_printed_or_refused() {
    let key = TestKey::load();
    let rows = [
        (ValueType::Str, "a&b", "@", Some("\"a\\u0026b\"")),
        (ValueType::Int, "007", "@", Some("7")),
        (ValueType::Float, "1e30", "[@]", Some("[1e+30]")),
        (ValueType::Bool, "t", "@", Some("true")),
        (ValueType::Time, "2020-01-01T00:00:00Z", "@", Some("\"2020-01-01T00:00:00Z\"")),
        (ValueType::Comment, " note", "[@]", Some("[]")),
        (ValueType::Comment, " note", "[null, @]", Some("[null]")),
        (ValueType::Comment, " note", "[\n@,\nnull]", Some("[\nnull]")),
        (ValueType::Comment, " note", "@", None),
        (ValueType::Float, "NaN", "@", None),
        (ValueType::Float, "-inf", "@", None),
    ];
    for (kind, text, place, expected) in rows {
        let opened = key.open_in(Format::Json, &with_value(&key, kind, text, place));
        let expected = expected.map(|value| format!("{{\n\t\"a\": {value}\n}}\n"));
        assert_eq!(opened.as_deref().ok(), expected.as_deref(), "{kind:?} {text} {place}");
        if let (ValueType::Float, Err(error)) = (kind, opened) {
            assert!(matches!(error, document::OpenError::Unprintable(..)), "{error}");
        }
    }
}

/// Encrypts a text, decrypts it, and encrypts another one in its place.
fn edited(key: &TestKey, source: &str, edit: impl FnOnce(&str) -> String) -> (String, String) {
    let sealed = seal(key, source);
    let document = Document::parse(&sealed, Format::Json).expect("JSON");
    let metadata = document.metadata().expect("readable").expect("present");
    let options = OpenOptions { format: Format::Json, ..OPTIONS };
    let opened = document::open_to_change(&document, &metadata, &key.data_key, options);
    let (opened, unchanged) = opened.unwrap_or_else(|error| panic!("{error}"));
    let edited = edit(&opened.text);
    let options = SealOptions {
        format: Format::Json,
        data_key: &key.data_key,
        metadata,
        indent: 0,
        keeps_layout: true,
    };
    let again = document::reseal(&edited, options, &unchanged, &SystemRandomness);
    let again = again.unwrap_or_else(|error| panic!("{error}: {edited}")).text;
    assert_eq!(key.open_in(Format::Json, &again).as_deref().ok(), Some(edited.as_str()));
    (sealed, again)
}

#[test]
fn an_edit_changes_the_value_and_the_mac_only() {
    let key = TestKey::load();
    let sources = [
        "{\"a\":\"x\",\"b\":[1,1,2]}",
        "{\r\n  \"a\": \"x\",\r\n  \"b\": [1, 1, 2]\r\n}",
        "{ \"a\": 1.0, \"b\": [1, 1, 2] }\n",
    ];
    for source in sources {
        let (old, new) = edited(&key, source, |text| text.replace("2]", "\"new\"]"));
        let pieces = |text: &str| -> Vec<String> { text.split('"').map(str::to_owned).collect() };
        let (old, new) = (pieces(&old), pieces(&new));
        assert_eq!(old.len(), new.len(), "{new:?}");
        // the date stays in this test
        let changed = old.iter().zip(&new).filter(|(old, new)| old != new).count();
        assert_eq!(changed, 2, "{new:?}");
    }
}

#[test]
fn a_layout_record_comes_and_goes_with_the_spelling_that_needs_it() {
    let key = TestKey::load();
    let sources = ["{\"a\":1}", "{\n\t\"a\": 1\n}\n", "{\r\n\"a\": 1\r\n}", "{\n  \"a\":1 }"];
    for source in sources {
        let spelled = source.replace('1', "1.0");
        let (old, new) = edited(&key, source, |_| spelled.clone());
        assert!(!old.contains("leafseal_layout") && new.contains("leafseal_layout"), "{new}");
        let (old, new) = edited(&key, &spelled, |_| source.to_owned());
        assert!(old.contains("leafseal_layout") && !new.contains("leafseal_layout"), "{new}");
        let lines = |text: &str| text.lines().count();
        assert_eq!(lines(&new) + usize::from(lines(&old) > 1), lines(&old), "{new}");
    }
}
