//! OpenPGP keys: what is said when `gpg` cannot help.

use super::gnupg::{GnupgHome, VECTOR_KEY, stand_in, vector_key};
use super::place::{PLAIN, Place, RECIPIENT, key_file};
use super::vector;

/// A place with a home of gpg.
fn place(home: &GnupgHome) -> Place {
    let mut place = Place::empty();
    place.write("file.yaml", PLAIN);
    place.set("GNUPGHOME", &home.path().to_string_lossy());
    place
}

/// Lets a program of shell stand in for gpg.
fn set_stand_in(place: &mut Place, name: &str, script: &str) {
    let path = stand_in(&place.path(""), name, script);
    place.set("SOPS_GPG_EXEC", &path.to_string_lossy());
}

/// Replaces what gpg itself says, which differs between its releases.
fn without_words_of_gpg(transcript: &str) -> String {
    const BEGIN: &str = "    - | gpg failed: ";
    const GO_ON: &str = "      | ";
    let mut shown = String::new();
    let mut lines = transcript.lines().peekable();
    while let Some(line) = lines.next() {
        let Some(begin) = line.strip_prefix(BEGIN) else {
            shown.push_str(line);
            shown.push('\n');
            continue;
        };
        let mut words = begin.to_owned();
        while let Some(more) = lines.next_if(|next| next.starts_with(GO_ON)) {
            words.push_str(more);
        }
        assert!(words.contains("decrypt"), "gpg says why: {words}");
        shown.push_str(&format!("{BEGIN}(its words)\n"));
    }
    shown
}

const PAST: [&str; 2] = ["--faked-system-time", "20200101T000000"];

#[test]
fn keys_that_cannot_be_encrypted_to_are_named() {
    let home = GnupgHome::with_vector_key();
    let past = [&PAST[..], &["--passphrase", ""]].concat();
    let expired = home.generate_with(&past, "expired", ["future-default", "default", "1y"]);
    let revoked = home.generate("revoked", "future-default", "default");
    home.revoke(&revoked);
    let signing = home.generate("signing", "ed25519", "sign");
    let old = home.generate_with(&past, "old", ["ed25519", "sign", "never"]);
    let old_subkey = home.add_subkey(&PAST, &old, ["cv25519", "encr", "1y"]);
    let disabled = home.generate("disabled", "future-default", "default");
    home.gpg(&["--command-fd", "0", "--edit-key", &disabled], b"disable\nsave\n");
    let keys = [
        (&expired, "EXPIRED"),
        (&revoked, "REVOKED"),
        (&signing, "SIGNING"),
        (&old, "OLD"),
        (&old_subkey, "OLD-SUBKEY"),
        (&disabled, "DISABLED"),
    ];

    let mut place = place(&home);
    let (exact_old, exact_signing) = (format!("{old_subkey}!"), format!("{signing}!"));
    let trailing = format!("{VECTOR_KEY},");
    let secret = String::from_utf8(vector_key("pgp-secret.asc")).expect("armored");
    let names: [&str; 14] = [
        "name",
        "user@example.invalid",
        "FBD4E171",
        &trailing,
        &secret,
        "--output",
        "0123456789ABCDEF0123456789ABCDEF01234567",
        &expired,
        &revoked,
        &signing,
        &old,
        &exact_old,
        &exact_signing,
        &disabled,
    ];
    for name in names {
        let flag = format!("--pgp={name}");
        let answer = place.call(&["encrypt", &flag, "file.yaml"], b"");
        assert_eq!((answer.code, answer.stdout.as_str()), (Some(1), ""), "{name}\n{answer}");
        place.add(&format!("# encrypt {flag}"), &answer);
    }
    // one key that cannot be used stops all
    place.note(&["encrypt", "--pgp", &format!("{VECTOR_KEY},{expired}"), "file.yaml"]);
    place.write(".sops.yaml", "creation_rules: [{pgp: [NAME]}]\n");
    place.note(&["encrypt", "file.yaml"]);
    let mut transcript = place.transcript().replace(secret.trim_end(), "(THE SECRET KEY)");
    for (fingerprint, name) in keys {
        transcript = transcript.replace(fingerprint.as_str(), name);
    }
    insta::assert_snapshot!(transcript);
}

