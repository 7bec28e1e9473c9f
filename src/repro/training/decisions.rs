//! What a teacher's logits decide, as the events of training report it.

use crate::repro::report::{DecisionRecord, Number};

/// The decision about each real image, from the logits `[images, labels]`.
pub fn of(logits: &[f32], images: &[u32], tau: f64) -> Vec<DecisionRecord> {
    let labels = logits.len() / images.len().max(1);
    images.iter().zip(logits.chunks_exact(labels.max(1))).map(|(&image, row)| decision(image, row, tau)).collect()
}

fn decision(image: u32, logits: &[f32], tau: f64) -> DecisionRecord {
    let label = (1..logits.len()).fold(0, |best, at| if logits[at] > logits[best] { at } else { best });
    let powers: Vec<f64> = logits.iter().map(|&logit| libm::exp(f64::from(logit) - f64::from(logits[label]))).collect();
    let total: f64 = powers.iter().sum();
    let others = powers.iter().enumerate().filter(|(at, _)| *at != label);
    let second = others.fold(0.0, |second: f64, (_, &power)| second.max(power));
    let confidence = powers[label] / total;
    DecisionRecord {
        image,
        label: label as u32,
        passes: confidence >= tau,
        confidence: Number::new(confidence as f32),
        margin: Number::new((confidence - second / total) as f32),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_decision_has_the_highest_label_and_its_lead() {
        let [three, four] = [3f32.ln(), 4f32.ln()];
        let found = of(&[0.0, three, four, three, 0.0, 0.0], &[9, 4], 0.55);
        assert_eq!(found.iter().map(|decision| (decision.image, decision.label)).collect::<Vec<_>>(), [(9, 2), (4, 0)]);
        assert_eq!(found.iter().map(|decision| decision.passes).collect::<Vec<_>>(), [false, true]);
        let close = |number: &Number, expected: f32| (number.value().unwrap() - expected).abs() < 1e-6;
        assert!(close(&found[0].confidence, 0.5) && close(&found[0].margin, 0.125), "{:?}", found[0]);
        assert!(close(&found[1].confidence, 0.6) && close(&found[1].margin, 0.4), "{:?}", found[1]);
    }

    #[test]
    fn nan_passes_no_gate() {
        assert!(!of(&[f32::NAN, 1.0], &[0], 0.1)[0].passes);
    }
}
