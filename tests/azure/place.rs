//! A scratch folder with a test vault of its own.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Output, Stdio};
use std::sync::Mutex;
use std::time::{Duration, Instant};

use leafseal::{Format, metadata};
use serde_json::{Value, json};

use crate::support::Reference;

pub(crate) const HOST: &str = "test-vault.vault.azure.net";
pub(crate) const TENANT: &str = "11111111-2222-3333-4444-555555555555";
pub(crate) const CLIENT: &str = "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee";
pub(crate) const SECRET: &str = "s3cret~Of.The_Application";
pub(crate) const PLAIN: &str = "password: s3cret\nport: 8080\n";

/// What the service is asked through.
pub(crate) struct Place {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) port: u64,
    child: Child,
    pipes: Mutex<(ChildStdin, BufReader<ChildStdout>)>,
    reference: Reference,
}

impl Drop for Place {
    /// Whatever a test is about: nothing secret went to anybody whom it is not for.
    fn drop(&mut self) {
        if !std::thread::panicking() {
            assert_eq!(self.tell(&json!({"do": "leaks"})), json!([]));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The Python of the peers, which has the clients of the service's makers.
pub(crate) fn python() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/peers/venv/bin/python")
}

pub(crate) fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/azure").join(name)
}

impl Place {
    pub(crate) fn new() -> Self {
        let folder = tempfile::tempdir().expect("a scratch folder");
        fs::write(folder.path().join("plain.yaml"), PLAIN).expect("written");
        fs::create_dir(folder.path().join("bin")).expect("made");
        let mut command = Command::new(python());
        command.args(["-B".as_ref(), script("vault.py").as_os_str(), folder.path().as_os_str()]);
        let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
        let mut child = child.expect("`make peers` installs python");
        let stdin = child.stdin.take().expect("a pipe");
        let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        let port = read(&mut stdout)["port"].as_u64().expect("a port");
        let pipes = Mutex::new((stdin, stdout));
        Self { folder, port, child, pipes, reference: Reference::find() }
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().expect("text").to_owned()
    }

    pub(crate) fn write(&self, name: &str, text: &str) {
        fs::write(self.folder.path().join(name), text).expect("written");
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).expect("text")
    }

    /// Puts a program on the path.
    pub(crate) fn program(&self, name: &str, text: &str) {
        use std::os::unix::fs::PermissionsExt as _;
        let path = self.folder.path().join("bin").join(name);
        fs::write(&path, format!("#!/bin/sh\n{text}\n")).expect("written");
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).expect("made executable");
    }

    /// Tells the vault to do something.
    pub(crate) fn tell(&self, command: &Value) -> Value {
        let mut pipes = self.pipes.lock().expect("nobody panicked");
        writeln!(pipes.0, "{command}").expect("the vault listens");
        read(&mut pipes.1)
    }

    /// Makes a new version of a key and returns its address.
    pub(crate) fn key(&self, host: &str, name: &str) -> String {
        let version = self.tell(&json!({"do": "key", "host": host, "name": name}));
        format!("https://{host}/keys/{name}/{}", version.as_str().expect("a version"))
    }

    pub(crate) fn change(&self, address: &str, field: &str, value: bool) {
        let parts: Vec<&str> = address.split('/').collect();
        let mut command =
            json!({"do": "change", "host": parts[2], "name": parts[4], "version": parts[5]});
        command[field] = json!(value);
        self.tell(&command);
    }

    pub(crate) fn rules(&self, rules: &Value) {
        self.tell(&json!({"do": "rules", "rules": rules}));
    }

    /// Returns the requests since the last call.
    pub(crate) fn log(&self) -> Vec<Request> {
        let log = self.tell(&json!({"do": "log"}));
        log.as_array().expect("a list").iter().map(Request::read).collect()
    }

    /// Takes what differs from run to run out of what a program says.
    pub(crate) fn masked(&self, words: &str) -> String {
        let hex = regex::Regex::new("[0-9a-f]{32}").expect("a pattern");
        let words = hex.replace_all(words, "VERSION");
        // what answers at the address of the metadata service depends on the machine
        let foreign = "what answers at http://169.254.169.254 is no metadata service";
        let words = words.replace(foreign, "no managed identity endpoint answers here");
        let foreign = foreign.replace("http", "\n      | http");
        let foreign = foreign.replace(" \n", "\n");
        let here = "no managed identity endpoint\n      | answers here";
        let words = words.replace(&foreign, here);
        words.replace(&self.path("")[..], "$PWD/").replace(&self.port.to_string(), "PORT")
    }

    /// Makes sure that no data key of this place is in what a program writes.
    pub(crate) fn has_no_secret(&self, words: &str) {
        use base64::Engine as _;
        use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
        let clear = self.tell(&json!({"do": "clear"}));
        for value in clear.as_array().expect("a list") {
            let value = value.as_str().expect("text");
            let bytes = URL_SAFE_NO_PAD.decode(value).expect("base64");
            let list = format!("{bytes:?}");
            for text in [value, &STANDARD_NO_PAD.encode(&bytes), &list] {
                assert!(!words.contains(text), "a data key is in it: {words}");
            }
        }
    }

    pub(crate) fn around(&self, mut command: Command) -> Command {
        let proxy = format!("http://127.0.0.1:{}", self.port);
        let path = format!("{}:/usr/bin:/bin", self.path("bin"));
        command.env_clear().env("PATH", path).env("HOME", self.folder.path());
        command.env("HTTPS_PROXY", &proxy).env("HTTP_PROXY", &proxy);
        command.env("NO_PROXY", "127.0.0.1,localhost,169.254.169.254");
        command.env("SSL_CERT_FILE", self.path("ca.pem"));
        // nothing secret may be in what this adds
        command.env("RUST_LOG", "trace");
        command.env("REQUESTS_CA_BUNDLE", self.path("ca.pem"));
        command.current_dir(self.folder.path());
        command
    }

    /// Our program, without credentials.
    pub(crate) fn bare(&self, arguments: &[&str]) -> Command {
        let mut command = self.around(Command::new(env!("CARGO_BIN_EXE_leafseal")));
        command.args(arguments);
        command
    }

    /// Our program, with the secret of the application.
    pub(crate) fn ours(&self, arguments: &[&str]) -> Command {
        with_secret(self.bare(arguments))
    }

    /// The reference, with the secret of the application.
    pub(crate) fn theirs(&self, arguments: &[&str]) -> Command {
        let mut command = self.around(self.reference.command());
        command.args(arguments);
        with_secret(command)
    }
}

