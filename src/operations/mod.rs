//! One file per use case: the sequence of calls that it takes. Reads no arguments and prints
//! nothing.

mod clock;
mod decrypt;
mod edit;
mod encrypt;
mod encrypted;
mod keys_error;
mod pinned;
mod rotate;
mod rule;
mod set;
mod update_keys;
mod variables;

pub use clock::now;
pub use decrypt::{
    DecryptError, DecryptRequest, Decrypted, decrypt, decrypt_binary, decrypt_tree, file_status,
    metadata,
};
pub use edit::{Editable, edit};
pub use encrypt::{
    ClearSource, EncryptError, EncryptRequest, Encrypted, EncryptedContent, encrypt, encrypt_as,
};
pub use encrypted::EncryptedFile;
pub use keys_error::ChangeKeysError;
pub use pinned::{ExposedValues, exposed_values, keys_not_in_rule};
pub use rotate::{KeyChange, RotateError, RotateRequest, rotate};
pub use rule::{RuleError, master_keys};
pub use set::{ChangeRequest, ChangedFile, SetError, ValueError, change, json_value};
pub use update_keys::{GroupUpdate, KeyUpdate, add_group, delete_group, plan_update, update_keys};
pub use variables::{Variable, VariableError, variables};
