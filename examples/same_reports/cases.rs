//! The cases of the tests as folders.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde_json::{Map, Value};

use super::keys::filled;

/// A small project.
pub(crate) struct Case {
    pub(crate) name: String,
    /// The rules that it needs besides the built-in ones.
    pub(crate) rules: Option<PathBuf>,
    files: Map<String, Value>,
}

impl Case {
    /// Writes the files into a folder.
    pub(crate) fn write(&self, folder: &Path) -> anyhow::Result<()> {
        for (path, content) in &self.files {
            let text = content.as_str().or_else(|| content["utf16"].as_str());
            let text = filled(text.with_context(|| format!("{}: {path}", self.name))?);
            let bytes = if content.is_string() {
                text.into_bytes()
            } else {
                format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect()
            };
            let path = folder.join(path);
            fs::create_dir_all(path.parent().context("a file is in a folder")?)?;
            fs::write(path, bytes)?;
        }
        Ok(())
    }
}

/// The cases of a folder and of the folders in it, which have rules of their own.
pub(crate) fn read(folder: &Path) -> anyhow::Result<Vec<Case>> {
    let mut cases = Vec::new();
    let mut folders = vec![(folder.to_owned(), None)];
    while let Some((folder, rules)) = folders.pop() {
        let entries = fs::read_dir(&folder)?.map(|entry| Ok(entry?.path()));
        let mut paths = entries.collect::<anyhow::Result<Vec<_>>>()?;
        paths.sort();
        for path in paths {
            if path.is_dir() {
                let rules = path.join("rules.toml");
                folders.push((path, Some(rules)));
            } else if path.extension().is_some_and(|ending| ending == "json") {
                let text = fs::read_to_string(&path)?;
                let list: Vec<Value> =
                    serde_json::from_str(&text).with_context(|| path.display().to_string())?;
                cases.extend(list.into_iter().map(|mut case| Case {
                    name: case["name"].as_str().unwrap_or_default().to_owned(),
                    rules: rules.clone(),
                    files: case["files"].as_object_mut().map(std::mem::take).unwrap_or_default(),
                }));
            }
        }
    }
    Ok(cases)
}
