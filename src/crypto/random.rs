/// The system's secure random source gave nothing.
#[derive(Debug, thiserror::Error)]
#[error("the system's random source failed: {0}")]
pub struct RandomError(#[source] getrandom::Error);

/// A source of secure random bytes for keys and nonces, which several threads may draw from.
pub trait Randomness: Sync {
    /// Fills `bytes`.
    ///
    /// # Errors
    /// The source gave nothing.
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomError>;
}

/// The operating system's random source.
pub struct SystemRandomness;

impl Randomness for SystemRandomness {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomError> {
        getrandom::fill(bytes).map_err(RandomError)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_byte_is_handed_out_twice() {
        let mut seen = std::collections::HashSet::new();
        for _ in 0..1000 {
            let mut nonce = [0; 32];
            SystemRandomness.fill(&mut nonce).unwrap();
            assert!(seen.insert(nonce));
        }
        let mut large = vec![0; 20_000];
        SystemRandomness.fill(&mut large).unwrap();
        assert!(large.chunks(32).all(|chunk| chunk.iter().any(|byte| *byte != 0)));
    }
}
