//! The library as a program uses it that links leafseal.

mod environment;
#[path = "../support/mod.rs"]
mod support;

use std::error::Error as _;
use std::fs;

use leafseal::{
    Content, Encryption, Error, Format, Identities, Item, KeyType, Node, OpenError, Rules,
    Selector, SelectorKind, Values,
};
use proptest::prelude::*;
use support::documents::Writer;
use support::{Reference, fixture};

const RECIPIENT: &str = "age1hk6km9gau76kykwdatkwd4lu4kka4hcegvy92lf0l6pljcrhz95slnuph2";

fn identities() -> Identities {
    Identities::from_age_file(fixture("vectors/keys/age1.txt")).expect("an identity")
}

fn others() -> Identities {
    Identities::from_age_file(fixture("vectors/keys/age2.txt")).expect("an identity")
}

fn encryption() -> Encryption {
    Encryption::to_age([RECIPIENT]).expect("a recipient")
}

fn encrypt(text: &str, format: Format) -> String {
    let encrypted = leafseal::encrypt(text.as_bytes(), format, &encryption()).expect("encrypted");
    String::from_utf8(encrypted.into_bytes()).expect("text")
}

fn decrypt(text: &str, format: Format) -> Result<String, Error> {
    let decrypted = leafseal::decrypt(text.as_bytes(), format, &identities())?;
    Ok(String::from_utf8(decrypted.bytes().to_vec()).expect("text"))
}

fn values(text: &str, format: Format) -> Values {
    let encrypted = encrypt(text, format);
    let decrypted = leafseal::decrypt(encrypted.as_bytes(), format, &identities());
    decrypted.expect("decrypted").values().expect("values")
}

/// An error with everything behind it, as text for people and for programmers.
fn whole(error: &Error) -> String {
    let mut text = format!("{error:?} {error}");
    let mut source = error.source();
    while let Some(error) = source {
        text += &format!(" {error:?} {error}");
        source = error.source();
    }
    text
}

#[test]
fn every_byte_comes_back() {
    let rows = [
        (Format::Yaml, "# note\na:   'x'  # why\nb: [1.10, 0644]\n\nc: &c |\n  t\nd: *c"),
        (Format::Yaml, "a: 1\n---\nb: 2\n"),
        (Format::Json, "{\"a\" : 1.50,\n\t\"b\":[\"\\u00e9\", null]}"),
        (Format::Dotenv, "# note\nA=x y\n\nB=\n"),
        (Format::Ini, "; note\n[a]\nx   = 1\n\n[b]\ny = 2\n"),
    ];
    for (format, text) in rows {
        let encrypted = encrypt(text, format);
        assert_ne!(encrypted, text);
        assert_eq!(decrypt(&encrypted, format).expect("decrypted"), text);
    }
}

#[test]
fn binary_files_are_bytes_without_values() {
    let selector = Selector::new(SelectorKind::EncryptedRegex, "^nothing$").expect("a selector");
    let encryption = encryption().selector(selector).mac_only_encrypted(true).indent(2);
    for (bytes, count) in [(&b"\x00\xff{\r"[..], 1), (b"", 0), (b"{\"sops\": 1}", 1)] {
        let encrypted = leafseal::encrypt(bytes, Format::Binary, &encryption).expect("it");
        assert_eq!(encrypted.encrypted_values(), count);
        assert!(encrypted.bytes().starts_with(b"{\n  \"data\": \""));
        assert_eq!(leafseal::is_encrypted(encrypted.bytes(), Format::Binary).ok(), Some(true));
        let decrypted = leafseal::decrypt(encrypted.bytes(), Format::Binary, &identities());
        let decrypted = decrypted.expect("it decrypts");
        assert_eq!(decrypted.bytes(), bytes);
        assert!(!decrypted.metadata().mac_only_encrypted);
        assert!(matches!(decrypted.values(), Err(Error::NoValues)));
        assert_eq!(decrypted.into_bytes().as_slice(), bytes);
    }
    let object = encrypt("{\"data\": 1}", Format::Json);
    let result = leafseal::decrypt(object.as_bytes(), Format::Binary, &identities());
    assert!(matches!(result, Err(Error::Convert(_))), "{result:?}");
    for clear in [&b"\xff\0"[..], b"text", b"{}"] {
        let result = leafseal::decrypt(clear, Format::Binary, &identities());
        assert!(matches!(result, Err(Error::NotEncrypted)), "{result:?}");
    }
}

