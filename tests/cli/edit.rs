//! `edit`: what a save changes, what is kept, and what stays behind.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use super::Answer;
use super::age::on_terminal;
use super::exec::{left_behind, send, started};
use super::place::{Place, RECIPIENT, key_file};

pub(super) const TEXT: &str = "# head\ndb:\n    user: admin # who\n    port: 0644\n    list: [a, 'b']\nlast: |\n    two\n    lines\n";

/// A place with `file.yaml`, where files in clear go to `tmp`.
pub(super) fn place() -> Place {
    let mut place = Place::with_encrypted();
    place.write("file.yaml", TEXT);
    place.encrypt("file.yaml");
    place.put_clear_files_in_tmp();
    place
}

/// Lets lines of shell be the editor; `$1` is the file.
pub(super) fn set_editor(place: &mut Place, lines: &str) {
    place.write("editor.sh", format!("#!/bin/sh\n{lines}\n"));
    let path = place.path("editor.sh");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("it is ours");
    place.set("EDITOR", &format!("'{}'", path.display()));
}

/// Lists the lines that differ, as `diff` does.
fn changed_lines(old: &str, new: &str) -> Vec<String> {
    assert_eq!(old.lines().count(), new.lines().count(), "{old}{new}");
    let pairs = old.lines().zip(new.lines()).filter(|(old, new)| old != new);
    let key = |line: &str| line.trim().split(':').next().unwrap_or_default().to_owned();
    pairs.map(|(old, _)| key(old)).filter(|key| key != "lastmodified").collect()
}

pub(super) fn reference() -> PathBuf {
    let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/peers/sops");
    assert!(program.exists(), "the reference program is missing: run `make peers`");
    program
}

/// Notes an answer in which the private folder has a name of its own.
pub(super) fn note(place: &mut Place, heading: &str, mut answer: Answer) {
    for name in left_behind(place) {
        answer.stderr = answer.stderr.replace(&name, ".sopsXXXXXX");
        answer.stdout = answer.stdout.replace(&name, ".sopsXXXXXX");
    }
    place.add(heading, &answer);
}

#[test]
fn save_changes_what_was_edited_and_nothing_else() {
    let mut place = place();
    set_editor(&mut place, "sed -i 's/admin/root/' \"$1\"; stat -c '%a %n' \"$1\" > seen");
    let before = place.read("file.yaml");
    let answer = place.call(&["edit", "file.yaml"], b"");
    assert_eq!((answer.code, answer.stdout.as_str(), answer.stderr.as_str()), (Some(0), "", ""));
    assert_eq!(changed_lines(&before, &place.read("file.yaml")), ["user", "mac"]);
    assert!(place.read("seen").starts_with("600 ") && place.read("seen").ends_with("/file.yaml\n"));
    let opened = place.call(&["decrypt", "file.yaml"], b"");
    assert_eq!(opened.stdout, TEXT.replace("admin", "root"));
    assert_eq!(left_behind(&place), Vec::<String>::new());
}

#[test]
fn save_of_a_file_of_the_reference_changes_as_little() {
    let mut place = place();
    place.write("theirs.yaml", TEXT);
    let words = ["encrypt", "-i", "--age", RECIPIENT, "theirs.yaml"];
    let done = place.command(&reference(), "").args(words).status().expect("the reference runs");
    assert!(done.success());
    let before = place.read("theirs.yaml");
    set_editor(&mut place, "sed -i 's/admin/root/' \"$1\"");
    // without the name of the command, too
    assert_eq!(place.call(&["theirs.yaml"], b"").code, Some(0));
    assert_eq!(changed_lines(&before, &place.read("theirs.yaml")), ["user", "mac"]);
    let read = place.command(&reference(), "").args(["decrypt", "theirs.yaml"]).output();
    let read = String::from_utf8(read.expect("the reference runs").stdout).expect("text");
    assert!(read.contains("user: root") && read.contains("port: 420"), "{read}");
}

#[test]
fn new_files_begin_with_the_examples_of_the_reference() {
    let mut place = place();
    for name in ["new.yaml", "new.json", "new.env", "new.ini", "new.bin"] {
        set_editor(&mut place, "cp \"$1\" seen; exit 1");
        let words = ["edit", "--age", RECIPIENT, name];
        let theirs = place.command(&reference(), "").args(words).output();
        assert_eq!(theirs.expect("the reference runs").status.code(), Some(201), "{name}");
        let example = place.read("seen");
        // not made if nothing was changed
        set_editor(&mut place, "cp \"$1\" seen");
        assert_eq!(place.call(&words, b"").code, Some(200), "{name}");
        assert_eq!(place.read("seen"), example, "{name}");
        assert!(!place.path(name).exists(), "{name}");
        set_editor(&mut place, "sed -i 's/Welcome/Hello/' \"$1\"");
        assert_eq!(place.call(&words, b"").code, Some(0), "{name}");
        let opened = place.call(&["decrypt", name], b"").stdout;
        assert_eq!(opened, example.replace("Welcome", "Hello"), "{name}");
    }
    assert_eq!(left_behind(&place), Vec::<String>::new());
}

#[test]
fn binary_files_are_edited_as_they_are() {
    let mut place = place();
    place.write("file.bin", b"\0\xff");
    place.encrypt("file.bin");
    set_editor(&mut place, "printf '\\001' >> \"$1\"");
    assert_eq!(place.call(&["edit", "file.bin"], b"").code, Some(0));
    let mut command = place.command(Path::new(env!("CARGO_BIN_EXE_leafseal")), "");
    let opened = command.args(["decrypt", "file.bin"]).output().expect("the program runs");
    assert_eq!(opened.stdout, b"\0\xff\x01");
}

