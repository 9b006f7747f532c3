//! Users of the system: who runs this process, and becoming somebody else.

#[cfg(unix)]
use std::ffi::CString;
use std::io;
use std::path::PathBuf;

/// The reasons why this process cannot become another user.
#[derive(Debug, thiserror::Error)]
pub enum UserError {
    /// There is no such user.
    #[error("there is no user {0:?}")]
    Unknown(String),
    /// The list of users cannot be read.
    #[error("cannot look up the user {0:?}")]
    Lookup(String, #[source] io::Error),
    /// The system refuses.
    #[error("cannot become the user {0:?}")]
    Refused(String, #[source] io::Error),
}

/// A user of the system.
pub struct User {
    /// Name.
    pub name: String,
    /// Home folder.
    pub home: PathBuf,
    #[cfg(unix)]
    found: nix::unistd::User,
}

#[cfg(unix)]
impl User {
    /// Looks up a user.
    ///
    /// # Errors
    /// There is none of this name.
    pub fn find(name: &str) -> Result<Self, UserError> {
        match nix::unistd::User::from_name(name) {
            Ok(Some(found)) => {
                Ok(Self { name: found.name.clone(), home: found.dir.clone(), found })
            }
            Ok(None) => Err(UserError::Unknown(name.to_owned())),
            Err(error) => Err(UserError::Lookup(name.to_owned(), error.into())),
        }
    }

    /// Takes on the groups, the group and the user id of this user, for good.
    ///
    /// # Errors
    /// Only root may do so.
    pub fn take_on(&self) -> Result<(), UserError> {
        let refused = |error: nix::Error| UserError::Refused(self.name.clone(), error.into());
        let name =
            CString::new(self.name.as_str()).map_err(|_| UserError::Unknown(self.name.clone()))?;
        set_groups(&name, self.found.gid).map_err(refused)?;
        nix::unistd::setgid(self.found.gid).map_err(refused)?;
        nix::unistd::setuid(self.found.uid).map_err(refused)
    }
}

#[cfg(all(unix, not(target_vendor = "apple")))]
fn set_groups(name: &std::ffi::CStr, group: nix::unistd::Gid) -> nix::Result<()> {
    nix::unistd::initgroups(name, group)
}

/// Refuses: this system keeps the groups of a process elsewhere.
#[cfg(all(unix, target_vendor = "apple"))]
fn set_groups(_name: &std::ffi::CStr, _group: nix::unistd::Gid) -> nix::Result<()> {
    Err(nix::Error::ENOTSUP)
}

#[cfg(not(unix))]
impl User {
    /// Refuses: this system has no such users.
    ///
    /// # Errors
    /// Always.
    pub fn find(name: &str) -> Result<Self, UserError> {
        Err(UserError::Lookup(name.to_owned(), io::ErrorKind::Unsupported.into()))
    }

    /// Refuses.
    ///
    /// # Errors
    /// Always.
    pub fn take_on(&self) -> Result<(), UserError> {
        Err(UserError::Refused(self.name.clone(), io::ErrorKind::Unsupported.into()))
    }
}

/// Returns the name of the user that runs this process, or its number where it has none.
#[cfg(unix)]
#[must_use]
pub fn current() -> String {
    let id = nix::unistd::Uid::current();
    let found = nix::unistd::User::from_uid(id).ok().flatten();
    found.map_or_else(|| id.to_string(), |user| user.name)
}

/// Returns the name of the user that runs this process.
#[cfg(not(unix))]
#[must_use]
pub fn current() -> String {
    let environment = super::environment::Environment::of_process();
    let name = environment.filled_variable("USERNAME");
    name.map_or_else(String::new, |name| name.to_string_lossy().into_owned())
}
