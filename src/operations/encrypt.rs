use std::borrow::Cow;
use std::io::{self, Read, Write};
use std::sync::Arc;

use super::convert::{Conversion, Converted};
use crate::crypto::{DataKey, RandomError, Randomness};
use crate::document::{self, ClearCopy, SealError, SealOptions, Sealed, SealedBinary};
use crate::format::{EmitError, Format, Indent};
use crate::io::environment::Environment;
use crate::io::files::Content;
use crate::keys::{self, Interaction, MasterKey, Member, Surroundings, WrapError};
use crate::metadata::{FORMAT_VERSION, Metadata, Selector};
use crate::text::{self, TextError};
use crate::tree::Timestamp;

/// What is to be encrypted, and for whom.
pub struct EncryptRequest<'r> {
    /// The file in clear.
    pub source: ClearSource<'r>,
    /// Format of the file and of the result.
    pub format: Format,
    /// The master keys, group by group.
    pub key_groups: &'r [Vec<MasterKey>],
    /// How many groups must give their share; 0 for all.
    pub shamir_threshold: u32,
    /// Which values are encrypted; without effect on a binary file.
    pub selector: Selector,
    /// Whether the MAC covers encrypted values only; without effect on a binary file.
    pub mac_only_encrypted: bool,
    /// Indentation of the metadata block.
    pub indent: Indent,
    /// Whether what decryption would spell otherwise is recorded.
    pub keeps_layout: bool,
    /// The time that is written as `lastmodified`, and as `created_at` of new entries.
    pub now: Timestamp,
    /// Where the programs that wrap the data key are named.
    pub environment: Environment<'r>,
    /// Who is told what is waited for.
    pub interaction: Arc<dyn Interaction>,
}

/// A file in clear.
pub enum ClearSource<'r> {
    /// Its bytes.
    Bytes(&'r [u8]),
    /// A binary file that is encrypted as it is read, and about how many bytes it has.
    Binary(&'r mut dyn Read, usize),
}

impl<'r> ClearSource<'r> {
    /// Returns all bytes.
    fn bytes(self) -> Result<Cow<'r, [u8]>, SealError> {
        match self {
            Self::Bytes(bytes) => Ok(Cow::Borrowed(bytes)),
            Self::Binary(input, _) => {
                let mut bytes = Vec::new();
                input.read_to_end(&mut bytes).map_err(SealError::Read)?;
                Ok(Cow::Owned(bytes))
            }
        }
    }
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

impl From<SealedBinary> for Encrypted {
    fn from(sealed: SealedBinary) -> Self {
        let encrypted_values = usize::from(sealed.has_value());
        let content = EncryptedContent::Binary(sealed);
        Self { content, encrypted_values, clear_copies: Vec::new() }
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
    /// The format of the result cannot hold what the text does.
    #[error(transparent)]
    Emit(#[from] EmitError),
    /// What was written in the format of the result cannot be encrypted; places are those there.
    #[error("written as {}: {error}", .format.as_str())]
    SealAs {
        /// The format of the result.
        format: Format,
        /// Why not.
        #[source]
        error: SealError,
    },
}

/// What is waited for where a file is long.
const ENCRYPTING: &str = "encrypting the values";

/// Encrypts a file under a new data key, wrapped for every master key.
///
/// # Errors
/// The data key cannot be wrapped, or the file cannot be encrypted.
pub fn encrypt(
    request: EncryptRequest<'_>,
    randomness: &dyn Randomness,
) -> Result<Encrypted, EncryptError> {
    let (source, rest) = request.split();
    if rest.format == Format::Binary {
        return encrypt_binary(source, rest, randomness);
    }
    let bytes = source.bytes()?;
    let text = text::decode(&bytes)?;
    let data_key = DataKey::generate(randomness)?;
    let interaction = Arc::clone(&rest.interaction);
    let options = seal_options(rest, &data_key, randomness)?;
    let _wait = interaction.wait_for(ENCRYPTING);
    Ok(document::seal(text, options, randomness)?.into())
}

fn encrypt_binary(
    source: ClearSource<'_>,
    request: EncryptRequest<'_>,
    randomness: &dyn Randomness,
) -> Result<Encrypted, EncryptError> {
    let indent = request.indent;
    let data_key = DataKey::generate(randomness)?;
    let interaction = Arc::clone(&request.interaction);
    let options = seal_options(request, &data_key, randomness)?;
    let _wait = interaction.wait_for(ENCRYPTING);
    let sealed = match source {
        ClearSource::Bytes(bytes) => document::seal_binary(bytes, options, indent, randomness)?,
        ClearSource::Binary(input, length) => {
            document::seal_binary_input(input, length, options, indent, randomness)?
        }
    };
    Ok(sealed.into())
}

/// Encrypts what a file holds as a file of the format `output`, written anew.
///
/// # Errors
/// The format cannot hold it, or as [`encrypt`].
pub fn encrypt_as(
    request: EncryptRequest<'_>,
    output: Format,
    randomness: &dyn Randomness,
) -> Result<Encrypted, EncryptError> {
    let (source, mut rest) = request.split();
    let bytes = source.bytes()?;
    if rest.format == Format::Binary {
        (rest.selector, rest.mac_only_encrypted) = (Selector::default(), false);
    }
    let conversion = Conversion { format: output, indent: rest.indent };
    let converted = Converted::new(&bytes, rest.format, &rest.selector, conversion)?;
    let data_key = DataKey::generate(randomness)?;
    let request = EncryptRequest { format: output, ..rest };
    let options = seal_options(request, &data_key, randomness)?;
    Ok(converted.seal(options, randomness)?.into())
}

impl<'r> EncryptRequest<'r> {
    /// Takes the source out.
    fn split(self) -> (ClearSource<'r>, Self) {
        let source = ClearSource::Bytes(&[]);
        let rest = Self { source, ..self };
        (self.source, rest)
    }
}

/// Wraps the data key for the master keys of a request.
pub(super) fn seal_options<'k>(
    request: EncryptRequest<'_>,
    data_key: &'k DataKey,
    randomness: &dyn Randomness,
) -> Result<SealOptions<'k>, EncryptError> {
    let surroundings = Surroundings::new(request.environment, request.now);
    let surroundings = &surroundings.telling(request.interaction);
    let new = |group: &Vec<MasterKey>| group.iter().cloned().map(Member::New).collect();
    let members: Vec<Vec<Member>> = request.key_groups.iter().map(new).collect();
    let threshold = keys::written_threshold(members.len(), request.shamir_threshold);
    let metadata = Metadata {
        key_groups: keys::wrap(&members, threshold, data_key, randomness, surroundings)?,
        shamir_threshold: threshold,
        last_modified: request.now.to_second(),
        mac: String::new(),
        layout: None,
        selector: request.selector,
        mac_only_encrypted: request.mac_only_encrypted,
        version: FORMAT_VERSION.to_owned(),
    };
    let EncryptRequest { format, indent, keeps_layout, .. } = request;
    Ok(SealOptions { format, data_key, metadata, indent: indent.step(), keeps_layout })
}
