use super::*;

fn picked(source: &str, path: &str) -> Result<String, String> {
    picked_as(Format::Yaml, source, path)
}

fn picked_as(format: Format, source: &str, path: &str) -> Result<String, String> {
    let steps = Step::parse_path(path).unwrap();
    let indent = if format == Format::Yaml { Indent::Blanks(2) } else { Indent::Default };
    let scan = format.scan(source).unwrap();
    match pick(source, &scan, &steps, format, indent) {
        Ok(bytes) => Ok(String::from_utf8(bytes.to_vec()).unwrap()),
        Err(error) => Err(error.to_string()),
    }
}

#[test]
fn values_are_found_by_keys_and_indices() {
    let source = "a: text\nb:\n  # c\n  - 1\n  - x: &y yes\n    z: [1, {k: v}]\n  - *y\nm: {o: 1.50}\n&n n: *n\n\"\": ~\n";
    let rows = [
        (r#"["a"]"#, "text"),
        (r#"["b"][1]"#, "1\n"),
        (r#"["b"][2]["x"]"#, "yes"),
        (r#"["b"][3]"#, "yes"),
        (r#"["b"][2]["z"]"#, "- 1\n- k: v\n"),
        (r#"["b"][2]["z"][1]"#, "k: v\n"),
        (r#"["m"]"#, "o: 1.5\n"),
        (r#"["n"]"#, "n"),
        (r#"[""]"#, "null\n"),
    ];
    for (path, expected) in rows {
        assert_eq!(picked(source, path), Ok(expected.to_owned()), "{path}");
    }
}

#[test]
fn paths_that_lead_nowhere_are_refused_with_place_and_kind() {
    let source = "a: text\nb:\n  # c\n  - 1\n  - x: 2\n  - 3\n  # d\n  # e\ne: []\nn: ~\nm: &k {t: 2020-01-01}\no: [*k]\n";
    let rows = [
        (r#"["q"]"#, r#"component ["q"] not found in the mapping at the top level"#),
        (r#"["m"]["q"]"#, r#"component ["q"] not found in the mapping at ["m"]"#),
        (
            r#"["b"][0]"#,
            r#"component [0] is a comment in the list at ["b"]; the next value is [1]"#,
        ),
        (r#"["b"][4]"#, r#"component [4] is a comment in the list at ["b"]; no value follows"#),
        (
            r#"["b"][9]"#,
            r#"component [9] accesses out of bounds: the list at ["b"] has 6 elements, comments counted"#,
        ),
        (
            r#"["e"][0]"#,
            r#"component [0] accesses out of bounds: the list at ["e"] has 0 elements"#,
        ),
        (r#"["o"][1]"#, r#"component [1] accesses out of bounds: the list at ["o"] has 1 element"#),
        (r#"["a"]["x"]"#, r#"component ["x"] does not fit: a string stands at ["a"]"#),
        (r#"["n"][0]"#, r#"component [0] does not fit: null stands at ["n"]"#),
        (r#"["b"]["x"]"#, r#"component ["x"] does not fit: a list stands at ["b"]"#),
        (r#"["b"][2][0]"#, r#"component [0] does not fit: a mapping stands at ["b"][2]"#),
        (
            r#"["o"][0]["t"][1]"#,
            r#"component [1] does not fit: a timestamp stands at ["o"][0]["t"]"#,
        ),
    ];
    for (path, expected) in rows {
        assert_eq!(picked(source, path), Err(expected.to_owned()), "{path}");
    }
}

#[test]
fn aliases_below_a_value_are_copied_from_where_they_point() {
    let source = "x: &x\n  # in x\n  a: [1, 2] # a\ny:\n  z: *x\n  <<: *x\n";
    let copy = "  # in x\n  a:\n    # a\n    - 1\n    - 2\n";
    let expected = format!("z:\n{copy}!!merge <<:\n{copy}");
    assert_eq!(picked(source, r#"["y"]"#), Ok(expected));
}

#[test]
fn a_mapping_is_followed_by_the_other_documents() {
    let source = "a: {b: 1}\nc: [1]\n---\n# second\nd: 1 # inline\n---\n{}\n";
    let expected = "b: 1\n---\n# second\nd: 1 # inline\n---\n{}\n";
    assert_eq!(picked(source, r#"["a"]"#), Ok(expected.to_owned()));
    assert_eq!(picked(source, r#"["c"]"#), Ok("- 1\n".to_owned()));
    assert!(picked(source, r#"["d"]"#).is_err(), "only the first document is searched");
}

#[test]
fn alias_bombs_are_refused() {
    let mut source = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..9 {
        let alias = format!("*a{}, ", level - 1).repeat(10);
        source += &format!("a{level}: &a{level} [{alias}]\n");
    }
    let error = picked(&source, r#"["a8"]"#).unwrap_err();
    assert!(error.ends_with("aliases expand to too many values"), "{error}");
    assert_eq!(picked(&source, r#"["a8"][0][0][0][0][0][0][0][0][0]"#), Ok("x".to_owned()));
}

#[test]
fn deep_values_need_no_deep_stack() {
    // nesting is limited in the text; each anchor doubles what its aliases reach
    let mut source = "a0: &a0 1\n".to_owned();
    for level in 1..120 {
        let open = "[".repeat(900);
        let close = "]".repeat(900);
        source += &format!("a{level}: &a{level} {open}*a{}{close}\n", level - 1);
    }
    let expected = format!("{}1\n", "- ".repeat(119 * 900));
    assert_eq!(picked(&source, r#"["a119"]"#), Ok(expected));
}

#[test]
fn json_values_are_printed_as_by_the_reference() {
    let source = r#"{"s":"a\u0026b\n<c>","n":1.50,"i":12,"t":true,"z":null,"f":1e21,
        "l":[1,"x&",{"a":[],"b":{"c":[2]}},[]],"e":{},"m":{"e":{}},"d":1,"d":2}"#;
    let rows = [
        (r#"["s"]"#, Ok("a&b\n<c>")),
        (r#"["n"]"#, Ok("1.5")),
        (r#"["i"]"#, Ok("12")),
        (r#"["t"]"#, Ok("true")),
        (r#"["z"]"#, Ok("null")),
        (r#"["f"]"#, Ok("1e+21")),
        (r#"["l"][1]"#, Ok("x&")),
        (r#"["l"][2]["b"]["c"]"#, Ok("[\n\t2\n]")),
        (r#"["l"][3]"#, Ok("[]")),
        (r#"["l"][2]"#, Ok("{\n\t\"a\": [],\n\t\"b\": {\n\t\t\"c\": [\n\t\t\t2\n\t\t]\n\t}\n}\n")),
        (r#"["e"]"#, Ok("{}\n")),
        (r#"["m"]"#, Ok("{\n\t\"e\": {}\n}\n")),
        (r#"["d"]"#, Ok("1")),
        (r#"["q"]"#, Err(r#"component ["q"] not found in the mapping at the top level"#)),
    ];
    for (path, expected) in rows {
        let expected = expected.map(str::to_owned).map_err(str::to_owned);
        assert_eq!(picked_as(Format::Json, source, path), expected, "{path}");
    }
}
