/// Builds from the sources beside which it lies, in the image that people of Rust make.
pub(super) const TEXT: &str = include_str!("Dockerfile");
