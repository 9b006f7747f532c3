//! `edit --show-master-keys`: the metadata block in the editor, and what becomes of its edits.

use std::path::Path;

use super::edit::{note, place, reference, set_editor};
use super::exec::left_behind;
use super::place::{OTHER_RECIPIENT, Place, RECIPIENT, key_file};

/// A name and a text of each format, and lines of shell that add [`OTHER_RECIPIENT`].
const FILES: [(&str, &str, &str); 6] = [
    ("a.yaml", "# c\na: old\nb: [1.50, x]\n", "s/^    age:$/&\\n        - recipient: OTHER/"),
    (
        "two.yaml",
        "a: old\n---\n# c\nb: |\n    text\n",
        "s/^    age:$/&\\n        - recipient: OTHER/",
    ),
    ("a.json", "{\"a\": \"old\", \"b\": [1.50]}", "s/\"age\": \\[/&{\"recipient\": \"OTHER\"},/"),
    ("a.env", "# c\nA=old\nB='x'\n", "s/^sops_mac/sops_age__list_1__map_recipient=OTHER\\n&/"),
    ("a.ini", "; c\n[s]\na=old\n", "s/^mac /age__list_1__map_recipient = OTHER\\n&/"),
    ("a.bin", "old text\n", "s/\"age\": \\[/&{\"recipient\": \"OTHER\"},/"),
];

/// Decrypts a file with the identity of [`OTHER_RECIPIENT`] alone, with both programs.
fn opened_by_other(place: &mut Place, name: &str) -> String {
    place.set("SOPS_AGE_KEY_FILE", &key_file("age2.txt"));
    let ours = place.call(&["decrypt", name], b"");
    assert_eq!(ours.code, Some(0), "{name}\n{ours}");
    let theirs = place.command(&reference(), "").args(["decrypt", name]).output();
    let theirs = theirs.expect("the reference runs");
    assert!(theirs.status.success(), "{name}\n{}", String::from_utf8_lossy(&theirs.stderr));
    place.set("SOPS_AGE_KEY_FILE", &key_file("age1.txt"));
    ours.stdout
}

/// Edits a file with lines of `sed`, which must do without a word.
fn edit(place: &mut Place, name: &str, script: &str) {
    set_editor(place, &format!("sed -i '{}' \"$1\"", script.replace("OTHER", OTHER_RECIPIENT)));
    let answer = place.call(&["edit", "-s", name], b"");
    assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""), "{name} {script}\n{answer}");
    assert_eq!(left_behind(place), Vec::<String>::new());
}

/// Lists the lines of a text that another one lacks, as far as they are not computed.
fn new_lines<'t>(old: &str, new: &'t str) -> Vec<&'t str> {
    let is_computed = |line: &str| {
        let key = line.trim().trim_start_matches('"');
        key.starts_with("mac") || key.starts_with("lastmodified")
    };
    let is_new = |line: &&str| !old.lines().any(|other| other == *line) && !is_computed(line);
    new.lines().filter(is_new).collect()
}

#[test]
fn keys_and_values_are_edited_together_in_every_format() {
    let mut place = place();
    for (name, text, script) in FILES {
        place.write(name, text);
        place.encrypt(name);
        edit(&mut place, name, &format!("{script}; s/old/new/"));
        assert_eq!(opened_by_other(&mut place, name), text.replace("old", "new"), "{name}");
        let text = place.read(name);
        assert!(text.contains(OTHER_RECIPIENT) && text.contains(RECIPIENT), "{text}");
    }
}

#[test]
fn edited_block_changes_as_little_as_possible() {
    let mut place = place();
    let before = place.read("file.yaml");
    edit(&mut place, "file.yaml", "s/^    age:$/&\\n        - recipient: OTHER/");
    let added = place.read("file.yaml");
    let is_new_entry =
        |line: &&str| line.starts_with("            ") || line.contains(OTHER_RECIPIENT);
    let new = new_lines(&before, &added);
    assert!(!new.is_empty() && new.iter().all(is_new_entry), "{new:?}");
    assert_eq!(new_lines(&added, &before), Vec::<&str>::new());

    // the other entry first, then the one of before away: the new one stays as it is
    let delete = format!("/- enc: |/{{:a;N;/recipient/!ba;/{RECIPIENT}/d}}");
    edit(&mut place, "file.yaml", &delete);
    let removed = place.read("file.yaml");
    assert!(!removed.contains(RECIPIENT), "{removed}");
    assert_eq!(new_lines(&added, &removed), Vec::<&str>::new());
    assert_eq!(opened_by_other(&mut place, "file.yaml"), super::edit::TEXT);
    assert_eq!(place.call(&["decrypt", "file.yaml"], b"").code, Some(128));
}

