//! Any regular expression is translated or refused, and what is translated is one.
#![no_main]

use leafseal::pattern::{Cause, Pattern};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    match Pattern::new(text) {
        Ok(pattern) => {
            assert_eq!(pattern.as_str(), text);
            let _ = pattern.is_match(text);
            let _ = pattern.is_match("key_unencrypted");
        }
        Err(error) => {
            assert!(error.offset <= text.len(), "{error:?}");
            // only repetitions and classes of Unicode make a short pattern large
            let is_small = text.len() < 60 && !text.contains(['{', '\\', '*', '+', '?', '(']);
            assert!(error.cause != Cause::TooLarge || !is_small, "a wrong translation");
        }
    }
});