#[test]
fn program_that_is_missing_hangs_or_fails_is_told() {
    let home = GnupgHome::with_vector_key();
    let mut place = place(&home);
    place.write("encrypted.yaml", vector("yaml/pgp.enc.yaml"));
    let both = |place: &mut Place, title: &str| {
        for words in
            [&["encrypt", "--pgp", VECTOR_KEY, "file.yaml"][..], &["decrypt", "encrypted.yaml"]]
        {
            let answer = place.call(words, b"");
            assert!(answer.code != Some(0) && answer.stdout.is_empty(), "{title}: {answer}");
            place.add(&format!("# {title}: {}", words.join(" ")), &answer);
        }
    };
    place.set("SOPS_GPG_EXEC", "/nonexistent/gpg");
    both(&mut place, "the program is missing");
    place.set("LEAFSEAL_GPG_TIMEOUT", "1");
    set_stand_in(&mut place, "hanging", "sleep 60");
    both(&mut place, "it hangs");
    place.set("LEAFSEAL_GPG_TIMEOUT", "soon");
    both(&mut place, "its time is no number");
    place.unset("LEAFSEAL_GPG_TIMEOUT");
    set_stand_in(&mut place, "silent", "exit 7");
    both(&mut place, "it fails without a word");
    set_stand_in(&mut place, "empty", "exit 0");
    both(&mut place, "it gives nothing");
    set_stand_in(&mut place, "flood", "cat /dev/zero");
    both(&mut place, "it gives too much");
    let colours = "printf 'gpg: first\\ngpg: \\033[31mred\\ngpg: last\\n' >&2; exit 2";
    set_stand_in(&mut place, "words", colours);
    both(&mut place, "it has much to say");
    insta::assert_snapshot!(place.transcript());
}

#[test]
fn keys_that_do_not_open_a_file_are_told() {
    let home = GnupgHome::new();
    let mut place = place(&home);
    place.write("file.yaml", vector("yaml/pgp.enc.yaml"));
    place.note(&["decrypt", "file.yaml"]);
    home.import(&vector_key("pgp-public.asc"));
    place.note(&["decrypt", "file.yaml"]);
    let damaged = vector("yaml/pgp.enc.yaml").replace("-----BEGIN PGP", "-----BEGUN PGP");
    place.write("damaged.yaml", damaged);
    place.note(&["decrypt", "damaged.yaml"]);
    place.write("both.yaml", vector("yaml/pgp_and_age.enc.yaml"));
    place.note(&["decrypt", "both.yaml"]);
    insta::assert_snapshot!(without_words_of_gpg(place.transcript()));
}

#[test]
fn passphrase_that_nobody_can_be_asked_for_is_told() {
    let home = GnupgHome::new();
    let flags = ["--passphrase", "s3cret"];
    let key = home.generate_with(&flags, "locked", ["future-default", "default", "never"]);
    let mut place = place(&home);
    let answer = place.call(&["encrypt", "-i", "--pgp", &key, "file.yaml"], b"");
    assert_eq!(answer.code, Some(0), "{answer}");
    home.configure_agent("pinentry-program /nonexistent/pinentry");
    let answer = place.note(&["decrypt", "file.yaml"]);
    assert_eq!(answer.code, Some(128), "{answer}");
    let pinentry = stand_in(&place.path(""), "pinentry", "sleep 60");
    home.configure_agent(&format!("pinentry-program {}", pinentry.display()));
    place.set("LEAFSEAL_GPG_TIMEOUT", "1");
    let answer = place.note(&["decrypt", "file.yaml"]);
    assert_eq!(answer.code, Some(128), "{answer}");
    let transcript = without_words_of_gpg(place.transcript());
    insta::assert_snapshot!(transcript.replace(&key, "LOCKED"));
}

#[test]
fn local_age_key_does_not_wait_for_gpg() {
    let mut place = Place::new();
    place.write("file.yaml", vector("yaml/pgp_and_age.enc.yaml"));
    set_stand_in(&mut place, "hanging", "touch called; sleep 60");
    let answer = place.call(&["decrypt", "file.yaml"], b"");
    assert_eq!(answer.code, Some(0), "{answer}");
    assert_eq!(answer.stdout, vector("yaml/pgp_and_age.dec.yaml"));
    assert!(!place.path("called").exists(), "gpg was called");

    // it would be called first if that were asked for
    place.set("LEAFSEAL_GPG_TIMEOUT", "1");
    let answer = place.call(&["decrypt", "--decryption-order", "pgp", "file.yaml"], b"");
    assert_eq!(answer.code, Some(0), "{answer}");
    assert!(place.path("called").exists(), "gpg was not called");
}

#[test]
fn without_an_age_key_gpg_opens_the_file() {
    let home = GnupgHome::with_vector_key();
    let mut place = place(&home);
    place.set("SOPS_AGE_KEY_FILE", &key_file("age2.txt"));
    place.write("file.yaml", vector("yaml/pgp_and_age.enc.yaml"));
    let answer = place.call(&["decrypt", "file.yaml"], b"");
    assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""), "{answer}");
    assert_eq!(answer.stdout, vector("yaml/pgp_and_age.dec.yaml"));
}

