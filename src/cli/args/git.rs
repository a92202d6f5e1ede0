//! The arguments of `keyside git`.

use std::path::PathBuf;

use clap::Args;

use super::common::CommonArgs;
use super::tree::TreeArgs;
use crate::model::Time;
use crate::run::{CommitSelection, GitTarget};

pub(super) const EXAMPLES: &str = "\
Examples:
  keyside git                           everything the repository stores, reachable or not
  keyside git --staged                  what the next commit would add
  keyside git --range origin/main..HEAD what these commits add
  keyside git --since '2 weeks ago'     what recent commits add
  keyside git --cache ~/.cache/keyside  the next scan reads only what is new
  keyside git --recursive               the repositories inside the checkout, too
  keyside git backup.bundle             a bundle, or a pack

--since and --until choose a commit if its author's date or its committer's is in time, as rebased and
imported commits have two. A choice that leaves no commit of a repository that could be read is exit 0,
and a note says so. A revision that names no commit is 2, and so is a range not written as one:
nothing was scanned. Commits that are named and not all here, or a range without any, are 3.";

#[derive(Debug, Args)]
pub(in crate::cli) struct GitArgs {
    /// A folder in the repository, a bundle or a pack; with `.`, GIT_DIR and the like work as they do for git
    #[arg(value_name = "REPO", default_value = ".")]
    pub(in crate::cli) repository: PathBuf,
    #[command(flatten)]
    pub(in crate::cli) part: PartArgs,
    #[command(flatten)]
    pub(in crate::cli) tree: TreeArgs,
    #[command(flatten)]
    pub(in crate::cli) common: CommonArgs,
}

/// The part of the repository to scan; by default everything it stores.
#[derive(Debug, Args)]
#[command(next_help_heading = "What of the repository")]
pub(in crate::cli) struct PartArgs {
    /// Scan what the next commit would add
    // The hook of gitleaks passes both spellings at once.
    #[arg(long, alias = "pre-commit", overrides_with = "staged", conflicts_with_all = ["range", "branch", "since", "until", "max_count"])]
    staged: bool,
    /// With --staged, scan changed files whole, not only the lines added to them
    #[arg(long, requires = "staged")]
    whole_file: bool,
    /// Scan what the commits after BASE up to HEAD add; with `...`, those since their merge base
    #[arg(long, value_name = "BASE..HEAD", alias = "log-opts", allow_hyphen_values = true)]
    range: Option<String>,
    /// With --range, let markers, .keysideignore, baselines and keyside.toml count as the range itself
    /// changes them; what only it accepts is a warning: shown, but exit code 0
    #[arg(long, requires = "range")]
    pub(in crate::cli) trust_head: bool,
    /// Scan what the commits of a branch add (repeatable)
    #[arg(long, value_name = "REVISION")]
    branch: Vec<String>,
    /// Scan what commits since a date add, such as `2026-01-31` or `2 weeks ago`
    #[arg(long, alias = "after", value_name = "DATE", value_parser = time)]
    since: Option<i64>,
    /// Scan what commits up to a date add
    #[arg(long, alias = "before", value_name = "DATE", value_parser = time)]
    until: Option<i64>,
    /// Scan what the newest N commits add
    #[arg(long, value_name = "N")]
    max_count: Option<usize>,
    /// Scan the repositories inside the checkout, too; submodules always are
    #[arg(long, conflicts_with_all = ["staged", "range"])]
    recursive: bool,
    /// Leave out objects that the repository borrows from others
    #[arg(long)]
    pub(in crate::cli) no_alternates: bool,
    /// Remember clean objects and changes in a folder, so that the next scan reads only what is new
    #[arg(long, value_name = "DIR", conflicts_with = "range")]
    cache: Option<PathBuf>,
}

/// Parses a date as git does, into seconds since 1970.
fn time(text: &str) -> Result<i64, String> {
    let parsed = Time::parse(text).map(|time| time.seconds);
    parsed.ok_or_else(|| "not a date; try `2026-01-31` or `2 weeks ago`".to_owned())
}

impl PartArgs {
    /// The part that the flags select.
    pub(in crate::cli) fn part(self) -> GitTarget {
        if self.staged {
            return GitTarget::Staged {
                whole_file: self.whole_file,
                files: Vec::new(),
                cache: self.cache,
            };
        }
        let selection = CommitSelection {
            branches: self.branch,
            since: self.since,
            until: self.until,
            max_count: self.max_count,
        };
        match self.range {
            Some(range) => GitTarget::Range { range, selection },
            None => GitTarget::History {
                selection: Some(selection).filter(|own| *own != CommitSelection::default()),
                cache: self.cache,
                is_recursive: self.recursive,
            },
        }
    }
}
