//! Encrypts the values of structured files and gives every byte back.
//!
//! leafseal reads and writes the file format of SOPS. `docs/architecture.md` shows how the modules
//! below are stacked; a module uses only layers beneath its own.

#[cfg(feature = "cli")]
pub mod cli;
pub mod config;
pub mod crypto;
pub mod document;
pub mod format;
pub mod io;
pub mod keys;
pub mod metadata;
pub mod operations;
pub mod pattern;
pub mod text;
pub mod tree;
