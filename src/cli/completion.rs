//! Completion scripts and manual pages, generated from the grammar.

use std::io;
use std::path::Path;

use super::help::grammar;
use super::invocation::{Program, Shell};

/// Returns the completion script of a shell.
pub(super) fn script(program: Program, shell: Shell) -> Vec<u8> {
    let shell = match shell {
        Shell::Bash => clap_complete::Shell::Bash,
        Shell::Zsh => clap_complete::Shell::Zsh,
        Shell::Fish => clap_complete::Shell::Fish,
        Shell::PowerShell => clap_complete::Shell::PowerShell,
    };
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut grammar(program), program.name(), &mut script);
    script
}

/// Writes one manual page for the program and one for each command into a folder.
pub(super) fn write_manual(program: Program, folder: &Path) -> io::Result<()> {
    clap_mangen::generate_to(grammar(program), folder)
}
