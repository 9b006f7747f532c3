use std::ffi::OsStr;
use std::io;
use std::process::{Command, Output};
use std::sync::Arc;
use std::time::Duration;

use azure_core::credentials::TokenCredential;
use azure_identity::{
    AzureCliCredential, AzureCliCredentialOptions, AzureDeveloperCliCredential,
    AzureDeveloperCliCredentialOptions, Executor,
};

use super::{Chain, Outcome, crate_words};
use crate::io::process::{self, RunError};
use crate::keys::azure::transport::plain;

/// How long a program may take.
const TIME: Duration = Duration::from_secs(10);

/// Runs programs, and stops those that take too long.
#[derive(Debug)]
struct Limited(Duration);

#[async_trait::async_trait]
impl Executor for Limited {
    async fn run(&self, program: &OsStr, arguments: &[&OsStr]) -> io::Result<Output> {
        let mut command = Command::new(program);
        command.args(arguments);
        let time = self.0;
        // other calls go on meanwhile
        let ended = tokio::task::spawn_blocking(move || process::run(command, b"", time)).await?;
        let ended = ended.map_err(|error| match error {
            RunError::Start(source) => source,
            RunError::TooLate => io::Error::other(format!("no answer within {} s", time.as_secs())),
            RunError::TooLong => io::Error::other("it writes too much"),
        })?;
        let (stdout, stderr) = (ended.stdout.to_vec(), ended.stderr.to_vec());
        Ok(Output { status: ended.status, stdout, stderr })
    }
}

/// Asks the Azure CLI.
pub(super) async fn az(chain: &Chain, scope: &str) -> Outcome {
    let options = AzureCliCredentialOptions {
        executor: Some(executor(chain)),
        tenant_id: tenant(chain),
        ..AzureCliCredentialOptions::default()
    };
    match AzureCliCredential::new(Some(options)) {
        Ok(credential) => ask(credential.as_ref(), scope).await,
        Err(error) => Outcome::Absent(crate_words(&error)),
    }
}

/// Asks the Azure Developer CLI.
pub(super) async fn azd(chain: &Chain, scope: &str) -> Outcome {
    let options = AzureDeveloperCliCredentialOptions {
        executor: Some(executor(chain)),
        tenant_id: tenant(chain),
    };
    match AzureDeveloperCliCredential::new(Some(options)) {
        Ok(credential) => match ask(credential.as_ref(), scope).await {
            Outcome::Absent(reason) => Outcome::Absent(messages(&reason)),
            outcome => outcome,
        },
        Err(error) => Outcome::Absent(crate_words(&error)),
    }
}

/// Takes what is for people out of what `azd` says, which are JSON texts one behind the other.
fn messages(text: &str) -> String {
    let values = serde_json::Deserializer::from_str(text).into_iter::<serde_json::Value>();
    let message = |value: serde_json::Value| Some(value["data"]["message"].as_str()?.to_owned());
    let messages: Option<Vec<String>> = values.map(|value| message(value.ok()?)).collect();
    match messages {
        Some(messages) if !messages.is_empty() => plain(&messages.join(" ")),
        _ => text.to_owned(),
    }
}

fn tenant(chain: &Chain) -> Option<String> {
    chain.call.tenant()
}

fn executor(chain: &Chain) -> Arc<dyn Executor> {
    Arc::new(Limited(TIME.min(chain.call.left())))
}

/// A program that is not there, or knows no user, leaves it to the next.
async fn ask(credential: &dyn TokenCredential, scope: &str) -> Outcome {
    match credential.get_token(&[scope], None).await {
        Ok(token) => Outcome::Token(token),
        Err(error) => Outcome::Absent(crate_words(&error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_of_azd_are_taken_out() {
        let one = r#"{"type":"consoleMessage","data":{"message":"\nERROR: not logged in\n"}}"#;
        let two = r#"{"data":{"message":"run azd"}}"#;
        let rows = [
            (one.to_owned(), "ERROR: not logged in"),
            (format!("{one} {two}"), "ERROR: not logged in run azd"),
            ("azd not found on PATH".to_owned(), "azd not found on PATH"),
            (r#"{"other":1}"#.to_owned(), r#"{"other":1}"#),
            (String::new(), ""),
        ];
        for (text, expected) in rows {
            assert_eq!(messages(&text), expected);
        }
    }
}
