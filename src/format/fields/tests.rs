use super::*;

/// Gives the only block of a text the fields, and returns the text.
fn set(format: Format, source: &str, fields: &[Field<'_>]) -> String {
    let scan = format.scan(source).expect("a text of its format");
    let mut edits = Edits::new();
    for part in format.documents(source, &scan) {
        for block in &part.blocks {
            format.set_fields(source, &scan, block, fields, &mut edits).expect("a block");
        }
    }
    edits.apply(source).expect("edits that fit")
}

fn entry(name: &str, enc: &str) -> Tree {
    let items = [("enc", enc), ("recipient", name)];
    Tree::Mapping(items.map(|(key, text)| (key.to_owned(), Tree::str(text))).into())
}

fn list(entries: &[Tree]) -> Tree {
    Tree::Sequence(entries.to_vec())
}

const YAML: &str = "\
a: 1
sops:
    # who can read it
    age: # now
        - recipient: a # me
          enc: |
            1
            2
        # and
        - enc: |-
            3
          recipient: 'b'
    lastmodified: 2026-11-23T16:28:42Z
    x: y # unknown
    mac: 'm'
# behind
z: 2
";

#[test]
fn elements_that_stay_keep_their_text() {
    let entries = |enc: &str| vec![entry("a", "1\n2\n"), entry("b", enc)];
    let with = |entries: &[Tree]| set(Format::Yaml, YAML, &[("age", Some(list(entries)))]);
    assert_eq!(with(&entries("3")), YAML);
    assert_eq!(with(&[entry("b", "3"), entry("a", "1\n2\n")]), YAML, "another order is no change");
    let other = YAML.replace("enc: |-\n            3\n", "enc: |\n            4\n            5\n");
    assert_eq!(with(&entries("4\n5\n")), other);
    let added = "          recipient: 'b'\n        - enc: \"6\"\n          recipient: c\n";
    let all = [entries("3"), vec![entry("c", "6")]].concat();
    assert_eq!(with(&all), YAML.replace("          recipient: 'b'\n", added));
    let first = "        - recipient: a # me\n          enc: |\n            1\n            2\n";
    assert_eq!(with(&[entry("b", "3")]), YAML.replace(first, ""));
    let second = "        - enc: |-\n            3\n          recipient: 'b'\n";
    assert_eq!(with(&[entry("a", "1\n2\n")]), YAML.replace(second, ""));
}

#[test]
fn fields_come_go_and_keep_their_quotes() {
    let text = |text: &str| Some(Tree::str(text));
    let rows: [(&[Field<'_>], &str, &str); 5] = [
        (&[("mac", text("n"))], "mac: 'm'", "mac: 'n'"),
        (&[("lastmodified", text("2026-11-23T16:28:42Z"))], "", ""),
        (
            &[("lastmodified", text("2027-11-23T16:28:42Z"))],
            "2026-11-23T16:28:42Z",
            "\"2027-11-23T16:28:42Z\"",
        ),
        (
            &[("kms", None), ("shamir_threshold", Some(Tree::Int(2)))],
            "    x: y",
            "    shamir_threshold: 2\n    x: y",
        ),
        (&[("MAC", None)], "    mac: 'm'\n", ""),
    ];
    for (fields, old, new) in rows {
        assert_eq!(set(Format::Yaml, YAML, fields), YAML.replacen(old, new, 1), "{fields:?}");
    }
    let groups = [Tree::Mapping(vec![("age".to_owned(), Tree::Sequence(vec![entry("a", "1")]))])];
    let changed = set(Format::Yaml, YAML, &[("age", None), ("key_groups", Some(list(&groups)))]);
    let (start, rest) = YAML.split_once("    age: #").expect("a field");
    let (_, rest) = rest.split_once("    lastmodified").expect("a field");
    let field =
        "    key_groups:\n        - age:\n            - enc: \"1\"\n              recipient: a\n";
    assert_eq!(changed, format!("{start}{field}    lastmodified{rest}"));
}

type Row<'r> = (Format, &'r str, &'r str);

/// Adds one entry and removes another, and sets a threshold.
#[test]
fn each_way_to_write_a_block_is_kept() {
    let new = [entry("b", "2"), entry("c", "3")];
    let fields = [("age", Some(list(&new))), ("shamir_threshold", Some(Tree::Int(2)))];
    let rows: [Row<'_>; 10] = [
        (
            Format::Yaml,
            "sops:\n  age:\n  - {recipient: a, enc: \"1\"}\n  - enc: \"2\"\n    recipient: b\n  v: 1",
            "sops:\n  age:\n  - enc: \"2\"\n    recipient: b\n  - enc: \"3\"\n    recipient: c\n  shamir_threshold: 2\n  v: 1",
        ),
        (
            Format::Yaml,
            "sops:\r\n    v: 1\r\n    age:\r\n        - enc: \"2\"\r\n          recipient: b",
            "sops:\r\n    shamir_threshold: 2\r\n    v: 1\r\n    age:\r\n        - enc: \"2\"\r\n          recipient: b\r\n        - enc: \"3\"\r\n          recipient: c",
        ),
        (
            Format::Yaml,
            "{a: 1, sops: {age: [{recipient: a, enc: \"1\"}, {enc: \"2\", recipient: b}], v: 1}}",
            "{a: 1, sops: {age: [{enc: \"2\", recipient: b}, {\"enc\": \"3\", \"recipient\": \"c\"}], \"shamir_threshold\": 2, v: 1}}",
        ),
        (
            Format::Yaml,
            "sops:\n  age: []\n  v: 1\n",
            "sops:\n  age:\n    - enc: \"2\"\n      recipient: b\n    - enc: \"3\"\n      recipient: c\n  shamir_threshold: 2\n  v: 1\n",
        ),
        (
            Format::Json,
            "{\"sops\":{\"v\":1,\"age\":[{\"enc\":\"2\",\"recipient\":\"b\"},{\"enc\":\"1\",\"recipient\":\"a\"}]},\"a\":1}",
            "{\"sops\":{\"shamir_threshold\": 2,\"v\":1,\"age\":[{\"enc\":\"2\",\"recipient\":\"b\"},{\"enc\": \"3\", \"recipient\": \"c\"}]},\"a\":1}",
        ),
        (
            Format::Json,
            "{\n  \"sops\": {\n    \"age\": [\n      {\n        \"recipient\": \"b\",\n        \"enc\": \"2\"\n      }\n    ],\n    \"kms\": null\n  }\n}\n",
            "{\n  \"sops\": {\n    \"age\": [\n      {\n        \"recipient\": \"b\",\n        \"enc\": \"2\"\n      },\n      {\n        \"enc\": \"3\",\n        \"recipient\": \"c\"\n      }\n    ],\n    \"kms\": null,\n    \"shamir_threshold\": 2\n  }\n}\n",
        ),
        (
            Format::Binary,
            "{\"data\":\"\",\"sops\":{\"age\":[{\"enc\":\"2\",\"recipient\":\"b\"}]}}",
            "{\"data\":\"\",\"sops\":{\"age\":[{\"enc\":\"2\",\"recipient\":\"b\"},{\"enc\": \"3\", \"recipient\": \"c\"}],\"shamir_threshold\": 2}}",
        ),
        (
            Format::Dotenv,
            "sops_age__list_0__map_enc=1\nA=1\nsops_age__list_0__map_recipient=a\nsops_version=1\n#c\n",
            "sops_age__list_0__map_enc=2\nA=1\nsops_age__list_0__map_recipient=b\nsops_age__list_1__map_enc=3\nsops_age__list_1__map_recipient=c\nsops_shamir_threshold=2\nsops_version=1\n#c\n",
        ),
        (
            Format::Ini,
            "[sops]\n; c\nage__list_0__map_enc       = 2\nage__list_0__map_recipient = b\nkms__list_0__map_x = y\nversion                    = 1",
            "[sops]\n; c\nage__list_0__map_enc       = 2\nage__list_0__map_recipient = b\nage__list_1__map_enc       = 3\nage__list_1__map_recipient = c\nkms__list_0__map_x = y\nshamir_threshold           = 2\nversion                    = 1",
        ),
        (
            Format::Ini,
            "[sops]\r\nage__list_0__map_recipient=b\r\nage__list_0__map_enc=2\r\n",
            "[sops]\r\nage__list_0__map_recipient=b\r\nage__list_0__map_enc=2\r\nage__list_1__map_enc     = 3\r\nage__list_1__map_recipient = c\r\nshamir_threshold         = 2\r\n",
        ),
    ];
    for (format, source, expected) in rows {
        assert_eq!(set(format, source, &fields), expected, "{source}");
    }
}

#[test]
fn all_elements_of_a_list_may_change() {
    let fields = [("age", Some(list(&[entry("c", "3")])))];
    let rows: [Row<'_>; 2] = [
        (
            Format::Yaml,
            "sops:\n  age:\n    - enc: \"1\"\n      recipient: a\n  v: 1\n",
            "sops:\n  age:\n    - enc: \"3\"\n      recipient: c\n  v: 1\n",
        ),
        (
            Format::Json,
            "{\"sops\": {\"age\": [{\"enc\": \"1\", \"recipient\": \"a\"}], \"v\": 1}}",
            "{\"sops\": {\"age\": [{\"enc\": \"3\", \"recipient\": \"c\"}], \"v\": 1}}",
        ),
    ];
    for (format, source, expected) in rows {
        assert_eq!(set(format, source, &fields), expected, "{source}");
    }
}
