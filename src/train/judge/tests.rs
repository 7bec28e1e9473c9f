//! A judge of pictures that are easy to tell apart.

use pollster::block_on;

use super::*;
use crate::config::Config;
use crate::data::{ImageShape, Split};
use crate::rng::{Purpose, stream};

const SHAPE: ImageShape = ImageShape { channels: 1, size: 28 };
const CLASSES: usize = 4;

/// Pictures whose class is the quarter that is bright, with noise; classes take turns.
fn split(count: usize, seed: u64) -> Split {
    let mut draws = stream(seed, Purpose::Test, 0);
    let mut pixels = Vec::new();
    for image in 0..count {
        for place in 0..SHAPE.bytes() {
            let (row, column) = (place / SHAPE.size, place % SHAPE.size);
            let quarter = 2 * (2 * row / SHAPE.size) + 2 * column / SHAPE.size;
            let level = if quarter == image % CLASSES { 180 } else { 20 };
            pixels.push((level + draws.below(60)) as u8);
        }
    }
    Split::new(Images { shape: SHAPE, pixels }, (0..count).map(|image| Some((image % CLASSES) as u16)).collect())
}

fn data(held_out: usize) -> Dataset {
    let class_names = (0..CLASSES).map(|class| format!("quarter {class}")).collect();
    Dataset { name: "folder".into(), class_names, train: split(200, 1), test: split(held_out, 2), notes: Vec::new() }
}

fn judge(data: &Dataset, steps: u64) -> Judge {
    let device = Device::flex();
    let architecture = Architecture::new(&Config::default(), SHAPE, CLASSES);
    let network = training::trained(data, &architecture, steps, &device).unwrap();
    block_on(Judge::with_network(network, data, &device)).unwrap()
}

fn cells(per_class: usize) -> Option<Cells> {
    Some(Cells { classes: CLASSES, per_class })
}

fn figures(judge: &Judge, images: &Images, labels: &[usize], cells: Option<Cells>) -> JudgeFigures {
    block_on(judge.figures(images, labels, cells, &Device::flex())).unwrap()
}

#[test]
fn held_out_images_with_their_true_labels_are_perfect() {
    let data = data(48);
    let images = &data.test.images;
    let labels = every_label(&data.test.labels).unwrap();
    // Without training, the judge is wrong about many images, which must not matter.
    for steps in [0, 200] {
        let judge = judge(&data, steps);
        assert!(steps == 0 || judge.accuracy > 0.95, "{}", judge.accuracy);
        let found = figures(&judge, images, &labels, cells(1));
        assert_eq!(found.agreement, Some(judge.accuracy));
        assert!(found.frechet.is_some_and(|distance| distance < 1e-3), "{found:?}");
        let generated = found.generated.unwrap();
        assert_eq!((generated.rows.len(), generated.classes.len()), (CLASSES, CLASSES));
        for class in &generated.classes {
            assert_eq!((class.coverage, class.recall), (Some(1.0), Some(1.0)));
            assert!(class.frechet.is_some_and(|distance| distance < 1e-3), "{class:?}");
        }
        let mean_of_rows = generated.rows.iter().flatten().sum::<f64>() / CLASSES as f64;
        assert!((mean_of_rows - judge.accuracy).abs() < 1e-9, "classes are of equal size");
    }
}

#[test]
fn held_out_images_with_the_labels_of_other_classes_are_bad() {
    let data = data(48);
    let judge = judge(&data, 200);
    let labels = every_label(&data.test.labels).unwrap();
    let rotated: Vec<usize> = labels.iter().map(|label| (label + 1) % CLASSES).collect();
    let [right, wrong] = [&labels, &rotated].map(|labels| figures(&judge, &data.test.images, labels, cells(1)));
    assert_eq!(right.frechet, wrong.frechet, "the whole distance knows no labels");
    assert!(wrong.agreement.is_some_and(|share| share < 0.05), "{wrong:?}");
    let [right, wrong] = [right, wrong].map(|figures| figures.generated.unwrap());
    assert!(wrong.worst_row().is_some_and(|share| share < 0.05), "{wrong:?}");
    assert!(wrong.mean(|class| class.frechet) > right.mean(|class| class.frechet).map(|distance| distance + 0.1));
    assert!(wrong.mean(|class| class.coverage).is_some_and(|share| share < 0.5), "{wrong:?}");
    assert!(wrong.mean(|class| class.recall).is_some_and(|share| share < 0.5), "{wrong:?}");
}

#[test]
fn a_class_may_own_several_labels() {
    let data = data(48);
    let judge = judge(&data, 200);
    let truth = every_label(&data.test.labels).unwrap();
    // The second label of class 0 never occurs, and all images of the second label of class 3 are of class 0.
    let label = |(image, &class): (usize, &usize)| match class {
        0 if image % 8 == 0 => 7,
        0 => 0,
        3 => 6,
        class => 2 * class + usize::from(image % 8 < CLASSES),
    };
    let labels: Vec<usize> = truth.iter().enumerate().map(label).collect();
    let generated = figures(&judge, &data.test.images, &labels, cells(2)).generated.unwrap();
    let rows: Vec<Option<bool>> = generated.rows.iter().map(|row| row.map(|share| share > 0.5)).collect();
    let right = Some(true);
    assert_eq!(rows, [right, None, right, right, right, right, right, Some(false)]);
    assert_eq!(generated.classes.len(), CLASSES);
    assert_eq!(generated.classes[1].coverage, Some(1.0), "all of its images, whichever label they have");
    assert_eq!(generated.worst_row(), generated.rows[7]);
}

#[test]
fn figures_without_a_meaning_are_none() {
    let data = data(20);
    let judge = judge(&data, 0);
    let truth = every_label(&data.test.labels).unwrap();
    let unlabelled = figures(&judge, &data.test.images, &truth, None);
    assert!(unlabelled.frechet.is_some() && unlabelled.agreement.is_none() && unlabelled.generated.is_none());

    // Five images of a class have no fifth neighbour.
    let few = figures(&judge, &data.test.images, &truth, cells(1)).generated.unwrap();
    assert!(few.mean(|class| class.frechet).is_some());
    assert_eq!((few.mean(|class| class.coverage), few.mean(|class| class.recall)), (None, None));

    let one = figures(&judge, &data.test.select(&[2]).images, &[2], cells(1));
    assert!(one.frechet.is_none() && one.agreement.is_some());
    let one = one.generated.unwrap();
    assert_eq!(one.classes, [ClassFigures::default(); CLASSES]);
    assert!(one.rows[2].is_some() && one.rows[0].is_none(), "{:?}", one.rows);

    let nothing = figures(&judge, &data.test.select(&[]).images, &[], cells(1));
    assert_eq!((nothing.frechet, nothing.agreement), (None, None));
    assert_eq!(nothing.generated.and_then(|generated| generated.worst_row()), None);
}
