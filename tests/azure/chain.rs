//! Where tokens come from, in which order, and what is said when there are none.

use std::process::Command;
use std::time::Duration;

use serde_json::json;

use crate::place::{CLIENT, HOST, PLAIN, Place, Request, SECRET, TENANT, failure, output, text};

/// A place with an encrypted file.
fn with_file() -> Place {
    let place = Place::new();
    let address = place.key(HOST, "k");
    place.write("file.yaml", &text(place.ours(&["encrypt", "--azure-kv", &address, "plain.yaml"])));
    place.log();
    place
}

fn decrypt(place: &Place, variables: &[(&str, &str)]) -> Command {
    let mut command = place.bare(&["decrypt", "file.yaml"]);
    command.envs(variables.iter().copied());
    command
}

fn application<'v>(others: &[(&'v str, &'v str)]) -> Vec<(&'v str, &'v str)> {
    [&[("AZURE_TENANT_ID", TENANT), ("AZURE_CLIENT_ID", CLIENT)], others].concat()
}

/// The one request for a token among others.
fn login(calls: &[Request]) -> &Request {
    let mut found = calls.iter().filter(|call| call.path.ends_with("/oauth2/v2.0/token"));
    let login = found.next().expect("a request for a token");
    assert!(found.next().is_none(), "one request for a token");
    login
}

/// Lets `az` or `azd` hand out a token that the vault takes.
fn give(place: &Place, program: &str) {
    let token = place.tell(&json!({"do": "token", "resource": "https://vault.azure.net"}));
    let token = token.as_str().expect("a token");
    let answer = if program == "az" {
        json!({"accessToken": token, "expires_on": 4_102_444_800_i64, "tokenType": "Bearer"})
    } else {
        json!({"token": token, "expiresOn": "2100-01-01T00:00:00Z"})
    };
    let words = place.path(&format!("{program}.words"));
    place.program(program, &format!("echo \"$@\" >> {words}\necho '{answer}'"));
}

#[test]
fn certificates_of_every_kind_are_used() {
    let place = with_file();
    let rows = [
        ("key-first.pem", None),
        ("certificate-first.pem", None),
        ("3des.pfx", Some("word")),
        ("aes.pfx", Some("word")),
        ("3des-empty.pfx", None),
        ("aes-empty.pfx", None),
    ];
    for (name, password) in rows {
        for chain in ["1", "no"] {
            let path = place.path(name);
            let mut variables = application(&[("AZURE_CLIENT_CERTIFICATE_PATH", &path)]);
            variables.push(("AZURE_CLIENT_SEND_CERTIFICATE_CHAIN", chain));
            variables.extend(password.map(|it| ("AZURE_CLIENT_CERTIFICATE_PASSWORD", it)));
            assert_eq!(text(decrypt(&place, &variables)), PLAIN, "{name}");
            let calls = place.log();
            let header = assertion_header(login(&calls));
            assert_eq!(header.get("x5c").is_some(), chain == "1", "{name}");
        }
    }
}

fn assertion_header(login: &Request) -> serde_json::Value {
    use base64::Engine as _;
    let start = login.raw.split("client_assertion=").nth(1).expect("an assertion");
    let head = start.split('.').next().expect("a header");
    let bytes = base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(head).expect("base64");
    serde_json::from_slice(&bytes).expect("JSON")
}

#[test]
fn certificates_that_cannot_be_used_say_why() {
    let place = with_file();
    let rows = [
        ("aes.pfx", Some("other"), "the password does not open the certificate"),
        ("3des.pfx", None, "the password does not open the certificate"),
        ("locked.pem", None, "its key has a password"),
        ("no-key.pem", None, "it has no private key"),
        ("plain.yaml", None, "it is neither PEM nor a PFX file"),
        ("missing.pem", None, "No such file"),
    ];
    let mut transcript = String::new();
    for (name, password, reason) in rows {
        let path = place.path(name);
        let mut variables = application(&[("AZURE_CLIENT_CERTIFICATE_PATH", &path)]);
        variables.extend(password.map(|it| ("AZURE_CLIENT_CERTIFICATE_PASSWORD", it)));
        let (code, words, _) = failure(decrypt(&place, &variables));
        transcript.push_str(&format!("# {name}\n{}\n", place.masked(&words)));
        let words = words.split_whitespace().filter(|it| *it != "|").collect::<Vec<_>>().join(" ");
        assert!(code == 128 && words.contains(reason), "{name}: {words}");
        assert!(words.contains("EnvironmentCredential: ") && !words.contains("other"), "{words}");
    }
    insta::assert_snapshot!(transcript);
    assert!(place.log().iter().all(|call| !call.path.contains("/oauth2/")));
}

#[test]
fn federated_token_is_used() {
    let place = with_file();
    let path = place.path("federated.jwt");
    let variables = application(&[("AZURE_FEDERATED_TOKEN_FILE", &path)]);
    assert_eq!(text(decrypt(&place, &variables)), PLAIN);
    assert!(login(&place.log()).raw.contains(place.read("federated.jwt").trim()));
}

