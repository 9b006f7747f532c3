/// The line end that a text uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Newline {
    /// LF, also for texts without any line end.
    #[default]
    Lf,
    /// CR LF.
    CrLf,
}

impl Newline {
    /// Reads the style off the first line end of `source`.
    #[must_use]
    pub fn of(source: &str) -> Self {
        match source.find('\n') {
            Some(at) if source[..at].ends_with('\r') => Self::CrLf,
            _ => Self::Lf,
        }
    }

    /// Returns the characters of one line end.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Lf => "\n",
            Self::CrLf => "\r\n",
        }
    }

    /// Rewrites the LF line ends of `text` in this style.
    #[must_use]
    pub fn apply(self, text: String) -> String {
        match self {
            Self::Lf => text,
            Self::CrLf => text.replace('\n', "\r\n"),
        }
    }
}

/// Returns the number of the line, from 1, that holds the byte at `offset`.
#[must_use]
pub fn line_of(source: &str, offset: usize) -> usize {
    let before = source.as_bytes().get(..offset).unwrap_or(source.as_bytes());
    1 + before.iter().filter(|byte| **byte == b'\n').count()
}

/// Finds the lines of many offsets in one pass, as long as they are asked for in order.
#[derive(Clone, Debug)]
pub struct LineCounter<'s> {
    source: &'s str,
    offset: usize,
    line: usize,
}

impl<'s> LineCounter<'s> {
    /// Begins at the start of a text.
    #[must_use]
    pub fn new(source: &'s str) -> Self {
        Self { source, offset: 0, line: 1 }
    }

    /// Returns the number of the line, from 1, that holds the byte at `offset`.
    pub fn line_of(&mut self, offset: usize) -> usize {
        let bytes = self.source.as_bytes();
        self.line = match bytes.get(self.offset..offset) {
            Some(passed) => self.line + passed.iter().filter(|byte| **byte == b'\n').count(),
            None => line_of(self.source, offset),
        };
        self.offset = offset;
        self.line
    }
}

/// Finds the lines and columns of many offsets, in any order.
#[derive(Clone, Debug)]
pub struct PlaceIndex<'s> {
    source: &'s str,
    /// Offsets with their lines and columns, one for each piece of the text.
    marks: Vec<(usize, usize, usize)>,
}

impl<'s> PlaceIndex<'s> {
    /// How far marks are apart.
    const PIECE: usize = 1024;

    /// Reads a text once.
    #[must_use]
    pub fn new(source: &'s str) -> Self {
        let mut marks = vec![(0, 1, 1)];
        let (mut next, mut line, mut column) = (Self::PIECE, 1, 1);
        for (offset, letter) in source.char_indices() {
            if offset >= next {
                marks.push((offset, line, column));
                next = offset + Self::PIECE;
            }
            (line, column) = behind(line, column, letter);
        }
        Self { source, marks }
    }

    /// Returns line and column, from 1, of the byte at `offset`.
    #[must_use]
    pub fn place_of(&self, offset: usize) -> (usize, usize) {
        let mark = self.marks.partition_point(|(start, ..)| *start <= offset).saturating_sub(1);
        let (start, line, column) = self.marks[mark];
        let end = self.source.floor_char_boundary(offset);
        let between = self.source.get(start..end).unwrap_or_default();
        between.chars().fold((line, column), |(line, column), letter| behind(line, column, letter))
    }
}

fn behind(line: usize, column: usize, letter: char) -> (usize, usize) {
    if letter == '\n' { (line + 1, 1) } else { (line, column + 1) }
}

/// Returns the number of the column, from 1 and in characters, of the byte at `offset`.
#[must_use]
pub fn column_of(source: &str, offset: usize) -> usize {
    let start = start_of_line(source, offset);
    1 + source.get(start..offset).map_or(0, |text| text.chars().count())
}

/// Returns the offset of the first byte of the line that holds `offset`.
#[must_use]
pub fn start_of_line(source: &str, offset: usize) -> usize {
    let before = source.as_bytes().get(..offset).unwrap_or(source.as_bytes());
    before.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1)
}

/// Returns the offset behind the line that holds `offset`, its line end included.
#[must_use]
pub fn end_of_line(source: &str, offset: usize) -> usize {
    let after = source.as_bytes().get(offset..).unwrap_or_default();
    after.iter().position(|byte| *byte == b'\n').map_or(source.len(), |at| offset + at + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_end_decides_the_style() {
        for (source, style) in
            [("", Newline::Lf), ("a\nb\r\n", Newline::Lf), ("a\r\nb\n", Newline::CrLf)]
        {
            assert_eq!(Newline::of(source), style, "{source:?}");
        }
    }

    #[test]
    fn index_finds_the_places_that_a_count_finds() {
        let source = "käse: 1\n\n".repeat(700) + &"é".repeat(3000) + "\nend";
        let index = PlaceIndex::new(&source);
        for offset in (0..=source.len()).filter(|offset| source.is_char_boundary(*offset)) {
            let expected = (line_of(&source, offset), column_of(&source, offset));
            assert_eq!(index.place_of(offset), expected, "{offset}");
        }
        assert_eq!(index.place_of(source.len() + 9), index.place_of(source.len()));
    }

    #[test]
    fn places_are_counted_from_one() {
        let source = "ab\ncdé\nf";
        assert_eq!((line_of(source, 7), column_of(source, 7)), (2, 4));
        let mut counter = LineCounter::new(source);
        assert_eq!([0, 7, 3, 99].map(|offset| counter.line_of(offset)), [1, 2, 2, 3]);
        assert_eq!((start_of_line(source, 4), end_of_line(source, 4)), (3, 8));
        assert_eq!((line_of(source, 99), end_of_line(source, 99)), (3, source.len()));
    }
}
