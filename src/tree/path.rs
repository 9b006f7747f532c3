use std::fmt;

/// The mapping keys from the root to a value; sequences add none (`spec/format.md` §1.2).
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Path {
    keys: Vec<Box<str>>,
}

impl Path {
    /// Makes the empty path, which names the root.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Goes down to `key`.
    pub fn push(&mut self, key: &str) {
        self.keys.push(key.into());
    }

    /// Goes up by one key.
    pub fn pop(&mut self) {
        self.keys.pop();
    }

    /// Returns the keys from the root.
    #[must_use]
    pub fn keys(&self) -> &[Box<str>] {
        &self.keys
    }
}

impl<T: AsRef<str>> FromIterator<T> for Path {
    fn from_iter<I: IntoIterator<Item = T>>(keys: I) -> Self {
        Self { keys: keys.into_iter().map(|key| key.as_ref().into()).collect() }
    }
}

/// Shows the path in the index form of `--extract`: `["a"]["b"]`.
impl fmt::Display for Path {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.keys.is_empty() {
            return formatter.write_str("the top level");
        }
        self.keys.iter().try_for_each(|key| write!(formatter, "[\"{}\"]", key.escape_debug()))
    }
}
