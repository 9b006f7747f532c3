use std::fmt;

use ::age::ssh::ParseRecipientKeyError;
use ::age::{plugin, ssh, x25519};

use super::{AgeError, post_quantum};
use crate::keys::holds_identity;

/// Digits of Bech32, in the order of their values.
const BECH32_DIGITS: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";

/// Length of the checksum at the end of Bech32 text.
const BECH32_CHECKSUM: usize = 6;

/// Points of Curve25519 with which every identity shares the same, all-zero secret
/// (RFC 7748 §6.1), the last byte's top bit clear.
const WEAK_POINTS: [[u8; 32]; 7] = [
    edge_point(0x00, 0x00),
    edge_point(0x01, 0x00),
    edge_point(0xec, 0xff),
    edge_point(0xed, 0xff),
    edge_point(0xee, 0xff),
    [
        0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4,
        0x6a, 0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49,
        0xb8, 0x00,
    ],
    [
        0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83, 0xef,
        0x5b, 0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f,
        0x11, 0x57,
    ],
];

/// Why such a point is no recipient.
const WEAK_REASON: &str = "it has the same secret with every identity";

const fn edge_point(first: u8, rest: u8) -> [u8; 32] {
    let mut point = [rest; 32];
    point[0] = first;
    point[31] = rest & 0x7f;
    point
}

/// A recipient that data keys can be wrapped for.
#[derive(Clone)]
pub struct Recipient {
    pub(super) text: String,
    pub(super) key: PublicKey,
}

/// The key of a recipient, by its type.
#[derive(Clone)]
pub(super) enum PublicKey {
    X25519(x25519::Recipient),
    PostQuantum(Box<post_quantum::Recipient>),
    Ssh(ssh::Recipient),
    Plugin(plugin::Recipient),
}

impl fmt::Debug for Recipient {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("Recipient").field(&self.text).finish()
    }
}

impl Recipient {
    /// Reads a recipient, which may stand between blanks.
    ///
    /// # Errors
    /// The text is no recipient, or nothing can be kept secret with it.
    pub fn parse(text: &str) -> Result<Self, AgeError> {
        let text = text.trim();
        if holds_identity(text) {
            return Err(AgeError::IdentityAsRecipient);
        }
        let recipient = text.to_owned();
        let key = if text.starts_with("ssh-") {
            parse_ssh(text)
        } else if text.starts_with("age1pq1") {
            let key = post_quantum::Recipient::parse(text).map_err(str::to_owned);
            key.map(|key| PublicKey::PostQuantum(Box::new(key)))
        } else if is_of_plugin(text) {
            text.parse().map(PublicKey::Plugin).map_err(str::to_owned)
        } else if text.starts_with("age1") {
            parse_x25519(text)
        } else {
            return Err(AgeError::UnknownRecipient(recipient));
        };
        match key {
            Ok(key) => Ok(Self { text: recipient, key }),
            Err(reason) => Err(AgeError::MalformedRecipient { recipient, reason }),
        }
    }

