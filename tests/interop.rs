//! Files from and for the reference program.

mod support;

use leafseal::format::yaml;
use leafseal::metadata::{Selector, SelectorKind};
use leafseal::tree::Tree;
use support::documents::Writer;
use support::{Reference, TestKey};

/// All documents of a text as data.
fn data(text: &str) -> Vec<Tree> {
    let scan = yaml::scan(text).expect("YAML");
    let starts = scan.events.iter().enumerate();
    let starts = starts.filter(|(_, event)| matches!(event, leafseal::tree::Event::Document(_)));
    starts.map(|(at, _)| yaml::subtree(text, &scan, at + 1).expect("data")).collect()
}

/// Makes values that print alike equal: NaN, and floats without a fraction.
fn canonical(trees: &[Tree]) -> String {
    format!("{trees:?}").replace("Int(", "Float(").replace(".0)", ")")
}

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
