//! The layout record: small, kept while nothing changes, and unable to change a value.

mod support;

use leafseal::crypto::{Aad, Cipher, Envelope, Nonce, Strictness, SystemRandomness};
use leafseal::document::{self, Document, SealOptions, Warning};
use leafseal::format::Format;
use leafseal::metadata::Selector;
use support::{OPTIONS, TestKey};

const FIELD: &str = "leafseal_layout";

/// Returns the line of the record.
fn record_line(encrypted: &str) -> Option<&str> {
    encrypted.lines().find(|line| line.contains(FIELD))
}

fn seal(key: &TestKey, source: &str) -> String {
    key.seal(source, &Selector::default()).unwrap_or_else(|error| panic!("{error}\n{source}"))
}

/// Decrypts and gives the warnings too.
fn open(key: &TestKey, encrypted: &str) -> (String, Vec<Warning>) {
    let document = Document::parse(encrypted, Format::Yaml).expect("YAML");
    let metadata = document.metadata().expect("readable").expect("present");
    let opened = document::open(&document, &metadata, &key.data_key, OPTIONS);
    let opened = opened.unwrap_or_else(|error| panic!("{error}\n{encrypted}"));
    (opened.text.as_str().to_owned(), opened.warnings)
}

/// Decrypts, changes the clear text, and encrypts what it became.
fn change(key: &TestKey, encrypted: &str, change: impl Fn(&str) -> String) -> String {
    let document = Document::parse(encrypted, Format::Yaml).expect("YAML");
    let metadata = document.metadata().expect("readable").expect("present");
    let opened = document::open_to_change(&document, &metadata, &key.data_key, OPTIONS);
    let (opened, unchanged) = opened.expect("it opens");
    let changed = change(&opened.text);
    let options = SealOptions {
        format: Format::Yaml,
        data_key: &key.data_key,
        metadata,
        indent: 0,
        keeps_layout: true,
    };
    let randomness = &SystemRandomness;
    let sealed = document::reseal(&changed, options, &unchanged, randomness);
    let sealed = sealed.unwrap_or_else(|error| panic!("{error}\n{changed}"));
    assert_eq!(open(key, &sealed.text), (changed, vec![]));
    sealed.text
}

/// Puts a record of one's own into a file.
fn with_record(key: &TestKey, encrypted: &str, record: &str) -> String {
    let envelope = Envelope::seal(
        &Cipher::new(&key.data_key),
        &Nonce([7; 32]),
        &Aad::of_text(FIELD),
        record.as_bytes(),
        "str",
    );
    let envelope = envelope.expect("short enough");
    match record_line(encrypted) {
        Some(line) => encrypted.replace(line, &format!("    {FIELD}: {envelope}")),
        None => encrypted.replace("    mac: ", &format!("    {FIELD}: {envelope}\n    mac: ")),
    }
}

#[test]
fn a_record_is_written_only_where_a_spelling_would_be_lost() {
    let key = TestKey::load();
    let canonical = "a: x\nb:\n    - 1\n    - true\n# c\nc: |-\n    two\n    lines\nd: \"q\"\n";
    assert_eq!(record_line(&seal(&key, canonical)), None);
    for source in [
        "a: 1.10\n",
        "a: 0644\n",
        "a: yes\n",
        "a: \"\\u00e9\"\n",
        "a: >\n  x\n",
        "a: !t x\n",
        "a: &x y\nb: *x\n",
        "a: x",
        "---\n",
    ] {
        let encrypted = seal(&key, source);
        assert!(record_line(&encrypted).is_some(), "{source}{encrypted}");
        assert_eq!(open(&key, &encrypted), (source.to_owned(), vec![]));
    }
}

/// Returns the plaintext of a file's record.
fn record(key: &TestKey, encrypted: &str) -> String {
    let document = Document::parse(encrypted, Format::Yaml).expect("YAML");
    let metadata = document.metadata().expect("readable").expect("present");
    let envelope = metadata.layout.expect("a record");
    let envelope = Envelope::parse(&envelope, Strictness::Strict).expect("an envelope");
    let cipher = Cipher::new(&key.data_key);
    let text = envelope.open(&cipher, &Aad::of_text(FIELD)).expect("it opens");
    String::from_utf8(text.to_vec()).expect("UTF-8")
}

