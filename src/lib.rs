//! keyside finds leaked API keys, exactly and fast, and says which side each key belongs on.
//!
//! The modules are the pipeline, from the bottom up; imports go only to a lower rank:
//!
//! | rank | module | what it does |
//! |---|---|---|
//! | 5 | [`cli`] | arguments, subcommands, exit codes; the only one that prints |
//! | 4 | [`run`] | the whole pipeline on one page |
//! | 3 | [`config`] | `keyside.toml` and flags become each component's own options |
//! | 3 | [`interop`] | what other scanners write, said in keyside's own words |
//! | 2 | [`scan`] | prefilter, pattern, filters, places |
//! | 2 | [`suppress`] | inline markers, accepted findings, baselines, excluded paths |
//! | 2 | [`exposure`] | modules, imports and build-time inlining: which side a secret reaches |
//! | 2 | [`verify`] | asks providers whether keys are live |
//! | 2 | [`report`] | one frozen wire form, one file a format |
//! | 1 | [`rules`] | rule files: as written, checked, compiled |
//! | 1 | [`source`] | where bytes come from: files, trees, standard input |
//! | 0 | [`model`] | the nouns everything else speaks in |

pub mod cli;
pub mod config;
pub mod exposure;
pub mod interop;
pub mod model;
pub mod report;
pub mod rules;
pub mod run;
pub mod scan;
pub mod source;
pub mod suppress;
pub mod verify;