#[test]
fn exported_keys_that_are_of_no_use_are_told() {
    let home = GnupgHome::new();
    let past = [&PAST[..], &["--passphrase", ""]].concat();
    let expired = home.generate_with(&past, "expired", ["future-default", "default", "1y"]);
    let revoked = home.generate("revoked", "future-default", "default");
    home.revoke(&revoked);
    let signing = home.generate("signing", "ed25519", "sign");
    let old = home.generate_with(&past, "old", ["ed25519", "sign", "never"]);
    let old_subkey = home.add_subkey(&PAST, &old, ["cv25519", "encr", "1y"]);
    let public = home.gpg(&["--export"], b"");
    let locking = ["--passphrase", "s3cret"];
    let locked = home.generate_with(&locking, "locked", ["future-default", "default", "never"]);
    let export = ["--passphrase", "s3cret", "--armor", "--export-secret-keys", &locked];
    let secret = home.gpg(&export, b"");

    let mut place = place(&GnupgHome::new());
    place.set("SOPS_GPG_EXEC", "/nonexistent/gpg");
    place.write("public.pgp", public);
    place.write("locked.asc", secret);
    place.write("vector.yaml", vector("yaml/pgp.enc.yaml"));
    place.set("LEAFSEAL_PGP_KEY_FILE", "public.pgp");
    let (exact_old, exact_signing) = (format!("{old_subkey}!"), format!("{signing}!"));
    for name in [VECTOR_KEY, &expired, &revoked, &signing, &old, &exact_old, &exact_signing] {
        let answer = place.note(&["encrypt", "--pgp", name, "file.yaml"]);
        assert_eq!((answer.code, answer.stdout.as_str()), (Some(1), ""), "{answer}");
    }
    place.note(&["decrypt", "vector.yaml"]);
    place.set("LEAFSEAL_PGP_KEY_FILE", "file.yaml");
    place.note(&["encrypt", "--pgp", VECTOR_KEY, "file.yaml"]);
    place.note(&["decrypt", "vector.yaml"]);
    place.set("LEAFSEAL_PGP_KEY_FILE", "missing.asc");
    place.note(&["decrypt", "vector.yaml"]);
    place.set("LEAFSEAL_PGP_KEY_FILE", &place.read("locked.asc"));
    let answer = place.note(&["decrypt", "vector.yaml"]);
    assert!(!answer.stderr.contains("BEGIN"), "{answer}");
    place.set("LEAFSEAL_PGP_KEY_FILE", "locked.asc");
    let answer = place.call(&["encrypt", "-i", "--pgp", &locked, "file.yaml"], b"");
    assert_eq!(answer.code, Some(0), "a public part is enough: {answer}");
    place.note(&["decrypt", "file.yaml"]);
    let mut transcript = place.transcript().to_owned();
    for (fingerprint, name) in [
        (&expired, "EXPIRED"),
        (&revoked, "REVOKED"),
        (&signing, "SIGNING"),
        (&old, "OLD"),
        (&old_subkey, "OLD-SUBKEY"),
        (&locked, "LOCKED"),
    ] {
        transcript = transcript.replace(fingerprint.as_str(), name);
    }
    insta::assert_snapshot!(transcript);
}

#[test]
fn keys_of_another_type_are_added_to_a_file() {
    let home = GnupgHome::with_vector_key();
    let mut place = place(&home);
    place.set("SOPS_AGE_KEY_FILE", &key_file("age1.txt"));
    let rule = format!("creation_rules: [{{age: {RECIPIENT}, pgp: {VECTOR_KEY}}}]\n");
    for words in [
        &["updatekeys", "-y", "file.yaml"][..],
        &["rotate", "-i", "--add-pgp", VECTOR_KEY, "file.yaml"],
    ] {
        place.write("file.yaml", PLAIN);
        place.encrypt("file.yaml");
        place.write(".sops.yaml", &rule);
        let answer = place.call(words, b"");
        assert_eq!(answer.code, Some(0), "{words:?}\n{answer}");
        place.set("SOPS_AGE_KEY_FILE", "/dev/null");
        assert_eq!(place.call(&["decrypt", "file.yaml"], b"").stdout, PLAIN, "{words:?}");
        place.set("SOPS_AGE_KEY_FILE", &key_file("age1.txt"));
        std::fs::remove_file(place.path(".sops.yaml")).expect("it is ours");
    }
}
