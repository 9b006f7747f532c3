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

impl<'a> FromIterator<&'a str> for Path {
    fn from_iter<I: IntoIterator<Item = &'a str>>(keys: I) -> Self {
        Self { keys: keys.into_iter().map(Into::into).collect() }
    }
}

/// How many bytes of a path are shown at its beginning, and again at its end.
const SHOWN: usize = 150;

/// Shows the path in the index form of `--extract`: `["a"]["b"]`; the middle of one that would
/// fill the screen is left out.
impl fmt::Display for Path {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.keys.is_empty() {
            return formatter.write_str("the top level");
        }
        let mut text = String::new();
        for key in &self.keys {
            text.push_str(&format!("[\"{}\"]", key.escape_debug()));
        }
        if text.len() > 3 * SHOWN {
            let start = text.floor_char_boundary(SHOWN);
            let end = text.ceil_char_boundary(text.len() - SHOWN);
            text.replace_range(start..end, "…");
        }
        formatter.write_str(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_paths_are_shown_by_their_ends() {
        let deep: Path = std::iter::repeat_n("käse", 990).collect();
        let long = Path::from_iter(["a", &"ü".repeat(1_000_000), "z"]);
        for (path, start, end) in
            [(deep, "[\"käse\"][", "][\"käse\"]"), (long, "[\"a\"]", "[\"z\"]")]
        {
            let text = path.to_string();
            assert!(text.starts_with(start) && text.ends_with(end), "{text}");
            assert!(text.len() < 400 && text.contains('…'), "{text}");
        }
        assert_eq!(Path::from_iter(["a\n", "b"]).to_string(), "[\"a\\n\"][\"b\"]");
    }
}
