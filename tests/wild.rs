//! Thousands of generated documents of the odder kind, in both programs.

mod support;

use leafseal::metadata::{Selector, SelectorKind};
use support::agreement::{Theirs, check_bytes, check_theirs, check_values, on_all_cores};
use support::wild::Wild;
use support::{Reference, TestKey};

const TEXTS: u64 = 5500;

/// How many of the texts the reference works on, too.
const SHARED: u64 = 1000;

fn selectors() -> Vec<Selector> {
    let regex = |kind, text| Selector::new(kind, text).expect("a selector");
    vec![
        Selector::default(),
        regex(SelectorKind::UnencryptedSuffix, "_no"),
        regex(SelectorKind::EncryptedSuffix, "ort"),
        regex(SelectorKind::EncryptedRegex, "^(name|a)$"),
        regex(SelectorKind::UnencryptedRegex, "^(port|b-c)$"),
    ]
}

fn shown(failures: &[String]) -> String {
    failures.iter().take(3).cloned().collect::<Vec<_>>().join("\n=====\n")
}

#[test]
fn documents_come_back_byte_for_byte() {
    let (key, selectors) = (TestKey::load(), selectors());
    let seeds: Vec<u64> = (0..TEXTS).collect();
    let results = on_all_cores(&seeds, |seed| {
        let text = Wild::text(*seed);
        let selector = &selectors[usize::try_from(*seed).expect("small") % selectors.len()];
        check_bytes(&key, &text, selector).map_err(|error| format!("seed {seed}: {error}\n{text}"))
    });
    let failures: Vec<String> = results.into_iter().filter_map(Result::err).collect();
    assert!(failures.is_empty(), "{} texts:\n{}", failures.len(), shown(&failures));
}

#[test]
fn both_programs_read_what_the_other_writes() {
    let (key, reference, selectors) = (TestKey::load(), Reference::find(), selectors());
    let flags: [&[&str]; 5] = [
        &[],
        &["--unencrypted-suffix", "_no"],
        &["--encrypted-suffix", "ort"],
        &["--encrypted-regex", "^(name|a)$"],
        &["--unencrypted-regex", "^(port|b-c)$"],
    ];
    let seeds: Vec<u64> = (TEXTS..TEXTS + SHARED).collect();
    let results = on_all_cores(&seeds, |seed| {
        let text = Wild::shared_text(*seed);
        let at = usize::try_from(*seed).expect("small") % selectors.len();
        let check = || {
            let encrypted = check_bytes(&key, &text, &selectors[at])?;
            let theirs = Theirs::of(&reference, &text, flags[at]);
            let theirs = theirs.map_err(|error| format!("the reference refuses it: {error}"))?;
            check_values(&reference, &text, &encrypted, theirs.as_ref())?;
            match &theirs {
                Some(theirs) => check_theirs(&text, theirs).map(|()| true),
                None => Ok(false),
            }
        };
        check().map_err(|error| format!("seed {seed}: {error}\n{text}"))
    });
    let compared = results.iter().filter(|result| matches!(result, Ok(true))).count();
    let failures: Vec<String> = results.into_iter().filter_map(Result::err).collect();
    assert!(failures.is_empty(), "{} texts:\n{}", failures.len(), shown(&failures));
    // the reference does not read all of its own files
    assert!(compared * 100 >= seeds.len() * 98, "only {compared} files could be compared");
}

/// Small texts of the kinds that generated ones and the suite showed to be wrong.
#[test]
fn texts_that_once_failed_come_back() {
    let (key, reference) = (TestKey::load(), Reference::find());
    let texts = [
        // a comment between a tag and its scalar
        "a: !!str # c\n  text\n",
        "a: !!int # c\n  '1'\nb: &b !x # d\n  |\n  text\nc: !!str &c # e\n  1\n",
        "a: !  # c\n ~\nb:\n- !!str # d\n  true\n- !!float # e\n  1\n",
        // a float whose copy is an integer, a key that an alias names
        "a: &x\n    - 1e3\nb: *x\n",
        "&k a: x\nb: &x\n  c_unencrypted:\n    - *k\n<<: [*x]\n",
        "&x \"\":\n  - *x\n",
        // encrypted comments in what an alias repeats, and behind it
        "a: &x\n  b: # c\n<<: *x\n",
        "a:\n  b: &x\n    c: d\ne:\n  <<: *x\n\n   # f",
        "a: &x\n  b: |\n    c\nd: *x",
        // comments that change their places among the values
        "a: 1\n---\n# c\nb: |+\n     \n# d",
        // block scalars at the end of a text without line end
        "a:\n  - |+\n     ",
        "a: |+\n  x\n  ",
        "a: |+",
        "a: |+\n     - x\n\n  # c\n...",
    ];
    for text in texts {
        let check = || {
            let encrypted = check_bytes(&key, text, &Selector::default())?;
            let theirs = Theirs::of(&reference, text, &[])?;
            check_values(&reference, text, &encrypted, theirs.as_ref())
        };
        check().unwrap_or_else(|error| panic!("{text:?}: {error}"));
    }
}
