use std::ffi::OsString;

use super::normalize;
use crate::cli::help::grammar;
use crate::cli::invocation::Program;
use crate::cli::usage::UsageError;

fn normalized(line: &[&str]) -> Result<super::Normalized, UsageError> {
    let argv: Vec<OsString> =
        std::iter::once(&"leafseal").chain(line).map(OsString::from).collect();
    normalize(&argv, &grammar(Program::Leafseal))
}

/// Each row: the words of a call, and the words that clap gets behind the name of the program.
const ACCEPTED: &[(&[&str], &[&str])] = &[
    (&[], &["--"]),
    (&["encrypt", "f"], &["encrypt", "--", "f"]),
    // one dash or two, long name or letter
    (&["encrypt", "-age", "x", "f"], &["encrypt", "--age=x", "--", "f"]),
    (&["encrypt", "--a", "x", "f"], &["encrypt", "--age=x", "--", "f"]),
    (&["decrypt", "-extract=[\"a\"]", "f"], &["decrypt", "--extract=[\"a\"]", "--", "f"]),
    (&["decrypt", "--output=a=b", "f"], &["decrypt", "--output=a=b", "--", "f"]),
    (&["decrypt", "--extract=", "f"], &["decrypt", "--extract=", "--", "f"]),
    // the next word is the value, whatever it looks like
    (&["decrypt", "--extract", "-5", "f"], &["decrypt", "--extract=-5", "--", "f"]),
    (&["decrypt", "--extract", "--", "f"], &["decrypt", "--extract=--", "--", "f"]),
    (&["decrypt", "--extract", "--in-place", "f"], &["decrypt", "--extract=--in-place", "--", "f"]),
    // switches take a value only behind `=`
    (&["encrypt", "-i", "false"], &["encrypt", "--in-place", "--", "false"]),
    (&["encrypt", "-i=1", "f"], &["encrypt", "--in-place", "--", "f"]),
    (&["encrypt", "--in-place=false", "f"], &["encrypt", "--", "f"]),
    (&["encrypt", "--in-place=T", "f"], &["encrypt", "--in-place", "--", "f"]),
    (
        &["decrypt", "--enable-local-keyservice=0", "f"],
        &["decrypt", "--enable-local-keyservice=false", "--", "f"],
    ),
    (
        &["decrypt", "--enable-local-keyservice", "f"],
        &["decrypt", "--enable-local-keyservice=true", "--", "f"],
    ),
    // the last wins, and only the winner must be valid
    (&["encrypt", "--age", "x", "-a", "y", "f"], &["encrypt", "--age=y", "--", "f"]),
    (&["encrypt", "-i=maybe", "-i", "f"], &["encrypt", "--in-place", "--", "f"]),
    (&["encrypt", "-i", "-i=false", "f"], &["encrypt", "--", "f"]),
    (
        &["decrypt", "--keyservice", "a", "--keyservice", "b", "f"],
        &["decrypt", "--keyservice=a", "--keyservice=b", "--", "f"],
    ),
    // before or after the file, before or after the command; the command's own wins
    (&["decrypt", "f", "--extract", "x"], &["decrypt", "--extract=x", "--", "f"]),
    (
        &["decrypt", "-i", "f", "--output-type", "json"],
        &["decrypt", "--in-place", "--output-type=json", "--", "f"],
    ),
    (&["--config", "c", "decrypt", "f"], &["decrypt", "--config=c", "--", "f"]),
    (&["decrypt", "--config", "c", "f"], &["decrypt", "--config=c", "--", "f"]),
    (
        &["--config", "a", "--config", "b", "decrypt", "f", "--config", "c"],
        &["decrypt", "--config=c", "--", "f"],
    ),
    (&["-i", "encrypt", "-i=false", "f"], &["encrypt", "--", "f"]),
    (
        &["--keyservice", "a", "decrypt", "--keyservice", "b", "f"],
        &["decrypt", "--keyservice=b", "--", "f"],
    ),
    (&["--input-type", "json", "decrypt", "f"], &["decrypt", "--input-type=json", "--", "f"]),
    // the older form
    (&["-d", "f"], &["--decrypt", "--", "f"]),
    (&["f", "-d", "-i"], &["--in-place", "--decrypt", "--", "f"]),
    (&["-e", "-r=false", "f"], &["--encrypt", "--", "f"]),
    (&["f", "decrypt"], &["--", "f", "decrypt"]),
    (&["-d", "-"], &["--decrypt", "--", "-"]),
    // `--` ends flags, of the program or of the command
    (&["-d", "--", "-x"], &["--decrypt", "--", "-x"]),
    (&["--", "decrypt", "-i", "f"], &["decrypt", "--in-place", "--", "f"]),
    (&["decrypt", "--", "-i", "--"], &["decrypt", "--", "-i", "--"]),
    (&["decrypt", "f", "--", "-i"], &["decrypt", "--", "f", "-i"]),
    // behind the file, an unknown flag is a word
    (&["decrypt", "f", "--nope", "-i"], &["decrypt", "--in-place", "--", "f", "--nope"]),
    (&["decrypt", "f", "---", "-5"], &["decrypt", "--", "f", "---", "-5"]),
    // commands by other names
    (&["h", "decrypt"], &["help", "--", "decrypt"]),
];

