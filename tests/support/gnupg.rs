//! Real OpenPGP keys in a scratch home of the `gpg` program.
#![allow(dead_code, unreachable_pub, reason = "each test program uses its own part")]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// The key of `fixtures/vectors/keys/pgp-secret.asc`.
pub const VECTOR_KEY: &str = "C9E3CD815C4F4ADE8560BB7C42F7369AFBD4E171";

/// A home of its own, whose agent ends with it.
pub struct GnupgHome {
    folder: tempfile::TempDir,
}

impl GnupgHome {
    /// Makes a home without keys.
    pub fn new() -> Self {
        // not in TMPDIR, whose path may be too long for the agent's socket
        let folder = tempfile::Builder::new().prefix("gpg").tempdir_in("/tmp");
        Self { folder: folder.expect("a scratch folder") }
    }

    /// Makes a home with the secret key of the vectors.
    pub fn with_vector_key() -> Self {
        let home = Self::new();
        home.import(&vector_key("pgp-secret.asc"));
        home
    }

    pub fn path(&self) -> &Path {
        self.folder.path()
    }

    /// Runs gpg, which must not fail; returns what it prints.
    pub fn gpg(&self, arguments: &[&str], input: &[u8]) -> Vec<u8> {
        let output = self.answer(arguments, input);
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "gpg {arguments:?}: {stderr}");
        output.stdout
    }

    fn answer(&self, arguments: &[&str], input: &[u8]) -> Output {
        let mut command = Command::new("gpg");
        command.arg("--homedir").arg(self.path()).args(["--batch", "--quiet"]);
        command.args(["--pinentry-mode", "loopback"]).args(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let Ok(mut child) = command.spawn() else {
            panic!("gpg cannot be started; `make peers` installs it");
        };
        child.stdin.take().expect("a pipe").write_all(input).expect("gpg reads");
        child.wait_with_output().expect("gpg ends")
    }

    pub fn import(&self, armored: &[u8]) {
        self.gpg(&["--import"], armored);
    }

    /// Makes a key of an algorithm for a usage, without a passphrase; returns its fingerprint.
    pub fn generate(&self, name: &str, algorithm: &str, usage: &str) -> String {
        self.generate_with(&["--passphrase", ""], name, [algorithm, usage, "never"])
    }

    /// Makes a key: algorithm, usage and expiry.
    pub fn generate_with(&self, flags: &[&str], name: &str, kind: [&str; 3]) -> String {
        let user = format!("{name} <{name}@example.invalid>");
        self.gpg(&[flags, &["--quick-generate-key", &user], &kind].concat(), b"");
        self.fingerprints(name).remove(0)
    }

    /// Adds a subkey: algorithm, usage and expiry; returns its fingerprint.
    pub fn add_subkey(&self, flags: &[&str], fingerprint: &str, kind: [&str; 3]) -> String {
        let add = ["--passphrase", "", "--quick-add-key", fingerprint];
        self.gpg(&[flags, &add, &kind].concat(), b"");
        self.fingerprints(fingerprint).pop().expect("a subkey")
    }

    /// Revokes a key with the certificate that gpg made beside it.
    pub fn revoke(&self, fingerprint: &str) {
        let path = self.path().join(format!("openpgp-revocs.d/{fingerprint}.rev"));
        let text = std::fs::read_to_string(path).expect("a revocation certificate");
        // gpg guards the certificate against use by accident
        self.import(text.replace(":-----BEGIN", "-----BEGIN").as_bytes());
    }

    /// Lists the fingerprints of a key and its subkeys.
    pub fn fingerprints(&self, name: &str) -> Vec<String> {
        let listing = self.gpg(&["--with-colons", "--list-keys", name], b"");
        let listing = String::from_utf8(listing).expect("text");
        let lines = listing.lines().filter(|line| line.starts_with("fpr:"));
        lines.filter_map(|line| line.split(':').nth(9)).map(str::to_owned).collect()
    }

    /// Writes a setting of the agent, and starts it anew.
    pub fn configure_agent(&self, line: &str) {
        std::fs::write(self.path().join("gpg-agent.conf"), format!("{line}\n")).expect("written");
        self.end_agent();
    }

    fn end_agent(&self) {
        let mut command = Command::new("gpgconf");
        let _ = command.arg("--homedir").arg(self.path()).args(["--kill", "all"]).output();
    }
}

impl Drop for GnupgHome {
    fn drop(&mut self) {
        self.end_agent();
    }
}

/// Reads a key of the vectors.
pub fn vector_key(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/vectors/keys");
    std::fs::read(folder.join(name)).expect("a key")
}

/// Writes a program of shell that stands in for gpg.
#[cfg(unix)]
pub fn stand_in(folder: &Path, name: &str, script: &str) -> PathBuf {
    use std::os::unix::fs::PermissionsExt as _;

    let path = folder.join(name);
    std::fs::write(&path, format!("#!/bin/sh\n{script}\n")).expect("written");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).expect("its own file");
    path
}
