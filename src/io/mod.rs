//! Files, standard streams and the environment.
//!
//! Owns everything that differs between operating systems; knows no format and no key.

pub mod environment;
pub mod files;
pub mod process;
mod system;
pub mod terminal;
