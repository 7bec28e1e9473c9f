// Images from bytes. A kernel declares SIZE.

// The element of an image that becomes element `at`.
fn source(at: u32, mirrored: bool) -> u32 {
    let column = at % SIZE;
    return select(at, at - column + SIZE - 1u - column, mirrored);
}

// b / 127.5 - 1, rounded after the division and after the subtraction, and so to a multiple of 2^-24. A GPU's division
// may round differently, so this uses integers: in units of 2^-24, the quotient is 131586 b + b / 127.5, and the second
// term rounds to 0, 1 or 2. In the upper half, which is rounded to multiples of 2^-23, it rounds to 2.
fn scaled(byte: u32) -> f32 {
    let quotient = 131586u * byte + select(0u, 1u, byte >= 64u) + select(0u, 1u, byte >= 128u);
    return f32(i32(quotient) - 16777216) * 5.9604644775390625e-8;
}
