//! Statistics of real images in a file: NumPy's archive with `mu` and `sigma`, as pytorch-fid and others read and write.
//!
//! A file of ours also says which network and which images it is of, in `slgan`: bytes of JSON, which other programs
//! ignore. A cache keeps the features too, in `features`.

use std::io::{Cursor, Read};

use serde::{Deserialize, Serialize};

use super::extractor::ExtractorFacts;
use super::protocol::DataFacts;
use crate::data::DataError;
use crate::data::numpy::{ArchiveWriter, Array, ArrayArchive, ArrayHeader};
use crate::metrics::{FeaturesError, GaussianStats};

const MEAN: &str = "mu";
const COVARIANCE: &str = "sigma";
const ORIGIN: &str = "slgan";
const FEATURES: &str = "features";

/// Most features of an image: the covariance has the square of their number.
const DIM_MAX: usize = 8_192;

/// Most numbers of all features.
const NUMBERS_MAX: usize = 1 << 31;

/// Most bytes of the origin.
const ORIGIN_MAX: usize = 1 << 20;

/// Which network and which images statistics are of.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Origin {
    /// The network.
    pub extractor: ExtractorFacts,
    /// The images.
    pub data: DataFacts,
}

/// Mean and covariance of the features of images.
#[derive(Debug, Clone, PartialEq)]
pub struct Statistics {
    /// Mean and covariance.
    pub gaussian: GaussianStats,
    /// Which network and which images they are of; none in files of other programs.
    pub origin: Option<Origin>,
    /// The features themselves, `[count, dim]` row by row, if the file keeps them.
    pub features: Option<Vec<f32>>,
}

/// Why a file has no statistics, or those of something else.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum StatisticsError {
    /// It is not such an archive.
    #[error(transparent)]
    File(#[from] DataError),
    /// Its numbers are not those of a Gaussian.
    #[error("mu and sigma: {0}")]
    Gaussian(#[from] FeaturesError),
    /// It is of another network.
    #[error("{what}: expected {expected}, found {found}")]
    Other {
        /// What differs.
        what: &'static str,
        /// That of the extractor at hand.
        expected: String,
        /// That of the file.
        found: String,
    },
}

impl Statistics {
    /// Reads a file.
    ///
    /// # Errors
    /// If it is damaged, or holds no mean and covariance.
    pub fn read(bytes: &[u8]) -> Result<Self, StatisticsError> {
        let mut archive = ArrayArchive::open(Cursor::new(bytes))?;
        let floats = |most: usize| {
            move |name: &str, header: &ArrayHeader, mut bytes: &mut dyn Read| header.floats(name, &mut bytes, most)
        };
        let mean = archive.read(MEAN, floats(DIM_MAX))?.values;
        let covariance = archive.read(COVARIANCE, floats(DIM_MAX * DIM_MAX))?.values;
        let gaussian = GaussianStats::from_parts(mean, covariance)?;
        let has = |name: &str| archive.names().iter().any(|found| found == name);
        let (has_origin, has_features) = (has(ORIGIN), has(FEATURES));
        let origin = if has_origin { Some(read_origin(&mut archive)?) } else { None };
        let features = if has_features {
            let Array { values, .. } = archive.read(FEATURES, floats(NUMBERS_MAX))?;
            Some(values.into_iter().map(|value| value as f32).collect())
        } else {
            None
        };
        Ok(Self { gaussian, origin, features })
    }

    /// Writes a file, in 64 bits for mean and covariance and in 32 bits for features.
    ///
    /// # Errors
    /// If it is too large for an archive.
    pub fn write(&self) -> Result<Vec<u8>, DataError> {
        let dim = self.gaussian.dim();
        let double = |values: &[f64]| -> Vec<u8> { values.iter().flat_map(|value| value.to_le_bytes()).collect() };
        let mut archive = ArchiveWriter::default();
        archive.add(MEAN, "<f8", &[dim], &double(self.gaussian.mean()))?;
        archive.add(COVARIANCE, "<f8", &[dim, dim], &double(self.gaussian.covariance()))?;
        if let Some(origin) = &self.origin {
            let text = serde_json::to_vec(origin).expect("text and finite numbers are valid JSON");
            archive.add(ORIGIN, "|u1", &[text.len()], &text)?;
        }
        if let Some(features) = &self.features {
            let single: Vec<u8> = features.iter().flat_map(|value| value.to_le_bytes()).collect();
            archive.add(FEATURES, "<f4", &[features.len() / dim, dim], &single)?;
        }
        archive.finish()
    }

    /// Checks that the statistics are of the features of an extractor. Files of other programs do not say of which; their
    /// number of features is all that can be checked.
    ///
    /// # Errors
    /// If they are of another extractor, resolution or number of features.
    pub fn check(&self, extractor: &ExtractorFacts) -> Result<(), StatisticsError> {
        let equal = |what: &'static str, expected: String, found: String| match expected == found {
            true => Ok(()),
            false => Err(StatisticsError::Other { what, expected, found }),
        };
        equal("features of an image", extractor.features.to_string(), self.gaussian.dim().to_string())?;
        let Some(Origin { extractor: own, .. }) = &self.origin else { return Ok(()) };
        let named = |facts: &ExtractorFacts| format!("{} with SHA-256 {}", facts.name, facts.sha256);
        let shape = |facts: &ExtractorFacts| facts.image.map_or_else(|| "any".to_owned(), |shape| shape.to_string());
        equal("resolution", shape(extractor), shape(own))?;
        equal("extractor", named(extractor), named(own))?;
        equal("resize", extractor.resize.clone(), own.resize.clone())
    }
}

