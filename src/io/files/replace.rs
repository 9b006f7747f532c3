//! Writing files so that a crash leaves the old or the new content.

use std::borrow::Cow;
use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use super::{Access, Content, FileError};
use crate::io::system;

/// The number of symbolic links after which a chain of them counts as a loop.
const MAX_LINKS: usize = 40;

/// Makes `content` that of the file at `path`.
///
/// A regular file with one name, or a new path, is replaced atomically: a crash leaves the old or
/// the new file. The file behind a symbolic link is replaced, not the link; mode and owner stay.
/// Anything else (a device, a pipe, `/dev/stdout`, a file with several names, one that is a mount
/// of its own or whose owner could not be kept) is written in place.
///
/// # Errors
/// The file cannot be written, or no longer holds the `expected` bytes; then it stays as it is.
pub fn replace(
    path: &Path,
    content: &dyn Content,
    expected: Option<&[u8]>,
    access: Access,
) -> Result<(), FileError> {
    let write = |source| FileError::Write { path: path.to_owned(), source };
    let task = Replacement { path, content, expected, access };
    match Target::of(path).map_err(write)? {
        Target::Name { path: name, old } => task.by_rename(&name, old.as_ref()),
        Target::Open(name) => task.in_place(&name),
    }
}

/// Makes a new file with its folders, which are private if the file is.
///
/// # Errors
/// There is such a file already, or it cannot be written; then none is left behind.
pub fn create(path: &Path, bytes: &[u8], access: Access) -> Result<(), FileError> {
    let failed = |source| FileError::Write { path: path.to_owned(), source };
    let folder = parent(path);
    system::create_folders(&folder, access == Access::Private).map_err(failed)?;
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    if access == Access::Private {
        system::create_private(&mut options);
    }
    let mut file = options.open(path).map_err(|source| match source.kind() {
        io::ErrorKind::AlreadyExists => FileError::Exists { path: path.to_owned() },
        _ => failed(source),
    })?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all());
    written.map_err(|source| {
        let _ = std::fs::remove_file(path);
        failed(source)
    })
}

/// How a path has to be written.
enum Target {
    /// The final name may be taken by another file; the metadata is that of the file there.
    Name { path: PathBuf, old: Option<Metadata> },
    /// What the path opens has to be kept.
    Open(PathBuf),
}

impl Target {
    fn of(path: &Path) -> io::Result<Self> {
        let mut name = path.to_owned();
        for _ in 0..MAX_LINKS {
            if system::is_magic(&parent(&name).canonicalize()?) {
                return Ok(Self::Open(path.to_owned()));
            }
            let metadata = match name.symlink_metadata() {
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    return Ok(Self::Name { path: name, old: None });
                }
                metadata => metadata?,
            };
            if !metadata.is_symlink() {
                let is_replaceable = metadata.is_file() && !system::is_linked_twice(&metadata);
                let old = Some(metadata);
                return Ok(if is_replaceable {
                    Self::Name { path: name, old }
                } else {
                    Self::Open(name)
                });
            }
            name = parent(&name).join(name.read_link()?);
        }
        Err(io::Error::other("too many levels of symbolic links"))
    }
}

/// Returns the folder that holds `path`.
fn parent(path: &Path) -> PathBuf {
    match path.parent() {
        Some(folder) if folder.as_os_str().is_empty() => PathBuf::from("."),
        Some(folder) => folder.to_owned(),
        None => path.to_owned(),
    }
}

/// What to write, and on what condition.
#[derive(Clone, Copy)]
struct Replacement<'a> {
    path: &'a Path,
    content: &'a dyn Content,
    expected: Option<&'a [u8]>,
    access: Access,
}

/// A written file that waits for its name.
enum Prepared {
    /// It has a name for the time being, which a crash leaves behind.
    Named(NamedTempFile),
    /// It goes with the process.
    Unnamed(File),
}

