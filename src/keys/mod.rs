//! Master keys: what wraps and unwraps a data key.

#[cfg(feature = "age")]
pub mod age;
