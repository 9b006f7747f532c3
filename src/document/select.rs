use crate::metadata::{Selector, SelectorKind};

/// Follows a walk and tells which values and comments are encrypted (`spec/format.md` §3).
///
/// A pure function of the selector and of the items it is told about.
pub(super) struct Selection<'m> {
    selector: &'m Selector,
    levels: Vec<Level>,
}

/// One open collection.
#[derive(Clone, Copy, Default)]
#[expect(clippy::struct_excessive_bools, reason = "four independent facts")]
struct Level {
    /// Whether a path component above or at this collection fits the selector.
    by_path: bool,
    /// Whether the key of the current item, or one above, fits.
    by_key: bool,
    /// Whether a comment that is active at this level fits.
    by_comment: bool,
    /// Whether one before the last active comment fits.
    before_last_comment: bool,
}

impl<'m> Selection<'m> {
    pub(super) fn new(selector: &'m Selector) -> Self {
        Self { selector, levels: Vec::new() }
    }

    /// Forgets the document before.
    pub(super) fn begin_document(&mut self) {
        self.levels.clear();
    }

    /// Goes into a collection that is the value of the current item.
    pub(super) fn enter(&mut self) {
        let by_path = self.levels.last().is_some_and(|level| level.by_key);
        self.levels.push(Level { by_path, by_key: by_path, ..Level::default() });
    }

    /// Leaves a collection, which ends the item that it was.
    pub(super) fn leave(&mut self) {
        self.levels.pop();
        self.end_item();
    }

    /// Begins the item with this key.
    pub(super) fn key(&mut self, key: &str) {
        let by_path = self.uses_paths();
        let fits = by_path && self.selector.is_match(key);
        if let Some(level) = self.levels.last_mut() {
            level.by_key = level.by_path || fits;
        }
    }

    /// Ends an item: comments seen so far at its level are no longer active.
    pub(super) fn end_item(&mut self) {
        if let Some(level) = self.levels.last_mut() {
            level.by_key = level.by_path;
            level.by_comment = false;
            level.before_last_comment = false;
        }
    }

    /// Tells whether the value of the current item is encrypted.
    pub(super) fn is_value_selected(&self) -> bool {
        let by_key = self.levels.last().is_some_and(|level| level.by_key);
        let by_comment = self.levels.iter().any(|level| level.by_comment);
        self.decide(by_key, by_comment)
    }

    /// Takes note of a comment and tells whether it is encrypted.
    pub(super) fn comment(&mut self, text: &str, is_in_tree: bool) -> bool {
        let fits = !self.uses_paths() && is_in_tree && self.selector.is_match(text);
        let outer = self.levels.len().saturating_sub(1);
        let by_outer = self.levels[..outer].iter().any(|level| level.by_comment);
        let Some(level) = self.levels.last_mut() else {
            return self.decide(false, fits);
        };
        if is_in_tree {
            level.before_last_comment = level.by_comment;
            level.by_comment |= fits;
        }
        let own = match self.selector.kind() {
            // the comment is not judged by itself
            SelectorKind::EncryptedCommentRegex if is_in_tree => level.before_last_comment,
            _ => level.by_comment,
        };
        let by_path = level.by_path;
        self.decide(by_path, by_outer || own)
    }

    fn uses_paths(&self) -> bool {
        !matches!(
            self.selector.kind(),
            SelectorKind::UnencryptedCommentRegex | SelectorKind::EncryptedCommentRegex
        )
    }

    fn decide(&self, by_path: bool, by_comment: bool) -> bool {
        match self.selector.kind() {
            SelectorKind::UnencryptedSuffix | SelectorKind::UnencryptedRegex => !by_path,
            SelectorKind::EncryptedSuffix | SelectorKind::EncryptedRegex => by_path,
            SelectorKind::UnencryptedCommentRegex => !by_comment,
            SelectorKind::EncryptedCommentRegex => by_comment,
        }
    }
}

/// Tells whether the value of a top-level key is encrypted where there are no comments.
pub(super) fn is_pair_selected(selector: &Selector, key: &str) -> bool {
    let mut selection = Selection::new(selector);
    selection.enter();
    selection.key(key);
    selection.is_value_selected()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Walks `# note`, `a: {# inner, b, c_x: [1]}` and returns what is selected, in order.
    fn selected(kind: SelectorKind, text: &str) -> Vec<bool> {
        let selector = Selector::new(kind, text).unwrap();
        let mut selection = Selection::new(&selector);
        let mut result = Vec::new();
        selection.begin_document();
        selection.enter();
        result.push(selection.comment(" note", true));
        selection.key("a");
        selection.enter();
        result.push(selection.comment(" inner", true));
        result.push(selection.comment(" more", true));
        selection.key("b");
        result.push(selection.is_value_selected());
        selection.end_item();
        selection.key("c_x");
        selection.enter();
        result.push(selection.is_value_selected());
        selection.end_item();
        selection.leave();
        selection.leave();
        selection.key("d");
        result.push(selection.is_value_selected());
        result
    }

    #[test]
    fn each_selector_covers_what_the_format_says() {
        use SelectorKind as Kind;
        let rows = [
            // note, inner, more, a.b, a.c_x[0], d
            (Kind::UnencryptedSuffix, "_x", [true, true, true, true, false, true]),
            (Kind::EncryptedSuffix, "_x", [false, false, false, false, true, false]),
            (Kind::UnencryptedRegex, "^a$", [true, false, false, false, false, true]),
            (Kind::EncryptedRegex, "^a$", [false, true, true, true, true, false]),
            (Kind::EncryptedCommentRegex, "inner", [false, false, true, true, false, false]),
            (Kind::UnencryptedCommentRegex, "inner", [true, false, false, false, true, true]),
            (Kind::EncryptedCommentRegex, "note", [false, true, true, true, true, false]),
            (Kind::UnencryptedCommentRegex, "note", [false, false, false, false, false, true]),
        ];
        for (kind, text, expected) in rows {
            assert_eq!(selected(kind, text), expected, "{kind:?} {text}");
        }
    }
}
