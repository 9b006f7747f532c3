//! What is particular to dotenv and INI files: what they keep, what they may be, what is printed of
//! them.

use super::place::{Place, RECIPIENT};

const DOTENV: &str = "# s3cret hint\r\nPORT=8080\nexport NAME='alice7' # no comment\n\nEMPTY=\nTEXT=a\\ns3cret\nsops=1\nCLEAR_unencrypted=x\r\n# end";

const INI: &str = "; s3cret hint\nport=8080\n\n[users] # alice7\nname = \"alice7\" ; s3cret\nlong_key: `a;b`\n  text = \"\"\"s3cret\n  more\"\"\"\ncont = a\\\n  b\nempty=\nclear_unencrypted = 'x'\n\n[users]\n; end\n";

fn encrypt(place: &Place, name: &str) -> String {
    let answer = place.call(&["encrypt", "--age", RECIPIENT, name], b"");
    assert_eq!(answer.code, Some(0), "{answer}");
    answer.stdout
}

/// A text with its envelopes replaced by their types, up to the metadata.
fn skeleton(text: &str, block: &str) -> String {
    let envelope = regex::Regex::new(r"ENC\[AES256_GCM,[^\n]*type:([a-z]*)\]").expect("a regex");
    let text = envelope.replace_all(text, "<$1>");
    text.split_once(block).expect("a block").0.to_owned()
}

#[test]
fn encryption_of_dotenv_keeps_everything_but_the_values() {
    let place = Place::new();
    place.write("file.env", DOTENV);
    let encrypted = encrypt(&place, "file.env");
    let wanted = "#<comment>\nPORT=<str>\nexport NAME=<str>\n\nEMPTY=\nTEXT=<str>\nsops=<str>\nCLEAR_unencrypted=x\r\n#<comment>\n";
    assert_eq!(skeleton(&encrypted, "sops_age"), wanted);
    let names = encrypted.lines().filter_map(|line| line.strip_prefix("sops_"));
    let names: Vec<&str> = names.filter_map(|line| line.split('=').next()).collect();
    let wanted = [
        "age__list_0__map_enc",
        "age__list_0__map_recipient",
        "lastmodified",
        "leafseal_layout",
        "mac",
        "unencrypted_suffix",
        "version",
    ];
    assert_eq!(names, wanted);
    assert!(encrypted.ends_with("sops_version=3.13.2\n"));
}

#[test]
fn encryption_of_ini_moves_comments_above_their_items() {
    let place = Place::new();
    place.write("file.ini", INI);
    let encrypted = encrypt(&place, "file.ini");
    let wanted = "; <comment>\nport=<str>\n\n; <comment>\n[users]\n; <comment>\nname = <str>\nlong_key: <str>\n  text = <str>\ncont = <str>\nempty=\nclear_unencrypted = 'x'\n\n[users]\n; <comment>\n\n";
    assert_eq!(skeleton(&encrypted, "[sops]"), wanted);
    let block = encrypted.split_once("[sops]\n").expect("a block").1;
    let columns: Vec<_> = block.lines().map(|line| line.find(" = ")).collect();
    assert_eq!(columns, [Some(26); 7], "{block}");
}

#[test]
fn decryption_gives_every_byte_back() {
    let sources = [
        ("file.env", DOTENV),
        ("file.env", ""),
        ("file.env", "A=1"),
        ("file.env", "\n\n# only a comment\n\n"),
        ("file.env", "A=1\nA=2\n=3\n"),
        ("file.env", "A=#\nB=# x\nC=!a # b\n"),
        ("file.ini", INI),
        ("file.ini", ""),
        ("file.ini", "\u{feff}a=1"),
        ("file.ini", "[a]\r\nb = 1 ; c\r\n"),
        ("file.ini", "; only a comment"),
        ("file.ini", "\n\n[DEFAULT]\n[default]\n\n\n"),
    ];
    for (name, source) in sources {
        let place = Place::new();
        place.write(name, source);
        place.encrypt(name);
        let status = place.call(&["filestatus", name], b"");
        assert_eq!(status.stdout, "{\"encrypted\":true}\n", "{source:?}");
        let answer = place.call(&["decrypt", "-i", name], b"");
        assert_eq!(answer.code, Some(0), "{answer}");
        assert_eq!(place.read(name), source);
        let status = place.call(&["filestatus", name], b"");
        assert_eq!(status.stdout, "{\"encrypted\":false}\n", "{source:?}");
    }
}

