//! This process, and running other programs.

use std::ffi::OsStr;
use std::io::{self, Read, Write as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

/// How many bytes a program may write to standard output, and how many of standard error are kept.
const LIMIT: usize = 1 << 16;

/// The reasons why a command gives no output; neither its words nor its output are shown.
#[derive(Debug, thiserror::Error)]
pub enum ProcessError {
    /// The command is not UTF-8, or a quote in it is not closed.
    #[error("the command cannot be split into words")]
    Unreadable,
    /// The command has no words.
    #[error("the command is empty")]
    Empty,
    /// The program cannot be started.
    #[error("the command cannot be started")]
    Start(#[source] io::Error),
    /// The program failed.
    #[error("the command failed with {0}")]
    Failed(ExitStatus),
}

/// Keeps the system from writing this process's memory to disk when it crashes: data keys and
/// plaintext are in it. What the system refuses stays as it is.
#[cfg(unix)]
pub fn forbid_core_dumps() {
    use rustix::process::{Resource, Rlimit, setrlimit};

    let none = Rlimit { current: Some(0), maximum: Some(0) };
    let _ = setrlimit(Resource::Core, none);
}

/// Does nothing: this system writes no such files by default.
#[cfg(not(unix))]
pub fn forbid_core_dumps() {}

/// Runs a command, split into words like a shell does but without a shell, and returns what it
/// prints; `variable` is added to its environment, its input is empty.
pub fn output(command: &OsStr, variable: (&str, &str)) -> Result<Vec<u8>, ProcessError> {
    let words = command.to_str().and_then(shlex::split).ok_or(ProcessError::Unreadable)?;
    let (program, arguments) = words.split_first().ok_or(ProcessError::Empty)?;
    let mut child = Command::new(program);
    child.args(arguments).env(variable.0, variable.1);
    child.stdin(Stdio::null()).stderr(Stdio::inherit());
    let output = child.output().map_err(ProcessError::Start)?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        drop(Zeroizing::new(output.stdout));
        Err(ProcessError::Failed(output.status))
    }
}

/// What a program wrote until it ended.
pub struct Ended {
    /// How it ended.
    pub status: ExitStatus,
    /// Its output.
    pub stdout: Zeroizing<Vec<u8>>,
    /// What it said beside its output.
    pub stderr: Zeroizing<Vec<u8>>,
}

/// The reasons why a program does not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The program cannot be started.
    #[error("the program cannot be started")]
    Start(#[source] io::Error),
    /// The program takes longer than it may, and was stopped.
    #[error("the program takes too long")]
    TooLate,
    /// The program writes more than it may, and was stopped.
    #[error("the program writes too much")]
    TooLong,
}

/// Runs a program with an input until it ends, but no longer than `time`. It has the environment
/// and the terminal of this process.
pub fn run(mut command: Command, input: &[u8], time: Duration) -> Result<Ended, RunError> {
    let deadline = Instant::now() + time;
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().map_err(RunError::Start)?;
    let ended = converse(&mut child, input, deadline);
    if ended.is_err() {
        // it may have ended by itself meanwhile
        let _ = child.kill();
        let _ = child.wait();
    }
    ended
}

/// Gives a program its input and takes what it writes. The threads go on alone when time is over,
/// as a child of the program may hold the pipes open.
fn converse(child: &mut Child, input: &[u8], deadline: Instant) -> Result<Ended, RunError> {
    let input = Zeroizing::new(input.to_vec());
    if let Some(mut stdin) = child.stdin.take() {
        // a program that reads nothing closes the pipe, which is its right
        in_background(move || stdin.write_all(&input))?;
    }
    let stdout = child.stdout.take().map(|pipe| in_background(move || read(pipe, false)));
    let stderr = child.stderr.take().map(|pipe| in_background(move || read(pipe, true)));
    let stdout = received(stdout.transpose()?, deadline)?;
    if stdout.len() > LIMIT {
        return Err(RunError::TooLong);
    }
    let stderr = received(stderr.transpose()?, deadline)?;
    Ok(Ended { status: wait(child, deadline)?, stdout, stderr })
}

fn in_background<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<Receiver<T>, RunError> {
    let (sender, receiver) = channel();
    // nobody listens any more once time is over
    let thread = thread::Builder::new().spawn(move || drop(sender.send(work())));
    thread.map(|_| receiver).map_err(RunError::Start)
}

fn received(
    answer: Option<Receiver<Zeroizing<Vec<u8>>>>,
    deadline: Instant,
) -> Result<Zeroizing<Vec<u8>>, RunError> {
    let Some(answer) = answer else { return Ok(Zeroizing::default()) };
    let left = deadline.saturating_duration_since(Instant::now());
    answer.recv_timeout(left).map_err(|_| RunError::TooLate)
}

/// Reads a little more than [`LIMIT`]; what comes then is thrown away, or left in the pipe.
fn read(mut pipe: impl Read, is_drained: bool) -> Zeroizing<Vec<u8>> {
    let size = LIMIT + 1;
    // reserved whole, as growing would leave copies behind
    let mut bytes = Zeroizing::new(Vec::with_capacity(size));
    // an output that breaks off is told by how the program ends
    let _ = pipe.by_ref().take(size as u64).read_to_end(&mut bytes);
    if is_drained {
        let _ = io::copy(&mut pipe, &mut io::sink());
    }
    bytes
}

/// Waits for the end of a program that closed its pipes, which is near.
fn wait(child: &mut Child, deadline: Instant) -> Result<ExitStatus, RunError> {
    let mut pause = Duration::from_millis(1);
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return Ok(status),
            Ok(None) if Instant::now() < deadline => thread::sleep(pause),
            Ok(None) | Err(_) => return Err(RunError::TooLate),
        }
        pause = (pause * 2).min(Duration::from_millis(50));
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn no_core_is_dumped_once_forbidden() {
        forbid_core_dumps();
        let limit = rustix::process::getrlimit(rustix::process::Resource::Core);
        assert_eq!((limit.current, limit.maximum), (Some(0), Some(0)));
    }

    fn shell(line: &str, input: &[u8], time: Duration) -> Result<Ended, RunError> {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", line]);
        run(command, input, time)
    }

    const LONG: Duration = Duration::from_mins(1);

    #[test]
    fn program_gets_its_input_and_gives_all_that_it_writes() {
        let ended = shell("cat; echo said >&2; exit 3", &vec![b'x'; LIMIT], LONG).expect("it ends");
        assert_eq!((ended.status.code(), ended.stdout.len()), (Some(3), LIMIT));
        assert_eq!(ended.stderr.as_slice(), b"said\n");
        let ended = shell("exec <&-; sleep 0.1", &vec![b'x'; 4 * LIMIT], LONG).expect("it ends");
        assert!(ended.status.success(), "an input that is not read is no failure");
        let ended = shell("yes | head -c 300000 >&2", b"", LONG).expect("it ends");
        assert!(ended.status.success() && ended.stderr.len() == LIMIT + 1);
    }

    #[test]
    fn program_that_hangs_or_floods_is_stopped() {
        let start = Instant::now();
        let second = Duration::from_millis(200);
        // a child of the program holds the pipes
        assert!(matches!(shell("sleep 30 & sleep 30", b"", second), Err(RunError::TooLate)));
        let closed = "exec >&- 2>&-; sleep 30";
        assert!(matches!(shell(closed, b"", second), Err(RunError::TooLate)));
        assert!(matches!(shell("yes", b"", LONG), Err(RunError::TooLong)));
        assert!(start.elapsed() < Duration::from_secs(20));
    }
}
