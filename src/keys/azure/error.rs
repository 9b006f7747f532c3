use std::fmt;
use std::io;

/// The reasons why a text is no key of Azure Key Vault, or the key cannot be used.
#[derive(Clone, Debug, thiserror::Error)]
pub enum AzureError {
    /// The text is not of the form of an address.
    #[error("not the address of an Azure key (https://VAULT/keys/NAME/VERSION): {0:?}")]
    NotAddress(String),
    /// The name of the key has characters that no key has.
    #[error("not the name of an Azure key: {0:?}")]
    KeyName(String),
    /// The version is none.
    #[error("not the version of an Azure key, which has 32 hexadecimal digits: {0:?}")]
    Version(String),
    /// The host is none of the service, so nothing is sent to it.
    #[error("{host} is no host of Azure Key Vault, so no token is sent there")]
    Host {
        /// The host.
        host: String,
        /// Its origin, as the variable takes it.
        origin: String,
    },
    /// The list of further hosts has an entry that is none.
    #[error("SOPS_AZURE_KEYVAULT_ALLOWLIST has an entry that is no origin: {0:?}")]
    Allowlist(String),
    /// The login host of the environment cannot be used.
    #[error("AZURE_AUTHORITY_HOST is no https address: {0:?}")]
    Authority(String),
    /// The environment asks for credentials that are not known.
    #[error("AZURE_TOKEN_CREDENTIALS asks for unknown credentials: {0:?}")]
    Choice(String),
    /// No credentials are set up.
    #[error("no credentials for Azure:{}", lines(.0))]
    NoCredentials(Vec<Link>),
    /// Credentials are set up, and cannot be used or are refused.
    #[error("{link}: {reason}")]
    Credentials {
        /// Which credentials, by the name that the SDKs give them.
        link: &'static str,
        /// What is wrong with them.
        reason: Box<Self>,
    },
    /// Credentials on this machine cannot be read.
    #[error("{0}")]
    Unusable(String),
    /// The password does not open the file of a certificate.
    #[error("{path}: the password does not open the certificate")]
    CertificatePassword {
        /// The file.
        path: String,
    },
    /// The login host refuses.
    #[error("{host} refuses: {reason}")]
    Login {
        /// The host.
        host: String,
        /// Its own words.
        reason: String,
    },
    /// The endpoint of managed identities refuses.
    #[error("the endpoint of managed identities refuses: {status} {reason}")]
    Identity {
        /// The status.
        status: u16,
        /// Its own words.
        reason: String,
        /// Whether they are of the service's form.
        is_json: bool,
    },
    /// The vault refuses.
    #[error(transparent)]
    Vault(Box<Refusal>),
    /// The vault asks for a token that is for something else.
    #[error("{host} asks for a token for {asked}, not for {resource}")]
    Challenge {
        /// The vault's host.
        host: String,
        /// What it asks for.
        asked: String,
        /// What it may ask for.
        resource: String,
    },
    /// An answer sends the request on to somewhere else.
    #[error("{host} redirects to {target}, which is not followed")]
    Redirect {
        /// The host.
        host: String,
        /// Where it redirects to.
        target: String,
    },
    /// No connection comes about, or it breaks off.
    #[error("{host}: {}: {text}", kind.describe())]
    Connection {
        /// The host.
        host: String,
        /// At which step.
        kind: Stage,
        /// What the system says.
        text: String,
    },
    /// Time is over.
    #[error("no answer within {seconds} s, waiting for {what}")]
    Deadline {
        /// How long it took.
        seconds: u64,
        /// What was waited for.
        what: String,
    },
    /// The answer is none, or is not what was asked for.
    #[error("{host} gives no answer that can be used: {text}")]
    Answer {
        /// The host.
        host: String,
        /// What is wrong.
        text: String,
    },
    /// The wrapped key is no base64 as the service writes it.
    #[error("the encrypted data key is not URL-safe base64 without padding")]
    Damaged,
    /// What the vault gives is no data key.
    #[error("the vault gives {0} bytes, which are no data key")]
    NotDataKey(usize),
    /// The system gives no thread, or the like.
    #[error("cannot start: {0}")]
    Start(String),
}

/// One kind of credentials that was passed over.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// Its name in the SDKs.
    pub name: &'static str,
    /// Why it was passed over.
    pub reason: String,
}

impl fmt::Display for Link {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}: {}", self.name, self.reason)
    }
}

/// What a key is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Its current version.
    Get,
    /// Wrapping.
    Encrypt,
    /// Unwrapping.
    Decrypt,
}

impl Action {
    /// Returns the name of the permission.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "get",
            Self::Encrypt => "encrypt",
            Self::Decrypt => "decrypt",
        }
    }

    fn verb(self) -> &'static str {
        match self {
            Self::Get => "get key",
            Self::Encrypt => "encrypt with key",
            Self::Decrypt => "decrypt with key",
        }
    }
}

/// The step at which a connection fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The name does not resolve.
    Name,
    /// The proxy does not help.
    Proxy,
    /// TLS is refused.
    Tls,
    /// There is no connection.
    Connect,
    /// It breaks off.
    Break,
}

impl Stage {
    fn describe(self) -> &'static str {
        match self {
            Self::Name => "the name does not resolve",
            Self::Proxy => "no way through the proxy",
            Self::Tls => "no secure connection",
            Self::Connect => "no connection",
            Self::Break => "the connection breaks off",
        }
    }
}

/// The vault's refusal of one call.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{host} refuses to {} {key}: {status} {}", action.verb(), words(code, inner, message))]
pub struct Refusal {
    /// The vault's host.
    pub host: String,
    /// The key's address.
    pub key: String,
    /// What was asked for.
    pub action: Action,
    /// The status.
    pub status: u16,
    /// The service's code.
    pub code: String,
    /// Its code for the cause.
    pub inner: String,
    /// Its words.
    pub message: String,
}

/// Writes a line for each of the credentials.
fn lines(links: &[Link]) -> String {
    let mut text = String::new();
    for Link { name, reason } in links {
        text.extend(["\n  ", name, ": ", reason]);
    }
    text
}

fn words(code: &str, inner: &str, message: &str) -> String {
    let codes = [code, inner].iter().filter(|it| !it.is_empty()).copied().collect::<Vec<_>>();
    match (codes.is_empty(), message.is_empty()) {
        (true, true) => "without a reason".to_owned(),
        (true, false) => message.to_owned(),
        (false, true) => codes.join("/"),
        (false, false) => format!("{}: {message}", codes.join("/")),
    }
}

impl From<io::Error> for AzureError {
    fn from(error: io::Error) -> Self {
        Self::Start(error.to_string())
    }
}
