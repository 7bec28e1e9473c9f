//! Compares the sources with `docs/architecture.md`: which module may name which, that no files depend on each other in
//! a circle, and that shaders, constants and folders are where the document says.

mod circles;
mod constants;
mod files;
mod folders;
mod helpers;
mod imports;
mod layers;
mod names;
mod printing;
mod program;
mod shaders;
mod wgsl;
