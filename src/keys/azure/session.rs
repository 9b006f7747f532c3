use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use futures_util::stream::{self, StreamExt as _, TryStreamExt as _};
use zeroize::Zeroizing;

use super::call::Call;
use super::hosts::Vault;
use super::settings::Settings;
use super::shared::{Served, Shared};
use super::talk::Talk;
use super::time::FileTime;
use super::transport;
use super::{AzureError, KeyAddress};
use crate::io::environment::Environment;

/// How many keys are talked to at a time.
const AT_A_TIME: usize = 8;

/// How long after the deadline a call still waits for the reason: one that waits for another call
/// hears it from there.
const GRACE: Duration = Duration::from_millis(500);

/// What the calls of one run have in common: tokens, connections, and what was unwrapped already.
/// Nothing of it starts before it is needed. Copies are the same, but for the time of a file.
#[derive(Clone, Default)]
pub struct Session {
    run: Arc<Mutex<Run>>,
    /// The time for the present file.
    time: FileTime,
}

#[derive(Default)]
struct Run {
    started: Option<Arc<Started>>,
    opened: HashMap<(String, String), Zeroizing<Vec<u8>>>,
}

struct Started {
    /// Taken out at the end only.
    runtime: Option<tokio::runtime::Runtime>,
    http: reqwest::Client,
    settings: Arc<Settings>,
    shared: Arc<Shared>,
}

/// Something that is wanted of a key.
pub(super) struct Job<'j> {
    /// The session, with the time of a file.
    pub(super) session: &'j Session,
    /// The key.
    pub(super) address: &'j KeyAddress,
    /// What it is wanted for.
    pub(super) want: Want<'j>,
}

