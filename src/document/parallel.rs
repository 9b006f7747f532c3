use rayon::prelude::*;

/// How many jobs are gathered before they are done: enough for all cores, and few enough that
/// their results need little memory.
const BATCH: usize = 2048;

/// From how many bytes of paths on jobs are done although they are few: a path may be as long as
/// the file.
const PATH_BYTES: usize = 4 << 20;

/// Tells whether so many jobs with so many bytes of paths are to be done.
pub(super) fn is_enough(jobs: usize, path_bytes: usize) -> bool {
    jobs >= BATCH || path_bytes >= PATH_BYTES
}

/// Up to how many jobs starting threads costs more than it brings.
const FEW: usize = 500;

/// Does each job, on all cores where there are many, and returns the results in order.
pub(super) fn map<J: Sync, R: Send>(jobs: &[J], work: impl Fn(&J) -> R + Sync + Send) -> Vec<R> {
    if jobs.len() <= FEW {
        return jobs.iter().map(work).collect();
    }
    jobs.par_iter().with_min_len(64).map(work).collect()
}

/// How many jobs make a chunk.
const CHUNK: usize = 128;

/// Does jobs by chunks, on all cores where there are many, and returns the results in order.
pub(super) fn map_chunks<'j, J: Sync, R: Send>(
    jobs: &'j [J],
    work: impl Fn(&'j [J]) -> R + Sync + Send,
) -> Vec<R> {
    if jobs.len() <= FEW {
        return jobs.chunks(CHUNK).map(work).collect();
    }
    jobs.par_chunks(CHUNK).map(work).collect()
}

/// Texts from this length on are worth a second thread.
const LONG_TEXT: usize = 100_000;

/// Does two things with a text of this length, at the same time if it is long.
pub(super) fn both<A: Send, B: Send>(
    length: usize,
    one: impl FnOnce() -> A + Send,
    other: impl FnOnce() -> B + Send,
) -> (A, B) {
    if length < LONG_TEXT { (one(), other()) } else { rayon::join(one, other) }
}
