//! keyside finds leaked API keys, exactly and fast, and proves which of them reach a client.
//!
//! This crate is mainly a program (`keyside --help`). Other programs begin with [`Scanner`]:
//!
//! ```
//! # let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
//! # let text = "key = sk_v1_".to_owned() + &keyside::rules::Rng::new(7).text(letters, 43);
//! let scanner = keyside::Scanner::built_in();
//! for found in scanner.scan(text.as_bytes()) {
//!     println!("{}:{} {}: {}", found.line, found.column, found.title, found.secret);
//! }
//! ```
//!
//! [`Scanner::exposure`] asks which secrets of a project reach its clients, also of files that are
//! not saved yet; `examples/embed.rs` shows both. The feature `cli`, on by default, is what only the
//! program needs; `verify` is all network code. Programs that embed keyside want
//! `default-features = false`.
//!
//! The modules below serve the program and its tests. They may change with every version. They
//! form the pipeline, and each imports only modules of a lower rank:
//!
//! | rank | module | what it does |
//! |---|---|---|
//! | 6 | `cli` | arguments, subcommands, exit codes; the only module that prints |
//! | 5 | `api` | the public surface: [`Scanner`] |
//! | 4 | `run` | the whole pipeline |
//! | 3 | `config` | `keyside.toml` and flags, turned into the options of each module |
//! | 3 | `interop` | imports files of other scanners |
//! | 2 | `scan` | prefilter, pattern, filters, positions |
//! | 2 | `suppress` | inline markers, accepted findings, baselines, excluded paths |
//! | 2 | `verify` | asks providers whether keys are live |
//! | 2 | `report` | report formats, one file each |
//! | 1 | `rules` | rule files: as written, checked, compiled |
//! | 1 | `source` | reads files, trees, git repositories, standard input |
//! | 1 | `decode` | opens archives and compressed files |
//! | 0 | `patterns` | path patterns, as git reads them |
//! | 0 | `model` | types that all modules share |

mod api;

#[cfg(feature = "cli")]
#[doc(hidden)]
pub mod cli;
#[doc(hidden)]
pub mod config;
#[doc(hidden)]
pub mod decode;
#[doc(hidden)]
pub mod interop;
#[doc(hidden)]
pub mod model;
#[doc(hidden)]
pub mod patterns;
#[doc(hidden)]
pub mod report;
#[doc(hidden)]
pub mod rules;
#[doc(hidden)]
pub mod run;
#[doc(hidden)]
pub mod scan;
#[doc(hidden)]
pub mod source;
#[doc(hidden)]
pub mod suppress;
#[doc(hidden)]
pub mod verify;

pub use api::{ScanMatch, Scanner};
pub use keyside_exposure as exposure;
pub use model::{Confidence, KeyClass, Secret, Severity};
pub use rules::{RuleError, RuleErrors, RuleFile};
