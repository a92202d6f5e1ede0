//! Reads the rest of a rule of the binary when it is first asked for.

use std::ops::Deref;

use super::compile;
use super::ruleset::{Rule, RuleBody};

impl Deref for Rule {
    type Target = RuleBody;

    fn deref(&self) -> &RuleBody {
        self.body.get_or_init(|| Box::new(compile::stored(self.stored)))
    }
}

#[cfg(test)]
mod tests {
    use crate::rules::{Rng, Ruleset};
    use crate::scan::KeyScanner;
    use crate::source::Chunk;

    #[test]
    fn only_rules_with_a_hit_are_read() {
        let rules = Ruleset::built_in();
        let scanner = KeyScanner::with_seeds(&rules, &["ACME_KEY".to_owned()]);
        let read = || -> Vec<&str> {
            let read = rules.rules.iter().filter(|rule| rule.body.get().is_some());
            read.map(|rule| rule.id.as_str()).collect()
        };
        let plain = b"fn main() {\n    let total = items.iter().sum();\n}\n";
        assert!(scanner.find(&Chunk::whole(plain)).keys.is_empty());
        assert_eq!(read(), [""; 0]);
        assert_ne!(rules.digest(), [0; 32]);
        assert_eq!(read(), [""; 0]);
        let digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
        let text = format!("key = 'sk_v1_{}'", Rng::new(1).text(digits, 43));
        assert_eq!(scanner.find(&Chunk::whole(text.as_bytes())).keys.len(), 1);
        let read = read();
        assert!(read.contains(&"magicx-secret-key") && read.len() < 10, "{read:?}");
    }
}
