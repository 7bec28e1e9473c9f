//! Convolution of an enlarged image, without enlarging it.
//!
//! On an image whose pixels are 2x2 squares, neighbouring taps of a kernel read the same pixel. Outputs in even and odd
//! rows and columns differ in which taps those are, so there are four phases, each an ordinary convolution of the small
//! image with a smaller kernel: for a 3x3 kernel, four times 2x2 instead of 3x3 on four times the pixels. An image that
//! is not enlarged has one phase, which is the convolution itself.

use burn::backend::flex::FlexTensor;

use super::window::Window;

/// A convolution as one phase, or as four.
pub struct Phases {
    /// Images.
    pub batch: usize,
    /// Channels of the output.
    pub outputs: usize,
    /// Size of an output plane.
    pub output: [usize; 2],
    /// Each phase.
    pub phases: Vec<Phase>,
    /// Phases along an axis: 1 or 2.
    scale: usize,
    kernel: usize,
    inputs: usize,
    input: [usize; 2],
}

/// The outputs whose row and column leave the same remainders.
pub struct Phase {
    /// The remainders, (down, right).
    pub remainder: [usize; 2],
    /// What it reads of the small image.
    pub window: Window,
    /// The row and the column of the phase's kernel that each row and column of the whole kernel is added to.
    folds: [Vec<usize>; 2],
}

impl Phases {
    /// The phases of a convolution of `x` `[batch, in, height, width]` with `weight` `[out, in, size, size]`.
    ///
    /// # Panics
    /// If channels do not match, or an enlarging kernel has an even size.
    pub fn new(x: &FlexTensor, weight: &FlexTensor, stride: usize, enlarge: bool) -> Self {
        let [batch, inputs, height, width] = x.layout().shape().dims();
        let [outputs, weight_inputs, kernel, _] = weight.layout().shape().dims();
        assert_eq!(inputs, weight_inputs, "conv2d: the input's channels and the weight's must match");
        assert!(!enlarge || kernel % 2 == 1 && stride == 1, "conv2d: an enlarging kernel is of odd size and stride 1");
        let scale = if enlarge { 2 } else { 1 };
        let padding = (kernel - 1) / 2;
        let input = [height, width];
        let output = input.map(|side| (scale * side + 2 * padding - kernel) / stride + 1);
        let mut phases = Self { batch, outputs, output, phases: Vec::new(), scale, kernel, inputs, input };
        for down in 0..scale {
            for right in 0..scale {
                let phase = phases.phase([down, right], stride);
                phases.phases.push(phase);
            }
        }
        phases
    }

    fn phase(&self, remainder: [usize; 2], stride: usize) -> Phase {
        let axes = remainder.map(|remainder| self.fold(remainder));
        let size = [&axes[0], &axes[1]].map(|(folds, _)| folds[self.kernel - 1] + 1);
        let output = self.output.map(|side| side / self.scale);
        let window = Window::new(self.inputs, self.input, size, [axes[0].1, axes[1].1], stride, output);
        Phase { remainder, window, folds: axes.map(|(folds, _)| folds) }
    }

    /// Where each tap along an axis goes in the phase's kernel, and how many zeros that kernel reads before the image.
    fn fold(&self, remainder: usize) -> (Vec<usize>, usize) {
        let padding = (self.kernel - 1) / 2;
        // The pixel that a tap reads, counted from the output's own, plus `zeros` so that it is never below 0.
        let zeros = padding.div_ceil(self.scale);
        let pixel = |tap: usize| (remainder + tap + zeros * self.scale - padding) / self.scale;
        let first = pixel(0);
        ((0..self.kernel).map(|tap| pixel(tap) - first).collect(), zeros - first)
    }

    /// Numbers of a stored input image.
    pub fn input_len(&self) -> usize {
        self.inputs * self.input[0] * self.input[1]
    }

    /// Numbers of an output image.
    pub fn output_len(&self) -> usize {
        self.outputs * self.output[0] * self.output[1]
    }

    /// Whether there is only the convolution itself.
    pub fn is_plain(&self) -> bool {
        self.scale == 1
    }

    /// Copies between an output image and a phase's share of it, `[outputs, positions]`: `each(whole, share)` for
    /// corresponding numbers.
    pub fn share(&self, phase: &Phase, mut each: impl FnMut(usize, usize)) {
        let [height, width] = phase.window.output;
        for row in 0..self.outputs * height {
            let (plane, y) = (row / height, row % height);
            let large_row = (plane * self.output[0] + y * self.scale + phase.remainder[0]) * self.output[1];
            for x in 0..width {
                each(large_row + x * self.scale + phase.remainder[1], row * width + x);
            }
        }
    }

    /// The phase's kernel, `[outputs, patch_len]`, from the whole one.
    pub fn folded(&self, phase: &Phase, weight: &[f32]) -> Vec<f32> {
        let mut folded = vec![0.0; self.outputs * phase.window.patch_len()];
        self.each_tap(phase, |whole, part| folded[part] += weight[whole]);
        folded
    }

    /// Adds the gradient of the phase's kernel to that of the whole one.
    pub fn unfold(&self, phase: &Phase, gradient: &[f32], weight_gradient: &mut [f32]) {
        self.each_tap(phase, |whole, part| weight_gradient[whole] += gradient[part]);
    }

    fn each_tap(&self, phase: &Phase, mut each: impl FnMut(usize, usize)) {
        let [rows, columns] = phase.window.size;
        for pair in 0..self.outputs * self.inputs {
            for (y, &to_y) in phase.folds[0].iter().enumerate() {
                for (x, &to_x) in phase.folds[1].iter().enumerate() {
                    each((pair * self.kernel + y) * self.kernel + x, (pair * rows + to_y) * columns + to_x);
                }
            }
        }
    }
}