#[test]
fn normalize_writes_what_clap_understands() {
    for (line, expected) in ACCEPTED {
        let result = normalized(line).unwrap();
        let mut words: Vec<_> =
            result.argv[1..].iter().map(|word| word.to_str().unwrap()).collect();
        let mut expected = expected.to_vec();
        // Flags may come in any order; words may not.
        for list in [&mut words, &mut expected] {
            let start = usize::from(list.first().is_some_and(|word| !word.starts_with('-')));
            let end = list.iter().position(|word| *word == "--").unwrap();
            list[start..end].sort_unstable();
        }
        assert_eq!(words, expected, "{line:?}");
    }
}

/// Each row: the words of a call, and the text of the error.
const REFUSED: &[(&[&str], &str)] = &[
    (&["-di", "f"], "the program has no flag -di"),
    (&["--nosuch"], "the program has no flag --nosuch"),
    (&["decrypt", "--nope=1", "f"], "decrypt has no flag --nope"),
    (&["encrypt", "--extract", "x", "f"], "encrypt has no flag --extract"),
    (&["---x"], "---x is not a flag: a name must follow the dashes"),
    (&["-=x"], "-=x is not a flag: a name must follow the dashes"),
    (&["decrypt", "f", "--extract"], "flag --extract needs a value"),
    (&["-p"], "flag --pgp needs a value"),
    (&["encrypt", "-i=maybe", "f"], "flag --in-place takes true or false, not \"maybe\""),
    (&["encrypt", "-i=", "f"], "flag --in-place takes true or false, not \"\""),
    (&["encrypt", "-i", "-i=yes", "f"], "flag --in-place takes true or false, not \"yes\""),
];

#[test]
fn normalize_refuses_what_the_reference_refuses() {
    for (line, expected) in REFUSED {
        assert_eq!(normalized(line).unwrap_err().to_string(), *expected, "{line:?}");
    }
}

#[test]
fn normalize_suggests_what_was_meant() {
    let cases = [
        (&["-di"][..], "did you mean -d -i?"),
        (&["decrypt", "--extrakt"], "did you mean --extract?"),
        (&["decrypt", "--nothing-like-it"], "`leafseal help decrypt` lists its flags"),
        (&["--nothing-like-it"], "`leafseal help` lists commands and flags"),
    ];
    for (line, expected) in cases {
        assert_eq!(normalized(line).unwrap_err().hint("leafseal"), expected, "{line:?}");
    }
}

#[test]
fn normalize_sees_help_and_version_anywhere() {
    let cases = [
        (&["--help"][..], true, false),
        (&["-h", "decrypt"], true, false),
        (&["decrypt", "f", "-help"], true, false),
        (&["decrypt", "--help=false", "f"], false, false),
        (&["-v", "f"], false, true),
        (&["decrypt", "--version"], false, true),
        (&["decrypt", "--extract", "--help", "f"], false, false),
        (&["decrypt", "--", "--help"], false, false),
    ];
    for (line, help, version) in cases {
        let result = normalized(line).unwrap();
        assert_eq!((result.asks_help, result.asks_version), (help, version), "{line:?}");
    }
}

#[test]
fn normalize_lists_flags_that_the_command_cannot_use() {
    let result = normalized(&["--extract", "x", "-i", "--config", "c", "filestatus", "f"]).unwrap();
    assert_eq!(result.unused_flags, ["--extract", "--in-place"]);
    assert_eq!(result.argv[1..], ["filestatus", "--config=c", "--", "f"]);
}

#[cfg(unix)]
#[test]
fn normalize_keeps_paths_that_are_not_text() {
    use std::os::unix::ffi::OsStringExt;

    let odd = OsString::from_vec(b"\xff".to_vec());
    let grammar = grammar(Program::Leafseal);
    let line = |flag: &str| {
        vec!["leafseal".into(), "encrypt".into(), flag.into(), odd.clone(), odd.clone()]
    };
    let result = normalize(&line("--output"), &grammar).unwrap();
    assert_eq!(result.argv[2], OsString::from_vec(b"--output=\xff".to_vec()));
    assert_eq!(result.argv[4], odd);
    let error = normalize(&line("--age"), &grammar).unwrap_err();
    assert_eq!(error.to_string(), "the value of flag --age is not valid UTF-8");
    let joined = OsString::from_vec(b"--output=\xff".to_vec());
    let error = normalize(&["leafseal".into(), "-d".into(), joined], &grammar).unwrap_err();
    assert!(matches!(error, UsageError::WordNotUnicode { .. }));
}
