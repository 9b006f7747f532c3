use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long one file may take in all.
pub(super) const FILE_TIME: Duration = Duration::from_secs(30);

/// The time that the calls for one file have left. It passes while one of them is under way.
#[derive(Clone, Default)]
pub(super) struct FileTime(Arc<Mutex<State>>);

struct State {
    left: Duration,
    /// When it ends, if it passes.
    end: Option<Instant>,
    under_way: usize,
}

/// Time that passes, until this is dropped.
pub(super) struct Passing<'t>(&'t FileTime);

impl FileTime {
    /// Gives the time for a file again.
    pub(super) fn begin(&self) {
        let mut state = self.state();
        state.left = FILE_TIME;
        state.end = state.end.map(|_| Instant::now() + FILE_TIME);
    }

    /// Lets the time pass; returns when it ends.
    pub(super) fn pass(&self) -> (Passing<'_>, Instant) {
        let mut state = self.state();
        state.under_way += 1;
        let left = state.left;
        let end = *state.end.get_or_insert_with(|| Instant::now() + left);
        (Passing(self), end)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for State {
    fn default() -> Self {
        Self { left: FILE_TIME, end: None, under_way: 0 }
    }
}

impl Drop for Passing<'_> {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.under_way -= 1;
        if state.under_way == 0
            && let Some(end) = state.end.take()
        {
            state.left = end.saturating_duration_since(Instant::now());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEP: Duration = Duration::from_millis(20);

    #[test]
    fn time_passes_while_a_call_is_under_way() {
        let time = FileTime::default();
        let (one, end) = time.pass();
        let (other, same) = time.pass();
        assert_eq!(end, same);
        drop(one);
        std::thread::sleep(STEP);
        drop(other);
        let left = time.state().left;
        assert!(left <= FILE_TIME.saturating_sub(STEP), "{left:?}");
        // between calls it stands still
        std::thread::sleep(STEP);
        let before = Instant::now();
        let (passing, end) = time.pass();
        assert!(end >= before + left);
        drop(passing);
        time.begin();
        assert_eq!(time.state().left, FILE_TIME);
    }
}