#[test]
fn metadata_tells_for_whom_and_how_a_file_is_encrypted() {
    let selector = Selector::new(SelectorKind::EncryptedRegex, "^b$").expect("a selector");
    let encryption = encryption().selector(selector.clone()).mac_only_encrypted(true);
    let encrypted = leafseal::encrypt(b"a: 1\nb: 2\n", Format::Yaml, &encryption).expect("it");
    assert_eq!(encrypted.encrypted_values(), 1);
    assert_eq!(leafseal::is_encrypted(encrypted.bytes(), Format::Yaml).ok(), Some(true));
    let metadata = leafseal::metadata(encrypted.bytes(), Format::Yaml).expect("it").expect("it");
    let keys: Vec<(KeyType, String)> =
        metadata.master_keys().map(|key| (key.key_type, key.name())).collect();
    assert_eq!(keys, [(KeyType::Age, RECIPIENT.to_owned())]);
    assert_eq!(metadata.selector, selector);
    assert!(metadata.mac_only_encrypted);
    assert_eq!(metadata.version, "3.13.2");
    assert!(metadata.last_modified.to_string().starts_with("20"));
}

#[test]
fn settings_reach_the_file() {
    let text = "a: 1.50\n";
    let set = |encryption: Encryption| {
        let encrypted = leafseal::encrypt(text.as_bytes(), Format::Yaml, &encryption).expect("it");
        String::from_utf8(encrypted.into_bytes()).expect("text")
    };
    assert!(set(encryption()).contains("leafseal_layout"));
    assert!(!set(encryption().layout(false)).contains("leafseal_layout"));
    assert!(set(encryption()).contains("\nsops:\n    age:\n"));
    assert!(set(encryption().indent(3)).contains("\nsops:\n   age:\n"));
}

#[test]
fn rules_choose_by_path() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let config = format!(
        "stores: {{yaml: {{indent: 3}}}}
creation_rules:
  - {{path_regex: ^prod/, age: {RECIPIENT}, encrypted_suffix: _key, mac_only_encrypted: true}}
  - {{path_regex: ^empty/}}
  - {{path_regex: ^pgp/, pgp: ABCD}}
unknown_keys_are_for_anchors: 1
creation_rule: 1
"
    );
    fs::write(folder.path().join(".sops.yaml"), &config).expect("written");
    fs::create_dir_all(folder.path().join("prod/deep")).expect("a folder");
    let rules = [
        Rules::load(folder.path().join(".sops.yaml")).expect("a configuration"),
        Rules::find(folder.path().join("prod/deep")).expect("readable").expect("found"),
        Rules::parse(&config, folder.path()).expect("a configuration"),
    ];
    for rules in rules {
        assert_eq!(rules.warnings().len(), 1, "{:?}", rules.warnings());
        let file = |name: &str| rules.for_file(folder.path().join(name));
        let encryption = file("prod/a.yaml").expect("a rule");
        let text = b"a_key: 1\nb: 2\n";
        let encrypted = leafseal::encrypt(text, Format::Yaml, &encryption).expect("encrypted");
        let text = std::str::from_utf8(encrypted.bytes()).expect("text");
        assert!(text.contains("\nb: 2\nsops:\n   age:\n"), "{text}");
        assert!(text.contains("\n   encrypted_suffix: _key\n"));
        assert!(text.contains("\n   mac_only_encrypted: true\n"));
        assert!(matches!(file("test/a.json"), Err(Error::Config(_))));
        assert!(matches!(file("empty/a.json"), Err(Error::Rule { .. })));
        let error = file("pgp/a.json").expect_err("no such keys");
        let expected = "line 5, column 30: not an OpenPGP fingerprint: \"ABCD\"";
        assert!(error.to_string().ends_with(expected), "{error}");
    }
}

