//! What bad input gets, from the real program: the right exit code, one clear message, the file
//! untouched or whole, bounded memory and time that grows with the size of the input alone.
//!
//! Memory is bounded by the address space that the system grants (`ulimit -v`): a program that
//! asks for more dies of a signal, which no test accepts. Time is that of the processor, as the
//! shell counts it for its children (`times`), so that other work on the machine counts little.
#![cfg(target_os = "linux")]

mod files;
#[path = "../support/mod.rs"]
mod support;
mod texts;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use support::fixture;

/// The recipient of `fixtures/vectors/keys/age1.txt`.
const RECIPIENT: &str = "age1hk6km9gau76kykwdatkwd4lu4kka4hcegvy92lf0l6pljcrhz95slnuph2";

/// Address space of one call in KiB: what the program and two threads map, and some copies of the
/// largest input and output.
const MEMORY: usize = 700_000;

/// How long one call may take on a machine that is busy; quadratic work takes longer by far.
const PATIENCE: Duration = Duration::from_mins(4);

/// What one call gave.
#[derive(Debug)]
struct Answer {
    /// Nothing when a signal ended it.
    code: Option<i32>,
    stdout: Vec<u8>,
    stderr: String,
    /// Time of the processor.
    time: Duration,
}

/// A fresh folder to make calls in.
struct Place {
    folder: tempfile::TempDir,
}

impl Place {
    fn new() -> Self {
        Self { folder: tempfile::tempdir().expect("a scratch folder") }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.path(name), content).expect("a file");
    }

    fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.path(name)).expect("the file is there")
    }

    /// Lists the files, but for those in which calls leave their output.
    fn names(&self) -> Vec<String> {
        names_in(self.folder.path())
    }

    fn command(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.folder.path()).env_clear().env("HOME", self.folder.path());
        command.env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin").env("RAYON_NUM_THREADS", "2");
        command.env("SOPS_AGE_KEY_FILE", fixture("vectors/keys/age1.txt"));
        command.env("L", env!("CARGO_BIN_EXE_leafseal")).env("R", RECIPIENT);
        command.stdin(Stdio::null());
        command
    }

    /// Calls the program with bounded memory and time.
    fn call(&self, words: &[&str]) -> Answer {
        let script =
            format!("ulimit -v {MEMORY}; \"$L\" \"$@\"; code=$?; times >.times; exit $code");
        let mut command = self.command("/bin/sh");
        command.args(["-c", &script, "sh"]).args(words);
        self.run(command)
    }

    /// Runs lines of shell, in which `$L` is the program and `$R` a recipient.
    fn shell(&self, lines: &str) -> Answer {
        let mut command = self.command("/bin/sh");
        command.args(["-c", lines]);
        self.run(command)
    }

    /// Runs lines of shell as the owner of mounts of its own.
    fn with_mounts(&self, lines: &str) -> Answer {
        let answer = self.shell("unshare -rm true");
        assert_eq!(answer.code, Some(0), "this test needs namespaces: {answer:?}");
        let mut command = self.command("unshare");
        command.args(["-rm", "/bin/sh", "-ec", lines]);
        self.run(command)
    }

    fn run(&self, mut command: Command) -> Answer {
        let output = |name| fs::File::create(self.path(name)).expect("a file");
        command.stdout(output(".stdout")).stderr(output(".stderr"));
        let mut child = command.spawn().expect("the program starts");
        let status = wait(&mut child).unwrap_or_else(|| panic!("no end: {command:?}"));
        let code = status.code();
        let text = |name| String::from_utf8_lossy(&self.bytes(name)).into_owned();
        let stderr = text(".stderr");
        assert!(!stderr.contains("panicked"), "{stderr}");
        let time = fs::read_to_string(self.path(".times")).map_or(Duration::ZERO, |it| time(&it));
        Answer { code, stdout: self.bytes(".stdout"), stderr, time }
    }

    /// Encrypts a file in place.
    fn encrypt(&self, name: &str) -> Answer {
        self.call(&["encrypt", "--in-place", "--age", RECIPIENT, name])
    }

    /// Decrypts a file in place.
    fn decrypt(&self, name: &str) -> Answer {
        self.call(&["decrypt", "--in-place", name])
    }

    /// Encrypts a text and returns the encrypted one.
    fn encrypted(&self, text: &str) -> String {
        self.write("seed.yaml", text);
        succeeded("seed", &self.encrypt("seed.yaml"));
        let encrypted = String::from_utf8(self.bytes("seed.yaml")).expect("UTF-8");
        fs::remove_file(self.path("seed.yaml")).expect("it can go");
        encrypted
    }

    /// Returns a metadata block that opens, and belongs to other values.
    fn block(&self) -> String {
        let encrypted = self.encrypted("a: 1\n");
        encrypted[encrypted.find("sops:").expect("a block")..].to_owned()
    }
}

fn names_in(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let names = entries.map(|entry| entry.expect("an entry").file_name());
    let names = names.map(|name| name.to_string_lossy().into_owned());
    let mut names: Vec<String> =
        names.filter(|name| ![".stdout", ".stderr", ".times"].contains(&name.as_str())).collect();
    names.sort();
    names
}

/// Waits for the end, up to a limit.
fn wait(child: &mut Child) -> Option<ExitStatus> {
    let start = Instant::now();
    // a call through the shell ends by itself before
    while start.elapsed() < PATIENCE + Duration::from_mins(1) {
        if let Some(status) = child.try_wait().expect("a child") {
            return Some(status);
        }
        std::thread::sleep(Duration::from_millis(5));
    }
    child.kill().expect("a child");
    child.wait().expect("a child");
    None
}

/// Reads the second line of `times`: the time of the children, in two columns `0m1.25s`.
fn time(text: &str) -> Duration {
    let column = |text: &str| {
        let (minutes, seconds) = text.trim_end_matches('s').split_once('m')?;
        Some(minutes.parse::<f64>().ok()? * 60.0 + seconds.parse::<f64>().ok()?)
    };
    let columns = text.lines().nth(1).unwrap_or_default().split_whitespace().map(column);
    Duration::from_secs_f64(columns.map(|it| it.expect("a time")).sum())
}

fn succeeded(label: &str, answer: &Answer) {
    assert_eq!((answer.code, answer.stderr.as_str()), (Some(0), ""), "{label}");
}

/// Checks a failure: its code, and one message that names the file and is fit to be read.
fn failed(label: &str, answer: &Answer, code: i32, name: &str, message: &str) {
    let Answer { stderr, .. } = answer;
    let shown: String = stderr.chars().take(2000).collect();
    assert_eq!(answer.code, Some(code), "{label}: {shown}");
    assert_eq!(answer.stdout, b"", "{label}");
    let errors = stderr.lines().filter(|line| line.starts_with("error: ")).count();
    assert_eq!(errors, 1, "{label}: {shown}");
    assert!(stderr.contains(name), "{label}: {shown}");
    assert!(stderr.contains(message), "{label}: {message:?} is not in {shown}");
    assert!(stderr.len() < 2000, "{label}: {shown}");
}