#[test]
fn selectors_are_edited() {
    let mut place = place();
    place.write("file.yaml", "a: one\nb: two # s3cret\nc: {a: 3}\n");
    place.encrypt("file.yaml");
    edit(&mut place, "file.yaml", "s/unencrypted_suffix: .*/encrypted_regex: ^a$/");
    let text = place.read("file.yaml");
    assert!(
        text.starts_with("a: ENC[") && text.contains("\nb: two # s3cret\nc: {a: \"ENC["),
        "{text}"
    );
    edit(&mut place, "file.yaml", "/mac: /i\\    mac_only_encrypted: true");
    edit(&mut place, "file.yaml", "s/two/four/");
    let text = place.read("file.yaml");
    assert!(text.contains("mac_only_encrypted: true") && text.contains("b: four"), "{text}");
    let theirs = place.command(&reference(), "").args(["decrypt", "file.yaml"]).output();
    let theirs = String::from_utf8(theirs.expect("the reference runs").stdout).expect("text");
    assert_eq!(theirs, "a: one\n# s3cret\nb: four\nc:\n    a: 3\n");
    // without a selector the default is in force
    edit(&mut place, "file.yaml", "/encrypted_regex: /d");
    let text = place.read("file.yaml");
    assert!(
        text.contains("b: ENC[") && text.contains("unencrypted_suffix: _unencrypted"),
        "{text}"
    );
}

#[test]
fn keys_are_put_into_groups_and_back() {
    let mut place = place();
    let block = format!(
        "    key_groups:\\n        - age:\\n            - recipient: {RECIPIENT}\\n        - age:\\n            - recipient: {OTHER_RECIPIENT}"
    );
    edit(&mut place, "file.yaml", &format!("/^    age:/,/recipient:/d; /^    lastmod/i\\{block}"));
    let text = place.read("file.yaml");
    assert!(text.contains("key_groups:") && text.contains("shamir_threshold: 2"), "{text}");
    assert_eq!(place.call(&["decrypt", "file.yaml"], b"").code, Some(128));
    let identities = ["age1.txt", "age2.txt"].map(|name| std::fs::read_to_string(key_file(name)));
    let identities = identities.map(|text| text.expect("an identity")).concat();
    place.write("both.txt", identities);
    let both = place.path("both.txt").to_string_lossy().into_owned();
    place.set("SOPS_AGE_KEY_FILE", &both);
    assert_eq!(place.call(&["decrypt", "file.yaml"], b"").stdout, super::edit::TEXT);
    let theirs = place.command(&reference(), "").args(["decrypt", "file.yaml"]).output();
    assert!(theirs.expect("the reference runs").status.success());
}

#[test]
fn new_files_show_their_block_too() {
    let mut place = place();
    for (name, _, script) in FILES {
        set_editor(
            &mut place,
            &format!(
                "sed -i '{}; s/Welcome to/Hello/' \"$1\"",
                script.replace("OTHER", OTHER_RECIPIENT)
            ),
        );
        let name = name.replace("a.", "new.");
        let answer = place.call(&["edit", "-s", "--age", RECIPIENT, &name], b"");
        assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""), "{name}\n{answer}");
        assert!(opened_by_other(&mut place, &name).contains("Hello SOPS!"), "{name}");
        // nothing changed, nothing made
        set_editor(&mut place, "true");
        assert_eq!(
            place.call(&["edit", "-s", "--age", RECIPIENT, "none.yaml"], b"").code,
            Some(200)
        );
        assert!(!place.path("none.yaml").exists());
    }
}

