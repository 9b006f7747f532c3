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
pub struct Edits<'s> {
    list: Vec<Edit>,
    /// The new text of all edits in one piece; one string for each would cost more than its text.
    /// As long as edits come in order, the text that stays stands between them: the result.
    text: String,
    /// The text that is edited, and how much of it has been copied; nothing once edits have come
    /// out of order.
    copied: Option<(&'s str, usize)>,
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

impl<'s> Edits<'s> {
    /// Makes an empty set.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes an empty set for many edits on `source`, most of which come in order: they are
    /// applied as they come.
    #[must_use]
    pub fn of(source: &'s str) -> Self {
        Self { copied: Some((source, 0)), ..Self::default() }
    }

    /// Adds a replacement of `span` by `text`.
    pub fn replace(&mut self, span: Span, text: impl AsRef<str>) {
        self.replace_with(span, |output| output.push_str(text.as_ref()));
    }

    /// Adds a replacement of `span` by what `write` appends.
    pub fn replace_with(&mut self, span: Span, write: impl FnOnce(&mut String)) {
        self.copied = self.copied.and_then(|(source, position)| {
            source.get(span.range())?;
            self.text.push_str(source.get(position..span.start())?);
            Some((source, span.end()))
        });
        let start = self.text.len();
        write(&mut self.text);
        self.list.push(Edit { span, start, length: self.text.len() - start });
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
        self.list.is_empty()
    }

    /// Returns `source` with every edit applied.
    ///
    /// `source` is the text that was given to [`Self::of`], if one was. Edits at the same empty
    /// place are applied in the order in which they were added.
    ///
    /// # Errors
    /// Two edits overlap, or one does not lie on character boundaries of `source`.
    pub fn apply(mut self, source: &str) -> Result<String, EditError> {
        if let Some((source, position)) = self.copied {
            self.text.push_str(source.get(position..).unwrap_or_default());
            return Ok(self.text);
        }
        self.list.sort_by_key(|edit| edit.span);
        let added: usize = self.list.iter().map(|edit| edit.length).sum();
        let removed: usize = self.list.iter().map(|edit| edit.span.len()).sum();
        let mut output = String::with_capacity((source.len() + added).saturating_sub(removed));
        let mut position = 0;
        for edit in &self.list {
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

    /// Adds edits to both kinds of sets, and applies them.
    fn applied(list: &[(usize, usize, &str)], source: &str) -> Result<String, EditError> {
        let [one, other] = [Edits::new(), Edits::of(source)].map(|mut edits| {
            for (start, end, text) in list {
                edits.replace(Span::new(*start, *end), *text);
            }
            edits.apply(source)
        });
        assert_eq!(one, other);
        one
    }

    #[test]
    fn no_edits_give_the_same_bytes() {
        assert_eq!(applied(&[], "a: 1\r\n"), Ok("a: 1\r\n".to_owned()));
    }

    #[test]
    fn edits_apply_in_order_of_place_not_of_addition() {
        let lists = [
            [(3, 4, "2"), (0, 1, "key"), (4, 4, "!")],
            [(0, 1, "key"), (3, 4, "2"), (4, 4, "!")],
            [(0, 1, "key"), (4, 4, "!"), (3, 4, "2")],
        ];
        for list in lists {
            assert_eq!(applied(&list, "a: 1"), Ok("key: 2!".to_owned()), "{list:?}");
        }
    }

    #[test]
    fn edits_at_one_place_apply_as_they_were_added_insertions_first() {
        let result = applied(&[(1, 1, "x"), (1, 1, "y"), (1, 2, "z")], "abc");
        assert_eq!(result, Ok("axyzc".to_owned()));
        let result = applied(&[(1, 2, "z"), (1, 1, "x"), (2, 2, "y")], "abc");
        assert_eq!(result, Ok("axzyc".to_owned()));
    }

    #[test]
    fn overlap_is_an_error() {
        let result = applied(&[(0, 3, "x"), (2, 4, "y")], "abcd");
        assert_eq!(result, Err(EditError::Overlap { offset: 2 }));
    }

    #[test]
    fn a_cut_through_a_character_is_an_error() {
        assert_eq!(applied(&[(1, 2, "x")], "é"), Err(EditError::Outside { offset: 1 }));
    }
}
