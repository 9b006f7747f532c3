//! Where the metadata of a file is not what its creation rule asks for.

use super::{CreationRule, KeyEntry};
use crate::metadata::{KeyGroup, KeyType, Metadata, Selector, WrappedKey};

/// One point in which a file differs from its rule.
#[derive(Clone, Debug, PartialEq)]
pub enum Difference {
    /// The rule names a master key, and the file is not encrypted for it.
    MissingKey {
        /// Number of the key group, from 1.
        group: usize,
        /// Type of the master key.
        key_type: KeyType,
        /// Name of the master key.
        name: String,
    },
    /// The file is encrypted for a master key that the rule does not name.
    ExtraKey {
        /// Number of the key group, from 1.
        group: usize,
        /// Type of the master key.
        key_type: KeyType,
        /// Name of the master key.
        name: String,
    },
    /// Another number of key groups is needed; none where there are fewer than two groups.
    Threshold {
        /// What the rule asks for.
        rule: Option<usize>,
        /// What holds for the file.
        file: Option<usize>,
    },
    /// Other values are encrypted.
    Selector {
        /// What the rule asks for.
        rule: Selector,
        /// What holds for the file.
        file: Selector,
    },
    /// The MAC covers other values.
    MacOnlyEncrypted {
        /// What the rule asks for.
        rule: bool,
        /// What holds for the file.
        file: bool,
    },
}

impl CreationRule {
    /// Returns the selector that is in force, the default one where the rule has none.
    #[must_use]
    pub fn effective_selector(&self) -> Selector {
        self.selector.clone().unwrap_or_default()
    }

    /// Returns how many key groups are needed to decrypt; nothing with fewer than two groups.
    #[must_use]
    pub fn effective_threshold(&self) -> Option<usize> {
        threshold(self.key_groups.len(), self.shamir_threshold)
    }

    /// Returns the name of a master key of the rule, in the form in which a file has it
    /// (`spec/cli.md` §7.2).
    #[must_use]
    pub fn key_name(&self, key: &KeyEntry) -> String {
        key.full_name(self.aws_profile.as_deref())
    }

    /// Tells whether an entry of a file is for a master key of the rule.
    #[must_use]
    pub fn is_for(&self, key: &KeyEntry, entry: &WrappedKey) -> bool {
        is_same(key.key_type, &self.key_name(key), entry)
    }

    /// Compares a file with the rule: the key groups one by one, as the reference does when it
    /// updates keys, and the settings.
    #[must_use]
    pub fn differences(&self, metadata: &Metadata) -> Vec<Difference> {
        let mut differences = Vec::new();
        let groups = self.key_groups.len().max(metadata.key_groups.len());
        for group in 0..groups {
            self.compare_group(group, metadata.key_groups.get(group), &mut differences);
        }
        let file = threshold(metadata.key_groups.len(), metadata.shamir_threshold);
        let rule = self.effective_threshold();
        if rule != file {
            differences.push(Difference::Threshold { rule, file });
        }
        let (rule, file) = (self.effective_selector(), metadata.selector.clone());
        if rule != file {
            differences.push(Difference::Selector { rule, file });
        }
        let (rule, file) = (self.mac_only_encrypted, metadata.mac_only_encrypted);
        if rule != file {
            differences.push(Difference::MacOnlyEncrypted { rule, file });
        }
        differences
    }

    fn compare_group(&self, index: usize, file: Option<&KeyGroup>, found: &mut Vec<Difference>) {
        let group = index + 1;
        let wanted = self.key_groups.get(index).map_or(&[][..], |group| &group.keys);
        let wanted: Vec<(KeyType, String)> =
            wanted.iter().map(|key| (key.key_type, self.key_name(key))).collect();
        let present = file.map_or(&[][..], |group| &group.keys);
        for (key_type, name) in &wanted {
            if !present.iter().any(|key| is_same(*key_type, name, key)) {
                let (key_type, name) = (*key_type, name.clone());
                found.push(Difference::MissingKey { group, key_type, name });
            }
        }
        for key in present {
            if !wanted.iter().any(|(key_type, name)| is_same(*key_type, name, key)) {
                let (key_type, name) = (key.key_type, key.name());
                found.push(Difference::ExtraKey { group, key_type, name });
            }
        }
    }
}

