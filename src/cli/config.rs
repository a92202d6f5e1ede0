//! `keyside config show`.

use std::io::Write;

use super::args::ConfigAction;
use super::exit;
use super::streams::Streams;
use crate::config::Settings;

pub(super) fn config(action: ConfigAction, streams: &Streams) -> anyhow::Result<u8> {
    let ConfigAction::Show { path, tree, rules, filter } = action;
    let settings = filter.settings(rules.settings(tree.settings(Settings::default())));
    let plan = settings.plan(&[path])?;
    let mut out = streams.out();
    for file in &plan.files {
        writeln!(out, "# read: {}", file.display())?;
    }
    for notice in &plan.notices {
        let path = notice.path.as_ref().map(|path| path.to_text()).unwrap_or_default();
        writeln!(out, "# note: {path}: {}", notice.message)?;
    }
    for config in &plan.policy.configs {
        for rule in &config.disabled {
            writeln!(out, "# {}: {rule} still runs; its findings are suppressed", config.name)?;
        }
        if !config.excluded.is_empty() {
            writeln!(
                out,
                "# {}: excluded paths are still scanned; their findings are suppressed",
                config.name
            )?;
        }
    }
    writeln!(out, "# {} rules", plan.rules.wanted().count())?;
    write!(out, "{}", plan.effective)?;
    Ok(exit::CLEAN)
}
