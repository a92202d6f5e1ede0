//! SARIF 2.1.0, written so that GitHub code scanning shows all of it; any other reader of SARIF
//! gets the same. The types of `serde-sarif` are named in this folder only.
//!
//! A result is one place where a key stands, not one key. GitHub makes an alert of a result's
//! first location alone, names it by rule, path and line, and shows it in a pull request only if
//! that line is in the diff. With one result a key, a second copy in a pull request would show
//! nowhere, and a copy in a file that sorts earlier would close the alert, with its dismissal,
//! and open another. The results of one key share `keysideFingerprint/v1` and link to each other.
//!
//! What history says is in a result's properties, without addresses of people, and in a sentence
//! of its message. GitHub shows an alert only where its file is in the checkout, so a run over
//! history has a category of its own.
//!
//! Accepted findings are left out, unless they are asked for: GitHub does not read `suppressions`
//! and would open alerts.

mod excerpt;
mod flow;
mod log;
mod notifications;
mod properties;
mod rules;
mod sentences;
mod text;
mod values;

pub(super) use log::{left_out, write};
