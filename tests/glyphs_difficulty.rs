//! The glyphs are hard enough that the quality of labels means something: raw pixels alone do not give the classes,
//! neither without labels nor with the default run's 1 % of labels.

use slgan::data::Split;
use slgan::data::glyphs::{self, CLASSES, IMAGE_BYTES, TEST_COUNT, TRAIN_COUNT};
use slgan::rng::{Purpose, Stream, stream};

/// Points as rows of `width` numbers, with classes.
struct Rows {
    width: usize,
    values: Vec<f32>,
    classes: Vec<usize>,
}

impl Rows {
    fn of_images(split: &Split) -> Self {
        let values = split.images.pixels.iter().map(|&byte| f32::from(byte) / 127.5 - 1.0).collect();
        let classes = split.labels.iter().map(|label| usize::from(label.expect("every glyph is labelled"))).collect();
        Self { width: IMAGE_BYTES, values, classes }
    }

    /// Ten well-separated groups in `width` dimensions; both methods must find them.
    fn of_separate_groups(count: usize, width: usize, rng: &mut Stream) -> Self {
        let classes: Vec<usize> = (0..count).map(|index| index % CLASSES).collect();
        let spike = |class, column: usize| if column == class { 8.0 } else { 0.0 };
        let values = classes
            .iter()
            .flat_map(|&class| (0..width).map(move |column| spike(class, column)))
            .map(|x| x + rng.normal());
        Self { width, values: values.collect(), classes: classes.clone() }
    }

    fn len(&self) -> usize {
        self.classes.len()
    }

    fn row(&self, index: usize) -> &[f32] {
        &self.values[index * self.width..][..self.width]
    }

    /// `per_class` random rows of every class.
    fn balanced(&self, per_class: usize, rng: &mut Stream) -> Self {
        let mut taken = [0; CLASSES];
        let mut subset = Self { width: self.width, values: Vec::new(), classes: Vec::new() };
        for index in rng.permutation(self.len()) {
            let index = index as usize;
            let class = self.classes[index];
            if taken[class] < per_class {
                taken[class] += 1;
                subset.values.extend_from_slice(self.row(index));
                subset.classes.push(class);
            }
        }
        subset
    }
}

/// The inner product, in eight partial sums so that it vectorises and still adds in a fixed order.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0; 8];
    for (a, b) in a.chunks(8).zip(b.chunks(8)) {
        for ((sum, a), b) in sums.iter_mut().zip(a).zip(b) {
            *sum += a * b;
        }
    }
    sums.iter().sum()
}

fn add_scaled(target: &mut [f32], scale: f32, source: &[f32]) {
    for (target, source) in target.iter_mut().zip(source) {
        *target += scale * source;
    }
}

fn index_of_max(scores: [f32; CLASSES]) -> usize {
    (1..CLASSES).fold(0, |best, index| if scores[index] > scores[best] { index } else { best })
}

/// The cluster of every row, by Lloyd's algorithm from ten random rows.
fn kmeans(rows: &Rows, rng: &mut Stream) -> Vec<usize> {
    let first = rng.permutation(rows.len());
    let mut centers: Vec<Vec<f32>> = first[..CLASSES].iter().map(|&row| rows.row(row as usize).to_vec()).collect();
    let mut assigned = Vec::new();
    for _ in 0..30 {
        let offsets: Vec<f32> = centers.iter().map(|center| dot(center, center) / 2.0).collect();
        let nearest = |row| index_of_max(std::array::from_fn(|k| dot(rows.row(row), &centers[k]) - offsets[k]));
        let next: Vec<usize> = (0..rows.len()).map(nearest).collect();
        if next == assigned {
            break;
        }
        assigned = next;
        for (k, center) in centers.iter_mut().enumerate() {
            let members: Vec<usize> = (0..rows.len()).filter(|&row| assigned[row] == k).collect();
            if !members.is_empty() {
                center.fill(0.0);
                members.iter().for_each(|&row| add_scaled(center, 1.0 / members.len() as f32, rows.row(row)));
            }
        }
    }
    assigned
}

/// The share of rows in the right cluster under the best one-to-one matching of clusters and classes.
///
/// `best[set]` is the largest number of right rows in the first `set.count_ones()` clusters with the classes in `set`.
fn matched_accuracy(assigned: &[usize], classes: &[usize]) -> f64 {
    let mut counts = [[0u32; CLASSES]; CLASSES];
    assigned.iter().zip(classes).for_each(|(&cluster, &class)| counts[cluster][class] += 1);
    let mut best = vec![0u32; 1 << CLASSES];
    for set in 1..best.len() {
        let cluster = set.count_ones() as usize - 1;
        let with = |class: usize| best[set & !(1 << class)] + counts[cluster][class];
        best[set] = (0..CLASSES).filter(|class| set >> class & 1 == 1).map(with).max().unwrap_or(0);
    }
    f64::from(best[best.len() - 1]) / classes.len() as f64
}

