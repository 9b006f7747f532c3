use serde_json::json;

use super::context::Context;
use super::invocation::DoctorOptions;
use super::report::{self, CommandError, KeySource};
use crate::io::files;
use crate::keys::MasterKeyError;
use crate::keys::azure::{self, AzureError, Examination, KeyAddress};

/// Runs `doctor azure URL`: tries everything that a key is needed for.
pub(super) fn run(options: &DoctorOptions, context: &Context<'_>) -> Result<(), CommandError> {
    Context::warn_of_flags(&options.common);
    let [topic, url] = options.words.as_slice() else { return Err(CommandError::DoctorTopic) };
    if topic != "azure" {
        return Err(CommandError::DoctorTopic);
    }
    let address = KeyAddress::parse(&url.to_string_lossy()).map_err(|error| {
        let error = MasterKeyError::Azure(error);
        CommandError::MasterKey { place: KeySource::Named, error }
    })?;
    let found = azure::examine(&context.azure, context.environment, &address)
        .map_err(CommandError::Doctor)?;
    let text = if options.is_json { json(&found) } else { text(&found) };
    files::write_stdout(text.as_bytes()).map_err(CommandError::Write)?;
    if found.is_good() {
        return Ok(());
    }
    let failures = found.steps.into_iter().filter_map(|step| step.failure);
    Err(CommandError::Unhealthy {
        key: found.address.as_str().to_owned(),
        failures: failures.collect(),
    })
}

/// Writes what `docs/json.md` describes; no token is in it.
fn json(found: &Examination) -> String {
    let passed = found.passed.iter();
    let passed = passed.map(|link| json!({ "name": link.name, "reason": link.reason }));
    let steps = found.steps.iter().map(|step| {
        let failure = step.failure.as_ref();
        json!({
            "action": step.action.as_str(),
            "ok": failure.is_none(),
            "message": failure.map(|error| report::with_causes(error)),
            "hints": failure.map(azure::remedies).unwrap_or_default(),
        })
    });
    let object = json!({
        "key": found.address.as_str(),
        "ok": found.is_good(),
        "token_from": found.served,
        "passed": passed.collect::<Vec<_>>(),
        "steps": steps.collect::<Vec<_>>(),
    });
    format!("{object:#}\n")
}

/// Says what was tried, a line each; no token is in it.
fn text(found: &Examination) -> String {
    let mut lines = vec![format!("key      {}", found.address.as_str())];
    lines.extend(found.passed.iter().map(|link| format!("passed   {link}")));
    lines.extend(found.served.map(|name| format!("token    from {name}")));
    for step in &found.steps {
        let result = match &step.failure {
            None => "ok".to_owned(),
            // each of them has its line
            Some(AzureError::NoCredentials(_)) => "no credentials for Azure".to_owned(),
            Some(error) => report::with_causes(error),
        };
        lines.push(format!("{:<8} {result}", step.action.as_str()));
    }
    lines.join("\n") + "\n"
}
