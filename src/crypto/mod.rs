//! The primitives of the file format: data key, leaf cipher, envelope, MAC.
//!
//! Owns bytes and their cryptography; knows no document, no file and no master key.
