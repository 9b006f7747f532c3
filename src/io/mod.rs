//! Files, standard streams and the environment.
//!
//! Owns everything that differs between operating systems; knows no format and no key.

pub mod child;
pub mod environment;
pub mod files;
pub mod process;
pub mod scratch;
mod system;
pub mod terminal;
pub mod user;
