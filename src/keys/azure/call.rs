use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::shared::{Shared, Token, TokenName};
use super::time::FILE_TIME;
use super::{Action, AzureError};

/// What is known of the calls about one key while they are under way. The crates in between lose
/// the reasons of failures, and know nothing of a deadline: both go past them.
#[derive(Clone)]
pub(super) struct Call {
    /// What all calls of the run have in common.
    pub(super) shared: Arc<Shared>,
    /// When the calls that belong together began.
    pub(super) begun: Instant,
    /// When all calls for the file must have ended.
    deadline: Instant,
    state: Arc<Mutex<State>>,
}

struct State {
    /// The host that is being waited for.
    waiting_for: String,
    /// Why the last step failed.
    failure: Option<AzureError>,
    /// What is asked of which key, for the words of a refusal.
    asked: (Action, String),
    /// The tenant that the vault asks for.
    tenant: Option<String>,
    /// The token that was sent last.
    token: Option<(TokenName, Token)>,
}

impl Call {
    pub(super) fn new(shared: Arc<Shared>, begun: Instant, deadline: Instant, host: &str) -> Self {
        let state = State {
            waiting_for: host.to_owned(),
            failure: None,
            asked: (Action::Get, String::new()),
            tenant: None,
            token: None,
        };
        Self { shared, begun, deadline, state: Arc::new(Mutex::new(state)) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns how much time is left.
    pub(super) fn left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// Notes what is asked next.
    pub(super) fn ask(&self, action: Action, key: &str) {
        let mut state = self.state();
        state.asked = (action, key.to_owned());
        state.failure = None;
    }

    /// Says what is being asked, and of which key.
    pub(super) fn asked(&self) -> (Action, String) {
        self.state().asked.clone()
    }

    /// Keeps the reason of a failure, and returns one for the crates.
    pub(super) fn fail(&self, error: AzureError) -> azure_core::Error {
        let text = error.to_string();
        self.state().failure = Some(error);
        azure_core::Error::with_message(azure_core::error::ErrorKind::Other, text)
    }

    /// Takes the reason that was kept.
    pub(super) fn failure(&self) -> Option<AzureError> {
        self.state().failure.take()
    }

    /// Notes who has to answer next.
    pub(super) fn wait_for(&self, whom: &str) {
        whom.clone_into(&mut self.state().waiting_for);
    }

    /// Returns the failure of a call that takes too long.
    pub(super) fn late(&self) -> AzureError {
        let what = self.state().waiting_for.clone();
        AzureError::Deadline { seconds: FILE_TIME.as_secs(), what }
    }

    /// Notes the tenant that the vault asks for.
    pub(super) fn set_tenant(&self, tenant: Option<String>) {
        self.state().tenant = tenant;
    }

    /// Returns the tenant that the vault asks for.
    pub(super) fn tenant(&self) -> Option<String> {
        self.state().tenant.clone()
    }

    /// Notes the token that is going to be sent.
    pub(super) fn set_token(&self, name: TokenName, token: Token) {
        self.state().token = Some((name, token));
    }

    /// Forgets the token that was sent to a vault, for all calls.
    pub(super) async fn forget_token(&self, origin: &str) {
        let token = self.state().token.take();
        if let Some((name, token)) = token {
            self.shared.forget(origin, &name, &token).await;
        }
    }
}

impl fmt::Debug for Call {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Call").finish_non_exhaustive()
    }
}
