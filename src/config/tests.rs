use super::*;
use crate::metadata::KeyType;
use crate::tree::Tree;

const FOLDER: &str = "/home/me/project";

pub(super) fn search() -> Search<'static> {
    Search { explicit: None, working_folder: Path::new(FOLDER), target: None }
}

pub(super) fn parse(source: &str) -> (Result<Config, ConfigError>, Vec<String>) {
    let mut warnings = Vec::new();
    let path = Path::new(".sops.yaml");
    let config = Config::parse(path, Path::new(FOLDER), source, &mut warnings);
    (config, warnings.iter().map(ToString::to_string).collect())
}

pub(super) fn rule(source: &str, target: &str) -> Result<CreationRule, String> {
    let config = parse(source).0.map_err(|error| error.to_string())?;
    let rule = config.creation_rule(&search(), Path::new(target));
    Ok(rule.map_err(|error| error.to_string())?.expect("the config has rules"))
}

pub(super) fn only_rule(body: &str) -> Result<CreationRule, String> {
    rule(&format!("creation_rules:\n  - {}\n", body.replace('\n', "\n    ")), "a")
}

fn names(rule: &CreationRule) -> Vec<Vec<String>> {
    let name = |key: &KeyEntry| format!("{}:{}", key.key_type.as_str(), key.name);
    rule.key_groups.iter().map(|group| group.keys.iter().map(name).collect()).collect()
}

#[test]
fn the_first_rule_that_matches_below_the_folder_of_the_config_is_chosen() {
    let source = "creation_rules:\n\
        \x20 - {path_regex: ^secrets/a, age: first}\n\
        \x20 - {path_regex: '^secrets/.*\\.yaml$', age: second}\n\
        \x20 - {path_regex: ^/etc/, age: outside}\n\
        \x20 - {path_regex: '^/home/me/projects/', age: beside}\n\
        \x20 - {path_regex: 'SECRETS', age: wrong case}\n\
        \x20 - {path_regex: 1.5, age: number}\n\
        \x20 - {path_regex: '', age: last}\n";
    let rows = [
        ("secrets/a.yaml", "first"),
        ("./x/../secrets/a.yaml", "first"),
        ("/home/me/project/secrets/b.yaml", "second"),
        ("secrets/b.json", "last"),
        ("/etc/secrets/a", "outside"),
        ("../projects/a", "beside"),
        ("v1.5", "number"),
        ("other", "last"),
    ];
    for (target, expected) in rows {
        let names = rule(source, target).map(|rule| names(&rule));
        assert_eq!(names, Ok(vec![vec![format!("age:{expected}")]]), "{target}");
    }
}

#[test]
fn no_match_names_the_config_and_the_rules_tried() {
    let source = "creation_rules:\n  - path_regex: ^a\n  - path_regex: \\.b$\n";
    let expected = "no matching creation rules found for x/c in .sops.yaml \
        (tried line 2: \"^a\", line 3: \"\\.b$\")";
    assert_eq!(rule(source, "x/c").unwrap_err(), expected);
    let expected = "no matching creation rules found for c in .sops.yaml (it has no rules)";
    assert_eq!(rule("creation_rules: []", "c").unwrap_err(), expected);
}

#[test]
fn a_config_without_rules_has_none_for_any_file() {
    for source in ["", "# none\n", "creation_rules:\n", "creation_rules: ~", "stores: {}", "{}"] {
        let (config, warnings) = parse(source);
        let chosen = config.unwrap().creation_rule(&search(), Path::new("a"));
        assert_eq!((chosen.unwrap(), warnings), (None, Vec::new()), "{source:?}");
    }
}

#[test]
fn keys_are_read_from_strings_and_lists() {
    let rows: [(&str, &[&str]); 8] = [
        ("age: a", &["age:a"]),
        ("age: ' a, b ,,\n  c,'", &["age:a", "age:b", "age:c"]),
        ("age: [a, 'b,c', a]", &["age:a", "age:b", "age:c", "age:a"]),
        ("pgp: >-\n  AA,\n  BB", &["pgp:AA", "pgp:BB"]),
        (
            "pgp: [123, 1E5, 0012345678901234567890123456789012345678]",
            &["pgp:123", "pgp:1E5", "pgp:0012345678901234567890123456789012345678"],
        ),
        ("hckms: r:u", &["hckms:r:u"]),
        (
            "hc_vault_transit_uri: v\nazure_keyvault: z\nhckms: [h]\ngcp_kms: g\nkms: k\npgp: p\nage: a",
            &["age:a", "pgp:p", "kms:k", "gcp_kms:g", "hckms:h", "azure_kv:z", "hc_vault:v"],
        ),
        ("age:\npgp: []", &[]),
    ];
    for (body, expected) in rows {
        let names = only_rule(body).map(|rule| names(&rule));
        assert_eq!(names.as_ref().map(|groups| groups[0].as_slice()), Ok(&strings(expected)[..]));
    }
}

