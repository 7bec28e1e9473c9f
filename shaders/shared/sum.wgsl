// A sum over a workgroup, in two steps. A kernel declares THREADS and PARTS, and in workgroup memory `partial`, with at
// least THREADS numbers, and `parts`, with PARTS.

// The sum over all invocations, returned to every invocation.
fn sum(thread: u32, value: f32) -> f32 {
    partial[thread] = value;
    workgroupBarrier();
    if (thread < PARTS) {
        var sum = 0.0;
        for (var at = thread; at < THREADS; at += PARTS) {
            sum += partial[at];
        }
        parts[thread] = sum;
    }
    workgroupBarrier();
    var total = 0.0;
    for (var part = 0u; part < PARTS; part++) {
        total += parts[part];
    }
    return total;
}
