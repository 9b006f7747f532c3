use std::io;
use std::path::PathBuf;

use super::{CommandError, exit_code};
use crate::io::editor::EditorError;

/// The reasons why an edit is not saved.
#[derive(Debug, thiserror::Error)]
pub(in crate::cli) enum EditError {
    #[error(transparent)]
    Editor(#[from] EditorError),
    #[error("Could not run editor: it cannot be started")]
    Start(#[source] io::Error),
    #[error("Could not run editor: exit status {0}")]
    Failed(u8),
    #[error("User canceled operation")]
    Canceled,
    #[error("File has not changed, exiting.")]
    NotModified,
    #[error(transparent)]
    DataKey(Box<CommandError>),
    #[error("stopped; what was edited is kept in {}", path.display())]
    Stopped { path: PathBuf, code: u8 },
    #[error("what was edited is kept in {}: {error}", path.display())]
    Kept {
        path: PathBuf,
        #[source]
        error: Box<CommandError>,
    },
}

impl EditError {
    pub(super) fn exit_code(&self) -> u8 {
        match self {
            Self::Canceled => 1,
            Self::DataKey(_) => 128,
            Self::NotModified => 200,
            Self::Editor(_) | Self::Start(_) | Self::Failed(_) => 201,
            Self::Stopped { code, .. } => *code,
            Self::Kept { error, .. } => exit_code(error),
        }
    }
}