#[test]
fn groups_take_strings_in_place_of_lists() {
    let body = "key_groups:
- age: 'a, b,, a'
  kms: k1,k2
  merge: [{pgp: F, age: [a, c]}]
- {age: , hc_vault: v}";
    let expected = vec![
        strings(&["age:a", "age:c", "pgp:F", "age:b", "kms:k1", "kms:k2"]),
        strings(&["hc_vault:v"]),
    ];
    assert_eq!(only_rule(body).map(|rule| names(&rule)), Ok(expected));
}

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn key_groups_replace_the_flat_keys() {
    let source = "creation_rules:
  - age: ignored
    shamir_threshold: 2
    key_groups:
      - pgp: [p, p]
        age: [a]
        hc_vault: [v]
        merge:
          - pgp: [m, p]
          - merge: [{age: [a]}]
            kms: [plain]
      - kms:
          - arn: k
            role: r
            context: {x: y, n: 1}
          - arn: k
        azure_keyvault: [{vaultUrl: u, key: n, version: v}]
        gcp_kms: [{resource_id: g}]
        hckms: [{key_id: h}]
      - {}
";
    let rule = rule(source, "a").unwrap();
    let expected: [&[&str]; 3] = [
        &["pgp:m", "pgp:p", "age:a", "kms:plain", "hc_vault:v"],
        &["kms:k", "kms:k", "gcp_kms:g", "hckms:h", "azure_kv:u"],
        &[],
    ];
    assert_eq!(names(&rule), expected.map(strings));
    assert_eq!(rule.shamir_threshold, 2);
    let context = vec![("x".to_owned(), Tree::str("y")), ("n".to_owned(), Tree::str("1"))];
    let key = &rule.key_groups[1].keys[0];
    let fields = [("role", Tree::str("r")), ("context", Tree::Mapping(context))];
    assert_eq!(key.fields, fields.map(|(name, value)| (name.to_owned(), value)));
    assert_eq!((key.key_type, key.place), (KeyType::Kms, Place { line: 13, column: 13 }));
    let rule = only_rule("age: a\nkey_groups: []").unwrap();
    assert_eq!(names(&rule), [["age:a"]]);
}

#[test]
fn other_fields_of_a_rule_are_read() {
    let full = only_rule(
        "encrypted_regex: ^x\nunencrypted_suffix: ''\nmac_only_encrypted: yes\naws_profile: p\n\
         leafseal: {layout: false}",
    );
    let full = full.unwrap();
    let selector = full.selector.unwrap();
    assert_eq!((selector.kind(), selector.text()), (SelectorKind::EncryptedRegex, "^x"));
    assert!(full.mac_only_encrypted && !full.is_layout_kept);
    assert_eq!(full.aws_profile.as_deref(), Some("p"));
    for (body, threshold, mac_only) in [
        ("shamir_threshold: 3.0\nmac_only_encrypted: 'ON'", 3, true),
        ("shamir_threshold:\nmac_only_encrypted: No", 0, false),
        ("'<<': {shamir_threshold: 3}", 0, false),
    ] {
        let rule = only_rule(body).unwrap();
        assert_eq!((rule.shamir_threshold, rule.mac_only_encrypted), (threshold, mac_only));
    }
    let rule = rule("creation_rules:\n-\n- age: a\n", "a").unwrap();
    assert_eq!(rule.place, Place { line: 3, column: 3 });
    assert_eq!((rule.selector, rule.shamir_threshold), (None, 0));
    assert!(!rule.mac_only_encrypted && rule.is_layout_kept);
}

#[test]
fn anchors_aliases_and_merge_keys_work() {
    let source = "keys:
  - &me a
  - &you b
base: &base {age: a, mac_only_encrypted: true}
more: &more {pgp: p, age: other}
creation_rules:
  - path_regex: ^list
    age: [*me, *you]
  - path_regex: ^own
    <<: *base
    age: c
  - <<: [*base, *more]
";
    let rows: [(&str, &[&str], bool); 3] = [
        ("list", &["age:a", "age:b"], false),
        ("own", &["age:c"], true),
        ("merged", &["age:a", "pgp:p"], true),
    ];
    for (target, expected, mac_only) in rows {
        let rule = rule(source, target).unwrap();
        assert_eq!((names(&rule), rule.mac_only_encrypted), (vec![strings(expected)], mac_only));
    }
    assert_eq!(parse(source).1, [""; 0]);
}

