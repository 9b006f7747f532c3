use std::fmt;

use super::Error;
use crate::format::{Format, ScanError};
use crate::tree::{Branch, Container, Grower, Part, Remark, Scalar, Timestamp, Value};

/// The typed values of a decrypted file, document by document. Strings are overwritten in memory
/// when it is dropped.
///
/// ```
/// # #[cfg(feature = "age")] fn main() -> Result<(), leafseal::Error> {
/// use leafseal::{Content, Encryption, Format, Identities};
///
/// # let recipient = "age1hk6km9gau76kykwdatkwd4lu4kka4hcegvy92lf0l6pljcrhz95slnuph2";
/// # let identities = Identities::from_age_file("fixtures/vectors/keys/age1.txt")?;
/// # let text = b"ports: [80, 443]\nlimit: 1.5\n";
/// # let encrypted = leafseal::encrypt(text, Format::Yaml, &Encryption::to_age([recipient])?)?;
/// // ports: [80, 443]
/// // limit: 1.5
/// let values = leafseal::decrypt(encrypted.bytes(), Format::Yaml, &identities)?.values()?;
/// let ports = values.root().and_then(|root| root.key("ports")).expect("there are ports");
/// let ports: Vec<i64> = ports.elements().filter_map(|port| port.as_int()).collect();
/// assert_eq!(ports, [80, 443]);
/// let limit = values.root().and_then(|root| root.key("limit"));
/// assert_eq!(limit.map(|limit| limit.content()), Some(Content::Float(1.5)));
/// # Ok(())
/// # }
/// # #[cfg(not(feature = "age"))] fn main() {}
/// ```
pub struct Values {
    documents: Vec<Branch>,
}

/// A value with all below it.
#[derive(Clone, Copy)]
pub struct Node<'v> {
    /// Begins with the node; what is behind its end belongs to others.
    parts: &'v [Part],
}

/// What a node is.
#[derive(Clone, Copy, PartialEq)]
pub enum Content<'v> {
    /// No value.
    Null,
    /// A truth value.
    Bool(bool),
    /// A signed integer.
    Int(i64),
    /// An integer from 2^63 to 2^64, as it is written; it has no encrypted form.
    TooBig(&'v str),
    /// A float.
    Float(f64),
    /// A time.
    Time(Timestamp),
    /// A string, which need not be UTF-8.
    Str(&'v [u8]),
    /// A list.
    Sequence,
    /// Keys with values.
    Mapping,
}

/// One item of a mapping or list.
#[derive(Clone, Copy)]
pub enum Item<'v> {
    /// A comment, as the text behind its comment character.
    Comment(&'v [u8]),
    /// A key of a mapping with its value; the key need not be UTF-8, and may be there twice.
    Pair(&'v [u8], Node<'v>),
    /// An element of a list.
    Element(Node<'v>),
}

impl Values {
    pub(super) fn read(source: &str, format: Format) -> Result<Self, Error> {
        let scan = format.scan(source).map_err(Error::Malformed)?;
        let documents = Grower::new(source, &scan).documents(0);
        let documents =
            documents.map_err(|bomb| Error::Malformed(ScanError::of_bomb(source, &bomb)))?;
        Ok(Self { documents })
    }

    /// Returns the top of each document.
    pub fn documents(&self) -> impl ExactSizeIterator<Item = Node<'_>> {
        self.documents.iter().map(|branch| Node { parts: branch.parts() })
    }

    /// Returns the top of the first document.
    #[must_use]
    pub fn root(&self) -> Option<Node<'_>> {
        self.documents().next()
    }
}

impl<'v> Node<'v> {
    /// Returns what the node is.
    #[must_use]
    pub fn content(self) -> Content<'v> {
        match self.parts.first() {
            Some(Part::Enter(Container::Mapping)) => Content::Mapping,
            Some(Part::Enter(Container::Sequence)) => Content::Sequence,
            Some(Part::Scalar(Scalar::TooBig(text))) => Content::TooBig(text),
            Some(Part::Scalar(Scalar::Value(value))) => match value {
                Value::Bool(value) => Content::Bool(*value),
                Value::Int(number) => Content::Int(*number),
                Value::Float(number) => Content::Float(*number),
                Value::Time(time) => Content::Time(*time),
                Value::Str(bytes) | Value::Comment(bytes) => Content::Str(bytes),
            },
            _ => Content::Null,
        }
    }

    /// Returns the text of a string that is UTF-8.
    #[must_use]
    pub fn as_str(self) -> Option<&'v str> {
        match self.content() {
            Content::Str(bytes) => std::str::from_utf8(bytes).ok(),
            _ => None,
        }
    }

    /// Returns an integer.
    #[must_use]
    pub fn as_int(self) -> Option<i64> {
        if let Content::Int(number) = self.content() { Some(number) } else { None }
    }

    /// Returns a truth value.
    #[must_use]
    pub fn as_bool(self) -> Option<bool> {
        if let Content::Bool(value) = self.content() { Some(value) } else { None }
    }

    /// Returns the value of a key, the first if there are several; nothing if this is no mapping
    /// that has it.
    #[must_use]
    pub fn key(self, key: &str) -> Option<Self> {
        self.items().find_map(|item| match item {
            Item::Pair(name, node) if name == key.as_bytes() => Some(node),
            _ => None,
        })
    }

    /// Iterates over the elements of a list, comments left out; none if this is no list.
    pub fn elements(self) -> impl Iterator<Item = Self> {
        self.items().filter_map(|item| match item {
            Item::Element(node) => Some(node),
            _ => None,
        })
    }

    /// Iterates over the items of a mapping or list, comments in their places; none if this is
    /// neither.
    pub fn items(self) -> impl Iterator<Item = Item<'v>> {
        let mut rest = match self.parts {
            [Part::Enter(_), rest @ ..] => rest,
            _ => &[],
        };
        std::iter::from_fn(move || {
            let (item, length) = match rest {
                [Part::Comment(Remark { text, .. }), ..] => (Item::Comment(text), 1),
                [Part::Key(key), parts @ ..] => {
                    (Item::Pair(key, Node { parts }), 1 + length(parts))
                }
                [] | [Part::Leave, ..] => return None,
                parts => (Item::Element(Node { parts }), length(parts)),
            };
            rest = rest.get(length..).unwrap_or_default();
            Some(item)
        })
    }
}

/// Returns how many parts the node at the beginning has.
fn length(parts: &[Part]) -> usize {
    let mut depth = 0_usize;
    let ends = parts.iter().position(|part| {
        match part {
            Part::Enter(_) => depth += 1,
            Part::Leave => depth = depth.saturating_sub(1),
            Part::Key(_) | Part::Scalar(_) | Part::Comment(_) => {}
        }
        depth == 0
    });
    ends.map_or(parts.len(), |last| last + 1)
}

/// Shows nothing of the values.
impl fmt::Debug for Values {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Values").finish_non_exhaustive()
    }
}

/// Shows what the node is, and nothing of its value.
impl fmt::Debug for Node<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Node").field(&self.content()).finish()
    }
}

/// Shows the type alone.
impl fmt::Debug for Content<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Null => "Null",
            Self::Bool(_) => "Bool",
            Self::Int(_) => "Int",
            Self::TooBig(_) => "TooBig",
            Self::Float(_) => "Float",
            Self::Time(_) => "Time",
            Self::Str(_) => "Str",
            Self::Sequence => "Sequence",
            Self::Mapping => "Mapping",
        })
    }
}
