//! Tokens go to the vaults of each cloud, and to nobody else.

use serde_json::json;

use crate::place::{HOST, PLAIN, Place, SECRET, failure, text};

const CLOUDS: [(&str, &str); 7] = [
    ("some-vault.vault.azure.net", "login.microsoftonline.com"),
    ("some-hsm.managedhsm.azure.net", "login.microsoftonline.com"),
    ("some-vault.vault.azure.cn", "login.chinacloudapi.cn"),
    ("some-hsm.managedhsm.azure.cn", "login.chinacloudapi.cn"),
    ("some-vault.vault.usgovcloudapi.net", "login.microsoftonline.us"),
    ("some-hsm.managedhsm.usgovcloudapi.net", "login.microsoftonline.us"),
    ("some-vault.vault.microsoftazure.de", "login.microsoftonline.de"),
];

#[test]
fn each_cloud_has_its_login_host_and_resource() {
    let place = Place::new();
    for (host, login) in CLOUDS {
        let address = place.key(host, "k");
        place.log();
        let encrypted = text(place.ours(&["encrypt", "--azure-kv", &address, "plain.yaml"]));
        let calls = place.log();
        let resource = host.split_once('.').expect("a domain").1;
        for call in calls.iter().filter(|call| call.is_call()) {
            assert!(call.host == host || call.host == login, "{call:?}");
            if call.host == login {
                assert!(call.raw.contains(&format!("scope=https%3A%2F%2F{resource}%2F.default")));
            }
        }
        place.write("file.yaml", &encrypted);
        assert_eq!(text(place.ours(&["decrypt", "file.yaml"])), PLAIN, "{host}");
    }
}

#[test]
fn the_environment_chooses_another_login_host() {
    let place = Place::new();
    let address = place.key(HOST, "k");
    let encrypt = ["encrypt", "--azure-kv", &address, "plain.yaml"];
    let mut command = place.ours(&encrypt);
    command.env("AZURE_AUTHORITY_HOST", "https://login.example.net/");
    text(command);
    assert!(place.log().iter().all(|call| call.host == HOST || call.host == "login.example.net"));
    let mut command = place.ours(&encrypt);
    command.env("AZURE_AUTHORITY_HOST", "http://login.example.net");
    let (code, words, _) = failure(command);
    assert!(code == 1 && words.contains("AZURE_AUTHORITY_HOST is no https address"), "{words}");
}

#[test]
fn other_hosts_get_no_connection_however_they_are_named() {
    let place = Place::new();
    let address = place.key(HOST, "k");
    let encrypted = text(place.ours(&["encrypt", "--azure-kv", &address, "plain.yaml"]));
    place.log();
    let mut transcript = String::new();
    let hosts = [
        "test-vault.vault.azure.net.evil.example",
        "evil.example",
        "vault.azure.net",
        "a.test-vault.vault.azure.net",
        "test-vault.vault.azure.net:8443",
        "127.0.0.1",
    ];
    for host in hosts {
        place.write("file.yaml", &encrypted.replace(HOST, host));
        let (code, words, _) = failure(place.ours(&["decrypt", "file.yaml"]));
        assert_eq!(code, 128, "{words}");
        transcript.push_str(&format!("{}\n", place.masked(&words)));
        let hint = format!(
            "hint: if you trust it, SOPS_AZURE_KEYVAULT_ALLOWLIST=https://{host} allows it"
        );
        assert!(words.contains(&hint), "{words}");
        let name = format!("https://{host}/keys/k");
        let (code, _, _) = failure(place.ours(&["encrypt", "--azure-kv", &name, "plain.yaml"]));
        assert_eq!(code, 1);
        place.write("rules.yaml", &format!("creation_rules: [{{azure_keyvault: '{name}'}}]\n"));
        let arguments = ["--config", "rules.yaml", "encrypt", "plain.yaml"];
        assert_eq!(failure(place.ours(&arguments)).0, 1);
        assert!(place.log().is_empty(), "{host}");
    }
    insta::assert_snapshot!(transcript);
}

