use std::collections::HashMap;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread;
use std::time::Instant;

use azure_core::http::RequestContent;
use azure_security_keyvault_keys::models::{
    EncryptionAlgorithm, KeyClientEncryptOptions, KeyClientGetKeyOptions, KeyOperationParameters,
    KeyOperationResult,
};
use azure_security_keyvault_keys::{KeyClient, KeyClientOptions};
use zeroize::Zeroizing;

use super::credentials::{self, Chain};
use super::hosts::Vault;
use super::settings::Settings;
use super::shared::{FILE_TIME, Shared};
use super::transport::{self, Peer, Transport};
use super::{Action, AzureError, KeyAddress, Link};
use crate::io::environment::Environment;

/// What the calls of one run have in common: tokens, connections, and what was unwrapped already.
/// Nothing of it starts before it is needed. Copies are the same, but for the time of a file.
#[derive(Clone, Default)]
pub struct Session {
    run: Arc<Mutex<Run>>,
    /// When the time for the present file ends; it begins with the first call.
    deadline: Arc<OnceLock<Instant>>,
}

#[derive(Default)]
struct Run {
    started: Option<Started>,
    opened: HashMap<(String, String), Zeroizing<Vec<u8>>>,
}

struct Started {
    runtime: tokio::runtime::Runtime,
    client: reqwest::Client,
    settings: Settings,
    shared: Shared,
    vaults: HashMap<String, Arc<KeyClient>>,
}

/// Which credentials gave a token, and which were passed over before.
#[derive(Clone, Debug, Default)]
pub struct Served {
    /// Their name in the SDKs.
    pub by: Option<&'static str>,
    /// Those before them.
    pub passed: Vec<Link>,
}

/// One call to a vault.
enum Call<'c> {
    Version,
    Encrypt(&'c [u8]),
    Decrypt(Vec<u8>),
}

/// What it gives.
enum Reply {
    Version(String),
    Bytes(Zeroizing<Vec<u8>>),
}

impl Session {
    /// Returns the session with the time for another file.
    #[must_use]
    pub fn for_file(&self) -> Self {
        Self { run: Arc::clone(&self.run), deadline: Arc::default() }
    }

    /// Says which credentials gave the last token.
    #[must_use]
    pub fn served(&self) -> Served {
        let run = self.run.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(started) = &run.started else { return Served::default() };
        let state = started.shared.lock();
        Served { by: state.served, passed: state.passed.clone() }
    }

    /// Finds the current version of a key.
    pub(super) fn current(
        &self,
        environment: Environment<'_>,
        address: &KeyAddress,
    ) -> Result<KeyAddress, AzureError> {
        match self.call(environment, address, &Call::Version)? {
            Reply::Version(version) => address.in_version(&version),
            Reply::Bytes(_) => unreachable!("a version was asked for"),
        }
    }

    /// Encrypts a few bytes with a key.
    pub(super) fn encrypt(
        &self,
        environment: Environment<'_>,
        address: &KeyAddress,
        clear: &[u8],
    ) -> Result<Vec<u8>, AzureError> {
        let bytes = self.bytes(environment, address, &Call::Encrypt(clear))?;
        Ok(bytes.to_vec())
    }

    /// Decrypts what [`Self::encrypt`] gave; the same is asked for once in a run.
    pub(super) fn decrypt(
        &self,
        environment: Environment<'_>,
        address: &KeyAddress,
        (enc, wrapped): (&str, Vec<u8>),
    ) -> Result<Zeroizing<Vec<u8>>, AzureError> {
        let name = (address.as_str().to_owned(), enc.to_owned());
        let known = |session: &Self| {
            let run = session.run.lock().unwrap_or_else(PoisonError::into_inner);
            run.opened.get(&name).cloned()
        };
        if let Some(clear) = known(self) {
            return Ok(clear);
        }
        let clear = self.bytes(environment, address, &Call::Decrypt(wrapped))?;
        let mut run = self.run.lock().unwrap_or_else(PoisonError::into_inner);
        run.opened.insert(name, clear.clone());
        Ok(clear)
    }

    fn bytes(
        &self,
        environment: Environment<'_>,
        address: &KeyAddress,
        call: &Call<'_>,
    ) -> Result<Zeroizing<Vec<u8>>, AzureError> {
        match self.call(environment, address, call)? {
            Reply::Bytes(bytes) => Ok(bytes),
            Reply::Version(_) => unreachable!("bytes were asked for"),
        }
    }

