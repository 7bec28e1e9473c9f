//! The operators that our files use, in plain loops from their definitions (<https://onnx.ai/onnx/operators/>).

use crate::tensor::Tensor;

/// `a` `[n, in]` times the transpose of `b` `[out, in]`, plus `c` `[out]`.
pub fn gemm(a: &Tensor, b: &Tensor, c: &Tensor) -> Tensor {
    let ([rows, inputs], [outputs, _]) = (a.dims2(), b.dims2());
    assert_eq!((b.dims2()[1], c.dims.as_slice()), (inputs, &[outputs][..]));
    let products = a.values.chunks_exact(inputs).flat_map(|row| {
        let columns = b.values.chunks_exact(inputs).zip(&c.values);
        columns.map(|(column, bias)| row.iter().zip(column).map(|(x, y)| x * y).sum::<f32>() + bias)
    });
    Tensor::new(&[rows, outputs], products.collect())
}

/// `a` `[n, in]` times `b` `[in, out]`.
pub fn matmul(a: &Tensor, b: &Tensor) -> Tensor {
    let ([rows, inputs], [depth, outputs]) = (a.dims2(), b.dims2());
    assert_eq!(inputs, depth);
    let element = |row: usize, column: usize| -> f32 {
        (0..inputs).map(|k| a.values[row * inputs + k] * b.values[k * outputs + column]).sum()
    };
    let elements = (0..rows).flat_map(|row| (0..outputs).map(move |column| element(row, column)));
    Tensor::new(&[rows, outputs], elements.collect())
}

/// A cross-correlation with zeros around the images.
pub fn conv(x: &Tensor, weight: &Tensor, bias: &Tensor, pad: usize, stride: usize) -> Tensor {
    let ([batch, inputs, height, width], [outputs, depth, size, _]) = (x.dims4(), weight.dims4());
    assert_eq!((depth, bias.dims.as_slice()), (inputs, &[outputs][..]));
    let padded = padded(x, pad);
    let (tall, wide) = (height + 2 * pad, width + 2 * pad);
    let [rows, columns] = [tall, wide].map(|side| (side - size) / stride + 1);
    let mut values = Vec::with_capacity(batch * outputs * rows * columns);
    for image in padded.values.chunks_exact(inputs * tall * wide) {
        for (kernel, &bias) in weight.values.chunks_exact(inputs * size * size).zip(&bias.values) {
            let mut sums = vec![bias; rows * columns];
            for (place, &factor) in kernel.iter().enumerate() {
                let (channel, i, j) = (place / (size * size), place / size % size, place % size);
                for (row, sums) in sums.chunks_exact_mut(columns).enumerate() {
                    let start = (channel * tall + row * stride + i) * wide + j;
                    let pixels = image[start..].iter().step_by(stride);
                    sums.iter_mut().zip(pixels).for_each(|(sum, pixel)| *sum += factor * pixel);
                }
            }
            values.extend(sums);
        }
    }
    Tensor::new(&[batch, outputs, rows, columns], values)
}

fn padded(x: &Tensor, pad: usize) -> Tensor {
    let [batch, channels, height, width] = x.dims4();
    let (tall, wide) = (height + 2 * pad, width + 2 * pad);
    let mut values = vec![0.0; batch * channels * tall * wide];
    for (line, row) in x.values.chunks_exact(width).enumerate() {
        let (plane, row_index) = (line / height, line % height);
        values[(plane * tall + row_index + pad) * wide + pad..][..width].copy_from_slice(row);
    }
    Tensor::new(&[batch, channels, tall, wide], values)
}

/// Each new pixel is the old one at or before its place, counted from the corner.
pub fn resize_nearest(x: &Tensor, scales: &Tensor) -> Tensor {
    resized(x, scales, |place, scale, _| (place as f32 / scale, 0.0))
}

/// Each new pixel's middle lies between the middles of old pixels; outside, the border goes on.
pub fn resize_linear(x: &Tensor, scales: &Tensor) -> Tensor {
    resized(x, scales, |place, scale, length| {
        let original = ((place as f32 + 0.5) / scale - 0.5).clamp(0.0, (length - 1) as f32);
        (original, original.fract())
    })
}

