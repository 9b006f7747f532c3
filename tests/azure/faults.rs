//! What fails says why and what to do, ends in time, and gives nothing away.

use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

use crate::place::{CLIENT, HOST, PLAIN, Place, SECRET, TENANT, failure, text};

const LOGIN: &str = "login.microsoftonline.com";

fn with_file() -> (Place, String) {
    let place = Place::new();
    let address = place.key(HOST, "k");
    place.write("file.yaml", &text(place.ours(&["encrypt", "--azure-kv", &address, "plain.yaml"])));
    place.log();
    (place, address)
}

/// Words without the line breaks and marks of the report.
fn flat(words: &str) -> String {
    words.split_whitespace().filter(|it| *it != "|").collect::<Vec<_>>().join(" ")
}

fn error(code: &str, message: &str, inner: &str) -> Value {
    json!({"error": {"code": code, "message": message, "innererror": {"code": inner}}})
}

#[test]
fn refusals_of_the_vault_name_the_fix() {
    let (place, address) = with_file();
    let rbac = "Caller is not authorized to perform action on resource.";
    let policy = "The user, group or application 'appid=x' does not have keys decrypt permission on key vault 'test-vault;location=westeurope'.";
    let firewall = "Client address is not authorized and caller is not a trusted service.";
    let rows = [
        (
            403,
            error("Forbidden", rbac, "ForbiddenByRbac"),
            "the role \"Key Vault Crypto User\" on the key k or on https://test-vault.vault.azure.net; it allows Microsoft.KeyVault/vaults/keys/decrypt/action",
        ),
        (403, error("Forbidden", policy, "ForbiddenByPolicy"), "give the permission `decrypt`"),
        (403, error("Forbidden", policy, ""), "give the permission `decrypt`"),
        (
            403,
            json!({"error": {"code": "Forbidden", "message": "no", "innerError": {"code": "ForbiddenByFirewall"}}}),
            "networking settings of https://test-vault.vault.azure.net",
        ),
        (403, error("Forbidden", firewall, "ForbiddenByFirewall"), "networking settings"),
        (
            404,
            error("KeyNotFound", "A key with (name/id) k was not found", ""),
            "check vault, name and version",
        ),
        (
            401,
            error("Unauthorized", "AKV10032: Invalid issuer.", ""),
            "with the tenant of the vault",
        ),
    ];
    let mut transcript = String::new();
    for (status, body, hint) in rows {
        let rule = json!({"host": HOST, "path": "/decrypt", "status": status, "body": body});
        place.rules(&json!([rule]));
        let (code, words, took) = failure(place.ours(&["decrypt", "file.yaml"]));
        assert_eq!(code, 128);
        transcript.push_str(&format!("{}\n", place.masked(&words)));
        let words = flat(&words);
        assert!(words.contains(hint), "{hint}: {words}");
        assert!(
            words.contains(&format!("refuses to decrypt with key {address}: {status} ")),
            "{words}"
        );
        assert!(took < Duration::from_secs(5), "{took:?}");
        let tries = place.log().iter().filter(|it| it.path.contains("/decrypt")).count();
        assert!(tries <= 2, "{status} is not tried again: {tries}");
    }
    insta::assert_snapshot!(transcript);
    let rule = json!({"host": HOST, "path": "/keys/k/", "method": "GET", "status": 403,
        "body": error("Forbidden", rbac, "ForbiddenByRbac")});
    place.rules(&json!([rule]));
    let name = format!("https://{HOST}/keys/k");
    let (code, words, _) = failure(place.ours(&["encrypt", "--azure-kv", &name, "plain.yaml"]));
    assert!(code == 1 && words.contains("Microsoft.KeyVault/vaults/keys/read"), "{words}");
}

