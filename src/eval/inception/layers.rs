//! The convolutions of the network, with the names that PyTorch's files give them.

/// A convolution: its name, and the shape of its weights `[out, in, height, width]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LayerShape {
    /// Such as `Mixed_5b.branch1x1`.
    pub name: String,
    /// `[out, in, height, width]`.
    pub shape: [usize; 4],
}

/// All convolutions, in the order of the network (Szegedy et al. 2016, arXiv 1512.00567, as TensorFlow's file has them).
pub fn layers() -> Vec<LayerShape> {
    let mut layers = Layers(Vec::new());
    layers.add("", "Conv2d_1a_3x3", [32, 3, 3, 3]);
    layers.add("", "Conv2d_2a_3x3", [32, 32, 3, 3]);
    layers.add("", "Conv2d_2b_3x3", [64, 32, 3, 3]);
    layers.add("", "Conv2d_3b_1x1", [80, 64, 1, 1]);
    layers.add("", "Conv2d_4a_3x3", [192, 80, 3, 3]);
    for (name, input, pool) in [("Mixed_5b", 192, 32), ("Mixed_5c", 256, 64), ("Mixed_5d", 288, 64)] {
        layers.add(name, "branch1x1", [64, input, 1, 1]);
        layers.add(name, "branch5x5_1", [48, input, 1, 1]);
        layers.add(name, "branch5x5_2", [64, 48, 5, 5]);
        layers.add(name, "branch3x3dbl_1", [64, input, 1, 1]);
        layers.add(name, "branch3x3dbl_2", [96, 64, 3, 3]);
        layers.add(name, "branch3x3dbl_3", [96, 96, 3, 3]);
        layers.add(name, "branch_pool", [pool, input, 1, 1]);
    }
    layers.add("Mixed_6a", "branch3x3", [384, 288, 3, 3]);
    layers.add("Mixed_6a", "branch3x3dbl_1", [64, 288, 1, 1]);
    layers.add("Mixed_6a", "branch3x3dbl_2", [96, 64, 3, 3]);
    layers.add("Mixed_6a", "branch3x3dbl_3", [96, 96, 3, 3]);
    for (name, inner) in [("Mixed_6b", 128), ("Mixed_6c", 160), ("Mixed_6d", 160), ("Mixed_6e", 192)] {
        layers.seven(name, inner);
    }
    layers.add("Mixed_7a", "branch3x3_1", [192, 768, 1, 1]);
    layers.add("Mixed_7a", "branch3x3_2", [320, 192, 3, 3]);
    layers.add("Mixed_7a", "branch7x7x3_1", [192, 768, 1, 1]);
    layers.add("Mixed_7a", "branch7x7x3_2", [192, 192, 1, 7]);
    layers.add("Mixed_7a", "branch7x7x3_3", [192, 192, 7, 1]);
    layers.add("Mixed_7a", "branch7x7x3_4", [192, 192, 3, 3]);
    for (name, input) in [("Mixed_7b", 1280), ("Mixed_7c", 2048)] {
        layers.last(name, input);
    }
    layers.0
}

struct Layers(Vec<LayerShape>);

impl Layers {
    fn add(&mut self, block: &str, name: &str, shape: [usize; 4]) {
        let name = if block.is_empty() { name.to_owned() } else { format!("{block}.{name}") };
        self.0.push(LayerShape { name, shape });
    }

    fn seven(&mut self, name: &str, inner: usize) {
        self.add(name, "branch1x1", [192, 768, 1, 1]);
        self.add(name, "branch7x7_1", [inner, 768, 1, 1]);
        self.add(name, "branch7x7_2", [inner, inner, 1, 7]);
        self.add(name, "branch7x7_3", [192, inner, 7, 1]);
        self.add(name, "branch7x7dbl_1", [inner, 768, 1, 1]);
        self.add(name, "branch7x7dbl_2", [inner, inner, 7, 1]);
        self.add(name, "branch7x7dbl_3", [inner, inner, 1, 7]);
        self.add(name, "branch7x7dbl_4", [inner, inner, 7, 1]);
        self.add(name, "branch7x7dbl_5", [192, inner, 1, 7]);
        self.add(name, "branch_pool", [192, 768, 1, 1]);
    }

    fn last(&mut self, name: &str, input: usize) {
        self.add(name, "branch1x1", [320, input, 1, 1]);
        self.add(name, "branch3x3_1", [384, input, 1, 1]);
        self.add(name, "branch3x3_2a", [384, 384, 1, 3]);
        self.add(name, "branch3x3_2b", [384, 384, 3, 1]);
        self.add(name, "branch3x3dbl_1", [448, input, 1, 1]);
        self.add(name, "branch3x3dbl_2", [384, 448, 3, 3]);
        self.add(name, "branch3x3dbl_3a", [384, 384, 1, 3]);
        self.add(name, "branch3x3dbl_3b", [384, 384, 3, 1]);
        self.add(name, "branch_pool", [192, input, 1, 1]);
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn there_are_94_layers_with_names_of_their_own() {
        let names: BTreeSet<String> = layers().into_iter().map(|layer| layer.name).collect();
        assert_eq!((layers().len(), names.len()), (94, 94));
    }
}
