//! Size of an image.

/// Height and width of an image in pixels.
pub const SIZE: usize = 32;
/// Bytes of an image, `[3, SIZE, SIZE]`.
pub const IMAGE_BYTES: usize = 3 * SIZE * SIZE;
