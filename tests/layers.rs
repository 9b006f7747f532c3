//! No module uses one above its own layer, and neighbours in a layer do not know each other.
//!
//! `docs/architecture.md` gives the reason for each layer. What counts is every `crate::name` in a
//! file below `src/`, test code included and comments left out.

use std::fs;
use std::path::{Path, PathBuf};

use regex::Regex;

/// The layers from the bottom up, with the top-level modules of each.
const LAYERS: [&[&str]; 6] = [
    &["text", "crypto", "io", "parallel", "pattern"],
    &["tree"],
    &["metadata", "format"],
    &["config", "keys", "document"],
    &["operations", "service"],
    &["cli", "library"],
];

/// Neighbours in a layer of which the first may use the second.
const ALLOWED_NEIGHBOURS: [(&str, &str); 1] = [("format", "metadata")];

#[test]
fn modules_use_only_layers_below_their_own() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut violations = Vec::new();
    for path in rust_files(&root) {
        let name = path.strip_prefix(&root).expect("the file lies in src");
        let Some(module) = top_level_module(name) else { continue };
        let source = fs::read_to_string(&path).expect("a source file is text");
        let found = violations_in(&module, &source);
        violations.extend(found.into_iter().map(|text| format!("{}: {text}", name.display())));
    }
    assert!(violations.is_empty(), "\n{}\n", violations.join("\n"));
}

/// Files that may read the environment of the process: everybody else is told what it holds.
const READS_ENVIRONMENT: [&str; 2] = ["io/environment.rs", "main.rs"];

#[test]
fn the_process_environment_is_read_in_one_place() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let reads = Regex::new(r"\benv::(var|args|home_dir|temp_dir)").expect("the pattern is valid");
    let mut found = Vec::new();
    for path in rust_files(&root) {
        let source = fs::read_to_string(&path).expect("a source file is text");
        let name = path.strip_prefix(&root).expect("the file lies in src");
        if reads.is_match(&without_comments(&source)) {
            found.push(name.to_string_lossy().replace('\\', "/"));
        }
    }
    found.sort();
    assert_eq!(found, READS_ENVIRONMENT);
}

#[test]
fn planted_violations_are_found() {
    let cases: [(&str, &str, usize); 12] = [
        ("text", "use crate::tree::Value;", 1),
        ("tree", "use crate::{text::Span, cli::run};", 1),
        ("tree", "use crate::{\n    text::{Span, edit::Edit},\n    format::{self, yaml},\n};", 1),
        ("text", "fn f() { crate::crypto::seal() }", 1),
        ("metadata", "use crate::format::Format;", 1),
        ("keys", "use crate::config::Config;", 1),
        ("text", "#[cfg(test)]\nmod tests {\n    use crate::document::Document;\n}", 1),
        ("unheard_of", "", 1),
        ("cli", "use crate::unheard_of;", 1),
        ("format", "use crate::metadata::Metadata; use crate::tree::Value;", 0),
        ("text", "//! See [`crate::cli`].\nuse crate::text::Span; // not crate::cli", 0),
        ("cli", "use crate::{cli::parse, operations::encrypt, text};", 0),
    ];
    for (module, source, expected) in cases {
        let found = violations_in(module, source);
        assert_eq!(found.len(), expected, "{module}: {source}: {found:?}");
    }
}

/// Returns the module of a file such as `yaml/scan.rs`; `lib.rs` and `main.rs` are above all layers.
fn top_level_module(name: &Path) -> Option<String> {
    let first = Path::new(name.components().next()?.as_os_str());
    let module = first.file_stem()?.to_string_lossy().into_owned();
    let is_root = name.components().count() == 1 && (module == "lib" || module == "main");
    (!is_root).then_some(module)
}

fn violations_in(module: &str, source: &str) -> Vec<String> {
    let Some(layer) = layer_of(module) else {
        return vec![format!("module {module} belongs to no layer")];
    };
    let mut used = used_modules(source);
    used.sort();
    used.dedup();
    let is_wrong = |other: &String| match layer_of(other) {
        None => true,
        Some(below) if below < layer => false,
        Some(_) => other != module && !ALLOWED_NEIGHBOURS.contains(&(module, other.as_str())),
    };
    used.into_iter()
        .filter(is_wrong)
        .map(|other| format!("{module} must not use crate::{other}"))
        .collect()
}

fn layer_of(module: &str) -> Option<usize> {
    LAYERS.iter().position(|modules| modules.contains(&module))
}

/// Returns the top-level modules that a source text names.
fn used_modules(source: &str) -> Vec<String> {
    let code = without_comments(source);
    let path = Regex::new(r"\bcrate::\s*(\{|\w+)").expect("the pattern is valid");
    let mut modules = Vec::new();
    for found in path.captures_iter(&code) {
        let name = found.get(1).expect("the pattern has one group");
        if name.as_str() == "{" {
            modules.extend(first_words_of_group(&code[name.end()..]));
        } else {
            modules.push(name.as_str().to_owned());
        }
    }
    modules
}

fn without_comments(source: &str) -> String {
    let comment = Regex::new(r"(?m)//.*$").expect("the pattern is valid");
    comment.replace_all(source, "").into_owned()
}

/// Returns the first word of each item in `a::b, c::{d, e}}`, which stands behind an open brace.
fn first_words_of_group(text: &str) -> Vec<String> {
    let mut depth = 0;
    let mut item = String::new();
    let mut items = Vec::new();
    for letter in text.chars() {
        match letter {
            '}' if depth == 0 => break,
            ',' if depth == 0 => items.push(std::mem::take(&mut item)),
            _ => item.push(letter),
        }
        depth += i32::from(letter == '{') - i32::from(letter == '}');
    }
    items.push(item);
    let first = |item: &String| item.trim().split("::").next().map(|word| word.trim().to_owned());
    items.iter().filter_map(first).filter(|word| !word.is_empty()).collect()
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).expect("a source folder can be listed") {
        let path = entry.expect("a source folder can be listed").path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|suffix| suffix == "rs") {
            files.push(path);
        }
    }
    files
}
