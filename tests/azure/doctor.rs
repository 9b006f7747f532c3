//! What `doctor` prints when a key works, and when not.

use serde_json::json;

use crate::place::{HOST, Place, output, with_secret};

/// Calls `doctor`; returns what it prints, and whether it is content.
fn doctor(place: &Place, address: &str, with: bool) -> (String, bool) {
    let command = place.bare(&["doctor", "azure", address]);
    let output = output(if with { with_secret(command) } else { command });
    let text = [output.stdout, output.stderr].concat();
    (place.masked(&String::from_utf8(text).expect("text")), output.status.success())
}

#[test]
fn key_that_works_is_told_with_the_credentials_that_served() {
    let place = Place::new();
    place.key(HOST, "k");
    let (words, is_good) = doctor(&place, &format!("https://{HOST}/keys/k"), true);
    assert!(is_good, "{words}");
    insta::assert_snapshot!(words);
    let calls = place.log();
    assert_eq!(calls.iter().filter(|it| it.path.ends_with("/token")).count(), 1);
}

#[test]
fn scripts_get_an_object() {
    let place = Place::new();
    let address = place.key(HOST, "k");
    let object = |with: bool| {
        let command = place.bare(&["doctor", "azure", "--json", &address]);
        let output = output(if with { with_secret(command) } else { command });
        let object: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!(object["ok"], json!(output.status.success()));
        (object, String::from_utf8(output.stderr).expect("text"))
    };
    let (good, words) = object(true);
    assert_eq!((good["ok"].as_bool(), words.as_str()), (Some(true), ""));
    assert_eq!(good["steps"].as_array().map(Vec::len), Some(3));
    assert!(
        good["token_from"].is_string()
            && good["key"].as_str().is_some_and(|it| it.contains("/keys/k/"))
    );
    let (bad, words) = object(false);
    assert!(!bad["passed"].as_array().expect("a list").is_empty(), "{bad}");
    assert_eq!(bad["steps"][0]["ok"], json!(false));
    let error: serde_json::Value = serde_json::from_str(&words).expect("one line");
    assert_eq!(error["error"]["exit_code"], json!(1));
}

#[test]
fn what_is_missing_is_told_with_the_fix() {
    let place = Place::new();
    let address = place.key(HOST, "k");
    let mut transcript = String::new();
    let mut note = |title: &str, rules: serde_json::Value, address: &str, with: bool| {
        place.rules(&rules);
        let (words, is_good) = doctor(&place, address, with);
        assert!(!is_good, "{title}: {words}");
        transcript.push_str(&format!("# {title}\n{words}\n"));
    };
    let rbac = json!({"error": {"code": "Forbidden", "message":
        "Caller is not authorized to perform action on resource.",
        "innererror": {"code": "ForbiddenByRbac"}}});
    let refuse = |path: &str| json!({"host": HOST, "path": path, "status": 403, "body": rbac});
    note("no right to decrypt", json!([refuse("/decrypt")]), &address, true);
    note("no right to encrypt", json!([refuse("/encrypt")]), &address, true);
    note("no right at all", json!([refuse("/keys")]), &address, true);
    let body = json!({"error": "invalid_client", "error_description":
        "AADSTS7000222: The provided client secret keys are expired.\r\nTrace ID: 1"});
    let login = json!([{"host": "login.", "path": "/token", "status": 401, "body": body}]);
    note("expired secret", login, &address, true);
    note("no credentials", json!([]), &address, false);
    note("no such key", json!([]), &format!("https://{HOST}/keys/other"), true);
    note("other host", json!([]), "https://vault.example.org/keys/k", true);
    note("no address", json!([]), "k", true);
    insta::assert_snapshot!(transcript);
}

#[test]
fn doctor_wants_a_service_and_a_key() {
    let place = Place::new();
    for words in
        [&["doctor", "azure"][..], &["doctor", "vault", "x"], &["doctor", "azure", "a", "b"]]
    {
        let output = output(place.bare(words));
        assert_eq!(output.status.code(), Some(1));
        let words = String::from_utf8(output.stderr).expect("text");
        assert!(
            words.starts_with("error: doctor examines azure, and needs the address of a key\n")
        );
    }
}
