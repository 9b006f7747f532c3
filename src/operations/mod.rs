//! One file per use case: the sequence of calls that it takes. Reads no arguments and prints
//! nothing.

mod decrypt;
mod encrypt;

pub use decrypt::{DecryptError, DecryptRequest, Decrypted, decrypt, file_status, metadata};
pub use encrypt::{EncryptError, EncryptRequest, encrypt};
