//! The Azure DevOps pipeline that a run is part of. Its code scanning drops a log without it, and
//! expects its own form of id in place of GitHub's category.

use std::collections::BTreeMap;
use std::num::NonZeroU64;

use serde_json::Value;

/// A pipeline, from its predefined variables.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pipeline {
    id: String,
    definition_id: NonZeroU64,
    definition_name: String,
    phase_id: String,
    phase_name: String,
}

impl Pipeline {
    /// The pipeline of these variables; `None` outside Azure DevOps, or if a variable is missing.
    pub fn new(variable: impl Fn(&str) -> Option<String>) -> Option<Self> {
        let variable = |name| variable(name).filter(|value| !value.trim().is_empty());
        variable("TF_BUILD")?;
        let address = variable("SYSTEM_COLLECTIONURI")?;
        let organization = address.trim_end_matches('/').rsplit('/').next()?.to_owned();
        let definition_id: NonZeroU64 = variable("SYSTEM_DEFINITIONID")?.parse().ok()?;
        let phase_id = variable("SYSTEM_PHASEID").filter(|id| is_guid(id))?;
        let parts = [
            organization,
            variable("SYSTEM_TEAMPROJECTID")?,
            definition_id.to_string(),
            phase_id.clone(),
            variable("BUILD_SOURCEBRANCH")?,
            variable("BUILD_BUILDID")?,
        ];
        Some(Self {
            id: format!("{PREFIX}{}", parts.join("/")),
            definition_id,
            definition_name: variable("BUILD_DEFINITIONNAME")?,
            phase_id,
            phase_name: variable("SYSTEM_PHASENAME")?,
        })
    }

    /// The id of a run.
    pub(super) fn id(&self) -> String {
        self.id.clone()
    }

    /// The properties that belong to the id.
    pub(super) fn properties(&self) -> BTreeMap<String, Value> {
        let name = |name: &str| format!("{PREFIX}{name}");
        BTreeMap::from([
            // A number, but readers accept only texts.
            (name("buildDefinitionId"), self.definition_id.to_string().into()),
            (name("buildDefinitionName"), self.definition_name.clone().into()),
            (name("phaseId"), self.phase_id.clone().into()),
            (name("phaseName"), self.phase_name.clone().into()),
        ])
    }
}

const PREFIX: &str = "azuredevops/pipeline/build/";

fn is_guid(text: &str) -> bool {
    let lengths = text.split('-').map(str::len);
    let digits = text.bytes().filter(|byte| *byte != b'-');
    lengths.eq([8, 4, 4, 4, 12])
        && digits.clone().all(|byte| byte.is_ascii_hexdigit())
        && digits.into_iter().any(|byte| byte != b'0')
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// The variables of a job, but for those that are `without`.
    pub(in crate::report) fn pipeline(without: &str) -> Option<Pipeline> {
        let known = [
            ("TF_BUILD", "True"),
            ("SYSTEM_COLLECTIONURI", "https://dev.azure.com/ours/"),
            ("SYSTEM_DEFINITIONID", "12"),
            ("SYSTEM_PHASEID", "3a3a2a60-14c7-570b-14a4-fa42ad92f52a"),
            ("SYSTEM_PHASENAME", "Job"),
            ("SYSTEM_TEAMPROJECTID", "11111111-2222-3333-4444-555555555555"),
            ("BUILD_SOURCEBRANCH", "refs/heads/main"),
            ("BUILD_BUILDID", "345"),
            ("BUILD_DEFINITIONNAME", "checks"),
        ];
        Pipeline::new(|name| {
            let (_, value) = known.iter().find(|(own, _)| *own == name && name != without)?;
            Some((*value).to_owned())
        })
    }

    #[test]
    fn a_pipeline_is_named_in_full_or_not_at_all() {
        let whole = pipeline("").unwrap();
        assert_eq!(
            whole.id(),
            "azuredevops/pipeline/build/ours/11111111-2222-3333-4444-555555555555/12/\
             3a3a2a60-14c7-570b-14a4-fa42ad92f52a/refs/heads/main/345"
        );
        for without in ["TF_BUILD", "SYSTEM_DEFINITIONID", "SYSTEM_PHASENAME", "BUILD_BUILDID"] {
            assert_eq!(pipeline(without), None, "{without}");
        }
        for (guid, is) in [
            ("3a3a2a60-14c7-570b-14a4-fa42ad92f52a", true),
            ("00000000-0000-0000-0000-000000000000", false),
            ("3a3a2a60", false),
            ("3a3a2a60-14c7-570b-14a4-fa42ad92f52x", false),
        ] {
            assert_eq!(is_guid(guid), is, "{guid}");
        }
    }
}