#[test]
fn refusals_of_the_login_host_keep_their_reason() {
    let (place, _) = with_file();
    let rows = [
        (
            7_000_222,
            "The provided client secret keys for app 'x' are expired.",
            "`az ad app credential reset",
        ),
        (
            700_016,
            "Application with identifier 'x' was not found in the directory 'y'.",
            "AZURE_CLIENT_ID",
        ),
        (90_002, "Tenant 'z' not found.", "AZURE_TENANT_ID is no tenant of this cloud"),
        (
            500_011,
            "The resource principal was not found in the tenant.",
            "the tenant is of another cloud",
        ),
        (
            700_024,
            "Client assertion is not within its valid time range.",
            "the clock of this machine is wrong",
        ),
        (
            700_027,
            "The certificate with identifier is not registered.",
            "the certificate is not registered",
        ),
        (700_213, "No matching federated identity record found.", "no federated credential"),
    ];
    let mut transcript = String::new();
    for (code, reason, hint) in rows {
        let text = format!("AADSTS{code}: {reason}\r\nTrace ID: 1");
        let body =
            json!({"error": "invalid_client", "error_description": text, "error_codes": [code]});
        place.rules(&json!([{"host": LOGIN, "path": "/token", "status": 401, "body": body}]));
        let (_, words, _) = failure(place.ours(&["decrypt", "file.yaml"]));
        transcript.push_str(&format!("{}\n", place.masked(&words)));
        let words = flat(&words);
        assert!(
            words.contains(&format!(
                "EnvironmentCredential: {LOGIN} refuses: AADSTS{code}: {reason}"
            )),
            "{words}"
        );
        assert!(words.contains(&format!("hint: {hint}")) || words.contains(hint), "{words}");
    }
    insta::assert_snapshot!(transcript);
}

#[test]
fn what_passes_is_waited_for() {
    std::thread::scope(|scope| {
        for (host, path) in [(HOST, "/decrypt"), (LOGIN, "/token")] {
            scope.spawn(move || passes(host, path));
        }
    });
}

fn passes(host: &str, path: &str) {
    let (place, _) = with_file();
    let opens = |change: Value| {
        let mut rule = json!({"host": host, "path": path, "times": 1});
        for (name, value) in change.as_object().expect("fields") {
            rule[name] = value.clone();
        }
        place.rules(&json!([rule]));
        assert_eq!(text(place.ours(&["decrypt", "file.yaml"])), PLAIN, "{host} {change}");
    };
    for status in [408, 429, 500, 502, 503, 504] {
        opens(json!({"status": status, "headers": {"Retry-After": "1"}}));
    }
    let start = std::time::Instant::now();
    opens(json!({"status": 429, "headers": {"Retry-After": "3"}}));
    assert!(start.elapsed() >= Duration::from_secs(3), "it waits as long as it is told");
    opens(json!({"drop": true}));
    opens(json!({"cut": true}));
}

#[test]
fn token_that_is_taken_back_earns_one_new_one() {
    let (place, _) = with_file();
    let challenge = format!(
        "Bearer authorization=\"https://{LOGIN}/{TENANT}\", resource=\"https://vault.azure.net\""
    );
    let refuse = |times: i64| {
        json!([{"host": HOST, "path": "/decrypt", "status": 401, "times": times,
            "headers": {"WWW-Authenticate": challenge}}])
    };
    // the request without a token, and the one with it
    place.rules(&refuse(2));
    assert_eq!(text(place.ours(&["decrypt", "file.yaml"])), PLAIN);
    let logins =
        |place: &Place| place.log().iter().filter(|it| it.path.ends_with("/token")).count();
    assert_eq!(logins(&place), 2);
    place.rules(&refuse(-1));
    assert_eq!(failure(place.ours(&["decrypt", "file.yaml"])).0, 128);
    assert_eq!(logins(&place), 2);
}

#[test]
fn a_file_takes_thirty_seconds_at_most() {
    let cases = [
        ("vault", json!({"host": HOST, "path": "/decrypt", "delay": 60})),
        ("login_host", json!({"host": LOGIN, "path": "/token", "delay": 60})),
        ("refusals", json!({"host": HOST, "path": "/decrypt", "status": 503})),
        ("breaks", json!({"host": HOST, "path": "/decrypt", "drop": true})),
        (
            "pause",
            json!({"host": HOST, "path": "/decrypt", "status": 429,
            "headers": {"Retry-After": "3600"}}),
        ),
    ];
    std::thread::scope(|scope| {
        for (name, rule) in &cases {
            scope.spawn(|| is_in_time(name, rule));
        }
        scope.spawn(many_keys_are_in_time);
    });
}

