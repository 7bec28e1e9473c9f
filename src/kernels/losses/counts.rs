//! How many images a sum of losses is over, and how they count.

/// Images of a sum of losses.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Count {
    /// How many.
    pub images: usize,
    /// The factor of the loss of each.
    pub factor: f32,
}

impl Count {
    /// Images whose losses add up to `weight` times their mean.
    pub fn mean(images: usize, weight: f64) -> Self {
        Self { images, factor: (weight / images as f64) as f32 }
    }
}

/// The images of [`cross_entropies`](super::cross_entropies), in order.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Counts {
    /// Images with label weights, whose losses are multiplied by their trust.
    pub weighed: Count,
    /// Images with sets of labels.
    pub first: Count,
    /// More images with sets of labels.
    pub second: Count,
}

impl Counts {
    /// The three kinds, in order.
    pub fn each(&self) -> [Count; 3] {
        [self.weighed, self.first, self.second]
    }
}
