//! The providers' packages for clients that an app imports.

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;

use crate::catalog::{Catalog, Sdk};
use crate::graph::modules::Graph;
use crate::key_slot::KeySlot;

/// The packages by the specifiers that import them.
pub(crate) type ClientPackages<'a> = HashMap<&'a str, ClientPackage<'a>, RandomState>;

/// A package that runs in clients. Several providers may name one that works with each of them.
pub(crate) struct ClientPackage<'a> {
    /// The provider whose package it is most likely.
    pub(super) provider: usize,
    /// Where it takes keys.
    pub(super) slots: Vec<PackageSlot<'a>>,
}

/// A place where a package takes a key.
pub(super) struct PackageSlot<'a> {
    /// The place.
    pub(super) slot: &'a KeySlot,
    /// The option by which the package agrees to run in browsers.
    pub(super) switch: Option<&'a str>,
    /// True if the package runs nowhere but in clients.
    pub(super) is_client_only: bool,
    /// The file that says so, if any of its kinds of keys is used.
    file: Option<usize>,
}

/// The packages of providers that run in clients, as the modules of an app import them.
pub(crate) fn client_packages<'a>(graph: &'a Graph, catalog: &'a Catalog) -> ClientPackages<'a> {
    let mut known: HashMap<&str, Vec<(usize, &'a Sdk)>, RandomState> = HashMap::default();
    for (index, provider) in catalog.providers.iter().enumerate() {
        for sdk in provider.sdk.iter().filter(|sdk| sdk.client) {
            known.entry(&sdk.package).or_default().push((index, sdk));
        }
    }
    if known.is_empty() {
        return ClientPackages::default();
    }
    let imports = graph.modules.iter().flat_map(|node| &node.module.imports);
    let specifiers: HashSet<&str, RandomState> =
        imports.map(|import| import.specifier.as_str()).collect();
    let package = |specifier: &'a str| {
        let found = paths_above(specifier).find_map(|path| known.get(path))?;
        Some((specifier, ClientPackage::new(specifier, found, catalog)))
    };
    specifiers.into_iter().filter_map(package).collect()
}

/// A specifier and what is in front of each `/` in it, the longest first.
fn paths_above(specifier: &str) -> impl Iterator<Item = &str> {
    let shorter = specifier.rmatch_indices('/').map(|(at, _)| &specifier[..at]);
    std::iter::once(specifier).chain(shorter)
}

impl<'a> ClientPackage<'a> {
    fn new(specifier: &str, found: &[(usize, &'a Sdk)], catalog: &Catalog) -> Self {
        let mut slots: Vec<PackageSlot<'a>> = Vec::new();
        for (provider, sdk) in found {
            let file = catalog.file_of_provider(*provider);
            for slot in &sdk.key_properties {
                let switch = sdk.browser_switch.as_deref();
                match slots.iter_mut().find(|known| known.slot == slot) {
                    Some(known) => {
                        known.switch = known.switch.or(switch);
                        let both = file.zip(known.file);
                        let may_weaken =
                            both.is_some_and(|(file, other)| Catalog::may_weaken(file, other));
                        known.is_client_only &= sdk.is_client_only || !may_weaken;
                    }
                    None => {
                        let is_client_only = sdk.is_client_only;
                        slots.push(PackageSlot { slot, switch, is_client_only, file });
                    }
                }
            }
        }
        // `openai` takes keys of many providers.
        let letters = letters(specifier);
        let is_named = |provider: usize| {
            let words = catalog.providers.get(provider).map_or(&[][..], |it| &it.words);
            words.iter().any(|word| letters.contains(&self::letters(word)))
        };
        let mut providers = found.iter().map(|(provider, _)| *provider);
        let first = found.first().map_or(0, |(provider, _)| *provider);
        Self { provider: providers.find(|&provider| is_named(provider)).unwrap_or(first), slots }
    }
}

/// The letters and digits of a name, in lower case.
fn letters(name: &str) -> String {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|letter| letter.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::{KeyKind, KeyProvider};
    use crate::severity::KeyClass;
    use crate::testing::graph;

    fn provider(words: &str, package: &str, slots: &[&str], switch: Option<&str>) -> KeyProvider {
        let sdk = Sdk {
            package: package.to_owned(),
            client: true,
            is_client_only: false,
            key_properties: slots.iter().map(|slot| slot.parse().unwrap()).collect(),
            browser_switch: switch.map(str::to_owned),
        };
        KeyProvider { words: vec![words.to_owned()], sdk: vec![sdk], ..KeyProvider::default() }
    }

    #[test]
    fn a_package_has_the_slots_of_all_its_providers() {
        let providers = vec![
            provider("ANY", "openai", &["new OpenAI({apiKey})"], None),
            provider("OPENAI", "openai", &["new OpenAI({apiKey})", "setKey(0)"], Some("allow")),
            provider("ACME", "@acme/web", &["init(0)"], None),
            provider("ACME", "@acme/web/react", &["<Acme apiKey>"], None),
        ];
        let providers = providers.into_iter().map(std::sync::Arc::new).collect();
        let catalog = Catalog { kinds: Vec::new(), providers };
        let graph = graph(&[(
            "a.ts",
            "import 'openai'; import '@acme/web/x/y'; import '@acme/web/react'; import 'open'",
        )]);
        let packages = client_packages(&graph, &catalog);
        let shown = |specifier: &str| {
            let package = packages.get(specifier)?;
            let slots = package.slots.iter().map(|it| (it.slot.as_str(), it.switch));
            Some((package.provider, slots.collect::<Vec<_>>()))
        };
        let allow = Some("allow");
        assert_eq!(
            shown("openai"),
            Some((1, vec![("new OpenAI({apiKey})", allow), ("setKey(0)", allow)]))
        );
        assert_eq!(shown("@acme/web/x/y"), Some((2, vec![("init(0)", None)])));
        assert_eq!(shown("@acme/web/react"), Some((3, vec![("<Acme apiKey>", None)])));
        assert_eq!((shown("open"), packages.len()), (None, 3));
    }

    #[test]
    fn a_package_for_clients_stays_one_whatever_another_file_says() {
        let graph = graph(&[("a.ts", "import 'acme'")]);
        for (files, is_client_only) in
            [([0, 1], true), ([1, 2], true), ([1, 1], false), ([1, 0], false)]
        {
            let mut catalog = Catalog::default();
            for (nth, file) in files.into_iter().enumerate() {
                let mut own = provider("ACME", "acme", &["init(0)"], None);
                own.sdk[0].is_client_only = nth == 0;
                catalog.providers.push(own.into());
                catalog.kinds.push(KeyKind {
                    provider: nth,
                    file,
                    class: KeyClass::Secret,
                    keywords: Default::default(),
                    env: Default::default(),
                    is_wanted: true,
                });
            }
            let packages = client_packages(&graph, &catalog);
            assert_eq!(packages["acme"].slots[0].is_client_only, is_client_only, "{files:?}");
        }
    }
}
