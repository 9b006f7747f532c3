use std::process::Command;

use serde_json::json;

use crate::place::{HOST, PLAIN, Place, output, python, script, text, with_secret};

#[test]
fn clients_of_the_makers_take_the_test_vault_for_the_service() {
    let place = Place::new();
    place.key(HOST, "k");
    let mut command = with_secret(place.around(Command::new(python())));
    command.args(["-B".as_ref(), script("proof.py").as_os_str()]);
    command.args([&format!("https://{HOST}"), "k"]).arg(place.folder.path());
    let endpoint = format!("http://127.0.0.1:{}/msi/token", place.port);
    let answer = text({
        command.env("TEST_IDENTITY_ENDPOINT", endpoint);
        command
    });
    let expected = "secret default key-first.pem 3des.pfx aes.pfx federated App Service";
    assert_eq!(answer.split('\n').collect::<Vec<_>>().join(" ").trim(), expected);
}

#[test]
fn the_reference_takes_the_test_vault_for_the_service() {
    let place = Place::new();
    let address = place.key(HOST, "k");
    for name in [address.as_str(), &format!("https://{HOST}/keys/k")] {
        let encrypted = text(place.theirs(&["encrypt", "--azure-kv", name, "plain.yaml"]));
        place.write("file.yaml", &encrypted);
        let decrypted = text(place.theirs(&["decrypt", "file.yaml"]));
        assert_eq!(decrypted, PLAIN);
    }
    let calls = place.log();
    assert!(calls.iter().any(|call| call.path.contains("/encrypt?")));
    assert!(calls.iter().any(|call| call.path.contains("/decrypt?")));
}

/// Shows that each place would find what goes to the wrong host: the reference sends the data key
/// where it is redirected to.
#[test]
fn what_goes_to_a_wrong_host_is_noticed() {
    let place = Place::new();
    let address = place.key(HOST, "k");
    let headers = json!({"Location": "https://evil.example/keys/k/encrypt?api-version=7.6"});
    place.rules(&json!([{"host": HOST, "path": "/encrypt", "with_token": true, "status": 307,
        "headers": headers}]));
    output(place.theirs(&["encrypt", "--azure-kv", &address, "plain.yaml"]));
    let leaks = place.tell(&json!({"do": "leaks"}));
    let leaks = leaks.as_array().expect("a list");
    assert!(!leaks.is_empty());
    assert!(leaks.iter().all(|it| it.as_str().expect("text").starts_with("evil.example got ")));
}
