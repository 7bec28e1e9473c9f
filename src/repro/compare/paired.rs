//! Pairs the entries of two lists by their names.

use std::collections::BTreeMap;

/// An entry of one list or of both.
#[derive(Debug, PartialEq, Eq)]
pub enum Paired<'a, T> {
    /// Both lists have it.
    Both(&'a T, &'a T),
    /// Only the first has it.
    First(&'a T),
    /// Only the second has it.
    Second(&'a T),
}

/// The entries of both lists by their names, which must be different in each: in the order of the first, then those
/// that only the second has.
pub fn paired<'a, T, K: Ord>(one: &'a [T], two: &'a [T], name: impl Fn(&'a T) -> K) -> Vec<Paired<'a, T>> {
    let mut rest: BTreeMap<K, &'a T> = two.iter().map(|entry| (name(entry), entry)).collect();
    let of_one = |entry: &'a T| match rest.remove(&name(entry)) {
        Some(found) => Paired::Both(entry, found),
        None => Paired::First(entry),
    };
    let mut pairs: Vec<Paired<'a, T>> = one.iter().map(of_one).collect();
    pairs.extend(two.iter().filter(|entry| rest.contains_key(&name(entry))).map(Paired::Second));
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_paired_by_name_in_order() {
        let (one, two) = ([("b", 1), ("a", 2)], [("c", 3), ("a", 4), ("d", 5)]);
        let found = paired(&one, &two, |(name, _)| *name);
        let expected =
            [Paired::First(&one[0]), Paired::Both(&one[1], &two[1]), Paired::Second(&two[0]), Paired::Second(&two[2])];
        assert_eq!(found, expected);
    }
}
