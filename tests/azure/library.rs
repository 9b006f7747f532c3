//! The library asks vaults, too, for programs of any build.

use std::process::Command;

use leafseal::{Encryption, Format, Identities};
use serde_json::json;

use crate::place::{HOST, PLAIN, Place, text, with_secret};

/// What tells the program of the test that it is called by itself, to have an environment in which
/// there is a vault.
const CHILD: &str = "TEST_OF_THE_LIBRARY";

/// Runs a test again, with a vault in its environment.
fn run_again(place: &Place, name: &str) {
    let program = std::env::current_exe().expect("a program");
    let mut command = with_secret(place.around(Command::new(program)));
    command.args(["--exact", name]).env(CHILD, "1");
    text(command);
}

#[test]
fn threads_share_a_token_and_wait_for_nobody() {
    if std::env::var_os(CHILD).is_some() {
        return decrypt_in_threads();
    }
    let place = Place::new();
    for number in 0..4 {
        let key = place.key(HOST, &format!("k{number}"));
        let encrypted = text(place.ours(&["encrypt", "--azure-kv", &key, "plain.yaml"]));
        place.write(&format!("{number}.yaml"), &encrypted);
    }
    place.log();
    place.rules(&json!([{"path": "/decrypt", "with_token": true, "gather": 4, "times": 4}]));
    run_again(&place, "library::threads_share_a_token_and_wait_for_nobody");
    assert_eq!(place.read("opened"), "4");
    let logins = place.log().iter().filter(|it| it.path.ends_with("/oauth2/v2.0/token")).count();
    assert_eq!(logins, 1);
}

fn decrypt_in_threads() {
    let identities = &Identities::from_environment();
    let open = |number: usize| {
        let source = std::fs::read(format!("{number}.yaml")).expect("a file");
        leafseal::decrypt(&source, Format::Yaml, identities).expect("opened").bytes().to_vec()
    };
    let opened = std::thread::scope(|scope| {
        let threads = [0, 1, 2, 3].map(|number| scope.spawn(move || open(number)));
        threads.map(|thread| thread.join().expect("no panic"))
    });
    assert!(opened.iter().all(|bytes| bytes == PLAIN.as_bytes()));
    std::fs::write("opened", opened.len().to_string()).expect("written");
}

#[test]
fn programs_with_a_runtime_of_their_own_may_call_it() {
    if std::env::var_os(CHILD).is_some() {
        return go_round_in_a_runtime();
    }
    let place = Place::new();
    place.key(HOST, "k");
    run_again(&place, "library::programs_with_a_runtime_of_their_own_may_call_it");
    assert_eq!(place.read("opened"), "1");
}

fn go_round_in_a_runtime() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime.expect("a runtime").block_on(async {
        let key = format!("https://{HOST}/keys/k");
        let encryption = Encryption::to_azure_key_vault([key]).expect("an address");
        let encrypted = leafseal::encrypt(PLAIN.as_bytes(), Format::Yaml, &encryption);
        let encrypted = encrypted.expect("encrypted").into_bytes();
        let identities = Identities::from_environment();
        let decrypted = leafseal::decrypt(&encrypted, Format::Yaml, &identities);
        assert_eq!(decrypted.expect("decrypted").bytes(), PLAIN.as_bytes());
    });
    std::fs::write("opened", "1").expect("written");
}
