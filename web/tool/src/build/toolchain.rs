//! The toolchain that compiles for a browser: rustup's if it has the target, else the distribution's.
//!
//! Debian's compiler knows the target but lacks its standard library. Cargo builds it from source, which the compiler
//! allows only with `RUSTC_BOOTSTRAP`, as if it were a development version.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

use crate::programs;

/// The target's name.
pub const TARGET: &str = "wasm32-unknown-unknown";

const DEBIAN_CARGO: &str = "/usr/bin/cargo";
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const LINKER: &str = "wasm-ld";

/// The toolchain to compile with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Toolchain {
    /// The current toolchain, with the target from rustup.
    Active,
    /// The distribution's, which also builds the standard library.
    Debian,
}

impl Toolchain {
    /// Finds a toolchain.
    ///
    /// # Errors
    /// If there is none. The error has the commands that install one.
    pub fn find() -> Result<Self> {
        if active_has_target() {
            return Ok(Self::Active);
        }
        let missing = missing_packages();
        if missing.is_empty() {
            return Ok(Self::Debian);
        }
        bail!(
            "nothing here compiles for {TARGET}. With rustup:\n  rustup target add {TARGET}\nor on Debian, where {} \
             missing:\n  apt-get install {}",
            if missing.len() == 1 { "a package is" } else { "packages are" },
            missing.join(" "),
        )
    }

    /// The cargo to call.
    pub fn cargo(self) -> Command {
        match self {
            Self::Active => Command::new("cargo"),
            Self::Debian => Command::new(DEBIAN_CARGO),
        }
    }

    /// Gives `cargo` the arguments and the environment to build for the target.
    pub fn settle(self, cargo: &mut Command) {
        cargo.args(["build", "--target", TARGET]);
        if self == Self::Debian {
            cargo
                .arg("-Zbuild-std=std,panic_abort")
                .env("RUSTC", DEBIAN_RUSTC)
                .env("RUSTC_BOOTSTRAP", "1")
                .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", LINKER)
                .env_remove("RUSTUP_TOOLCHAIN");
        }
    }
}

fn active_has_target() -> bool {
    let folder = programs::output(Command::new("rustc").args(["--print", "target-libdir", "--target", TARGET]));
    folder.is_ok_and(|folder| Path::new(&folder).is_dir())
}

/// Debian's packages that are not installed, or too old.
fn missing_packages() -> Vec<&'static str> {
    let parts = [
        ("rustc-web", compiler_is_new_enough().unwrap_or(false)),
        ("cargo-web", Path::new(DEBIAN_CARGO).is_file()),
        ("rust-web-src", library_source().is_ok_and(|source| source.is_dir())),
        ("lld", programs::find(&[LINKER]).is_some()),
    ];
    parts.into_iter().filter(|(_, there)| !there).map(|(package, _)| package).collect()
}

fn library_source() -> Result<PathBuf> {
    let root = programs::output(Command::new(DEBIAN_RUSTC).args(["--print", "sysroot"]))?;
    Ok(Path::new(&root).join("lib/rustlib/src/rust/library"))
}

fn compiler_is_new_enough() -> Result<bool> {
    let words = programs::output(Command::new(DEBIAN_RUSTC).arg("--version"))?;
    let version = words.split_whitespace().nth(1).context("no version")?;
    Ok(minor(version)? >= minor(env!("CARGO_PKG_RUST_VERSION"))?)
}

/// The 95 of 1.95.0.
fn minor(version: &str) -> Result<u32> {
    Ok(version.split('.').nth(1).context("no minor version")?.parse()?)
}
