//! Completion scripts and manual pages, generated from the grammar.

use std::fs;
use std::io;
use std::path::Path;

use clap_mangen::roff::{Roff, roman};

use super::help::{TOPICS, Topic, grammar, topic_text};
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

/// Writes one manual page for the program, one for each command and one for each topic into a
/// folder.
pub(super) fn write_manual(program: Program, folder: &Path) -> io::Result<()> {
    clap_mangen::generate_to(grammar(program), folder)?;
    for topic in &TOPICS {
        let name = format!("{}-{}", program.name(), topic.name);
        fs::write(folder.join(format!("{name}.7")), topic_page(&name, topic, program))?;
    }
    Ok(())
}

/// Writes the text of a topic as a page of section 7, its lines as they are.
fn topic_page(name: &str, topic: &Topic, program: Program) -> String {
    let mut page = Roff::new();
    page.control("TH", [name, "7"]).control("SH", ["NAME"]);
    page.text([roman(format!("{name} - {}", topic.about))]);
    page.control("SH", ["DESCRIPTION"]).control("nf", []);
    for line in topic_text(topic, program).lines() {
        page.text([roman(line)]);
    }
    page.control("fi", []);
    page.render()
}
