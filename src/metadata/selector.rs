use crate::pattern::{Pattern, PatternError};

/// The suffix that keeps a value in clear when nothing else is asked for.
pub const DEFAULT_UNENCRYPTED_SUFFIX: &str = "_unencrypted";

/// The kind of rule that decides which values are encrypted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SelectorKind {
    /// In clear where a key ends with the text.
    UnencryptedSuffix,
    /// Encrypted only where a key ends with the text.
    EncryptedSuffix,
    /// In clear where a key matches.
    UnencryptedRegex,
    /// Encrypted only where a key matches.
    EncryptedRegex,
    /// In clear where an active comment matches.
    UnencryptedCommentRegex,
    /// Encrypted only where an active comment matches.
    EncryptedCommentRegex,
}

impl SelectorKind {
    /// All kinds, in the order in which the reference lists them.
    pub const ALL: [Self; 6] = [
        Self::UnencryptedSuffix,
        Self::EncryptedSuffix,
        Self::UnencryptedRegex,
        Self::EncryptedRegex,
        Self::UnencryptedCommentRegex,
        Self::EncryptedCommentRegex,
    ];

    /// Returns the name of the kind's field, in metadata and creation rules.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::UnencryptedSuffix => "unencrypted_suffix",
            Self::EncryptedSuffix => "encrypted_suffix",
            Self::UnencryptedRegex => "unencrypted_regex",
            Self::EncryptedRegex => "encrypted_regex",
            Self::UnencryptedCommentRegex => "unencrypted_comment_regex",
            Self::EncryptedCommentRegex => "encrypted_comment_regex",
        }
    }
}

/// Which values of a file are encrypted (`spec/format.md` §3).
#[derive(Clone, Debug)]
pub struct Selector {
    kind: SelectorKind,
    text: String,
    /// Compiled from the text; nothing for suffixes.
    pattern: Option<Pattern>,
}

impl PartialEq for Selector {
    fn eq(&self, other: &Self) -> bool {
        (self.kind, &self.text) == (other.kind, &other.text)
    }
}

impl Default for Selector {
    fn default() -> Self {
        let text = DEFAULT_UNENCRYPTED_SUFFIX.to_owned();
        Self { kind: SelectorKind::UnencryptedSuffix, text, pattern: None }
    }
}

impl Selector {
    /// Makes a selector.
    ///
    /// # Errors
    /// The kind asks for a regular expression and the text is none. The reference takes such a
    /// text for one that matches nothing and so leaves secrets in clear.
    pub fn new(kind: SelectorKind, text: impl Into<String>) -> Result<Self, PatternError> {
        let text = text.into();
        let is_suffix =
            matches!(kind, SelectorKind::UnencryptedSuffix | SelectorKind::EncryptedSuffix);
        let pattern = if is_suffix { None } else { Some(Pattern::new(&text)?) };
        Ok(Self { kind, text, pattern })
    }

    /// Returns the kind of rule.
    #[must_use]
    pub fn kind(&self) -> SelectorKind {
        self.kind
    }

    /// Returns the suffix or regular expression.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Tells whether one key or one comment fits.
    #[must_use]
    pub fn is_match(&self, text: &str) -> bool {
        match &self.pattern {
            Some(pattern) => pattern.is_match(text),
            None => text.ends_with(&self.text),
        }
    }
}
