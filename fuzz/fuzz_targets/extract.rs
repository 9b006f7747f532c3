//! Any index path is read or refused, and leads somewhere or nowhere in any text.
#![no_main]

use leafseal::format::{self, Format, Indent};
use leafseal::tree::Step;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &str| {
    let (path, text) = input.split_once('\n').unwrap_or((input, ""));
    let Ok(path) = Step::parse_path(path) else { return };
    for format in [Format::Yaml, Format::Json, Format::Dotenv, Format::Ini] {
        let Ok(scan) = format.scan(text) else { continue };
        let _ = format::pick(text, &scan, &path, format, Indent::Default);
    }
});
