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
    files::write_stdout(text(&found).as_bytes()).map_err(CommandError::Write)?;
    if found.is_good() {
        return Ok(());
    }
    let failures = found.steps.into_iter().filter_map(|step| step.failure);
    Err(CommandError::Unhealthy {
        key: found.address.as_str().to_owned(),
        failures: failures.collect(),
    })
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
