use std::ops::Range;

/// A half-open range of bytes of a source text.
///
/// Offsets are 32 bits wide: texts of 4 GiB and more are refused before they are scanned.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// Offset of the first byte.
    pub start: u32,
    /// Offset behind the last byte.
    pub end: u32,
}

impl Span {
    /// Makes a span from two offsets of a text that was checked to be below 4 GiB.
    #[must_use]
    #[inline]
    pub fn new(start: usize, end: usize) -> Self {
        debug_assert!(start <= end);
        Self { start: clamp(start), end: clamp(end) }
    }

    /// Makes an empty span at an offset.
    #[must_use]
    #[inline]
    pub fn at(offset: usize) -> Self {
        Self::new(offset, offset)
    }

    /// Returns the same range as `usize` offsets.
    #[must_use]
    #[inline]
    pub fn range(self) -> Range<usize> {
        self.start as usize..self.end as usize
    }

    /// Returns the offset of the first byte.
    #[must_use]
    #[inline]
    pub fn start(self) -> usize {
        self.start as usize
    }

    /// Returns the offset behind the last byte.
    #[must_use]
    #[inline]
    pub fn end(self) -> usize {
        self.end as usize
    }

    /// Returns the number of bytes.
    #[must_use]
    #[inline]
    pub fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// Tells whether the span holds no byte.
    #[must_use]
    #[inline]
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// Tells whether `other` lies wholly inside this span.
    #[must_use]
    #[inline]
    pub fn contains(self, other: Self) -> bool {
        self.start <= other.start && other.end <= self.end
    }

    /// Returns the piece of `source` that the span names, or nothing if it is not one.
    #[must_use]
    #[inline]
    pub fn slice(self, source: &str) -> &str {
        source.get(self.range()).unwrap_or_default()
    }
}

fn clamp(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}
