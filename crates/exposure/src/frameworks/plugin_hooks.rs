//! The code and the settings that hooks of plugins in a configuration make.

use crate::eval::value::{Field, Value};
use crate::frameworks::shipped_setting::ShippedSetting;

/// Hooks of plugins that put something into what clients get.
const PLUGIN_HOOKS: [&str; 18] = [
    "apply",
    "astro:config:setup",
    "banner",
    "buildEnd",
    "buildStart",
    "contentLoaded",
    "footer",
    "generateBundle",
    "injectHtmlTags",
    "intro",
    "load",
    "outro",
    "renderChunk",
    "renderStart",
    "setup",
    "transform",
    "transformIndexHtml",
    "writeBundle",
];

/// The code that plugins of a build write, as far as it can be evaluated.
pub(crate) fn written_by_plugins(plugins: &Value) -> Vec<ShippedSetting> {
    let mut settings = Vec::new();
    for plugin in plugins.elements() {
        if let Value::List(_) = plugin {
            settings.extend(written_by_plugins(plugin));
        }
        if let Value::Any(values) = plugin {
            settings.extend(values.iter().flat_map(written_by_plugins));
        }
        if plugin.get("apply").text() == Some("serve") {
            continue;
        }
        let writes =
            |field: &&Field| PLUGIN_HOOKS.contains(&&*field.key) && field.value.has_secret();
        let note = "a plugin of the configuration writes it into the code";
        let hooks = plugin.get("hooks").fields();
        let written = plugin.fields().iter().chain(hooks).filter(writes);
        settings.extend(written.map(|field| ShippedSetting::field(field, note)));
    }
    settings
}

/// The settings that plugins of a build add to it.
pub(crate) fn added_by_plugins(plugins: &Value) -> Vec<&Value> {
    let mut settings = Vec::new();
    for plugin in plugins.elements() {
        if let Value::List(values) | Value::Any(values) = plugin {
            settings.extend(values.iter().flat_map(added_by_plugins));
        }
        if plugin.get("apply").text() != Some("serve") {
            let hooks = [plugin.get("hooks").get("astro:config:setup"), plugin.get("setup")];
            let given = hooks.into_iter().chain([plugin.get("config")]);
            settings.extend(given.flat_map(any));
        }
    }
    settings
}

/// The values of which a value is any.
fn any(value: &Value) -> &[Value] {
    if let Value::Any(values) = value { values } else { value.elements() }
}