/// Resizes height and width. `source` has the place of a new pixel, the scale and the old length; it returns a place
/// whose whole part is an old pixel, and the share of the one after that.
fn resized(x: &Tensor, scales: &Tensor, source: impl Fn(usize, f32, usize) -> (f32, f32)) -> Tensor {
    let [batch, channels, height, width] = x.dims4();
    let &[1.0, 1.0, down, across] = scales.values.as_slice() else { panic!("batch and channels stay") };
    let (tall, wide) = ((height as f32 * down) as usize, (width as f32 * across) as usize);
    let neighbours = |place, scale, length| {
        let (original, share) = source(place, scale, length);
        let first = original as usize;
        [(first, 1.0 - share), ((first + 1).min(length - 1), share)]
    };
    let mut values = Vec::with_capacity(batch * channels * tall * wide);
    for plane in x.values.chunks_exact(height * width) {
        for row in 0..tall {
            for column in 0..wide {
                let corners = neighbours(row, down, height).into_iter().flat_map(|(i, above)| {
                    let across = neighbours(column, across, width);
                    across.map(|(j, beside)| above * beside * plane[i * width + j])
                });
                values.push(corners.sum());
            }
        }
    }
    Tensor::new(&[batch, channels, tall, wide], values)
}

/// Means of squares of 2x2.
pub fn average_pool(x: &Tensor) -> Tensor {
    let [batch, channels, height, width] = x.dims4();
    let (rows, columns) = (height / 2, width / 2);
    let mut values = Vec::with_capacity(batch * channels * rows * columns);
    for plane in x.values.chunks_exact(height * width) {
        for (row, column) in (0..rows).flat_map(|row| (0..columns).map(move |column| (row, column))) {
            let at = |i: usize, j: usize| plane[(2 * row + i) * width + 2 * column + j];
            values.push((at(0, 0) + at(0, 1) + at(1, 0) + at(1, 1)) / 4.0);
        }
    }
    Tensor::new(&[batch, channels, rows, columns], values)
}

/// Sums over height and width.
pub fn sum_positions(x: &Tensor) -> Tensor {
    let [batch, channels, height, width] = x.dims4();
    Tensor::new(&[batch, channels], x.values.chunks_exact(height * width).map(|plane| plane.iter().sum()).collect())
}

/// Another shape: 0 keeps a size, -1 is what is left.
pub fn reshape(x: &Tensor, shape: &Tensor) -> Tensor {
    let kept = shape.values.iter().enumerate();
    let mut dims: Vec<i64> =
        kept.map(|(axis, &size)| if size == 0.0 { x.dims[axis] as i64 } else { size as i64 }).collect();
    let known: i64 = dims.iter().filter(|size| **size > 0).product();
    dims.iter_mut().filter(|size| **size < 0).for_each(|size| *size = x.values.len() as i64 / known);
    Tensor::new(&dims.iter().map(|&size| size as usize).collect::<Vec<_>>(), x.values.clone())
}

/// A function of pairs; axes of size 1 are repeated.
pub fn elementwise(a: &Tensor, b: &Tensor, of: impl Fn(f32, f32) -> f32) -> Tensor {
    assert_eq!(a.dims.len(), b.dims.len());
    let dims: Vec<usize> = a.dims.iter().zip(&b.dims).map(|(&a, &b)| a.max(b)).collect();
    let at = |tensor: &Tensor, index: usize| {
        let (mut rest, mut place, mut stride) = (index, 0, 1);
        for (&size, &own) in dims.iter().zip(&tensor.dims).rev() {
            assert!(own == size || own == 1, "{:?} and {dims:?}", tensor.dims);
            place += rest % size % own * stride;
            (rest, stride) = (rest / size, stride * own);
        }
        tensor.values[place]
    };
    let count = dims.iter().product();
    Tensor::new(&dims, (0..count).map(|index| of(at(a, index), at(b, index))).collect())
}

/// Rows of logits to probabilities.
pub fn softmax(x: &Tensor) -> Tensor {
    let [_, labels] = x.dims2();
    let rows = x.values.chunks_exact(labels).flat_map(|row| {
        let highest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let powers: Vec<f64> = row.iter().map(|x| f64::from(x - highest).exp()).collect();
        let total: f64 = powers.iter().sum();
        powers.into_iter().map(move |power| (power / total) as f32)
    });
    Tensor::new(&x.dims, rows.collect())
}