#[test]
fn what_stops_the_whole_config_is_said_with_its_place() {
    let rows = [
        ("a: [", "line 1, column "),
        ("creation_rules: x", "line 1, column 17: creation_rules has to be a list, not a string"),
        (
            "creation_rules: [x]",
            "line 1, column 18: a creation rule has to be a mapping, not a string",
        ),
        (
            "creation_rules: [{age: {b: c}}]",
            "line 1, column 24: age has to be a string or a list of strings, not a mapping",
        ),
        ("creation_rules: [{age: [[b]]}]", "line 1, column 25: age has to be a string, not a list"),
        (
            "creation_rules:\n- age: a\n  age: b",
            "line 3, column 3: key \"age\" is defined twice in this mapping",
        ),
        (
            "creation_rules: [{shamir_threshold: '2'}]",
            "line 1, column 37: shamir_threshold has to be an integer, not a string",
        ),
        (
            "creation_rules: [{shamir_threshold: -1}]",
            "line 1, column 37: shamir_threshold is out of range",
        ),
        (
            "creation_rules: [{mac_only_encrypted: Ja}]",
            "line 1, column 39: mac_only_encrypted has to be a boolean, not a string",
        ),
        (
            "creation_rules: [{key_groups: {age: [a]}}]",
            "line 1, column 31: key_groups has to be a list, not a mapping",
        ),
        (
            "creation_rules: [{key_groups: [{age: {b: c}}]}]",
            "line 1, column 38: age has to be a list, not a mapping",
        ),
        (
            "creation_rules: [{<<: 1}]",
            "line 1, column 23: the merge key << takes a mapping or a list of mappings",
        ),
        (
            "stores: {yaml: {indent: two}}",
            "line 1, column 25: indent has to be an integer, not a string",
        ),
        ("stores: 1", "line 1, column 9: stores has to be a mapping, not an integer"),
    ];
    for (source, expected) in rows {
        let message = parse(source).0.map(|_| ()).unwrap_err().to_string();
        let expected = format!("config file .sops.yaml, {expected}");
        assert!(message.starts_with(&expected), "{message}\n{expected}");
    }
}

#[test]
fn what_is_wrong_in_a_rule_stops_only_when_the_rule_is_reached() {
    let source = "creation_rules:\n\
        \x20 - path_regex: ^a\n\
        \x20 - path_regex: ^b\n\
        \x20   encrypted_regex: x\n\
        \x20   unencrypted_suffix: y\n\
        \x20 - path_regex: ^c\n\
        \x20   encrypted_comment_regex: '('\n\
        \x20 - path_regex: 'd(?=e)'\n";
    let rows = [
        ("a", None),
        (
            "b",
            Some(
                "line 5, column 25: a creation rule can have only one of encrypted_regex and unencrypted_suffix",
            ),
        ),
        (
            "c",
            Some(
                "line 7, column 30: invalid encrypted_comment_regex \"(\": missing closing parenthesis at byte 0 of the regular expression",
            ),
        ),
        (
            "d",
            Some(
                "line 8, column 17: invalid path_regex \"d(?=e)\": invalid or unsupported group `(?=` at byte 1 of the regular expression",
            ),
        ),
    ];
    for (target, expected) in rows {
        let expected = expected.map(|text| format!("config file .sops.yaml, {text}"));
        assert_eq!(rule(source, target).err(), expected);
    }
}

#[test]
fn unknown_keys_are_warnings() {
    let source = "keys: []\ncreation_rule: []\ncreation_rules:\n\
        \x20 - path_rgx: a\n\
        \x20   key_groups: [{hc_vault_uris: [], kms: [{arm: x}]}]\n\
        \x20   leafseal: {lay: 1}\n\
        stores: {xml: {}, json: {indnt: 1}, ini: {indent: 2}}\n";
    let expected = [
        "line 2, column 1: unknown key \"creation_rule\"",
        "line 4, column 5: unknown key \"path_rgx\"",
        "line 5, column 45: unknown key \"arm\"",
        "line 5, column 19: unknown key \"hc_vault_uris\"",
        "line 6, column 16: unknown key \"lay\"",
        "line 7, column 10: unknown key \"xml\"",
        "line 7, column 26: unknown key \"indnt\"",
        "line 7, column 43: unknown key \"indent\"",
    ];
    let mut warnings = parse(source).1;
    warnings.sort();
    let mut expected = expected.map(|text| format!("config file .sops.yaml, {text}"));
    expected.sort();
    assert_eq!(warnings, expected);
}

#[test]
fn stores_give_indents() {
    let source = "stores: {yaml: {indent: 2}, json: {indent: 0}, json_binary: {indent: 3}}";
    let stores = parse(source).0.unwrap().stores();
    assert_eq!(stores, Stores { yaml_indent: 2, json_indent: 0, json_binary_indent: 3 });
    assert_eq!(
        parse("stores: {yaml: ~, json: {indent: ~}}").0.unwrap().stores(),
        Stores::default()
    );
}

