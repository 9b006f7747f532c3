//! Gets tokens, from the first credentials that are set up, in the order of the Azure SDKs
//! (`spec/azure.md` §6).

mod application;
mod certificate;
mod command_line;
mod managed;

use std::sync::Arc;

use azure_core::credentials::{AccessToken, TokenCredential, TokenRequestOptions};
use azure_core::http::{ClientOptions, RetryOptions, Transport as AzureTransport};

use super::call::Call;
use super::settings::Settings;
use super::shared::{Served, Token};
use super::transport::{Peer, Transport};
use super::{AzureError, Link};

/// The kinds of credentials, in the order in which they are tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Environment,
    Workload,
    Managed,
    AzureCli,
    AzureDeveloperCli,
}

/// The names of the SDKs, which `AZURE_TOKEN_CREDENTIALS` takes.
const KINDS: [(Kind, &str); 5] = [
    (Kind::Environment, "EnvironmentCredential"),
    (Kind::Workload, "WorkloadIdentityCredential"),
    (Kind::Managed, "ManagedIdentityCredential"),
    (Kind::AzureCli, "AzureCLICredential"),
    (Kind::AzureDeveloperCli, "AzureDeveloperCLICredential"),
];

/// What one kind of credentials answers.
enum Outcome {
    Token(AccessToken),
    /// It is not set up, or not here; the reason.
    Absent(String),
    /// It is set up, and refused.
    Refused(AzureError),
}

/// The credentials of this machine for one cloud.
pub(super) struct Chain {
    settings: Arc<Settings>,
    login: String,
    kinds: Vec<(Kind, &'static str)>,
    client: reqwest::Client,
    call: Call,
}

impl Chain {
    /// Chooses the credentials that may be tried. `login` is where tokens of the vault's cloud come
    /// from.
    ///
    /// # Errors
    /// The environment asks for something that does not exist.
    pub(super) fn new(
        settings: &Arc<Settings>,
        login: &str,
        client: &reqwest::Client,
        call: &Call,
    ) -> Result<Arc<Self>, AzureError> {
        let login = match &settings.authority {
            Some(text) => authority(text)?,
            None => login.to_owned(),
        };
        let kinds = chosen(settings.choice.as_deref())?;
        let (settings, client, call) = (Arc::clone(settings), client.clone(), call.clone());
        Ok(Arc::new(Self { settings, login, kinds, client, call }))
    }

    /// Tries the credentials one by one. One that is set up and refused ends the search.
    async fn search(&self, scope: &str) -> Result<Token, AzureError> {
        let mut passed = Vec::new();
        for &(kind, name) in &self.kinds {
            self.call.wait_for(name);
            match self.ask(kind, scope).await {
                Outcome::Token(token) => {
                    self.call.shared.set_served(Served { by: Some(name), passed });
                    return Ok(Token::from(token));
                }
                Outcome::Absent(reason) => passed.push(Link { name, reason }),
                Outcome::Refused(error) => {
                    self.call.shared.set_served(Served { by: None, passed });
                    return Err(AzureError::Credentials { link: name, reason: Box::new(error) });
                }
            }
        }
        self.call.shared.set_served(Served { by: None, passed: passed.clone() });
        Err(AzureError::NoCredentials(passed))
    }

    async fn ask(&self, kind: Kind, scope: &str) -> Outcome {
        match kind {
            Kind::Environment => application::environment(self, scope).await,
            Kind::Workload => application::workload(self, scope).await,
            Kind::Managed => managed::ask(self, scope).await,
            Kind::AzureCli => command_line::az(self, scope).await,
            Kind::AzureDeveloperCli => command_line::azd(self, scope).await,
        }
    }

    /// Returns the options for a credential that talks to the login host.
    fn login_options(&self) -> ClientOptions {
        let peer = Peer::Login;
        let transport = Transport::new(self.client.clone(), &self.login, peer, self.call.clone());
        let mut options = options(transport);
        let mut cloud = azure_core::cloud::CustomConfiguration::default();
        cloud.authority_host.clone_from(&self.login);
        options.cloud = Some(Arc::new(cloud.into()));
        options
    }

