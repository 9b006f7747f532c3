use super::leafseal;

/// Calls that cannot be understood, or ask for what this release does not have.
const CALLS: [&[&str]; 16] = [
    &[],
    &["--nosuch"],
    &["-di", "f.yaml"],
    &["decrypt", "--extrakt", "x", "f.yaml"],
    &["decrypt", "--nothing-like-it", "f.yaml"],
    &["decrypt", "f.yaml", "--extract"],
    &["---x"],
    &["encrypt", "--in-place=maybe", "f.yaml"],
    &["encrypt", "--indent=two", "f.yaml"],
    &["encrypt", "--shamir-secret-sharing-threshold=-1", "f.yaml"],
    &["help", "nosuch"],
    &["completion", "tcsh"],
    &["man"],
    &["encypt", "f.yaml"],
    &["f.yaml"],
    &["rotate", "-i", "f.yaml"],
];

#[test]
fn refused_calls_give_one_error_and_a_hint() {
    let reports = CALLS.iter().map(|words| {
        let answer = leafseal(*words);
        assert_eq!(answer.stdout, "", "{words:?}");
        let code = answer.code.expect("the program exits by itself");
        format!("$ leafseal {}\n{}exit {code}\n", words.join(" "), answer.stderr)
    });
    insta::assert_snapshot!(reports.collect::<Vec<_>>().join("\n"));
}

#[test]
fn bad_boolean_variable_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_leafseal"))
        .args(["decrypt", "f.yaml"])
        .current_dir(folder.path())
        .env("SOPS_ENABLE_LOCAL_KEYSERVICE", "maybe")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1));
    insta::assert_snapshot!(String::from_utf8(output.stderr).unwrap(), @r#"
    error: variable SOPS_ENABLE_LOCAL_KEYSERVICE takes true or false, not "maybe"
    hint: unset SOPS_ENABLE_LOCAL_KEYSERVICE, or set it to true or false
    "#);
}

#[test]
fn existing_file_with_the_name_of_a_typo_is_a_file() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("encypt"), "a: 1\n").unwrap();
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_leafseal"));
    let answer = super::call(program, folder.path(), ["encypt"]);
    assert!(answer.stderr.starts_with("error: no editor is set"), "{answer}");
}
