//! Thins out long series, so that a report stays small.

/// At most `most` items (2 or more), evenly spaced, always with the first and the last.
pub fn evenly<T>(items: &[T], most: usize) -> impl Iterator<Item = &T> {
    let kept = items.len().min(most);
    (0..kept).map(move |i| &items[i * (items.len() - 1) / (kept - 1).max(1)])
}

#[cfg(test)]
mod tests {
    use super::evenly;

    #[test]
    fn first_and_last_are_kept() {
        for (len, most) in [(1, 2), (2, 2), (3, 2), (24, 24), (25, 24), (999, 1000), (123_457, 1000)] {
            let items: Vec<usize> = (0..len).collect();
            let kept: Vec<usize> = evenly(&items, most).copied().collect();
            assert_eq!(kept.len(), len.min(most));
            assert_eq!((kept[0], kept[kept.len() - 1]), (0, len - 1));
            assert!(kept.is_sorted_by(|a, b| a < b), "{len} to {most}");
            let gaps = || kept.windows(2).map(|pair| pair[1] - pair[0]);
            assert!(gaps().max().unwrap_or(1) - gaps().min().unwrap_or(1) <= 1, "{len} to {most}");
        }
        assert_eq!(evenly::<u8>(&[], 5).count(), 0);
    }
}