pub(crate) fn with_secret(mut command: Command) -> Command {
    command.env("AZURE_TENANT_ID", TENANT).env("AZURE_CLIENT_ID", CLIENT);
    command.env("AZURE_CLIENT_SECRET", SECRET);
    command
}

fn read(stdout: &mut BufReader<ChildStdout>) -> Value {
    let mut line = String::new();
    stdout.read_line(&mut line).expect("the vault answers");
    serde_json::from_str(&line).expect("JSON")
}

/// One request that the vault, a login host or any other host received.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) host: String,
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) token: Option<String>,
    pub(crate) raw: String,
}

impl Request {
    fn read(value: &Value) -> Self {
        let text = |name: &str| value[name].as_str().unwrap_or_default().to_owned();
        Self {
            host: text("host"),
            method: text("method"),
            path: text("path"),
            token: value["token"].as_str().map(str::to_owned),
            raw: text("raw"),
        }
    }

    pub(crate) fn is_call(&self) -> bool {
        self.method != "CONNECT"
    }
}

/// What a program writes, in which no secret may be.
pub(crate) fn output(mut command: Command) -> Output {
    let output = command.output().expect("the program runs");
    let words = [output.stdout.as_slice(), &output.stderr].concat();
    let words = String::from_utf8_lossy(&words);
    for secret in [SECRET, "TOKEN-", "Bearer ", "client_assertion"] {
        assert!(!words.contains(secret), "{secret} is in it: {words}");
    }
    output
}

/// The output of a program, which must not fail.
pub(crate) fn text(command: Command) -> String {
    let output = output(command);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

/// How a program fails, which it must: exit code, what it says, and how long it took.
pub(crate) fn failure(command: Command) -> (i32, String, Duration) {
    let start = Instant::now();
    let output = output(command);
    let words = String::from_utf8(output.stderr).expect("text");
    assert!(!output.status.success(), "it works: {words}");
    (output.status.code().expect("a code"), words, start.elapsed())
}

/// The addresses and wrapped keys of a file.
pub(crate) fn entries(encrypted: &str) -> Vec<(String, String)> {
    let metadata = metadata(encrypted.as_bytes(), Format::Yaml).expect("readable");
    let metadata = metadata.expect("encrypted");
    metadata.master_keys().map(|key| (key.name(), key.enc.clone())).collect()
}