#[test]
fn value_that_an_edit_repeats_in_clear_is_told() {
    let mut place = place();
    place.write("file.yaml", "a: &x s3cret\n");
    place.encrypt("file.yaml");
    set_editor(&mut place, "echo 'b_unencrypted: *x' >> \"$1\"");
    let answer = place.call(&["edit", "file.yaml"], b"");
    let expected = "warning: file.yaml: line 2: the alias repeats in clear the value of line 1, which is encrypted\n";
    assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), expected));
}

#[test]
fn what_keeps_a_file_from_being_edited_is_said() {
    let mut place = place();
    let before = place.read("file.yaml");
    for editor in ["true", "false", "/nonexistent/editor", "  ", "'", "sh -c 'kill -9 $$'"] {
        place.set("EDITOR", editor);
        let answer = place.call(&["edit", "file.yaml"], b"");
        note(&mut place, &format!("# EDITOR={editor}"), answer);
    }
    place.set("EDITOR", "false");
    place.set("SOPS_EDITOR", "true");
    place.note(&["edit", "file.yaml"]);
    place.set("SOPS_EDITOR", "");
    place.set("EDITOR", "");
    place.set("PATH", "/nonexistent");
    place.note(&["edit", "file.yaml"]);
    place.set("EDITOR", "/bin/true");
    place.note(&["edit"]);
    place.note(&["edit", "tmp"]);
    place.note(&["edit", "-s", "file.yaml"]);
    place.note(&["edit", "--output-type", "json", "file.yaml"]);
    place.note(&["edit", "new.yaml"]);
    place.write("plain.yaml", "a: 1\n");
    place.note(&["edit", "plain.yaml"]);
    place.note(&["encypt"]);
    place.set("SOPS_AGE_KEY_FILE", &key_file("age2.txt"));
    let answer = place.call(&["edit", "file.yaml"], b"");
    assert_eq!(answer.code, Some(128), "{answer}");
    assert_eq!(place.read("file.yaml"), before);
    assert_eq!(left_behind(&place), Vec::<String>::new());
    insta::assert_snapshot!(place.transcript());
}

/// An editor that breaks the file, and mends it when it is called again.
const BREAKING: &str = "if [ -e broken ]; then sed -i 's/: \\[$/: mended/' \"$1\"; else : > broken; sed -i 's/admin.*/[/' \"$1\"; fi";

#[test]
fn text_that_cannot_be_read_is_edited_again() {
    let mut place = place();
    set_editor(&mut place, BREAKING);
    let answer = place.call(&["edit", "file.yaml"], b"\n");
    note(&mut place, "# Enter on standard input", answer);
    let opened = place.call(&["decrypt", "--extract", "[\"db\"][\"user\"]", "file.yaml"], b"");
    assert_eq!(opened.stdout, "mended");

    std::fs::remove_file(place.path("broken")).expect("it was made");
    place.write("file.yaml", TEXT);
    place.encrypt("file.yaml");
    let answer = on_terminal(&place, "edit file.yaml", &[("to stop", "\r")]);
    note(&mut place, "# Enter on a terminal", answer);
    let opened = place.call(&["decrypt", "--extract", "[\"db\"][\"user\"]", "file.yaml"], b"");
    assert_eq!(opened.stdout, "mended");
    assert_eq!(left_behind(&place), Vec::<String>::new());
    insta::assert_snapshot!(place.transcript());
}

/// Returns what was kept of an edit, once it is sure that nobody else can read it.
fn kept(place: &Place) -> String {
    let [folder] = left_behind(place).try_into().expect("one folder");
    let folder = format!("tmp/{folder}");
    let mode = |name: &str| {
        std::fs::metadata(place.path(name)).expect("it is there").permissions().mode() & 0o777
    };
    let file = format!("{folder}/file.yaml");
    assert_eq!((mode(&folder), mode(&file)), (0o700, 0o600));
    let text = place.read(&file);
    std::fs::remove_dir_all(place.path(&folder)).expect("it is ours");
    text
}

#[test]
fn edited_text_is_never_lost() {
    let mut place = place();
    let before = place.read("file.yaml");
    set_editor(&mut place, "sed -i 's/admin.*/[/' \"$1\"");
    let answer = place.call(&["edit", "file.yaml"], b"");
    note(&mut place, "# nobody to ask", answer);
    assert!(kept(&place).contains("user: [\n"));
    let answer = on_terminal(&place, "edit file.yaml", &[("to stop", "\u{3}")]);
    note(&mut place, "# Ctrl-C", answer);
    assert!(kept(&place).contains("user: [\n"));
    assert_eq!(place.read("file.yaml"), before);

    set_editor(&mut place, "sed -i 's/admin/root/' \"$1\"; echo '# changed' >> file.yaml");
    let answer = place.call(&["edit", "file.yaml"], b"");
    note(&mut place, "# the file was changed meanwhile", answer);
    assert!(kept(&place).contains("user: root"));
    assert_eq!(place.read("file.yaml"), format!("{before}# changed\n"));
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn signals_leave_nothing_behind() {
    for signal in ["HUP", "INT", "TERM"] {
        let mut place = place();
        let before = place.read("file.yaml");
        set_editor(&mut place, ": > started; exec sleep 60");
        let mut child = started(&place, &["edit", "file.yaml"]);
        assert_eq!(left_behind(&place).len(), 1, "{signal}");
        assert!(send(signal, &child.id().to_string()));
        assert_eq!(child.wait().expect("it ends").code(), Some(1), "{signal}");
        assert_eq!(left_behind(&place), Vec::<String>::new(), "{signal}");
        assert_eq!(place.read("file.yaml"), before, "{signal}");
    }
}
