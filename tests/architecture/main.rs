//! What `docs/architecture.md` says of the structure, held against the sources: which module may name which, that no
//! files lean on each other in a circle, and that shaders, constants and folders are where they are said to be.

mod circles;
mod constants;
mod files;
mod folders;
mod helpers;
mod layers;
mod names;
mod program;
mod shaders;
mod wgsl;
