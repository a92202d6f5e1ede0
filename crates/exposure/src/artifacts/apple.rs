//! iOS and related systems: property lists, texts, code, and the settings that property lists name.

use crate::artifacts::comments::Language;
use crate::artifacts::context::ArtifactContext;
use crate::artifacts::placement::{Form, Placement, span};
use crate::artifacts::{comments, paths, xml};
use crate::leak::{FileSpan, Leak, LeakKind};
use crate::project::conventions::is_test_artifact;

/// Files that mark the folder of an app.
const PROJECT_FILES: [&str; 4] = ["Info.plist", "Podfile", "project.yml", "Project.swift"];

/// Frameworks that only apps import.
const APP_IMPORTS: [&str; 6] = [
    "import UIKit",
    "import SwiftUI",
    "import WatchKit",
    "import AppKit",
    "import WidgetKit",
    "#import <UIKit",
];

/// Frameworks of servers, as code imports them.
const SERVER_IMPORTS: [&str; 3] = ["import Vapor", "import Hummingbird", "import Kitura"];

/// The same frameworks, as package manifests name them.
const SERVER_PACKAGES: [&str; 3] = ["vapor", "hummingbird", "Kitura"];

/// Platforms of devices, as package manifests name them.
const PLATFORMS: [&str; 4] = [".iOS(", ".watchOS(", ".tvOS(", ".visionOS("];

/// Property lists that only tools read.
const TOOL_LISTS: [&str; 3] =
    ["ExportOptions.plist", "xcschememanagement.plist", "IDEWorkspaceChecks.plist"];

/// The longest chain of settings that is followed.
const MAX_DEPTH: usize = 4;

/// The placement of a file that becomes part of an app.
pub(crate) fn placement(
    context: &ArtifactContext<'_>,
    path: &str,
    text: &str,
) -> Option<Placement> {
    if is_apart(path) {
        return None;
    }
    let ships = |why: &str| Placement::new(LeakKind::NativeAppSecret, "ios", why);
    match paths::ending(path).as_str() {
        "plist" if paths::name(path).contains("Info") => {
            Some(ships("the property list is bundled with the app").of(Form::Xml))
        }
        "plist" => {
            let marker = project(context, path, "")?;
            Some(ships("the property list is bundled with the app").by(marker).of(Form::Xml))
        }
        "strings" | "stringsdict" | "xcstrings" => {
            let is_localised =
                path.contains(".lproj/") || paths::name(path) == "Localizable.strings";
            let marker = project(context, path, "");
            let found = ships("the texts are bundled with the app").of(Form::Code(Language::C));
            match marker {
                Some(marker) => Some(found.by(marker)),
                None => is_localised.then_some(found),
            }
        }
        "swift" | "m" | "mm" | "h" => {
            let marker = project(context, path, text)?;
            let is_swift = paths::ends_in(path, &["swift"]);
            let language = if is_swift { Language::Kotlin } else { Language::C };
            Some(ships("the code is part of the app").by(marker).of(Form::Code(language)))
        }
        "json" => {
            let beside = paths::join(paths::folder(path), "Info.plist");
            let found = ships("files beside the property list are bundled with the app");
            context.has(&beside).then(|| found.by(beside).likely())
        }
        _ => None,
    }
}

/// Secrets that property lists name. They are reported where the settings contain them, or else
/// where they are named.
pub(crate) fn leaks(context: &ArtifactContext<'_>, path: &str, text: &str) -> Vec<Leak> {
    if is_apart(path) && !is_settings(path) {
        return Vec::new();
    }
    if is_settings(path) {
        of_settings(context, path, text)
    } else if paths::ends_in(path, &["plist"]) {
        of_list(context, path, text)
    } else {
        Vec::new()
    }
}

fn is_apart(path: &str) -> bool {
    let is_made = |part: &str| {
        part.ends_with("Tests")
            || matches!(part, "fastlane" | "Pods" | "Carthage" | "LaunchAgents" | "LaunchDaemons")
            || part.ends_with(".xcodeproj")
            || part.ends_with(".xcworkspace")
    };
    path.split('/').any(is_made)
        || is_test_artifact(path)
        || TOOL_LISTS.contains(&paths::name(path))
        || matches!(paths::name(path), "Package.swift" | "Project.swift")
}

