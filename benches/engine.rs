//! Times the steps of the engine on a generated file of ten thousand values.

use std::fmt::Write as _;
use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
use leafseal::crypto::{DataKey, Strictness, SystemRandomness};
use leafseal::document::{self, Document, OpenOptions, SealOptions};
use leafseal::format::{Format, yaml};
use leafseal::metadata::{FORMAT_VERSION, KeyGroup, Metadata, Selector, WrappedKey};
use leafseal::tree::{Clock, Timestamp};

const VALUES: usize = 10_000;

const OPTIONS: OpenOptions = OpenOptions {
    format: Format::Yaml,
    ignore_mac: false,
    strictness: Strictness::Strict,
    indent: 0,
    keeps_layout: true,
};

/// Writes values of 24 characters in groups of ten, with a comment above every tenth if asked for.
fn clear_text(has_comments: bool) -> String {
    let mut text = String::new();
    for number in 0..VALUES {
        // writing to a string cannot fail
        if number % 10 == 0 {
            let _ = writeln!(text, "group{}:", number / 10);
            if has_comments {
                let _ = writeln!(text, "    # about group {}", number / 10);
            }
        }
        let value = number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let _ = writeln!(text, "    k{}: value-{value:018x}", number % 10 + 1);
    }
    text
}

fn data_key() -> DataKey {
    DataKey::from_bytes(vec![7; DataKey::LENGTH].into()).expect("that is a length of AES")
}

fn metadata() -> Metadata {
    let day = Timestamp::new(2026, 1, 1, Clock::default()).expect("that is a day");
    let key = WrappedKey::age("age1example", "no wrapped key".to_owned());
    Metadata {
        key_groups: vec![KeyGroup { keys: vec![key] }],
        shamir_threshold: 0,
        last_modified: day,
        mac: String::new(),
        layout: None,
        selector: Selector::default(),
        mac_only_encrypted: false,
        version: FORMAT_VERSION.to_owned(),
    }
}

fn seal(text: &str, data_key: &DataKey) -> String {
    let options = SealOptions {
        format: Format::Yaml,
        data_key,
        metadata: metadata(),
        indent: 0,
        keeps_layout: true,
    };
    document::seal(text, options, &SystemRandomness).expect("it can be sealed").text
}

fn open(text: &str, data_key: &DataKey) -> document::Opened {
    let (document, metadata) = parse(text);
    document::open(&document, &metadata, data_key, OPTIONS).expect("it opens")
}

fn parse(text: &str) -> (Document<'_>, Metadata) {
    let document = Document::parse(text, Format::Yaml).expect("it is YAML");
    let metadata = document.metadata().expect("it is read").expect("it is there");
    (document, metadata)
}

/// Does what `set` does: opens a file, changes one value, seals it again.
fn rewrite(text: &str, data_key: &DataKey) -> String {
    let (document, metadata) = parse(text);
    let opened = document::open_to_change(&document, &metadata, data_key, OPTIONS);
    let (opened, unchanged) = opened.expect("it opens");
    let changed = opened.text.replacen("value-", "other-", 1);
    let options =
        SealOptions { format: Format::Yaml, data_key, metadata, indent: 0, keeps_layout: true };
    let randomness = &SystemRandomness;
    let sealed = document::reseal(&changed, options, &unchanged, randomness);
    sealed.expect("it can be sealed").text
}

fn engine(criterion: &mut Criterion) {
    let key = data_key();
    let (clear, commented) = (clear_text(false), clear_text(true));
    let closed = seal(&clear, &key);
    let closed_commented = seal(&commented, &key);
    let mut bench = |name: &str, work: &dyn Fn()| {
        criterion.bench_function(name, |bencher| bencher.iter(work));
    };
    bench("scan 10k values", &|| drop(black_box(yaml::scan(&clear))));
    bench("scan 10k values, 1k comments", &|| drop(black_box(yaml::scan(&commented))));
    bench("scan 10k envelopes", &|| drop(black_box(yaml::scan(&closed))));
    bench("seal 10k values", &|| drop(black_box(seal(&clear, &key))));
    bench("seal 10k values, 1k comments", &|| drop(black_box(seal(&commented, &key))));
    bench("open 10k values", &|| drop(black_box(open(&closed, &key))));
    bench("open 10k values, 1k comments", &|| drop(black_box(open(&closed_commented, &key))));
    bench("rewrite 10k values, one changed", &|| drop(black_box(rewrite(&closed, &key))));
}

criterion_group!(benches, engine);
criterion_main!(benches);
