//! The face of the library: what a program needs that links leafseal instead of running it.
//!
//! Owns no rules of its own: it puts the use cases, the key ring and the configuration together as
//! the command line does. It prints nothing, keeps nothing between calls, and looks at the
//! environment only for [`Identities::from_environment`] and to run `gpg` for OpenPGP keys.

mod encryption;
mod error;
mod identities;
mod rules;
mod values;

use std::fmt;
use std::path::Path;

use zeroize::Zeroizing;

pub use encryption::Encryption;
pub use error::Error;
pub use identities::Identities;
pub use rules::Rules;
pub use values::{Content, Item, Node, Values};

use crate::crypto::{ClearBytes, Strictness, SystemRandomness};
use crate::document::{ClearCopy, Warning};
use crate::format::{Format, Indent};
use crate::io::files;
use crate::metadata::{KeyType, Metadata};
use crate::operations::{self, DecryptRequest};
use crate::text;

/// Which types of master keys are tried first: those that need no network.
const ORDER: [KeyType; 2] = [KeyType::Age, KeyType::Pgp];

/// A decrypted file. Its memory is overwritten when it is dropped.
pub struct Decrypted {
    format: Format,
    bytes: ClearBytes,
    metadata: Metadata,
    warnings: Vec<Warning>,
}

/// An encrypted file.
#[derive(Clone, Debug)]
pub struct Encrypted {
    bytes: Vec<u8>,
    count: usize,
    clear_copies: Vec<ClearCopy>,
}

/// Decrypts the bytes of a file.
///
/// Nothing is returned before the MAC was checked. The original spelling comes back where the file
/// has a record of it, as `leafseal decrypt` does it.
///
/// # Errors
/// The bytes are no encrypted file of the format, no identity opens it, or it was altered.
///
/// ```
/// # #[cfg(feature = "age")] fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use leafseal::{Format, Identities};
///
/// let identities = Identities::from_age_file("fixtures/vectors/keys/age1.txt")?;
/// let encrypted = std::fs::read("fixtures/vectors/yaml/basic.enc.yaml")?;
/// let decrypted = leafseal::decrypt(&encrypted, Format::Yaml, &identities)?;
/// assert_eq!(decrypted.bytes(), std::fs::read("fixtures/vectors/yaml/basic.dec.yaml")?);
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "age"))] fn main() {}
/// ```
pub fn decrypt(bytes: &[u8], format: Format, identities: &Identities) -> Result<Decrypted, Error> {
    let decrypted = operations::decrypt(bytes, &request(format, identities))?;
    let operations::Decrypted { bytes, warnings, metadata } = decrypted;
    Ok(Decrypted { format, bytes, metadata, warnings })
}

fn request(format: Format, identities: &Identities) -> DecryptRequest<'_> {
    DecryptRequest {
        format,
        key_ring: identities.key_ring(),
        order: &ORDER,
        ignore_mac: false,
        strictness: Strictness::Strict,
        indent: 0,
        keeps_layout: true,
    }
}

/// Decrypts the bytes of a file and writes what it holds anew in another format, as `leafseal
/// decrypt --output-type` does.
///
/// # Errors
/// As [`decrypt`], or the format of the result cannot hold a value.
///
/// ```
/// # #[cfg(feature = "age")] fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use leafseal::{Error, Format, Identities};
///
/// let identities = Identities::from_age_file("fixtures/vectors/keys/age1.txt")?;
/// let encrypted = std::fs::read("fixtures/vectors/convert/yaml_to_env.enc.env")?;
/// let json = leafseal::decrypt_as(&encrypted, Format::Dotenv, Format::Json, &identities)?;
/// assert!(json.bytes().starts_with(b"{\n\t\""));
///
/// let encrypted = std::fs::read("fixtures/vectors/yaml/basic.enc.yaml")?;
/// let result = leafseal::decrypt_as(&encrypted, Format::Yaml, Format::Dotenv, &identities);
/// assert!(matches!(result, Err(Error::Convert(_))), "there is a list in it");
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "age"))] fn main() {}
/// ```
pub fn decrypt_as(
    bytes: &[u8],
    format: Format,
    output: Format,
    identities: &Identities,
) -> Result<Decrypted, Error> {
    if format == output {
        return decrypt(bytes, format, identities);
    }
    let (tree, metadata) = operations::decrypt_tree(bytes, &request(format, identities))?;
    let documents = tree.documents().map_err(Error::Malformed)?;
    let bytes = output.emit_bytes(&documents, Indent::Default).map_err(Error::Convert)?.into();
    let warnings = tree.warnings().iter().cloned().chain(tree.left_out(output)).collect();
    Ok(Decrypted { format: output, bytes, metadata, warnings })
}

/// Decrypts a file, whose name tells its format. The file stays as it is.
///
/// # Errors
/// The file cannot be read, or as [`decrypt`].
///
/// ```no_run
/// use leafseal::Identities;
///
/// // looks for identities where the command does
/// let identities = Identities::from_environment();
/// let decrypted = leafseal::decrypt_file("secrets.yaml", &identities)?;
/// # Ok::<(), leafseal::Error>(())
/// ```
pub fn decrypt_file(path: impl AsRef<Path>, identities: &Identities) -> Result<Decrypted, Error> {
    let path = path.as_ref();
    decrypt(&files::read(path)?, Format::of_path(&path.to_string_lossy()), identities)
}