/// What a key is wanted for.
pub(super) enum Want<'w> {
    /// To find its version.
    Get,
    /// To encrypt, in the version that is current if the address has none.
    Encrypt(&'w [u8]),
    /// To decrypt.
    Decrypt(&'w [u8]),
}

/// What became of a job: the key in the version that was used, and the bytes that it gave.
pub(super) struct Done {
    pub(super) address: KeyAddress,
    pub(super) bytes: Zeroizing<Vec<u8>>,
}

impl Session {
    /// Returns the session with the time for another file.
    #[must_use]
    pub fn for_file(&self) -> Self {
        Self { run: Arc::clone(&self.run), time: FileTime::default() }
    }

    /// Gives the time for another file.
    pub fn begin_file(&self) {
        self.time.begin();
    }

    /// Says which credentials gave the last token.
    #[must_use]
    pub fn served(&self) -> Served {
        let started = self.run().started.clone();
        started.map(|started| started.shared.served()).unwrap_or_default()
    }

    /// Returns what was unwrapped before.
    pub(super) fn opened(&self, address: &KeyAddress, enc: &str) -> Option<Zeroizing<Vec<u8>>> {
        self.run().opened.get(&(address.as_str().to_owned(), enc.to_owned())).cloned()
    }

    /// Keeps what was unwrapped.
    pub(super) fn keep(&self, address: &KeyAddress, enc: &str, clear: &Zeroizing<Vec<u8>>) {
        let name = (address.as_str().to_owned(), enc.to_owned());
        self.run().opened.insert(name, clear.clone());
    }

    /// Does one job.
    pub(super) fn one(
        &self,
        environment: Environment<'_>,
        address: &KeyAddress,
        want: Want<'_>,
    ) -> Result<Done, AzureError> {
        let mut done = self.all(environment, &[Job { session: self, address, want }])?;
        Ok(done.pop().expect("there was one job"))
    }

    /// Does jobs, several at a time; returns what became of them in their order, or the failure of
    /// the first that fails in that order, whichever is sooner.
    pub(super) fn all(
        &self,
        environment: Environment<'_>,
        jobs: &[Job<'_>],
    ) -> Result<Vec<Done>, AzureError> {
        if jobs.is_empty() {
            return Ok(Vec::new());
        }
        let (settings, vaults) = self.vaults(environment, jobs);
        let vaults = vaults.into_iter().collect::<Result<Vec<Vault>, _>>()?;
        self.within(settings, |started, begun| {
            let jobs = stream::iter(jobs.iter().zip(&vaults));
            let results = jobs.map(|(job, vault)| started.work(job, vault, begun));
            started.block_on(results.buffered(AT_A_TIME).try_collect())
        })?
    }

    /// Does jobs, several at a time, whatever becomes of the others; returns what became of each.
    pub(super) fn each(
        &self,
        environment: Environment<'_>,
        jobs: &[Job<'_>],
    ) -> Vec<Result<Done, AzureError>> {
        let (settings, vaults) = self.vaults(environment, jobs);
        let (mut results, mut known) = (Vec::new(), Vec::new());
        for (number, (job, vault)) in jobs.iter().zip(vaults).enumerate() {
            match vault {
                Ok(vault) => known.push((number, job, vault)),
                Err(error) => results.push((number, Err(error))),
            }
        }
        if !known.is_empty() {
            match self.within(settings, |started, begun| started.each(&known, begun)) {
                Ok(done) => results.extend(done),
                Err(error) => {
                    results.extend(known.iter().map(|(number, ..)| (*number, Err(error.clone()))));
                }
            }
        }
        results.sort_by_key(|(number, _)| *number);
        results.into_iter().map(|(_, result)| result).collect()
    }

    /// Finds out which hosts may be talked to, before anything starts.
    fn vaults(
        &self,
        environment: Environment<'_>,
        jobs: &[Job<'_>],
    ) -> (Arc<Settings>, Vec<Result<Vault, AzureError>>) {
        let settings = match &self.run().started {
            Some(started) => Arc::clone(&started.settings),
            None => Arc::new(Settings::read(environment)),
        };
        let list = settings.allowlist.as_deref();
        let vaults = jobs.iter().map(|job| Vault::find(job.address.vault_url(), list)).collect();
        (settings, vaults)
    }

    /// Does work on a thread of its own: a program that uses this library may run in a runtime of
    /// its own, and none may run within another one on the same thread.
    fn within<T: Send>(
        &self,
        settings: Arc<Settings>,
        work: impl FnOnce(&Started, Instant) -> T + Send,
    ) -> Result<T, AzureError> {
        let started = {
            let mut run = self.run();
            match &run.started {
                Some(started) => Arc::clone(started),
                None => Arc::clone(run.started.insert(Arc::new(Started::new(settings)?))),
            }
        };
        let begun = Instant::now();
        let ended = thread::scope(|scope| {
            let thread = thread::Builder::new().spawn_scoped(scope, || work(&started, begun));
            thread.map(thread::ScopedJoinHandle::join)
        })?;
        ended.map_err(|_| AzureError::Start("a thread ended early".to_owned()))
    }

    fn run(&self) -> MutexGuard<'_, Run> {
        self.run.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Started {
    fn new(settings: Arc<Settings>) -> Result<Self, AzureError> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (runtime, http, shared) = (Some(runtime), transport::client()?, Arc::default());
        Ok(Self { runtime, http, settings, shared })
    }

    fn block_on<T>(&self, work: impl Future<Output = T>) -> T {
        self.runtime.as_ref().expect("it is taken out at the end only").block_on(work)
    }

    /// Does numbered jobs; one that takes long keeps no other from its turn.
    fn each(
        &self,
        jobs: &[(usize, &Job<'_>, Vault)],
        begun: Instant,
    ) -> Vec<(usize, Result<Done, AzureError>)> {
        let results = stream::iter(jobs)
            .map(async |(number, job, vault)| (*number, self.work(job, vault, begun).await));
        self.block_on(results.buffer_unordered(AT_A_TIME).collect())
    }

    async fn work(&self, job: &Job<'_>, vault: &Vault, begun: Instant) -> Result<Done, AzureError> {
        let (_passing, deadline) = job.session.time.pass();
        let call = Call::new(Arc::clone(&self.shared), begun, deadline, vault.host());
        let talk = Talk::new(&self.settings, &self.http, vault, call.clone());
        let done = tokio::time::timeout(call.left() + GRACE, job.done(&talk)).await;
        done.unwrap_or_else(|_| Err(call.late()))
    }
}

impl Drop for Started {
    /// Leaves alone what still runs, such as a command line that nobody waits for any more.
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl Job<'_> {
    async fn done(&self, talk: &Talk<'_>) -> Result<Done, AzureError> {
        let mut address = self.address.clone();
        let bytes = match self.want {
            Want::Get => {
                address = talk.current(&address).await?;
                Zeroizing::default()
            }
            Want::Encrypt(clear) => {
                if address.version().is_empty() {
                    address = talk.current(&address).await?;
                }
                talk.encrypt(&address, clear).await?
            }
            Want::Decrypt(wrapped) => talk.decrypt(&address, wrapped).await?,
        };
        Ok(Done { address, bytes })
    }
}
