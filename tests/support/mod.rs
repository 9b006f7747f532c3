//! What several test programs need: the vectors' keys, the reference program, generated documents.
#![allow(dead_code, unreachable_pub, reason = "each test program uses its own part")]

pub mod agreement;
pub mod documents;
pub mod gnupg;
pub mod json;
pub mod lines;
pub mod wild;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use leafseal::crypto::{DataKey, Strictness, SystemRandomness};
use leafseal::document::{self, Document, OpenOptions, SealOptions};
use leafseal::format::{Format, Indent};
use leafseal::keys::{self, KeyRing};
use leafseal::metadata::{Metadata, Selector};

pub const OPTIONS: OpenOptions = OpenOptions {
    format: Format::Yaml,
    ignore_mac: false,
    strictness: Strictness::Strict,
    indent: 0,
    keeps_layout: true,
};

pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(name)
}

/// A data key together with the metadata that wraps it for `fixtures/vectors/keys/age1.txt`.
pub struct TestKey {
    pub data_key: DataKey,
    pub metadata: Metadata,
}

impl TestKey {
    pub fn load() -> Self {
        let source = fs::read_to_string(fixture("vectors/yaml/basic.enc.yaml")).expect("a vector");
        let document = Document::parse(&source, Format::Yaml).expect("YAML");
        let metadata = document.metadata().expect("readable").expect("present");
        let manifest = fs::read_to_string(fixture("vectors/manifest.json")).expect("a manifest");
        let manifest: serde_json::Value = serde_json::from_str(&manifest).expect("JSON");
        Self { data_key: data_key(&manifest["vectors"][0]), metadata }
    }

    pub fn seal(&self, source: &str, selector: &Selector) -> Result<String, document::SealError> {
        self.seal_with(source, Metadata { selector: selector.clone(), ..self.metadata.clone() })
    }

    pub fn seal_with(
        &self,
        source: &str,
        metadata: Metadata,
    ) -> Result<String, document::SealError> {
        self.seal_in(Format::Yaml, source, metadata)
    }

    pub fn seal_in(
        &self,
        format: Format,
        source: &str,
        metadata: Metadata,
    ) -> Result<String, document::SealError> {
        self.seal_as(format, source, metadata, true)
    }

    pub fn seal_without_layout(&self, source: &str) -> Result<String, document::SealError> {
        self.seal_as(Format::Yaml, source, self.metadata.clone(), false)
    }

    pub fn seal_as(
        &self,
        format: Format,
        source: &str,
        mut metadata: Metadata,
        keeps_layout: bool,
    ) -> Result<String, document::SealError> {
        leafseal::metadata::FORMAT_VERSION.clone_into(&mut metadata.version);
        let options =
            SealOptions { format, data_key: &self.data_key, metadata, indent: 0, keeps_layout };
        let sealed = document::seal(source, options, &SystemRandomness)?;
        Ok(sealed.text)
    }

    pub fn open(&self, encrypted: &str) -> Result<String, document::OpenError> {
        self.open_in(Format::Yaml, encrypted)
    }

    pub fn open_in(&self, format: Format, encrypted: &str) -> Result<String, document::OpenError> {
        let (text, warnings) = self.open_with_warnings(format, encrypted)?;
        assert_eq!(warnings, [], "every comment opens");
        Ok(text)
    }

    pub fn open_with_warnings(
        &self,
        format: Format,
        encrypted: &str,
    ) -> Result<(String, Vec<document::Warning>), document::OpenError> {
        let document = Document::parse(encrypted, format)?;
        let metadata = document.metadata().expect("readable").expect("present");
        let options = OpenOptions { format, ..OPTIONS };
        let opened = document::open(&document, &metadata, &self.data_key, options)?;
        Ok((opened.text.as_str().to_owned(), opened.warnings))
    }
}

/// Decrypts a file and writes all of it anew in a format; without a data key with the identity of
/// `fixtures/vectors/keys/age1.txt`.
pub fn anew_as(
    format: Format,
    encrypted: &str,
    data_key: Option<DataKey>,
    output: Format,
) -> Result<String, String> {
    let document = Document::parse(encrypted, format).map_err(|error| error.to_string())?;
    let metadata = document.metadata().expect("readable").expect("present");
    let recovered = || {
        let mut ring = KeyRing::empty();
        ring.age().add_file(&fixture("vectors/keys/age1.txt")).expect("an identity");
        keys::recover(&metadata, &[], &ring).expect("it opens")
    };
    let options = OpenOptions { format, ..OPTIONS };
    let key = data_key.unwrap_or_else(recovered);
    let tree = document::open_tree(&document, &metadata, &key, options);
    let tree = tree.map_err(|error| error.to_string())?;
    let text = tree.emit(output, Indent::Default).map_err(|error| error.to_string())?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}

/// Reads the data key of a vector from the manifest.
pub fn data_key(vector: &serde_json::Value) -> DataKey {
    let digits = vector["data_key_hex"].as_str().expect("a key");
    let byte = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).expect("hexadecimal");
    let bytes: Vec<u8> = (0..digits.len()).step_by(2).map(byte).collect();
    DataKey::from_bytes(bytes.into()).expect("a data key")
}

/// The program that leafseal must agree with.
pub struct Reference {
    program: PathBuf,
    /// Ending of the files that it works on.
    ending: &'static str,
    pub folder: tempfile::TempDir,
}

impl Reference {
    pub fn find() -> Self {
        let program = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/peers/sops");
        assert!(program.exists(), "the reference program is missing: run `make peers`");
        Self { program, ending: "yaml", folder: tempfile::tempdir().expect("a scratch folder") }
    }

    /// Finds the program for files of another ending.
    pub fn for_files(ending: &'static str) -> Self {
        Self { ending, ..Self::find() }
    }

    pub fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.env("SOPS_AGE_KEY_FILE", fixture("vectors/keys/age1.txt"));
        command.env("SOPS_DISABLE_VERSION_CHECK", "true");
        command.current_dir(self.folder.path());
        command
    }

    /// Runs the program on a text; gives its output, or its complaint.
    pub fn run(&self, arguments: &[&str], text: &str) -> Result<String, String> {
        let file =
            self.folder.path().join(format!("{:?}.{}", std::thread::current().id(), self.ending));
        fs::write(&file, text).expect("a writable scratch folder");
        let output = self.command().args(arguments).arg(&file).output().expect("it runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) }
    }

    pub fn decrypt(&self, text: &str) -> Result<String, String> {
        self.run(&["decrypt"], text)
    }

    pub fn encrypt(&self, text: &str, flags: &[&str]) -> Result<String, String> {
        let recipient = "age1hk6km9gau76kykwdatkwd4lu4kka4hcegvy92lf0l6pljcrhz95slnuph2";
        self.run(&[&["encrypt", "--age", recipient], flags].concat(), text)
    }
}
