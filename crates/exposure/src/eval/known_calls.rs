//! Calls whose results are known: functions that are called again and again with the same arguments, as
//! when what calls them is called with different ones, are followed once.

use std::cell::RefCell;
use std::collections::HashMap;

use foldhash::fast::RandomState;

use crate::eval::value::Value;
use crate::graph::modules::ModuleId;

/// How many calls of a function are remembered.
const MAX_CALLS_OF_ONE: usize = 16;

/// Larger arguments are not compared.
const MAX_COMPARED: usize = 64;

/// A function, at a depth of calls.
type CalledFunction = (ModuleId, u32, u32);

/// A call: its arguments, the object that it is made on, and its result.
struct KnownCall {
    arguments: Box<[Value]>,
    this: Option<Value>,
    result: Value,
}

/// The calls whose results are known.
#[derive(Default)]
pub(super) struct KnownCalls(RefCell<HashMap<CalledFunction, Vec<KnownCall>, RandomState>>);

impl KnownCalls {
    /// The result of a call, if it is known.
    pub(super) fn result(
        &self,
        function: CalledFunction,
        arguments: &[Value],
        this: Option<&Value>,
    ) -> Option<Value> {
        let known = self.0.borrow();
        let is_it = |call: &&KnownCall| {
            call.this.is_some() == this.is_some()
                && call.arguments.len() == arguments.len()
                && call.this.iter().zip(this).all(|(known, given)| known.is_same(given))
                && call.arguments.iter().zip(arguments).all(|(known, given)| known.is_same(given))
        };
        known.get(&function)?.iter().find(is_it).map(|call| call.result.clone())
    }

    /// Remembers the result of a call.
    pub(super) fn keep(
        &self,
        function: CalledFunction,
        arguments: &[Value],
        this: Option<&Value>,
        result: &Value,
    ) {
        if arguments.iter().chain(this).map(Value::size).sum::<usize>() > MAX_COMPARED {
            return;
        }
        let mut known = self.0.borrow_mut();
        let calls = known.entry(function).or_default();
        if calls.len() < MAX_CALLS_OF_ONE {
            let (arguments, this) = (arguments.into(), this.cloned());
            calls.push(KnownCall { arguments, this, result: result.clone() });
        }
    }

    /// Forgets all calls.
    pub(super) fn clear(&mut self) {
        self.0.get_mut().clear();
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::{analysed, leak_lines, leaks_of_client_code, notice_lines};

    /// A sum of the same call, many times.
    fn often(call: &str) -> String {
        vec![call; 40].join(" + ")
    }

    #[test]
    fn functions_that_call_each_other_often_are_followed_to_the_end() {
        let [c, b, a] = ["g(x.name)", "c(x)", "b(x)"].map(often);
        let code = format!(
            "const c = (x) => {c}\nconst b = (x) => {b}\nconst a = (x) => {a} + x.key\n\
             fetch('/x', {{ body: a({{ key: import.meta.env.VITE_MAGICX_SECRET_KEY, name: 'x' }}) }})"
        );
        let analysis = analysed(&[
            ("package.json", r#"{"devDependencies": {"vite": "6.0.0"}}"#),
            ("index.html", "<script type=module src=/src/main.ts></script>"),
            ("src/main.ts", &code),
        ]);
        assert_eq!(leak_lines(&analysis), ["client-secret-env src/main.ts warning"]);
        assert!(notice_lines(&analysis).is_empty(), "{:?}", notice_lines(&analysis));
    }

    #[test]
    fn other_arguments_give_other_results() {
        let code = "import { AIAutocomplete } from '@magicx-eng/ai-autocomplete-react'\n\
            const pick = (from) => from.key\n\
            const both = (one, two) => [pick(one), pick(two), pick(one)]\n\
            const all = both({ key: 'a' }, { key: '{key:sk_v1_:2}' })\n";
        let of = |nth: usize| {
            let config = format!("{{{{ apiKey: all[{nth}] }}}}");
            leaks_of_client_code(&format!("{code}x(<AIAutocomplete apiConfig={config} />)"))
        };
        assert_eq!(of(0), of(2));
        assert_ne!(of(0), of(1));
    }
}
