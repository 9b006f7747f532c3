use super::Span;

/// One replacement: the bytes of `span` give way to a piece of the new text.
#[derive(Clone, Debug)]
struct Edit {
    /// What is replaced; empty for an insertion.
    span: Span,
    /// Where its new text stands in that of all edits.
    start: usize,
    length: usize,
}

/// A set of replacements on one text, applied all at once.
#[derive(Clone, Debug, Default)]
pub struct Edits {
    edits: Vec<Edit>,
    /// The new text of all edits in one piece; one string for each would cost more than its text.
    text: String,
}

/// The reasons why a set of edits cannot be applied; each is an internal error.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum EditError {
    /// Two edits claim the same bytes.
    #[error("edits overlap at byte {offset}")]
    Overlap {
        /// Where the second edit begins.
        offset: u32,
    },
    /// An edit does not lie on character boundaries inside the text.
    #[error("edit at byte {offset} lies outside the text")]
    Outside {
        /// Where the edit begins.
        offset: u32,
    },
}

impl Edits {
    /// Makes an empty set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a replacement of `span` by `text`.
    pub fn replace(&mut self, span: Span, text: impl AsRef<str>) {
        self.replace_with(span, |output| output.push_str(text.as_ref()));
    }

    /// Adds a replacement of `span` by what `write` appends.
    pub fn replace_with(&mut self, span: Span, write: impl FnOnce(&mut String)) {
        let start = self.text.len();
        write(&mut self.text);
        self.edits.push(Edit { span, start, length: self.text.len() - start });
    }

    /// Adds an insertion at `offset`.
    pub fn insert(&mut self, offset: usize, text: impl AsRef<str>) {
        self.replace(Span::at(offset), text);
    }

    /// Adds a removal of `span`.
    pub fn remove(&mut self, span: Span) {
        self.replace(span, "");
    }

    /// Tells whether there is nothing to change.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.edits.is_empty()
    }

    /// Returns `source` with every edit applied.
    ///
    /// Edits at the same empty place are applied in the order in which they were added.
    ///
    /// # Errors
    /// Two edits overlap, or one does not lie on character boundaries of `source`.
    pub fn apply(mut self, source: &str) -> Result<String, EditError> {
        self.edits.sort_by_key(|edit| edit.span);
        let added = self.text.len();
        let removed: usize = self.edits.iter().map(|edit| edit.span.len()).sum();
        let mut output = String::with_capacity((source.len() + added).saturating_sub(removed));
        let mut position = 0;
        for edit in &self.edits {
            let Edit { span, start, length } = *edit;
            if span.start() < position {
                return Err(EditError::Overlap { offset: span.start });
            }
            let kept = source.get(position..span.start());
            let (Some(kept), Some(_)) = (kept, source.get(span.range())) else {
                return Err(EditError::Outside { offset: span.start });
            };
            output.push_str(kept);
            output.push_str(&self.text[start..start + length]);
            position = span.end();
        }
        output.push_str(&source[position..]);
        Ok(output)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn edits(list: &[(usize, usize, &str)]) -> Edits {
        let mut edits = Edits::new();
        for (start, end, text) in list {
            edits.replace(Span::new(*start, *end), *text);
        }
        edits
    }

    #[test]
    fn no_edits_give_the_same_bytes() {
        assert_eq!(Edits::new().apply("a: 1\r\n"), Ok("a: 1\r\n".to_owned()));
    }

    #[test]
    fn edits_apply_in_order_of_place_not_of_addition() {
        let result = edits(&[(3, 4, "2"), (0, 1, "key"), (4, 4, "!")]).apply("a: 1");
        assert_eq!(result, Ok("key: 2!".to_owned()));
    }

    #[test]
    fn overlap_is_an_error() {
        let result = edits(&[(0, 3, "x"), (2, 4, "y")]).apply("abcd");
        assert_eq!(result, Err(EditError::Overlap { offset: 2 }));
    }

    #[test]
    fn a_cut_through_a_character_is_an_error() {
        assert_eq!(edits(&[(1, 2, "x")]).apply("é"), Err(EditError::Outside { offset: 1 }));
    }
}
