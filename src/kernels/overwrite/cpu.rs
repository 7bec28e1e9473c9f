//! On the CPU, nothing has a fixed place.

use burn::backend::Flex;
use burn::backend::flex::FlexTensor;

use crate::kernels::launch::Launch;
use crate::kernels::overwrite::OverwriteOps;
use crate::kernels::pack::Tensors;

impl OverwriteOps for Flex {
    fn overwrite(_: Tensors<Self>, Tensors(values): Tensors<Self>, _: Launch) -> Vec<FlexTensor> {
        values
    }
}
