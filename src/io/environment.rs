//! The process environment as a value, so that no library code reads it by itself.

use std::ffi::OsString;
use std::path::PathBuf;

/// Looks up environment variables.
#[derive(Clone, Copy)]
pub struct Environment<'a> {
    variable: &'a (dyn Fn(&str) -> Option<OsString> + Sync),
}

impl<'a> Environment<'a> {
    /// Makes an environment that asks `variable` for the value of a name.
    #[must_use]
    pub fn new(variable: &'a (dyn Fn(&str) -> Option<OsString> + Sync)) -> Self {
        Self { variable }
    }

    /// Returns the environment of this process.
    #[must_use]
    pub fn of_process() -> Environment<'static> {
        Environment { variable: &|name| std::env::var_os(name) }
    }

    /// Returns the value of a variable, if it is set; it may be empty.
    #[must_use]
    pub fn variable(&self, name: &str) -> Option<OsString> {
        (self.variable)(name)
    }

    /// Returns the value of a variable, if it is set and not empty.
    #[must_use]
    pub fn filled_variable(&self, name: &str) -> Option<OsString> {
        self.variable(name).filter(|value| !value.is_empty())
    }

    /// Returns the user's home folder.
    #[must_use]
    pub fn home_folder(&self) -> Option<PathBuf> {
        self.filled_variable(if cfg!(windows) { "USERPROFILE" } else { "HOME" }).map(PathBuf::from)
    }

    /// Returns the folder below which programs keep the user's configuration.
    #[must_use]
    pub fn configuration_folder(&self) -> Option<PathBuf> {
        let path = |name| self.filled_variable(name).map(PathBuf::from);
        if cfg!(windows) {
            path("AppData")
        } else if cfg!(target_os = "macos") {
            let library = || path("HOME").map(|home| home.join("Library/Application Support"));
            path("XDG_CONFIG_HOME").or_else(library)
        } else {
            let hidden = || path("HOME").map(|home| home.join(".config"));
            path("XDG_CONFIG_HOME").or_else(hidden)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(all(unix, not(target_os = "macos")))]
    #[test]
    fn the_configuration_folder_follows_xdg() {
        let rows = [
            (&[("XDG_CONFIG_HOME", "/x"), ("HOME", "/h")][..], Some("/x")),
            (&[("XDG_CONFIG_HOME", ""), ("HOME", "/h")], Some("/h/.config")),
            (&[("HOME", "/h")], Some("/h/.config")),
            (&[], None),
        ];
        for (variables, expected) in rows {
            let variable = |name: &str| {
                let found = variables.iter().find(|(known, _)| *known == name);
                found.map(|(_, value)| OsString::from(value))
            };
            let folder = Environment::new(&variable).configuration_folder();
            assert_eq!(folder, expected.map(PathBuf::from));
        }
    }
}
