//! Standard base64 for the short parts of envelopes, where a general library's start of each call
//! takes longer than its work. Padding is a must and spare bits are zero, as in that library.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The value of each digit, or [`INVALID`].
const VALUES: [u8; 256] = values();

/// What no digit has among its six bits.
const INVALID: u8 = 0x80;

const fn values() -> [u8; 256] {
    let mut values = [INVALID; 256];
    let mut digit = 0;
    while digit < ALPHABET.len() {
        #[expect(clippy::cast_possible_truncation, reason = "there are 64 digits")]
        let value = digit as u8;
        values[ALPHABET[digit] as usize] = value;
        digit += 1;
    }
    values
}

/// The two digits of each twelve bits.
static PAIRS: [[u8; 2]; 4096] = pairs();

const fn pairs() -> [[u8; 2]; 4096] {
    let mut pairs = [[0; 2]; 4096];
    let mut bits = 0;
    while bits < pairs.len() {
        pairs[bits] = [ALPHABET[bits >> 6], ALPHABET[bits & 63]];
        bits += 1;
    }
    pairs
}

/// Appends the text of `bytes`.
pub(super) fn encode(bytes: &[u8], output: &mut Vec<u8>) {
    let (groups, rest) = bytes.as_chunks::<3>();
    let start = output.len();
    output.resize(start + groups.len() * 4, 0);
    for (group, text) in groups.iter().zip(output[start..].as_chunks_mut::<4>().0) {
        *text = digits(*group);
    }
    match *rest {
        [one] => {
            let [first, second, ..] = digits([one, 0, 0]);
            output.extend_from_slice(&[first, second, b'=', b'=']);
        }
        [one, two] => {
            let [first, second, third, _] = digits([one, two, 0]);
            output.extend_from_slice(&[first, second, third, b'=']);
        }
        _ => {}
    }
}

#[inline]
fn digits([one, two, three]: [u8; 3]) -> [u8; 4] {
    let bits = u32::from_be_bytes([0, one, two, three]) as usize;
    let ([first, second], [third, fourth]) = (PAIRS[bits >> 12], PAIRS[bits & 0xfff]);
    [first, second, third, fourth]
}

/// Appends the bytes that a text stands for; nothing is sure about `output` when it is none.
pub(super) fn decode(text: &str, output: &mut Vec<u8>) -> Option<()> {
    let (groups, rest) = text.as_bytes().as_chunks::<4>();
    if !rest.is_empty() {
        return None;
    }
    let Some((last, groups)) = groups.split_last() else { return Some(()) };
    let start = output.len();
    output.resize(start + groups.len() * 3, 0);
    let mut seen = 0;
    for (group, bytes) in groups.iter().zip(output[start..].as_chunks_mut::<3>().0) {
        let (bits, values) = bits(*group);
        seen |= values;
        let [_, one, two, three] = bits.to_be_bytes();
        *bytes = [one, two, three];
    }
    let (bytes, length) = last_bytes(*last).filter(|_| seen & INVALID == 0)?;
    output.extend_from_slice(&bytes[..length]);
    Some(())
}

/// Tells whether [`decode`] would decode a text.
pub(super) fn is_valid(text: &str) -> bool {
    let (groups, rest) = text.as_bytes().as_chunks::<4>();
    let Some((last, groups)) = groups.split_last() else { return rest.is_empty() };
    let seen = groups.iter().fold(0, |seen, group| seen | bits(*group).1);
    rest.is_empty() && seen & INVALID == 0 && last_bytes(*last).is_some()
}

/// Decodes the last group, which may have padding; also gives how many bytes it has.
fn last_bytes(group: [u8; 4]) -> Option<([u8; 3], usize)> {
    let [first, second, third, fourth] = group;
    let (padded, length) = match (third, fourth) {
        (b'=', b'=') => ([first, second, b'A', b'A'], 1),
        (_, b'=') => ([first, second, third, b'A'], 2),
        _ => (group, 3),
    };
    let (bits, values) = bits(padded);
    let [_, bytes @ ..] = bits.to_be_bytes();
    let has_spare = bytes[length..].iter().any(|byte| *byte != 0);
    (values & INVALID == 0 && !has_spare).then_some((bytes, length))
}

/// Returns the bits of four digits, and all bits that their values have.
#[inline]
fn bits([one, two, three, four]: [u8; 4]) -> (u32, u8) {
    let value = |digit: u8| VALUES[usize::from(digit)];
    let (one, two, three, four) = (value(one), value(two), value(three), value(four));
    let bits = u32::from(one) << 18 | u32::from(two) << 12 | u32::from(three) << 6;
    (bits | u32::from(four), one | two | three | four)
}

#[cfg(test)]
mod tests {
    use ::base64::Engine as _;
    use ::base64::engine::general_purpose::STANDARD;
    use proptest::prelude::*;

    use super::*;

    fn decoded(text: &str) -> Option<Vec<u8>> {
        let mut output = b"before".to_vec();
        decode(text, &mut output)?;
        Some(output.split_off(6))
    }

    proptest! {
        #[test]
        fn bytes_are_written_as_the_library_writes_them(bytes: Vec<u8>) {
            let mut text = Vec::new();
            encode(&bytes, &mut text);
            let text = String::from_utf8(text).expect("ASCII");
            prop_assert_eq!(&text, &STANDARD.encode(&bytes));
            prop_assert_eq!(decoded(&text), Some(bytes));
        }

        #[test]
        fn texts_are_read_as_the_library_reads_them(text in "[A-Za-d+/]{0,9}[ABQg=é_]{0,4}") {
            let bytes = STANDARD.decode(&text).ok();
            prop_assert_eq!(is_valid(&text), bytes.is_some(), "{}", text);
            prop_assert_eq!(decoded(&text), bytes, "{}", text);
        }
    }
}