#[test]
fn without_a_record_of_spellings_ini_has_those_of_sops() {
    let place = Place::new();
    place.write("file.ini", INI);
    let words = ["encrypt", "-i", "--no-layout", "--age", RECIPIENT, "file.ini"];
    assert_eq!(place.call(&words, b"").code, Some(0));
    let answer = place.call(&["decrypt", "file.ini"], b"");
    let wanted = "; s3cret hint\nport=8080\n\n; alice7\n[users]\n; s3cret\nname = alice7\nlong_key: `a;b`\n  text = \"\"\"s3cret\n  more\"\"\"\ncont = ab\nempty=\nclear_unencrypted = 'x'\n\n[users]\n; end\n";
    assert_eq!((answer.code, answer.stdout.as_str()), (Some(0), wanted), "{answer}");
}

#[test]
fn extracted_values_are_printed_as_by_the_reference() {
    let mut place = Place::new();
    place.write("file.env", DOTENV);
    place.write("file.ini", INI);
    place.encrypt("file.env");
    place.encrypt("file.ini");
    for (name, path, expected) in [
        ("file.env", r#"["PORT"]"#, "8080"),
        ("file.env", r#"["TEXT"]"#, "a\ns3cret"),
        ("file.env", r#"["export NAME"]"#, "'alice7' # no comment"),
        ("file.ini", r#"["DEFAULT"]["port"]"#, "8080"),
        ("file.ini", r#"["users"]["long_key"]"#, "a;b"),
        ("file.ini", r#"["users"]["cont"]"#, "ab"),
    ] {
        let answer = place.call(&["decrypt", "--extract", path, name], b"");
        assert_eq!((answer.code, answer.stdout.as_str()), (Some(0), expected), "{path}");
    }
    for (name, path, code) in [
        ("file.env", r#"["QUEUE"]"#, 1),
        ("file.env", r#"["PORT"]["x"]"#, 1),
        ("file.ini", r#"["port"]"#, 1),
        ("file.ini", r#"["users"]"#, 4),
    ] {
        assert_eq!(place.note(&["decrypt", "--extract", path, name]).code, Some(code), "{path}");
    }
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn files_that_could_not_be_read_back_are_refused() {
    let cases: [(&str, &str, &[u8], i32); 24] = [
        ("file.env", "no variable", b"A=1\ns3cret\n", 2),
        ("file.env", "indented comment", b" # s3cret\n", 2),
        ("file.env", "blank line that is not empty", b"A=s3cret\n  \n", 2),
        ("file.env", "carriage return alone", b"A=s3cret\r\n\r\n", 2),
        ("file.env", "invalid UTF-8", b"A=s3cret\xff\n", 2),
        ("file.env", "metadata", b"A=s3cret\nsops_mac=8080\n", 203),
        ("file.ini", "no delimiter", b"a=1\ns3cret\n", 2),
        ("file.ini", "open header", b"[s3cret\n", 2),
        ("file.ini", "section without a name", b"[]\na=s3cret\n", 2),
        ("file.ini", "empty key", b"= s3cret\n", 2),
        ("file.ini", "open key", b"\"a = s3cret\n", 2),
        ("file.ini", "open value", b"[b]\na = \"\"\"s3cret\nb = 1\n", 2),
        ("file.ini", "open backtick", b"a = `s3cret\n", 2),
        ("file.ini", "repeated key", b"[b]\na = s3cret\nb=1\na = 8080\n", 2),
        ("file.ini", "repeated key in quotes", b"a = s3cret\n\"a\" = 8080\n", 2),
        ("file.ini", "numbered key", b"[b]\n- = s3cret\n", 2),
        ("file.ini", "key like a comment", b"\"#a\" = s3cret\n", 2),
        ("file.ini", "key like another comment", b"`;a` = s3cret\n", 2),
        ("file.ini", "key like a header", b"\"[a\" = s3cret\n", 2),
        ("file.ini", "key in all quotes", b"\"a`=\" = s3cret\n", 2),
        ("file.ini", "invalid UTF-8", b"a = s3cret\xff\n", 2),
        ("file.ini", "section sops", b"a = s3cret\n[sops]\n", 203),
        ("file.ini", "YAML", b"a:\n  - s3cret\n", 2),
        ("file.ini", "JSON", b"{\"a\"\n\"s3cret\"}\n", 2),
    ];
    let mut place = Place::new();
    for (name, label, content, code) in cases {
        place.write(name, content);
        let answer = place.call(&["encrypt", "-i", "--age", RECIPIENT, name], b"");
        assert_eq!((answer.code, answer.stdout.as_str()), (Some(code), ""), "{label}\n{answer}");
        assert!(!answer.stderr.contains("s3cret") && !answer.stderr.contains("8080"), "{answer}");
        assert!(place.bytes(name) == content, "{label}: the file was touched");
        place.add(&format!("# {label}"), &answer);
    }
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn encrypted_files_that_were_altered_are_refused() {
    let mut place = Place::new();
    place.write("file.env", DOTENV);
    place.write("file.ini", INI);
    let (env, ini) = (encrypt(&place, "file.env"), encrypt(&place, "file.ini"));
    let twice = |text: &str, start: &str| {
        let line = text.lines().find(|line| line.starts_with(start)).expect("the line");
        format!("{text}{line}\n")
    };
    let cut = |text: &str, at: &str| text[..text.find(at).expect("the place")].to_owned();
    let cases = [
        ("file.env", "in clear", DOTENV.to_owned(), 1),
        ("file.env", "cut off before the metadata", cut(&env, "sops_age"), 1),
        ("file.env", "cut off in the metadata", cut(&env, "sops_mac"), 1),
        ("file.env", "metadata twice", twice(&env, "sops_mac="), 1),
        ("file.env", "list with a gap", env.replace("age__list_0", "age__list_1"), 1),
        ("file.env", "other line ends", env.replace('\n', "\r\n"), 1),
        ("file.env", "value in clear", env.replacen("PORT=ENC[", "PORT=s3cret[", 1), 25),
        ("file.env", "value moved", env.replacen("PORT=", "QUEUE=", 1), 25),
        ("file.env", "clear value changed", env.replacen("unencrypted=x", "unencrypted=y", 1), 51),
        ("file.ini", "in clear", INI.to_owned(), 1),
        ("file.ini", "cut off before the metadata", cut(&ini, "[sops]"), 1),
        ("file.ini", "metadata twice", format!("{ini}[sops]\nmac = 1\n"), 1),
        ("file.ini", "field twice", twice(&ini, "mac "), 1),
        ("file.ini", "value in clear", ini.replacen("port=ENC[", "port=s3cret[", 1), 25),
        ("file.ini", "text behind a value", ini.replacen("\nlong_key", " x\nlong_key", 1), 25),
        ("file.ini", "section renamed", ini.replacen("[users]", "[admins]", 1), 25),
        ("file.ini", "clear value changed", ini.replacen("= 'x'", "= 'y'", 1), 51),
    ];
    for (name, label, content, code) in cases {
        place.write(name, &content);
        let answer = place.call(&["decrypt", name], b"");
        assert_eq!((answer.code, answer.stdout.as_str()), (Some(code), ""), "{label}\n{answer}");
        assert!(!answer.stderr.contains("s3cret") && !answer.stderr.contains("8080"), "{answer}");
        place.add(&format!("# {name}: {label}"), &answer);
    }
    insta::assert_snapshot!(place.transcript());
}