#[test]
fn a_configuration_without_rules_or_with_a_wrong_indent_is_an_error() {
    let rules = Rules::parse("stores: {yaml: {indent: 2}}", "/x").expect("a configuration");
    assert!(matches!(rules.for_file("/x/a.yaml"), Err(Error::NoRules { .. })));
    assert!(matches!(Rules::parse("creation_rules: 1", "/x"), Err(Error::Config(_))));
    let config =
        format!("stores: {{yaml: {{indent: -2}}}}\ncreation_rules: [{{age: {RECIPIENT}}}]");
    let rules = Rules::parse(&config, "/x").expect("a configuration");
    let encryption = rules.for_file("/x/a.yaml").expect("a rule");
    let error = leafseal::encrypt(b"a: 1\n", Format::Yaml, &encryption).expect_err("an error");
    assert!(matches!(error, Error::Indent { format: Format::Yaml, indent: -2 }));
    let folder = tempfile::tempdir().expect("a scratch folder");
    let error = Rules::load(folder.path().join(".sops.yaml")).expect_err("an error");
    assert!(whole(&error).contains("NotFound"), "{error:?}");
}

#[test]
fn files_that_do_not_open_say_why() {
    let encrypted = encrypt("a: hunter2\nb: hunter3\n", Format::Yaml);
    let error = leafseal::decrypt(encrypted.as_bytes(), Format::Yaml, &others());
    let error = error.expect_err("another key");
    assert!(matches!(error, Error::NoIdentity(_)), "{error:?}");
    assert!(whole(&error).contains("age2.txt: 1 identity, which does not match"));

    let line = |name: &str| {
        let start = format!("{name}: ");
        let line = encrypted.lines().find(|line| line.starts_with(&start)).expect("a line");
        line[start.len()..].to_owned()
    };
    let (a, b) = (line("a"), line("b"));
    let swapped = encrypted.replace(&a, "(a)").replace(&b, &a).replace("(a)", &b);
    let removed = encrypted.replace(&format!("b: {b}\n"), "");
    let clear = encrypted.replace(&a, "hunter4");
    let cut = encrypted.replace(&a, &a[..a.len() - 2]);
    for altered in [swapped, removed, clear, cut] {
        assert_ne!(altered, encrypted);
        let error = decrypt(&altered, Format::Yaml).expect_err("it was altered");
        assert!(matches!(error, Error::Altered(_)), "{error:?}");
        assert!(!whole(&error).contains("hunter"), "{}", whole(&error));
    }
    let without_b = encrypted.replace(&format!("b: {b}\n"), "");
    let error = decrypt(&without_b, Format::Yaml).expect_err("a value is missing");
    assert!(matches!(error, Error::Altered(OpenError::MacMismatch)), "{error:?}");
}

#[test]
fn files_in_clear_are_told_from_encrypted_ones() {
    let encrypted = encrypt("a: hunter2\n", Format::Yaml);
    let (values, _) = encrypted.split_once("sops:").expect("a block");
    assert!(matches!(decrypt(values, Format::Yaml), Err(Error::MetadataLost)));
    assert!(matches!(decrypt("a: hunter2\n", Format::Yaml), Err(Error::NotEncrypted)));
    assert!(matches!(decrypt("{}", Format::Json), Err(Error::NotEncrypted)));
    assert_eq!(leafseal::is_encrypted(b"a: 1\n", Format::Yaml).ok(), Some(false));
    assert_eq!(leafseal::metadata(b"a: 1\n", Format::Yaml).ok(), Some(None));
    let again = leafseal::encrypt(encrypted.as_bytes(), Format::Yaml, &encryption());
    assert!(matches!(again, Err(Error::AlreadyEncrypted { line: 2, .. })), "{again:?}");
}

