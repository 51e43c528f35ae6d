//! Abbreviations as names in databases have them: the beginning of a word, and consonants of its rest.

/// Fewest letters of an abbreviation.
pub(crate) const MIN_LETTERS: usize = 3;

/// Whether a word abbreviates a longer one, both in lower case: it is its beginning, or its beginning and some of the
/// consonants of the rest in their order, as `cust`, `dept`, `mgr` and `pymt`.
pub(crate) fn abbreviates(short: &str, long: &str) -> bool {
    let length = short.chars().count();
    if length < MIN_LETTERS || length >= long.chars().count() {
        return false;
    }
    let shared = short.chars().zip(long.chars()).take_while(|(left, right)| left == right).count();
    if shared == 0 {
        return false;
    }
    let mut rest = long.chars().skip(shared);
    short.chars().skip(shared).all(|letter| is_consonant(letter) && rest.any(|other| other == letter))
}

/// Returns how many of the consonants of a word its abbreviation keeps, as a share from 0 to 1: the more, the fewer other
/// words it may stand for.
pub(crate) fn kept_consonants(short: &str, long: &str) -> f64 {
    let count = |word: &str| word.chars().filter(|letter| is_consonant(*letter)).count() as f64;
    count(short) / count(long).max(1.0)
}

fn is_consonant(letter: char) -> bool {
    !"aeiou".contains(letter)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_abbreviated_by_their_beginning_and_consonants() {
        for pair in ["cust customer", "dept department", "mgr manager", "pymt payment", "vnd vendor", "frt freight"] {
            let (short, long) = pair.split_once(' ').unwrap();
            assert!(abbreviates(short, long) && !abbreviates(long, short), "{pair}");
        }
        for pair in ["cat contract", "id idea", "user order", "part port", "rdr order", "cost cost", "ab abc"] {
            let (short, long) = pair.split_once(' ').unwrap();
            assert!(!abbreviates(short, long), "{pair}");
        }
    }

    #[test]
    fn more_consonants_are_better() {
        assert!((kept_consonants("pymt", "payment") - 0.8).abs() < 1e-9);
        assert!((kept_consonants("pnt", "payment") - 0.6).abs() < 1e-9);
    }
}