fn is_in_time(name: &str, rule: &Value) {
    let (place, _) = with_file();
    place.rules(&json!([rule]));
    let (code, words, took) = failure(place.ours(&["decrypt", "file.yaml"]));
    assert_eq!(code, 128, "{words}");
    assert!(took < Duration::from_secs(32), "{rule}: {took:?}");
    if name == "breaks" {
        // what the system says of it depends on what it has read by then
        assert!(flat(&words).contains(&format!("{HOST}: the connection breaks off: ")), "{words}");
    } else {
        insta::assert_snapshot!(format!("in_time_{name}"), place.masked(&words));
    }
}

/// Ten keys of a silent vault take no longer than one, though not all are asked together, and all
/// that wait for one token hear the same reason.
fn many_keys_are_in_time() {
    let (place, address) = with_file();
    let keys: Vec<String> = (0..10).map(|number| place.key(HOST, &format!("k{number}"))).collect();
    let list = format!("{address},{}", keys.join(","));
    place.rules(&json!([{"host": LOGIN, "path": "/token", "delay": 60}]));
    let (code, words, took) = failure(place.ours(&["encrypt", "--azure-kv", &list, "plain.yaml"]));
    assert!(code == 1 && took < Duration::from_secs(32), "{took:?}: {words}");
    insta::assert_snapshot!("in_time_many_keys", words);
}

#[test]
fn no_way_to_the_vault_is_told_at_once() {
    let (place, _) = with_file();
    let connect = |mut rule: Value| {
        rule["method"] = json!("CONNECT");
        json!([rule])
    };
    let start = |rules: &Value, change: &dyn Fn(&mut Command)| {
        place.rules(rules);
        let mut command = place.ours(&["decrypt", "file.yaml"]);
        change(&mut command);
        let (code, words, took) = failure(command);
        assert_eq!(code, 128, "{words}");
        assert!(took < Duration::from_secs(6), "{took:?}: {words}");
        flat(&words)
    };
    let none = json!([]);
    let words = start(&connect(json!({"status": 407})), &|_| ());
    assert!(words.contains("no way through the proxy") && words.contains("HTTPS_PROXY"), "{words}");
    let words = start(&connect(json!({"stranger": true})), &|_| ());
    assert!(words.contains("no secure connection") && words.contains("SSL_CERT_FILE"), "{words}");
    let words = start(&none, &|command| {
        command.env("HTTPS_PROXY", "http://127.0.0.1:1");
    });
    assert!(
        words.contains("no way through the proxy") || words.contains("no connection"),
        "{words}"
    );
    let words = start(&none, &|command| {
        command.env("SSL_CERT_FILE", place.path("stranger.pem"));
    });
    assert!(words.contains("no secure connection"), "{words}");
    let words = start(&none, &|command| {
        command.env_remove("HTTPS_PROXY").env_remove("HTTP_PROXY");
    });
    let is_told =
        ["the name does not resolve", "no connection"].iter().any(|it| words.contains(it));
    assert!(is_told, "{words}");
}

#[test]
fn what_is_no_data_key_is_refused() {
    let (place, address) = with_file();
    let answer = |value: &str| {
        json!([{"host": HOST, "path": "/decrypt", "status": 200,
        "body": {"kid": address, "value": value}}])
    };
    for value in ["", "AAAA", "!!!"] {
        place.rules(&answer(value));
        let (code, words, _) = failure(place.ours(&["decrypt", "file.yaml"]));
        assert_eq!(code, 128, "{words}");
    }
    place.rules(&json!([{"host": HOST, "path": "/encrypt", "status": 200,
        "body": {"kid": address, "value": ""}}]));
    let (code, words, _) = failure(place.ours(&["encrypt", "--azure-kv", &address, "plain.yaml"]));
    assert!(code == 1 && words.contains("the encrypted data key is empty"), "{words}");
}

