use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use azure_core::credentials::AccessToken;

use super::{Action, AzureError};

/// How long one file may take in all.
pub(super) const FILE_TIME: Duration = Duration::from_secs(30);

/// What the calls of a run share. The crates in between lose the reasons of failures, and know
/// nothing of a deadline: both go past them.
#[derive(Clone)]
pub(super) struct Shared(Arc<Mutex<State>>);

/// See [`Shared`].
pub(super) struct State {
    /// When all calls for the present file must have ended.
    pub(super) deadline: Instant,
    /// The host that is being waited for.
    pub(super) waiting_for: String,
    /// Why the last call failed.
    pub(super) failure: Option<AzureError>,
    /// The call that is under way, for the words of a refusal.
    pub(super) call: (Action, String),
    /// The tenant that the vault asks for.
    pub(super) tenant: Option<String>,
    /// The tokens of this run, by scope and tenant.
    pub(super) tokens: HashMap<(String, Option<String>), AccessToken>,
    /// Which credentials served last.
    pub(super) served: Option<&'static str>,
    /// Those that were passed over before it.
    pub(super) passed: Vec<super::Link>,
}

impl Shared {
    pub(super) fn new() -> Self {
        Self(Arc::new(Mutex::new(State {
            deadline: Instant::now() + FILE_TIME,
            waiting_for: String::new(),
            failure: None,
            call: (Action::Get, String::new()),
            tenant: None,
            tokens: HashMap::new(),
            served: None,
            passed: Vec::new(),
        })))
    }

    pub(super) fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps the reason of a failure, and returns one for the crates.
    pub(super) fn fail(&self, error: AzureError) -> azure_core::Error {
        let text = error.to_string();
        self.lock().failure = Some(error);
        azure_core::Error::with_message(azure_core::error::ErrorKind::Other, text)
    }

    /// Returns how much time is left.
    pub(super) fn left(&self) -> Duration {
        self.lock().deadline.saturating_duration_since(Instant::now())
    }
}

impl std::fmt::Debug for Shared {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Shared").finish_non_exhaustive()
    }
}
