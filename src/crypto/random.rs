/// The system's secure random source gave nothing.
#[derive(Debug, thiserror::Error)]
#[error("the system's random source failed: {0}")]
pub struct RandomError(#[source] getrandom::Error);

/// A source of secure random bytes for keys and nonces.
pub trait Randomness {
    /// Fills `bytes`.
    ///
    /// # Errors
    /// The source gave nothing.
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), RandomError>;
}

/// The operating system's random source, read in pieces large enough for many nonces.
#[derive(Default)]
pub struct SystemRandomness {
    pool: zeroize::Zeroizing<Vec<u8>>,
}

const POOL_BYTES: usize = 8192;

impl Randomness for SystemRandomness {
    fn fill(&mut self, bytes: &mut [u8]) -> Result<(), RandomError> {
        if bytes.len() > self.pool.len() {
            self.pool.resize(POOL_BYTES.max(bytes.len()), 0);
            getrandom::fill(&mut self.pool).map_err(RandomError)?;
        }
        let rest = self.pool.len() - bytes.len();
        bytes.copy_from_slice(&self.pool[rest..]);
        self.pool.truncate(rest);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_byte_is_handed_out_twice() {
        let mut source = SystemRandomness::default();
        let mut seen = std::collections::HashSet::new();
        for _ in 0..1000 {
            let mut nonce = [0; 32];
            source.fill(&mut nonce).unwrap();
            assert!(seen.insert(nonce));
        }
        let mut large = vec![0; 2 * POOL_BYTES];
        source.fill(&mut large).unwrap();
        assert!(large.chunks(32).all(|chunk| chunk.iter().any(|byte| *byte != 0)));
    }
}
