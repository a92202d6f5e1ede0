//! Names the files of other scanners where one of keyside's is expected.

use std::path::Path;

use crate::config::ConfigError;
use crate::interop::{self, ImportFormat};
use crate::model::read_settings;
use crate::rules::RuleErrors;

/// The largest file that is looked at, in bytes.
const MAX_FILE: u64 = 64 << 20;

/// The advice for a fault in a file that belongs to another scanner.
pub(super) fn advice(error: &anyhow::Error) -> Option<String> {
    let file = error.chain().find_map(|cause| {
        let of_rules = |errors: &RuleErrors| Some(errors.0.first()?.file.clone());
        match cause.downcast_ref::<ConfigError>() {
            Some(ConfigError::Syntax { file, .. }) => Some(file.clone()),
            Some(ConfigError::Rules(errors)) => of_rules(errors),
            Some(ConfigError::Baseline(error)) => Some(error.file.clone()),
            Some(ConfigError::IgnoreFile(error)) => Some(error.file.clone()),
            Some(
                ConfigError::Read { .. }
                | ConfigError::Stored { .. }
                | ConfigError::Verify(_)
                | ConfigError::Usage(_),
            ) => None,
            None => cause.downcast_ref::<RuleErrors>().and_then(of_rules),
        }
    })?;
    let text = read_settings(Path::new(&file), MAX_FILE).ok()?;
    let name = Path::new(&file).file_name()?.to_string_lossy();
    // A broken file may be anything.
    let kind = ImportFormat::detect(&name, &text);
    let is_toml = toml::from_str::<toml::Table>(&text).is_ok();
    match kind.filter(|kind| *kind != ImportFormat::GitleaksConfig || is_toml) {
        Some(kind) => {
            let title = kind.title();
            Some(format!("{file} is {title}: `keyside import {file} -o .` converts it"))
        }
        None => interop::other_tool(&name, &text).map(|tool| {
            format!(
                "{file} looks like a file of {tool}, which `keyside import` cannot convert; \
                 `keyside rules new` writes the beginning of a rule file"
            )
        }),
    }
}
