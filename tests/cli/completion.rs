//! The committed completion scripts and manual pages are what the program writes now.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::leafseal;

const REMEDY: &str = "run `make completions` and commit the result";

#[test]
fn committed_completion_scripts_are_fresh() {
    let scripts = [
        ("bash", "leafseal.bash"),
        ("zsh", "_leafseal"),
        ("fish", "leafseal.fish"),
        ("powershell", "_leafseal.ps1"),
    ];
    for (shell, file) in scripts {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("completions").join(file);
        let answer = leafseal(["completion", shell]);
        assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""));
        let committed = fs::read_to_string(&path).unwrap_or_default();
        assert!(committed == answer.stdout, "{}: {REMEDY}", path.display());
    }
}

#[test]
fn committed_manual_pages_are_fresh() {
    let folder = tempfile::tempdir().unwrap();
    let answer = leafseal(["man".as_ref(), folder.path().as_os_str()]);
    assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""));
    let committed = pages(&Path::new(env!("CARGO_MANIFEST_DIR")).join("man"));
    let written = pages(folder.path());
    assert!(written.contains_key("leafseal.1") && written.contains_key("leafseal-encrypt.1"));
    assert!(committed == written, "man: {REMEDY}");
}

#[test]
fn man_refuses_a_folder_that_is_missing() {
    let answer = leafseal(["man", "nowhere"]);
    insta::assert_snapshot!(answer, @r"
    exit 3
    --- stdout
    --- stderr
    error: nowhere: No such file or directory (os error 2)
    hint: the folder must exist and be writable
    ");
}

fn pages(folder: &Path) -> BTreeMap<String, String> {
    let entries = fs::read_dir(folder).expect("the folder of pages exists");
    let paths = entries.map(|entry| entry.expect("the folder can be listed").path());
    paths
        .map(|path| {
            let page = fs::read_to_string(&path).expect("a page is text");
            (path.file_name().unwrap_or_default().to_string_lossy().into_owned(), page)
        })
        .collect()
}
