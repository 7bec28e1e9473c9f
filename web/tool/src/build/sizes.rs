//! What a visitor loads: every file of the page, compressed as hosts compress it.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use brotli::enc::BrotliEncoderParams;

/// The limit for all files of a first visit together, in bytes with brotli.
const LIMIT_BYTES: usize = 2_800_000;

/// The limit for what the view Compare loads besides, without the reference reports.
const COMPARE_LIMIT_BYTES: usize = 3_000_000;

/// The limit for all reference reports, which it loads as well.
const REPORTS_LIMIT_BYTES: usize = 6_000_000;

/// The model that is served with the page, and its limit, uncompressed.
const BUNDLE: (&str, usize) = ("digits.slgan", 300_000);

/// How the names of files end that hosts do not compress again: reports.
const COMPRESSED: &str = "gz";

/// Prints the sizes of the files and, at the end, the sums of a first visit, of what the view Compare loads from the
/// folder `later`, and of the reports there.
///
/// # Errors
/// If a sum or the bundle is too large, or a file cannot be read.
pub fn measure(dist: &Path, later: &str) -> Result<()> {
    check_bundle(dist)?;
    let (mut first, mut compare, mut reports) = (0, 0, 0);
    for path in files(dist)? {
        let bytes = fs::read(&path).with_context(|| path.display().to_string())?;
        let name = path.strip_prefix(dist).unwrap_or(&path);
        let is_compressed = path.extension().is_some_and(|ending| ending == COMPRESSED);
        let size = if is_compressed { bytes.len() } else { compressed_len(&bytes)? };
        println!("{:>9} bytes, {size:>7} with brotli: {}", bytes.len(), name.display());
        *match (name.starts_with(later), is_compressed) {
            (false, _) => &mut first,
            (true, false) => &mut compare,
            (true, true) => &mut reports,
        } += size;
    }
    let sums = [
        ("reference reports", reports, REPORTS_LIMIT_BYTES),
        ("Compare", compare, COMPARE_LIMIT_BYTES),
        ("first load", first, LIMIT_BYTES),
    ];
    for (what, size, limit) in sums {
        println!("{what}: {size} bytes compressed (limit {limit})");
    }
    for (what, size, limit) in sums {
        ensure!(size <= limit, "{what}: {} bytes above the limit", size - limit);
    }
    Ok(())
}

fn check_bundle(dist: &Path) -> Result<()> {
    let (name, limit) = BUNDLE;
    let len = fs::metadata(dist.join(name)).with_context(|| name.to_owned())?.len();
    ensure!(len <= limit as u64, "{name}: {len} bytes, {} above its limit", len - limit as u64);
    Ok(())
}

/// All files in a folder and its subfolders, in order.
fn files(folder: &Path) -> Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() { found.extend(files(&path)?) } else { found.push(path) }
    }
    found.sort();
    Ok(found)
}

fn compressed_len(bytes: &[u8]) -> Result<usize> {
    let params = BrotliEncoderParams { quality: 11, lgwin: 24, size_hint: bytes.len(), ..Default::default() };
    let mut compressed = Vec::new();
    Ok(brotli::BrotliCompress(&mut &*bytes, &mut compressed, &params)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(bundle_len: usize, others: &[u8]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(BUNDLE.0), vec![0; bundle_len]).unwrap();
        for (inner, bytes) in [("inner", others), ("later", b"")] {
            fs::create_dir(folder.path().join(inner)).unwrap();
            fs::write(folder.path().join(inner).join("other"), bytes).unwrap();
        }
        folder
    }

    fn measured(folder: &tempfile::TempDir) -> Result<()> {
        measure(folder.path(), "later")
    }

    /// Bytes that cannot be compressed, from a linear congruential generator.
    fn noise(len: usize) -> Vec<u8> {
        let step = |state: &mut u64| {
            *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            Some((*state >> 56) as u8)
        };
        std::iter::repeat_n((), len).scan(1, |state, ()| step(state)).collect()
    }

    #[test]
    fn a_page_within_its_limits_passes() {
        measured(&page(BUNDLE.1, b"short")).unwrap();
    }

    #[test]
    fn a_bundle_above_its_limit_is_refused_by_name() {
        let error = measured(&page(BUNDLE.1 + 1, b"")).unwrap_err();
        assert!(error.to_string().contains("digits.slgan: 300001 bytes, 1 above"), "{error}");
    }

    #[test]
    fn a_first_load_above_its_limit_is_refused() {
        let error = measured(&page(1, &noise(LIMIT_BYTES))).unwrap_err();
        assert!(error.to_string().starts_with("first load: "), "{error}");
    }

    #[test]
    fn what_is_loaded_later_has_limits_of_its_own() {
        for (name, limit, what) in [
            ("module", COMPARE_LIMIT_BYTES, "Compare: "),
            ("report.json.gz", REPORTS_LIMIT_BYTES, "reference reports: "),
        ] {
            let folder = page(1, b"");
            let file = folder.path().join("later").join(name);
            fs::write(&file, noise(LIMIT_BYTES)).unwrap();
            measured(&folder).unwrap();
            fs::write(&file, noise(limit + 1)).unwrap();
            let error = measured(&folder).unwrap_err();
            assert!(error.to_string().starts_with(what), "{error}");
        }
    }

    #[test]
    fn a_page_without_its_bundle_is_refused() {
        let folder = page(1, b"");
        fs::remove_file(folder.path().join(BUNDLE.0)).unwrap();
        assert!(measured(&folder).unwrap_err().to_string().contains(BUNDLE.0));
    }

    #[test]
    fn repetition_is_compressed_and_noise_is_not() {
        assert!(compressed_len(&[0; 100_000]).unwrap() < 20);
        assert!(compressed_len(&noise(1000)).unwrap() >= 1000);
    }
}
