//! The files to read, and the depth of decoding.

use clap::Args;

use crate::config::{DecodeDepth, Settings, Size};
use crate::source::git::GitEnvironment;

#[derive(Debug, Args)]
#[command(next_help_heading = "What to read")]
pub(in crate::cli) struct TreeArgs {
    /// Also read files that git ignores
    #[arg(long)]
    no_ignore: bool,
    /// Skip paths that match a pattern, written as in .gitignore (repeatable); without a slash at its
    /// beginning it counts anywhere below what is scanned
    #[arg(long, value_name = "PATTERN")]
    exclude: Vec<String>,
    /// Skip and count larger files; K, M and G are powers of 1024 [default: no limit]
    #[arg(long, value_name = "SIZE")]
    max_file_size: Option<Size>,
    /// Decode up to N nested encodings (0 to 8): base64, hexadecimal digits, escapes and others [default:
    /// 3]
    #[arg(long, value_name = "N")]
    max_decode_depth: Option<DecodeDepth>,
    /// Open up to N archives, one inside the other; 0 opens none [default: 4]
    #[arg(long, value_name = "N")]
    max_archive_depth: Option<u8>,
    /// Memory that each thread may take for archives; K, M and G are powers of 1024 [default: 256M]
    #[arg(long, value_name = "SIZE")]
    max_archive_memory: Option<Size>,
    /// Use N threads [default: one per processor]
    #[arg(short = 'j', long, value_name = "N", env = "KEYSIDE_THREADS", hide_env_values = true)]
    threads: Option<usize>,
    /// Hidden files are always read: secrets live in dot files
    #[arg(long, hide = true)]
    hidden: bool,
}

impl TreeArgs {
    pub(in crate::cli) fn settings(self, settings: Settings) -> Settings {
        Settings {
            no_ignore: self.no_ignore,
            exclude: self.exclude,
            max_file_size: self.max_file_size,
            max_decode_depth: self.max_decode_depth,
            max_archive_depth: self.max_archive_depth,
            max_archive_memory: self.max_archive_memory,
            threads: self.threads,
            environment: GitEnvironment::new(std::env::vars_os()),
            ..settings
        }
    }
}
