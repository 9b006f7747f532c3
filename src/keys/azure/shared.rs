use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use azure_core::credentials::AccessToken;
use azure_core::time::OffsetDateTime;
use tokio::sync::Mutex as Turn;
use zeroize::Zeroizing;

use super::{AzureError, Link};

/// How long before its end a token is no longer used.
const MARGIN: Duration = Duration::from_mins(1);

/// What the calls of a run share: the tokens, and what vaults ask for. Of calls that want the same
/// at the same time one gets it, and the others wait for that one.
#[derive(Default)]
pub(super) struct Shared {
    tokens: Mutex<HashMap<TokenName, Arc<Turn<TokenSlot>>>>,
    challenges: Mutex<HashMap<String, Arc<Turn<Option<Asked>>>>>,
    served: Mutex<Served>,
}

/// What a token is for: a scope, and the tenant that is asked for it.
pub(super) type TokenName = (String, Option<String>);

/// What a vault asked for, and may: the tenant, if it named one.
#[derive(Clone)]
pub(super) struct Asked(pub(super) Option<String>);

/// Which credentials gave a token, and which were passed over before.
#[derive(Clone, Debug, Default)]
pub struct Served {
    /// Their name in the SDKs.
    pub by: Option<&'static str>,
    /// Those before them.
    pub passed: Vec<Link>,
}

/// A token.
#[derive(Clone)]
pub(super) struct Token {
    pub(super) secret: Zeroizing<String>,
    pub(super) expires_on: OffsetDateTime,
}

/// A place for a token.
#[derive(Default)]
pub(super) struct TokenSlot {
    token: Option<Token>,
    /// Why the last search gave none, and when that was.
    failure: Option<(Instant, AzureError)>,
}

impl Shared {
    /// Returns the place of a token.
    pub(super) fn token(&self, name: &TokenName) -> Arc<Turn<TokenSlot>> {
        slot(&self.tokens, name)
    }

    /// Returns the place of what a vault asks for.
    pub(super) fn challenge(&self, origin: &str) -> Arc<Turn<Option<Asked>>> {
        slot(&self.challenges, &origin.to_owned())
    }

    /// Forgets a token that a vault does not take, and what that vault asked for.
    pub(super) async fn forget(&self, origin: &str, name: &TokenName, token: &Token) {
        *self.challenge(origin).lock().await = None;
        let slot = self.token(name);
        let mut slot = slot.lock().await;
        // another call may have got a new one meanwhile
        if slot.token.as_ref().is_some_and(|it| it.secret == token.secret) {
            slot.token = None;
        }
    }

    /// Says which credentials served last.
    pub(super) fn served(&self) -> Served {
        self.served.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn set_served(&self, served: Served) {
        *self.served.lock().unwrap_or_else(PoisonError::into_inner) = served;
    }
}

fn slot<K: Clone + Eq + Hash, T: Default>(
    slots: &Mutex<HashMap<K, Arc<Turn<T>>>>,
    name: &K,
) -> Arc<Turn<T>> {
    let mut slots = slots.lock().unwrap_or_else(PoisonError::into_inner);
    Arc::clone(slots.entry(name.clone()).or_default())
}

impl TokenSlot {
    /// Returns what a call that began at a time need not search for again: a token that holds, or
    /// the reason of a search that ended since.
    pub(super) fn known(&self, begun: Instant) -> Option<Result<Token, AzureError>> {
        let end = OffsetDateTime::now_utc() + MARGIN;
        if let Some(token) = self.token.as_ref().filter(|token| token.expires_on > end) {
            return Some(Ok(token.clone()));
        }
        let failure = self.failure.as_ref().filter(|(ended, _)| *ended >= begun);
        failure.map(|(_, error)| Err(error.clone()))
    }

    /// Keeps what came of a search, and returns it.
    pub(super) fn keep(&mut self, found: Result<Token, AzureError>) -> Result<Token, AzureError> {
        match &found {
            Ok(token) => self.token = Some(token.clone()),
            Err(error) => self.failure = Some((Instant::now(), error.clone())),
        }
        found
    }
}

impl From<AccessToken> for Token {
    fn from(token: AccessToken) -> Self {
        let secret = Zeroizing::new(token.token.secret().to_owned());
        Self { secret, expires_on: token.expires_on }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token(lifetime: Duration) -> Token {
        let secret = Zeroizing::new("t".to_owned());
        Token { secret, expires_on: OffsetDateTime::now_utc() + lifetime }
    }

    #[test]
    fn tokens_are_used_until_shortly_before_their_end() {
        let mut slot = TokenSlot::default();
        let now = Instant::now();
        assert!(slot.known(now).is_none());
        slot.keep(Ok(token(Duration::from_mins(10)))).expect("a token");
        assert!(matches!(slot.known(now), Some(Ok(_))));
        slot.keep(Ok(token(Duration::from_secs(30)))).expect("a token");
        assert!(slot.known(now).is_none());
    }

    #[test]
    fn reason_of_a_search_counts_for_those_that_waited_for_it() {
        let mut slot = TokenSlot::default();
        let before = Instant::now();
        assert!(slot.keep(Err(AzureError::NoCredentials(Vec::new()))).is_err());
        assert!(matches!(slot.known(before), Some(Err(AzureError::NoCredentials(_)))));
        let later = Instant::now() + Duration::from_millis(1);
        assert!(slot.known(later).is_none());
    }
}