impl Prepared {
    /// Gives the file a passing name, from which it can take another's place.
    fn name(self, folder: &Path) -> io::Result<NamedTempFile> {
        match self {
            Self::Named(file) => Ok(file),
            Self::Unnamed(file) => temporary().make_in(folder, |path| {
                system::name_file(&file, path)?;
                file.try_clone()
            }),
        }
    }
}

fn temporary<'a>() -> tempfile::Builder<'a, 'a> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".leafseal-");
    builder
}

impl Replacement<'_> {
    fn failed(&self, source: io::Error) -> FileError {
        FileError::Write { path: self.path.to_owned(), source }
    }

    fn by_rename(&self, name: &Path, old: Option<&Metadata>) -> Result<(), FileError> {
        if old.is_some() {
            // a file that is read-only for this user is not to be replaced behind its back
            OpenOptions::new().write(true).open(name).map_err(|error| self.failed(error))?;
        }
        let folder = parent(name);
        let prepared = match self.prepare(&folder, old) {
            Err(error) if old.is_some() && system::is_refused_by_folder(&error) => {
                return self.in_place(name);
            }
            prepared => prepared.map_err(|error| self.failed(error))?,
        };
        self.check(name)?;
        let named = prepared.name(&folder).map_err(|error| self.failed(error))?;
        match named.persist(name) {
            Err(refused) if old.is_some() && system::is_refused_by_folder(&refused.error) => {
                self.in_place(name)
            }
            Err(failure) => Err(self.failed(failure.error)),
            Ok(_) => {
                // the content is in place; a file system that cannot sync folders is no failure
                let _ = system::sync_folder(&folder);
                Ok(())
            }
        }
    }

    /// Writes the temporary file that will take the name.
    fn prepare(&self, folder: &Path, old: Option<&Metadata>) -> io::Result<Prepared> {
        let is_shared = old.is_none() && self.access == Access::Shared;
        let unnamed = system::unnamed_file(folder, is_shared);
        if let Ok(file) = unnamed.and_then(|file| self.fill_new(&file, old).map(|()| file))
            && system::can_be_named(&file)
        {
            return Ok(Prepared::Unnamed(file));
        }
        let mut builder = temporary();
        if is_shared {
            system::create_shared(&mut builder);
        }
        let file = builder.tempfile_in(folder)?;
        self.fill_new(file.as_file(), old)?;
        Ok(Prepared::Named(file))
    }

    fn fill_new(&self, mut file: &File, old: Option<&Metadata>) -> io::Result<()> {
        self.content.write_to(&mut file)?;
        if let Some(old) = old {
            system::copy_ownership(file, old)?;
        }
        file.sync_all()
    }

    /// Opens what the path names and writes into it.
    fn in_place(&self, name: &Path) -> Result<(), FileError> {
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        if self.access == Access::Private {
            system::create_private(&mut options);
        }
        let is_file = std::fs::metadata(name).is_ok_and(|metadata| metadata.is_file());
        if is_file {
            self.check(name)?;
        }
        let old = self.expected.map(Cow::Borrowed);
        let read = || is_file.then(|| std::fs::read(name).ok()).flatten().map(Cow::Owned);
        let old = old.or_else(read);
        let file = options.open(name).map_err(|error| self.failed(error))?;
        self.fill(&file).map_err(|error| {
            restore(&file, old.as_deref());
            self.failed(error)
        })
    }

    fn fill(&self, mut file: &File) -> io::Result<()> {
        if !file.metadata()?.is_file() {
            return self.content.write_to(&mut file);
        }
        let length = self.content.length();
        system::reserve(file, length)?;
        self.content.write_to(&mut file)?;
        file.set_len(u64::try_from(length).unwrap_or(u64::MAX))?;
        file.sync_all()
    }

    /// Compares the file with what it is expected to hold.
    fn check(&self, name: &Path) -> Result<(), FileError> {
        let Some(expected) = self.expected else {
            return Ok(());
        };
        match File::open(name).and_then(|file| holds(&file, expected)) {
            Ok(true) => Ok(()),
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(self.failed(error)),
            _ => Err(FileError::Changed { path: self.path.to_owned() }),
        }
    }
}

