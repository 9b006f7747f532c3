//! One file per use case: the sequence of calls that it takes. Reads no arguments and prints
//! nothing.

mod clock;
mod decrypt;
mod encrypt;
mod rule;

pub use clock::now;
pub use decrypt::{DecryptError, DecryptRequest, Decrypted, decrypt, file_status, metadata};
pub use encrypt::{EncryptError, EncryptRequest, Encrypted, EncryptedContent, encrypt};
pub use rule::{RuleError, master_keys};