#[test]
fn app_service_is_asked_past_the_proxy() {
    let place = with_file();
    let endpoint = format!("http://127.0.0.1:{}/msi/token", place.port);
    let rows = [None, Some(CLIENT)];
    for client in rows {
        let mut variables =
            vec![("IDENTITY_ENDPOINT", endpoint.as_str()), ("IDENTITY_HEADER", "the-header")];
        variables.extend(client.map(|it| ("AZURE_CLIENT_ID", it)));
        let mut command = decrypt(&place, &variables);
        command.env("NO_PROXY", "");
        assert_eq!(text(command), PLAIN);
        let calls = place.log();
        let call = calls.iter().find(|call| call.host == "identity").expect("a call");
        assert!(call.path.starts_with("/msi/token?"), "not through a proxy: {}", call.path);
        assert!(call.raw.to_lowercase().contains("x-identity-header: the-header"));
        assert_eq!(call.path.contains(&format!("client_id={CLIENT}")), client.is_some());
    }
    let variables = [
        ("IDENTITY_ENDPOINT", endpoint.as_str()),
        ("IDENTITY_HEADER", "the-header"),
        ("AZURE_CLIENT_ID", "other"),
    ];
    give(&place, "az");
    let (code, words, _) = failure(decrypt(&place, &variables));
    assert!(code == 128 && words.contains("Identity not found"), "{words}");
}

#[test]
fn command_lines_are_asked_for_the_tenant_of_the_vault() {
    let place = with_file();
    give(&place, "az");
    assert_eq!(text(decrypt(&place, &[])), PLAIN);
    let expected = format!(
        "account get-access-token -o json --scope https://vault.azure.net/.default --tenant {TENANT}\n"
    );
    assert_eq!(place.read("az.words"), expected);
    place.program("az", "echo \"ERROR: Please run 'az login' to setup account.\" >&2; exit 1");
    give(&place, "azd");
    assert_eq!(text(decrypt(&place, &[])), PLAIN);
    assert!(place.read("azd.words").contains(&format!("--tenant-id {TENANT}")));
    let odd = "Bearer authorization=\"https://login.microsoftonline.com/a;touch x\", resource=\"https://vault.azure.net\"";
    place.rules(&json!([{"host": HOST, "path": "/keys", "status": 401, "times": 1,
        "headers": {"WWW-Authenticate": odd}}]));
    let _ = output(decrypt(&place, &[]));
    assert!(!place.folder.path().join("x").exists() && !place.read("azd.words").contains("touch"));
}

#[test]
fn slow_command_line_is_given_up_after_ten_seconds() {
    let takes_ten = |place: &Place, is_found: bool| {
        let start = std::time::Instant::now();
        let output = output(decrypt(place, &[]));
        let took = start.elapsed();
        assert!(took > Duration::from_secs(9) && took < Duration::from_secs(14), "{took:?}");
        assert_eq!(output.status.success(), is_found);
        String::from_utf8(output.stderr).expect("text")
    };
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let place = with_file();
            place.program("az", "sleep 60");
            give(&place, "azd");
            takes_ten(&place, true);
        });
        scope.spawn(|| {
            let place = with_file();
            place.program("azd", "sleep 60");
            let words = takes_ten(&place, false);
            let words =
                words.split_whitespace().filter(|it| *it != "|").collect::<Vec<_>>().join(" ");
            assert!(words.contains("no answer within 10 s"), "{words}");
        });
    });
}

#[test]
fn doctor_says_which_of_them_served() {
    let place = with_file();
    let endpoint = format!("http://127.0.0.1:{}/msi/token", place.port);
    let (token, certificate) = (place.path("federated.jwt"), place.path("aes.pfx"));
    let certificate = [
        ("AZURE_CLIENT_CERTIFICATE_PATH", certificate.as_str()),
        ("AZURE_CLIENT_CERTIFICATE_PASSWORD", "word"),
    ];
    let rows = [
        ("EnvironmentCredential", application(&[("AZURE_CLIENT_SECRET", SECRET)])),
        ("EnvironmentCredential", application(&certificate)),
        ("WorkloadIdentityCredential", application(&[("AZURE_FEDERATED_TOKEN_FILE", &token)])),
        (
            "ManagedIdentityCredential",
            vec![("IDENTITY_ENDPOINT", endpoint.as_str()), ("IDENTITY_HEADER", "the-header")],
        ),
        ("AzureCLICredential", vec![]),
        ("AzureDeveloperCLICredential", vec![]),
    ];
    let mut transcript = String::new();
    for (name, variables) in rows {
        // programs appear only when it is their turn
        match name {
            "AzureCLICredential" => give(&place, "az"),
            "AzureDeveloperCLICredential" => {
                place.program("az", "echo \"ERROR: Please run 'az login'\" >&2; exit 1");
                give(&place, "azd");
            }
            _ => {}
        }
        let mut command = place.bare(&["doctor", "azure", &format!("https://{HOST}/keys/k")]);
        command.envs(variables);
        let words = text(command);
        assert!(words.contains(&format!("token    from {name}\n")), "{words}");
        transcript.push_str(&format!("{}\n", place.masked(&words)));
    }
    insta::assert_snapshot!(transcript);
}

