//! Reproducible keys, made at run time.

use keyside::rules::Rng;

const BASE62: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/// The key number `number` with this prefix.
pub(crate) fn key(prefix: &str, number: u64) -> String {
    format!("{prefix}{}", Rng::new(1000 + number).text(BASE62, 43))
}