#[test]
fn hostile_configs_end_in_an_error() {
    let deep = "creation_rules: [{key_groups: [".to_owned() + &"{merge: [".repeat(90);
    let deep = deep + &"]}".repeat(90) + "]}]";
    let message = parse(&deep).0.map(|_| ()).unwrap_err().to_string();
    assert!(message.ends_with("key groups are nested too deeply"), "{message}");
    let deeper = "keys: ".to_owned() + &"[".repeat(100_000) + &"]".repeat(100_000);
    let _ = parse(&deeper);
}

/// A folder tree with files of the given names; `X` stands for it in messages.
fn tree(names: &[&str]) -> tempfile::TempDir {
    let root = tempfile::tempdir().unwrap();
    for name in names {
        let path = root.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, "creation_rules: [{age: a}]").unwrap();
    }
    root
}

#[test]
fn the_config_is_searched_above_the_working_folder_then_above_the_file() {
    let rows: [(&[&str], Option<&str>, &[&str]); 7] = [
        (&["a/b/.sops.yaml", "a/.sops.yaml"], Some("a/b/.sops.yaml"), &[]),
        (&["a/b/x", "a/.sops.yaml", "f/.sops.yaml"], Some("a/.sops.yaml"), &[]),
        (&["a/b/x", "f/.sops.yaml"], Some("f/.sops.yaml"), &[]),
        (&["a/b/x", "f/x"], None, &[]),
        (&["a/b/.sops.yml", "a/.sops.yaml"], Some("a/.sops.yaml"), &["a/b/.sops.yml"]),
        (&["a/b/.sops.yaml", "a/.sops.yml"], Some("a/b/.sops.yaml"), &[]),
        (&["a/b/.sops.yml", "a/.sops.yml"], None, &["a/b/.sops.yml"]),
    ];
    for (names, expected, ignored) in rows {
        let root = tree(names);
        let working_folder = root.path().join("a/b");
        let search = Search {
            explicit: None,
            working_folder: &working_folder,
            target: Some(Path::new("../../f/x.yaml")),
        };
        let loaded = load(&search).unwrap();
        let found = loaded.config.as_ref().map(Config::path);
        assert_eq!(found, expected.map(|name| root.path().join(name)).as_deref(), "{names:?}");
        let warnings: Vec<String> = loaded.warnings.iter().map(ToString::to_string).collect();
        let text = |name: &&str| {
            format!(
                "ignoring {} when searching for config file; the config file has to be named .sops.yaml",
                root.path().join(name).display()
            )
        };
        assert_eq!(warnings, ignored.iter().map(text).collect::<Vec<_>>());
    }
}

#[test]
fn a_named_config_is_the_only_one() {
    let root = tree(&[".sops.yaml", "other.yaml", "deep/.sops.yml"]);
    let search = |explicit| Search {
        explicit: Some(Path::new(explicit)),
        working_folder: root.path(),
        target: None,
    };
    for named in ["other.yaml", "deep/.sops.yml"] {
        let config = load(&search(named)).unwrap().config.unwrap();
        assert_eq!(config.path(), root.path().join(named));
        assert!(config.creation_rule(&search(named), Path::new("a")).unwrap().is_some());
    }
    let empty = load(&search("/dev/null")).unwrap().config.unwrap();
    assert_eq!(empty.creation_rule(&search("/dev/null"), Path::new("a")).unwrap(), None);
    assert!(matches!(load(&search("missing")).unwrap_err(), ConfigError::Read(_)));
}

#[test]
fn a_command_that_only_reads_is_warned_of_a_broken_config() {
    let root = tree(&["x"]);
    for content in [&b"stores: ["[..], b"\xff", b"creation_rules: 1\nstores: {yaml: {indent: 2}}"] {
        std::fs::write(root.path().join(".sops.yaml"), content).unwrap();
        let search = Search { explicit: None, working_folder: root.path(), target: None };
        assert!(load(&search).is_err());
        let loaded = load_or_warn(&search);
        assert!(matches!(loaded.warnings[..], [Warning::Unusable(_)]));
        assert_eq!(loaded.stores(), Stores::default());
    }
}

#[test]
fn a_command_that_only_reads_does_without_an_indent_that_cannot_be() {
    let root = tree(&["x"]);
    let source = "stores:\n  yaml: {indent: -2}\n  json: {indent: -1}\n";
    std::fs::write(root.path().join(".sops.yaml"), source).unwrap();
    let search = Search { explicit: None, working_folder: root.path(), target: None };
    assert_eq!(load(&search).unwrap().stores().yaml_indent, -2);
    let loaded = load_or_warn(&search);
    let warnings: Vec<String> = loaded.warnings.iter().map(ToString::to_string).collect();
    let expected = format!(
        "config file {}, line 2, column 18: the indent of YAML must not be negative: -2; using the default",
        root.path().join(".sops.yaml").display()
    );
    assert_eq!((loaded.stores(), warnings), (Stores::default(), vec![expected]));
}