    /// Returns the recipient as it was given, without blanks around it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

/// Tells whether a recipient has a plugin's name in it (`spec/format.md` §7.1).
fn is_of_plugin(recipient: &str) -> bool {
    recipient.strip_prefix("age1").is_some_and(|rest| rest.contains('1'))
}

fn parse_x25519(text: &str) -> Result<PublicKey, String> {
    match text.parse() {
        Ok(_) if is_weak(text) => Err(WEAK_REASON.to_owned()),
        Ok(key) => Ok(PublicKey::X25519(key)),
        Err(reason) => Err(str::to_owned(reason)),
    }
}

fn parse_ssh(text: &str) -> Result<PublicKey, String> {
    let key = text.parse().map_err(|reason| match reason {
        ParseRecipientKeyError::RsaModulusTooLarge => "its modulus is too large".to_owned(),
        ParseRecipientKeyError::RsaModulusTooSmall => {
            "its modulus has less than 2048 bits".to_owned()
        }
        ParseRecipientKeyError::Unsupported(name) => {
            format!("age knows ssh-ed25519 and ssh-rsa, not {name}")
        }
        _ => "invalid SSH public key".to_owned(),
    })?;
    match &key {
        ssh::Recipient::SshEd25519(_, point) if point.is_small_order() => {
            Err(WEAK_REASON.to_owned())
        }
        _ => Ok(PublicKey::Ssh(key)),
    }
}

/// Tells whether a well-formed recipient is a point with which nothing can be kept secret; the
/// crate would panic on it.
fn is_weak(text: &str) -> bool {
    let digits = text.as_bytes().get("age1".len()..).unwrap_or_default();
    let point = bech32_bytes(&digits[..digits.len().saturating_sub(BECH32_CHECKSUM)]);
    point.try_into().is_ok_and(|point| is_weak_point(&point))
}

/// Tells whether a point of Curve25519 has the same secret with every identity.
pub(super) fn is_weak_point(point: &[u8; 32]) -> bool {
    let mut point = *point;
    point[31] &= 0x7f;
    WEAK_POINTS.contains(&point)
}

/// Joins the five bits of each digit to bytes.
fn bech32_bytes(digits: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(32);
    let (mut bits, mut count) = (0_u16, 0);
    for digit in digits {
        let value = BECH32_DIGITS.iter().zip(0_u16..).find(|(known, _)| *known == digit);
        bits = (bits << 5) | value.map_or(0, |(_, value)| value);
        count += 5;
        if count >= 8 {
            count -= 8;
            bytes.extend(u8::try_from(bits >> count));
            bits &= (1 << count) - 1;
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    const RECIPIENT: &str = "age1hk6km9gau76kykwdatkwd4lu4kka4hcegvy92lf0l6pljcrhz95slnuph2";

    #[test]
    fn identities_given_as_recipients_are_not_shown() {
        let rows = [
            "AGE-SECRET-KEY-1XYZ",
            " age-secret-key-1xyz",
            "AGE-SECRET-KEY-PQ-1XYZ",
            "x AGE-PLUGIN-A-1XYZ",
            "-----BEGIN OPENSSH PRIVATE KEY-----\nxyz",
        ];
        for text in rows {
            let error = Recipient::parse(text).expect_err("no recipient");
            assert!(matches!(error, AgeError::IdentityAsRecipient));
            let shown = format!("{error} {error:?}").to_lowercase();
            assert!(!shown.contains("xyz"), "{shown}");
        }
    }

    #[test]
    fn bech32_digits_give_the_bytes() {
        assert_eq!(bech32_bytes(b"qqqsyqcyq5rqwzqf"), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9][..]);
    }

    #[test]
    fn points_without_a_shared_secret_are_refused() {
        for point in WEAK_POINTS {
            for top_bit in [0, 0x80] {
                let mut point = point;
                point[31] |= top_bit;
                let text = bech32_text(&point);
                assert!(text.parse::<x25519::Recipient>().is_ok(), "{text}");
                assert!(Recipient::parse(&text).is_err(), "{text}");
            }
        }
        assert_eq!(bech32_text(&bech32_bytes(&RECIPIENT.as_bytes()[4..56])), RECIPIENT);
    }

    /// Writes a recipient with its checksum (BIP 173).
    fn bech32_text(point: &[u8]) -> String {
        let bits = point.iter().flat_map(|byte| (0..8).rev().map(move |bit| (byte >> bit) & 1));
        let mut bits: Vec<u8> = bits.collect();
        bits.resize(260, 0);
        let mut values: Vec<u8> =
            bits.chunks(5).map(|five| five.iter().fold(0, |value, bit| value * 2 + bit)).collect();
        let prefix = [3, 3, 3, 0, 1, 7, 5];
        let checked = prefix.iter().chain(&values).copied().chain([0; 6]);
        let checksum = checked.fold(1_u32, checksum_step) ^ 1;
        values.extend((0..6).rev().map(|at| u8::try_from((checksum >> (5 * at)) & 31).unwrap()));
        let digits = values.iter().map(|value| char::from(BECH32_DIGITS[usize::from(*value)]));
        format!("age1{}", digits.collect::<String>())
    }

    fn checksum_step(sum: u32, value: u8) -> u32 {
        let generators = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
        let top = sum >> 25;
        let sum = ((sum & 0x01ff_ffff) << 5) ^ u32::from(value);
        let chosen = generators.iter().enumerate().filter(|(bit, _)| (top >> bit) & 1 == 1);
        chosen.fold(sum, |sum, (_, generator)| sum ^ generator)
    }
}