/// Returns how many groups are needed; a file that does not say needs all.
fn threshold(groups: usize, written: u32) -> Option<usize> {
    match usize::try_from(written) {
        _ if groups < 2 => None,
        Ok(0) => Some(groups),
        Ok(written) => Some(written),
        Err(_) => Some(usize::MAX),
    }
}

/// Tells whether a rule's key is that of a file. A key of Azure without a version in the rule is
/// the one that was current when the file was written.
fn is_same(key_type: KeyType, name: &str, key: &WrappedKey) -> bool {
    if key_type != key.key_type {
        return false;
    }
    let other = key.name();
    let versionless = name.strip_suffix('/').filter(|_| key_type == KeyType::AzureKeyVault);
    match versionless {
        Some(name) => other.rsplit_once('/').is_some_and(|(key, _)| key == name),
        None => other == name,
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::only_rule;
    use super::*;
    use crate::metadata::SelectorKind;
    use crate::tree::{Timestamp, Tree};

    fn key(key_type: KeyType, fields: &[(&str, &str)]) -> WrappedKey {
        let fields = fields.iter().map(|(name, text)| ((*name).to_owned(), Tree::str(*text)));
        WrappedKey { key_type, fields: fields.collect(), created_at: None, enc: String::new() }
    }

    fn age(recipient: &str) -> WrappedKey {
        WrappedKey::age(recipient, String::new())
    }

    fn file(groups: &[&[WrappedKey]]) -> Metadata {
        Metadata {
            key_groups: groups.iter().map(|keys| KeyGroup { keys: keys.to_vec() }).collect(),
            shamir_threshold: 0,
            last_modified: Timestamp::epoch(),
            mac: String::new(),
            layout: None,
            selector: Selector::default(),
            mac_only_encrypted: false,
            version: "3.13.2".to_owned(),
        }
    }

    fn differences(rule: &str, metadata: &Metadata) -> Vec<String> {
        let line = |difference: Difference| match difference {
            Difference::MissingKey { group, key_type, name } => {
                format!("{group} -{} {name}", key_type.as_str())
            }
            Difference::ExtraKey { group, key_type, name } => {
                format!("{group} +{} {name}", key_type.as_str())
            }
            Difference::Threshold { rule, file } => format!("threshold {rule:?} {file:?}"),
            Difference::Selector { rule, file } => format!("{} {}", rule.text(), file.text()),
            Difference::MacOnlyEncrypted { rule, file } => format!("mac {rule} {file}"),
        };
        only_rule(rule).unwrap().differences(metadata).into_iter().map(line).collect()
    }

    #[test]
    fn keys_are_compared_group_by_group() {
        let rows: [(&str, Metadata, &[&str]); 7] = [
            ("age: 'a, b'", file(&[&[age("b"), age("a")]]), &[]),
            ("age: [a, b]", file(&[&[age("b"), age("c")]]), &["1 -age a", "1 +age c"]),
            ("age: a\npgp: a", file(&[&[age("a")]]), &["1 -pgp a"]),
            ("age: [a, a]", file(&[&[age("a")]]), &[]),
            ("age: a", file(&[&[age("a")], &[age("b")]]), &["2 +age b", "threshold None Some(2)"]),
            (
                "key_groups: [{age: [a]}, {age: [b]}]",
                file(&[&[age("a")]]),
                &["2 -age b", "threshold Some(2) None"],
            ),
            (
                "key_groups: [{age: [a]}, {age: [b]}]",
                file(&[&[age("b")], &[age("a")]]),
                &["1 -age a", "1 +age b", "2 -age b", "2 +age a"],
            ),
        ];
        for (rule, metadata, expected) in rows {
            assert_eq!(differences(rule, &metadata), expected, "{rule}");
        }
    }

    type Row<'a> = (&'a str, KeyType, &'a [(&'a str, &'a str)]);

    #[test]
    fn keys_are_named_as_in_the_file() {
        let azure = [("vault_url", "https://v"), ("name", "n"), ("version", "1")];
        let vault = [("vault_address", "https://h:1"), ("engine_path", "e"), ("key_name", "n")];
        let kms = [("arn", "arn:k"), ("role", "arn:r"), ("aws_profile", "p")];
        let rows: [Row<'_>; 9] = [
            ("pgp: AB CD", KeyType::Pgp, &[("fp", "ABCD")]),
            ("kms: 'arn:k + arn:r'\naws_profile: p", KeyType::Kms, &kms),
            (
                "key_groups: [{kms: [{arn: arn:k, role: arn:r, aws_profile: p}]}]\naws_profile: q",
                KeyType::Kms,
                &kms,
            ),
            ("gcp_kms: g", KeyType::GcpKms, &[("resource_id", "g")]),
            ("hckms: r:u", KeyType::Hckms, &[("key_id", "r:u")]),
            ("azure_keyvault: https://v/keys/n/1", KeyType::AzureKeyVault, &azure),
            ("azure_keyvault: https://v/keys/n", KeyType::AzureKeyVault, &azure),
            (
                "key_groups: [{azure_keyvault: [{vaultUrl: https://v, key: n}]}]",
                KeyType::AzureKeyVault,
                &azure,
            ),
            ("hc_vault_transit_uri: https://h:1/v1/e/keys/n", KeyType::HcVault, &vault),
        ];
        for (rule, key_type, fields) in rows {
            assert_eq!(differences(rule, &file(&[&[key(key_type, fields)]])), [""; 0], "{rule}");
        }
        let other = [("vault_url", "https://v"), ("name", "n"), ("version", "2")];
        let other = file(&[&[key(KeyType::AzureKeyVault, &other)]]);
        let found = differences("azure_keyvault: https://v/keys/n/1", &other);
        assert_eq!(found, ["1 -azure_kv https://v/keys/n/1", "1 +azure_kv https://v/keys/n/2"]);
    }

    #[test]
    fn thresholds_count_as_they_work() {
        let two: &[&[WrappedKey]] = &[&[age("a")], &[age("b")]];
        let rule = |threshold| {
            format!("key_groups: [{{age: [a]}}, {{age: [b]}}]\nshamir_threshold: {threshold}")
        };
        let written = |groups, shamir_threshold| Metadata { shamir_threshold, ..file(groups) };
        assert_eq!(differences(&rule(0), &written(two, 2)), [""; 0]);
        assert_eq!(differences(&rule(1), &written(two, 0)), ["threshold Some(1) Some(2)"]);
        let one: &[&[WrappedKey]] = &[&[age("a")]];
        assert_eq!(differences("age: a\nshamir_threshold: 3", &written(one, 1)), [""; 0]);
    }

    #[test]
    fn selector_and_mac_are_compared() {
        let metadata = Metadata {
            selector: Selector::new(SelectorKind::EncryptedRegex, "^b").unwrap(),
            mac_only_encrypted: true,
            ..file(&[&[age("a")]])
        };
        let found = differences("age: a", &metadata);
        assert_eq!(found, ["_unencrypted ^b", "mac false true"]);
        let found = differences("age: a\nencrypted_suffix: ^b", &metadata);
        assert_eq!(found, ["^b ^b", "mac false true"]);
        let same = "age: a\nencrypted_regex: ^b\nmac_only_encrypted: true";
        assert_eq!(differences(same, &metadata), [""; 0]);
    }
}
