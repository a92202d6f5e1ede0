//! SARIF 2.1.0, written so that GitHub code scanning shows all of it; other readers get the same. Only
//! this folder uses the types of `serde-sarif`.
//!
//! A result is one place of a key, not one key. GitHub makes an alert from a result's first location
//! only, identifies it by rule, path and line, and shows it in a pull request only if that line is in
//! the diff. With one result per key, a second copy in a pull request would not show, and a copy in a
//! file that sorts earlier would close the alert with its dismissal and open another. The results of
//! a key share `keysideFingerprint/v1` and link to each other.
//!
//! History is in a result's properties, without e-mail addresses, and in a sentence of its message.
//! GitHub shows an alert only if its file is in the checkout, so history runs have their own category.
//!
//! Accepted findings are left out unless requested: GitHub ignores `suppressions` and would open
//! alerts.

mod excerpt;
mod flow;
mod level;
mod log;
mod notifications;
mod properties;
mod rules;
mod sentences;
mod text;
mod values;

pub(super) use log::{left_out, write};
