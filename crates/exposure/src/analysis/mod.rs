//! The analysis from seeds to leaks: apps, their modules, what reaches clients, and the checks.

mod app_analysis;
mod client_edges;
mod code;
mod edit_scope;
mod edits;
mod files_above;
mod graph_view;
mod module_difference;
mod project_analysis;
mod pure_package;
mod result;
mod server_side;
mod settle;
mod state_record;
mod state_recorder;
mod style_roots;
mod unresolved_imports;

pub use edits::{EditedModule, adds_no_leak};
pub use project_analysis::{analyse, analyse_edits, analyse_sharing, parse_modules};
pub use result::Analysis;
pub use state_record::{EditVerdict, StateRecord};
pub use state_recorder::StateRecorder;
