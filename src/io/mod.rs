//! Files, standard streams and the environment.
//!
//! Owns everything that differs between operating systems; knows no format and no key.

#[cfg(feature = "cli")]
pub mod child;
#[cfg(feature = "cli")]
pub mod editor;
pub mod environment;
pub mod files;
pub mod process;
#[cfg(feature = "cli")]
pub mod scratch;
mod system;
pub mod terminal;
#[cfg(feature = "cli")]
pub mod user;
