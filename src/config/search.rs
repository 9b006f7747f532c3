use std::path::{Component, Path, PathBuf};

use super::Warning;

/// How many folders are looked at, the first one included.
const MAX_LEVELS: usize = 100;

/// The name of a configuration, and one that is often taken for it.
const NAME: &str = ".sops.yaml";
const WRONG_NAME: &str = ".sops.yml";

/// Where to look for the configuration.
#[derive(Clone, Copy, Debug)]
pub struct Search<'a> {
    /// The file that the user names; then nothing is searched.
    pub explicit: Option<&'a Path>,
    /// The working folder, absolute.
    pub working_folder: &'a Path,
    /// The file that the command is about; its folders come after the working folder's.
    pub target: Option<&'a Path>,
}

impl Search<'_> {
    /// Returns the configuration's path, if there is one, with what is worth telling.
    #[must_use]
    pub fn find(&self) -> (Option<PathBuf>, Vec<Warning>) {
        if let Some(path) = self.explicit {
            return (Some(self.working_folder.join(path)), Vec::new());
        }
        let mut warnings = Vec::new();
        let mut found = search_upward(self.working_folder, &mut warnings);
        if found.is_none()
            && let Some(folder) = self.target.map(|target| self.absolute(target))
            && let Some(folder) = folder.parent()
        {
            found = search_upward(folder, &mut warnings);
        }
        (found, warnings)
    }

    /// Makes a path absolute by its text alone, symbolic links not looked at.
    pub(super) fn absolute(&self, path: &Path) -> PathBuf {
        let mut absolute = PathBuf::new();
        for component in self.working_folder.join(path).components() {
            match component {
                Component::CurDir => {}
                Component::ParentDir => {
                    absolute.pop();
                }
                other => absolute.push(other),
            }
        }
        absolute
    }
}

fn search_upward(folder: &Path, warnings: &mut Vec<Warning>) -> Option<PathBuf> {
    for folder in folder.ancestors().take(MAX_LEVELS) {
        let path = folder.join(NAME);
        if path.exists() {
            return Some(path);
        }
        let path = folder.join(WRONG_NAME);
        if warnings.is_empty() && path.exists() {
            warnings.push(Warning::IgnoredFile { path });
        }
    }
    None
}

/// Returns what rules are matched against: the path of `target` below `folder`, or the whole path
/// if it lies elsewhere; always with slashes.
pub(super) fn match_text(folder: &Path, target: &Path) -> String {
    let folder = with_slashes(folder) + "/";
    let target = with_slashes(target);
    target.strip_prefix(&folder).unwrap_or(&target).to_owned()
}

fn with_slashes(path: &Path) -> String {
    let text = path.to_string_lossy();
    if cfg!(windows) { text.replace('\\', "/") } else { text.into_owned() }
}
