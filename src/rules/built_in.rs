//! The rule files that are part of the binary.

/// Their names and texts; `build.rs` lists them.
pub(super) const BUILT_IN: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/rule_files.rs"));
