//! Any text is an envelope or none; what is read strictly is read the same leniently, never opens
//! under another key, and has one spelling only.
#![no_main]

use leafseal::crypto::{Aad, Cipher, DataKey, Envelope, Nonce, Strictness};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let cipher = Cipher::new(&DataKey::from_bytes(vec![7; 32].into()).expect("a key"));
    let aad = Aad::of_path(["a", "b"]);
    if let Ok(strict) = Envelope::parse(text, Strictness::Strict) {
        assert!(Envelope::is_likely(text.as_bytes()));
        let lenient = Envelope::parse(text, Strictness::Lenient).expect("lenient accepts more");
        assert_eq!(strict.kind(), lenient.kind());
        assert!(strict.open(&cipher, &aad).is_err(), "a guessed tag fits");
    }
    if let Ok(lenient) = Envelope::parse(text, Strictness::Lenient) {
        assert!(lenient.open(&cipher, &aad).is_err(), "a guessed tag fits");
    }
    let nonce = Nonce([3; 32]);
    let sealed = Envelope::seal(&cipher, &nonce, &aad, text.as_bytes(), "str").expect("short");
    // an empty text has no envelope; nobody encrypts one
    let Ok(envelope) = Envelope::parse(&sealed, Strictness::Strict) else {
        assert!(text.is_empty());
        return;
    };
    let opened = envelope.open(&cipher, &aad).expect("it opens where it was sealed");
    assert_eq!(opened.as_slice(), text.as_bytes());
    assert!(envelope.open(&cipher, &Aad::of_path(["a"])).is_err(), "it opens in another place");
});