#[test]
fn the_example_of_the_documentation_is_what_is_written() {
    let key = TestKey::load();
    let page = include_str!("../docs/format.md");
    let block = |language: &str| {
        let start = page.find(&format!("```{language}\n")).expect("a block");
        let block = &page[start + language.len() + 4..];
        &block[..block.find("\n```").expect("its end")]
    };
    let encrypted = seal(&key, block("yaml"));
    assert_eq!(record(&key, &encrypted), block("json"));
    assert_eq!(open(&key, &encrypted), (block("yaml").to_owned(), vec![]));
}

#[test]
fn a_record_stays_in_the_first_document() {
    let key = TestKey::load();
    let encrypted = seal(&key, "a: 1.10\n---\na: 1.20\n---\nb: 0x1\n");
    assert_eq!(encrypted.matches(FIELD).count(), 1);
    assert!(encrypted.find(FIELD) < encrypted.find("\n---\n"));
}

#[test]
fn kinds_whose_definition_is_closed_get_no_record() {
    let key = TestKey::load();
    for kind in ["SopsSecret", "GlobalSopsSecret"] {
        let source = format!("kind: {kind}\na: 1.10\n");
        let selector = "kind|apiVersion";
        let selector = Selector::new(
            leafseal::metadata::SelectorKind::UnencryptedRegex,
            format!("^({selector})$"),
        );
        for selector in [Selector::default(), selector.expect("a pattern")] {
            let encrypted = key.seal(&source, &selector).expect("encryptable");
            assert_eq!(record_line(&encrypted), None, "{encrypted}");
        }
    }
    assert!(record_line(&seal(&key, "spec:\n    kind: SopsSecret\na: 1.10\n")).is_some());
}

#[test]
fn a_hundred_thousand_sites_take_at_most_25_bytes_each() {
    let key = TestKey::load();
    let mut source = String::new();
    for group in 0..10_000 {
        source += &format!("department_of_long_names_{group:05}:\n");
        source += "    an_inner_level_with_a_long_name:\n        another_level_with_a_long_name:\n";
        for item in 0..10 {
            source += &format!("            k{item}: 0x{:x}\n", group * 10 + item + 4096);
        }
    }
    let encrypted = seal(&key, &source);
    let line = record_line(&encrypted).expect("a record");
    let each = line.len() / 100_000;
    assert!(each <= 25, "{each} bytes");
    assert_eq!(open(&key, &encrypted), (source, vec![]));
}

#[test]
fn an_unchanged_record_keeps_its_ciphertext() {
    let key = TestKey::load();
    let source = "a: 1.10\nb: x\nc: &n {d: e}\nf: *n\n";
    let encrypted = seal(&key, source);
    let same = change(&key, &encrypted, |text| text.replace("b: x", "b: z"));
    assert_eq!(record_line(&same), record_line(&encrypted));
    let other = change(&key, &encrypted, |text| text.replace("1.10", "1.20"));
    assert_ne!(record_line(&other), record_line(&encrypted));
}

#[test]
fn a_record_comes_and_goes_with_the_spellings() {
    let key = TestKey::load();
    let encrypted = seal(&key, "a: 1.1\nb:\n    c: x\n");
    assert_eq!(record_line(&encrypted), None);
    let with = change(&key, &encrypted, |text| text.replace("1.1", "1.10"));
    assert!(record_line(&with).is_some());
    let without = change(&key, &with, |text| text.replace("1.10", "1.1"));
    assert_eq!(record_line(&without), None);
    let blocks = |text: &str| text.matches("\nsops:").count();
    assert_eq!((blocks(&with), blocks(&without)), (1, 1));
}

#[test]
fn a_record_comes_and_goes_in_flow_style() {
    let key = TestKey::load();
    let encrypted = seal(&key, "{a: \"x\", b: [\"y\"]}\n");
    assert_eq!(record_line(&encrypted), None, "{encrypted}");
    let with = change(&key, &encrypted, |text| text.replace("\"x\"", "x"));
    assert!(record_line(&with).is_some());
    let without = change(&key, &with, |text| text.replace('x', "\"x\""));
    assert_eq!(record_line(&without), None);
}