#[test]
fn what_is_no_file_of_its_format_is_refused() {
    let rows: [(&[u8], Format); 3] =
        [(b"a: [", Format::Yaml), (b"{\"a\": 1", Format::Json), (b"a: hunter2\nb", Format::Yaml)];
    for (bytes, format) in rows {
        for error in [
            leafseal::decrypt(bytes, format, &identities()).expect_err("malformed"),
            leafseal::encrypt(bytes, format, &encryption()).expect_err("malformed"),
            leafseal::metadata(bytes, format).expect_err("malformed"),
        ] {
            assert!(matches!(error, Error::Malformed(_)), "{error:?}");
            assert!(!whole(&error).contains("hunter"), "{}", whole(&error));
        }
    }
    let error = leafseal::decrypt(b"a\n\xff", Format::Yaml, &identities()).expect_err("no text");
    assert_eq!(error.to_string(), "line 2: the file is not valid UTF-8");
}

#[test]
fn identities_are_refused_without_being_shown() {
    let secret = fs::read_to_string(fixture("vectors/keys/age1.txt")).expect("readable");
    let secret = secret.lines().last().expect("an identity").to_owned();
    let mut broken = secret.clone();
    broken.pop();
    for text in ["", "# nothing\n", &broken, "hunter2", &format!("{secret}\nhunter2")] {
        let error = Identities::from_age(text).expect_err("no identity");
        let shown = whole(&error);
        assert!(matches!(error, Error::Identities(_)), "{error:?}");
        assert!(!shown.contains("SECRET") && !shown.contains("hunter"), "{shown}");
    }
    let error = Encryption::to_age([&secret]).expect_err("no recipient");
    assert!(!whole(&error).contains("SECRET"), "{error:?}");
    let error = Encryption::to_age([""; 0]).expect("none so far");
    let error = leafseal::encrypt(b"a: 1\n", Format::Yaml, &error).expect_err("for nobody");
    assert!(matches!(error, Error::Wrap(_)), "{error:?}");
    let error = Identities::from_age_file("/nowhere/keys.txt").expect_err("no such file");
    assert!(whole(&error).contains("NotFound"), "{error:?}");

    let mut both = others();
    both.add_age(&secret).expect("an identity");
    assert!(!format!("{both:?}").contains("SECRET"));
    let encrypted = encrypt("a: 1\n", Format::Yaml);
    assert!(leafseal::decrypt(encrypted.as_bytes(), Format::Yaml, &both).is_ok());
}

/// Writes a node with all below it on one line, with or without comments.
fn outline(node: Node<'_>, has_comments: bool) -> String {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    match node.content() {
        Content::Null => "null".to_owned(),
        Content::Bool(value) => value.to_string(),
        Content::Int(number) => number.to_string(),
        Content::TooBig(number) => format!("big {number}"),
        Content::Float(number) => format!("float {number}"),
        Content::Time(time) => format!("time {time}"),
        Content::Str(bytes) => format!("'{}'", text(bytes)),
        Content::Sequence | Content::Mapping => {
            let item = |item| match item {
                Item::Comment(comment) => has_comments.then(|| format!("#{}", text(comment))),
                Item::Pair(key, node) => {
                    Some(format!("{}: {}", text(key), outline(node, has_comments)))
                }
                Item::Element(node) => Some(outline(node, has_comments)),
            };
            format!("<{}>", node.items().filter_map(item).collect::<Vec<_>>().join(", "))
        }
    }
}

