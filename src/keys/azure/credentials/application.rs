use std::fs;

use azure_core::credentials::{Secret, TokenCredential};
use azure_core::http::ClientMethodOptions;
use azure_identity::{
    ClientAssertion, ClientAssertionCredential, ClientAssertionCredentialOptions,
    ClientSecretCredential, ClientSecretCredentialOptions,
};
use zeroize::Zeroizing;

use super::certificate::Certificate;
use super::{Chain, Outcome};
use crate::keys::azure::AzureError;

/// An assertion that is ready to be sent.
struct Ready(Zeroizing<String>);

impl std::fmt::Debug for Ready {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Ready").finish_non_exhaustive()
    }
}

#[async_trait::async_trait]
impl ClientAssertion for Ready {
    async fn secret(&self, _: Option<ClientMethodOptions<'_>>) -> azure_core::Result<String> {
        Ok(self.0.to_string())
    }
}

/// Asks with the secret or certificate of an application, which go to its own tenant and no other.
pub(super) async fn environment(chain: &Chain, scope: &str) -> Outcome {
    let settings = &chain.settings;
    let (Some(tenant), Some(client)) = (&settings.tenant, &settings.client) else {
        let is_there = settings.secret.is_some() || settings.certificate.is_some();
        return Outcome::Absent(match (is_there, &settings.tenant) {
            (true, None) => "AZURE_TENANT_ID is not set".to_owned(),
            (true, Some(_)) => "AZURE_CLIENT_ID is not set".to_owned(),
            _ => "AZURE_CLIENT_SECRET and AZURE_CLIENT_CERTIFICATE_PATH are not set".to_owned(),
        });
    };
    if let Some(secret) = &settings.secret {
        let options = ClientSecretCredentialOptions { client_options: chain.login_options() };
        let secret = Secret::new(secret.to_string());
        return match ClientSecretCredential::new(tenant, client.clone(), secret, Some(options)) {
            Ok(credential) => ask(chain, credential.as_ref(), scope).await,
            Err(error) => Outcome::Refused(chain.failure(&error)),
        };
    }
    let Some(path) = &settings.certificate else {
        return Outcome::Absent(
            "AZURE_CLIENT_SECRET and AZURE_CLIENT_CERTIFICATE_PATH are not set".to_owned(),
        );
    };
    let password = settings.certificate_password.as_ref().map_or("", |it| it.as_str());
    let audience = format!("{}/{tenant}/oauth2/v2.0/token", chain.login);
    let assertion = Certificate::read(path, password)
        .and_then(|certificate| certificate.assertion(&audience, client, settings.sends_chain));
    match assertion {
        Ok(assertion) => assert(chain, tenant, client, assertion, scope).await,
        Err(error) => Outcome::Refused(error),
    }
}

/// Asks with the token that a cluster or a pipeline puts into a file.
pub(super) async fn workload(chain: &Chain, scope: &str) -> Outcome {
    let settings = &chain.settings;
    let Some(path) = &settings.token_file else {
        return Outcome::Absent("AZURE_FEDERATED_TOKEN_FILE is not set".to_owned());
    };
    let Some(tenant) = &settings.tenant else {
        return Outcome::Absent("AZURE_TENANT_ID is not set".to_owned());
    };
    let Some(client) = &settings.client else {
        return Outcome::Absent("AZURE_CLIENT_ID is not set".to_owned());
    };
    match fs::read_to_string(path) {
        Ok(token) => assert(chain, tenant, client, Zeroizing::new(token), scope).await,
        Err(error) => Outcome::Refused(AzureError::Unusable(format!("{path}: {error}"))),
    }
}

async fn assert(
    chain: &Chain,
    tenant: &str,
    client: &str,
    assertion: Zeroizing<String>,
    scope: &str,
) -> Outcome {
    let options = ClientAssertionCredentialOptions { client_options: chain.login_options() };
    let (tenant, client) = (tenant.to_owned(), client.to_owned());
    let ready = Ready(assertion);
    match ClientAssertionCredential::new(tenant, client, ready, Some(options)) {
        Ok(credential) => ask(chain, credential.as_ref(), scope).await,
        Err(error) => Outcome::Refused(chain.failure(&error)),
    }
}

async fn ask(chain: &Chain, credential: &dyn TokenCredential, scope: &str) -> Outcome {
    match credential.get_token(&[scope], None).await {
        Ok(token) => Outcome::Token(token),
        Err(error) => Outcome::Refused(chain.failure(&error)),
    }
}
