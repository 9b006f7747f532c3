use std::io::{self, Write};

use crate::crypto::{DataKey, RandomError, Randomness};
use crate::document::{self, ClearCopy, SealError, SealOptions, Sealed, SealedBinary};
use crate::format::Format;
use crate::io::files::Content;
use crate::keys::{self, MasterKey, Member, WrapError};
use crate::metadata::{FORMAT_VERSION, Metadata, Selector};
use crate::text::{self, TextError};
use crate::tree::Timestamp;

/// What is to be encrypted, and for whom.
pub struct EncryptRequest<'r> {
    /// The file in clear.
    pub source: &'r [u8],
    /// Format of the text and of the result.
    pub format: Format,
    /// The master keys, group by group.
    pub key_groups: &'r [Vec<MasterKey>],
    /// How many groups must give their share; 0 for all.
    pub shamir_threshold: u32,
    /// Which values are encrypted; without effect on a binary file.
    pub selector: Selector,
    /// Whether the MAC covers encrypted values only; without effect on a binary file.
    pub mac_only_encrypted: bool,
    /// Indentation step of the metadata block; 0 for the reference's default.
    pub indent: usize,
    /// Whether what decryption would spell otherwise is recorded.
    pub keeps_layout: bool,
    /// The time that is written as `lastmodified`.
    pub now: Timestamp,
}

/// An encrypted file.
pub struct Encrypted {
    /// What the file is to hold.
    pub content: EncryptedContent,
    /// How many values were encrypted.
    pub encrypted_values: usize,
    /// Values that stay in clear where an alias repeats them.
    pub clear_copies: Vec<ClearCopy>,
}

/// The content of an encrypted file.
pub enum EncryptedContent {
    /// A text.
    Text(String),
    /// A binary file, which becomes text when it is written.
    Binary(SealedBinary),
}

impl Content for EncryptedContent {
    fn length(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Binary(sealed) => sealed.length(),
        }
    }

    fn write_to(&self, output: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Text(text) => output.write_all(text.as_bytes()),
            Self::Binary(sealed) => sealed.write_to(output),
        }
    }
}

impl EncryptedContent {
    /// Takes the content in one piece.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        match self {
            Self::Text(text) => text.into_bytes(),
            Self::Binary(sealed) => {
                let mut bytes = Vec::with_capacity(sealed.length());
                sealed.write_to(&mut bytes).expect("memory takes all bytes");
                bytes
            }
        }
    }
}

impl From<Sealed> for Encrypted {
    fn from(sealed: Sealed) -> Self {
        let Sealed { text, encrypted_values, clear_copies } = sealed;
        Self { content: EncryptedContent::Text(text), encrypted_values, clear_copies }
    }
}

/// The reasons why a file cannot be encrypted.
#[derive(Debug, thiserror::Error)]
pub enum EncryptError {
    /// The file is no text, which its format asks for.
    #[error(transparent)]
    Text(#[from] TextError),
    /// The random source failed.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// The data key cannot be wrapped for every master key.
    #[error(transparent)]
    Wrap(#[from] WrapError),
    /// The text itself cannot be encrypted.
    #[error(transparent)]
    Seal(#[from] SealError),
}

/// Encrypts a file under a new data key, wrapped for every master key.
///
/// # Errors
/// The data key cannot be wrapped, or the file cannot be encrypted.
pub fn encrypt(
    request: EncryptRequest<'_>,
    randomness: &mut dyn Randomness,
) -> Result<Encrypted, EncryptError> {
    let EncryptRequest { source, format, indent, keeps_layout, .. } = request;
    let text = if format == Format::Binary { None } else { Some(text::decode(source)?) };
    let data_key = DataKey::generate(randomness)?;
    let new = |group: &Vec<MasterKey>| group.iter().cloned().map(Member::New).collect();
    let members: Vec<Vec<Member>> = request.key_groups.iter().map(new).collect();
    let threshold = keys::written_threshold(members.len(), request.shamir_threshold);
    let metadata = Metadata {
        key_groups: keys::wrap(&members, threshold, &data_key, randomness)?,
        shamir_threshold: threshold,
        last_modified: request.now.to_second(),
        mac: String::new(),
        layout: None,
        selector: request.selector,
        mac_only_encrypted: request.mac_only_encrypted,
        version: FORMAT_VERSION.to_owned(),
    };
    let options = SealOptions { format, data_key: &data_key, metadata, indent, keeps_layout };
    if let Some(text) = text {
        return Ok(document::seal(text, options, randomness)?.into());
    }
    let sealed = document::seal_binary(source, options, randomness)?;
    let encrypted_values = usize::from(!source.is_empty());
    let content = EncryptedContent::Binary(sealed);
    Ok(Encrypted { content, encrypted_values, clear_copies: Vec::new() })
}
