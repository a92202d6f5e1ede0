//! The arguments, grouped by concern. They are only checked here; what they mean is said by
//! [`Settings`] and [`super::output::Outputs`].

use std::path::PathBuf;
use std::str::FromStr;

use anstream::ColorChoice;
use clap::{Args, Parser, Subcommand, ValueEnum};

use super::hook::HookArgs;
use super::import::ImportArgs;
use super::install_hook::InstallArgs;
use crate::config::{ConfigError, DecodeDepth, Settings, Size};
use crate::model::Severity;
use crate::report::Format;
use crate::run::{CommitSelection, GitTarget};
use crate::verify::Wishes;

const EXAMPLES: &str = "\
Examples:
  keyside scan                          everything below the current folder
  keyside scan src .env                 a folder and a file
  keyside scan -f sarif=keyside.sarif   the human report, and SARIF for code scanning
  keyside git                           the whole history of the repository
  keyside git --staged                  what the next commit would add
  git show HEAD:.env | keyside stdin --path .env
  keyside scan --verify                 which of the keys still work
  keyside explain src/config.ts:12      why a line is or is not reported

Exit codes: 0 clean, 1 leaked keys, 2 wrong usage, 3 not everything was read.";

const SCAN_EXAMPLES: &str = "\
Examples:
  keyside scan                          everything below the current folder
  keyside scan --no-ignore              what git ignores, too (.env files, build output)
  keyside scan -f json -o report.json   a report for programs
  keyside scan --only magicx-secret-key --exclude 'tests/**'
  tar xOf backup.tar | keyside scan -   standard input";

const GIT_EXAMPLES: &str = "\
Examples:
  keyside git                           all that the repository stores, reachable or not
  keyside git --staged                  what the next commit would add
  keyside git --range origin/main..HEAD what these commits add
  keyside git --since '2 weeks ago'     what young commits add
  keyside git --cache ~/.cache/keyside  the next audit costs only what is new";

const VERIFY_EXAMPLES: &str = "\
Examples:
  keyside verify < key.txt              does this key still work?
  pass show api-key | keyside verify -f json
  keyside verify --verify-dry-run < key.txt

Exit codes: 0 dead, 1 live, 2 wrong usage, 3 not known, or no key that a rule knows.";

const BASELINE_EXAMPLES: &str = "\
Examples:
  keyside baseline write                accept what is found now, in keyside-baseline.toml
  keyside baseline write --history --reason 'before keyside, see #12'
  keyside scan -b keyside-baseline.toml only what is new is reported
  keyside baseline prune                take out what is gone

Exit codes: 0 done, 2 wrong usage, 3 not everything was read.";

/// Finds leaked API keys, exactly and fast, and says which side each key belongs on.
#[derive(Debug, Parser)]
#[command(name = "keyside", version, about, after_help = EXAMPLES, max_term_width = 100)]
#[command(arg_required_else_help = true, disable_help_subcommand = true)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Scan working trees and single files
    #[command(alias = "dir", after_help = SCAN_EXAMPLES)]
    Scan(ScanArgs),
    /// Scan the history of a git repository, what is staged, or what commits add
    #[command(after_help = GIT_EXAMPLES)]
    Git(GitArgs),
    /// Scan standard input as one file
    Stdin(StdinArgs),
    /// What git's hooks, and the programs that manage them, call
    Hook {
        #[command(subcommand)]
        hook: HookArgs,
    },
    /// Make git run keyside before each commit or push, or end that
    #[command(after_help = super::install_hook::EXAMPLES)]
    InstallHook(InstallArgs),
    /// Ask the provider whether a key on standard input is live
    #[command(after_help = VERIFY_EXAMPLES)]
    Verify(VerifyArgs),
    /// Say why a line is or is not reported, or what a rule is for
    Explain(ExplainArgs),
    /// List, show and check rules
    Rules {
        #[command(subcommand)]
        action: RulesAction,
    },
    /// Turn files of gitleaks and detect-secrets into keyside's own
    #[command(after_help = super::import::EXAMPLES)]
    Import(ImportArgs),
    /// Show the settings that a scan would have
    Config {
        #[command(subcommand)]
        action: ConfigAction,
    },
    /// Write, prune and show a baseline: what is known and accepted
    #[command(after_help = BASELINE_EXAMPLES)]
    Baseline {
        #[command(subcommand)]
        action: BaselineAction,
    },
    /// Print a completion script
    Completions {
        /// The shell it is for
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
}