/// Tells whether a file holds just these bytes, of which no second copy is made.
fn holds(mut file: &File, mut expected: &[u8]) -> io::Result<bool> {
    let mut piece = vec![0; expected.len().clamp(1, 1 << 20)];
    loop {
        let length = match file.read(&mut piece) {
            Ok(0) => return Ok(expected.is_empty()),
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let Some(rest) = expected.strip_prefix(&piece[..length]) else { return Ok(false) };
        expected = rest;
    }
}

/// Puts back what a file held that could be written in part only.
fn restore(mut file: &File, old: Option<&[u8]>) {
    let is_file = file.metadata().is_ok_and(|metadata| metadata.is_file());
    if let (Some(old), true) = (old, is_file) {
        // the error that is reported is that of the write
        let _ = file.rewind().and_then(|()| file.write_all(old));
        let _ = file.set_len(u64::try_from(old.len()).unwrap_or(u64::MAX));
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink};

    use super::*;

    struct Folder(tempfile::TempDir);

    impl Folder {
        fn new() -> Self {
            Self(tempfile::tempdir().unwrap())
        }

        fn path(&self, name: &str) -> PathBuf {
            self.0.path().join(name)
        }

        fn file(&self, name: &str, text: &str) -> PathBuf {
            std::fs::write(self.path(name), text).unwrap();
            self.path(name)
        }

        fn names(&self) -> Vec<String> {
            let entries = std::fs::read_dir(self.0.path()).unwrap();
            let mut names: Vec<String> =
                entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
            names.sort();
            names
        }
    }

    fn mode(path: &Path) -> u32 {
        path.metadata().unwrap().permissions().mode() & 0o7777
    }

    fn inode(path: &Path) -> u64 {
        path.metadata().unwrap().ino()
    }

    fn text(path: &Path) -> String {
        std::fs::read_to_string(path).unwrap()
    }

    #[test]
    fn a_file_gives_way_to_a_new_one_with_its_mode_and_owner() {
        let folder = Folder::new();
        let path = folder.file("a", "old");
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        let is_chowned = std::os::unix::fs::chown(&path, Some(1234), Some(4321)).is_ok();
        let old = inode(&path);
        replace(&path, b"new", Some(b"old"), Access::Private).unwrap();
        assert_eq!((text(&path).as_str(), mode(&path)), ("new", 0o640));
        assert_ne!(inode(&path), old);
        if is_chowned {
            let metadata = path.metadata().unwrap();
            assert_eq!((metadata.uid(), metadata.gid()), (1234, 4321));
        }
        assert_eq!(folder.names(), ["a"]);
    }

    #[test]
    fn new_plaintext_is_private_and_new_ciphertext_follows_the_umask() {
        let folder = Folder::new();
        let usual = mode(&folder.file("usual", ""));
        for (name, access, expected) in
            [("private", Access::Private, 0o600), ("shared", Access::Shared, usual)]
        {
            replace(&folder.path(name), b"new", None, access).unwrap();
            assert_eq!(mode(&folder.path(name)), expected, "{name}");
        }
    }

    #[test]
    fn the_file_behind_a_symbolic_link_is_replaced() {
        let folder = Folder::new();
        std::fs::create_dir(folder.path("below")).unwrap();
        let target = folder.file("below/target", "old");
        symlink("below/target", folder.path("first")).unwrap();
        symlink("first", folder.path("second")).unwrap();
        symlink("below/fresh", folder.path("dangling")).unwrap();
        replace(&folder.path("second"), b"new", Some(b"old"), Access::Shared).unwrap();
        replace(&folder.path("dangling"), b"made", None, Access::Shared).unwrap();
        assert_eq!(text(&target), "new");
        assert_eq!(text(&folder.path("below/fresh")), "made");
        assert!(folder.path("second").symlink_metadata().unwrap().is_symlink());
    }

    #[test]
    fn a_loop_of_links_is_an_error() {
        let folder = Folder::new();
        symlink("b", folder.path("a")).unwrap();
        symlink("a", folder.path("b")).unwrap();
        let error = replace(&folder.path("a"), b"new", None, Access::Shared).unwrap_err();
        assert!(matches!(error, FileError::Write { .. }));
    }

    #[test]
    fn a_file_with_two_names_keeps_both() {
        let folder = Folder::new();
        let path = folder.file("a", "a long old text");
        std::fs::hard_link(&path, folder.path("b")).unwrap();
        replace(&path, b"new", Some(b"a long old text"), Access::Shared).unwrap();
        assert_eq!(text(&folder.path("b")), "new");
        let error = replace(&path, b"newer", Some(b"other"), Access::Shared).unwrap_err();
        assert!(matches!(error, FileError::Changed { .. }));
        assert_eq!(text(&folder.path("b")), "new");
    }

    #[test]
    fn a_write_that_fails_halfway_is_undone() {
        let folder = Folder::new();
        for old in ["a long old text", "old", ""] {
            let path = folder.file("a", "a part of");
            let file = OpenOptions::new().write(true).open(&path).unwrap();
            (&file).write_all(b"new").unwrap();
            restore(&file, Some(old.as_bytes()));
            assert_eq!(text(&path), old);
        }
    }

    #[test]
    fn a_changed_or_removed_file_is_left_alone() {
        let folder = Folder::new();
        let path = folder.file("a", "changed");
        for (name, left) in [("a", &["a"][..]), ("gone", &["a"])] {
            let result = replace(&folder.path(name), b"new", Some(b"old"), Access::Shared);
            let message = result.unwrap_err().to_string();
            assert!(message.ends_with("was changed by another program since it was read"));
            assert_eq!(folder.names(), left);
        }
        assert_eq!(text(&path), "changed");
    }

    #[test]
    fn a_pipe_gets_the_bytes_and_stays_a_pipe() {
        let folder = Folder::new();
        let path = folder.path("pipe");
        let status = std::process::Command::new("mkfifo").arg(&path).status().unwrap();
        assert!(status.success());
        let reader = std::thread::spawn({
            let path = path.clone();
            move || std::fs::read(path).unwrap()
        });
        replace(&path, b"through", Some(b"ignored"), Access::Shared).unwrap();
        assert_eq!(reader.join().unwrap(), b"through");
        assert!(!path.metadata().unwrap().is_file());
    }

    #[test]
    fn devices_are_written_in_place() {
        replace(Path::new("/dev/null"), b"new", Some(b"ignored"), Access::Private).unwrap();
        let result = replace(Path::new("/dev/full"), b"new", None, Access::Private);
        assert!(matches!(result, Err(FileError::Write { .. })));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn an_open_file_named_by_its_descriptor_keeps_its_inode() {
        use std::os::fd::AsRawFd as _;

        let folder = Folder::new();
        let path = folder.file("a", "a long old text");
        let file = File::open(&path).unwrap();
        symlink(format!("/dev/fd/{}", file.as_raw_fd()), folder.path("link")).unwrap();
        let old = inode(&path);
        replace(&folder.path("link"), b"new", None, Access::Shared).unwrap();
        assert_eq!((text(&path).as_str(), inode(&path)), ("new", old));
    }

    #[test]
    fn a_missing_folder_and_a_folder_are_errors_that_name_the_path() {
        let folder = Folder::new();
        for path in [folder.path("missing/a"), folder.path("")] {
            let error = replace(&path, b"new", None, Access::Shared).unwrap_err();
            assert_eq!(error.to_string(), format!("cannot write {}", path.display()));
        }
        let error = crate::io::files::read(&folder.path("missing")).unwrap_err();
        assert!(error.to_string().starts_with("cannot read "));
    }
}
