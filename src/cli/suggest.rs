//! Finds the word that was probably meant.

/// Returns the candidate nearest to the word, if one or two letters are wrong at most.
pub(super) fn nearest<'a>(
    word: &str,
    candidates: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let allowed = if word.chars().count() < 5 { 1 } else { 2 };
    candidates
        .into_iter()
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Counts the letters to insert, remove or replace to get from one word to the other.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (line, left) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = line + 1;
        for (column, right) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(left != *right);
            diagonal = row[column + 1];
            row[column + 1] = replaced.min(diagonal + 1).min(row[column] + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::{distance, nearest};

    #[test]
    fn distance_counts_single_letters() {
        let cases = [("", "", 0), ("a", "", 1), ("encypt", "encrypt", 1), ("kitten", "sitting", 3)];
        for (from, to, expected) in cases {
            assert_eq!(distance(from, to), expected, "{from} {to}");
        }
    }

    #[test]
    fn nearest_finds_near_words_only() {
        let commands = ["encrypt", "decrypt", "set"];
        let cases = [
            ("encypt", Some("encrypt")),
            ("derypt", Some("decrypt")),
            ("sat", Some("set")),
            ("sata", None),
            ("encrypt", Some("encrypt")),
            ("values.yaml", None),
            ("", None),
        ];
        for (word, expected) in cases {
            assert_eq!(nearest(word, commands), expected, "{word}");
        }
    }
}