impl Command {
    pub(super) fn color(&self) -> Color {
        match self {
            Self::Scan(args) => args.common.output.color(),
            Self::Git(args) => args.common.output.color(),
            Self::Stdin(args) => args.common.output.color(),
            Self::Hook { hook } => hook.output().color(),
            Self::Verify(args) => args.output.color(),
            Self::InstallHook(_)
            | Self::Explain(_)
            | Self::Rules { .. }
            | Self::Import(_)
            | Self::Config { .. }
            | Self::Baseline { .. }
            | Self::Completions { .. }
            | Self::Man => Color::Auto,
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct ScanArgs {
    /// Files and folders to scan; `-` is standard input
    #[arg(value_name = "PATH", default_value = ".")]
    pub(super) paths: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) tree: TreeArgs,
    #[command(flatten)]
    pub(super) common: CommonArgs,
}

#[derive(Debug, Args)]
pub(super) struct GitArgs {
    /// A folder in the repository; for `.`, GIT_DIR and the like count as for git
    #[arg(value_name = "REPO", default_value = ".")]
    pub(super) repository: PathBuf,
    #[command(flatten)]
    pub(super) part: PartArgs,
    #[command(flatten)]
    pub(super) tree: TreeArgs,
    #[command(flatten)]
    pub(super) common: CommonArgs,
}

/// What of the repository is scanned; all that it stores if nothing is said.
#[derive(Debug, Args)]
#[command(next_help_heading = "What of the repository")]
pub(super) struct PartArgs {
    /// What the next commit would add
    // The hook of gitleaks says it in two ways at once.
    #[arg(long, alias = "pre-commit", overrides_with = "staged", conflicts_with_all = ["range", "branch", "since", "until", "max_count", "cache"])]
    staged: bool,
    /// With --staged: all of a changed file, not only what is added to it
    #[arg(long, requires = "staged")]
    whole_file: bool,
    /// What the commits from BASE (without it) to HEAD add; with `...`, from where both part
    #[arg(long, value_name = "BASE..HEAD", alias = "log-opts")]
    range: Option<String>,
    /// What the commits that a branch reaches add (repeatable)
    #[arg(long, value_name = "REVISION")]
    branch: Vec<String>,
    /// What commits from this time on add, such as `2026-01-31` or `2 weeks ago`
    #[arg(long, alias = "after", value_name = "DATE", value_parser = time)]
    since: Option<i64>,
    /// What commits up to this time add
    #[arg(long, alias = "before", value_name = "DATE", value_parser = time)]
    until: Option<i64>,
    /// What the newest N commits add
    #[arg(long, value_name = "N")]
    max_count: Option<usize>,
    /// Remember in a folder what is clean, so that the next run costs only what is new
    #[arg(long, value_name = "DIR", conflicts_with = "range")]
    cache: Option<PathBuf>,
}

/// A date as git takes it, in seconds since 1970.
fn time(text: &str) -> Result<i64, String> {
    let parsed = gix_date::parse(text, Some(jiff::Zoned::now()));
    let parsed = parsed.map_err(|_| "is no date such as `2026-01-31` or `2 weeks ago`".to_owned());
    parsed.map(|time| time.seconds)
}

impl PartArgs {
    /// What is asked for.
    pub(super) fn part(self) -> GitTarget {
        if self.staged {
            return GitTarget::Staged { whole_file: self.whole_file, files: Vec::new() };
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
            },
        }
    }
}

#[derive(Debug, Args)]
pub(super) struct StdinArgs {
    /// The name that reports give to the input, and that path patterns see
    #[arg(long, value_name = "NAME", default_value = "<stdin>")]
    pub(super) path: PathBuf,
    /// Taken like every scan takes them; a stream has neither size nor ignore files
    #[command(flatten)]
    pub(super) tree: TreeArgs,
    #[command(flatten)]
    pub(super) common: CommonArgs,
}

/// There is no argument for a key: it would be in the history of the shell and in the list of
/// processes.
#[derive(Debug, Args)]
pub(super) struct VerifyArgs {
    #[command(flatten)]
    pub(super) ask: AskArgs,
    #[command(flatten)]
    pub(super) rules: RuleArgs,
    #[command(flatten)]
    pub(super) output: OutputArgs,
}

#[derive(Debug, Args)]
pub(super) struct ExplainArgs {
    /// A place such as `src/config.ts:12`, the id of a rule, or a kind of finding
    #[arg(value_name = "PATH:LINE|RULE-ID|KIND")]
    pub(super) what: String,
    #[command(flatten)]
    pub(super) rules: RuleArgs,
}

#[derive(Debug, Subcommand)]
pub(super) enum RulesAction {
    /// List the loaded rules
    List {
        #[command(flatten)]
        rules: RuleArgs,
    },
    /// Show all that a rule says
    Show {
        /// The rule's id
        id: String,
        #[command(flatten)]
        rules: RuleArgs,
    },
    /// Check rule files, and run each rule on its own samples
    Check {
        /// Rule files or folders of them; the built-in rules if there is none
        #[arg(value_name = "FILE")]
        files: Vec<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum ConfigAction {
    /// Print the settings as a keyside.toml, and the files they come from
    Show {
        /// The folder that would be scanned
        #[arg(value_name = "PATH", default_value = ".")]
        path: PathBuf,
        #[command(flatten)]
        tree: TreeArgs,
        #[command(flatten)]
        rules: RuleArgs,
        #[command(flatten)]
        filter: FilterArgs,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum BaselineAction {
    /// Scan, and add to the baseline what is not accepted yet; days and reasons in it are kept
    Write {
        /// Why what is new is accepted
        #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
        reason: String,
        #[command(flatten)]
        scan: BaselineScanArgs,
    },
    /// Scan, and take out of the baseline what is not there any more
    Prune {
        /// Only say what would be taken out
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        scan: BaselineScanArgs,
    },
    /// List what the baseline accepts, without a scan
    Show {
        /// The folder that the baseline is in
        #[arg(value_name = "PATH", default_value = ".")]
        path: PathBuf,
        /// The baseline [default: keyside-baseline.toml in PATH]
        #[arg(short, long, alias = "baseline-path", value_name = "FILE")]
        baseline: Option<PathBuf>,
        /// For people or for programs
        #[arg(short, long, value_name = "FORMAT", default_value = "human")]
        format: ShowFormat,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ShowFormat {
    Human,
    Json,
}

/// What is scanned for a baseline, and where that is.
#[derive(Debug, Args)]
pub(super) struct BaselineScanArgs {
    /// The folder to scan
    #[arg(value_name = "PATH", default_value = ".")]
    pub(super) path: PathBuf,
    /// The baseline [default: keyside-baseline.toml in PATH]
    #[arg(
        short,
        long,
        alias = "baseline-path",
        short_alias = 'o',
        alias = "output",
        value_name = "FILE"
    )]
    pub(super) baseline: Option<PathBuf>,
    /// Scan all that the repository stores, too; a baseline remembers this
    #[arg(long)]
    pub(super) history: bool,
    #[command(flatten)]
    pub(super) tree: TreeArgs,
    #[command(flatten)]
    pub(super) rules: RuleArgs,
}

/// What is read.
#[derive(Debug, Args)]
#[command(next_help_heading = "What to read")]
pub(super) struct TreeArgs {
    /// Read what git ignores, too
    #[arg(long)]
    no_ignore: bool,
    /// Do not read what matches, as in .gitignore (repeatable)
    #[arg(long, value_name = "PATTERN")]
    exclude: Vec<String>,
    /// Skip and count larger files; K, M and G are powers of 1024 [default: no limit]
    #[arg(long, value_name = "SIZE")]
    max_file_size: Option<Size>,
    /// Find keys in up to so many encodings of each other, 0 to 2: base64, hexadecimal digits, UTF-16
    /// in base64 [default: 1]
    #[arg(long, value_name = "N")]
    max_decode_depth: Option<DecodeDepth>,
    /// Threads [default: one a processor]
    #[arg(short = 'j', long, value_name = "N", env = "KEYSIDE_THREADS", hide_env_values = true)]
    threads: Option<usize>,
    /// Hidden files are always read: secrets live in dot files
    #[arg(long, hide = true)]
    hidden: bool,
}

/// Which rules are used.
#[derive(Debug, Args)]
#[command(next_help_heading = "Rules")]
pub(super) struct RuleArgs {
    /// Configuration [default: none; a keyside.toml in the scanned tree may not hide anything]
    #[arg(short, long, value_name = "FILE", env = "KEYSIDE_CONFIG", hide_env_values = true)]
    config: Option<PathBuf>,
    /// Add rules from a file, or from all *.toml of a folder (repeatable) [env: KEYSIDE_RULES]
    // Not read by clap: what it takes from the environment looks like an argument, and only rules
    // that are named in an argument may verify.
    #[arg(long, value_name = "FILE-OR-DIR")]
    rules: Vec<PathBuf>,
    /// Use only this rule (repeatable)
    #[arg(long, alias = "enable-rule", value_name = "RULE")]
    only: Vec<String>,
    /// Do not use this rule (repeatable)
    #[arg(long, value_name = "RULE")]
    disable: Vec<String>,
}

/// What of the findings is reported.
#[derive(Debug, Args)]
#[command(next_help_heading = "What to report")]
pub(super) struct FilterArgs {
    /// Count milder findings, but do not report them [default: note]
    #[arg(long, value_name = "SEVERITY")]
    min_severity: Option<SeverityArg>,
    /// Accept the findings in this baseline, which `keyside baseline write` makes
    #[arg(short, long, alias = "baseline-path", value_name = "FILE")]
    baseline: Option<PathBuf>,
    /// Report what markers, .keysideignore, baselines and a keyside.toml of the scanned tree accept
    #[arg(long)]
    no_suppress: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum SeverityArg {
    Note,
    Warning,
    Error,
}

/// Whether providers are asked.
#[derive(Debug, Args)]
#[command(next_help_heading = "Verification")]
pub(super) struct LiveArgs {
    /// Ask the providers which keys are live; see docs/verify.md for what is sent
    #[arg(long)]
    verify: bool,
    /// Report live keys only
    #[arg(long, requires = "verify", conflicts_with = "verify_dry_run")]
    only_live: bool,
    #[command(flatten)]
    ask: AskArgs,
}

/// How providers are asked.
#[derive(Debug, Args)]
#[command(next_help_heading = "Verification")]
pub(super) struct AskArgs {
    /// Show each request, the secret masked, and send nothing
    #[arg(long)]
    verify_dry_run: bool,
    /// Send at most so many requests [default: 100]
    #[arg(long, value_name = "N")]
    verify_budget: Option<u64>,
    /// How long a request may take [default: 10]
    #[arg(long, value_name = "SECONDS")]
    verify_timeout: Option<u64>,
    /// Set a parameter of a provider's request, such as `magicx.product_id` (repeatable)
    #[arg(long, value_name = "PROVIDER.NAME=VALUE")]
    verify_param: Vec<String>,
    /// Ask another host instead of the provider's, such as a staging system (repeatable)
    #[arg(long, value_name = "PROVIDER=URL")]
    verify_endpoint: Vec<String>,
    /// Ask even in a pull request from a fork
    #[arg(long)]
    verify_force: bool,
}

/// Where reports go, and how they look.
#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(super) struct OutputArgs {
    /// human, json, jsonl, sarif, github, markdown, junit, csv, gitlab or html; FORMAT=FILE writes to a file (repeatable)
    #[arg(short, long, visible_alias = "report-format", value_name = "FORMAT[=FILE]")]
    pub(super) format: Vec<FormatArg>,
    /// Write the report to a file; without -f its ending tells the format; `-` is standard output
    #[arg(short, long, alias = "report-path", short_alias = 'r', value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// Write whole secrets into human and JSON reports
    #[arg(long)]
    pub(super) show_secrets: bool,
    /// When to use colours [env: NO_COLOR, CLICOLOR_FORCE]
    #[arg(long, value_name = "WHEN", default_value = "auto")]
    color: Color,
    #[arg(long, hide = true)]
    no_color: bool,
    /// Findings only
    #[arg(short, long)]
    pub(super) quiet: bool,
    /// Each accepted finding, too
    #[arg(short, long)]
    pub(super) verbose: bool,
    /// No progress on the terminal
    #[arg(long)]
    pub(super) no_progress: bool,
    // Spellings of gitleaks that say what is so anyway.
    #[arg(long, hide = true, num_args = 0..=1, require_equals = true)]
    redact: Option<Option<String>>,
    #[arg(long, hide = true)]
    no_banner: bool,
}

/// How the run ends.
#[derive(Debug, Args)]
#[command(next_help_heading = "Exit code")]
pub(super) struct ExitArgs {
    /// Exit code for findings
    #[arg(long, value_name = "N", default_value_t = super::exit::FOUND)]
    exit_code: u8,
    /// Findings do not fail the run (what could not be read still does)
    #[arg(long, conflicts_with = "exit_code")]
    exit_zero: bool,
    /// Finding nothing to scan is all right
    #[arg(long)]
    allow_empty: bool,
}

/// What every scan takes.
#[derive(Debug, Args)]
pub(super) struct CommonArgs {
    #[command(flatten)]
    rules: RuleArgs,
    #[command(flatten)]
    filter: FilterArgs,
    #[command(flatten)]
    live: LiveArgs,
    #[command(flatten)]
    pub(super) output: OutputArgs,
    #[command(flatten)]
    exit: ExitArgs,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    Auto,
    Always,
    Never,
}

impl Color {
    pub(super) fn choice(self) -> ColorChoice {
        match self {
            Self::Auto => ColorChoice::Auto,
            Self::Always => ColorChoice::Always,
            Self::Never => ColorChoice::Never,
        }
    }
}

/// `FORMAT` or `FORMAT=FILE`.
#[derive(Debug, Clone)]
pub(super) struct FormatArg {
    pub(super) format: Format,
    pub(super) file: Option<PathBuf>,
}

impl FromStr for FormatArg {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (name, file) = match text.split_once('=') {
            Some((_, "")) => return Err("there is no file behind `=`".to_owned()),
            Some((name, file)) => (name, Some(PathBuf::from(file))),
            None => (text, None),
        };
        let names = || Format::ALL.map(|(name, _)| name).join(", ");
        let format = Format::by_name(name)
            .ok_or_else(|| format!("there is no format `{name}`; there are {}", names()))?;
        Ok(Self { format, file })
    }
}

impl OutputArgs {
    pub(super) fn color(&self) -> Color {
        if self.no_color { Color::Never } else { self.color }
    }
}

impl TreeArgs {
    pub(super) fn settings(self, settings: Settings) -> Settings {
        Settings {
            no_ignore: self.no_ignore,
            exclude: self.exclude,
            max_file_size: self.max_file_size,
            max_decode_depth: self.max_decode_depth,
            threads: self.threads,
            ..settings
        }
    }
}

impl RuleArgs {
    pub(super) fn settings(self, settings: Settings) -> Settings {
        let named_rules = self.rules.len();
        let of_environment = || std::env::var_os("KEYSIDE_RULES").filter(|value| !value.is_empty());
        let rules = match of_environment().filter(|_| named_rules == 0) {
            Some(path) => vec![path.into()],
            None => self.rules,
        };
        Settings {
            config: self.config,
            rules,
            named_rules,
            only: self.only,
            disable: self.disable,
            ..settings
        }
    }
}

impl FilterArgs {
    pub(super) fn settings(self, settings: Settings) -> Settings {
        let min_severity = self.min_severity.map(|severity| match severity {
            SeverityArg::Note => Severity::Note,
            SeverityArg::Warning => Severity::Warning,
            SeverityArg::Error => Severity::Error,
        });
        Settings {
            baseline: self.baseline,
            min_severity,
            no_suppress: self.no_suppress,
            ..settings
        }
    }
}

impl LiveArgs {
    /// What is to be asked, if anything.
    fn wishes(self) -> Result<Option<Wishes>, ConfigError> {
        if self.verify || self.ask.verify_dry_run {
            return Ok(Some(Wishes { only_live: self.only_live, ..self.ask.wishes() }));
        }
        for (flag, is_set) in [
            ("--verify-budget", self.ask.verify_budget.is_some()),
            ("--verify-timeout", self.ask.verify_timeout.is_some()),
            ("--verify-param", !self.ask.verify_param.is_empty()),
            ("--verify-endpoint", !self.ask.verify_endpoint.is_empty()),
            ("--verify-force", self.ask.verify_force),
        ] {
            if is_set {
                let message = format!("{flag} does nothing without --verify");
                return Err(ConfigError::Usage(message));
            }
        }
        Ok(None)
    }
}

impl AskArgs {
    /// What is to be asked.
    pub(super) fn wishes(self) -> Wishes {
        let allowed = std::env::var_os("KEYSIDE_VERIFY_ALLOW_LOOPBACK");
        Wishes {
            is_dry_run: self.verify_dry_run,
            only_live: false,
            budget: self.verify_budget,
            timeout: self.verify_timeout,
            params: self.verify_param,
            endpoints: self.verify_endpoint,
            is_private_allowed: allowed.is_some_and(|value| value == "1"),
            is_forced: self.verify_force,
        }
    }
}

impl CommonArgs {
    /// The settings, the output arguments and the exit code for findings.
    ///
    /// # Errors
    /// Flags that do nothing without another.
    pub(super) fn split(
        self,
        settings: Settings,
    ) -> Result<(Settings, OutputArgs, u8), ConfigError> {
        let settings = self.filter.settings(self.rules.settings(settings));
        let verify = self.live.wishes()?;
        let settings = Settings { allow_empty: self.exit.allow_empty, verify, ..settings };
        let found = if self.exit.exit_zero { super::exit::CLEAN } else { self.exit.exit_code };
        Ok((settings, self.output, found))
    }
}
