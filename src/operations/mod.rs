//! One file per use case: the sequence of calls that it takes. Reads no arguments and prints
//! nothing.

mod clock;
mod convert;
mod decrypt;
mod edit;
mod edited_keys;
mod encrypt;
mod encrypted;
mod keys_error;
mod pinned;
mod rotate;
mod rule;
mod save;
mod set;
mod update_keys;
mod variables;

pub use clock::now;
pub use convert::Conversion;
pub use decrypt::{
    DecryptError, DecryptRequest, Decrypted, WantedKey, decrypt, decrypt_binary, decrypt_tree,
    file_status, metadata, recover_ahead,
};
pub use edit::{EditRequest, Editable, ShowError, edit, edit_new};
pub use encrypt::{
    ClearSource, EncryptError, EncryptRequest, Encrypted, EncryptedContent, encrypt, encrypt_as,
};
pub use encrypted::EncryptedFile;
pub use keys_error::ChangeKeysError;
pub use pinned::{ExposedValues, exposed_values, keys_not_in_rule};
pub use rotate::{KeyChange, RotateError, RotateRequest, rotate};
pub use rule::{RuleError, master_keys};
pub use save::{SaveError, Saved};
pub use set::{ChangeRequest, ChangedFile, SetError, ValueError, change, json_value};
pub use update_keys::{GroupUpdate, KeyUpdate, add_group, delete_group, plan_update, update_keys};
pub use variables::{Variable, VariableError, variables};
