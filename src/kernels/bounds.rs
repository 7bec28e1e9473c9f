//! Kernels with bounds checks, as browsers compile them: an index outside an array is its last one.
//!
//! Natively kernels run unchecked. cubecl's checked mode bounds the loops of a kernel in WGSL, but never its indices:
//! for its own kernels it writes the checks itself. So here they are written into the source, and the mode bounds the
//! loops. The checks of operations compare both forms: no result depends on what lies beside an array.

use std::cell::Cell;
use std::future::{Future, poll_fn};
use std::pin::pin;

thread_local! {
    static CHECKED: Cell<bool> = const { Cell::new(false) };
}

/// Does work whose kernels are launched with bounds checks.
pub(super) async fn checked<T>(work: impl Future<Output = T>) -> T {
    let mut work = pin!(work);
    poll_fn(|context| {
        let before = CHECKED.replace(true);
        let polled = work.as_mut().poll(context);
        CHECKED.set(before);
        polled
    })
    .await
}

/// Whether kernels that are launched now have bounds checks.
pub(super) fn are_checked() -> bool {
    CHECKED.get()
}

/// The source with every index into a buffer or into workgroup memory kept inside.
pub(super) fn with_checks(source: &str) -> String {
    let lines = source.lines().map(|line| line.split("//").next().unwrap_or(line));
    let mut text: String = lines.flat_map(|line| [line, "\n"]).collect();
    for (name, count) in arrays(&text) {
        let kept = kept_inside(&text, &name);
        // An array that no code uses must not become part of the layout.
        if kept != text {
            text = format!("{kept}\nfn inside_{name}(index: u32) -> u32 {{ return min(index, {count} - 1u); }}\n");
        }
    }
    text
}

/// The names of all buffers and workgroup arrays, and the expressions for their lengths.
fn arrays(text: &str) -> Vec<(String, String)> {
    text.lines().filter_map(array).collect()
}

fn array(line: &str) -> Option<(String, String)> {
    let declaration = &line[line.find("var<")?..];
    let (name, kind) = declaration.split_once("> ")?.1.split_once(": array<")?;
    let is_buffer = declaration.starts_with("var<storage");
    let count = match kind.rsplit_once(">;")?.0.rsplit_once(", ") {
        Some((_, count)) if !is_buffer => format!("({count})"),
        _ => format!("arrayLength(&{name})"),
    };
    Some((name.to_owned(), count))
}

/// The text with each `NAME[index]` replaced by `NAME[inside_NAME(index)]`.
fn kept_inside(text: &str, name: &str) -> String {
    let opening = format!("{name}[");
    let Some(start) = text.match_indices(&opening).map(|(start, _)| start).find(|&start| is_whole(text, start)) else {
        return text.to_owned();
    };
    let index_at = start + opening.len();
    let end = index_at + closing(&text[index_at..]);
    let index = kept_inside(&text[index_at..end], name);
    let rest = kept_inside(&text[end..], name);
    format!("{}{opening}inside_{name}({index}){rest}", &text[..start])
}

/// Whether a name begins here, rather than the end of a longer one or a member.
fn is_whole(text: &str, start: usize) -> bool {
    let before = text[..start].chars().next_back();
    before.is_none_or(|letter| !(letter.is_alphanumeric() || letter == '_' || letter == '.'))
}

/// Where the bracket closes that is open at the start.
fn closing(text: &str) -> usize {
    let mut depth = 1;
    let end = text.char_indices().find(|&(_, letter)| {
        match letter {
            '[' => depth += 1,
            ']' => depth -= 1,
            _ => {}
        }
        depth == 0
    });
    end.map_or(text.len(), |(end, _)| end)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KERNEL: &str = "\
@group(0) @binding(0) var<storage, read_write> x: array<vec2<f32>>; // x[ is not closed here
@group(0) @binding(1) var<storage, read_write> unused: array<f32>;
@group(0) @binding(2) var<uniform> numbers: vec4<f32>;
var<workgroup> parts: array<f32, 2u * THREADS>;
fn main() { parts[x[max[0]].x + x[x[1]]] = numbers[2] + unused.x[3]; }
";

    #[test]
    fn indices_of_arrays_are_kept_inside() {
        let checked = with_checks(KERNEL);
        let last: Vec<&str> = checked.lines().skip(4).filter(|line| !line.is_empty()).collect();
        let main = "fn main() { parts[inside_parts(x[inside_x(max[0])].x + x[inside_x(x[inside_x(1)])])] = \
            numbers[2] + unused.x[3]; }";
        let x = "fn inside_x(index: u32) -> u32 { return min(index, arrayLength(&x) - 1u); }";
        let parts = "fn inside_parts(index: u32) -> u32 { return min(index, (2u * THREADS) - 1u); }";
        assert_eq!(last, [main, x, parts]);
        assert!(!checked.contains("is not closed"), "{checked}");
    }

    #[test]
    fn only_what_is_awaited_is_checked() {
        let mut work = pin!(checked(async { are_checked() }));
        let mut context = std::task::Context::from_waker(std::task::Waker::noop());
        assert!(!are_checked());
        assert_eq!(work.as_mut().poll(&mut context), std::task::Poll::Ready(true));
        assert!(!are_checked());
    }
}
