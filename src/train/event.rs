//! The events of a training run.
//!
//! The library neither prints nor stores anything. The loop emits typed events to the shell (the program or the web
//! page), which writes, draws or drops them. A serialised event is a line of `events.jsonl`; the shell adds what only
//! it knows (paths, seconds, images per second), and a seal that shows damage ([`chain`](super::chain)).

use serde::{Deserialize, Serialize};

use super::checkpoint::CheckpointFiles;
use super::judge::GeneratedFigures;
use crate::config::Config;
use crate::image::Picture;
use crate::kernels::class::DeviceClass;
use crate::metrics::{AccuracyCoverage, ContingencyTable};

/// One event of a run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "lowercase")]
pub enum Event {
    /// The run begins, or goes on after a resume.
    Started(Box<Started>),
    /// The figures of one training step.
    Step(StepFigures),
    /// A grid of generated images, one row per artificial label.
    Samples(Samples),
    /// Quality on held-out real images.
    Evaluated(Box<Evaluated>),
    /// A state to save.
    Checkpoint(Checkpoint),
    /// Something that the user should look at.
    Warning(Warning),
    /// The last step is done.
    Finished {
        /// Steps done in all.
        step: u64,
    },
}

/// The run begins.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Started {
    /// The library's version.
    pub version: String,
    /// The seed of every random number.
    pub seed: u64,
    /// The name of the device.
    pub device: String,
    /// Its class, which decides the kernels. Versions without classes computed as for software.
    #[serde(default)]
    pub device_class: DeviceClass,
    /// The step from which the run continues: 0 unless resumed.
    pub step: u64,
    /// The resolved configuration.
    pub config: Config,
}

/// The figures of one training step. Shares are from 0 to 1, and none if undefined.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StepFigures {
    /// Steps done, this one included.
    pub step: u64,
    /// The discriminator's hinge loss.
    pub d_loss: Option<f64>,
    /// The generator's loss, the classifier's part included.
    pub g_loss: Option<f64>,
    /// The classifier's loss.
    pub c_loss: Option<f64>,
    /// Share of this step's real images whose pseudo-label passes the gate.
    pub gate_coverage: Option<f64>,
    /// Share of this step's real images whose predicted class is right, among those with a known class.
    pub label_agreement: Option<f64>,
}

/// A grid of generated images.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Samples {
    /// Steps done.
    pub step: u64,
    /// The artificial labels of the rows, if they are a choice; empty if there is a row for each label.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<usize>,
    /// The grid: one row per artificial label.
    #[serde(skip)]
    pub grid: Picture,
}

/// Quality on held-out real images.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evaluated {
    /// Steps done.
    pub step: u64,
    /// The teacher's accuracy, if artificial labels belong to classes.
    pub accuracy: Option<f64>,
    /// Accuracy under the best one-to-one assignment of artificial labels to classes. This and the next two are none
    /// with more than a million pairs of labels and classes.
    pub clustering_accuracy: Option<f64>,
    /// Normalised mutual information.
    pub nmi: Option<f64>,
    /// Adjusted Rand index.
    pub ari: Option<f64>,
    /// Share of images that pass the gate.
    pub gate_coverage: Option<f64>,
    /// Accuracy among the images that pass the gate.
    pub gate_precision: Option<f64>,
    /// Area above `accuracy_coverage` ([`aurc`](crate::metrics::aurc)): 0 is perfect.
    pub aurc: Option<f64>,
    /// Frechet distance in the judge's features.
    pub frechet_judge: Option<f64>,
    /// The judge's own accuracy on the same images.
    pub judge_accuracy: Option<f64>,
    /// Share of generated images whose class, by the judge, is that of their artificial label, if labels belong to
    /// classes.
    pub generated_agreement: Option<f64>,
    /// Mean over classes of the Frechet distance within a class. This and the next two are none with more than 256
    /// classes, and leave out classes with too few images.
    pub class_frechet: Option<f64>,
    /// Mean over classes of the share of held-out images with a generated image among their nearest neighbours.
    pub class_coverage: Option<f64>,
    /// Mean over classes of the share of held-out images among the nearest neighbours of a generated image.
    pub class_recall: Option<f64>,
    /// Artificial labels (rows) against classes (columns), if classes are known and the table has at most 65,536 cells.
    pub confusion: Option<ContingencyTable>,
    /// Accuracy among the most confident images against their share. If labels belong to no classes, those count as
    /// right that `clustering_accuracy` counts.
    pub accuracy_coverage: Option<AccuracyCoverage>,
    /// The judge's figures of each artificial label and each class, if labels belong to classes.
    pub generated: Option<GeneratedFigures>,
}

/// A state to save.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Steps done.
    pub step: u64,
    /// The files to write.
    #[serde(skip)]
    pub files: CheckpointFiles,
}

/// Something that the user should look at.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Warning {
    /// Steps done.
    pub step: u64,
    /// Which of the watch's conditions holds, for example `gate-closed`.
    pub kind: String,
    /// What was seen, with numbers.
    pub seen: String,
    /// What it usually means.
    pub meaning: String,
    /// What to try.
    pub advice: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::train::judge::ClassFigures;

    const OLDER: &str = r#"{"event":"evaluated","step":2,"accuracy":0.5,"clustering_accuracy":null,"nmi":null,"ari":null,
        "gate_coverage":1.0,"gate_precision":0.5,"frechet_judge":3.0,"judge_accuracy":0.9,"confusion":null}"#;

    #[test]
    fn evaluations_of_older_versions_are_read() {
        let Ok(Event::Evaluated(older)) = serde_json::from_str(OLDER) else { panic!("an evaluation") };
        assert_eq!((older.frechet_judge, older.generated_agreement, older.generated), (Some(3.0), None, None));
        assert_eq!((older.aurc, older.accuracy_coverage), (None, None));
    }

    #[test]
    fn figures_of_generated_images_survive_json() {
        let Ok(Event::Evaluated(older)) = serde_json::from_str(OLDER) else { panic!("an evaluation") };
        let classes = vec![ClassFigures { frechet: Some(2.5), coverage: None, recall: Some(0.0) }];
        let generated = Some(GeneratedFigures { rows: vec![Some(1.0), None], classes });
        let event = Event::Evaluated(Box::new(Evaluated { generated, ..*older }));
        let json = serde_json::to_string(&event).expect("numbers and names");
        let expected = r#""generated":{"rows":[1.0,null],"classes":[{"frechet":2.5,"coverage":null,"recall":0.0}]}}"#;
        assert!(json.ends_with(expected), "{json}");
        assert_eq!(serde_json::from_str::<Event>(&json).expect("it parses"), event);
    }
}
