//! The tables of what lower layers need to know of all frameworks.

use crate::artifacts::framework_folders::FrameworkFolders;
use crate::frameworks::facts::FrameworkFacts;
use crate::frameworks::sending_call::SendingCall;
use crate::js::conventions::CodeConventions;
use crate::project::conventions::AppMarkers;
use crate::variables::conventions::VariableConventions;

/// The facts of all frameworks, by the layer that needs them.
pub(crate) struct FrameworkTables {
    /// For the layout of the project: what makes an app of a folder.
    pub(crate) apps: AppMarkers,
    /// Names of files that decide what ships, besides modules.
    pub(crate) settings: Vec<&'static str>,
    /// For the parser: names in code.
    pub(crate) code: CodeConventions,
    /// For variables and their values: prefixes, modules, functions.
    pub(crate) variables: VariableConventions,
    /// For artifacts: folders and files that ship as they are.
    pub(crate) folders: FrameworkFolders,
    /// For checks: calls that send values, whatever the app uses.
    pub(crate) unmistakable_calls: Vec<SendingCall>,
    /// For checks: how the names of packages begin whose response functions send values.
    pub(crate) response_packages: Vec<&'static str>,
}

impl FrameworkTables {
    /// Collects the facts, in order.
    pub(crate) fn new(all: &[&'static FrameworkFacts]) -> Self {
        let packages_of = |is_meant: fn(&FrameworkFacts) -> bool| {
            let meant = all.iter().filter(move |facts| is_meant(facts));
            meant.flat_map(|facts| facts.packages).copied().collect()
        };
        let calls = all.iter().flat_map(|facts| facts.sending_calls).copied();
        Self {
            apps: AppMarkers {
                packages: collected(all, |facts| facts.app_packages),
                files: collected(all, |facts| facts.app_markers),
            },
            settings: collected(all, |facts| facts.settings),
            code: CodeConventions {
                server_calls: collected(all, |facts| facts.server_calls),
                server_options: collected(all, |facts| facts.server_options),
                constants: collected(all, |facts| facts.constants),
                server_variables: collected(all, |facts| facts.server_variables),
            },
            variables: VariableConventions {
                public_prefixes: collected(all, |facts| facts.public_prefixes),
                name_prefixes: all
                    .iter()
                    .flat_map(|facts| facts.public_prefixes.iter().chain(facts.app_prefixes))
                    .copied()
                    .chain(all.iter().filter_map(|facts| facts.vite_prefix))
                    .collect(),
                vite_prefixes: all
                    .iter()
                    .filter_map(|facts| Some((facts.packages, facts.vite_prefix?)))
                    .collect(),
                modules: collected(all, |facts| facts.variable_modules),
                functions: collected(all, |facts| facts.variable_functions),
                runtime_config: collected(all, |facts| facts.runtime_config_functions),
            },
            folders: FrameworkFolders {
                outputs: all.iter().flat_map(|facts| facts.output_folders).collect(),
                assets: collected(all, |facts| facts.asset_folders),
                statics: all.iter().flat_map(|facts| facts.static_folders).collect(),
                documents: collected(all, |facts| facts.document_folders),
                packagers: packages_of(|facts| facts.packages_output),
                extension_makers: packages_of(|facts| facts.makes_extensions),
                templates: all.iter().filter_map(|facts| facts.compiled_templates).collect(),
            },
            unmistakable_calls: calls.filter(|call| call.is_unmistakable).collect(),
            response_packages: collected(all, |facts| facts.response_packages),
        }
    }
}

/// All items of one list of facts.
fn collected<T: Copy>(
    all: &[&'static FrameworkFacts],
    list: fn(&'static FrameworkFacts) -> &'static [T],
) -> Vec<T> {
    all.iter().flat_map(|facts| list(facts)).copied().collect()
}
