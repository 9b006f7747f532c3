//! Every message about a key of Azure, each with what to do; none of them gives a secret away.

use std::process::Command;

use serde_json::{Value, json};

use crate::place::{CLIENT, HOST, Place, TENANT, output, text};

const LOGIN: &str = "login.microsoftonline.com";
const LONG: &str = "wrong~secret~that~nobody~may~see";

/// What goes wrong.
struct Fault {
    title: String,
    rules: Value,
    variables: Vec<(&'static str, String)>,
}

impl Fault {
    fn new(title: &str, rules: Value) -> Self {
        Self { title: title.to_owned(), rules, variables: Vec::new() }
    }

    fn with(title: &str, variables: &[(&'static str, &str)]) -> Self {
        let owned = variables.iter().map(|(name, value)| (*name, (*value).to_owned()));
        Self { variables: owned.collect(), ..Self::new(title, json!([])) }
    }
}

/// A place with a file, and the address of its key.
fn with_file() -> (Place, String) {
    let place = Place::new();
    let address = place.key(HOST, "k");
    place.write("file.yaml", &text(place.ours(&["encrypt", "--azure-kv", &address, "plain.yaml"])));
    (place, address)
}

/// What a program says that must fail, with no secret in it.
fn said(place: &Place, command: Command) -> String {
    let output = output(command);
    let words = [output.stdout, output.stderr].concat();
    let words = String::from_utf8(words).expect("text");
    assert!(!output.status.success(), "it works: {words}");
    place.has_no_secret(&words);
    assert!(!words.contains(LONG), "{words}");
    format!("exit code {:?}\n{}", output.status.code(), place.masked(&words))
}

/// Calls with each fault and writes down what is said; then with all that may make it talk more.
fn transcript(place: &Place, faults: &[Fault], arguments: &[&str]) -> String {
    let mut transcript = String::new();
    for fault in faults {
        let run = |arguments: &[&str]| {
            place.rules(&fault.rules);
            let mut command = place.ours(arguments);
            command.envs(fault.variables.iter().map(|(name, value)| (name, value)));
            said(place, command)
        };
        transcript.push_str(&format!("# {}\n{}\n", fault.title, run(arguments)));
        run(&[arguments, &["--verbose"]].concat());
    }
    transcript
}

fn error(code: &str, message: &str, inner: &str) -> Value {
    json!({"error": {"code": code, "message": message, "innererror": {"code": inner}}})
}

/// Refusals of one action, in the words of the service (`spec/azure.md` §7).
fn refusals(action: &str) -> Vec<Fault> {
    let path = if action == "get" { "/keys/k/?".to_owned() } else { format!("/{action}?") };
    let refused = |title: &str, status: u16, body: Value| {
        let rule = json!({"host": HOST, "path": path, "with_token": true, "status": status,
            "body": body, "headers": {"Retry-After": "3600"}});
        Fault::new(title, json!([rule]))
    };
    let rbac = format!(
        "Caller is not authorized to perform action on resource.\r\nIf role assignments, deny assignments or role definitions were changed recently, please observe propagation time.\r\nAction: 'Microsoft.KeyVault/vaults/keys/{action}/action'"
    );
    let policy = format!(
        "The user, group or application 'appid=x' does not have keys {action} permission on key vault 'test-vault;location=westeurope'."
    );
    let firewall = "Client address is not authorized and caller is not a trusted service.";
    let disabled = format!("Operation {action} is not allowed on a disabled key.");
    let expired = format!("Operation {action} is not allowed on an expired key.");
    let early = format!("Operation {action} is not allowed on a key that is not yet valid.");
    vec![
        refused("role", 403, error("Forbidden", &rbac, "ForbiddenByRbac")),
        refused("policy", 403, error("Forbidden", &policy, "ForbiddenByPolicy")),
        refused("firewall", 403, error("Forbidden", firewall, "ForbiddenByFirewall")),
        refused("disabled", 403, error("Forbidden", &disabled, "KeyDisabled")),
        refused("expired", 403, error("Forbidden", &expired, "")),
        refused("not yet valid", 403, error("Forbidden", &early, "")),
        refused("throttled", 429, error("Throttled", "Request was not processed.", "")),
        refused("no service", 503, error("ServiceUnavailable", "", "")),
        refused("without a body", 400, json!("")),
    ]
}

#[test]
fn refusals_of_each_action_name_the_fix() {
    let (place, address) = with_file();
    let words = transcript(&place, &refusals("decrypt"), &["decrypt", "file.yaml"]);
    insta::assert_snapshot!("refusals_of_decrypt", words);
    let encrypt = ["encrypt", "--azure-kv", &address, "plain.yaml"];
    insta::assert_snapshot!(
        "refusals_of_encrypt",
        transcript(&place, &refusals("encrypt"), &encrypt)
    );
    let name = format!("https://{HOST}/keys/k");
    let encrypt = ["encrypt", "--azure-kv", &name, "plain.yaml"];
    insta::assert_snapshot!("refusals_of_get", transcript(&place, &refusals("get"), &encrypt));
}

#[test]
fn roles_of_managed_hsm_have_their_own_name() {
    let place = Place::new();
    let host = "test-hsm.managedhsm.azure.net";
    let address = place.key(host, "k");
    let mut words = String::new();
    for action in ["encrypt", "get"] {
        let mut fault = refusals(action).swap_remove(0);
        fault.rules[0]["host"] = json!(host);
        let name =
            if action == "get" { address.rsplit_once('/').expect("a version").0 } else { &address };
        let encrypt = ["encrypt", "--azure-kv", name, "plain.yaml"];
        words.push_str(&transcript(&place, &[fault], &encrypt));
    }
    insta::assert_snapshot!(words);
}

#[test]
fn keys_that_are_gone_or_changed_say_so() {
    let (place, address) = with_file();
    let none = [Fault::new("version", json!([]))];
    let other = address.replace(|it: char| it.is_ascii_digit(), "0");
    let mut words = transcript(&place, &none, &["encrypt", "--azure-kv", &other, "plain.yaml"]);
    let mut note = |title: &str, arguments: &[&str]| {
        words.push_str(&transcript(&place, &[Fault::new(title, json!([]))], arguments));
    };
    let encrypt = ["encrypt", "--azure-kv", &address, "plain.yaml"];
    note("key", &["encrypt", "--azure-kv", &format!("https://{HOST}/keys/none"), "plain.yaml"]);
    place.change(&address, "expired", true);
    note("expired", &encrypt);
    place.change(&address, "enabled", false);
    note("disabled", &["decrypt", "file.yaml"]);
    place.tell(&json!({"do": "change", "host": HOST, "name": "k"}));
    note("deleted", &["decrypt", "file.yaml"]);
    for name in ["k", "https://v.vault.azure.net/keys/a_b", "https://v.vault.azure.net/keys/k/v1"] {
        note("no address", &["encrypt", "--azure-kv", name, "plain.yaml"]);
    }
    insta::assert_snapshot!(words);
}

/// Answers of the login host, most of them by the checks of the test vault itself.
fn logins(place: &Place) -> Vec<Fault> {
    let certificate = |path: String, password: &str| {
        vec![
            ("AZURE_CLIENT_SECRET", String::new()),
            ("AZURE_CLIENT_CERTIFICATE_PATH", path),
            ("AZURE_CLIENT_CERTIFICATE_PASSWORD", password.to_owned()),
        ]
    };
    let of = |title: &str, variables| Fault { variables, ..Fault::new(title, json!([])) };
    let refused = |title: &str, code: u32, reason: &str| {
        let text = format!("AADSTS{code}: {reason}\r\nTrace ID: 1");
        let body = json!({"error": "invalid_client", "error_description": text});
        let rule = json!({"host": LOGIN, "path": "/token", "status": 401, "body": body});
        Fault::new(title, json!([rule]))
    };
    let federated = |path: String| {
        vec![("AZURE_CLIENT_SECRET", String::new()), ("AZURE_FEDERATED_TOKEN_FILE", path)]
    };
    vec![
        Fault::with("wrong secret", &[("AZURE_CLIENT_SECRET", LONG)]),
        Fault::with("unknown application", &[("AZURE_CLIENT_ID", TENANT)]),
        Fault::with("unknown tenant", &[("AZURE_TENANT_ID", CLIENT)]),
        Fault::with("tenant that is none", &[("AZURE_TENANT_ID", "a/../b")]),
        of("unknown certificate", certificate(place.path("unknown.pem"), "")),
        of("password of a certificate", certificate(place.path("aes.pfx"), LONG)),
        of("certificate that is missing", certificate(place.path("missing.pem"), "")),
        of("federated token that is missing", federated(place.path("missing.jwt"))),
        of("federated token that is none", federated(place.path("plain.yaml"))),
        refused("wrong cloud", 500_011, "The resource principal was not found in the tenant."),
        refused("clock", 700_024, "Client assertion is not within its valid time range."),
        refused(
            "expired certificate",
            700_027,
            "The certificate used to sign the client assertion is expired on application.",
        ),
        refused("no federation", 700_213, "No matching federated identity record found."),
        refused(
            "another reason",
            53_003,
            "Access has been blocked by Conditional Access policies.",
        ),
        Fault::new("no reason", json!([{"host": LOGIN, "path": "/token", "status": 400}])),
    ]
}

#[test]
fn refusals_of_credentials_name_the_fix() {
    let (place, _) = with_file();
    let mut words = transcript(&place, &logins(&place), &["decrypt", "file.yaml"]);
    place.tell(&json!({"do": "expire"}));
    let expired = [Fault::new("expired secret", json!([]))];
    words.push_str(&transcript(&place, &expired, &["decrypt", "file.yaml"]));
    insta::assert_snapshot!(words);
}

/// Without the application: managed identities of each kind, and what else is set up.
fn identities(place: &Place) -> Vec<Fault> {
    let endpoint = format!("http://127.0.0.1:{}/msi/token", place.port);
    let without = |title: &str, variables: &[(&'static str, &str)]| {
        let none = [("AZURE_CLIENT_SECRET", ""), ("AZURE_TENANT_ID", ""), ("AZURE_CLIENT_ID", "")];
        Fault::with(title, &[&none, variables].concat())
    };
    let app = |header| [("IDENTITY_ENDPOINT", endpoint.as_str()), ("IDENTITY_HEADER", header)];
    let unknown = [app("the-header").as_slice(), &[("AZURE_CLIENT_ID", TENANT)]].concat();
    let fabric = [app("x").as_slice(), &[("IDENTITY_SERVER_THUMBPRINT", "00")]].concat();
    vec![
        without("App Service that refuses", &app("wrong-header")),
        without("App Service without that identity", &unknown),
        without(
            "App Service elsewhere",
            &[("IDENTITY_ENDPOINT", "nowhere"), ("IDENTITY_HEADER", "x")],
        ),
        without("Service Fabric", &fabric),
        without("Azure Arc", &[("IDENTITY_ENDPOINT", "http://h"), ("IMDS_ENDPOINT", "http://h")]),
        without("endpoint alone", &[("IDENTITY_ENDPOINT", "http://h")]),
        without("Azure ML", &[("MSI_ENDPOINT", "http://h"), ("MSI_SECRET", LONG)]),
        without("Cloud Shell", &[("MSI_ENDPOINT", "http://h")]),
        without("developers only", &[("AZURE_TOKEN_CREDENTIALS", "dev")]),
        without("one kind only", &[("AZURE_TOKEN_CREDENTIALS", "workloadidentitycredential")]),
        without("no such kind", &[("AZURE_TOKEN_CREDENTIALS", "everything")]),
        without("half of an application", &[("AZURE_CLIENT_SECRET", LONG)]),
    ]
}

#[test]
fn credentials_that_are_missing_say_why() {
    let (place, _) = with_file();
    place.program("az", "echo \"ERROR: Please run 'az login' to setup account.\" >&2; exit 1");
    place.program("azd", "echo '{\"type\":\"consoleMessage\",\"data\":{\"message\":\"\\nERROR: not logged in, run `azd auth login` to login\\n\"}}' >&2; exit 1");
    let words = transcript(&place, &identities(&place), &["decrypt", "file.yaml"]);
    insta::assert_snapshot!(words);
}

/// What stands between this machine and the vault.
fn ways() -> Vec<Fault> {
    let connect = |title: &str, mut rule: Value| {
        rule["method"] = json!("CONNECT");
        Fault::new(title, json!([rule]))
    };
    let to = |path: &str, host: &str| {
        json!([{"host": host, "path": path, "status": 307,
            "headers": {"Location": "https://evil.example/x"}}])
    };
    let asks = |resource: &str| {
        let header = format!("Bearer authorization=\"https://l/t\", resource=\"{resource}\"");
        json!([{"host": HOST, "status": 401, "headers": {"WWW-Authenticate": header}}])
    };
    vec![
        connect("proxy that wants a password", json!({"status": 407})),
        connect("proxy that finds no host", json!({"status": 502})),
        connect("certificate of somebody else", json!({"stranger": true})),
        connect("certificate of the login host", json!({"host": "login.", "stranger": true})),
        Fault::with("proxy that is not there", &[("HTTPS_PROXY", "http://127.0.0.1:1")]),
        Fault::with(
            "proxy with a password",
            &[("HTTPS_PROXY", &format!("http://me:{LONG}@127.0.0.1:1"))],
        ),
        Fault::new("redirect of the vault", to("/decrypt", HOST)),
        Fault::new("redirect of the login host", to("/token", LOGIN)),
        Fault::new("challenge for something else", asks("https://graph.microsoft.com")),
        Fault::new("challenge for nothing", json!([{"host": HOST, "status": 401}])),
        Fault::with("login host without TLS", &[("AZURE_AUTHORITY_HOST", "http://l.example")]),
    ]
}

#[test]
fn ways_that_are_closed_say_which() {
    let (place, _) = with_file();
    insta::assert_snapshot!(transcript(&place, &ways(), &["decrypt", "file.yaml"]));
}

#[test]
fn answers_that_cannot_be_used_say_so() {
    let (place, address) = with_file();
    let answer = |title: &str, value: Value| {
        let body = json!({"kid": address, "value": value});
        Fault::new(
            title,
            json!([{"host": HOST, "path": "crypt?", "with_token": true,
            "status": 200, "body": body}]),
        )
    };
    let page = json!([{"host": HOST, "path": "crypt?", "with_token": true, "status": 200,
        "body": "<html>"}]);
    let answers = [
        answer("empty", json!("")),
        answer("too short", json!("AAAA")),
        answer("no base64", json!("!!!")),
        answer("no text", json!(1)),
        Fault::new("a page", page),
    ];
    let mut words = transcript(&place, &answers, &["decrypt", "file.yaml"]);
    let encrypt = ["encrypt", "--azure-kv", &address, "plain.yaml"];
    words.push_str(&transcript(&place, &answers[..1], &encrypt));
    let key = json!([{"host": HOST, "path": "/keys/k/?", "with_token": true, "status": 200,
        "body": {"key": {"kid": "https://evil.example/keys/k/../x"}}}]);
    let name = format!("https://{HOST}/keys/k");
    let encrypt = ["encrypt", "--azure-kv", &name, "plain.yaml"];
    words.push_str(&transcript(&place, &[Fault::new("no version", key)], &encrypt));
    let whole = place.read("file.yaml");
    place.write("file.yaml", &whole.replace("enc: ", "enc: +"));
    words.push_str(&transcript(
        &place,
        &[Fault::new("damaged", json!([]))],
        &["decrypt", "file.yaml"],
    ));
    insta::assert_snapshot!(words);
}

#[test]
fn doctor_and_success_give_nothing_away() {
    let (place, address) = with_file();
    let calls: [&[&str]; 3] = [
        &["decrypt", "--verbose", "file.yaml"],
        &["encrypt", "--verbose", "--azure-kv", &address, "plain.yaml"],
        &["doctor", "azure", &address, "--verbose"],
    ];
    for call in calls {
        let output = output(place.ours(call));
        assert!(output.status.success());
        let words = [output.stdout, output.stderr].concat();
        place.has_no_secret(&String::from_utf8(words).expect("text"));
    }
    for fault in logins(&place).into_iter().chain(ways()).chain(refusals("decrypt")) {
        place.rules(&fault.rules);
        let mut command = place.ours(&["doctor", "azure", &address, "--verbose"]);
        command.envs(fault.variables);
        said(&place, command);
    }
}