/// Lets a command hear signals that whoever runs the tests was told to ignore.
fn hearing(command: &Command) -> Command {
    let mut hearing = Command::new("/usr/bin/env");
    hearing.arg("--default-signal").arg(command.get_program()).args(command.get_args());
    hearing.env_clear();
    hearing.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    hearing.current_dir(command.get_current_dir().expect("a folder"));
    hearing
}

#[test]
fn interrupt_ends_a_silent_call_at_once() {
    let cases = [(HOST, "/decrypt"), (LOGIN, "/token"), ("az", "")];
    std::thread::scope(|scope| {
        for (host, path) in cases {
            scope.spawn(move || is_interrupted(host, path));
        }
    });
}

fn is_interrupted(host: &str, path: &str) {
    use std::os::unix::process::ExitStatusExt as _;

    let (place, _) = with_file();
    if host != "az" {
        place.rules(&json!([{"host": host, "path": path, "delay": 60}]));
    }
    place.program("az", &format!("touch {}; exec sleep 60", place.path("az.runs")));
    let command = ["decrypt", "file.yaml"];
    let command = if host == "az" { place.bare(&command) } else { place.ours(&command) };
    let mut child = hearing(&command).spawn().expect("started");
    let is_silent = || {
        let asked = place.log().iter().any(|it| it.host == host && it.path.contains(path));
        if host == "az" { std::path::Path::new(&place.path("az.runs")).exists() } else { asked }
    };
    while !is_silent() {
        assert!(child.try_wait().expect("asked").is_none(), "it has not ended by itself");
        std::thread::sleep(Duration::from_millis(20));
    }
    let start = std::time::Instant::now();
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("sent");
    let status = child.wait().expect("ended");
    assert!(start.elapsed() < Duration::from_secs(2), "{:?}", start.elapsed());
    assert_eq!(status.signal(), Some(2));
}

#[test]
fn no_output_holds_a_secret_token_or_data_key() {
    let (place, address) = with_file();
    let long = "wrong~secret~that~nobody~may~see";
    let certificate = place.path("aes.pfx");
    let cases: [&[(&str, &str)]; 4] = [
        &[("AZURE_CLIENT_SECRET", SECRET)],
        &[("AZURE_CLIENT_SECRET", long)],
        &[
            ("AZURE_CLIENT_SECRET", ""),
            ("AZURE_CLIENT_CERTIFICATE_PATH", &certificate),
            ("AZURE_CLIENT_CERTIFICATE_PASSWORD", "word"),
        ],
        &[
            ("AZURE_CLIENT_SECRET", ""),
            ("AZURE_CLIENT_CERTIFICATE_PATH", &certificate),
            ("AZURE_CLIENT_CERTIFICATE_PASSWORD", long),
        ],
    ];
    let calls: [&[&str]; 3] = [
        &["decrypt", "--verbose", "file.yaml"],
        &["encrypt", "--verbose", "--azure-kv", &address, "plain.yaml"],
        &["doctor", "azure", &address],
    ];
    for variables in cases {
        for call in calls {
            let mut command = place.ours(call);
            command.env("RUST_LOG", "trace").env("RUST_BACKTRACE", "1");
            command.env("AZURE_CLIENT_ID", CLIENT).envs(variables.iter().copied());
            let output = command.output().expect("it runs");
            let words = [output.stdout, output.stderr].concat();
            let words = String::from_utf8_lossy(&words).into_owned();
            for secret in [SECRET, long, "TOKEN-", "Bearer "] {
                assert!(!words.contains(secret), "{call:?}: {words}");
            }
            for request in place.log().iter().filter(|it| it.path.contains("crypt?")) {
                let value =
                    request.raw.split("\"value\":\"").nth(1).unwrap_or("-").split('"').next();
                let value = value.expect("a value");
                // what a file holds is no secret, what was sent to be encrypted is
                let is_clear = request.path.contains("/encrypt?") && value.len() > 8;
                assert!(!is_clear || !words.contains(value), "{call:?}: {words}");
            }
        }
    }
}
