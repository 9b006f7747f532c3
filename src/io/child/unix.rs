use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus};
use std::thread;
use std::{fs, io};

use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process, waitid};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH};
use signal_hook::iterator::exfiltrator::WithOrigin;
use signal_hook::iterator::exfiltrator::origin::Origin;
use signal_hook::iterator::{Signals, SignalsInfo};
use signal_hook::low_level::siginfo::Cause;

/// The signals that are for the command rather than for this process.
const RELAYED: [i32; 7] = [SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2, SIGWINCH];

/// Holds back the signals that would end this process, and hands them to its command.
///
/// From its start on nothing but SIGKILL keeps the process from cleaning up.
pub struct Relay {
    signals: SignalsInfo<WithOrigin>,
}

impl Relay {
    /// Begins to hold back signals. Those that this process was told to ignore stay ignored, for
    /// the command too (`nohup`, a shell's `&`).
    ///
    /// # Errors
    /// The system refuses.
    pub fn start() -> io::Result<Self> {
        let ignored = ignored_signals();
        let is_heard = |signal: &&i32| ignored & (1 << (**signal - 1)) == 0;
        Ok(Self { signals: SignalsInfo::new(RELAYED.iter().filter(is_heard))? })
    }

    /// Runs a command, hands it the signals that come, and returns its exit code.
    pub(super) fn run(self, mut command: Command) -> io::Result<u8> {
        let mut signals = self.signals;
        let handle = signals.handle();
        let mut child = command.spawn()?;
        let pid = Pid::from_child(&child);
        let relaying = thread::spawn(move || {
            for origin in signals.forever().filter(|origin| !reaches_all(origin)) {
                if let Some(signal) = Signal::from_named_raw(origin.signal) {
                    // it may have ended meanwhile, and is not waited for yet
                    let _ = kill_process(pid, signal);
                }
            }
        });
        let status = end(&mut child, pid, || {
            handle.close();
            // nothing is sent any more once the number of the process is free
            let _ = relaying.join();
        })?;
        Ok(code(status))
    }
}

/// Removes a folder and ends this process if a signal asks for that, as long as it lives.
pub struct Watch {
    handle: signal_hook::iterator::Handle,
}

impl Watch {
    /// Begins to watch.
    ///
    /// # Errors
    /// The system refuses.
    pub fn start(folder: PathBuf, code: i32) -> io::Result<Self> {
        let mut signals = Signals::new([SIGHUP, SIGINT, SIGQUIT, SIGTERM])?;
        let handle = signals.handle();
        thread::spawn(move || {
            if signals.forever().next().is_some() {
                // nobody is left to hear that something stays
                let _ = fs::remove_dir_all(folder);
                std::process::exit(code);
            }
        });
        Ok(Self { handle })
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.handle.close();
    }
}

/// Waits for the end of a child; `before` runs while its number is still taken.
fn end(child: &mut Child, pid: Pid, before: impl FnOnce()) -> io::Result<ExitStatus> {
    let ended = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT;
    while let Err(error) = waitid(WaitId::Pid(pid), ended) {
        if error != rustix::io::Errno::INTR {
            break;
        }
    }
    before();
    child.wait()
}

/// Tells whether the terminal sent a signal, which the command has got by itself then.
fn reaches_all(origin: &Origin) -> bool {
    matches!(origin.cause, Cause::Kernel) && [SIGINT, SIGQUIT, SIGWINCH].contains(&origin.signal)
}

fn code(status: ExitStatus) -> u8 {
    let code = status.code().or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(u8::MAX)
}

/// Returns the signals that this process ignores, one bit for each; only Linux tells.
fn ignored_signals() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok()).unwrap_or(0)
}

pub(super) fn shell(line: &OsStr) -> Command {
    let mut command = Command::new("/bin/sh");
    command.arg("-c").arg(line);
    command
}

/// What waits for a command that was left alone: it hands on SIGTERM, and removes a folder.
const REMOVING: &str = r#"/bin/sh -c "$1" & p=$!
trap 'kill -s TERM $p' HUP INT TERM
while :; do wait $p; s=$?; kill -s 0 $p 2>/dev/null || break; done
rm -rf -- "$2"; exit $s"#;

pub(super) fn shell_that_removes(line: &OsStr, folder: &Path) -> Command {
    let mut command = shell(REMOVING.as_ref());
    command.arg("sh").arg(line).arg(folder);
    command
}

pub(super) fn take_over(mut command: Command) -> io::Result<()> {
    Err(command.exec())
}

#[expect(clippy::unnecessary_wraps, reason = "not every system takes any bytes")]
pub(super) fn word(bytes: &[u8]) -> Result<OsString, std::str::Utf8Error> {
    Ok(OsStr::from_bytes(bytes).to_owned())
}

/// Replaces a mark wherever it stands in a word.
pub(super) fn replaced(word: &OsStr, mark: &str, by: &OsStr) -> OsString {
    let mut replaced = OsString::new();
    let mut rest = word.as_bytes();
    while let Some(at) = memchr::memmem::find(rest, mark.as_bytes()) {
        replaced.push(OsStr::from_bytes(&rest[..at]));
        replaced.push(by);
        rest = &rest[at + mark.len()..];
    }
    replaced.push(OsStr::from_bytes(rest));
    replaced
}