#[test]
fn values_have_their_types_order_and_comments() {
    let rows = [
        (
            Format::Yaml,
            "# top\na: 1 # one\nb: [x, {y: 1.5, z: ~}, 2026-02-03]\nc: &c {d: yes}\ne: *c\nf: \"0\"\n",
            "<# top, # one, a: 1, b: <'x', <y: float 1.5, z: null>, time 2026-02-03T00:00:00Z>, c: <d: 'yes'>, e: <d: 'yes'>, f: '0'>",
        ),
        (Format::Yaml, "a: {}\nb: []\nc: !!binary aGk=\n", "<a: <>, b: <>, c: 'hi'>"),
        (
            Format::Json,
            "{\"a\": true, \"b\": [1, 1.0, [\"\\u00e9\"]], \"a\": null}",
            "<a: true, b: <1, float 1, <'é'>>, a: null>",
        ),
        (Format::Dotenv, "# note\nA=1\nB=\n", "<# note, A: '1', B: ''>"),
        (Format::Ini, "[s]\nx = 1\n", "<DEFAULT: <>, s: <x: '1'>>"),
    ];
    for (format, text, expected) in rows {
        let values = values(text, format);
        let found: Vec<String> = values.documents().map(|root| outline(root, true)).collect();
        assert_eq!(found, [expected], "{text}");
    }
    let two = values("a: 1\n---\nb: 2\n", Format::Yaml);
    assert_eq!(
        two.documents().map(|root| outline(root, true)).collect::<Vec<_>>(),
        ["<a: 1>", "<b: 2>"]
    );
}

#[test]
fn single_values_are_found() {
    let values = values("a: {b: [k, 7, true]}\na2: x\n", Format::Yaml);
    let root = values.root().expect("a document");
    let list = root.key("a").and_then(|a| a.key("b")).expect("a list");
    let elements: Vec<Node<'_>> = list.elements().collect();
    assert_eq!(elements[0].as_str(), Some("k"));
    assert_eq!((elements[1].as_int(), elements[1].as_str()), (Some(7), None));
    assert_eq!(elements[2].as_bool(), Some(true));
    assert_eq!(elements[2].elements().count(), 0);
    assert!(list.key("b").is_none() && root.key("c").is_none());
    assert_eq!(root.key("a2").and_then(Node::as_str), Some("x"));
    let debug = format!("{values:?} {root:?} {:?} {:?}", elements[0], elements[0].content());
    assert!(!debug.contains('k'), "{debug}");
}

#[test]
fn nothing_secret_is_printed_for_programmers() {
    let encrypted = encrypt("a: hunter2\n", Format::Yaml);
    let decrypted = leafseal::decrypt(encrypted.as_bytes(), Format::Yaml, &identities());
    let shown = format!("{decrypted:?}");
    assert!(shown.contains("Yaml") && !shown.contains("hunter"), "{shown}");
}

#[test]
fn copies_in_clear_are_told() {
    let text = "a: &x hunter2\nb_unencrypted: *x\n";
    let encrypted = leafseal::encrypt(text.as_bytes(), Format::Yaml, &encryption()).expect("it");
    let [copy] = encrypted.clear_copies() else { panic!("one copy") };
    assert_eq!((copy.line, copy.value_line), (2, 1));
}

#[test]
fn threads_may_share_everything() {
    fn is_shared<T: Send + Sync>(_: &T) {}
    let (identities, encrypted) = (identities(), encrypt("a: 1\n", Format::Yaml));
    let rules = Rules::parse("creation_rules: []", "/").expect("a configuration");
    is_shared(&rules);
    is_shared(&encryption());
    let decrypt = || leafseal::decrypt(encrypted.as_bytes(), Format::Yaml, &identities);
    is_shared(&decrypt());
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(decrypt)).collect();
        for thread in threads {
            let decrypted = thread.join().expect("no panic").expect("decrypted");
            is_shared(&decrypted.values().expect("values"));
            assert_eq!(decrypted.bytes(), b"a: 1\n");
        }
    });
}