#[test]
fn the_environment_allows_more_hosts() {
    let place = Place::new();
    let address = place.key("kv1.vault.example.net", "k");
    let encrypt = ["encrypt", "--azure-kv", &address, "plain.yaml"];
    for list in ["https://kv1.vault.example.net", ".vault.example.net"] {
        let mut command = place.ours(&encrypt);
        command.env("SOPS_AZURE_KEYVAULT_ALLOWLIST", list);
        text(command);
    }
    // which must ask for tokens for its own domain
    let header = "Bearer authorization=\"https://l/t\", resource=\"https://vault.azure.net\"";
    place.rules(&json!([{"host": "kv1", "status": 401, "headers": {"WWW-Authenticate": header}}]));
    place.log();
    let mut command = place.ours(&encrypt);
    command.env("SOPS_AZURE_KEYVAULT_ALLOWLIST", ".vault.example.net");
    let (_, words, _) = failure(command);
    assert!(words.contains("not for https://vault.example.net"), "{words}");
    assert!(place.log().iter().all(|call| call.token.is_none()));
    let mut command = place.ours(&encrypt);
    command.env("SOPS_AZURE_KEYVAULT_ALLOWLIST", "kv1.vault.example.net");
    let (_, words, _) = failure(command);
    insta::assert_snapshot!(words);
}

#[test]
fn challenge_for_something_else_gets_no_token() {
    let place = Place::new();
    let address = place.key(HOST, "k");
    let others = [
        "https://azure.net",
        "https://net",
        "https://graph.microsoft.com",
        "https://vault.azure.cn",
        "https://vault.azure.net/x",
    ];
    for resource in others {
        let login = "https://login.evil.example/11111111-2222-3333-4444-555555555555";
        let header = format!("Bearer authorization=\"{login}\", resource=\"{resource}\"");
        let rule = json!({"host": HOST, "path": "/keys", "status": 401,
            "headers": {"WWW-Authenticate": header}});
        place.rules(&json!([rule]));
        let (_, words, _) = failure(place.ours(&["encrypt", "--azure-kv", &address, "plain.yaml"]));
        assert!(words.contains("asks for a token for"), "{words}");
        assert!(place.log().iter().all(|call| call.host == HOST && call.token.is_none()));
    }
    // the tenant and host of the challenge choose nothing
    let header = "Bearer authorization=\"https://login.evil.example/other\", resource=\"https://vault.azure.net\"";
    place.rules(&json!([{"host": HOST, "path": "/keys", "status": 401, "times": 1,
        "headers": {"WWW-Authenticate": header}}]));
    text(place.ours(&["encrypt", "--azure-kv", &address, "plain.yaml"]));
    let calls = place.log();
    let login: Vec<_> = calls.iter().filter(|call| call.host.starts_with("login")).collect();
    assert!(login.iter().all(|call| call.host == "login.microsoftonline.com"), "{login:?}");
    assert!(login.iter().all(|call| !call.path.contains("/other/")));
}

#[test]
fn no_redirect_is_followed_with_a_token_secret_or_data_key() {
    let place = Place::new();
    let address = place.key(HOST, "k");
    for status in [301, 302, 303, 307, 308] {
        for host in [HOST, "login.microsoftonline.com"] {
            let headers = json!({"Location": "https://evil.example/keys/k/encrypt"});
            let path = if host == HOST { "/encrypt" } else { "/oauth2" };
            place.rules(
                &json!([{"host": host, "path": path, "status": status, "headers": headers}]),
            );
            let (_, words, _) =
                failure(place.ours(&["encrypt", "--azure-kv", &address, "plain.yaml"]));
            assert!(words.contains("redirects to https://evil.example/keys/k/encrypt"), "{words}");
            let calls = place.log();
            assert!(calls.iter().all(|call| call.host != "evil.example"));
            let leaks = calls.iter().filter(|call| call.raw.contains(SECRET));
            assert!(leaks.into_iter().all(|call| call.host.starts_with("login.")));
        }
    }
    let headers = json!({"Location": "https://evil.example/msi/token"});
    place.rules(&json!([{"host": "identity", "status": 307, "headers": headers}]));
    let mut command = place.bare(&["encrypt", "--azure-kv", &address, "plain.yaml"]);
    command.env("IDENTITY_ENDPOINT", format!("http://127.0.0.1:{}/msi/token", place.port));
    command.env("IDENTITY_HEADER", "the-header");
    let (_, words, _) = failure(command);
    assert!(words.contains("redirects to https://evil.example/msi/token"), "{words}");
    assert!(place.log().iter().all(|call| call.host != "evil.example"));
}

#[test]
fn first_request_goes_out_without_token_and_data_key() {
    let place = Place::new();
    let address = place.key(HOST, "k");
    text(place.ours(&["encrypt", "--azure-kv", &address, "plain.yaml"]));
    let calls = place.log();
    let calls: Vec<_> = calls.iter().filter(|call| call.is_call() && call.host == HOST).collect();
    assert_eq!(calls.len(), 2, "{calls:?}");
    assert!(calls[0].token.is_none() && !calls[0].raw.contains("RSA-OAEP"));
    assert!(calls[1].token.is_some() && calls[1].raw.contains("RSA-OAEP-256"));
}
