//! The editor of the user: which one it is, and how it is kept from leaving copies behind.

use std::env;
use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use super::environment::Environment;
use super::process;

/// The variables that name an editor, the first one first.
const VARIABLES: [&str; 2] = ["SOPS_EDITOR", "EDITOR"];

/// The editors that are looked for where no variable names one.
const KNOWN: [&str; 3] = ["vim", "nano", "vi"];

/// Names under which Vim and Neovim are called.
const LIKE_VI: [&str; 8] = ["vi", "vim", "nvim", "view", "vimx", "rvim", "gvim", "vimdiff"];

/// Keeps Vim from writing swap, backup and undo files, and from remembering what was copied, which
/// all may lie outside of the private folder.
const WITHOUT_COPIES: [&str; 5] =
    ["-n", "-i", "NONE", "-c", "set nobackup nowritebackup noundofile"];

/// How long an editor may take to say its name.
const TIME_FOR_NAME: Duration = Duration::from_secs(5);

/// The reasons why there is no editor.
#[derive(Debug, thiserror::Error)]
pub enum EditorError {
    /// No variable names one, and none of the known ones is there.
    #[error("no editor is set, and none of vim, nano and vi is in a folder of PATH")]
    None,
    /// A variable does not hold words.
    #[error("{0} cannot be split into words")]
    Unreadable(&'static str),
    /// A variable holds nothing but blanks or a comment.
    #[error("{0} names no program")]
    Blank(&'static str),
}

/// An editor with its arguments, but for the file.
#[derive(Debug, PartialEq, Eq)]
pub struct Editor {
    program: OsString,
    arguments: Vec<OsString>,
}

impl Editor {
    /// Finds the editor of the user (`spec/cli.md` §5).
    ///
    /// # Errors
    /// There is none.
    pub fn find(environment: &Environment<'_>) -> Result<Self, EditorError> {
        let named = VARIABLES
            .into_iter()
            .find_map(|name| environment.filled_variable(name).map(|value| (name, value)));
        match named {
            Some((name, value)) => Self::parse(name, &value),
            None => Self::installed(environment).ok_or(EditorError::None),
        }
    }

    fn parse(name: &'static str, value: &OsStr) -> Result<Self, EditorError> {
        let words = value.to_str().and_then(shlex::split).ok_or(EditorError::Unreadable(name))?;
        let mut words = words.into_iter().map(OsString::from);
        let program = words.next().filter(|program| !program.is_empty());
        let program = program.ok_or(EditorError::Blank(name))?;
        Ok(Self { program, arguments: words.collect() })
    }

    fn installed(environment: &Environment<'_>) -> Option<Self> {
        let path = environment.filled_variable("PATH")?;
        let is_there = |name: &&str| env::split_paths(&path).any(|it| is_program(&it.join(name)));
        let program = KNOWN.into_iter().find(is_there)?.into();
        Some(Self { program, arguments: Vec::new() })
    }

    /// Returns the call that has a file edited.
    #[must_use]
    pub fn command(&self, file: &Path) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments);
        if self.is_vim() {
            command.args(WITHOUT_COPIES);
        }
        command.arg(file);
        command
    }

    /// Tells whether the editor is Vim or Neovim, which `vi` may be or not.
    fn is_vim(&self) -> bool {
        let name = PathBuf::from(&self.program);
        let name = name.file_stem().and_then(OsStr::to_str);
        if !name.is_some_and(|name| LIKE_VI.contains(&name)) {
            return false;
        }
        let mut command = Command::new(&self.program);
        command.arg("--version");
        let ended = process::run(command, b"", TIME_FOR_NAME);
        ended.is_ok_and(|it| it.stdout.starts_with(b"VIM") || it.stdout.starts_with(b"NVIM"))
    }
}

fn is_program(path: &Path) -> bool {
    path.metadata().is_ok_and(|it| it.is_file() && super::system::is_executable(&it))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_those_of_a_shell() {
        let parsed = |value: &str| Editor::parse("EDITOR", value.as_ref());
        let editor = |program: &str, arguments: &[&str]| Editor {
            program: program.into(),
            arguments: arguments.iter().map(OsString::from).collect(),
        };
        assert_eq!(parsed("vim").expect("words"), editor("vim", &[]));
        let words = parsed("'my editor' --wait \"a b\" # why").expect("words");
        assert_eq!(words, editor("my editor", &["--wait", "a b"]));
        assert!(matches!(parsed("'vim"), Err(EditorError::Unreadable("EDITOR"))));
        for blank in ["  ", "# vim", "''"] {
            assert!(matches!(parsed(blank), Err(EditorError::Blank("EDITOR"))), "{blank:?}");
        }
    }
}
