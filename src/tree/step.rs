use std::fmt;

/// One step of an index path such as `["a"][0]` (`spec/cli.md` §6.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Step {
    /// Into a mapping.
    Key(String),
    /// Into a list.
    Index(usize),
}

/// A text that is no index path.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum StepError {
    /// A step has no closing bracket.
    #[error("component {0} does not end with ]")]
    NotClosed(String),
    /// A step is neither a quoted key nor a number.
    #[error("component [{0}] is neither a quoted key nor an index from 0 up")]
    NotKeyNorIndex(String),
}

impl Step {
    /// Reads an index path; the empty text is the empty path, which names the whole document.
    ///
    /// # Errors
    /// The text is no index path.
    pub fn parse_path(text: &str) -> Result<Vec<Self>, StepError> {
        let pieces = text.split('[').filter(|piece| !piece.is_empty());
        pieces.map(Self::parse).collect()
    }

    /// Reads what follows one opening bracket.
    fn parse(piece: &str) -> Result<Self, StepError> {
        let inside =
            piece.strip_suffix(']').ok_or_else(|| StepError::NotClosed(piece.to_owned()))?;
        if let Some(quoted) = inside.strip_prefix(['"', '\'']) {
            let mut letters = quoted.chars();
            letters.next_back().ok_or_else(|| StepError::NotKeyNorIndex(inside.to_owned()))?;
            return Ok(Self::Key(letters.as_str().to_owned()));
        }
        let number = inside.strip_prefix('+').unwrap_or(inside);
        number.parse().map(Self::Index).map_err(|_| StepError::NotKeyNorIndex(inside.to_owned()))
    }
}

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Key(key) => write!(formatter, "[\"{key}\"]"),
            Self::Index(index) => write!(formatter, "[{index}]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn index_paths_are_read_as_the_reference_reads_them() {
        let key = |key: &str| Step::Key(key.to_owned());
        let rows = [
            ("", Ok(vec![])),
            (r#"["a"]"#, Ok(vec![key("a")])),
            (
                r#"["a"]['b c'][+1][02]"#,
                Ok(vec![key("a"), key("b c"), Step::Index(1), Step::Index(2)]),
            ),
            (r#"["a]b"]"#, Ok(vec![key("a]b")])),
            (r#"[""]"#, Ok(vec![key("")])),
            ("b", Err(StepError::NotClosed("b".to_owned()))),
            ("[]", Err(StepError::NotKeyNorIndex(String::new()))),
            (r#"["]"#, Err(StepError::NotKeyNorIndex("\"".to_owned()))),
            ("[-1]", Err(StepError::NotKeyNorIndex("-1".to_owned()))),
        ];
        for (text, expected) in rows {
            assert_eq!(Step::parse_path(text), expected, "{text}");
        }
    }
}
