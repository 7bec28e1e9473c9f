//! The operations of the network, and its blocks.

use std::collections::BTreeMap;

use burn::tensor::module::{avg_pool2d, conv2d, max_pool2d};
use burn::tensor::ops::{AvgPoolOptions, ConvOptions, MaxPoolOptions};
use burn::tensor::{Tensor, activation};

use crate::kernels::class::DeviceClass;
use crate::kernels::conv2d::{ConvShape, conv2d_with};
use crate::kernels::launch::Launch;

/// A convolution with its normalisation folded in.
#[derive(Debug, Clone)]
pub(super) struct Convolution {
    /// `[out, in, height, width]`.
    pub weight: Tensor<4>,
    /// `[out]`.
    pub bias: Tensor<1>,
}

/// All convolutions, by name.
#[derive(Debug, Clone)]
pub(super) struct Convolutions {
    /// The convolutions.
    pub by_name: BTreeMap<String, Convolution>,
    /// The class of the device, which decides our own kernels.
    pub class: DeviceClass,
}

/// A block of the network: its convolutions, by the names within it.
struct Block<'a> {
    all: &'a Convolutions,
    name: &'a str,
}

impl Convolutions {
    /// The convolution `name` with ReLU, with zeros around its input that keep the size.
    pub fn same(&self, name: &str, x: Tensor<4>) -> Tensor<4> {
        let Convolution { weight, bias } = self.by_name[name].clone();
        let [_, _, height, width] = weight.dims();
        if height == width {
            let shape = ConvShape { stride: 1, enlarge: false };
            return activation::relu(conv2d_with(x, weight, bias, shape, Launch::of(self.class)));
        }
        let padding = [(height - 1) / 2, (width - 1) / 2];
        activation::relu(conv2d(x, weight, Some(bias), ConvOptions::new([1, 1], padding, [1, 1], 1)))
    }

    /// The convolution `name` with ReLU, without anything around its input.
    pub fn valid(&self, name: &str, x: Tensor<4>, stride: usize) -> Tensor<4> {
        let Convolution { weight, bias } = self.by_name[name].clone();
        activation::relu(conv2d(x, weight, Some(bias), ConvOptions::new([stride; 2], [0, 0], [1, 1], 1)))
    }

    /// The 1x1 convolution `name` of each pixel's mean with its neighbours, with ReLU. Both are linear, so the mean comes
    /// second here, when there are far fewer channels.
    fn mean_of_neighbours(&self, name: &str, x: Tensor<4>) -> Tensor<4> {
        let Convolution { weight, bias } = self.by_name[name].clone();
        let (channels, shape) = (bias.dims()[0], ConvShape { stride: 1, enlarge: false });
        let mixed = conv2d_with(x, weight, bias.zeros_like(), shape, Launch::of(self.class));
        activation::relu(mean_of_neighbours(mixed) + bias.reshape([1, channels, 1, 1]))
    }

    fn block<'a>(&'a self, name: &'a str) -> Block<'a> {
        Block { all: self, name }
    }

    /// A block of 35x35 pixels.
    pub fn mixed_5(&self, name: &str, x: Tensor<4>) -> Tensor<4> {
        let block = self.block(name);
        let pool = block.mean_of_neighbours("branch_pool", x.clone());
        let outputs = vec![
            block.same("branch1x1", x.clone()),
            block.chain(&["branch5x5_1", "branch5x5_2"], x.clone()),
            block.chain(&["branch3x3dbl_1", "branch3x3dbl_2", "branch3x3dbl_3"], x),
            pool,
        ];
        Tensor::cat(outputs, 1)
    }

    /// The step from 35x35 to 17x17 pixels.
    pub fn mixed_6a(&self, x: Tensor<4>) -> Tensor<4> {
        let block = self.block("Mixed_6a");
        let double = block.chain(&["branch3x3dbl_1", "branch3x3dbl_2"], x.clone());
        let outputs =
            vec![block.halve("branch3x3", x.clone()), block.halve("branch3x3dbl_3", double), max_pool(x, 2, 0)];
        Tensor::cat(outputs, 1)
    }