#[test]
fn credentials_that_are_set_up_and_refused_end_the_search() {
    let place = with_file();
    give(&place, "az");
    let variables = application(&[("AZURE_CLIENT_SECRET", "wrong-one")]);
    let (code, words, _) = failure(decrypt(&place, &variables));
    assert!(code == 128 && words.contains("AADSTS7000215"), "{words}");
    assert!(words.contains("It's 'wrong'"), "{words}");
    assert!(words.contains("hint: AZURE_CLIENT_SECRET is wrong"), "{words}");
    assert!(!words.contains("wrong-one") && !words.contains("Trace ID"), "{words}");
    assert!(!place.folder.path().join("az.words").exists());
}

#[test]
fn order_is_that_of_the_sdks() {
    let place = with_file();
    give(&place, "az");
    give(&place, "azd");
    let endpoint = format!("http://127.0.0.1:{}/msi/token", place.port);
    let token = place.path("federated.jwt");
    let all = application(&[
        ("AZURE_CLIENT_SECRET", SECRET),
        ("AZURE_FEDERATED_TOKEN_FILE", &token),
        ("IDENTITY_ENDPOINT", &endpoint),
        ("IDENTITY_HEADER", "the-header"),
    ]);
    let used = |place: &Place| {
        let calls = place.log();
        let has = |mark: &str| calls.iter().any(|call| call.raw.contains(mark));
        (has("client_secret="), has("client_assertion="), has("/msi/token"))
    };
    for (without, expected) in [
        ("", (true, false, false)),
        ("AZURE_CLIENT_SECRET", (false, true, false)),
        ("AZURE_FEDERATED_TOKEN_FILE", (false, false, true)),
    ] {
        let mut command = decrypt(&place, &all);
        if !without.is_empty() {
            command.env_remove("AZURE_CLIENT_SECRET").env_remove(without);
        }
        assert_eq!(text(command), PLAIN);
        assert_eq!(used(&place), expected, "{without}");
    }
    let mut command = decrypt(&place, &all);
    command.env("AZURE_TOKEN_CREDENTIALS", "DEV");
    assert_eq!(text(command), PLAIN);
    assert_eq!(used(&place), (false, false, false));
    assert!(place.folder.path().join("az.words").exists());
    let mut command = decrypt(&place, &all);
    command.env("AZURE_TOKEN_CREDENTIALS", "azuredeveloperclicredential");
    assert_eq!(text(command), PLAIN);
    assert!(place.folder.path().join("azd.words").exists());
    let mut command = decrypt(&place, &all);
    command.env("AZURE_TOKEN_CREDENTIALS", "everything");
    let (_, words, _) = failure(command);
    assert!(words.contains("it takes dev, prod, EnvironmentCredential"), "{words}");
}

#[test]
fn each_of_them_says_why_it_gives_none() {
    let place = with_file();
    let (code, words, took) = failure(decrypt(&place, &[("AZURE_CLIENT_ID", CLIENT)]));
    assert_eq!(code, 128);
    assert!(took < Duration::from_secs(5), "{took:?}");
    insta::assert_snapshot!(place.masked(&words));
    let flat = words.split_whitespace().filter(|it| *it != "|").collect::<Vec<_>>().join(" ");
    for name in [
        "EnvironmentCredential: AZURE_CLIENT_SECRET and",
        "WorkloadIdentityCredential: AZURE_FEDERATED_TOKEN_FILE is not set",
        "ManagedIdentityCredential: ",
        "AzureCLICredential: az not found on PATH",
        "AzureDeveloperCLICredential: azd not found on PATH",
        "hint: `az login` signs you in",
    ] {
        assert!(flat.contains(name), "{name}: {words}");
    }
}

/// Runs the tests of the metadata service, whose address exists in a network of its own alone.
#[test]
fn machine_identity_is_used_where_the_metadata_service_answers() {
    let program = env!("CARGO_BIN_EXE_leafseal");
    let python = crate::place::python();
    let script = crate::place::script("machine.py");
    let mut command = Command::new("unshare");
    let flags: &[&str] = if is_root() { &["-n"] } else { &["-rn"] };
    command.args(flags).arg(python).arg("-B").arg(script).arg(program);
    let answer = output(command);
    assert!(answer.status.success(), "{}", String::from_utf8_lossy(&answer.stderr));
    assert_eq!(String::from_utf8_lossy(&answer.stdout), "alone\nused\nabsent\nforeign\n");
}

fn is_root() -> bool {
    output({
        let mut command = Command::new("id");
        command.arg("-u");
        command
    })
    .stdout
        == b"0\n"
}
