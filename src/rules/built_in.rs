//! The rule files that are part of the binary; `build.rs` lists and parses them.

/// Their names and texts.
pub(super) const BUILT_IN: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/rule_files.rs"));

/// The same as [`super::table::FileTable`]s in postcard, so that no run parses TOML.
pub(super) const TABLES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/rule_tables"));

/// The [`super::table::StoredRule`]s of these tables.
pub(super) const BODIES: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/rule_bodies"));
