use std::time::{SystemTime, UNIX_EPOCH};

use crate::tree::Timestamp;

/// Returns the current time, to the second.
#[must_use]
pub fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    Timestamp::from_unix(since).unwrap_or_else(Timestamp::epoch)
}