/// Asks the library for everything it can do with the bytes; what comes out does not matter.
fn exercise(bytes: &[u8]) {
    let (identities, encryption) = (identities(), encryption());
    let formats = [Format::Yaml, Format::Json, Format::Dotenv, Format::Ini, Format::Binary];
    for format in formats {
        let _ = leafseal::metadata(bytes, format);
        let _ = leafseal::is_encrypted(bytes, format);
        if let Ok(decrypted) = leafseal::decrypt(bytes, format, &identities) {
            let _ = decrypted.values();
        }
        if let Ok(encrypted) = leafseal::encrypt(bytes, format, &encryption) {
            let decrypted = leafseal::decrypt(encrypted.bytes(), format, &identities);
            assert_eq!(decrypted.expect("what we encrypt opens").bytes(), bytes);
        }
    }
    let text = String::from_utf8_lossy(bytes);
    let _ = Identities::from_age(&text);
    let _ = Encryption::to_age([&text]);
    if let Ok(rules) = Rules::parse(&text, "/x") {
        let _ = rules.for_file("/x/a.yaml");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn hostile_bytes_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        exercise(&bytes);
    }

    #[test]
    fn hostile_texts_never_panic(text in "[-a-c:#\\[\\]{}&*!|>'\"%@,=;\\\\ \\t\\r\\n0-9~.<]{0,60}") {
        exercise(text.as_bytes());
    }

    #[test]
    fn damaged_files_never_panic(
        at in any::<prop::sample::Index>(),
        length in 0..40_usize,
        insert in proptest::collection::vec(any::<u8>(), 0..8),
        is_json in any::<bool>(),
    ) {
        let name = if is_json { "json/basic.enc.json" } else { "yaml/basic.enc.yaml" };
        let mut bytes = fs::read(fixture("vectors").join(name)).expect("a vector");
        let start = at.index(bytes.len());
        let end = bytes.len().min(start + length);
        bytes.splice(start..end, insert);
        exercise(&bytes);
    }
}

#[test]
fn deep_nesting_never_overflows_the_stack() {
    for depth in [1_000, 9_000, 100_000] {
        let (open, close) = ("[".repeat(depth), "]".repeat(depth));
        exercise(format!("a: {open}{close}\n").as_bytes());
        exercise(format!("{{\"a\": {open}{close}}}").as_bytes());
        exercise(format!("a: 1\nsops: {open}{close}\n").as_bytes());
        exercise(format!("creation_rules: {open}{close}\n").as_bytes());
    }
}

#[test]
fn files_of_the_reference_open() {
    let reference = Reference::find();
    for seed in 0..40 {
        let source = Writer::new(seed).stream();
        let Ok(encrypted) = reference.encrypt(&source, &[]) else { continue };
        let expected = reference.decrypt(&encrypted).expect("its own file");
        let ours = decrypt(&encrypted, Format::Yaml).unwrap_or_else(|error| {
            panic!("seed {seed}: {error}\n{source}");
        });
        // the layout outside of values is ours, so what is compared is what the files mean
        assert_eq!(meaning(&ours), meaning(&expected), "seed {seed}");
    }
}

/// Outlines a text without its comments, which the reference moves.
fn meaning(text: &str) -> Vec<String> {
    let values = values(text, Format::Yaml);
    values.documents().map(|root| outline(root, false)).collect()
}

#[test]
fn the_reference_opens_our_files() {
    let text =
        "# note\na: x\nb:\n    - 1\n    - 2.5\n    - true\nc:\n    d: |\n        t\n        u\n";
    let reference = Reference::find();
    assert_eq!(reference.decrypt(&encrypt(text, Format::Yaml)).as_deref(), Ok(text));
    let json = "{\n\t\"a\": \"x\",\n\t\"b\": [\n\t\t1,\n\t\tnull\n\t]\n}\n";
    let encrypted = encrypt(json, Format::Json);
    assert_eq!(Reference::for_files("json").decrypt(&encrypted).as_deref(), Ok(json));
}
