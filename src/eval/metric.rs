//! What can be measured.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A metric, or a group of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Metric {
    /// The Frechet distance.
    Fid,
    /// The kernel distance.
    Kid,
    /// The Inception score.
    Is,
    /// Precision, recall, density and coverage.
    Prdc,
    /// How good labels are.
    Labels,
}

/// A word that names no metric.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected {all}, found `{0}`", all = Metric::ALL.map(Metric::name).join(", "))]
pub struct UnknownMetric(String);

impl Metric {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Fid, Self::Kid, Self::Is, Self::Prdc, Self::Labels];

    /// Its name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Fid => "fid",
            Self::Kid => "kid",
            Self::Is => "is",
            Self::Prdc => "prdc",
            Self::Labels => "labels",
        }
    }
}

impl FromStr for Metric {
    type Err = UnknownMetric;

    fn from_str(text: &str) -> Result<Self, UnknownMetric> {
        Self::ALL.into_iter().find(|metric| metric.name() == text).ok_or_else(|| UnknownMetric(text.to_owned()))
    }
}

impl fmt::Display for Metric {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_is_known_by_its_name() {
        for metric in Metric::ALL {
            assert_eq!(metric.to_string().parse(), Ok(metric));
        }
        let error = "FID".parse::<Metric>().unwrap_err();
        assert_eq!(error.to_string(), "expected fid, kid, is, prdc, labels, found `FID`");
    }
}
