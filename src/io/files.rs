//! Files and standard streams: reading them here, writing files in `replace`.

mod replace;

pub use replace::{create, replace};

use std::fs::File;
use std::io::{self, Read as _, Write};
use std::path::{Path, PathBuf};

use super::system;

/// The reasons why a file or a stream cannot be read or written.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// The file cannot be read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file as it was named.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file cannot be written.
    #[error("cannot write {}", path.display())]
    Write {
        /// The file as it was named.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file does not hold the bytes any more that were read from it; nothing was written.
    #[error("{} was changed by another program since it was read", path.display())]
    Changed {
        /// The file as it was named.
        path: PathBuf,
    },
    /// There is a file already where a new one was to be made.
    #[error("{} exists already", path.display())]
    Exists {
        /// The file as it was named.
        path: PathBuf,
    },
    /// Standard input cannot be read.
    #[error("cannot read standard input")]
    Stdin(#[source] io::Error),
    /// Standard output cannot be written.
    #[error("cannot write standard output")]
    Stdout(#[source] io::Error),
    /// The reader of standard output went away; no reason for a message.
    #[error("standard output is closed")]
    BrokenPipe,
}

/// Who may read a file that does not exist yet; an existing one keeps its mode.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Only the owner: for plaintext.
    Private,
    /// Everybody, as far as the umask allows: for ciphertext.
    Shared,
}

/// What a file is to hold. It may be written more than once: what fails at one place is tried at
/// another.
pub trait Content {
    /// Returns the number of bytes.
    fn length(&self) -> usize;

    /// Writes all bytes.
    ///
    /// # Errors
    /// The output does not take them.
    fn write_to(&self, output: &mut dyn Write) -> io::Result<()>;
}

impl<T: AsRef<[u8]>> Content for T {
    fn length(&self) -> usize {
        self.as_ref().len()
    }

    fn write_to(&self, output: &mut dyn Write) -> io::Result<()> {
        output.write_all(self.as_ref())
    }
}

/// A file, or standard input, that is read by pieces.
pub struct Input {
    path: Option<PathBuf>,
    reader: Box<dyn io::Read>,
    length: usize,
}

/// Opens a file, or standard input if none is named.
///
/// # Errors
/// The file cannot be opened.
pub fn open(path: Option<&Path>) -> Result<Input, FileError> {
    let Some(path) = path else {
        return Ok(Input { path: None, reader: Box::new(io::stdin().lock()), length: 0 });
    };
    let failed = |source| FileError::Read { path: path.to_owned(), source };
    let file = File::open(path).map_err(failed)?;
    let length = file.metadata().map_err(failed)?.len();
    let length = usize::try_from(length).unwrap_or(usize::MAX);
    Ok(Input { path: Some(path.to_owned()), reader: Box::new(file), length })
}

impl Input {
    /// Returns how many bytes there are, as far as that is known; 0 if it is not.
    #[must_use]
    pub fn length(&self) -> usize {
        self.length
    }

    /// Makes the error for what a read says.
    #[must_use]
    pub fn failed(&self, source: io::Error) -> FileError {
        match &self.path {
            Some(path) => FileError::Read { path: path.clone(), source },
            None => FileError::Stdin(source),
        }
    }
}

impl io::Read for Input {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.reader.read(buffer)
    }
}

/// Returns the content of a file.
pub fn read(path: &Path) -> Result<Vec<u8>, FileError> {
    std::fs::read(path).map_err(|source| FileError::Read { path: path.to_owned(), source })
}

/// Tells whether users other than the owner may read a file, where the system can tell.
#[must_use]
pub fn is_open_to_others(path: &Path) -> bool {
    path.metadata().is_ok_and(|metadata| system::is_open_to_others(&metadata))
}

/// Returns everything that standard input holds.
pub fn read_stdin() -> Result<Vec<u8>, FileError> {
    let mut bytes = Vec::new();
    io::stdin().lock().read_to_end(&mut bytes).map_err(FileError::Stdin)?;
    Ok(bytes)
}

/// Writes `bytes` to standard output.
pub fn write_stdout(bytes: &[u8]) -> Result<(), FileError> {
    write_content_to_stdout(&bytes)
}

/// Writes a content to standard output.
pub fn write_content_to_stdout(content: &dyn Content) -> Result<(), FileError> {
    let mut output = io::stdout().lock();
    let written = content.write_to(&mut output).and_then(|()| output.flush());
    written.map_err(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => FileError::BrokenPipe,
        _ => FileError::Stdout(error),
    })
}