/// The best accuracy of several starts.
fn kmeans_accuracy(rows: &Rows) -> f64 {
    let run = |start| matched_accuracy(&kmeans(rows, &mut stream(1, Purpose::Test, start)), &rows.classes);
    (0..4).map(run).fold(0.0, f64::max)
}

/// A linear classifier: per class, a weight for every number of a row, and a bias.
struct Linear {
    weights: Vec<Vec<f32>>,
    biases: [f32; CLASSES],
}

impl Linear {
    fn scores(&self, row: &[f32]) -> [f32; CLASSES] {
        std::array::from_fn(|class| self.biases[class] + dot(&self.weights[class], row))
    }

    fn accuracy(&self, rows: &Rows) -> f64 {
        let right =
            (0..rows.len()).filter(|&row| index_of_max(self.scores(rows.row(row))) == rows.classes[row]).count();
        right as f64 / rows.len() as f64
    }

    /// One step of full-batch gradient descent on the cross-entropy.
    fn descend(&mut self, rows: &Rows, rate: f32) {
        let errors: Vec<[f32; CLASSES]> = (0..rows.len())
            .map(|row| {
                let mut error = softmax(self.scores(rows.row(row)));
                error[rows.classes[row]] -= 1.0;
                error
            })
            .collect();
        let rate = rate / rows.len() as f32;
        for (row, error) in errors.iter().enumerate() {
            for ((weights, bias), error) in self.weights.iter_mut().zip(&mut self.biases).zip(error) {
                add_scaled(weights, -rate * error, rows.row(row));
                *bias -= rate * error;
            }
        }
    }
}

fn softmax(scores: [f32; CLASSES]) -> [f32; CLASSES] {
    let top = scores[index_of_max(scores)];
    let powers = scores.map(|score| libm::expf(score - top));
    let sum: f32 = powers.iter().sum();
    powers.map(|power| power / sum)
}

/// The best accuracy on `test` at any time of training, as if an oracle stopped it.
fn logistic_regression_accuracy(train: &Rows, test: &Rows) -> f64 {
    let mut model = Linear { weights: vec![vec![0.0; train.width]; CLASSES], biases: [0.0; CLASSES] };
    let mean_square = dot(&train.values, &train.values) / train.len() as f32;
    let mut best = 0.0f64;
    for _ in 0..20 {
        (0..15).for_each(|_| model.descend(train, 1.0 / mean_square));
        best = best.max(model.accuracy(test));
    }
    best
}

#[test]
fn both_methods_find_well_separated_groups() {
    let rng = &mut stream(1, Purpose::Test, 0);
    let (train, test) = (Rows::of_separate_groups(200, 24, rng), Rows::of_separate_groups(500, 24, rng));
    assert!(kmeans_accuracy(&test) > 0.85, "{}", kmeans_accuracy(&test));
    let accuracy = logistic_regression_accuracy(&train, &test);
    assert!(accuracy > 0.98, "{accuracy}");
}

#[test]
fn matching_ignores_the_names_of_clusters() {
    let classes: Vec<usize> = (0..100).map(|index| index % CLASSES).collect();
    let renamed: Vec<usize> = classes.iter().map(|class| (3 * class + 4) % CLASSES).collect();
    assert_eq!(matched_accuracy(&renamed, &classes), 1.0);
    assert_eq!(matched_accuracy(&[7; 100], &classes), 0.1);
}

#[test]
fn kmeans_on_pixels_does_not_find_the_digits() {
    let images = Rows::of_images(&glyphs::split(TRAIN_COUNT..TRAIN_COUNT + TEST_COUNT));
    let accuracy = kmeans_accuracy(&images);
    assert!((0.1..=0.35).contains(&accuracy), "{accuracy}");
}

#[test]
fn a_linear_classifier_learns_little_from_one_percent_of_the_labels() {
    let train = Rows::of_images(&glyphs::split(0..TRAIN_COUNT));
    let test = Rows::of_images(&glyphs::split(TRAIN_COUNT..TRAIN_COUNT + TEST_COUNT));
    for seed in 0..2 {
        let labelled = train.balanced(20, &mut stream(seed, Purpose::LabelBudget, 0));
        assert_eq!(labelled.len(), 200);
        let accuracy = logistic_regression_accuracy(&labelled, &test);
        assert!((0.1..=0.5).contains(&accuracy), "{accuracy}");
    }
}