fn read_origin(archive: &mut ArrayArchive<Cursor<&[u8]>>) -> Result<Origin, DataError> {
    archive.read(ORIGIN, |name, header, mut bytes| {
        let text = header.whole_numbers(name, &mut bytes, ORIGIN_MAX)?.values;
        let text: Vec<u8> = text.into_iter().map(|byte| byte as u8).collect();
        serde_json::from_slice(&text).map_err(|error| DataError::Content {
            file: name.to_owned(),
            expected: "the origin of statistics, as slgan writes it".to_owned(),
            found: error.to_string(),
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::ImageShape;

    fn facts() -> ExtractorFacts {
        ExtractorFacts {
            name: "judge".into(),
            sha256: "ab".repeat(32),
            features: 3,
            image: Some(ImageShape { channels: 3, size: 32 }),
            resize: "none".into(),
            trained_on: Some("cifar10 0123".into()),
            accuracy: Some(0.8),
        }
    }

    fn statistics() -> Statistics {
        let rows: Vec<f32> = (0..30).map(|place| ((place * place) % 17) as f32).collect();
        let gaussian = GaussianStats::from_features(&rows, 3).unwrap();
        let data = DataFacts {
            spec: "cifar10".into(),
            split: Some("test".into()),
            images: Some(10),
            shape: Some(ImageShape { channels: 3, size: 32 }),
            fingerprint: None,
        };
        Statistics { gaussian, origin: Some(Origin { extractor: facts(), data }), features: Some(rows) }
    }

    #[test]
    fn a_file_keeps_every_bit() {
        let written = statistics();
        assert_eq!(Statistics::read(&written.write().unwrap()), Ok(written));
        let bare = Statistics { origin: None, features: None, ..statistics() };
        assert_eq!(Statistics::read(&bare.write().unwrap()), Ok(bare));
    }

    #[test]
    fn statistics_of_something_else_are_refused() {
        let statistics = statistics();
        assert_eq!(statistics.check(&facts()), Ok(()));
        let error = |facts: ExtractorFacts| statistics.check(&facts).unwrap_err().to_string();
        let dims = error(ExtractorFacts { features: 2_048, ..facts() });
        assert_eq!(dims, "features of an image: expected 2048, found 3");
        let other = error(ExtractorFacts { sha256: "cd".repeat(32), ..facts() });
        assert!(other.starts_with("extractor: expected judge with SHA-256 cdcd") && other.contains("abab"), "{other}");
        let larger = error(ExtractorFacts { image: Some(ImageShape { channels: 3, size: 64 }), ..facts() });
        assert_eq!(larger, "resolution: expected 3x64x64, found 3x32x32");
        assert!(error(ExtractorFacts { resize: "pytorch".into(), ..facts() }).starts_with("resize: "));
        let bare = Statistics { origin: None, ..statistics.clone() };
        assert_eq!(bare.check(&ExtractorFacts { sha256: "cd".repeat(32), ..facts() }), Ok(()));
        assert!(bare.check(&ExtractorFacts { features: 4, ..facts() }).is_err());
    }

    #[test]
    fn files_of_other_things_are_refused_by_name() {
        let error = |bytes: &[u8]| Statistics::read(bytes).unwrap_err().to_string();
        assert!(error(b"no archive").contains("zip"));
        let archive = |members: &[(&str, &[usize], usize)]| {
            let mut writer = ArchiveWriter::default();
            members.iter().for_each(|(name, dims, count)| writer.add(name, "<f8", dims, &vec![0; 8 * count]).unwrap());
            writer.finish().unwrap()
        };
        let images = error(&archive(&[("arr_0", &[2], 2)]));
        assert!(images.contains("mu.npy") && images.contains("arr_0.npy"), "{images}");
        let uneven = error(&archive(&[("mu", &[2], 2), ("sigma", &[3], 3)]));
        assert_eq!(uneven, "mu and sigma: 3 feature values cannot be split into rows of 2");
        let whole = statistics().write().unwrap();
        for cut in [10, whole.len() / 2, whole.len() - 1] {
            assert!(Statistics::read(&whole[..cut]).is_err(), "{cut}");
        }
    }
}
