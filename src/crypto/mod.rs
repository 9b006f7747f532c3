//! The primitives of the file format: data key, leaf cipher, envelope, MAC.
//!
//! Owns bytes and their cryptography; knows no document, no file and no master key.

mod base64;
mod cipher;
mod clear_bytes;
mod data_key;
mod envelope;
mod long;
mod mac;
mod nonce;
mod random;
pub mod shamir;

pub use cipher::{Aad, Cipher, CipherError};
pub use clear_bytes::ClearBytes;
pub use data_key::DataKey;
pub use envelope::{Envelope, EnvelopeError, EnvelopeWriter, Strictness};
pub use long::{LongEnvelope, LongText};
pub use mac::{Mac, MacState};
pub use nonce::{Nonce, Nonces};
pub use random::{RandomError, Randomness, SystemRandomness};
