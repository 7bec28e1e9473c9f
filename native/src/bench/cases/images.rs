//! DiffAugment, and batches from bytes.

use burn::tensor::{Tensor, TensorData};
use slgan::data::glyphs;
use slgan::kernels::batch::{DeviceImages, Residence, assemble};
use slgan::kernels::diff_augment::{Augmentation, Policy};
use slgan::kernels::launch::Launch;
use slgan::rng::{Purpose, stream};
use slgan_stock::{Shift, Sizes};

use super::bench::{Bench, Case, backward, forward, lifted};

impl Bench {
    pub fn images(&self) -> Vec<Case> {
        let mut cases = self.augmentation();
        cases.push(self.assembly());
        cases
    }

    /// The shape of the discriminator's input.
    pub fn seen(&self) -> [usize; 4] {
        let Sizes { channels, image_size, .. } = self.sizes;
        [2 * self.batch, channels, image_size, image_size]
    }

    fn augmentation(&self) -> Vec<Case> {
        let shape @ [batch, _, size, _] = self.seen();
        let count = shape.iter().product::<usize>();
        let policy = Policy { color: true, translation: true, cutout: true };
        let draws = &mut stream(0, Purpose::Test, 0);
        let changes = Augmentation::draw(policy, batch, size, draws, &self.device);
        let stock_changes = self.stock_augmentation();
        let (x, y) = (self.draw(shape), self.draw(shape));
        let ours = move || changes.apply(lifted(&x, true));
        let stock = move || stock_changes.apply(lifted(&y, true));
        let (changed, stock_changed) = (forward(ours.clone()), forward(stock.clone()));
        let work = [10 * count, 2 * count];
        vec![
            self.case("diff_augment", shape, work, changed, stock_changed),
            self.case("diff_augment_gradient", shape, work, backward(ours), backward(stock)),
        ]
    }

    /// Changes of the same kinds; times do not depend on their values.
    fn stock_augmentation(&self) -> slgan_stock::Augmentation {
        let [batch, _, size, _] = self.seen();
        let reach = Shift::reach(size) as i32;
        let shifts: Vec<i32> = (0..2 * batch as i32).map(|number| number % (2 * reach + 1) - reach).collect();
        let half = size / 2;
        let [cut, kept] = [half, size - half].map(|rows| Tensor::<4>::ones([batch, 1, rows, size], &self.device));
        slgan_stock::Augmentation {
            colors: [(); 3].map(|()| self.draw([batch, 1, 1, 1])),
            shifts: Tensor::from_data(TensorData::new(shifts, [batch, 2]), &self.device),
            kept: Tensor::cat(vec![cut * 0.0, kept], 2),
            shift: Shift::new(size, &self.device),
        }
    }

    /// Stock uploads batches that the host assembles; so do we if the device is the host.
    fn assembly(&self) -> Case {
        let shape @ [batch, ..] = self.seen();
        let count = shape.iter().product::<usize>();
        let images = glyphs::split(0..1_000).images;
        let resident = DeviceImages::new(&images, Residence::default(), &self.device);
        let (indices, flips): (Vec<u32>, Vec<bool>) = ((0..batch as u32).collect(), vec![false; batch]);
        let (device, launch) = (self.device.clone(), Launch::of(self.class));
        let (stock_indices, stock_flips) = (indices.clone(), flips.clone());
        let on_host = move || assemble(&images, &stock_indices, &stock_flips, &device);
        let stock = forward(on_host.clone());
        let ours = match resident {
            Some(resident) => forward(move || resident.assemble_with(&indices, &flips, launch)),
            None => forward(on_host),
        };
        self.case("batch", shape, [count, count + count / 4], ours, stock)
    }
}
