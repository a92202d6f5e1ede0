//! Flags of verification.

use clap::Args;

use crate::config::{ConfigError, fork_of_pull_request};
use crate::verify::VerifySettings;

/// Verification as a part of a scan.
#[derive(Debug, Args)]
#[command(next_help_heading = "Verification")]
pub(super) struct LiveArgs {
    /// Ask the providers which keys are live; see docs/verify.md for what is sent
    #[arg(long)]
    verify: bool,
    /// Report only live keys
    #[arg(long, requires = "verify", conflicts_with = "verify_dry_run")]
    only_live: bool,
    #[command(flatten)]
    provider: ProviderArgs,
}

/// Requests to providers.
#[derive(Debug, Args)]
#[command(next_help_heading = "Verification")]
pub(in crate::cli) struct ProviderArgs {
    /// Show the requests with their secrets masked, and send nothing
    #[arg(long)]
    verify_dry_run: bool,
    /// Send at most N requests [default: 100]
    #[arg(long, value_name = "N")]
    verify_budget: Option<u64>,
    /// Give up on a request after SECONDS [default: 10]
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

impl LiveArgs {
    /// The settings of verification; `None` if providers are not to be asked.
    ///
    /// # Errors
    /// A flag that does nothing without `--verify`.
    pub(super) fn settings(self) -> Result<Option<VerifySettings>, ConfigError> {
        let Self { verify, only_live, provider } = self;
        if verify || provider.verify_dry_run {
            return Ok(Some(VerifySettings { only_live, ..provider.settings() }));
        }
        for (flag, is_set) in [
            ("--verify-budget", provider.verify_budget.is_some()),
            ("--verify-timeout", provider.verify_timeout.is_some()),
            ("--verify-param", !provider.verify_param.is_empty()),
            ("--verify-endpoint", !provider.verify_endpoint.is_empty()),
            ("--verify-force", provider.verify_force),
        ] {
            if is_set {
                let message = format!("{flag} does nothing without --verify");
                return Err(ConfigError::Usage(message));
            }
        }
        Ok(None)
    }
}

impl ProviderArgs {
    pub(in crate::cli) fn settings(self) -> VerifySettings {
        let allowed = std::env::var_os("KEYSIDE_VERIFY_ALLOW_LOOPBACK");
        VerifySettings {
            is_dry_run: self.verify_dry_run,
            only_live: false,
            budget: self.verify_budget,
            timeout: self.verify_timeout,
            params: self.verify_param,
            endpoints: self.verify_endpoint,
            is_private_allowed: allowed.is_some_and(|value| value == "1"),
            is_forced: self.verify_force,
            fork: fork_of_pull_request(|name| std::env::var(name).ok()),
        }
    }
}
