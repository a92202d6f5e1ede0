//! Settings: turns `keyside.toml` and flags into each module's options.
//!
//! A configuration named by the user has full power. One found in the scanned tree is not trusted: it
//! may add rules and widen the scan, but whatever it would hide is still searched, suppressed,
//! counted and named.

mod baseline;
mod change_plan;
mod depth;
mod discover;
mod file;
mod forks;
mod settings;
mod size;
mod stored_settings;

pub use baseline::read_baseline;
pub use change_plan::StoredChanges;
pub use depth::{DecodeDepth, DecodeDepthError};
pub use discover::{TreeSettings, discover};
pub use file::{ConfigError, ConfigFile, FILE_NAME};
pub use forks::fork_of_pull_request;
pub use settings::{Plan, Settings};
pub use size::{Size, SizeError};
