//! Checks the provider of a rule file.

use std::sync::Arc;

use keyside_exposure::{KeyProvider, KeySlot, KeySlotError, Sdk};

use super::super::ruleset::{Provider, Ruleset};
use super::super::spanned::Spanned;
use super::super::syntax;
use super::checker::RuleChecker;
use super::names::{is_host, is_kebab, is_property_path, is_word};

impl RuleChecker<'_> {
    pub(super) fn provider(&mut self, written: syntax::RawProvider, set: &Ruleset) -> Provider {
        let id = written.id.get_ref();
        self.expect(is_kebab(id), written.id.span().start, || {
            format!("a provider's id must be in kebab-case, not `{id}`")
        });
        let is_built_in =
            || set.rules.iter().any(|own| own.is_built_in && set.providers[own.provider].id == *id);
        let is_new = !self.is_checked
            || set.providers.iter().all(|p| p.id != *id)
            || self.is_of_change() && !is_built_in();
        self.expect(is_new, written.id.span().start, || format!("duplicate provider `{id}`"));
        self.printable(&written.name);
        self.address(&written.url);
        for host in &written.hosts {
            self.expect(is_host(host.get_ref()), host.span().start, || {
                format!("`{}` is not a host name", host.get_ref())
            });
        }
        for word in written.words.iter().flatten() {
            self.expect(is_word(word.get_ref()), word.span().start, || {
                format!("`{}` is not a word of a variable's name such as `ACME_AI`", word.get_ref())
            });
        }
        for path in &written.server_paths {
            self.expect(
                path.get_ref().starts_with('/') && path.get_ref().len() > 1,
                path.span().start,
                || format!("`{}` is not a path of an address such as `/api/token`", path.get_ref()),
            );
        }
        let sdk = written.sdk.into_iter().map(|sdk| self.sdk(sdk)).collect();
        let words = written.words.map(|words| words.into_iter().map(Spanned::into_inner).collect());
        let keys = KeyProvider {
            words: words.unwrap_or_else(|| vec![id.to_ascii_uppercase().replace('-', "_")]),
            hosts: written.hosts.into_iter().map(Spanned::into_inner).collect(),
            server_paths: written.server_paths.into_iter().map(Spanned::into_inner).collect(),
            sdk,
        };
        Provider {
            id: written.id.into_inner(),
            name: written.name.into_inner(),
            url: written.url.into_inner(),
            keys: Arc::new(keys),
        }
    }

    fn sdk(&mut self, written: syntax::RawSdk) -> Sdk {
        self.expect(!written.key_properties.is_empty(), written.package.span().start, || {
            "a package needs at least one entry in key-properties".to_owned()
        });
        let mut slots = Vec::new();
        for slot in written.key_properties {
            if self.is_checked {
                let parsed =
                    slot.get_ref().parse().map_err(|error: KeySlotError| error.to_string());
                slots.extend(self.good(slot.span().start, parsed));
            } else {
                slots.push(KeySlot::trusted(slot.into_inner()));
            }
        }
        if let Some(switch) = &written.browser_switch {
            self.expect(is_property_path(switch.get_ref()), switch.span().start, || {
                let switch = switch.get_ref();
                format!("`{switch}` is not the name of an option such as `allowBrowser`")
            });
        }
        if let Some(only) = &written.client_only {
            self.expect(written.client || !only.get_ref(), only.span().start, || {
                "client-only needs client = true".to_owned()
            });
        }
        Sdk {
            package: written.package.into_inner(),
            client: written.client,
            is_client_only: written.client_only.is_some_and(Spanned::into_inner),
            key_properties: slots,
            browser_switch: written.browser_switch.map(Spanned::into_inner),
        }
    }
}
