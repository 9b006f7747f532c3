//! Work on all cores: batches whose results come back in order, and two things at once.
//!
//! Knows when a second thread is worth its start; knows nothing of what is done.

use std::collections::VecDeque;
use std::sync::mpsc::{self, Receiver};

use rayon::Scope;

/// How many jobs make a batch: enough to be worth handing over, and few enough that the memory of
/// their results is used again for the next instead of being given back to the system.
const BATCH: usize = 512;

/// From how many bytes of their own on jobs are done although they are few.
const BATCH_BYTES: usize = 4 << 20;

/// Tells whether so many jobs, which have so many bytes of their own, are to be done.
pub(crate) fn is_enough(jobs: usize, bytes: usize) -> bool {
    jobs >= BATCH || bytes >= BATCH_BYTES
}

/// How many batches may be under way, which bounds the memory of their results.
const UNDER_WAY: usize = 8;

/// Batches of work that other cores do while a walk goes on; the results come back in order.
pub(crate) struct Pipeline<'p, 'scope, R> {
    /// Nothing where the text is too short to be worth a second thread.
    scope: Option<&'p Scope<'scope>>,
    batches: VecDeque<Batch<R>>,
}

enum Batch<R> {
    Done(R),
    UnderWay(Receiver<R>),
}

/// Runs `work` with a pipeline for a text of this length.
pub(crate) fn with_pipeline<'scope, R, T>(
    length: usize,
    work: impl FnOnce(Pipeline<'_, 'scope, R>) -> T,
) -> T {
    let batches = VecDeque::new();
    if length < LONG_TEXT {
        return work(Pipeline { scope: None, batches });
    }
    rayon::in_place_scope(|scope| work(Pipeline { scope: Some(scope), batches }))
}

impl<'scope, R: Send + 'scope> Pipeline<'_, 'scope, R> {
    /// Adds a batch.
    pub(crate) fn add(&mut self, work: impl FnOnce() -> R + Send + 'scope) {
        let Some(scope) = self.scope else { return self.batches.push_back(Batch::Done(work())) };
        let (sender, receiver) = mpsc::sync_channel(1);
        scope.spawn(move |_| {
            // nobody listens when the walk failed
            let _ = sender.send(work());
        });
        self.batches.push_back(Batch::UnderWay(receiver));
    }

    /// Returns the next result if it is there, and waits for it if too many are under way.
    pub(crate) fn ready(&mut self) -> Option<R> {
        if self.batches.len() > UNDER_WAY {
            return self.next();
        }
        match self.batches.front()? {
            Batch::Done(_) => self.next(),
            Batch::UnderWay(receiver) => {
                let result = receiver.try_recv().ok()?;
                self.batches.pop_front();
                Some(result)
            }
        }
    }

    /// Returns the next result; nothing when there is none left.
    pub(crate) fn next(&mut self) -> Option<R> {
        match self.batches.pop_front()? {
            Batch::Done(result) => Some(result),
            Batch::UnderWay(receiver) => wait(&receiver),
        }
    }

    /// Tells whether no batch is under way.
    pub(crate) fn is_empty(&self) -> bool {
        self.batches.is_empty()
    }
}

/// Waits for a result; a thread of the pool works meanwhile, as nobody else may be there to do it.
/// Nothing comes from a batch that panicked, and the scope passes its panic on.
fn wait<R>(receiver: &Receiver<R>) -> Option<R> {
    while rayon::current_thread_index().is_some() {
        match receiver.try_recv() {
            Ok(result) => return Some(result),
            Err(mpsc::TryRecvError::Disconnected) => return None,
            Err(mpsc::TryRecvError::Empty) => {}
        }
        if rayon::yield_now() == Some(rayon::Yield::Idle) {
            std::thread::yield_now();
        }
    }
    receiver.recv().ok()
}

/// Texts from this length on are worth a second thread.
const LONG_TEXT: usize = 100_000;

/// Does two things with a text of this length, at the same time if it is long.
pub(crate) fn both<A: Send, B: Send>(
    length: usize,
    one: impl FnOnce() -> A + Send,
    other: impl FnOnce() -> B + Send,
) -> (A, B) {
    if length < LONG_TEXT { (one(), other()) } else { rayon::join(one, other) }
}
