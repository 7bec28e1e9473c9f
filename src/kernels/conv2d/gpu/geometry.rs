//! The sizes of a convolution.
//!
//! A convolution of an enlarged image is a transposed convolution of the small image, with stride 2 and a kernel one
//! larger. So nothing is enlarged, and a 3x3 kernel takes four multiplications per pixel instead of nine.

use crate::kernels::conv2d::ConvShape;
use crate::kernels::shader::Shader;

/// The sizes of a plain convolution from `[batch, inputs, input]` to `[batch, outputs, output]`.
#[derive(Debug, Clone, Copy)]
pub struct Geometry {
    pub batch: usize,
    pub inputs: usize,
    pub input: [usize; 2],
    pub outputs: usize,
    pub output: [usize; 2],
    pub kernel: usize,
    pub stride: usize,
    pub padding: usize,
}

impl Geometry {
    /// The sizes of a convolution; for an enlarging one, of the convolution whose transpose it is.
    pub fn new(x: [usize; 4], weight: [usize; 4], ConvShape { stride, enlarge }: ConvShape) -> Self {
        let [batch, inputs, height, width] = x;
        let [outputs, _, kernel, _] = weight;
        let padding = (kernel - 1) / 2;
        let small = [height, width];
        if enlarge {
            let large = small.map(|side| 2 * side);
            let (inputs, outputs) = (outputs, inputs);
            Self { batch, inputs, input: large, outputs, output: small, kernel: kernel + 1, stride: 2, padding }
        } else {
            let output = small.map(|side| (side + 2 * padding - kernel) / stride + 1);
            Self { batch, inputs, input: small, outputs, output, kernel, stride, padding }
        }
    }

    /// A kernel with these sizes.
    pub fn sized(&self, shader: Shader) -> Shader {
        shader.with(&[
            ("BATCH", self.batch),
            ("INPUTS", self.inputs),
            ("IN_HEIGHT", self.input[0]),
            ("IN_WIDTH", self.input[1]),
            ("OUTPUTS", self.outputs),
            ("OUT_HEIGHT", self.output[0]),
            ("OUT_WIDTH", self.output[1]),
            ("KERNEL", self.kernel),
            ("STRIDE", self.stride),
            ("PADDING", self.padding),
        ])
    }

    /// The shape of the input.
    pub fn x_dims(&self) -> [usize; 4] {
        [self.batch, self.inputs, self.input[0], self.input[1]]
    }

    /// The shape of the output.
    pub fn y_dims(&self) -> [usize; 4] {
        [self.batch, self.outputs, self.output[0], self.output[1]]
    }

    /// Pixels of the output, in all images.
    pub fn pixels(&self) -> usize {
        self.batch * self.output[0] * self.output[1]
    }

    /// Elements of a kernel.
    pub fn taps(&self) -> usize {
        self.kernel * self.kernel
    }

    /// Multiply-adds of each of the three kernels.
    pub fn multiply_adds(&self) -> u64 {
        [self.pixels(), self.outputs, self.inputs, self.taps()].map(|size| size as u64).iter().product()
    }

    /// Groups of pixels of the input that leave the same remainders when divided by the stride.
    pub fn phases(&self) -> usize {
        self.stride * self.stride
    }

    /// Most pixels of a phase, in all images.
    pub fn phase_pixels(&self) -> usize {
        self.input.iter().map(|side| side.div_ceil(self.stride)).product::<usize>() * self.batch
    }

    /// Columns of the gradient of the weights, and one for the bias.
    pub fn columns(&self) -> usize {
        self.inputs * self.taps() + 1
    }
}