    /// Returns the reason of a failure: the one that the transport saw, or the crate's.
    fn failure(&self, error: &azure_core::Error) -> AzureError {
        let seen = self.call.failure();
        seen.unwrap_or_else(|| AzureError::Unusable(crate_words(error)))
    }
}

/// Returns what a crate says, without the names of its types and the links to its documentation.
fn crate_words(error: &azure_core::Error) -> String {
    let text = error.to_string();
    let text = text.split("To troubleshoot, visit").next().unwrap_or_default();
    let text = text.split_once("authentication failed.").map_or(text, |(_, words)| words);
    super::transport::plain(text)
}

/// Makes options for a client of the crates; tries are counted by the transport.
pub(super) fn options(transport: Transport) -> ClientOptions {
    ClientOptions {
        retry: RetryOptions::none(),
        transport: Some(AzureTransport::new(Arc::new(transport))),
        ..ClientOptions::default()
    }
}

impl std::fmt::Debug for Chain {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Chain").finish_non_exhaustive()
    }
}

#[async_trait::async_trait]
impl TokenCredential for Chain {
    async fn get_token(
        &self,
        scopes: &[&str],
        _: Option<TokenRequestOptions<'_>>,
    ) -> azure_core::Result<AccessToken> {
        let scope = scopes.first().copied().unwrap_or_default();
        let name = (scope.to_owned(), self.call.tenant());
        let place = self.call.shared.token(&name);
        self.call.wait_for("a token");
        let mut slot = place.lock().await;
        let found = match slot.known(self.call.begun) {
            Some(found) => found,
            None => slot.keep(self.search(scope).await),
        };
        drop(slot);
        let token = found.map_err(|error| self.call.fail(error))?;
        self.call.set_token(name, token.clone());
        Ok(AccessToken::new(token.secret.to_string(), token.expires_on))
    }
}

/// Reads which credentials the environment wants to be tried.
fn chosen(choice: Option<&str>) -> Result<Vec<(Kind, &'static str)>, AzureError> {
    let Some(choice) = choice.map(str::trim) else { return Ok(KINDS.to_vec()) };
    let of = |wanted: &dyn Fn(Kind, &str) -> bool| {
        KINDS.into_iter().filter(|(kind, name)| wanted(*kind, name)).collect::<Vec<_>>()
    };
    let is_developer = |kind| matches!(kind, Kind::AzureCli | Kind::AzureDeveloperCli);
    let found = match choice.to_ascii_lowercase().as_str() {
        "dev" => of(&|kind, _| is_developer(kind)),
        "prod" => of(&|kind, _| !is_developer(kind)),
        _ => of(&|_, name| name.eq_ignore_ascii_case(choice)),
    };
    if found.is_empty() { Err(AzureError::Choice(choice.to_owned())) } else { Ok(found) }
}

/// Reads the login host that the environment names.
fn authority(text: &str) -> Result<String, AzureError> {
    let bad = || AzureError::Authority(text.to_owned());
    let url = format!("{}/", text.trim().trim_end_matches('/'));
    let (origin, rest) = super::address::split_origin(&url).ok_or_else(bad)?;
    if rest.is_empty() { Ok(origin) } else { Err(bad()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_chosen_by_group_or_name() {
        let names = |choice| {
            let found = chosen(choice).expect("a choice");
            found.into_iter().map(|(_, name)| name).collect::<Vec<_>>()
        };
        assert_eq!(names(None).len(), 5);
        assert_eq!(names(Some("Dev")), ["AzureCLICredential", "AzureDeveloperCLICredential"]);
        assert_eq!(names(Some("prod")).len(), 3);
        assert_eq!(names(Some("azureclicredential")), ["AzureCLICredential"]);
        assert!(matches!(chosen(Some("all")), Err(AzureError::Choice(_))));
    }

    #[test]
    fn login_host_must_be_https() {
        assert_eq!(
            authority("https://Login.example.net/").expect("one"),
            "https://login.example.net"
        );
        for text in ["http://login.example.net", "login.example.net", "https://l/x", "https://"] {
            assert!(matches!(authority(text), Err(AzureError::Authority(_))), "{text}");
        }
    }
}
