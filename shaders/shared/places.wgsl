// Where DiffAugment's pixels are. A kernel declares SIZE, and a type `Change` with the cut square: `corner` and `side`.

fn is_inside(place: vec2<i32>) -> bool {
    return all(place >= vec2(0)) && all(place < vec2(i32(SIZE)));
}

// 0 in the cut square, 1 elsewhere.
fn kept(place: vec2<i32>, change: Change) -> f32 {
    let offset = place - change.corner;
    return select(1.0, 0.0, all(offset >= vec2(0)) && all(offset < vec2(change.side)));
}
