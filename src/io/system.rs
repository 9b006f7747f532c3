//! What file systems do differently between operating systems.

use std::fs::{File, Metadata};
use std::io;
use std::path::Path;

/// Tells whether a path lies where links stand for open files rather than for names.
#[cfg(unix)]
pub(super) fn is_magic(path: &Path) -> bool {
    path.starts_with("/proc") || path.starts_with("/dev")
}

#[cfg(not(unix))]
pub(super) fn is_magic(_path: &Path) -> bool {
    false
}

/// Tells whether a file has another name, which a replacement would cut off.
#[cfg(unix)]
pub(super) fn is_linked_twice(metadata: &Metadata) -> bool {
    std::os::unix::fs::MetadataExt::nlink(metadata) > 1
}

#[cfg(not(unix))]
pub(super) fn is_linked_twice(_metadata: &Metadata) -> bool {
    false
}

/// Tells whether the group or everybody may read a file.
#[cfg(unix)]
pub(super) fn is_open_to_others(metadata: &Metadata) -> bool {
    std::os::unix::fs::MetadataExt::mode(metadata) & 0o044 != 0
}

#[cfg(not(unix))]
pub(super) fn is_open_to_others(_metadata: &Metadata) -> bool {
    false
}

/// Tells whether a file may be run by anybody.
#[cfg(all(unix, feature = "cli"))]
pub(super) fn is_executable(metadata: &Metadata) -> bool {
    std::os::unix::fs::MetadataExt::mode(metadata) & 0o111 != 0
}

#[cfg(all(not(unix), feature = "cli"))]
pub(super) fn is_executable(_metadata: &Metadata) -> bool {
    true
}

/// Gives `file` the owner, group and mode of `model`.
#[cfg(unix)]
pub(super) fn copy_ownership(file: &File, model: &Metadata) -> io::Result<()> {
    use std::os::unix::fs::MetadataExt as _;

    let own = file.metadata()?;
    if (own.uid(), own.gid()) != (model.uid(), model.gid()) {
        std::os::unix::fs::fchown(file, Some(model.uid()), Some(model.gid()))?;
    }
    // after the owner, as a change of owner clears mode bits
    file.set_permissions(model.permissions())
}

#[cfg(not(unix))]
pub(super) fn copy_ownership(_file: &File, _model: &Metadata) -> io::Result<()> {
    Ok(())
}

/// Opens a new file without a name, which goes with the process if it gets none.
///
/// # Errors
/// The file system has no such files.
#[cfg(target_os = "linux")]
pub(super) fn unnamed_file(folder: &Path, is_shared: bool) -> io::Result<File> {
    use rustix::fs::{CWD, Mode, OFlags, openat};

    let mode = Mode::from_raw_mode(if is_shared { 0o666 } else { 0o600 });
    let flags = OFlags::TMPFILE | OFlags::WRONLY | OFlags::CLOEXEC;
    Ok(openat(CWD, folder, flags, mode)?.into())
}

#[cfg(not(target_os = "linux"))]
pub(super) fn unnamed_file(_folder: &Path, _is_shared: bool) -> io::Result<File> {
    Err(io::ErrorKind::Unsupported.into())
}

/// Tells whether [`name_file`] can find a file.
#[cfg(target_os = "linux")]
pub(super) fn can_be_named(file: &File) -> bool {
    std::fs::metadata(descriptor(file)).is_ok()
}

#[cfg(not(target_os = "linux"))]
pub(super) fn can_be_named(_file: &File) -> bool {
    false
}

/// Gives a file without a name one that is free.
#[cfg(target_os = "linux")]
pub(super) fn name_file(file: &File, path: &Path) -> io::Result<()> {
    use rustix::fs::{AtFlags, CWD, linkat};

    Ok(linkat(CWD, descriptor(file), CWD, path, AtFlags::SYMLINK_FOLLOW)?)
}

#[cfg(not(target_os = "linux"))]
pub(super) fn name_file(_file: &File, _path: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}

#[cfg(target_os = "linux")]
fn descriptor(file: &File) -> String {
    use std::os::fd::AsRawFd as _;

    format!("/proc/self/fd/{}", file.as_raw_fd())
}

/// Lets everybody read a temporary file, as far as the umask allows.
#[cfg(unix)]
pub(super) fn create_shared(builder: &mut tempfile::Builder<'_, '_>) {
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
}

#[cfg(not(unix))]
pub(super) fn create_shared(_builder: &mut tempfile::Builder<'_, '_>) {}

/// Makes a file that is opened for the first time private to its owner.
#[cfg(unix)]
pub(super) fn create_private(options: &mut std::fs::OpenOptions) {
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
}

#[cfg(not(unix))]
pub(super) fn create_private(_options: &mut std::fs::OpenOptions) {}

/// Makes a folder and those above it, where they are missing.
#[cfg(unix)]
pub(super) fn create_folders(folder: &Path, is_private: bool) -> io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    if is_private {
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    }
    builder.create(folder)
}

#[cfg(not(unix))]
pub(super) fn create_folders(folder: &Path, _is_private: bool) -> io::Result<()> {
    std::fs::create_dir_all(folder)
}

/// Writes the entries of a folder to the disk.
#[cfg(unix)]
pub(super) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

#[cfg(not(unix))]
pub(super) fn sync_folder(_folder: &Path) -> io::Result<()> {
    Ok(())
}

/// Makes sure that a file can grow to `length`, where the file system can tell.
///
/// # Errors
/// The disk is full; every other failure is left to the write itself.
#[cfg(target_os = "linux")]
pub(super) fn reserve(file: &File, length: usize) -> io::Result<()> {
    use rustix::fs::{FallocateFlags, fallocate};
    use rustix::io::Errno;

    let length = u64::try_from(length).unwrap_or(u64::MAX);
    if length == 0 {
        return Ok(());
    }
    match fallocate(file, FallocateFlags::KEEP_SIZE, 0, length) {
        Err(full @ (Errno::NOSPC | Errno::DQUOT | Errno::FBIG)) => Err(full.into()),
        _ => Ok(()),
    }
}

#[cfg(not(target_os = "linux"))]
pub(super) fn reserve(_file: &File, _length: usize) -> io::Result<()> {
    Ok(())
}

/// Tells whether a folder refuses new names although the file in it may be writable, as with a
/// file that is a mount of its own.
pub(super) fn is_refused_by_folder(error: &io::Error) -> bool {
    use io::ErrorKind::{CrossesDevices, PermissionDenied, ReadOnlyFilesystem, ResourceBusy};

    matches!(error.kind(), CrossesDevices | PermissionDenied | ReadOnlyFilesystem | ResourceBusy)
}

/// Keeps everybody else out of a temporary folder.
#[cfg(all(unix, feature = "cli"))]
pub(super) fn make_private(builder: &mut tempfile::Builder<'_, '_>) {
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
}

#[cfg(all(not(unix), feature = "cli"))]
pub(super) fn make_private(_builder: &mut tempfile::Builder<'_, '_>) {}

/// Makes a FIFO that only this user can use.
#[cfg(all(unix, feature = "cli"))]
pub(super) fn make_fifo(path: &Path) -> io::Result<()> {
    use nix::sys::stat::Mode;

    Ok(nix::unistd::mkfifo(path, Mode::S_IRUSR | Mode::S_IWUSR)?)
}

#[cfg(all(not(unix), feature = "cli"))]
pub(super) fn make_fifo(_path: &Path) -> io::Result<()> {
    Err(io::ErrorKind::Unsupported.into())
}
