//! The markup of pages and components: the modules in a file, and the values and links of its
//! template.

mod addresses;
mod astro;
mod blanked;
mod braces;
mod branches;
pub(crate) mod cut;
mod elements;
mod expression;
pub(crate) mod module_source;
mod names;
pub(crate) mod placeholders;
mod reader;
pub(crate) mod rendered;
mod scripts;
mod svelte;
mod tag;
mod tags;
pub(crate) mod template_branch;
#[cfg(test)]
mod testing;
mod vue;
