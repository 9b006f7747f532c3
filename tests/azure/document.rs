//! What `docs/azure.md` shows is what happens.

use std::process::Command;

use serde_json::json;

use crate::place::{CLIENT, PLAIN, Place, TENANT, output, text, with_secret};

const DOCUMENT: &str = include_str!("../../docs/azure.md");
const HOST: &str = "my-vault.vault.azure.net";

/// The blocks of a document.
fn blocks() -> Vec<&'static str> {
    DOCUMENT.split("```").skip(1).step_by(2).collect()
}

/// What the program prints, in the words of the document.
fn shown(place: &Place, command: Command) -> String {
    let output = output(command);
    let text = String::from_utf8([output.stdout, output.stderr].concat()).expect("text");
    place.masked(&text).replace("VERSION", "0123456789abcdef0123456789abcdef")
}

#[test]
fn outputs_of_doctor_are_those_that_are_shown() {
    let place = Place::new();
    place.key(HOST, "sops");
    let command = || place.bare(&["doctor", "azure", &format!("https://{HOST}/keys/sops")]);
    let is_shown = |command: Command| {
        let words = shown(&place, command);
        assert!(blocks().contains(&format!("\n{words}").as_str()), "{words}");
    };
    is_shown(with_secret(command()));
    let body = json!({"error": {"code": "Forbidden", "message":
        "Caller is not authorized to perform action on resource.",
        "innererror": {"code": "ForbiddenByRbac"}}});
    place.rules(&json!([{"host": HOST, "path": "/decrypt", "status": 403, "body": body}]));
    is_shown(with_secret(command()));
    place.rules(&json!([]));
    place.program("az", "echo \"ERROR: Please run 'az login' to setup account.\" >&2; exit 1");
    is_shown(command());
}

#[test]
fn commands_work_in_their_order() {
    let place = Place::new();
    place.key(HOST, "sops");
    place.write("secrets.yaml", PLAIN);
    let lines = blocks().into_iter().flat_map(str::lines);
    let lines: Vec<&str> = lines.filter(|line| line.starts_with("leafseal ")).collect();
    assert_eq!(lines.len(), 3, "{lines:?}");
    let outputs: Vec<String> =
        lines.iter().map(|line| text(with_secret(run(&place, line)))).collect();
    assert_eq!(outputs[2], PLAIN);
}

#[test]
fn step_of_the_workflow_decrypts_without_a_secret() {
    let place = Place::new();
    let address = place.key(HOST, "sops");
    let encrypted = text(place.ours(&["encrypt", "--azure-kv", &address, "plain.yaml"]));
    place.write("secrets.yaml", &encrypted);
    let workflow = blocks().into_iter().find(|block| block.contains("  - run: |\n"));
    let script = workflow.expect("a workflow").split("  - run: |\n").nth(1).expect("a script");
    let mut command = run(&place, script);
    let url = format!("http://127.0.0.1:{}/actions/token?api-version=2.0", place.port);
    command.env("ACTIONS_ID_TOKEN_REQUEST_URL", url);
    command.env("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "request-token");
    command.env("RUNNER_TEMP", place.path(""));
    command.env("AZURE_CLIENT_ID", CLIENT).env("AZURE_TENANT_ID", TENANT);
    text(command);
    assert_eq!(place.read("clear.yaml"), PLAIN);
}

/// Runs lines of a shell with our program on the path.
fn run(place: &Place, script: &str) -> Command {
    let program = env!("CARGO_BIN_EXE_leafseal");
    place.program("leafseal", &format!("exec {program} \"$@\""));
    let mut command = place.around(Command::new("/bin/bash"));
    command.args(["-euo", "pipefail", "-c", script]);
    command
}
