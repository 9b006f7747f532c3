use std::sync::Arc;

use azure_core::http::RequestContent;
use azure_security_keyvault_keys::models::{
    EncryptionAlgorithm, KeyClientEncryptOptions, KeyClientGetKeyOptions, KeyOperationParameters,
    KeyOperationResult,
};
use azure_security_keyvault_keys::{KeyClient, KeyClientOptions};
use zeroize::Zeroizing;

use super::call::Call;
use super::credentials::{self, Chain};
use super::hosts::Vault;
use super::settings::Settings;
use super::transport::{self, Peer, Transport};
use super::{Action, AzureError, KeyAddress};

/// The calls about one key.
pub(super) struct Talk<'s> {
    settings: &'s Arc<Settings>,
    http: &'s reqwest::Client,
    vault: &'s Vault,
    call: Call,
}

impl<'s> Talk<'s> {
    pub(super) fn new(
        settings: &'s Arc<Settings>,
        http: &'s reqwest::Client,
        vault: &'s Vault,
        call: Call,
    ) -> Self {
        Self { settings, http, vault, call }
    }

    /// Finds the current version of a key.
    pub(super) async fn current(&self, address: &KeyAddress) -> Result<KeyAddress, AzureError> {
        let step = async |client: &KeyClient| current(client, address).await;
        let version = self.ask(Action::Get, address, step).await?;
        address.in_version(&version)
    }

    /// Encrypts a few bytes with a key.
    pub(super) async fn encrypt(
        &self,
        address: &KeyAddress,
        clear: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, AzureError> {
        let step = async |client: &KeyClient| encrypt(client, address, clear).await;
        self.ask(Action::Encrypt, address, step).await
    }

    /// Decrypts what [`Self::encrypt`] gave.
    pub(super) async fn decrypt(
        &self,
        address: &KeyAddress,
        wrapped: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, AzureError> {
        let step = async |client: &KeyClient| decrypt(client, address, wrapped).await;
        self.ask(Action::Decrypt, address, step).await
    }

    /// Does one step, and once more with a new token if the vault refuses the one it was given.
    async fn ask<T>(
        &self,
        action: Action,
        address: &KeyAddress,
        step: impl AsyncFn(&KeyClient) -> azure_core::Result<T>,
    ) -> Result<T, AzureError> {
        match self.send(action, address, &step).await {
            // the token may have been taken back; it earns one new one
            Err(AzureError::Vault(refusal)) if refusal.status == 401 => {
                self.call.forget_token(&self.vault.origin).await;
                self.send(action, address, &step).await
            }
            result => result,
        }
    }

    async fn send<T>(
        &self,
        action: Action,
        address: &KeyAddress,
        step: &impl AsyncFn(&KeyClient) -> azure_core::Result<T>,
    ) -> Result<T, AzureError> {
        let client = self.client()?;
        self.call.ask(action, address.as_str());
        step(&client).await.map_err(|error| self.failure(&error))
    }

    /// Makes a client for one step. What it would have to find out anew is known to the transport.
    fn client(&self) -> Result<KeyClient, AzureError> {
        let Self { settings, http, vault, call } = self;
        let chain = Chain::new(settings, &vault.login, http, call)?;
        let peer = Peer::Vault(vault.resource.clone());
        let transport = Transport::new((*http).clone(), &vault.origin, peer, call.clone());
        let client_options = credentials::options(transport);
        let options = KeyClientOptions { client_options, ..KeyClientOptions::default() };
        let client = KeyClient::new(&vault.origin, chain, Some(options));
        client.map_err(|error| self.failure(&error))
    }

    /// Returns the reason that the transport saw, or the crate's.
    fn failure(&self, error: &azure_core::Error) -> AzureError {
        let host = self.vault.host().to_owned();
        let seen = self.call.failure();
        seen.unwrap_or_else(|| AzureError::Answer {
            host,
            text: transport::plain(&error.to_string()),
        })
    }
}

/// Asks for the current version of a key, or for the one that is named (`spec/azure.md` §2).
async fn current(client: &KeyClient, address: &KeyAddress) -> azure_core::Result<String> {
    let key_version = Some(address.version().to_owned()).filter(|it| !it.is_empty());
    let options = KeyClientGetKeyOptions { key_version, ..KeyClientGetKeyOptions::default() };
    let key = client.get_key(address.name(), Some(options)).await?.into_model()?;
    let id = key.key.and_then(|key| key.kid).unwrap_or_default();
    Ok(id.rsplit('/').next().unwrap_or_default().to_owned())
}

async fn encrypt(
    client: &KeyClient,
    address: &KeyAddress,
    clear: &[u8],
) -> azure_core::Result<Zeroizing<Vec<u8>>> {
    let options = KeyClientEncryptOptions {
        key_version: Some(address.version().to_owned()),
        ..KeyClientEncryptOptions::default()
    };
    let answer = client.encrypt(address.name(), parameters(clear)?, Some(options)).await?;
    Ok(bytes(answer.into_model()?))
}

async fn decrypt(
    client: &KeyClient,
    address: &KeyAddress,
    wrapped: &[u8],
) -> azure_core::Result<Zeroizing<Vec<u8>>> {
    let parameters = parameters(wrapped)?;
    let answer = client.decrypt(address.name(), address.version(), parameters, None).await?;
    Ok(bytes(answer.into_model()?))
}

fn parameters(value: &[u8]) -> azure_core::Result<RequestContent<KeyOperationParameters>> {
    let parameters = KeyOperationParameters {
        algorithm: Some(EncryptionAlgorithm::RsaOaep256),
        value: Some(value.to_vec()),
        ..KeyOperationParameters::default()
    };
    parameters.try_into()
}

fn bytes(answer: KeyOperationResult) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(answer.result.unwrap_or_default())
}
