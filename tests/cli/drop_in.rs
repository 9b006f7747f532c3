//! Called as `sops`: what wrappers look for.

use std::path::Path;
use std::process::Command;

use super::place::{OTHER_RECIPIENT, Place, RECIPIENT};

fn place() -> Place {
    let mut place = Place::with_encrypted();
    place.call_it("sops");
    place
}

#[test]
fn wrappers_find_what_they_look_for() {
    let mut place = place();
    place.write("plain.yaml", "a: 1\n");
    place.note(&["--version"]);
    place.note(&["--version", "--disable-version-check"]);
    place.note(&["--verbose", "-d", "file.yaml"]);
    place.note(&["decrypt", "--verbose", "--extract", "[\"port\"]", "file.yaml"]);
    place.note(&["-d", "plain.yaml"]);
    place.note(&["-d", "--output-type", "\"yaml\"", "file.yaml"]);
    place.note(&["-d", "--indent", "x", "--indent", "2", "file.yaml"]);
    let twice = ["--enable-local-keyservice=maybe", "--enable-local-keyservice=true"];
    place.note(&["decrypt", twice[0], twice[1], "file.yaml"]);
    place.note(&["decrypt", "--output-type", "nosuch", "--output-type", "json", "file.yaml"]);
    place.set("SOPS_AGE_KEY", "");
    place.set("SOPS_KEYSERVICE", "");
    place.note(&["-d", "file.yaml"]);
    let encrypted = place.bytes("file.yaml");
    let types = ["--input-type", "yaml", "--output-type", "yaml"];
    place.note_with(&[&["-d"], &types[..], &["/dev/stdin"]].concat(), &encrypted);
    place.note_with(&[&["decrypt"], &types[..], &["/dev/stdin"]].concat(), &encrypted);
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn rules_beyond_the_reference_warn_unless_asked_to_refuse() {
    let mut place = place();
    place.write(".sops.yaml", format!("creation_rules:\n  - age: {OTHER_RECIPIENT}\n"));
    let before = place.read("file.yaml");
    place.set("LEAFSEAL_STRICT", "1");
    place.note(&["rotate", "-i", "file.yaml"]);
    assert_eq!(place.read("file.yaml"), before);
    place.unset("LEAFSEAL_STRICT");
    place.note(&["rotate", "-i", "file.yaml"]);
    assert!(place.read("file.yaml") != before && place.read("file.yaml").contains(RECIPIENT));
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn key_services_and_publishing_are_never_ignored() {
    let mut place = place();
    let before = place.read("file.yaml");
    for words in [&["publish", "file.yaml"][..], &["publish", "-y", "."], &["keyservice"]] {
        place.note(words);
    }
    place.note(&["keyservice", "--network", "unix", "--address", "x", "--prompt"]);
    place.note(&["--verbose", "publish", "--recursive", "."]);
    place.note(&["help", "publish"]);
    let rows: [&[&str]; 9] = [
        &["encrypt", "--age", RECIPIENT, "file.yaml"],
        &["decrypt", "file.yaml"],
        &["rotate", "-i", "file.yaml"],
        &["-d", "file.yaml"],
        &["-r", "-i", "file.yaml"],
        &["groups", "add", "-i", "--age", OTHER_RECIPIENT, "-f", "file.yaml"],
        &["updatekeys", "-y", "file.yaml"],
        &["exec-env", "--flatten", "_", "file.yaml", "echo run"],
        &["exec-file", "file.yaml", "echo run"],
    ];
    place.write(".sops.yaml", format!("creation_rules:\n  - age: {OTHER_RECIPIENT}\n"));
    for row in rows {
        let answer = place.call(&[row, &["--keyservice", "tcp://127.0.0.1:1"]].concat(), b"");
        let is_said =
            answer.stderr.contains("key service (--keyservice, SOPS_KEYSERVICE) is not built in");
        assert!(answer.code == Some(1) && answer.stdout.is_empty() && is_said, "{row:?}\n{answer}");
        place.set("SOPS_KEYSERVICE", "unix:///x");
        assert_eq!(place.call(row, b"").code, Some(1), "{row:?}");
        place.unset("SOPS_KEYSERVICE");
    }
    assert_eq!(place.read("file.yaml"), before);
    place.note(&["decrypt", "--enable-local-keyservice", "--extract", "[\"port\"]", "file.yaml"]);
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn make_install_puts_everything_where_it_belongs() {
    let place = Place::empty();
    let install = |options: &[&str]| {
        let mut make = Command::new("make");
        make.current_dir(env!("CARGO_MANIFEST_DIR")).arg("install").args(options);
        make.arg(format!("BINARY={}", env!("CARGO_BIN_EXE_leafseal")));
        make.arg(format!("DESTDIR={}", place.path("root").display()));
        let output = make.output().expect("make runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    };
    install(&["PREFIX=/opt/x"]);
    let files = [
        "bin/leafseal",
        "share/man/man1/leafseal.1",
        "share/man/man1/leafseal-exec-env.1",
        "share/man/man7/leafseal-selectors.7",
        "share/bash-completion/completions/leafseal",
        "share/zsh/site-functions/_leafseal",
        "share/fish/vendor_completions.d/leafseal.fish",
        "share/powershell/completions/_leafseal.ps1",
    ];
    for file in files {
        assert!(place.path(&format!("root/opt/x/{file}")).is_file(), "{file}");
    }
    assert!(!place.path("root/opt/x/bin/sops").exists(), "the link is for who asks for it");
    install(&["SOPS=1"]);
    let link = place.path("root/usr/local/bin/sops");
    assert_eq!(std::fs::read_link(&link).expect("a link"), Path::new("leafseal"));
    let output = Command::new(link).arg("--version").output().expect("it runs");
    assert_eq!(output.stdout, b"sops 3.13.2\n");
}
