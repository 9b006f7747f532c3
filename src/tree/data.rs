/// Plain structured data: metadata blocks, configuration files, extracted values.
///
/// It keeps the order of keys and repeated keys.
#[derive(Clone, Debug, PartialEq)]
pub enum Tree {
    /// No value.
    Null,
    /// A truth value.
    Bool(bool),
    /// A signed integer.
    Int(i64),
    /// A float.
    Float(f64),
    /// A time, in its canonical RFC 3339 form.
    Time(String),
    /// A string.
    Str(String),
    /// A list.
    Sequence(Vec<Tree>),
    /// Keys with values.
    Mapping(Vec<(String, Tree)>),
}

impl Tree {
    /// Makes a string.
    #[must_use]
    pub fn str(text: impl Into<String>) -> Self {
        Self::Str(text.into())
    }

    /// Returns the value of `key`, if this is a mapping that has it.
    #[must_use]
    pub fn find(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Mapping(items) => {
                items.iter().find(|(name, _)| name == key).map(|(_, value)| value)
            }
            _ => None,
        }
    }

    /// Names the kind of the value, for messages.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Int(_) => "an integer",
            Self::Float(_) => "a float",
            Self::Time(_) => "a timestamp",
            Self::Str(_) => "a string",
            Self::Sequence(_) => "a list",
            Self::Mapping(_) => "a mapping",
        }
    }
}
