//! Factors of one to three streams, compared with those that the host draws from the same streams.

use super::{PackedFactors, Part, Share};
use crate::kernels::compare::{Case, Outcome, Target};
use crate::kernels::parcel::Parcel;
use crate::rng::{Purpose, stream};

/// Rows of each part, and features.
const CASES: [(&[usize], usize); 5] = [(&[1], 1), (&[4], 16), (&[7, 9], 17), (&[1, 65, 3], 33), (&[64, 64, 64], 256)];

/// Shares that are dropped: none, one without an exact square root of anything, half, and nearly all.
const SHARES: [f32; 4] = [0.0, 0.3, 0.5, 0.999];

/// Integers decide, so the bits must be those of the definition.
const BUDGET: f64 = 0.0;

/// Checks all cases.
pub async fn check(target: &Target) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for (rows, features) in CASES {
        for dropped in SHARES {
            outcomes.extend(check_case(rows, features, Share { dropped }, target).await);
        }
    }
    outcomes
}

/// The case of the reproducibility suite.
pub async fn suite(target: &Target) -> Vec<Outcome> {
    let (rows, features) = CASES[3];
    check_case(rows, features, Share { dropped: 0.3 }, target).await
}

async fn check_case(rows: &[usize], features: usize, share: Share, target: &Target) -> Vec<Outcome> {
    // Numbers of streams with more than 32 bits, too.
    let streams = [5, 1 << 40, u64::MAX].map(|step| stream(u64::MAX - 3, Purpose::Dropout, step));
    let parts: Vec<Part> =
        rows.iter().zip(&streams).map(|(&rows, stream)| Part { rows, stream: stream.clone() }).collect();
    let draw = |Part { rows, stream }: &Part| share.draw(&mut stream.clone(), rows * features);
    let expected: Vec<f64> = parts.iter().flat_map(draw).map(f64::from).collect();
    let mut parcel = Parcel::default();
    let packed = PackedFactors::new(parts, features, share, &mut parcel, &target.device);
    let found = packed.unpack_with(&mut parcel.send(&target.device), target.launch);
    let mut case = Case::new("dropout", format!("{rows:?} rows of {features}, {}", share.dropped), BUDGET);
    case.expect("factors", found, &expected).await;
    case.outcomes()
}
