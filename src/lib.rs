//! Encrypts the values of structured files and gives every byte back.
//!
//! leafseal reads and writes the file format of SOPS. These are the parts that a program needs to
//! do so without running the command; `docs/library.md` shows them at work:
//!
//! * [`decrypt`] and [`decrypt_file`], with the [`Identities`] that open a file;
//! * [`encrypt`], for whom and how an [`Encryption`] says, which [`Rules`] give for a file;
//! * [`decrypt_as`] and [`encrypt_as`], where the result is of another format;
//! * [`Decrypted::values`]: typed [`Values`] with their comments;
//! * [`metadata()`] and [`is_encrypted`], which need no key.
//!
//! None of them panics, prints, or keeps anything between calls, and only
//! [`Identities::from_environment`] looks at the environment. Long files are worked on by the
//! threads of rayon, in the pool of the caller if there is one.
//!
//! Features: `age` (a default) builds age recipients and identities in; `cli` (a default) is for
//! the program alone, so that who links the library turns it off.
//!
//! The modules are what all this is made of. They are open to tests and to the curious, and change
//! in any release. `docs/architecture.md` shows how they are stacked; a module uses only layers
//! beneath its own.

#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod cli;
#[doc(hidden)]
pub mod config;
#[doc(hidden)]
pub mod crypto;
#[doc(hidden)]
pub mod document;
#[doc(hidden)]
pub mod format;
#[doc(hidden)]
pub mod io;
#[doc(hidden)]
pub mod keys;
mod library;
#[doc(hidden)]
pub mod metadata;
#[doc(hidden)]
pub mod operations;
mod parallel;
#[doc(hidden)]
pub mod pattern;
#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod service;
#[doc(hidden)]
pub mod text;
#[doc(hidden)]
pub mod tree;

pub use config::{ConfigError, Warning as ConfigWarning};
pub use document::{ClearCopy, OpenError, SealError, Warning};
pub use format::{EmitError, Format, ScanError};
pub use io::files::FileError;
pub use keys::{MasterKeyError, RecoveryError, WrapError};
pub use library::{
    Content, Decrypted, Encrypted, Encryption, Error, Identities, Item, Node, Rules, Values,
    decrypt, decrypt_as, decrypt_file, encrypt, encrypt_as, is_encrypted, metadata,
};
pub use metadata::{
    KeyGroup, KeyType, Metadata, MetadataError, Selector, SelectorKind, WrappedKey,
};
pub use operations::RuleError;
pub use text::TextError;
pub use tree::Timestamp;

/// The guide to the library, so that its examples are compiled and run.
#[cfg(all(doctest, feature = "age"))]
#[doc = include_str!("../docs/library.md")]
struct Guide;
