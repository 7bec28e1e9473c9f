//! A convolution of stride 1 seen from its output.
//!
//! Each pixel of the input, which may stand for a 2x2 square, adds to a window of outputs. So the gradient of the input
//! is itself a convolution of the output's gradient. Its stride is the side of the square, and its kernel is the mirror
//! image, in which each element counts for every pixel of the square.

/// Maps between the kernel of a convolution, `[outputs, inputs, size, size]`, and the kernel from its output to its
/// input, `[inputs, outputs, size + scale - 1, size + scale - 1]`.
#[derive(Debug)]
pub struct Mirror {
    /// Channels of the convolution's output.
    pub outputs: usize,
    /// Channels of its input.
    pub inputs: usize,
    /// Side of its kernel.
    pub size: usize,
    /// Side of the square that an input pixel stands for.
    pub scale: usize,
}

impl Mirror {
    /// Side of the mirrored kernel.
    pub fn mirrored_size(&self) -> usize {
        self.size + self.scale - 1
    }

    /// The mirrored kernel.
    pub fn mirrored(&self, kernel: &[f32]) -> Vec<f32> {
        let mut mirrored = vec![0.0; self.outputs * self.inputs * self.mirrored_size().pow(2)];
        self.each_pair(|at, mirrored_at| mirrored[mirrored_at] += kernel[at]);
        mirrored
    }

    /// The gradient of the kernel from the gradient of the mirrored one.
    pub fn kernel_gradient(&self, mirrored: &[f32]) -> Vec<f32> {
        let mut gradient = vec![0.0; self.outputs * self.inputs * self.size.pow(2)];
        self.each_pair(|at, mirrored_at| gradient[at] += mirrored[mirrored_at]);
        gradient
    }

    /// Calls `each` with the position of each element of the kernel, and each position in the mirrored kernel that it
    /// counts for.
    fn each_pair(&self, mut each: impl FnMut(usize, usize)) {
        let (size, mirrored_size) = (self.size, self.mirrored_size());
        for pair in 0..self.outputs * self.inputs {
            let (output, input) = (pair / self.inputs, pair % self.inputs);
            let first = (input * self.outputs + output) * mirrored_size * mirrored_size;
            for tap in 0..size * size {
                let (row, column) = (size - 1 - tap / size, size - 1 - tap % size);
                for pixel in 0..self.scale * self.scale {
                    let (down, right) = (pixel / self.scale, pixel % self.scale);
                    each(pair * size * size + tap, first + (row + down) * mirrored_size + column + right);
                }
            }
        }
    }
}
