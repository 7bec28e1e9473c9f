//! The compiler of shaders for DX12: DXC where its library can be loaded, else FXC.
//!
//! Windows has FXC. It takes seconds for loops that it unrolls, and its optimisations assume that there are no NaNs.
//! DXC is its successor, but `dxcompiler.dll` is no part of Windows. The system looks for it beside the program first.

use wgpu::Dx12Compiler;

/// The new compiler.
const DXC: &str = "DXC";
/// The old compiler.
const FXC: &str = "FXC";

/// Lists with DXC, and with FXC if that does not work; `WGPU_DX12_COMPILER=fxc` leaves out the first. Also says which
/// compiler it was.
pub fn list<T>(list: impl Fn(Dx12Compiler) -> T, works: impl Fn(&T) -> bool) -> (T, &'static str) {
    let is_named = matches!(Dx12Compiler::from_env(), Some(Dx12Compiler::Fxc));
    // Nothing else has DX12, and every listing takes time.
    if is_named || !cfg!(windows) { (list(Dx12Compiler::Fxc), FXC) } else { first(list, works) }
}

/// A line about a compiler, for the list of devices.
pub fn about(compiler: &str) -> String {
    let advice = match compiler {
        FXC => "; it compiles slowly: put dxcompiler.dll 1.8.2502 or newer beside slgan.exe, and it is DXC",
        _ => "",
    };
    format!("shaders are compiled by {compiler}{advice}")
}

fn first<T>(list: impl Fn(Dx12Compiler) -> T, works: impl Fn(&T) -> bool) -> (T, &'static str) {
    let with_dxc = list(Dx12Compiler::default_dynamic_dxc());
    if works(&with_dxc) { (with_dxc, DXC) } else { (list(Dx12Compiler::Fxc), FXC) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_library_that_cannot_be_loaded_leaves_the_other_compiler() {
        let found = |is_there: bool| move |compiler: Dx12Compiler| is_there || matches!(compiler, Dx12Compiler::Fxc);
        assert_eq!(first(found(true), |&works| works), (true, DXC));
        assert_eq!(first(found(false), |&works| works), (true, FXC));
    }
}
