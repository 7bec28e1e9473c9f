//! What kernels share: functions, constants and types of WGSL that several of them use.
//!
//! WGSL has no modules. So a kernel may begin with lines `#import NAME`, in the convention of vello's shaders. Each
//! stands for the text of `shaders/shared/NAME.wgsl`. Such a file declares no buffers, and imports nothing itself.

/// A line that stands for a file begins like this.
const DIRECTIVE: &str = "#import ";

/// Files of `shaders/shared/`, by their names without their extension.
macro_rules! shared {
    ($($name:literal),+ $(,)?) => {
        &[$((
            $name,
            include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/shaders/shared/", $name, ".wgsl")),
        )),+]
    };
}

/// All of them, with their texts.
const SHARED: &[(&str, &str)] = shared![
    "additions",
    "before_cut",
    "bytes",
    "epilogue",
    "gather",
    "matrices",
    "nan",
    "places",
    "products",
    "strict",
    "strict_division",
    "strict_exponential",
    "strict_products",
    "strict_root",
    "strict_vectors",
    "sum",
    "tiles",
];

/// The texts that make up a kernel: those it imports, in its order, and its own.
///
/// # Panics
/// If a kernel imports a file that does not exist.
pub(super) fn texts(kernel: &str, source: &'static str) -> impl Iterator<Item = &'static str> {
    let (names, own) = split(source);
    names.map(move |name| text(kernel, name)).chain([own])
}

/// The names that a kernel imports, and its text after them.
fn split(source: &'static str) -> (impl Iterator<Item = &'static str>, &'static str) {
    let lines = source.split_inclusive('\n').take_while(|line| line.starts_with(DIRECTIVE));
    let (imports, own) = source.split_at(lines.map(str::len).sum());
    (imports.lines().map(|line| line[DIRECTIVE.len()..].trim_end()), own)
}

fn text(kernel: &str, name: &str) -> &'static str {
    let found = SHARED.iter().find(|(other, _)| *other == name);
    found.unwrap_or_else(|| panic!("{kernel}.wgsl imports {name}, but there is no shaders/shared/{name}.wgsl")).1
}

#[cfg(test)]
mod tests {
    use super::*;

    const STRICT: &str = include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/shaders/shared/strict.wgsl"));

    #[test]
    fn a_kernel_without_imports_is_its_own_text() {
        assert_eq!(Vec::from_iter(texts("test", "const A: u32 = 1u;\n")), ["const A: u32 = 1u;\n"]);
        assert_eq!(Vec::from_iter(texts("test", "")), [""]);
    }

    #[test]
    fn imports_come_first() {
        assert_eq!(Vec::from_iter(texts("test", "#import strict\n\n// A kernel.\n")), [STRICT, "\n// A kernel.\n"]);
        assert_eq!(Vec::from_iter(texts("test", "#import strict\r\nfn")), [STRICT, "fn"]);
    }

    #[test]
    #[should_panic(expected = "test.wgsl imports strictly, but there is no shaders/shared/strictly.wgsl")]
    fn an_unknown_import_is_an_error() {
        texts("test", "#import strict\n#import strictly\n").for_each(drop);
    }
}
