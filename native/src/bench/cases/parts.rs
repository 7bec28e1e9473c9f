//! Kernels that are only a part of an operation, launched alone on a GPU.

use burn::backend::tensor::FloatTensor;
use burn::backend::wgpu::CubeBackend;
use burn::tensor::Tensor;
use slgan::kernels::launch::Launch;
use slgan::kernels::shader::Shader;
use slgan::kernels::variants;
use slgan_stock::{Convolution, ops};

use super::bench::{Bench, Case, Prepare, forward};

/// A tensor in the form that kernels take.
type Buffer = FloatTensor<CubeBackend>;

fn buffer<const D: usize>(tensor: &Tensor<D>) -> Buffer {
    tensor.clone().try_into_primitive::<CubeBackend>().expect("the device is a GPU")
}

/// The next place where a tensor may start in a buffer that it shares with others.
fn aligned(elements: usize) -> usize {
    elements.next_multiple_of(64)
}

/// A launch of a kernel of `shaders/`, with buffers to read and fresh buffers to write.
fn launch(
    name: &str,
    constants: &[(&'static str, usize)],
    grid: [usize; 3],
    inputs: Vec<Buffer>,
    outputs: Vec<Vec<usize>>,
) -> Prepare {
    let shader = variants().into_iter().find(|shader| shader.name() == name).expect("every kernel has variants");
    let shader: Shader = shader.with(constants);
    forward(move || {
        let results: Vec<Buffer> =
            outputs.iter().map(|shape| Launch::default().output(&inputs[0], shape.clone())).collect();
        let buffers: Vec<&Buffer> = inputs.iter().chain(&results).collect();
        shader.clone().launch(grid, &buffers, &[]);
        results
    })
}

impl Bench {
    pub fn parts(&self) -> Vec<Case> {
        let mut cases = self.enlarging_parts();
        cases.extend([self.weight_sum(), self.image_sum(), self.image_mean()]);
        cases
    }

    /// Parts of the widest enlarging convolution. Stock enlarges instead, so composed operations replace its parts.
    fn enlarging_parts(&self) -> Vec<Case> {
        let enlarging = self.sizes.convolutions(self.batch).into_iter().filter(|each| each.enlarge);
        let widest = enlarging.max_by_key(|each| each.weight[0] * each.weight[1]).expect("every generator has one");
        let Convolution { x: [batch, _, height, width], weight: weight @ [outputs, inputs, size, _], .. } = widest;
        let sizes = [("INPUTS", inputs), ("OUTPUTS", outputs), ("KERNEL", size)];
        let wide = [inputs, outputs, size + 1, size + 1];
        let large = [batch, outputs, 2 * height, 2 * width];
        let (factors, folded, gradient) = (self.draw(weight), self.draw(wide), self.draw(large));
        // Memory as the kernel reads it: the sums of one slice, with those of another bias, and the channels' sums.
        let [slice, channel_sums] =
            [aligned(inputs) + aligned(wide.iter().product()), outputs].map(|count| self.draw([count]));
        let [narrow_count, wide_count, count] = [weight, wide, large].map(|shape| shape.iter().product::<usize>());
        let moved = narrow_count + wide_count;
        let fold = launch(
            "conv2d_fold",
            &sizes,
            Launch::default().elementwise(wide_count),
            vec![buffer(&factors)],
            vec![wide.to_vec()],
        );
        let unfold = launch(
            "conv2d_unfold",
            &[&sizes[..], &[("SLICES", 1), ("SHARES", 1)]].concat(),
            Launch::default().elementwise(narrow_count),
            vec![buffer(&slice), buffer(&channel_sums)],
            vec![vec![aligned(outputs) + narrow_count]],
        );
        let channels = [("BATCH", batch), ("CHANNELS", outputs), ("PLANE", 4 * height * width)];
        let sum =
            launch("conv2d_channel_sum", &channels, [outputs, 1, 1], vec![buffer(&gradient)], vec![vec![outputs]]);
        vec![
            self.case(
                "conv2d_fold",
                weight,
                [4 * wide_count, moved],
                fold,
                forward(move || ops::fold(factors.clone())),
            ),
            self.case(
                "conv2d_unfold",
                weight,
                [4 * wide_count, moved],
                unfold,
                forward(move || ops::unfold(folded.clone())),
            ),
            self.case(
                "conv2d_channel_sum",
                large,
                [count, count],
                sum,
                forward(move || ops::channel_sum(gradient.clone())),
            ),
        ]
    }

    /// Sums the slices of the last convolution's weight gradient; there are as many as in its launch.
    fn weight_sum(&self) -> Case {
        const INVOCATIONS: usize = 8_192;
        let last = self.sizes.convolutions(self.batch).pop().expect("every network has one");
        let Convolution { x: [batch, _, height, width], weight: [outputs, inputs, size, _], stride, .. } = last;
        let columns = inputs * size * size + 1;
        let numbers = aligned(outputs) + aligned(outputs * (columns - 1));
        let pixels = batch * height.div_ceil(stride) * width.div_ceil(stride);
        let tiles = outputs.div_ceil(16) * columns.div_ceil(8);
        let slices = (INVOCATIONS / tiles).min(pixels / 64).max(1);
        let shares = self.draw([slices, numbers]);
        let sizes = [("SLICES", slices), ("COUNT", numbers)];
        let grid = Launch::default().elementwise(numbers);
        let ours = launch("conv2d_weight_sum", &sizes, grid, vec![buffer(&shares)], vec![vec![numbers]]);
        let count = slices * numbers;
        let stock = forward(move || shares.clone().sum_dim(0));
        self.case("conv2d_weight_sum", [slices, numbers], [count, count + numbers], ours, stock)
    }

    /// The gradients of batch normalisation's scale and shift: sums of gradients per image.
    fn image_sum(&self) -> Case {
        let shape = [2, self.batch, self.last_width()];
        let count = shape.iter().product::<usize>();
        let by_image = self.draw(shape);
        let [_, batch, channels] = shape;
        let sizes = [("BATCH", batch), ("CHANNELS", channels), ("ROWS", 1)];
        let (grid, results) = (Launch::default().elementwise(channels), vec![vec![channels]; 2]);
        let ours = launch("batch_norm_image_sum", &sizes, grid, vec![buffer(&by_image)], results);
        let stock = forward(move || by_image.clone().sum_dim(1));
        self.case("batch_norm_image_sum", shape, [count, count], ours, stock)
    }

    /// The mean per image, for DiffAugment's contrast.
    fn image_mean(&self) -> Case {
        let shape @ [batch, channels, size, _] = self.seen();
        let count = shape.iter().product::<usize>();
        let images = self.draw(shape);
        // The kernel reads the parameters only to mask cut-out squares; MASKED is 0 here.
        let parameters = self.draw([batch, slgan::kernels::diff_augment::PARAMETERS]);
        let sizes = [("BATCH", batch), ("CHANNELS", channels), ("SIZE", size), ("MASKED", 0)];
        let [columns, rows] = Launch::default().spread(batch);
        let inputs = vec![buffer(&images), buffer(&parameters)];
        let ours = launch("diff_augment_mean", &sizes, [columns, rows, 1], inputs, vec![vec![batch]]);
        self.case("diff_augment_mean", shape, [count, count], ours, forward(move || ops::image_mean(images.clone())))
    }
}
