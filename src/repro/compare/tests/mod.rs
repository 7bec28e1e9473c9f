//! Comparisons of small made reports.

mod causes;
mod files;
mod layers;
mod runs;
