//! Secrets in files that ship as they are: build output, static files, pages, browser extensions
//! and the contents of app packages. The placement of a file tells that, no import is followed.

mod android;
mod app_packages;
mod apple;
mod browser_extensions;
mod build_output;
mod comments;
pub(crate) mod context;
mod documents;
mod flutter;
pub(crate) mod framework_folders;
mod gradle;
pub(crate) mod markup_comments;
mod pages;
mod paths;
mod placement;
pub(crate) mod project_files;
pub(crate) mod search;
pub(crate) mod shipped_path;
mod source_maps;
#[cfg(test)]
mod tests;
mod xml;
