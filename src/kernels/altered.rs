//! Kernels with a fault, for tests that must notice it.

use std::cell::RefCell;

thread_local! {
    static ALTERATION: RefCell<Option<Alteration>> = const { RefCell::new(None) };
}

/// Other text in place of some text of a kernel.
#[derive(Debug, Clone, Copy)]
struct Alteration {
    kernel: &'static str,
    old: &'static str,
    new: &'static str,
}

/// Ends an alteration when it is dropped.
#[derive(Debug)]
pub struct Altered(());

/// Replaces some text of a kernel in all launches of this thread, until the result is dropped.
pub fn alter(kernel: &'static str, old: &'static str, new: &'static str) -> Altered {
    ALTERATION.set(Some(Alteration { kernel, old, new }));
    Altered(())
}

impl Drop for Altered {
    fn drop(&mut self) {
        ALTERATION.set(None);
    }
}

/// The name and the source that a kernel is launched with, if it is altered. They live as long as the program, like
/// those of other kernels; tests alter few.
///
/// # Panics
/// If the kernel does not contain the text to replace.
pub fn altered(name: &str, source: impl FnOnce() -> String) -> Option<(&'static str, &'static str)> {
    let Alteration { old, new, .. } = ALTERATION.with_borrow(|alteration| alteration.filter(|it| it.kernel == name))?;
    let source = source();
    assert!(source.contains(old), "{name}: there is no `{old}` to alter");
    let leaked = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
    // The name distinguishes its pipeline from that of the kernel without a fault.
    Some((leaked(format!("{name}, {new} instead of {old}")), leaked(source.replace(old, new))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_named_kernel_is_altered_and_only_for_a_while() {
        let source = || "a b".to_owned();
        assert_eq!(altered("one", source), None);
        let alteration = alter("one", "b", "c");
        assert_eq!(altered("one", source), Some(("one, c instead of b", "a c")));
        assert_eq!(altered("two", source), None);
        drop(alteration);
        assert_eq!(altered("one", source), None);
    }
}