/// Encrypts the bytes of a file under a new data key.
///
/// Before anything is returned, the result is read again and compared with what was meant.
///
/// # Errors
/// The bytes are no file of the format, or are encrypted already, or the data key cannot be
/// wrapped.
///
/// ```
/// # #[cfg(feature = "age")] fn main() -> Result<(), leafseal::Error> {
/// use leafseal::{Encryption, Format};
///
/// let recipient = "age1hk6km9gau76kykwdatkwd4lu4kka4hcegvy92lf0l6pljcrhz95slnuph2";
/// let encryption = Encryption::to_age([recipient])?;
/// let encrypted = leafseal::encrypt(b"{\"password\": \"1234\"}", Format::Json, &encryption)?;
/// assert!(encrypted.bytes().starts_with(b"{\"password\": \"ENC[AES256_GCM,data:"));
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "age"))] fn main() {}
/// ```
pub fn encrypt(bytes: &[u8], format: Format, encryption: &Encryption) -> Result<Encrypted, Error> {
    let indent = encryption.indent_of(format)?;
    let request = encryption.request(bytes, format, indent);
    Ok(operations::encrypt(request, &SystemRandomness)?.into())
}

/// Encrypts what the bytes of a file hold as a file of another format, written anew, as `leafseal
/// encrypt --output-type` does. Encrypted values keep the types that they have in the input.
///
/// # Errors
/// As [`encrypt`], or the format of the result cannot hold a value.
///
/// ```
/// # #[cfg(feature = "age")] fn main() -> Result<(), leafseal::Error> {
/// use leafseal::{Encryption, Format};
///
/// let recipient = "age1hk6km9gau76kykwdatkwd4lu4kka4hcegvy92lf0l6pljcrhz95slnuph2";
/// let encryption = Encryption::to_age([recipient])?;
/// let text = b"port: 8080\n";
/// let encrypted = leafseal::encrypt_as(text, Format::Yaml, Format::Dotenv, &encryption)?;
/// assert!(encrypted.bytes().starts_with(b"port=ENC[AES256_GCM,data:"));
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "age"))] fn main() {}
/// ```
pub fn encrypt_as(
    bytes: &[u8],
    format: Format,
    output: Format,
    encryption: &Encryption,
) -> Result<Encrypted, Error> {
    if format == output {
        return encrypt(bytes, format, encryption);
    }
    let indent = encryption.indent_of(output)?;
    let request = encryption.request(bytes, format, indent);
    let randomness = &SystemRandomness;
    Ok(operations::encrypt_as(request, output, randomness)?.into())
}

/// Reads the metadata of a file: for whom it is encrypted, when it was written, which of its values
/// are encrypted. Nothing if the file is not encrypted. Needs no identity, so nothing of it is
/// authenticated.
///
/// # Errors
/// The bytes are no file of the format, or its metadata cannot be used.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use leafseal::{Format, KeyType};
///
/// let encrypted = std::fs::read("fixtures/vectors/yaml/basic.enc.yaml")?;
/// let metadata = leafseal::metadata(&encrypted, Format::Yaml)?.expect("the file is encrypted");
/// let recipients: Vec<String> = metadata
///     .master_keys()
///     .filter(|key| key.key_type == KeyType::Age)
///     .map(|key| key.name())
///     .collect();
/// assert_eq!(recipients, ["age1hk6km9gau76kykwdatkwd4lu4kka4hcegvy92lf0l6pljcrhz95slnuph2"]);
/// assert_eq!(leafseal::metadata(b"a: 1\n", Format::Yaml)?, None);
/// # Ok(())
/// # }
/// ```
pub fn metadata(bytes: &[u8], format: Format) -> Result<Option<Metadata>, Error> {
    Ok(operations::metadata(bytes, format)?)
}

/// Tells whether a file is encrypted, as `leafseal filestatus` does. Needs no identity.
///
/// # Errors
/// The bytes are no file of the format, or its metadata cannot be used.
///
/// ```
/// use leafseal::Format;
///
/// assert!(!leafseal::is_encrypted(b"password: '1234'\n", Format::Yaml)?);
/// # Ok::<(), leafseal::Error>(())
/// ```
pub fn is_encrypted(bytes: &[u8], format: Format) -> Result<bool, Error> {
    Ok(operations::file_status(bytes, format)?)
}

impl Decrypted {
    /// Returns the clear bytes of the file.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Takes the clear bytes of the file.
    #[must_use]
    pub fn into_bytes(self) -> Zeroizing<Vec<u8>> {
        self.bytes.into_zeroizing()
    }

    /// Returns the format of the file.
    #[must_use]
    pub fn format(&self) -> Format {
        self.format
    }

    /// Returns the metadata of the file.
    #[must_use]
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// Returns what deserves attention, such as comments that do not open.
    #[must_use]
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// Reads the file as typed values.
    ///
    /// # Errors
    /// Its aliases stand for too many values, or it is a binary file.
    pub fn values(&self) -> Result<Values, Error> {
        if self.format == Format::Binary {
            return Err(Error::NoValues);
        }
        Values::read(text::decode(&self.bytes)?, self.format)
    }
}

/// Shows nothing of the content.
impl fmt::Debug for Decrypted {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let warnings = &self.warnings;
        let mut output = formatter.debug_struct("Decrypted");
        output.field("format", &self.format).field("warnings", warnings).finish_non_exhaustive()
    }
}

impl From<operations::Encrypted> for Encrypted {
    fn from(encrypted: operations::Encrypted) -> Self {
        let operations::Encrypted { content, encrypted_values: count, clear_copies } = encrypted;
        Self { bytes: content.into_bytes(), count, clear_copies }
    }
}

impl Encrypted {
    /// Returns the bytes of the encrypted file.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Takes the bytes of the encrypted file.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Returns how many values were encrypted.
    #[must_use]
    pub fn encrypted_values(&self) -> usize {
        self.count
    }

    /// Returns the values that stay in clear although they are encrypted elsewhere in the file,
    /// where an alias repeats them. Whoever encrypts should be told.
    #[must_use]
    pub fn clear_copies(&self) -> &[ClearCopy] {
        &self.clear_copies
    }
}
