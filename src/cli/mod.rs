//! The command line: arguments, one file a subcommand, exit codes. The only module that prints or
//! reads the process's environment.

mod args;
mod baseline;
mod changes;
mod command_escaper;
mod completions;
mod config;
mod diff;
mod dispatch;
mod editor;
mod exit;
mod explain;
mod explain_scan;
mod foreign_file;
mod git;
mod hook;
mod hook_manager;
mod hook_script;
mod hook_trial;
mod import;
mod install_hook;
mod interrupt;
mod output;
mod progress;
mod report_base;
mod repository;
mod rules;
mod sanitize;
mod saved_report;
mod scan;
mod stdin;
mod streams;
mod triage;
mod trial_rule;
mod unused_ignores;
mod verify;

pub use args::command;
pub use dispatch::main;
