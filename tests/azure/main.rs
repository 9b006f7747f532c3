//! Keys of Azure Key Vault, against a vault of our own that clients made by the service's makers
//! take for the real one.
#![cfg(unix)]

#[path = "../support/mod.rs"]
mod support;

mod chain;
mod clouds;
mod doctor;
mod document;
mod economy;
mod faults;
mod files;
mod library;
mod messages;
mod place;
mod progress;
mod proof;
