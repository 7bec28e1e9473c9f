//! Folder names with a meaning.

/// What the pictures in a folder are for, if its name says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    /// Training.
    Train,
    /// Held out: validation or test.
    HeldOut,
}

/// Names of folders with training pictures.
const TRAIN: [&str; 2] = ["train", "training"];

/// Names of folders with held-out pictures.
const HELD_OUT: [&str; 8] = ["val", "valid", "validation", "dev", "test", "testing", "eval", "evaluation"];

/// Words that often follow: `train_set`, `test-images`, `trainset`.
const ENDINGS: [&str; 5] = ["set", "data", "images", "imgs", "split"];

/// Names of folders with pictures without labels.
const UNLABELED: [&str; 2] = ["unlabeled", "unlabelled"];

/// The role of a folder by its name, in any case.
pub(super) fn role(name: &str) -> Option<Role> {
    let name = name.to_lowercase();
    let start = name.trim_end_matches(|character: char| character.is_ascii_digit());
    // COCO and others add the year.
    let name = if name.len() - start.len() == 4 { start } else { &name };
    let words = ENDINGS.iter().filter_map(|ending| name.strip_suffix(ending)).chain([name]);
    words.map(|word| word.trim_end_matches(['_', '-', ' '])).find_map(role_of_word)
}

/// Whether a name speaks of a split: `seg_train`, `test-1`. That alone makes it none: think of `bullet train`.
pub(super) fn resembles_split(name: &str) -> bool {
    let name = name.to_lowercase();
    role(&name).is_some()
        || name.split(|character: char| !character.is_alphabetic()).any(|word| role_of_word(word).is_some())
}

fn role_of_word(word: &str) -> Option<Role> {
    match word {
        _ if TRAIN.contains(&word) => Some(Role::Train),
        _ if HELD_OUT.contains(&word) => Some(Role::HeldOut),
        _ => None,
    }
}

/// Whether a folder's pictures have no labels.
pub(super) fn is_unlabeled(name: &str) -> bool {
    UNLABELED.contains(&name.to_lowercase().as_str())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn usual_names_have_a_role_in_any_case() {
        for name in ["train", "Training", "TRAIN", "train_set", "trainset", "train-images", "train2017", "Train Data"] {
            assert_eq!(role(name), Some(Role::Train), "{name}");
        }
        for name in
            ["val", "valid", "Validation", "dev", "test", "TESTING", "eval", "evaluation", "test_set", "val2017"]
        {
            assert_eq!(role(name), Some(Role::HeldOut), "{name}");
        }
        for name in ["trains", "trainer", "device", "contest", "set", "2017", "images", "train1", "test.png", ""] {
            assert_eq!(role(name), None, "{name}");
        }
        assert!(resembles_split("seg_Train") && resembles_split("test-1") && resembles_split("val2017"));
        assert!(!resembles_split("trains") && !resembles_split("contest"));
        assert!(is_unlabeled("Unlabelled") && is_unlabeled("unlabeled") && !is_unlabeled("labeled"));
    }
}