/// The file that marks the app folder of a file.
fn project(context: &ArtifactContext<'_>, path: &str, text: &str) -> Option<String> {
    if SERVER_IMPORTS.iter().any(|import| text.contains(import)) {
        return None;
    }
    for folder in paths::ancestors(path) {
        let package = paths::join(folder, "Package.swift");
        if let Some(manifest) = context.marker(&package) {
            if SERVER_PACKAGES.iter().any(|name| manifest.contains(name)) {
                return None;
            }
            if PLATFORMS.iter().any(|platform| manifest.contains(platform)) {
                return Some(package);
            }
        }
        let beside = PROJECT_FILES.iter().map(|name| paths::join(folder, name));
        let has_code = paths::ends_in(path, &["swift", "m", "mm", "h", "plist", "strings"]);
        if let Some(file) = beside.into_iter().find(|file| has_code && context.has(file)) {
            return Some(file);
        }
        if let Some(file) = context.projects.xcode(folder) {
            return Some(file.to_owned());
        }
    }
    APP_IMPORTS.iter().any(|import| text.contains(import)).then(|| path.to_owned())
}

fn is_settings(path: &str) -> bool {
    paths::ends_in(path, &["xcconfig", "pbxproj"])
}

/// The secrets of a settings file under names that a property list uses.
fn of_settings(context: &ArtifactContext<'_>, path: &str, text: &str) -> Vec<Leak> {
    let left_out = comments::ranges(text, Language::C);
    let settings = settings(context);
    let mut leaks = Vec::new();
    for key in context.secrets(text) {
        let line = text[..key.range.start].rfind('\n').map_or(0, |at| at + 1);
        let Some((name, _)) = text[line..key.range.start].split_once('=') else { continue };
        let name = name.split('[').next().unwrap_or_default().trim().trim_matches('"');
        if name.is_empty() || comments::holds(&left_out, key.range.start) {
            continue;
        }
        let why = format!("the property list takes {} up", context.keys.masked(name));
        let placement = Placement::new(LeakKind::NativeAppSecret, "ios", why);
        if name.starts_with("INFOPLIST_KEY_") {
            leaks.push(placement.leak(path, key, ""));
        } else if let Some(list) = list_that_uses(context, &settings, name) {
            leaks.push(placement.by(list).leak(path, key, ""));
        }
    }
    leaks
}

/// The property list that uses a setting, directly or through other settings.
fn list_that_uses(
    context: &ArtifactContext<'_>,
    settings: &[(String, String)],
    name: &str,
) -> Option<String> {
    let mut wanted = vec![name.to_owned()];
    for _ in 0..MAX_DEPTH {
        let lists = context.files.iter().filter(|file| paths::ends_in(file, &["plist"]));
        for list in lists.filter(|list| !is_apart(list)) {
            let text = context.marker(list);
            if text.is_some_and(|text| references(&text).any(|n| wanted.iter().any(|w| w == n))) {
                return Some(list.clone());
            }
        }
        let next = settings.iter().filter(|(_, value)| {
            references(value).any(|name| wanted.iter().any(|wanted| wanted == name))
        });
        wanted = next.map(|(name, _)| name.clone()).collect();
        if wanted.is_empty() {
            return None;
        }
    }
    None
}

/// Uses, in a property list, of settings with the name of a secret and an unknown value.
fn of_list(context: &ArtifactContext<'_>, path: &str, text: &str) -> Vec<Leak> {
    let mut written = None;
    let mut leaks = Vec::new();
    for piece in xml::pieces(text) {
        for name in references(&piece.content) {
            let key_kind = context.secret_name(name).or_else(|| context.secret_name(&piece.key));
            let Some(key_kind) = key_kind else { continue };
            let settings = written.get_or_insert_with(|| settings(context));
            if settings.iter().any(|(own, value)| own == name && context.has_key(value)) {
                continue;
            }
            let why = "the property list is bundled with the app";
            let placement = Placement::new(LeakKind::NativeAppSecret, "ios", why);
            let at = FileSpan { path: path.into(), span: span(&piece.range) };
            leaks.push(placement.named(at, key_kind, name, None, Vec::new()));
        }
    }
    leaks
}

/// All settings of the app's files: name and value.
fn settings(context: &ArtifactContext<'_>) -> Vec<(String, String)> {
    let mut all = Vec::new();
    for file in context.files.iter().filter(|file| is_settings(file)) {
        let Some(text) = context.marker(file) else { continue };
        let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        all.extend(lines.filter_map(|line| {
            let (name, value) = line.split_once('=')?;
            let name = name.split('[').next().unwrap_or_default().trim().trim_matches('"');
            Some((name.to_owned(), value.trim().trim_end_matches(';').to_owned()))
        }));
    }
    all
}

/// The names in `$(NAME)` and `${NAME}`.
fn references(text: &str) -> impl Iterator<Item = &str> {
    text.match_indices('$').filter_map(|(at, _)| {
        let rest = &text[at + 1..];
        let close = if rest.starts_with('(') { ')' } else { '}' };
        let inside = rest.strip_prefix(['(', '{'])?;
        let name = inside.split(close).next()?.split(':').next()?;
        let is_name = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
        (is_name && !name.is_empty()).then_some(name)
    })
}
