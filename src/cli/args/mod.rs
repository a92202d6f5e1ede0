//! The command line's definition, one file a group of arguments. Values are only parsed here;
//! [`Settings`](crate::config::Settings) and [`Outputs`](super::output::Outputs) check what they
//! mean together.

mod baseline;
mod command;
mod common;
mod config;
mod diff;
mod explain;
mod git;
mod hook;
mod import;
mod install_hook;
mod output;
mod policy;
mod rules;
mod scan;
mod tree;
mod triage;
mod verification;
mod verify;

pub use command::command;

pub(super) use baseline::{BaselineAction, BaselineScanArgs, ShowFormat};
pub(super) use command::{Cli, Command};
pub(super) use common::CommonArgs;
pub(super) use config::ConfigAction;
pub(super) use diff::{DiffArgs, DiffFormat};
pub(super) use explain::ExplainArgs;
pub(super) use git::GitArgs;
pub(super) use hook::{HookArgs, OnTimeout, PreCommitArgs, PrePushArgs, PreReceiveArgs};
pub(super) use import::ImportArgs;
pub(super) use install_hook::{Hook, InstallArgs};
pub(super) use output::{Color, OutputArgs};
pub(super) use rules::{ListFormat, RulesAction};
pub(super) use scan::{ScanArgs, StdinArgs};
pub(super) use tree::TreeArgs;
pub(super) use triage::{TriageArgs, TriageChoice};
pub(super) use verify::VerifyArgs;
