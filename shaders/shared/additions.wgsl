// Sums of four numbers.

// Adds four numbers in their order.
fn in_order(sum: f32, values: vec4<f32>) -> f32 {
    return sum + values.x + values.y + values.z + values.w;
}

fn added(values: vec4<f32>) -> f32 {
    return (values.x + values.y) + (values.z + values.w);
}
