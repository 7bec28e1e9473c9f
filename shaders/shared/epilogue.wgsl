// What a convolution does with each sum before it writes it. A kernel declares HEIGHT and WIDTH, the size of the
// result, and binds `other`, which is only read if EPILOGUE is above 1.

const EPILOGUE: u32 = 0u;
const SLOPE: f32 = 0.2;
const NEAR: f32 = 0.75;
const FAR: f32 = 0.25;

// A sum as it is written. If EPILOGUE is 1, behind a leaky ReLU. If it is 2, times the slope of the leaky ReLU whose
// value lies at the same place of `other`. From 3 on, plus what `other` adds.
fn finished(sum: f32, at: u32) -> f32 {
    if (EPILOGUE == 1u) {
        return select(SLOPE * sum, sum, sum > 0.0);
    }
    if (EPILOGUE == 2u) {
        return select(SLOPE * sum, sum, other[at] > 0.0);
    }
    if (EPILOGUE > 2u) {
        return sum + addend(at);
    }
    return sum;
}

// What is added at a place of the result. If EPILOGUE is 3, the number there. If it is 4, the mean of a 2x2 square of
// an image that is twice as large. If it is 5, an image that is half as large, enlarged as in
// add_enlarged_bilinear.wgsl: along each axis NEAR times the pixel in whose square the place lies, plus FAR times the
// next one on its side.
fn addend(at: u32) -> f32 {
    if (EPILOGUE == 3u) {
        return other[at];
    }
    // Rows count through all planes.
    let row = at / WIDTH;
    let column = at % WIDTH;
    if (EPILOGUE == 4u) {
        let above = 4u * WIDTH * row + 2u * column;
        let below = above + 2u * WIDTH;
        return 0.25 * ((other[above] + other[above + 1u]) + (other[below] + other[below + 1u]));
    }
    let first = row / HEIGHT * (HEIGHT / 2u);
    let own = (first + row % HEIGHT / 2u) * (WIDTH / 2u);
    let next = (first + beside(row % HEIGHT, HEIGHT)) * (WIDTH / 2u);
    return NEAR * blended(own, column) + FAR * blended(next, column);
}

// A pixel of an enlarged row.
fn blended(start: u32, column: u32) -> f32 {
    return NEAR * other[start + column / 2u] + FAR * other[start + beside(column, WIDTH)];
}

// Which of the small pixels of an axis lies beside that of a large one, on its side; at the border, the same one.
fn beside(place: u32, side: u32) -> u32 {
    return select(min(place / 2u + 1u, side / 2u - 1u), max(place / 2u, 1u) - 1u, place % 2u == 0u);
}
