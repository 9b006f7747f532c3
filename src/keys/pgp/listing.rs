use std::fmt;

use super::Fingerprint;
use crate::tree::Timestamp;

/// The reasons why nothing may be encrypted to a key that is at hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// The key is expired, since that time if it is told.
    Expired(Option<Timestamp>),
    /// The key is revoked.
    Revoked,
    /// The key is disabled.
    Disabled,
    /// The key is broken, as when its signature on itself is missing.
    Invalid,
    /// All its subkeys for encryption, or the one that was named, are expired.
    SubkeyExpired(Option<Timestamp>),
    /// All its subkeys for encryption, or the one that was named, are revoked.
    SubkeyRevoked,
    /// Neither the key nor a subkey is for encryption.
    NotForEncryption,
    /// The subkey that was named is not for encryption.
    SubkeyNotForEncryption,
}

impl fmt::Display for Unusable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Expired(Some(time)) => return write!(formatter, "it expired at {time}"),
            Self::SubkeyExpired(Some(time)) => {
                return write!(formatter, "its subkey for encryption expired at {time}");
            }
            Self::Expired(None) => "it is expired",
            Self::SubkeyExpired(None) => "its subkey for encryption is expired",
            Self::Revoked => "it is revoked",
            Self::Disabled => "it is disabled",
            Self::Invalid => "it is invalid",
            Self::SubkeyRevoked => "its subkey for encryption is revoked",
            Self::NotForEncryption => "neither it nor a subkey of it is for encryption",
            Self::SubkeyNotForEncryption => "that subkey is not for encryption",
        })
    }
}

/// A key or subkey in a listing.
struct Record<'l> {
    is_primary: bool,
    validity: &'l str,
    expires: Option<Timestamp>,
    capabilities: &'l str,
    fingerprint: &'l str,
}

impl Record<'_> {
    fn is_revoked(&self) -> bool {
        self.validity.starts_with('r')
    }

    fn is_expired(&self) -> bool {
        self.validity.starts_with('e')
    }

    /// Tells what the key itself is for; capital letters are about the whole key.
    fn is_for_encryption(&self) -> bool {
        self.capabilities.contains('e')
    }
}

/// Says why nothing may be encrypted to the first key of a listing; nothing if that does not tell.
pub(super) fn unusable(listing: &str, fingerprint: &Fingerprint) -> Option<Unusable> {
    let records = records(listing);
    let primary = records.iter().find(|record| record.is_primary)?;
    if primary.is_revoked() {
        return Some(Unusable::Revoked);
    }
    if primary.is_expired() {
        return Some(Unusable::Expired(primary.expires));
    }
    if primary.validity.starts_with('i') {
        return Some(Unusable::Invalid);
    }
    if primary.validity.starts_with('d') || primary.capabilities.contains('D') {
        return Some(Unusable::Disabled);
    }
    if fingerprint.is_exact() {
        let digits = fingerprint.digits().to_ascii_uppercase();
        let named = records.iter().find(|record| record.fingerprint.ends_with(&digits))?;
        if !named.is_for_encryption() {
            return Some(Unusable::SubkeyNotForEncryption);
        }
        return subkey_problem(&[named]);
    }
    let encrypting: Vec<&Record<'_>> = records.iter().filter(|it| it.is_for_encryption()).collect();
    if encrypting.is_empty() {
        Some(Unusable::NotForEncryption)
    } else {
        subkey_problem(&encrypting)
    }
}

/// Says why none of several keys is of use.
fn subkey_problem(records: &[&Record<'_>]) -> Option<Unusable> {
    if !records.iter().all(|record| record.is_expired() || record.is_revoked()) {
        return None;
    }
    let expired = records.iter().rev().find(|record| record.is_expired());
    Some(expired.map_or(Unusable::SubkeyRevoked, |it| Unusable::SubkeyExpired(it.expires)))
}

/// Reads the keys and subkeys of a listing; the line with its fingerprint follows each.
fn records(listing: &str) -> Vec<Record<'_>> {
    let mut records = Vec::new();
    for line in listing.lines() {
        let fields: Vec<&str> = line.split(':').collect();
        let field = |number: usize| fields.get(number - 1).copied().unwrap_or_default();
        match field(1) {
            kind @ ("pub" | "sub") => records.push(Record {
                is_primary: kind == "pub",
                validity: field(2),
                expires: field(7).parse().ok().and_then(Timestamp::from_unix),
                capabilities: field(12),
                fingerprint: "",
            }),
            "fpr" => {
                if let Some(record) = records.last_mut().filter(|it| it.fingerprint.is_empty()) {
                    record.fingerprint = field(10);
                }
            }
            _ => {}
        }
    }
    records
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRIMARY: &str = "C9E3CD815C4F4ADE8560BB7C42F7369AFBD4E171";
    const SUBKEY: &str = "944D4120D59AB04A5B6ECA331AE8F588B273D0B9";

    /// Writes a listing: validity, expiry and capabilities of the key, then of its subkey.
    fn listing(primary: [&str; 3], subkey: [&str; 3]) -> String {
        let line = |kind: &str, [validity, expires, capabilities]: [&str; 3], digits: &str| {
            format!(
                "{kind}:{validity}:255:22:{}:1577836800:{expires}::u:::{capabilities}:::::::\nfpr:::::::::{digits}:\n",
                &digits[24..]
            )
        };
        format!("tru::1:1\n{}{}", line("pub", primary, PRIMARY), line("sub", subkey, SUBKEY))
    }

    #[test]
    fn listing_tells_why_a_key_is_not_encrypted_to() {
        let end = Timestamp::from_unix(1_609_372_800);
        let exact = format!("{SUBKEY}!");
        let signing = format!("{PRIMARY}!");
        let (fine, subkey) = (["u", "", "scESC"], ["u", "", "e"]);
        let rows = [
            (PRIMARY, fine, subkey, None),
            (PRIMARY, ["e", "1609372800", "sc"], ["e", "", "e"], Some(Unusable::Expired(end))),
            (PRIMARY, ["r", "", "sc"], ["r", "", "e"], Some(Unusable::Revoked)),
            (PRIMARY, ["i", "", "sc"], ["i", "", "e"], Some(Unusable::Invalid)),
            (PRIMARY, ["u", "", "scESCD"], subkey, Some(Unusable::Disabled)),
            (PRIMARY, ["u", "", "scSC"], ["u", "", "s"], Some(Unusable::NotForEncryption)),
            (
                PRIMARY,
                ["u", "", "scSC"],
                ["e", "1609372800", "e"],
                Some(Unusable::SubkeyExpired(end)),
            ),
            (PRIMARY, ["u", "", "scSC"], ["r", "", "e"], Some(Unusable::SubkeyRevoked)),
            (&exact, fine, subkey, None),
            (&exact, fine, ["e", "", "e"], Some(Unusable::SubkeyExpired(None))),
            (&signing, fine, subkey, Some(Unusable::SubkeyNotForEncryption)),
        ];
        for (name, primary, subkey, expected) in rows {
            let fingerprint = Fingerprint::parse(name).expect(name);
            let found = unusable(&listing(primary, subkey), &fingerprint);
            assert_eq!(found, expected, "{name} {primary:?} {subkey:?}");
        }
        let fingerprint = Fingerprint::parse(PRIMARY).expect("a fingerprint");
        assert_eq!(unusable("", &fingerprint), None);
        assert_eq!(unusable("pub\nfpr:::", &fingerprint), Some(Unusable::NotForEncryption));
    }
}
