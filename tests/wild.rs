//! Thousands of generated documents of the odder kind, in both programs.

mod support;

use leafseal::metadata::{Selector, SelectorKind};
use support::agreement::{Theirs, check_bytes, check_theirs, check_values, on_all_cores};
use support::wild::Wild;
use support::{Reference, TestKey};

const TEXTS: u64 = 5200;

/// How many texts are put into one file for the reference.
const BATCH: u64 = 20;

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

/// Both programs with one selector.
struct Pair<'p> {
    key: &'p TestKey,
    reference: &'p Reference,
    selector: &'p Selector,
    flags: &'p [&'p str],
}

impl Pair<'_> {
    /// Checks texts in both directions, all in one file as long as that goes well; counts those
    /// whose file of the reference could be compared.
    fn check_all(&self, texts: &[String]) -> Result<usize, String> {
        match (self.check(&joined(texts)), texts) {
            (Ok(true), _) => Ok(texts.len()),
            (Ok(false), [_]) => Ok(0),
            (Err(error), [text]) => Err(format!("{error}\n{text}")),
            _ => {
                let (one, other) = texts.split_at(texts.len() / 2);
                Ok(self.check_all(one)? + self.check_all(other)?)
            }
        }
    }

    fn check(&self, text: &str) -> Result<bool, String> {
        let encrypted = check_bytes(self.key, text, self.selector)?;
        let theirs = Theirs::of(self.reference, text, self.flags);
        let theirs = theirs.map_err(|error| format!("the reference refuses it: {error}"))?;
        check_values(self.reference, text, &encrypted, theirs.as_ref())?;
        match &theirs {
            Some(theirs) => check_theirs(text, theirs).map(|()| true),
            None => Ok(false),
        }
    }
}

/// Makes one text of several, each of which begins a document.
fn joined(texts: &[String]) -> String {
    let [only] = texts else {
        let mut all = String::new();
        for text in texts {
            let text = text.trim_start_matches('\u{feff}');
            let start = match text.as_bytes() {
                [b'%', ..] => "...\n",
                [b'-', b'-', b'-', ..] => "",
                _ => "---\n",
            };
            all.push_str(if all.is_empty() { "" } else { start });
            all.push_str(text);
            all.push_str(if text.ends_with('\n') { "" } else { "\n" });
        }
        return all;
    };
    only.clone()
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
    let batches: Vec<u64> = (0..TEXTS / BATCH).collect();
    let results = on_all_cores(&batches, |batch| {
        let seeds = batch * BATCH..(batch + 1) * BATCH;
        let texts: Vec<String> = seeds.map(Wild::shared_text).collect();
        let at = usize::try_from(*batch).expect("small") % selectors.len();
        let (selector, flags) = (&selectors[at], flags[at]);
        let pair = Pair { key: &key, reference: &reference, selector, flags };
        pair.check_all(&texts).map_err(|error| format!("batch {batch}: {error}"))
    });
    let failures: Vec<String> = results.iter().filter_map(|it| it.clone().err()).collect();
    assert!(failures.is_empty(), "{} batches:\n{}", failures.len(), shown(&failures));
    let compared: usize = results.iter().flatten().sum();
    // the reference does not read all of its own files
    assert!(compared >= 5000, "only {compared} texts could be compared in both directions");
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
        "a: &x\n  b:\n  - |+\n    c\n\nd: *x\ne:\n- *x\n",
        "a: &x\n  b: |\n    c\n<<: *x\n       \nd: 1\n",
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
