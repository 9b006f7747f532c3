//! Files from and for the reference program.

mod support;

use leafseal::format::yaml;
use leafseal::metadata::{Selector, SelectorKind};
use support::agreement::{canonical, data, decrypt_with_ours};
use support::documents::Writer;
use support::{Reference, TestKey};

/// The texts of all comments, in order of their text.
fn comments(text: &str) -> Vec<String> {
    let scan = yaml::scan(text).expect("YAML");
    let texts = scan.events.iter().filter_map(|event| match event {
        leafseal::tree::Event::Comment(comment) if comment.is_in_tree => {
            Some(comment.span.slice(text).to_owned())
        }
        _ => None,
    });
    let mut texts: Vec<String> = texts.filter(|text| text != "#").collect();
    texts.sort();
    texts
}

fn selector(seed: u64) -> Selector {
    let (kind, text) = match seed % 4 {
        0 | 1 => return Selector::default(),
        2 => (SelectorKind::EncryptedRegex, "^(user|name|a)$"),
        _ => (SelectorKind::UnencryptedRegex, "^(user|port|b_c)$"),
    };
    Selector::new(kind, text).expect("a selector")
}

#[test]
fn the_reference_decrypts_what_we_encrypt() {
    let (key, reference) = (TestKey::load(), Reference::find());
    let mut failures = Vec::new();
    for seed in 0..600 {
        let source = Writer::new(seed).stream();
        let encrypted = match key.seal(&source, &selector(seed)) {
            Ok(encrypted) => encrypted,
            Err(error) => {
                failures.push(format!("seed {seed}: refused: {error}\n{source}"));
                continue;
            }
        };
        match reference.decrypt(&encrypted) {
            Err(error) => failures.push(format!("seed {seed}: {error}\n{source}\n{encrypted}")),
            Ok(decrypted) => {
                let (wanted, found) = (canonical(&data(&source)), canonical(&data(&decrypted)));
                if wanted != found {
                    failures
                        .push(format!("seed {seed}: values differ\n{source}\n---\n{decrypted}"));
                } else if decrypted.contains("ENC[") {
                    failures.push(format!(
                        "seed {seed}: a comment stays closed\n{source}\n---\n{decrypted}"
                    ));
                }
            }
        }
        match key.open(&encrypted) {
            Err(error) => {
                failures.push(format!("seed {seed}: ours: {error}\n{source}\n{encrypted}"));
            }
            Ok(opened) if canonical(&data(&opened)) != canonical(&data(&source)) => {
                failures.push(format!("seed {seed}: ours: values differ\n{source}\n---\n{opened}"));
            }
            Ok(opened) if comments(&opened) != comments(&source) => {
                failures
                    .push(format!("seed {seed}: ours: comments differ\n{source}\n---\n{opened}"));
            }
            Ok(_) => {}
        }
    }
    let shown = failures.iter().take(3).cloned().collect::<Vec<_>>().join("\n=====\n");
    assert!(failures.is_empty(), "{} failures:\n{shown}", failures.len());
}

/// What must agree when layout outside of the sites may differ: the lines in order without blank
/// ones and comments, and the comments wherever they stand.
fn content(text: &str) -> (Vec<&str>, Vec<String>) {
    let is_comment = |line: &&str| line.trim_start().starts_with('#');
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let lines = lines.filter(|line| !is_comment(line)).collect();
    (lines, comments(text))
}

#[test]
fn what_the_reference_encrypts_decrypts_to_what_it_prints() {
    let reference = Reference::find();
    let mut failures = Vec::new();
    let mut compared = 0;
    for seed in 5000..5300 {
        let source = Writer::new(seed).stream();
        let Ok(encrypted) = reference.encrypt(&source, &[]) else { continue };
        let Ok(wanted) = reference.decrypt(&encrypted) else { continue };
        // comments that the reference itself cannot open again (`spec/yaml-comments.md` §9), or
        // loses when it reads its own file (§10)
        if wanted.contains("ENC[") || encrypted.contains(": {\n") {
            continue;
        }
        compared += 1;
        match decrypt_with_ours(&encrypted) {
            Ok(found) if content(&found) == content(&wanted) => {}
            Ok(found) => failures.push(format!(
                "seed {seed}\n{source}\n--- reference\n{wanted}\n--- ours\n{found}\n--- encrypted\n{encrypted}"
            )),
            Err(error) => failures.push(format!("seed {seed}: {error}\n{source}\n{encrypted}")),
        }
    }
    let shown = failures.iter().take(2).cloned().collect::<Vec<_>>().join("\n=====\n");
    assert!(failures.is_empty(), "{} of {compared} differ:\n{shown}", failures.len());
    assert!(compared >= 200, "only {compared} files could be compared");
}
