//! Settings: `keyside.toml` and flags become what each component takes.
//!
//! A configuration that the user names has full power. One that is found in the scanned tree is
//! part of what is scanned: it may add rules and read more, and what it would hide is searched
//! all the same, suppressed, counted and named.

mod baseline;
mod depth;
mod discover;
mod file;
mod forks;
mod settings;
mod size;

pub use baseline::read_baseline;
pub use depth::{DecodeDepth, DecodeDepthError};
pub use discover::{TreeSettings, discover};
pub use file::{ConfigError, ConfigFile, FILE_NAME};
pub use forks::fork_of_pull_request;
pub use settings::{Plan, Settings};
pub use size::{Size, SizeError};
