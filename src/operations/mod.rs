//! One file per use case: the sequence of calls that it takes. Reads no arguments and prints
//! nothing.

mod clock;
mod decrypt;
mod encrypt;
mod rule;

pub use clock::now;
pub use decrypt::{
    DecryptError, DecryptRequest, Decrypted, decrypt, decrypt_binary, decrypt_tree, file_status,
    metadata,
};
pub use encrypt::{
    ClearSource, EncryptError, EncryptRequest, Encrypted, EncryptedContent, encrypt, encrypt_as,
};
pub use rule::{RuleError, master_keys};
