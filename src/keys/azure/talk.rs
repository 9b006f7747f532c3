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

/// One step.
enum Request<'r> {
    Version,
    Encrypt(&'r [u8]),
    Decrypt(&'r [u8]),
}

/// What it gives.
enum Reply {
    Version(String),
    Bytes(Zeroizing<Vec<u8>>),
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
        match self.ask(address, &Request::Version).await? {
            Reply::Version(version) => address.in_version(&version),
            Reply::Bytes(_) => unreachable!("a version was asked for"),
        }
    }

    /// Encrypts a few bytes with a key.
    pub(super) async fn encrypt(
        &self,
        address: &KeyAddress,
        clear: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, AzureError> {
        self.bytes(address, &Request::Encrypt(clear)).await
    }

    /// Decrypts what [`Self::encrypt`] gave.
    pub(super) async fn decrypt(
        &self,
        address: &KeyAddress,
        wrapped: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, AzureError> {
        self.bytes(address, &Request::Decrypt(wrapped)).await
    }

    async fn bytes(
        &self,
        address: &KeyAddress,
        request: &Request<'_>,
    ) -> Result<Zeroizing<Vec<u8>>, AzureError> {
        match self.ask(address, request).await? {
            Reply::Bytes(bytes) => Ok(bytes),
            Reply::Version(_) => unreachable!("bytes were asked for"),
        }
    }

    async fn ask(&self, address: &KeyAddress, request: &Request<'_>) -> Result<Reply, AzureError> {
        match self.send(address, request).await {
            // the token may have been taken back; it earns one new one
            Err(AzureError::Vault(refusal)) if refusal.status == 401 => {
                self.call.forget_token(&self.vault.origin).await;
                self.send(address, request).await
            }
            result => result,
        }
    }

    async fn send(&self, address: &KeyAddress, request: &Request<'_>) -> Result<Reply, AzureError> {
        let client = self.client()?;
        self.call.ask(request.action(), address.as_str());
        let answer = send(&client, address, request).await;
        answer.map_err(|error| self.failure(&error))
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

impl Request<'_> {
    fn action(&self) -> Action {
        match self {
            Self::Version => Action::Get,
            Self::Encrypt(_) => Action::Encrypt,
            Self::Decrypt(_) => Action::Decrypt,
        }
    }
}

/// Makes one call through the crate (`spec/azure.md` §2).
async fn send(
    client: &KeyClient,
    address: &KeyAddress,
    request: &Request<'_>,
) -> azure_core::Result<Reply> {
    let (name, version) = (address.name(), address.version());
    match request {
        Request::Version => {
            let key_version = Some(version.to_owned()).filter(|it| !it.is_empty());
            let options =
                KeyClientGetKeyOptions { key_version, ..KeyClientGetKeyOptions::default() };
            let key = client.get_key(name, Some(options)).await?.into_model()?;
            let id = key.key.and_then(|key| key.kid).unwrap_or_default();
            Ok(Reply::Version(id.rsplit('/').next().unwrap_or_default().to_owned()))
        }
        Request::Encrypt(clear) => {
            let options = KeyClientEncryptOptions {
                key_version: Some(version.to_owned()),
                ..KeyClientEncryptOptions::default()
            };
            let answer = client.encrypt(name, parameters(clear)?, Some(options)).await?;
            Ok(bytes(answer.into_model()?))
        }
        Request::Decrypt(wrapped) => {
            let answer = client.decrypt(name, version, parameters(wrapped)?, None).await?;
            Ok(bytes(answer.into_model()?))
        }
    }
}

fn parameters(value: &[u8]) -> azure_core::Result<RequestContent<KeyOperationParameters>> {
    let parameters = KeyOperationParameters {
        algorithm: Some(EncryptionAlgorithm::RsaOaep256),
        value: Some(value.to_vec()),
        ..KeyOperationParameters::default()
    };
    parameters.try_into()
}

fn bytes(answer: KeyOperationResult) -> Reply {
    Reply::Bytes(Zeroizing::new(answer.result.unwrap_or_default()))
}
