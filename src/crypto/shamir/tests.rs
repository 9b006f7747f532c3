use super::*;
use crate::crypto::SystemRandomness;

/// Gives the same bytes again and again.
struct Given(Vec<u8>);

impl Randomness for Given {
    fn fill(&self, bytes: &mut [u8]) -> Result<(), RandomError> {
        let given = self.0.iter().cycle();
        bytes.iter_mut().zip(given).for_each(|(byte, given)| *byte = *given);
        Ok(())
    }
}

fn bytes(digits: &str) -> Vec<u8> {
    let byte = |at| u8::from_str_radix(&digits[at..at + 2], 16).expect("hexadecimal");
    (0..digits.len()).step_by(2).map(byte).collect()
}

#[test]
fn field_is_that_of_aes() {
    // FIPS 197 §4.2 and its examples
    for (left, right, product) in [(0x57, 0x83, 0xc1), (0x57, 0x13, 0xfe), (2, 0x80, 0x1b)] {
        assert_eq!((times(left, right), times(right, left)), (product, product));
    }
    for value in 1..=255 {
        assert_eq!(times(value, inverse(value)), 1, "{value}");
    }
    assert_eq!(inverse(0), 0);
}

#[test]
fn shares_of_every_vector_give_its_data_key() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/vectors/manifest.json");
    let manifest = std::fs::read_to_string(folder).expect("a manifest");
    let manifest: serde_json::Value = serde_json::from_str(&manifest).expect("JSON");
    let mut count = 0;
    for vector in manifest["vectors"].as_array().expect("a list") {
        let Some(shares) = vector["group_shares_hex"].as_array() else { continue };
        let shares: Vec<Vec<u8>> =
            shares.iter().map(|it| bytes(it.as_str().expect("text"))).collect();
        let key = bytes(vector["data_key_hex"].as_str().expect("a data key"));
        let places: Vec<u8> = shares.iter().map(|share| share[32]).collect();
        assert_eq!(places, (1..=3).take(shares.len()).collect::<Vec<u8>>());
        assert_eq!(*combine(&shares).expect("shares"), key);
        // any two of these are enough
        for left in 0..shares.len() {
            for right in (0..shares.len()).filter(|right| *right != left) {
                let two = [&shares[left], &shares[right]];
                assert_eq!(*combine(&two).expect("shares"), key, "{left} {right}");
            }
        }
        count += 1;
    }
    assert!(count >= 8, "only {count} vectors have shares");
}

#[test]
fn shares_are_the_values_of_the_polynomials() {
    // 0x2a + 3x + 5x² at 1, 2 and 3, by hand; the second byte has 7 and 9
    let shares = split(&[0x2a, 1], 3, 3, &Given(vec![3, 5, 7, 9])).expect("shares");
    let shares: Vec<&[u8]> = shares.iter().map(|share| share.as_slice()).collect();
    assert_eq!(shares, [[0x2c, 15, 1], [0x38, 43, 2], [0x3e, 37, 3]]);
}

#[test]
fn any_shares_give_the_secret_once_they_are_enough() {
    let randomness = SystemRandomness;
    let mut secret = [0; 32];
    randomness.fill(&mut secret).expect("randomness");
    for count in 2..=6 {
        for threshold in 2..=count {
            let shares = split(&secret, count, threshold, &randomness).expect("shares");
            for chosen in 0..1_u32 << count {
                let some = shares.iter().enumerate();
                let some: Vec<_> =
                    some.filter(|(at, _)| chosen >> at & 1 == 1).map(|(_, it)| it).collect();
                let found = combine(&some);
                match some.len() {
                    0 | 1 => assert_eq!(found, Err(CombineError::TooFew)),
                    number if number < threshold => assert_ne!(*found.expect("a secret"), secret),
                    _ => assert_eq!(*found.expect("a secret"), secret, "{count} {threshold}"),
                }
            }
        }
    }
    let all = split(&secret, MAX_SHARES, 255, &randomness).expect("shares");
    assert_eq!(*combine(&all).expect("a secret"), secret);
}

#[test]
fn numbers_that_do_not_fit_are_refused() {
    let randomness = SystemRandomness;
    let split = |shares, threshold| {
        split(&[0; 32], shares, threshold, &randomness).expect_err("a refusal").to_string()
    };
    assert_eq!(split(2, 0), "the threshold must be 2 or more, not 0");
    assert_eq!(split(2, 1), "the threshold must be 2 or more, not 1");
    assert_eq!(split(2, 3), "the threshold is 3, but there are only 2 shares");
    assert_eq!(split(256, 2), "256 shares are too many; there can be 255");
}

#[test]
fn shares_that_do_not_fit_are_refused() {
    let rows: [(&[&[u8]], CombineError); 6] = [
        (&[], CombineError::TooFew),
        (&[&[1, 1]], CombineError::TooFew),
        (&[&[1, 1], &[1, 1, 2]], CombineError::Length),
        (&[&[1], &[2]], CombineError::Length),
        (&[&[1, 1], &[2, 1]], CombineError::Place),
        (&[&[1, 0], &[2, 1]], CombineError::Place),
    ];
    for (shares, error) in rows {
        assert_eq!(combine(shares), Err(error), "{shares:?}");
    }
}

#[test]
fn another_implementation_combines_alike() {
    // vsss-rs keeps the place before the values
    let turned = |share: &[u8]| {
        let mut turned = share.to_vec();
        turned.rotate_right(1);
        turned
    };
    let randomness = SystemRandomness;
    for count in 2..=9 {
        let mut secret = vec![0; 32];
        randomness.fill(&mut secret).expect("randomness");
        let shares = split(&secret, count, count.div_ceil(2).max(2), &randomness);
        let shares: Vec<Vec<u8>> = shares.expect("shares").iter().map(|it| it.to_vec()).collect();
        let theirs: Vec<Vec<u8>> = shares.iter().map(|share| turned(share)).collect();
        assert_eq!(vsss_rs::Gf256::combine_array(&theirs).expect("a secret"), secret);
        // any values at different places are shares of something
        let mut random: Vec<Vec<u8>> = vec![vec![0; 33]; count];
        for (share, place) in random.iter_mut().zip([7_u8, 1, 255, 2, 128, 3, 99, 200, 64]) {
            randomness.fill(share).expect("randomness");
            share[32] = place;
        }
        let theirs: Vec<Vec<u8>> = random.iter().map(|share| turned(share)).collect();
        let expected = vsss_rs::Gf256::combine_array(&theirs).expect("a secret");
        assert_eq!(*combine(&random).expect("a secret"), expected);
    }
}
