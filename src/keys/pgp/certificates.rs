//! Certificates and secret keys that were exported into files and variables.

use std::path::{Path, PathBuf};

use sequoia_openpgp::Cert;
use sequoia_openpgp::cert::CertParser;
use sequoia_openpgp::parse::Parse as _;
use zeroize::Zeroizing;

use super::with_cause;
use crate::io::environment::Environment;
use crate::io::files;
use crate::keys::holds_identity;

/// The variable of ours that holds armored keys.
const KEY: &str = "LEAFSEAL_PGP_KEY";

/// The variable of ours that names a file of keys.
const KEY_FILE: &str = "LEAFSEAL_PGP_KEY_FILE";

/// The key rings of old releases of `GnuPG`, which hold exported keys one after the other.
const RINGS: [&str; 2] = ["secring.gpg", "pubring.gpg"];

/// How a block of armor begins; a file may have several.
const ARMOR: &[u8] = b"-----BEGIN PGP ";

/// The certificates at hand, with what is wrong where they come from.
#[derive(Default)]
pub(super) struct Certificates {
    pub(super) found: Vec<Cert>,
    pub(super) problems: Vec<String>,
}

impl Certificates {
    /// Reads what the environment leads to. Content is never shown.
    pub(super) fn read(environment: Environment<'_>) -> Self {
        let mut certificates = Self::default();
        if let Some(value) = environment.filled_variable(KEY) {
            certificates.add(KEY, &Zeroizing::new(value.into_encoded_bytes()));
        }
        if let Some(path) = environment.filled_variable(KEY_FILE).map(PathBuf::from) {
            if holds_identity(&path.to_string_lossy()) {
                certificates.problems.push(format!("{KEY_FILE} holds a key, not the path of one"));
            } else {
                certificates.add_file(&format!("{KEY_FILE} ({})", path.display()), &path);
            }
        }
        let default = || environment.home_folder().map(|home| home.join(".gnupg"));
        let folder = environment.filled_variable("GNUPGHOME").map(PathBuf::from).or_else(default);
        let rings = folder.iter().flat_map(|folder| RINGS.map(|ring| folder.join(ring)));
        for ring in rings.filter(|ring| ring.is_file()) {
            certificates.add_file(&ring.display().to_string(), &ring);
        }
        certificates
    }

    fn add_file(&mut self, name: &str, path: &Path) {
        match files::read(path).map(Zeroizing::new) {
            Ok(bytes) => self.add(name, &bytes),
            Err(error) => {
                self.problems.push(format!("{name}: {}", with_cause(&error)));
            }
        }
    }

    fn add(&mut self, name: &str, bytes: &[u8]) {
        let before = self.found.len();
        for block in blocks(bytes) {
            let parser = CertParser::from_bytes(block);
            self.found.extend(parser.into_iter().flatten().filter_map(Result::ok));
        }
        if self.found.len() == before {
            self.problems.push(format!("{name} holds no OpenPGP key that can be read"));
        }
    }
}

/// Cuts a text into its blocks of armor; bytes without armor are one block.
fn blocks(bytes: &[u8]) -> Vec<&[u8]> {
    let starts: Vec<usize> = memchr::memmem::find_iter(bytes, ARMOR).collect();
    if starts.is_empty() {
        return vec![bytes];
    }
    let ends = starts.iter().skip(1).copied().chain([bytes.len()]);
    starts.iter().zip(ends).map(|(start, end)| &bytes[*start..end]).collect()
}