    fn call(
        &self,
        environment: Environment<'_>,
        address: &KeyAddress,
        call: &Call<'_>,
    ) -> Result<Reply, AzureError> {
        let mut run = self.run.lock().unwrap_or_else(PoisonError::into_inner);
        let settings = || Settings::read(environment);
        // before anything starts
        let allowlist = run
            .started
            .as_ref()
            .map_or_else(|| settings().allowlist, |started| started.settings.allowlist.clone());
        let vault = Vault::find(address.vault_url(), allowlist.as_deref())?;
        let started = match &mut run.started {
            Some(started) => started,
            none => none.insert(Started::new(settings())?),
        };
        let deadline = *self.deadline.get_or_init(|| Instant::now() + FILE_TIME);
        started.shared.lock().deadline = deadline;
        match started.send(&vault, address, call) {
            // the token may have been taken back; it earns one new one
            Err(AzureError::Vault(refusal)) if refusal.status == 401 => {
                started.shared.lock().tokens.clear();
                started.vaults.remove(&vault.origin);
                started.send(&vault, address, call)
            }
            result => result,
        }
    }
}

impl Started {
    fn new(settings: Settings) -> Result<Self, AzureError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (client, shared) = (transport::client()?, Shared::new());
        Ok(Self { runtime, client, settings, shared, vaults: HashMap::new() })
    }

    fn vault(&mut self, vault: &Vault) -> Result<Arc<KeyClient>, AzureError> {
        if let Some(client) = self.vaults.get(&vault.origin) {
            return Ok(Arc::clone(client));
        }
        let (http, shared) = (|| self.client.clone(), || self.shared.clone());
        let chain = Chain::new(&self.settings, &vault.login, http(), shared())?;
        let peer = Peer::Vault(vault.resource.clone());
        let options = KeyClientOptions {
            client_options: credentials::options(Transport::new(
                http(),
                &vault.origin,
                peer,
                shared(),
            )),
            ..KeyClientOptions::default()
        };
        let client = KeyClient::new(&vault.origin, chain, Some(options));
        let client = Arc::new(client.map_err(|error| self.failure(&error, &vault.origin))?);
        self.vaults.insert(vault.origin.clone(), Arc::clone(&client));
        Ok(client)
    }

    fn send(
        &mut self,
        vault: &Vault,
        address: &KeyAddress,
        call: &Call<'_>,
    ) -> Result<Reply, AzureError> {
        let client = self.vault(vault)?;
        {
            let mut state = self.shared.lock();
            state.failure = None;
            state.call = (call.action(), address.as_str().to_owned());
        }
        let (runtime, shared) = (&self.runtime, &self.shared);
        let work = async {
            let answer = ask(&client, address, call);
            tokio::time::timeout(shared.left(), answer).await
        };
        // a program that uses this library may run in a runtime of its own, and none may run
        // within another one on the same thread
        let answer = thread::scope(|scope| {
            let thread = thread::Builder::new().spawn_scoped(scope, || runtime.block_on(work));
            thread.map(thread::ScopedJoinHandle::join)
        })?;
        match answer {
            Ok(Ok(Ok(reply))) => Ok(reply),
            Ok(Ok(Err(error))) => Err(self.failure(&error, &vault.origin)),
            Ok(Err(_)) => Err(transport::late(self.shared.lock().waiting_for.clone())),
            Err(_) => Err(AzureError::Start("a thread ended early".to_owned())),
        }
    }

    /// Returns the reason that the transport saw, or the crate's.
    fn failure(&self, error: &azure_core::Error, origin: &str) -> AzureError {
        let host = origin.trim_start_matches("https://").to_owned();
        let seen = self.shared.lock().failure.take();
        seen.unwrap_or_else(|| AzureError::Answer {
            host,
            text: transport::plain(&error.to_string()),
        })
    }
}

impl Call<'_> {
    fn action(&self) -> Action {
        match self {
            Self::Version => Action::Get,
            Self::Encrypt(_) => Action::Encrypt,
            Self::Decrypt(_) => Action::Decrypt,
        }
    }
}

/// Makes one call through the crate (`spec/azure.md` §2).
async fn ask(
    client: &KeyClient,
    address: &KeyAddress,
    call: &Call<'_>,
) -> azure_core::Result<Reply> {
    let (name, version) = (address.name(), address.version());
    match call {
        Call::Version => {
            let key_version = Some(version.to_owned()).filter(|it| !it.is_empty());
            let options =
                KeyClientGetKeyOptions { key_version, ..KeyClientGetKeyOptions::default() };
            let key = client.get_key(name, Some(options)).await?.into_model()?;
            let id = key.key.and_then(|key| key.kid).unwrap_or_default();
            Ok(Reply::Version(id.rsplit('/').next().unwrap_or_default().to_owned()))
        }
        Call::Encrypt(clear) => {
            let options = KeyClientEncryptOptions {
                key_version: Some(version.to_owned()),
                ..KeyClientEncryptOptions::default()
            };
            let answer = client.encrypt(name, parameters(clear)?, Some(options)).await?;
            Ok(bytes(answer.into_model()?))
        }
        Call::Decrypt(wrapped) => {
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
