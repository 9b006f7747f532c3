use std::path::{Path, PathBuf};

use super::{Encryption, Error};
use crate::config::{Config, Search, Warning};

/// The creation rules of a `.sops.yaml`.
///
/// Relative paths count from the working folder, as they do for the functions of [`std::fs`].
#[derive(Debug)]
pub struct Rules {
    config: Config,
    /// The folder of the configuration, absolute.
    folder: PathBuf,
    warnings: Vec<Warning>,
}

impl Rules {
    /// Reads a configuration, whatever its name.
    ///
    /// # Errors
    /// The file cannot be read or used.
    pub fn load(path: impl AsRef<Path>) -> Result<Self, Error> {
        Self::read(&absolute(path.as_ref())?, Vec::new())
    }

    /// Finds the `.sops.yaml` in a folder or the nearest one above, and reads it; nothing if there
    /// is none.
    ///
    /// # Errors
    /// There is one, and it cannot be read or used.
    pub fn find(folder: impl AsRef<Path>) -> Result<Option<Self>, Error> {
        let folder = absolute(folder.as_ref())?;
        let (path, warnings) =
            Search { explicit: None, working_folder: &folder, target: None }.find();
        path.map(|path| Self::read(&path, warnings)).transpose()
    }

    /// Takes a text for the configuration in a folder.
    ///
    /// # Errors
    /// The text cannot be used.
    pub fn parse(text: &str, folder: impl AsRef<Path>) -> Result<Self, Error> {
        let folder = absolute(folder.as_ref())?;
        let mut warnings = Vec::new();
        let path = folder.join(".sops.yaml");
        let config = Config::parse(&path, &folder, text, &mut warnings).map_err(Error::Config)?;
        Ok(Self { config, folder, warnings })
    }

    fn read(path: &Path, mut warnings: Vec<Warning>) -> Result<Self, Error> {
        let folder = path.parent().unwrap_or(path).to_owned();
        let search = Search { explicit: None, working_folder: &folder, target: None };
        let config = Config::read(path, &search, &mut warnings).map_err(Error::Config)?;
        Ok(Self { config, folder, warnings })
    }

    /// Returns what the first matching rule says about a new file, which need not exist.
    ///
    /// # Errors
    /// No rule is for the file, or the one that is cannot be used.
    ///
    /// ```
    /// use leafseal::{Error, Rules};
    ///
    /// let rules = Rules::parse("creation_rules: [{path_regex: ^prod/, pgp: ABCD}]", "/project")?;
    /// assert!(matches!(rules.for_file("/project/test/a.yaml"), Err(Error::Config(_))));
    /// # Ok::<(), Error>(())
    /// ```
    pub fn for_file(&self, target: impl AsRef<Path>) -> Result<Encryption, Error> {
        let target = absolute(target.as_ref())?;
        let search = Search { explicit: None, working_folder: &self.folder, target: None };
        let rule = self.config.creation_rule(&search, &target).map_err(Error::Config)?;
        let path = self.config.path();
        let rule = rule.ok_or_else(|| Error::NoRules { path: path.to_owned() })?;
        Encryption::of_rule(path, rule, self.config.stores())
    }

    /// Returns what is worth telling about the configuration, such as unknown keys.
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }
}

fn absolute(path: &Path) -> Result<PathBuf, Error> {
    std::path::absolute(path).map_err(|source| Error::Path { path: path.to_owned(), source })
}
