use std::time::Duration;

use azure_core::credentials::TokenCredential as _;
use azure_identity::{ManagedIdentityCredential, ManagedIdentityCredentialOptions, UserAssignedId};

use super::{Chain, Outcome, options};
use crate::keys::azure::AzureError;
use crate::keys::azure::settings::Settings;
use crate::keys::azure::transport::{Peer, Transport, direct_client};

/// The address of the metadata service of a virtual machine.
const METADATA: &str = "http://169.254.169.254";

/// How long the metadata service may take to show that it is there.
const PROBE_TIME: Duration = Duration::from_secs(1);

/// Asks for a token of the identity that the machine itself has (`spec/azure.md` §5).
pub(super) async fn ask(chain: &Chain, scope: &str) -> Outcome {
    let settings = &chain.settings;
    if let Some(source) = other_source(settings) {
        let reason = format!("managed identities of {source} are not supported");
        return Outcome::Absent(reason);
    }
    if settings.identity_endpoint.is_some() && !settings.has_identity_header {
        return Outcome::Absent("IDENTITY_ENDPOINT is set without IDENTITY_HEADER".to_owned());
    }
    let client = match direct_client() {
        Ok(client) => client,
        Err(error) => return Outcome::Refused(error),
    };
    let is_machine = settings.identity_endpoint.is_none();
    // with one kind alone there is nothing to go on to
    if is_machine
        && chain.kinds.len() > 1
        && let Err(reason) = probe(&client).await
    {
        return Outcome::Absent(reason);
    }
    let endpoint = settings.identity_endpoint.as_deref().unwrap_or(METADATA);
    let Some(origin) = origin(endpoint) else {
        let text = format!("IDENTITY_ENDPOINT is no address: {endpoint:?}");
        return Outcome::Refused(AzureError::Unusable(text));
    };
    let transport = Transport::new(client, &origin, Peer::Identity, chain.call.clone());
    let options = ManagedIdentityCredentialOptions {
        user_assigned_id: settings.client.clone().map(UserAssignedId::ClientId),
        client_options: options(transport),
    };
    let answer = match ManagedIdentityCredential::new(Some(options)) {
        Ok(credential) => credential.get_token(&[scope], None).await,
        Err(error) => Err(error),
    };
    match answer {
        Ok(token) => Outcome::Token(token),
        Err(error) => judge(chain.failure(&error), is_machine, settings),
    }
}

/// Names the sources that the crate does not have.
fn other_source(settings: &Settings) -> Option<&'static str> {
    if settings.identity_endpoint.is_some() {
        return if settings.has_identity_header {
            settings.thumbprint.as_ref().map(|_| "Service Fabric")
        } else {
            settings.arc_endpoint.as_ref().map(|_| "Azure Arc")
        };
    }
    let name = if settings.has_msi_secret { "Azure ML" } else { "Cloud Shell" };
    settings.msi_endpoint.as_ref().map(|_| name)
}

/// Returns the origin of an endpoint on this machine.
fn origin(endpoint: &str) -> Option<String> {
    let url = reqwest::Url::parse(endpoint).ok()?;
    url.has_host().then(|| url.origin().ascii_serialization())
}

/// Finds out whether the metadata service is there: any answer of its own counts.
async fn probe(client: &reqwest::Client) -> Result<(), String> {
    let url = format!("{METADATA}/metadata/identity/oauth2/token");
    let request = client.get(url).timeout(PROBE_TIME).send();
    match tokio::time::timeout(PROBE_TIME, request).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(_)) | Err(_) => Err("no managed identity endpoint answers here".to_owned()),
    }
}

/// Tells an answer that nobody gave on purpose from a refusal.
fn judge(error: AzureError, is_machine: bool, settings: &Settings) -> Outcome {
    let AzureError::Identity { status, reason, is_json } = &error else {
        return match error {
            AzureError::Connection { .. } | AzureError::Redirect { .. } if is_machine => {
                Outcome::Absent(error.to_string())
            }
            AzureError::Unusable(text) if is_machine => Outcome::Absent(text),
            error => Outcome::Refused(error),
        };
    };
    let is_foreign = is_machine && !is_json;
    let has_none = *status == 400 && settings.client.is_none();
    let is_unreachable = *status == 403 && reason.contains("unreachable");
    if is_foreign {
        Outcome::Absent(format!("what answers at {METADATA} is no metadata service"))
    } else if is_machine && (has_none || is_unreachable) {
        Outcome::Absent(reason.clone())
    } else {
        Outcome::Refused(error)
    }
}
