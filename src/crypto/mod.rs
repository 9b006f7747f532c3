//! The primitives of the file format: data key, leaf cipher, envelope, MAC.
//!
//! Owns bytes and their cryptography; knows no document, no file and no master key.

mod base64;
mod cipher;
mod data_key;
mod envelope;
mod mac;
mod random;

pub use cipher::{Aad, Cipher, CipherError, NONCE_LENGTH, Nonce};
pub use data_key::DataKey;
pub use envelope::{Envelope, EnvelopeError, Strictness};
pub use mac::{Mac, MacState};
pub use random::{RandomError, Randomness, SystemRandomness};