    /// A block of 17x17 pixels.
    pub fn mixed_6(&self, name: &str, x: Tensor<4>) -> Tensor<4> {
        let block = self.block(name);
        let pool = block.mean_of_neighbours("branch_pool", x.clone());
        let double = ["branch7x7dbl_1", "branch7x7dbl_2", "branch7x7dbl_3", "branch7x7dbl_4", "branch7x7dbl_5"];
        let outputs = vec![
            block.same("branch1x1", x.clone()),
            block.chain(&["branch7x7_1", "branch7x7_2", "branch7x7_3"], x.clone()),
            block.chain(&double, x),
            pool,
        ];
        Tensor::cat(outputs, 1)
    }

    /// The step from 17x17 to 8x8 pixels.
    pub fn mixed_7a(&self, x: Tensor<4>) -> Tensor<4> {
        let block = self.block("Mixed_7a");
        let seven = block.chain(&["branch7x7x3_1", "branch7x7x3_2", "branch7x7x3_3"], x.clone());
        let three = block.same("branch3x3_1", x.clone());
        let outputs = vec![block.halve("branch3x3_2", three), block.halve("branch7x7x3_4", seven), max_pool(x, 2, 0)];
        Tensor::cat(outputs, 1)
    }

    /// The first block of 8x8 pixels.
    pub fn mixed_7b(&self, x: Tensor<4>) -> Tensor<4> {
        let pool = self.block("Mixed_7b").mean_of_neighbours("branch_pool", x.clone());
        self.mixed_7("Mixed_7b", x, pool)
    }

    /// The second one, with a maximum where others have a mean, as in the community's network.
    pub fn mixed_7c(&self, x: Tensor<4>) -> Tensor<4> {
        let pool = self.block("Mixed_7c").same("branch_pool", max_pool(x.clone(), 1, 1));
        self.mixed_7("Mixed_7c", x, pool)
    }

    /// A block of 8x8 pixels, with its last branch.
    fn mixed_7(&self, name: &str, x: Tensor<4>, pool: Tensor<4>) -> Tensor<4> {
        let block = self.block(name);
        let three = block.same("branch3x3_1", x.clone());
        let double = block.chain(&["branch3x3dbl_1", "branch3x3dbl_2"], x.clone());
        let outputs = vec![
            block.same("branch1x1", x),
            block.same("branch3x3_2a", three.clone()),
            block.same("branch3x3_2b", three),
            block.same("branch3x3dbl_3a", double.clone()),
            block.same("branch3x3dbl_3b", double),
            pool,
        ];
        Tensor::cat(outputs, 1)
    }
}

impl Block<'_> {
    fn same(&self, name: &str, x: Tensor<4>) -> Tensor<4> {
        self.all.same(&format!("{}.{name}", self.name), x)
    }

    fn halve(&self, name: &str, x: Tensor<4>) -> Tensor<4> {
        self.all.valid(&format!("{}.{name}", self.name), x, 2)
    }

    fn mean_of_neighbours(&self, name: &str, x: Tensor<4>) -> Tensor<4> {
        self.all.mean_of_neighbours(&format!("{}.{name}", self.name), x)
    }

    fn chain(&self, names: &[&str], x: Tensor<4>) -> Tensor<4> {
        names.iter().fold(x, |x, name| self.same(name, x))
    }
}

/// The maximum of 3x3 pixels.
pub(super) fn max_pool(x: Tensor<4>, stride: usize, padding: usize) -> Tensor<4> {
    max_pool2d(x, MaxPoolOptions::new([3, 3]).with_stride([stride; 2]).with_padding([padding; 2]))
}

/// The mean of 3x3 pixels, without what is beyond the border.
fn mean_of_neighbours(x: Tensor<4>) -> Tensor<4> {
    avg_pool2d(x, AvgPoolOptions::new([3, 3]).with_stride([1, 1]).with_padding([1, 1]).with_count_include_pad(false))
}
