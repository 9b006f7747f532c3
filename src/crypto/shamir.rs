//! Shamir's secret sharing over GF(2^8), byte-compatible with the reference (`spec/format.md` §6).
//!
//! A share is as long as the secret plus one byte: the values of one polynomial for each byte of
//! the secret, and then the place where they were taken. Nothing in here branches on a secret or
//! looks one up in a table.

use zeroize::Zeroizing;

use super::random::{RandomError, Randomness};

/// The largest number of shares: places are single bytes, and 0 is that of the secret.
pub const MAX_SHARES: usize = 255;

/// The reasons why a secret cannot be split.
#[derive(Debug, thiserror::Error)]
pub enum SplitError {
    /// One share would be the secret itself.
    #[error("the threshold must be 2 or more, not {0}")]
    ThresholdTooSmall(usize),
    /// More shares are asked for than there are.
    #[error("the threshold is {threshold}, but there are only {shares} shares")]
    ThresholdTooLarge {
        /// How many shares would be needed.
        threshold: usize,
        /// How many there would be.
        shares: usize,
    },
    /// There are not enough places for the shares.
    #[error("{0} shares are too many; there can be 255")]
    TooManyShares(usize),
    /// The random source failed.
    #[error(transparent)]
    Random(#[from] RandomError),
}

/// The reasons why shares cannot be combined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CombineError {
    /// There are fewer shares than any secret is split into.
    #[error("two shares or more are needed")]
    TooFew,
    /// A share is too short to hold anything, or not as long as the others.
    #[error("the shares are not equally long")]
    Length,
    /// Two shares were taken at the same place, or one at that of the secret.
    #[error("the shares are not of different groups")]
    Place,
}

/// Splits a secret into shares, `threshold` of which give it back. Share `i` is taken at `i + 1`.
///
/// # Errors
/// The numbers do not fit each other, or the random source failed.
pub fn split(
    secret: &[u8],
    shares: usize,
    threshold: usize,
    randomness: &dyn Randomness,
) -> Result<Vec<Zeroizing<Vec<u8>>>, SplitError> {
    if shares > MAX_SHARES {
        return Err(SplitError::TooManyShares(shares));
    }
    if threshold < 2 {
        return Err(SplitError::ThresholdTooSmall(threshold));
    }
    if threshold > shares {
        return Err(SplitError::ThresholdTooLarge { threshold, shares });
    }
    // the coefficients of x, x² and so on, for each byte of the secret
    let mut coefficients = Zeroizing::new(vec![0; secret.len() * (threshold - 1)]);
    randomness.fill(&mut coefficients)?;
    let places = (1..=u8::MAX).take(shares);
    let share = |place: u8| {
        let mut share = Zeroizing::new(Vec::with_capacity(secret.len() + 1));
        let polynomials = secret.iter().zip(coefficients.chunks_exact(threshold - 1));
        share.extend(polynomials.map(|(byte, rest)| value_at(place, *byte, rest)));
        share.push(place);
        share
    };
    Ok(places.map(share).collect())
}

/// Combines shares to the secret. All of them count, also those past the threshold.
///
/// Too few shares, or shares of different secrets, give another secret without notice.
///
/// # Errors
/// No secret can have these shares.
pub fn combine<S: AsRef<[u8]>>(shares: &[S]) -> Result<Zeroizing<Vec<u8>>, CombineError> {
    let (values, places) = taken_apart(shares)?;
    let weights: Vec<u8> = places.iter().map(|place| weight(*place, &places)).collect();
    let length = values.first().map_or(0, |values| values.len());
    let mut secret = Zeroizing::new(Vec::with_capacity(length));
    for at in 0..length {
        let terms = values.iter().zip(&weights).map(|(values, weight)| times(values[at], *weight));
        secret.push(terms.fold(0, |sum, term| sum ^ term));
    }
    Ok(secret)
}

/// Parts shares into values and places, which are all different.
fn taken_apart<S: AsRef<[u8]>>(shares: &[S]) -> Result<(Vec<&[u8]>, Vec<u8>), CombineError> {
    if shares.len() < 2 {
        return Err(CombineError::TooFew);
    }
    let (mut values, mut places) = (Vec::new(), Vec::new());
    for share in shares {
        let Some((place, value)) = share.as_ref().split_last().filter(|(_, it)| !it.is_empty())
        else {
            return Err(CombineError::Length);
        };
        if *place == 0 || places.contains(place) {
            return Err(CombineError::Place);
        }
        values.push(value);
        places.push(*place);
    }
    let is_even = values.windows(2).all(|pair| pair[0].len() == pair[1].len());
    if is_even { Ok((values, places)) } else { Err(CombineError::Length) }
}

/// Evaluates a polynomial, the coefficients in rising order.
fn value_at(place: u8, constant: u8, coefficients: &[u8]) -> u8 {
    let highest_first = coefficients.iter().rev();
    times(highest_first.fold(0, |value, it| times(value, place) ^ it), place) ^ constant
}

/// Returns how much the value at `place` counts for the value at 0 (Lagrange). Places are public.
fn weight(place: u8, places: &[u8]) -> u8 {
    let others = places.iter().filter(|other| **other != place);
    others.fold(1, |weight, other| times(weight, times(*other, inverse(place ^ other))))
}

/// Multiplies modulo x^8 + x^4 + x^3 + x + 1.
fn times(left: u8, right: u8) -> u8 {
    let mut product = 0;
    let mut left = left;
    for bit in 0..8 {
        product ^= left & mask(right >> bit);
        left = (left << 1) ^ (0x1b & mask(left >> 7));
    }
    product
}

/// Returns all ones if the lowest bit is set.
fn mask(value: u8) -> u8 {
    (value & 1).wrapping_neg()
}

/// Returns the 254th power: the inverse of all but 0.
fn inverse(value: u8) -> u8 {
    // 254 = 2 + 4 + 8 + 16 + 32 + 64 + 128
    let mut power = value;
    let mut product = 1;
    for _ in 0..7 {
        power = times(power, power);
        product = times(product, power);
    }
    product
}

#[cfg(test)]
mod tests;
