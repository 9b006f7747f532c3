//! Questions that tests ask both programs about one text.

use std::sync::Mutex;

use leafseal::Identities;
use leafseal::format::{self, Format, ScanError, yaml};
use leafseal::metadata::Selector;
use leafseal::tree::{Event, Tree};

use super::{Reference, TestKey};

/// Returns all documents of a text as data.
pub fn data(text: &str) -> Vec<Tree> {
    try_data(text).expect("YAML")
}

fn try_data(text: &str) -> Result<Vec<Tree>, String> {
    let complain = |error: ScanError| format!("{error}\n{text}");
    let scan = yaml::scan(text).map_err(complain)?;
    let starts = scan.events.iter().enumerate();
    let starts = starts.filter(|(_, event)| matches!(event, Event::Document(_)));
    starts.map(|(at, _)| format::subtree(text, &scan, at + 1).map_err(complain)).collect()
}

/// Makes values that print alike equal: NaN, floats without a fraction, and documents without
/// content.
pub fn canonical(trees: &[Tree]) -> String {
    let show = |tree: &Tree| match tree {
        Tree::Null => "Mapping([])".to_owned(),
        tree => format!("{tree:?}"),
    };
    let shown: Vec<String> = trees.iter().map(show).collect();
    shown.join("\n").replace("Int(", "Float(").replace(".0)", ")")
}

/// Decrypts with our library, as a program that links it does.
///
/// # Errors
/// Says why not.
pub fn decrypt_with_ours(text: &str) -> Result<String, String> {
    let identities = Identities::from_age_file(super::fixture("vectors/keys/age1.txt"));
    let identities = identities.expect("an identity");
    let decrypted = leafseal::decrypt(text.as_bytes(), Format::Yaml, &identities);
    let decrypted = decrypted.map_err(|error| error.to_string())?;
    Ok(String::from_utf8_lossy(decrypted.bytes()).into_owned())
}

/// What the reference makes of a text.
pub struct Theirs {
    pub encrypted: String,
    /// What it prints when it decrypts that again.
    pub decrypted: String,
}

impl Theirs {
    /// Lets the reference encrypt and decrypt a text; nothing where it does not read its own file.
    ///
    /// # Errors
    /// The reference does not read the text.
    pub fn of(reference: &Reference, text: &str, flags: &[&str]) -> Result<Option<Self>, String> {
        let encrypted = reference.encrypt(text, flags)?;
        let decrypted = reference.decrypt(&encrypted);
        Ok(decrypted.ok().map(|decrypted| Self { encrypted, decrypted }))
    }
}

/// Checks that what we encrypt comes back byte for byte; returns it encrypted.
///
/// # Errors
/// Says what is wrong.
pub fn check_bytes(key: &TestKey, text: &str, selector: &Selector) -> Result<String, String> {
    let encrypted = key.seal(text, selector).map_err(|error| format!("refused: {error}"))?;
    let opened = key.open_with_warnings(Format::Yaml, &encrypted);
    let (opened, warnings) = opened.map_err(|error| format!("ours: {error}\n{encrypted}"))?;
    if opened == text && warnings.is_empty() {
        return Ok(encrypted);
    }
    Err(format!("other bytes, {warnings:?}:\n{opened}"))
}

/// Checks that the reference decrypts our file to the values of the text; where it prints them so
/// that nobody can read them, to those that it makes of the text itself.
///
/// # Errors
/// Says what is wrong.
pub fn check_values(
    reference: &Reference,
    text: &str,
    encrypted: &str,
    theirs: Option<&Theirs>,
) -> Result<(), String> {
    let decrypted = reference.decrypt(encrypted).map_err(|error| error + encrypted)?;
    let is_same = if let Ok(found) = try_data(&decrypted) {
        canonical(&found) == canonical(&try_data(text)?)
    } else {
        // it prints what it cannot read itself, such as a wrong indentation indicator
        let as_json = |file| reference.run(&["decrypt", "--output-type", "json"], file);
        let theirs = theirs.ok_or("there is nothing to compare with")?;
        as_json(encrypted)? == as_json(&theirs.encrypted)?
    };
    if is_same { Ok(()) } else { Err(format!("the reference finds other values:\n{decrypted}")) }
}

/// Checks that we decrypt the reference's file to the values of the text, and without a comment
/// that stays encrypted unless it stays so there too.
///
/// # Errors
/// Says what is wrong.
pub fn check_theirs(text: &str, theirs: &Theirs) -> Result<(), String> {
    let encrypted = &theirs.encrypted;
    let found = decrypt_with_ours(encrypted).map_err(|error| format!("{error}\n{encrypted}"))?;
    let is_same = canonical(&try_data(&found)?) == canonical(&try_data(text)?);
    let is_open = !found.contains("ENC[") || theirs.decrypted.contains("ENC[");
    if is_same && is_open {
        return Ok(());
    }
    Err(format!("we decrypt other values:\n{found}\n--- reference:\n{}", theirs.decrypted))
}

/// Does work on all items, on all cores; gives the results in the order of the items.
pub fn on_all_cores<T: Sync, R: Send>(items: &[T], work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    let next = Mutex::new(items.iter().enumerate());
    let results = Mutex::new(Vec::new());
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let item = next.lock().expect("no worker fails").next();
                    let Some((at, item)) = item else { break };
                    let result = work(item);
                    results.lock().expect("no worker fails").push((at, result));
                }
            });
        }
    });
    let mut results = results.into_inner().expect("no worker fails");
    results.sort_by_key(|(at, _)| *at);
    results.into_iter().map(|(_, result)| result).collect()
}