#[test]
fn block_that_cannot_be_used_is_told_and_edited_again() {
    let mut place = place();
    let before = place.read("file.yaml");
    // above the wrapped key, which has more or fewer lines from run to run
    let rows = [
        "s/^    age:$/&\\n        - recipient: age1broken/",
        "s/^    age:$/&\\n        - recipient: AGE-SECRET-KEY-1QQQ/",
        "s/^    age:$/&\\n        - enc: x/",
        "s/^    age:$/    age: nobody/",
        "s/^    age:$/&\\n        - nobody/",
        "/^sops:/,$d",
        "/^    age:/,/recipient:/d",
        "/^last:/i\\sops: {}",
        "s/^    age:$/    encrypted_regex: (\\n&/; /unencrypted_suffix:/d",
        "s/^    age:$/    encrypted_suffix: x\\n&/",
        "s/^    age:$/    shamir_threshold: many\\n&/",
        "s/^    age:$/    hc_vault: [{key_name: k, vault_address: v, engine_path: e}]\\n&/",
        "s/^    age:$/    pgp: [{fp: no-fingerprint}]\\n&/",
        "s/^    age:$/    key_groups: [{age: [{recipient: OTHER}]}]\\n&/",
        "s/user: admin/user: [/",
    ];
    for script in rows {
        set_editor(
            &mut place,
            &format!("sed -i '{}' \"$1\"", script.replace("OTHER", OTHER_RECIPIENT)),
        );
        let answer = place.call(&["edit", "-s", "file.yaml"], b"");
        note(&mut place, &format!("# {script}"), answer);
        for name in left_behind(&place) {
            std::fs::remove_dir_all(place.path("tmp").join(name)).expect("it is ours");
        }
    }
    assert_eq!(place.read("file.yaml"), before);
    // mended at the second try
    let lines = format!(
        "if [ -e broken ]; then sed -i 's/age1broken/{OTHER_RECIPIENT}/' \"$1\"; else : > broken; sed -i 's/^    age:$/&\\n        - recipient: age1broken/' \"$1\"; fi"
    );
    set_editor(&mut place, &lines);
    let answer = place.call(&["edit", "-s", "file.yaml"], b"\n");
    note(&mut place, "# mended", answer);
    assert_eq!(opened_by_other(&mut place, "file.yaml"), super::edit::TEXT);
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn fields_that_are_computed_are_not_for_editing() {
    let mut place = place();
    set_editor(
        &mut place,
        "sed -i 's/^    version: .*/    version: 1.0.0/; s/^    age:$/    team: web\\n&/; s/^    mac: .*/    mac: x/; /lastmodified/d' \"$1\"",
    );
    let answer = place.call(&["edit", "-s", "file.yaml"], b"");
    note(&mut place, "# computed fields", answer);
    let text = place.read("file.yaml");
    assert!(!text.contains("team") && !text.contains("1.0.0") && text.contains("lastmodified"));
    assert_eq!(place.call(&["decrypt", "file.yaml"], b"").stdout, super::edit::TEXT);
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn edit_of_the_block_alone_leaves_the_text_alone() {
    let mut place = place();
    let texts = [
        ("a.yaml", "a: |\n    no line end"),
        ("b.yaml", "{}\n"),
        ("c.yaml", "{a: 1, b: [2]}"),
        ("d.yaml", "\u{feff}a: 1\r\n# c\r\nb: >\r\n  x\r\n\r\n"),
        ("e.yaml", "a: &x {b: 1}\nc: *x\n...\n---\nd: 2\n...\n"),
        ("f.json", "{}"),
        ("g.json", "{ \"a\" : 1.0 }\r\n"),
        ("h.env", "A=1"),
        ("i.ini", "[s]\r\na = 1"),
        ("j.ini", ""),
    ];
    for (name, text) in texts {
        place.write(name, text);
        place.encrypt(name);
        let script = match Path::new(name).extension().and_then(|it| it.to_str()) {
            Some("json") => FILES[2].2,
            Some("env") => FILES[3].2,
            Some("ini") => FILES[4].2,
            _ => FILES[0].2,
        };
        // also where lines end with CRLF, or the block is in braces
        let script = script.replace("age:$/&", "age:\\(\\r\\?\\)$/&");
        let script =
            format!("{script}; s/\"age\": \\[{{/\"age\": [{{\"recipient\": \"OTHER\"}}, {{/");
        edit(&mut place, name, &script);
        assert!(place.read(name).contains(OTHER_RECIPIENT), "{name} {}", place.read(name));
        assert_eq!(opened_by_other(&mut place, name), text, "{name}");
    }
}
