use super::place::{PLAIN, Place};

#[test]
fn status_is_told_as_json() {
    let mut place = Place::with_encrypted();
    let encrypted = place.read("file.yaml");
    place.write("plain.yaml", PLAIN);
    place.write("empty.yaml", "");
    place.write("cut.yaml", &encrypted[..encrypted.find("sops:").unwrap()]);
    let without_mac = encrypted.lines().filter(|line| !line.starts_with("    mac:"));
    place.write("nomac.yaml", without_mac.flat_map(|line| [line, "\n"]).collect::<String>());
    place.write("copy.txt", &encrypted);
    place.unset("SOPS_AGE_KEY_FILE");
    for (words, is_encrypted) in [
        (&["filestatus", "file.yaml"][..], true),
        (&["filestatus", "--input-type", "yaml", "copy.txt"], true),
        (&["filestatus", "plain.yaml"], false),
        (&["filestatus", "empty.yaml"], false),
        (&["filestatus", "cut.yaml"], false),
        (&["filestatus", "nomac.yaml"], false),
    ] {
        let answer = place.call(words, b"");
        let expected = format!("{{\"encrypted\":{is_encrypted}}}\n");
        let found = (answer.code, answer.stdout, answer.stderr);
        assert_eq!(found, (Some(0), expected, String::new()), "{words:?}");
    }
}

#[test]
fn status_of_what_cannot_be_read_is_an_error() {
    let mut place = Place::new();
    place.write("bad.yaml", "a: [s3cret\n");
    place.write("list.yaml", "- s3cret\n");
    place.write("block.yaml", "sops: 5\n");
    place.write("bytes.yaml", b"s3cret\xff\n");
    place.write("file.json", "{\"a\": s3cret}");
    for words in [
        &["filestatus"][..],
        &["filestatus", "nowhere.yaml"],
        &["filestatus", "home"],
        &["filestatus", "--input-type=yaml", "home"],
        &["filestatus", "bad.yaml"],
        &["filestatus", "list.yaml"],
        &["filestatus", "block.yaml"],
        &["filestatus", "bytes.yaml"],
        &["filestatus", "file.json"],
    ] {
        let code = if words.len() == 1 { 100 } else { 1 };
        let answer = place.note(words);
        assert_eq!((answer.code, answer.stdout.as_str()), (Some(code), ""), "{words:?}\n{answer}");
    }
    assert!(!place.transcript().contains("s3cret"));
    insta::assert_snapshot!(place.transcript());
}
