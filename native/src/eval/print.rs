//! Scores and their protocol as lines for a terminal.

use slgan::eval::{ClassScores, LabelScores, Protocol, Scores, TeacherScores};
use slgan::metrics::Spread;

/// The lines: every score, the scores by class, and how all came about.
pub fn table(protocol: &Protocol, scores: &Scores, teacher: Option<&TeacherScores>) -> Vec<String> {
    let mut lines = rows(&overall(scores));
    lines.extend(classes(&scores.classes));
    if let Some(labels) = &scores.labels {
        lines.push(format!("labels of {} generated images, by the classes that the judge sees", labels.images));
        lines.extend(rows(&label_rows(labels)));
    }
    if let Some(teacher) = teacher {
        lines.push("labels that the teacher gives to the real images".to_owned());
        lines.extend(rows(&teacher_rows(teacher)));
    }
    lines.extend(origin(protocol));
    lines
}

type Row = (&'static str, Option<String>);

/// The rows that have a figure.
fn rows(rows: &[Row]) -> Vec<String> {
    rows.iter().filter_map(|(name, figure)| Some(format!("{name:<24}{:>12}", figure.as_ref()?))).collect()
}

fn overall(scores: &Scores) -> [Row; 7] {
    [
        ("Frechet distance", scores.frechet_distance.map(|value| format!("{value:.4}"))),
        ("kernel distance", scores.kernel_distance.map(|spread| spread_text(spread, 6))),
        ("Inception score", scores.inception_score.map(|spread| spread_text(spread, 4))),
        ("precision", scores.precision.map(share)),
        ("recall", scores.recall.map(share)),
        ("density", scores.density.map(share)),
        ("coverage", scores.coverage.map(share)),
    ]
}

fn label_rows(labels: &LabelScores) -> [Row; 5] {
    [
        ("agreement", labels.agreement.map(share)),
        ("clustering accuracy", labels.clustering_accuracy.map(share)),
        ("purity", labels.purity.map(share)),
        ("NMI", labels.nmi.map(share)),
        ("ARI", labels.ari.map(share)),
    ]
}

fn teacher_rows(teacher: &TeacherScores) -> [Row; 7] {
    [
        ("accuracy", teacher.accuracy.map(share)),
        ("clustering accuracy", teacher.clustering_accuracy.map(share)),
        ("NMI", teacher.nmi.map(share)),
        ("ARI", teacher.ari.map(share)),
        ("gate coverage", teacher.gate_coverage.map(share)),
        ("gate precision", teacher.gate_precision.map(share)),
        ("AURC", teacher.aurc.map(share)),
    ]
}

fn share(value: f64) -> String {
    format!("{value:.4}")
}

fn spread_text(Spread { mean, deviation }: Spread, digits: usize) -> String {
    format!("{mean:.digits$} +- {deviation:.digits$}")
}

/// A table of the classes; nothing without classes.
fn classes(classes: &[ClassScores]) -> Vec<String> {
    if classes.is_empty() {
        return Vec::new();
    }
    let heads = ["real", "generated", "Frechet", "kernel", "precision", "recall", "density", "coverage"];
    let mut lines = vec![format!("{:<16}{}", "class", heads.map(|head| format!("{head:>10}")).concat())];
    for class in classes {
        let ClassScores { frechet_distance, kernel_distance, precision, recall, density, coverage, .. } = class;
        let figures = [(frechet_distance, 4), (kernel_distance, 6)];
        let shares = [precision, recall, density, coverage].map(|share| (share, 4));
        let figures = figures.into_iter().chain(shares).map(|(figure, digits)| match figure {
            Some(value) => format!("{value:>10.digits$}"),
            None => format!("{:>10}", "-"),
        });
        let counts = [class.real, class.generated].map(|count| format!("{count:>10}")).concat();
        let figures: String = figures.collect();
        lines.push(format!("{:<16}{counts}{figures}", class.class));
    }
    lines
}

fn origin(protocol: &Protocol) -> Vec<String> {
    let Protocol { subject, data, extractor, settings, device, .. } = protocol;
    let step = subject.step.map_or(String::new(), |step| format!(" at step {step}"));
    let images = data.images.map_or_else(|| "unknown".to_owned(), |count| count.to_string());
    let split = data.split.as_ref().map_or(String::new(), |split| format!(", {split}"));
    let network = match extractor.accuracy.map(|accuracy| 100.0 * accuracy) {
        Some(percent) => format!("the judge, which knows {percent:.2} % of its classes; a distance in them is no FID"),
        None => format!("Inception; resize {}", extractor.resize),
    };
    vec![
        format!(
            "generated: {} images of {} pixels, {} {}{step}",
            subject.images, subject.shape, subject.kind, subject.path
        ),
        format!("real: {images} images, {}{split}", data.spec),
        format!("features: {} of {network}; SHA-256 {}", extractor.features, extractor.sha256),
        format!(
            "kernel distance: {} subsets of {} at most; Inception score: {} parts; neighbours: {} among {} at most; \
             seed {}; {device}",
            settings.kernel_subsets,
            settings.kernel_subset_size,
            settings.splits,
            settings.neighbours,
            settings.neighbour_images,
            settings.seed
        ),
    ]
}
