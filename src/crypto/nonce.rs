use super::random::{RandomError, Randomness};

/// Number of bytes of a nonce that we write (`spec/format.md` §1.1).
pub(super) const NONCE_LENGTH: usize = 32;

/// A nonce for one encryption.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Nonce(pub [u8; NONCE_LENGTH]);

impl Nonce {
    /// Draws a nonce.
    ///
    /// # Errors
    /// The random source gave nothing.
    pub fn draw(randomness: &dyn Randomness) -> Result<Self, RandomError> {
        let mut nonce = [0; NONCE_LENGTH];
        randomness.fill(&mut nonce)?;
        Ok(Self(nonce))
    }
}

/// Nonces for many encryptions, drawn in pieces: asking the system for each takes longer than
/// encrypting a short value.
pub struct Nonces<'r> {
    randomness: &'r dyn Randomness,
    drawn: [u8; PIECE * NONCE_LENGTH],
    left: usize,
}

/// How many are drawn at a time.
const PIECE: usize = 64;

impl<'r> Nonces<'r> {
    /// Makes a source without drawing any.
    #[must_use]
    pub fn new(randomness: &'r dyn Randomness) -> Self {
        Self { randomness, drawn: [0; PIECE * NONCE_LENGTH], left: 0 }
    }

    /// Returns the next nonce.
    ///
    /// # Errors
    /// The random source gave nothing.
    pub fn draw(&mut self) -> Result<Nonce, RandomError> {
        if self.left == 0 {
            self.randomness.fill(&mut self.drawn)?;
            self.left = PIECE;
        }
        self.left -= 1;
        let (nonces, _) = self.drawn.as_chunks();
        Ok(Nonce(nonces[self.left]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crypto::SystemRandomness;

    #[test]
    fn no_nonce_is_given_twice() {
        let mut nonces = Nonces::new(&SystemRandomness);
        let mut seen = std::collections::HashSet::new();
        for _ in 0..1000 {
            assert!(seen.insert(nonces.draw().unwrap()));
            assert!(seen.insert(Nonce::draw(&SystemRandomness).unwrap()));
        }
    }
}
