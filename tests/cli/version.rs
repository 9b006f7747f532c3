use std::path::Path;

use super::{call, leafseal};

#[test]
fn version_names_the_release_and_the_one_it_follows() {
    let calls: [&[&str]; 3] =
        [&["--version"], &["-v", "--disable-version-check", "f.yaml"], &["decrypt", "--version"]];
    for words in calls {
        insta::allow_duplicates! {
            insta::assert_snapshot!(leafseal(words), @r"
            exit 0
            --- stdout
            leafseal 0.1.0
            compatible with sops 3.13.2
            --- stderr
            ");
        }
    }
}

#[test]
fn updates_are_not_checked_for_and_that_is_said() {
    insta::assert_snapshot!(leafseal(["--version", "--check-for-updates"]), @r"
    exit 0
    --- stdout
    leafseal 0.1.0
    compatible with sops 3.13.2
    --- stderr
    warning: checking for updates is not built in; nothing was asked for
    ");
}

#[cfg(unix)]
#[test]
fn program_called_sops_answers_as_sops() {
    let folder = tempfile::tempdir().unwrap();
    let link = folder.path().join("sops");
    std::os::unix::fs::symlink(Path::new(env!("CARGO_BIN_EXE_leafseal")), &link).unwrap();
    let answer = call(&link, folder.path(), ["--version"]);
    assert_eq!((answer.code, answer.stdout.as_str()), (Some(0), "sops 3.13.2\n"));
    let help = call(&link, folder.path(), ["help"]).stdout;
    assert!(help.contains("Usage: sops COMMAND"), "{help}");
    let help = call(&link, folder.path(), ["help", "decrypt"]).stdout;
    assert!(help.contains("sops decrypt secrets.yaml") && !help.contains("leafseal"), "{help}");
}
