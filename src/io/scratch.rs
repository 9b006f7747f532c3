//! Content in clear that a command reads, in a folder of its own that always goes.

use std::ffi::OsStr;
use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::environment::Environment;
use super::system;

/// A private folder with one file or FIFO in it; dropping it removes both.
pub struct Scratch {
    folder: TempDir,
    path: PathBuf,
}

impl Scratch {
    /// Makes the folder, for a file of this name.
    ///
    /// # Errors
    /// The folder above is missing or not writable.
    pub fn new(above: &Path, name: &OsStr) -> io::Result<Self> {
        let mut builder = tempfile::Builder::new();
        builder.prefix(".sops");
        system::make_private(&mut builder);
        // the error names a path that nobody knows
        let folder = builder.tempdir_in(above).map_err(|error| io::Error::from(error.kind()))?;
        let path = folder.path().join(name);
        Ok(Self { folder, path })
    }

    /// Returns where the file or FIFO is, or will be.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Writes the content into a file that only this user can read.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn write(&self, content: &[u8]) -> io::Result<()> {
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        system::create_private(&mut options);
        options.open(&self.path)?.write_all(content)
    }

    /// Makes a FIFO which gives the content to the first who reads it, so that it is never on a
    /// disk.
    ///
    /// # Errors
    /// The file system has no FIFOs.
    pub fn offer(&self, content: impl AsRef<[u8]> + Send + 'static) -> io::Result<()> {
        system::make_fifo(&self.path)?;
        let path = self.path.clone();
        std::thread::Builder::new().spawn(move || {
            // who reads may go away, or never come
            let fifo = OpenOptions::new().write(true).open(path);
            let _ = fifo.and_then(|mut fifo| fifo.write_all(content.as_ref()));
        })?;
        Ok(())
    }

    /// Removes everything.
    ///
    /// # Errors
    /// Something stays.
    pub fn remove(self) -> io::Result<()> {
        self.folder.close()
    }

    /// Leaves everything where it is, for somebody else to remove, and returns the folder.
    #[must_use]
    pub fn leave(self) -> PathBuf {
        self.folder.keep()
    }
}

/// Chooses where private folders go: `TMPDIR`, else a folder in memory if there is one.
#[must_use]
pub fn folder_above(environment: &Environment<'_>) -> PathBuf {
    const IN_MEMORY: &str = "/dev/shm";
    let named = environment.filled_variable(if cfg!(windows) { "TMP" } else { "TMPDIR" });
    match named {
        Some(named) => named.into(),
        None if cfg!(unix) && fs::metadata(IN_MEMORY).is_ok_and(|it| it.is_dir()) => {
            IN_MEMORY.into()
        }
        None if cfg!(unix) => "/tmp".into(),
        None => environment.filled_variable("TEMP").map_or_else(|| ".".into(), PathBuf::from),
    }
}
