//! Tests of the binary as users run it: each test makes its own folder, runs keyside in it and
//! checks exit code, output and reports. All keys are generated; none is written down.

#![allow(clippy::unwrap_used, reason = "in a test, a panic is the report")]

mod accepted;
mod action;
mod archives;
mod attacks;
mod baseline;
mod bombs;
mod build_inputs;
mod builds;
mod change_policy;
mod change_policy_random;
mod cli;
mod client_build;
mod configuration;
mod decisions;
mod decoding;
mod decoding_samples;
mod documents;
mod enclosing_names;
mod encoded;
mod encodings;
mod exit_codes;
mod explain;
mod explain_random;
mod exposure;
mod exposure_changes;
mod formats;
mod git_hostile;
mod history;
mod history_failures;
mod history_hostile;
mod history_random;
mod history_reports;
mod history_stores;
#[cfg(unix)]
mod hook_managers;
mod hooks;
mod hostile;
mod ignore_rules;
mod import;
#[cfg(unix)]
mod interrupts;
mod joined;
mod joined_rows;
mod kept_elsewhere;
mod layers;
mod object_formats;
mod pack_keys;
mod packs;
mod pairs;
mod path_patterns;
mod picture;
mod private_keys;
#[cfg(feature = "verify")]
mod provider;
mod provider_sides;
mod range;
mod range_oracle;
mod references;
mod repo;
mod report_diff;
mod reports;
mod repositories;
mod repository_kinds;
mod repository_modes;
mod revisions;
mod rule_pages;
mod rule_places;
mod rules;
mod runner;
mod same_in_git;
mod staged;
mod staged_index;
mod support;
mod suppressions;
mod surroundings;
mod totals;
mod tree_rules;
mod trees;
#[cfg(unix)]
mod triage;
mod true_words;
#[cfg(feature = "verify")]
mod verify;
#[cfg(not(feature = "verify"))]
mod without_network;
