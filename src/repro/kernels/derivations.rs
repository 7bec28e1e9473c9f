//! Why the budgets are what they are. `u` is 2^-24, half a unit in the last place of 1.

use std::collections::BTreeMap;

/// A sum of `n` products that is computed in f32 in any order is off by at most `2 n u` times the sum of the products'
/// sizes (Higham 2002, section 3.1); with independent roundings it is typically a few times `sqrt(n) u` times their
/// root mean square.
const SUMS: &str = "in any order, each product and each sum rounds once (u = 2^-24). Independent roundings of n \
                    products add up to about sqrt(n) u, which is 3e-6 for n = 2,400; of the largest result, which is \
                    larger than a typical product, that is a third of the budget.";

/// The derivation of every operation's budget.
pub fn all() -> BTreeMap<String, String> {
    let sums_of = |what: &str| format!("Sums of {what}: {SUMS}");
    let exponentials = "Sums over a batch or over labels, as for products; exponentials and logarithms of WGSL are \
                        only guaranteed to 3 + 2 |x| and 3 units in the last place, which is 2e-6 for the \
                        differences of logits that matter.";
    let entries = [
        (
            "adam",
            "Five updates. A moment rounds up to four times per update (u = 2^-24), so at most 5 * 4 * u = 1.2e-6 in \
             all. A parameter moves by at most 0.01 per update here, so the quotient and the root, which WGSL allows \
             2.5 units in the last place, count for a hundredth of that."
                .to_owned(),
        ),
        ("add_enlarged", "Sums of up to sixteen products with exact weights: at most 16 u = 1e-6.".to_owned()),
        ("average", "Two products and a sum: at most 3 u = 1.8e-7; the budget is that of adam.".to_owned()),
        ("batch", "Integers and one exact multiplication: the bits must be those of the definition.".to_owned()),
        (
            "batch_norm_relu",
            "Means over a channel, summed in parts: about sqrt(n) u = 4e-6 for n = 4,096. The output and its gradients \
             multiply that by the condition of the normalisation, the size of the input over its deviation."
                .to_owned(),
        ),
        ("conv2d", sums_of("up to a few thousand products")),
        ("cross_entropy", exponentials.to_owned()),
        (
            "diff_augment",
            "A mean over some thousand numbers, about sqrt(3,072) u = 3.3e-6, and a few products.".to_owned(),
        ),
        ("dropout", "Integers decide: the bits must be those of the definition.".to_owned()),
        ("hinge_discriminator", "A mean over at most some hundred scores: about sqrt(512) u = 1.4e-6.".to_owned()),
        ("hinge_generator", "A mean over at most some hundred scores: about sqrt(512) u = 1.4e-6.".to_owned()),
        ("leaky_relu", "One product: half a unit in the last place, u = 6e-8.".to_owned()),
        ("linear", sums_of("up to a thousand products")),
        ("pack", "Copies: the bits must be those of the tensors, with zeros between them.".to_owned()),
        (
            "power_iteration",
            format!("Two products with a matrix, divided by their lengths. {}", sums_of("some hundred products")),
        ),
        ("projection", sums_of("a thousand features, each times a sum over the labels")),
        ("self_label", exponentials.to_owned()),
        (
            "spectral_norm",
            format!("A form of two unit vectors, and a quotient. {}", sums_of("up to a few thousand products")),
        ),
        (
            "tanh",
            "A rational function that is within 4e-7 of the exact one everywhere; the error doubles in the slope, \
             (1 - y) (1 + y), and some roundings are added."
                .to_owned(),
        ),
        ("trusted_cross_entropy", exponentials.to_owned()),
    ];
    entries.into_iter().map(|(operation, derivation)| (operation.to_owned(), derivation)).collect()
}
