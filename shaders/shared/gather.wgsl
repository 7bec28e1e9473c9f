// A sum over a workgroup, whose two steps a kernel may separate. It declares THREADS and PARTS, and in workgroup memory
// `values`, with THREADS numbers, and `parts`, with PARTS.

// Adds up the values of all invocations in `parts`.
fn gather(value: f32, thread: u32) {
    values[thread] = value;
    workgroupBarrier();
    if (thread < PARTS) {
        var sum = 0.0;
        for (var index = thread; index < THREADS; index += PARTS) {
            sum += values[index];
        }
        parts[thread] = sum;
    }
    workgroupBarrier();
}

fn gathered() -> f32 {
    var sum = 0.0;
    for (var part = 0u; part < PARTS; part++) {
        sum += parts[part];
    }
    return sum;
}