#[test]
fn a_record_cannot_change_a_value() {
    let key = TestKey::load();
    let encrypted = seal(&key, "a: 16\nb_unencrypted: 1\nc:\n    d: x\n");
    let rows = [
        r#"{"v":1,"sites":[[0,"a","17"]]}"#,
        r#"{"v":1,"sites":[[0,"a","\"16\""]]}"#,
        r#"{"v":1,"sites":[[0,"b_unencrypted","2"]]}"#,
        r#"{"v":1,"sites":[[0,"c","d","x\n    e: f"]]}"#,
        r#"{"v":1,"sites":[[0,"c",[": {d: y}"]]]}"#,
        r#"{"v":1,"sites":[[0,"c",["\": ["]]]}"#,
        r#"{"v":1,"sites":[[0,"c","d",["|",4]]]}"#,
        r#"{"v":1,"text":[[0,"a: 16\n","a: 17\n"]]}"#,
        r#"{"v":1,"text":[[-1,"\n","\ng: 1\n"]]}"#,
    ];
    let plain = open(&key, &encrypted).0;
    for record in rows {
        let (text, warnings) = open(&key, &with_record(&key, &encrypted, record));
        assert_eq!(warnings, [Warning::LayoutIgnored], "{record}");
        assert_eq!(text, plain, "{record}");
    }
}

#[test]
fn a_record_of_another_version_or_file_is_passed_over_with_a_warning() {
    let key = TestKey::load();
    let source = "a: 1.10\n";
    let encrypted = seal(&key, source);
    let rows = [
        with_record(&key, &encrypted, r#"{"v":2,"sites":[[0,"a","1.1000"]]}"#),
        with_record(&key, &encrypted, "no JSON"),
        encrypted.replace(
            "leafseal_layout: ENC[AES256_GCM,data:",
            "leafseal_layout: ENC[AES256_GCM,data:AAAA",
        ),
        encrypted.replace("leafseal_layout: ENC[", "leafseal_layout: XXX["),
    ];
    for changed in rows {
        assert_eq!(open(&key, &changed), ("a: 1.1\n".to_owned(), vec![Warning::LayoutIgnored]));
    }
    // what names nothing of the file does no harm
    let other =
        with_record(&key, &encrypted, r#"{"v":1,"sites":[[0,"z","9"]],"text":[[99,"x","y"]]}"#);
    assert_eq!(open(&key, &other), ("a: 1.1\n".to_owned(), vec![]));
}

#[test]
fn aliases_of_encrypted_values_become_copies_and_come_back() {
    let key = TestKey::load();
    let rows = [
        "a: &x s\nb: *x\n",
        "a: &x {k: s}\nb: *x # c\nc: [*x, *x]\n",
        "a: &x\n    k: s\n    l: [1, 2]\nb:\n    <<: *x\n    m: 1\nc:\n  - *x\n  -   *x\n",
        "a: &x\n- s\n- t\nb: *x\nc:\n- *x\n",
        "a: &x s\nb: &y [*x]\nc: *y\nd: {e: *y}\n",
        "a_unencrypted: &x s\nb: *x\n",
        "a: &x s\nb_unencrypted: *x\n",
        "a: &x |\n  s\n  t\nb: *x\nc: {d: *x}\n",
        "&k a: s\nb: *k\nc: [*k]\n",
        "a: &x {}\nb: *x\nc: &y s\nd: *y\n",
        "? a\n: &x {k: s}\n? b\n: *x\n",
        "a: &x {k: s}\nb:\n    *x\nc: 1\n",
        "a: &x {k: s}\r\nb: *x\r\nc:\r\n- *x\r\n",
        "a: &x {k: s}\nb: *x",
    ];
    for source in rows {
        let encrypted = seal(&key, source);
        assert_eq!(open(&key, &encrypted), (source.to_owned(), vec![]), "{encrypted}");
        let without = key.seal_without_layout(source).expect("encryptable");
        let copies = open(&key, &without).0.replace("b: *x\nc: &y", "");
        assert!(!copies.contains('*'), "{copies}");
    }
}

#[test]
fn aliases_of_clear_values_stay() {
    let key = TestKey::load();
    let source = "a_unencrypted: &x s\nb_unencrypted: *x\nc: &y ~\nd: *y\n";
    let encrypted = seal(&key, source);
    assert!(encrypted.starts_with(source), "{encrypted}");
}
