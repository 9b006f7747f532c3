use std::ffi::OsStr;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::Answer;

/// The recipient of `fixtures/vectors/keys/age1.txt`.
pub(crate) const RECIPIENT: &str = "age1hk6km9gau76kykwdatkwd4lu4kka4hcegvy92lf0l6pljcrhz95slnuph2";
/// The recipient of `fixtures/vectors/keys/age2.txt`.
pub(crate) const OTHER_RECIPIENT: &str =
    "age17u2n5yunchhv3wxkp3af2xtp7yz7dcflljc8cpnaywmdek0qlf3s5z2txq";

/// A text with a value of each kind that matters, and what must never be shown.
pub(crate) const PLAIN: &str =
    "port: 8080\n# s3cret hint\npassword: s3cret\nusers: [\"alice7\", \"bob\"]\n";
pub(crate) const SECRETS: [&str; 3] = ["s3cret", "8080", "alice7"];

/// A fresh folder with a home of its own, and the calls that are made in it.
pub(crate) struct Place {
    folder: tempfile::TempDir,
    program: PathBuf,
    variables: Vec<(String, String)>,
    transcript: String,
}

impl Place {
    /// Makes a folder without keys.
    pub(crate) fn empty() -> Self {
        let folder = tempfile::tempdir().expect("a scratch folder can be made");
        std::fs::create_dir(folder.path().join("home")).expect("a home can be made");
        let program = PathBuf::from(env!("CARGO_BIN_EXE_leafseal"));
        Self { folder, program, variables: Vec::new(), transcript: String::new() }
    }

    /// Makes a folder where the identity of [`RECIPIENT`] is at hand.
    pub(crate) fn new() -> Self {
        let mut place = Self::empty();
        place.set("SOPS_AGE_KEY_FILE", &key_file("age1.txt"));
        place
    }

    /// Makes a folder with `file.yaml`, encrypted from [`PLAIN`].
    pub(crate) fn with_encrypted() -> Self {
        let place = Self::new();
        place.write("file.yaml", PLAIN);
        place.encrypt("file.yaml");
        place
    }

    /// Encrypts a file for [`RECIPIENT`].
    pub(crate) fn encrypt(&self, name: &str) {
        let answer = self.call(&["encrypt", "-i", "--age", RECIPIENT, name], b"");
        assert_eq!(answer.code, Some(0), "{answer}");
    }

    /// Has files in clear put into the folder `tmp`.
    pub(crate) fn put_clear_files_in_tmp(&mut self) {
        self.write("tmp/.keep", "");
        let folder = self.path("tmp").to_string_lossy().into_owned();
        self.set("TMPDIR", &folder);
    }

    pub(crate) fn set(&mut self, variable: &str, value: &str) {
        self.unset(variable);
        self.variables.push((variable.to_owned(), value.to_owned()));
    }

    pub(crate) fn unset(&mut self, variable: &str) {
        self.variables.retain(|(name, _)| name != variable);
    }

    /// Calls the program by another name from now on.
    #[cfg(unix)]
    pub(crate) fn call_it(&mut self, name: &str) {
        let link = self.path(name);
        std::os::unix::fs::symlink(&self.program, &link).expect("a link can be made");
        self.program = link;
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("below the folder")).expect("a folder");
        std::fs::write(path, content).expect("the folder can be written");
    }

    pub(crate) fn read(&self, name: &str) -> String {
        String::from_utf8(self.bytes(name)).expect("the file is text")
    }

    pub(crate) fn bytes(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).expect("the file is there")
    }

    /// Lists the folder, but for the home.
    pub(crate) fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.folder.path()).expect("the folder can be listed");
        let name = |entry: std::io::Result<std::fs::DirEntry>| entry.expect("an entry").file_name();
        let names = entries.map(|entry| name(entry).to_string_lossy().into_owned());
        let mut names: Vec<String> = names.filter(|name| name != "home").collect();
        names.sort();
        names
    }

    /// Calls the program and gives back exactly what it wrote.
    pub(crate) fn call<S: AsRef<OsStr>>(&self, words: &[S], stdin: &[u8]) -> Answer {
        self.call_in("", words, stdin)
    }

    /// Calls the program in a folder below.
    pub(crate) fn call_in<S: AsRef<OsStr>>(
        &self,
        folder: &str,
        words: &[S],
        stdin: &[u8],
    ) -> Answer {
        let mut child = self
            .command(&self.program, folder)
            .args(words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        // a program that reads nothing closes the pipe, which is its right
        let _ = child.stdin.take().expect("a pipe").write_all(stdin);
        let output = child.wait_with_output().expect("the program ends");
        Answer {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("stdout is text"),
            stderr: String::from_utf8(output.stderr).expect("stderr is text"),
        }
    }

    /// Runs a line of shell, where `$L` is the program.
    pub(crate) fn shell(&self, line: &str) -> Answer {
        let program = &self.program;
        let mut shell = self.command(Path::new("/bin/sh"), "");
        let output = shell.args(["-c", line]).env("L", program).output().expect("the shell starts");
        Answer {
            code: output.status.code(),
            stdout: String::from_utf8(output.stdout).expect("stdout is text"),
            stderr: String::from_utf8(output.stderr).expect("stderr is text"),
        }
    }

    pub(crate) fn command(&self, program: &Path, folder: &str) -> Command {
        let mut command = Command::new(program);
        command.current_dir(self.path(folder)).env_clear().env("HOME", self.path("home"));
        command.env("PATH", "/usr/bin:/bin").envs(self.variables.iter().cloned());
        command
    }

    /// Makes a call and adds it to the transcript, with all that differs from run to run replaced.
    pub(crate) fn note(&mut self, words: &[&str]) -> Answer {
        self.note_with(words, b"")
    }

    pub(crate) fn note_with(&mut self, words: &[&str], stdin: &[u8]) -> Answer {
        let answer = self.call(words, stdin);
        self.add(&format!("$ leafseal {}", words.join(" ")), &answer);
        answer
    }

    /// Adds a heading and an answer to the transcript.
    pub(crate) fn add(&mut self, heading: &str, answer: &Answer) {
        assert!(!answer.stderr.contains("panicked"), "{answer}");
        let code = answer.code.expect("the program exits by itself");
        let text = format!("{heading}\n{}{}exit {code}\n\n", answer.stderr, answer.stdout);
        let text = self.steady(&text);
        self.transcript.push_str(&text);
    }

    pub(crate) fn transcript(&self) -> &str {
        &self.transcript
    }

    /// Replaces paths and ciphertexts.
    pub(crate) fn steady(&self, text: &str) -> String {
        let folder = self.folder.path().to_string_lossy().into_owned();
        let keys = key_file("");
        let text = text.replace(&keys, "$KEYS/").replace(&folder, "$PWD");
        let mut steady = String::new();
        let mut rest = text.as_str();
        while let Some(start) = rest.find("ENC[AES256_GCM,data:") {
            let data = start + "ENC[AES256_GCM,data:".len();
            let end = rest[data..].find(",type:").map_or(rest.len(), |end| data + end);
            // a message that shows the form has no data
            let is_form = rest[data..].starts_with('…');
            steady.push_str(&rest[..if is_form { end } else { start }]);
            steady.push_str(if is_form { "" } else { "ENC[…" });
            rest = &rest[end..];
        }
        steady + rest
    }
}

/// Returns the path of a test key.
pub(crate) fn key_file(name: &str) -> String {
    format!("{}/fixtures/vectors/keys/{name}", env!("CARGO_MANIFEST_DIR"))
}
