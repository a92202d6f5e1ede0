//! keyside finds leaked API keys, exactly and fast, and says which side each key belongs on.
//!
//! The modules form the pipeline; each imports only modules of a lower rank:
//!
//! | rank | module | what it does |
//! |---|---|---|
//! | 5 | [`cli`] | arguments, subcommands, exit codes; the only module that prints |
//! | 4 | [`run`] | the whole pipeline |
//! | 3 | [`config`] | `keyside.toml` and flags, turned into the options of each module |
//! | 3 | [`interop`] | imports files of other scanners |
//! | 2 | [`scan`] | prefilter, pattern, filters, places |
//! | 2 | [`suppress`] | inline markers, accepted findings, baselines, excluded paths |
//! | 2 | [`verify`] | asks providers whether keys are live |
//! | 2 | [`report`] | report formats, one file each |
//! | 1 | [`rules`] | rule files: as written, checked, compiled |
//! | 1 | [`source`] | reads files, trees, git repositories, standard input |
//! | 0 | [`model`] | types that all modules share |

pub mod cli;
pub mod config;
pub mod interop;
pub mod model;
pub mod report;
pub mod rules;
pub mod run;
pub mod scan;
pub mod source;
pub mod suppress;
pub mod verify;
