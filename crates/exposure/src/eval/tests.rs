//! Expressions and their values.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "few of the kinds of values and expressions matter here"
)]

use crate::eval::evaluator::Evaluator;
use crate::eval::limits::{MAX_SIZE, MAX_TEXT, MAX_WORK};
use crate::eval::names::name_of;
use crate::eval::value::{TaintOrigin, Value, leaked_taints};
use crate::graph::modules::Graph;
use crate::js::ir::Expr;
use crate::testing::catalog::catalog;
use crate::testing::graph;
use crate::testing::keys::Prefixes;
use crate::variables::names::SecretNames;
use crate::variables::tainted::TaintedVariables;

/// Runs `check` with an evaluator of some files.
fn with<T>(files: &[(&str, &str)], check: impl FnOnce(&Evaluator<'_>, &Graph) -> T) -> T {
    let catalog = catalog();
    let (graph, names, keys) = (graph(files), SecretNames::new(&catalog), Prefixes(&catalog));
    let env =
        TaintedVariables::new(&[], &names, &crate::frameworks::tables().variables, &keys, &catalog);
    check(&Evaluator::new(&graph, &catalog, &keys, &env), &graph)
}

/// A value in words.
fn shown(value: &Value) -> String {
    let all = |values: &[Value], between: &str| {
        values.iter().map(shown).collect::<Vec<_>>().join(between)
    };
    match value {
        Value::Unknown => "?".to_owned(),
        Value::Text(text) => format!("'{text}'"),
        Value::Literal(text) => text.to_string(),
        Value::Secret(taint) => match &taint.origin {
            TaintOrigin::Written { .. } => "KEY".to_owned(),
            TaintOrigin::Variable { name, .. } => format!("${name}"),
        },
        Value::Variable => "variable".to_owned(),
        Value::Environment(..) => "env".to_owned(),
        Value::Object(fields) => {
            let fields = fields.iter().map(|f| format!("{}: {}", f.key, shown(&f.value)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(", "))
        }
        Value::List(values) => format!("[{}]", all(values, ", ")),
        Value::Function(..) => "function".to_owned(),
        Value::Module(_) => "module".to_owned(),
        Value::Instance(_, _, values) => format!("instance({})", all(values, ", ")),
        Value::CallResult(name, values) => format!("{name}({})", all(values, ", ")),
        Value::Any(values) => all(values, " | "),
    }
}

const KEY: &str = "const k = '{key:sk_v1_:1}', p = '{key:pk_v1_:2}', env = process.env;\n";

/// Compares the values of expressions in which `k` is a secret key and `p` a public one.
fn check(cases: &[(&str, &str)]) {
    for (expression, expected) in cases {
        let text = format!("{KEY}export const v = {expression}");
        let found = with(&[("a.tsx", &text)], |evaluator, _| shown(&evaluator.export(0, "v")));
        assert_eq!(found, *expected, "{expression}");
    }
}

#[test]
fn constants_are_folded() {
    check(&[
        ("'a' + 'b'", "'ab'"),
        ("`a${'b'}c`", "'abc'"),
        ("'a' + 1 + true", "'a1true'"),
        ("'a'.concat('b', 'c')", "'abc'"),
        ("['a', 'b'].join('')", "'ab'"),
        ("['a', 'b'].join()", "'a,b'"),
        ("['b', 'a'].reverse().join('-')", "'a-b'"),
        ("String('a')", "'a'"),
        ("' a '.trim()", "'a'"),
        ("atob('aGVsbG8=')", "'hello'"),
        ("Buffer.from('aGVsbG8', 'base64').toString()", "'hello'"),
        ("atob('***')", "?"),
        ("{ a: { b: { c: 'x' } } }.a.b.c", "'x'"),
        ("{ a: 'x' }['a']", "'x'"),
        ("['x', 'y'][1]", "'y'"),
        ("{ ['a' + 'b']: 'x' }.ab", "'x'"),
        ("{ ...{ a: 'x' }, b: 1 }.a", "'x'"),
        ("{ a: 'x', a: 'y' }.a", "'y'"),
        ("[...['a'], 'b'].join('')", "'ab'"),
        ("('x' as const)", "'x'"),
        ("'x' satisfies string", "'x'"),
        ("'x'!", "'x'"),
        ("window.x ? 'a' : 'b'", "'a' | 'b'"),
        ("window.x ?? 'b'", "'b'"),
        ("window.x", "?"),
        ("undefined", "undefined"),
        ("'a' + window.x", "?"),
    ]);
}

#[test]
fn statements_change_objects() {
    for (statements, expected) in [
        ("const o = {}; o.a = k", "{a: KEY}"),
        ("const q = {}; q.a = k; const o = { q, b: 1 }", "{q: {}, b: 1}"),
        ("const o = { a: k }; o.a = undefined", "{a: undefined}"),
        ("const o = { a: k, b: 1 }; delete o.a", "{a: ?, b: 1}"),
        ("const o = { a: { b: 1 } }; o.a.c = k; o.a['b'] = 2", "{a: {b: 2, c: KEY}}"),
        ("const o = { a: 1 }; function f() { o.b = k }", "{a: 1, b: KEY}"),
        ("const o = {}; if (import.meta.env.SSR) { o.a = k }", "{}"),
        ("const o = {}; o[window.x] = k", "{[]: KEY}"),
        ("const o = []; o.length = 0", "[]"),
        ("const o = {}; o.a = o; o.b = k", "{a: {}, b: KEY}"),
        ("const o = 'x'; o.a = k", "'x'"),
    ] {
        let text = format!("{KEY}{statements}; export const v = o");
        let found = with(&[("a.ts", &text)], |evaluator, graph| {
            let body = graph.modules[0].module.body.as_ref().unwrap();
            let mut uses = (0..body.nodes.len()).rev();
            let is_o = |id: &usize| {
                matches!(&body.nodes[*id].expr, Expr::Symbol(symbol)
                    if &*body.symbols[*symbol as usize].name == "o")
            };
            shown(&evaluator.value_sent(0, uses.find(is_o).unwrap() as u32))
        });
        assert_eq!(found, expected, "{statements}");
    }
}

#[test]
fn secrets_are_passed_on() {
    check(&[
        ("k", "KEY"),
        ("'Bearer ' + k", "KEY"),
        ("`Bearer ${k}`", "KEY"),
        ("'mgx-' + 'sk-' + '{key::3}'", "KEY"),
        ("['mgx', 'sk', '{key::3}'].join('-')", "KEY"),
        ("'x'.concat(k)", "KEY"),
        ("k.concat('x')", "KEY"),
        ("[k, 'x'].join(':')", "KEY"),
        ("String(k)", "KEY"),
        ("k.trim()", "KEY"),
        ("k.toString()", "KEY"),
        ("k.toUpperCase()", "KEY"),
        ("(k as string)!", "KEY"),
        ("k satisfies string", "KEY"),
        ("window.x ? k : 'no'", "KEY | 'no'"),
        ("window.x ?? k", "KEY"),
        ("window.x || k", "KEY"),
        ("window.x && k", "KEY"),
        ("{ a: { b: { c: { d: k } } } }.a.b.c.d", "KEY"),
        ("(({ a: { b = k } }) => b)({ a: {} })", "KEY"),
        ("((x = k) => x)()", "KEY"),
        ("(x => x)(k)", "KEY"),
        ("(x => ({ y: x }))(k).y", "KEY"),
        ("JSON.stringify({ k })", "{k: KEY}"),
        ("JSON.parse(JSON.stringify({ k })).k", "KEY"),
        ("{ ...{ k } }.k", "KEY"),
        ("Object.assign({}, { k }).k", "KEY"),
        ("Object.freeze({ k }).k", "KEY"),
        ("encodeURIComponent(k)", "KEY"),
        ("btoa(k)", "KEY"),
        ("btoa('user:' + k)", "KEY"),
        ("Buffer.from(k).toString('base64')", "KEY"),
        ("await k", "KEY"),
        ("Promise.resolve(k)", "KEY"),
        ("{ ...{ k }, k: 1 }", "{k: 1}"),
        ("{ k: 1, ...{ k } }", "{k: KEY}"),
        ("Object.assign({}, { k, a: 1 }, { k: 1 })", "{a: 1, k: 1}"),
        ("k.slice(6)", "KEY"),
        ("k.slice(0, 20)", "KEY"),
        ("env.MAGICX_SECRET_KEY", "$MAGICX_SECRET_KEY"),
        ("process.env.MAGICX_SECRET_KEY!", "$MAGICX_SECRET_KEY"),
        ("process.env['MAGICX_' + 'SECRET_KEY']", "$MAGICX_SECRET_KEY"),
        ("process.env?.MAGICX_SECRET_KEY ?? ''", "$MAGICX_SECRET_KEY | ''"),
        ("globalThis.process.env.MAGICX_SECRET_KEY", "$MAGICX_SECRET_KEY"),
        ("import.meta.env.VITE_MAGICX_SECRET", "$VITE_MAGICX_SECRET"),
        ("Bun.env.MAGICX_SECRET_KEY", "$MAGICX_SECRET_KEY"),
        ("Deno.env.get('MAGICX_SECRET_KEY')", "$MAGICX_SECRET_KEY"),
        ("{ ...process.env }.MAGICX_SECRET_KEY", "$MAGICX_SECRET_KEY"),
        ("process.env.MAGICX_PUBLIC_KEY", "variable"),
        ("process.env.PORT", "variable"),
        ("process.env", "env"),
    ]);
}

#[test]
fn what_is_only_about_a_secret_is_none() {
    // It is not in the value, and would not leak from the result of an unknown call either.
    for expression in [
        "Boolean(k)",
        "new Boolean(k)",
        "!k",
        "!!k",
        "typeof k",
        "k === 'x'",
        "k !== 'x'",
        "k < 'x'",
        "k > 'x'",
        "k == null",
        "k.length",
        "k.startsWith('sk_')",
        "k.endsWith('x')",
        "k.includes('x')",
        "/^sk_/.test(k)",
        "k.match(/x/)",
        "k ? 'set' : 'unset'",
        "k.slice(0, 8)",
        "k.slice(-4)",
        "k.substring(0, 7) + '…'",
        "k.slice(4, 8)",
        "k.charAt(0)",
        "k.indexOf('x')",
        "k.split('').map(() => '*').join('')",
        "k.replace(/./g, '*')",
        "createHash('sha256').update(k).digest('hex')",
        "createHmac('sha256', k).update('x').digest('hex')",
        "fetch('/x', { headers: { Authorization: k } })",
        "fetch('/x', { headers: { Authorization: k } }).then(r => r.json())",
        "unknown(k)",
        "client.chat(k)",
        "new Client({ key: k })",
        "new Error('bad key ' + k)",
        "[k].length",
        "Object.keys({ k })",
        "crypto.timingSafeEqual(a, k)",
        "'sk_v1_'",
        "p",
        "'Bearer ' + p",
    ] {
        let text = format!("{KEY}export const v = {expression}");
        with(&[("a.ts", &text)], |evaluator, _| {
            let value = evaluator.export(0, "v");
            assert!(leaked_taints(&value).is_empty(), "{expression} is {}", shown(&value));
        });
    }
}

#[test]
fn names_are_what_they_were_given() {
    for (text, expected) in [
        ("let v = k; export { v }", "KEY"),
        ("let v; v = k; export { v }", "KEY"),
        ("let v = 'a'; v = k; export { v }", "'a' | KEY"),
        ("var { a: { b: v } } = { a: { b: k } }; export { v }", "KEY"),
        ("const [, v] = ['x', k]; export { v }", "KEY"),
        ("const { none: v = k } = {}; export { v }", "KEY"),
        ("const { ...rest } = { k }; export const v = rest.k", "KEY"),
        ("function f() { return k } export const v = f()", "KEY"),
        ("function f() { if (x) return 'a'; return k } export const v = f()", "'a' | KEY"),
        ("const f = async () => k; export const v = await f()", "KEY"),
        ("const f = () => () => k; export const v = f()()", "KEY"),
        ("function f(a, b) { return b } export const v = f('x', k)", "KEY"),
        ("function f({ a }) { return `x${a}` } export const v = f({ a: k })", "KEY"),
        ("const o = { get() { return k } }; export const v = o.get()", "KEY"),
        ("const a = b, b = a; export const v = a", "?"),
        ("const f = () => f(); export const v = f()", "?"),
        ("const { MAGICX_SECRET_KEY: v } = process.env; export { v }", "$MAGICX_SECRET_KEY"),
        ("const key = 'MAGICX_SECRET_KEY'; export const v = env[key]", "$MAGICX_SECRET_KEY"),
        ("export const v = env[window.x]", "?"),
    ] {
        let whole = format!("{KEY}{text}");
        let found = with(&[("a.ts", &whole)], |evaluator, _| shown(&evaluator.export(0, "v")));
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn values_go_through_modules() {
    let files = |text: &'static str| {
        [
            ("a.ts", text),
            (
                "b.ts",
                "export const k = '{key:sk_v1_:1}'; export const f = x => x; export default { k }",
            ),
            ("c.ts", "export * from './b'; export { k as q, default } from './b'"),
            ("d.js", "exports.k = '{key:sk_v1_:1}'; module.exports.f = () => exports.k"),
            ("e.js", "module.exports = { k: '{key:sk_v1_:1}', url: 'u' }"),
            ("f.json", "{\"k\": \"{key:sk_v1_:1}\", \"a\": [1]}"),
        ]
    };
    for (text, expected) in [
        ("import { k } from './b'; export const v = k", "KEY"),
        ("import { k } from './c'; export const v = k", "KEY"),
        ("import { q } from './c'; export const v = q", "KEY"),
        ("import d from './c'; export const v = d.k", "KEY"),
        ("import * as b from './b'; export const v = b.k", "KEY"),
        ("import * as c from './c'; export const v = c.q", "KEY"),
        ("import { f, k } from './b'; export const v = f(k)", "KEY"),
        ("const { k } = require('./d'); export const v = k", "KEY"),
        ("const d = require('./d'); export const v = d.k", "KEY"),
        ("const e = require('./e'); export const v = e.k", "KEY"),
        ("import e from './e'; export const v = e.k", "KEY"),
        ("import { k } from './e'; export const v = k", "KEY"),
        ("const e = require('./e'); export const v = e.other", "?"),
        ("const { url } = require('./e'); export const v = url", "'u'"),
        ("import f from './f.json'; export const v = f.k", "KEY"),
        ("import { k } from './f.json'; export const v = k", "KEY"),
        ("const { k } = await import('./b'); export const v = k", "KEY"),
        ("import { k } from 'package'; export const v = k", "?"),
        ("import { none } from './b'; export const v = none", "?"),
        (
            "import { MAGICX_SECRET_KEY as m } from '$env/static/private'; export const v = m",
            "$MAGICX_SECRET_KEY",
        ),
        (
            "import { env } from '$env/dynamic/private'; export const v = env.MAGICX_SECRET_KEY",
            "$MAGICX_SECRET_KEY",
        ),
        (
            "import Config from 'react-native-config'; export const v = Config.MAGICX_SECRET_KEY",
            "$MAGICX_SECRET_KEY",
        ),
        (
            "import { env } from 'node:process'; export const v = env.MAGICX_SECRET_KEY",
            "$MAGICX_SECRET_KEY",
        ),
    ] {
        let found = with(&files(text), |evaluator, _| shown(&evaluator.export(0, "v")));
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn calls_are_followed_as_deep_as_the_limit_says() {
    for (calls, expected) in [(1, "KEY"), (3, "KEY"), (5, "?")] {
        let functions: String =
            (0..calls).map(|n| format!("const f{n} = x => f{}(x);\n", n + 1)).collect();
        let text = format!("{KEY}{functions}const f{calls} = x => x;\nexport const v = f1(k)");
        let found = with(&[("a.ts", &text)], |evaluator, _| shown(&evaluator.export(0, "v")));
        assert_eq!(found, expected, "{calls}");
    }
}

#[test]
fn a_secret_tells_the_way_it_took() {
    let files = [
        ("a.ts", "import { key } from './b'; const mine = key; export const v = mine"),
        ("b.ts", "const raw = '{key:sk_v1_:1}'; export const key = raw"),
    ];
    with(&files, |evaluator, _| {
        let value = evaluator.export(0, "v");
        let taints = value.taints();
        let hops: Vec<String> =
            taints[0].hops.iter().map(|hop| format!("{} {}", hop.at.path, hop.note)).collect();
        assert_eq!(
            hops,
            [
                "b.ts in `raw`",
                "b.ts in `key`",
                "a.ts imported from b.ts",
                "a.ts in `mine`",
                "a.ts in `v`"
            ]
        );
    });
}

#[test]
fn things_of_packages_are_known_by_package_and_name() {
    for (text, expected) in [
        ("import { A } from 'p'; x(A)", "A of p"),
        ("import D from 'p'; x(D)", "default of p"),
        ("import * as ns from 'p'; x(ns.A)", "A of p"),
        ("import D from 'p'; x(D.A)", "A of p"),
        ("const p = require('p'); x(p.A)", "A of p"),
        ("const { A } = require('p'); x(A)", "A of p"),
        ("import { A } from 'p'; const B = A; x(B)", "A of p"),
        ("import { A } from 'p'; x(A.b)", ""),
        ("import { A } from './own'; x(A)", ""),
        ("const A = B, B = A; x(A)", ""),
        ("x(y)", ""),
    ] {
        let found = with(&[("a.js", text)], |evaluator, _| {
            let body = evaluator.body(0).unwrap();
            let argument = body.nodes.iter().find_map(|node| match &node.expr {
                Expr::Call { arguments, callee, .. } if name_of(body, *callee) == "x" => {
                    arguments.first().copied()
                }
                _ => None,
            });
            let found = evaluator.external(0, argument.unwrap());
            found.map_or(String::new(), |(package, name)| format!("{name} of {package}"))
        });
        assert_eq!(found, expected, "{text}");
    }
}

#[test]
fn values_that_double_again_and_again_are_cut() {
    let mut wrong = Vec::new();
    let first = "const a0 = { k: '{key:sk_v1_:1}', t: 'text' };\n";
    for (how, is_cut) in [
        ("{ x: aN, y: aN }", true),
        ("{ ...aN, ...aN, n: aN }", false),
        ("[...[aN], aN]", true),
        ("[aN, aN].flat()", true),
        ("window.x ? aN : aN", true),
        ("f(aN, aN)", true),
        ("new F(aN, aN)", true),
        ("Object.assign(aN, { aN }, aN)", true),
        ("((x, y) => [x, y])(aN, aN)", true),
        ("<A a={aN} b={aN}>{aN}{aN}</A>", false),
        ("aN", false),
    ] {
        let lines: String = (0..200)
            .map(|n| format!("const a{} = {};\n", n + 1, how.replace("aN", &format!("a{n}"))))
            .collect();
        let text = format!("{first}{lines}export const v = a200;");
        with(&[("a.jsx", &text)], |evaluator, _| {
            for (id, _) in evaluator.body(0).unwrap().nodes.iter().enumerate() {
                let value = evaluator.value(0, id as u32);
                assert!(value.size() <= MAX_SIZE, "{how}");
                assert!(
                    leaked_taints(&value).len() <= MAX_SIZE && value.taints().len() <= MAX_SIZE
                );
            }
            if evaluator.is_cut() != is_cut {
                wrong.push(how);
            }
        });
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}

#[test]
fn texts_stay_short() {
    for how in ["aN + aN", "`${aN}${aN}`", "aN.concat(aN)", "[aN, aN].join(aN)", "btoa(aN + aN)"] {
        let lines: String = (0..60)
            .map(|n| format!("const a{} = {};\n", n + 1, how.replace("aN", &format!("a{n}"))))
            .collect();
        let text = format!("const a0 = 'some text';\n{lines}");
        with(&[("a.ts", &text)], |evaluator, _| {
            for (id, _) in evaluator.body(0).unwrap().nodes.iter().enumerate() {
                let value = evaluator.value(0, id as u32);
                assert!(value.text().is_none_or(|text| text.len() <= MAX_TEXT), "{how}");
            }
        });
    }
}

#[test]
fn the_work_for_one_module_has_an_end() {
    // Each call goes through the whole function, for nothing can be kept of arguments.
    let returned: String = (0..5000).map(|_| "[x],").collect();
    let calls = "f(y);".repeat(20_000);
    let text = format!("const y = '{{key:sk_v1_:1}}', f = x => [{returned}];\n{calls}");
    with(&[("a.js", &text)], |evaluator, _| {
        for (id, _) in evaluator.body(0).unwrap().nodes.iter().enumerate() {
            evaluator.value(0, id as u32);
        }
        assert!(evaluator.is_cut());
        assert!(evaluator.work.get() < 2 * MAX_WORK);
    });
}

#[test]
fn long_chains_take_no_stack() {
    let chain = ".b".repeat(50_000);
    for text in [
        format!("import a from 'p'; x(a{chain})"),
        format!("const a = {{}}; x(a{chain})"),
        format!("import a from 'p'; x(a{})", "()".repeat(400)),
        format!("x({}a)", "a+".repeat(50_000)),
        (0..20_000).map(|n| format!("const a{n} = a{};\n", n + 1)).collect(),
    ] {
        with(&[("a.js", &text)], |evaluator, _| {
            let body = evaluator.body(0).unwrap();
            for (id, _) in body.nodes.iter().enumerate().rev() {
                evaluator.value(0, id as u32);
                evaluator.external(0, id as u32);
                name_of(body, id as u32);
            }
        });
    }
}

/// The value of `v` in a module, and true if a limit was reached.
fn value_of_v(text: &str) -> (String, bool) {
    let text = format!("{KEY}{text}");
    with(&[("a.ts", &text)], |evaluator, _| (shown(&evaluator.export(0, "v")), evaluator.is_cut()))
}

#[test]
fn variables_are_their_first_values_while_later_ones_are_worked_out() {
    for (text, expected) in [
        ("let t = 'sk_'; t += 'a'; export const v = t", "'sk_' | 'sk_a'"),
        ("let t = ''; t += k; export const v = t", "'' | KEY"),
        ("let t; t = t + k; export const v = [t]", "[KEY]"),
        ("const a = b, b = a || k; export const v = a", "KEY"),
        ("const a = b, b = a || k; const x = b; export const v = [x, a]", "[KEY, KEY]"),
        ("let a = 1, b = 2; a = b; b = a; b = k; export const v = [a]", "[1 | 2 | 1 | KEY]"),
    ] {
        let (value, is_cut) = value_of_v(text);
        assert!(!is_cut, "{text}");
        assert_eq!(value, expected, "{text}");
    }
}

#[test]
fn code_that_adds_to_variables_again_and_again_is_not_too_complex() {
    let calls = |name: &str, count: usize| {
        let line =
            |nth: usize| format!("{name} += part{}({name}, {nth}, {{ a: {nth} }});\n", nth % 7);
        (0..count).map(line).collect::<String>()
    };
    let parts: String = (0..7)
        .map(|nth| {
            let (next, other) = ((nth + 1) % 7, (nth + 3) % 7);
            format!(
                "function part{nth}(t, n, o) {{ if (n) return part{next}(t, n, o) + part{other}(1, n, o); \
                 return [n, part{next}(n, o, 2), part{other}(t, 1, n)].join('') }}\n"
            )
        })
        .collect();
    for names in [&["t"][..], &["t", "u", "w"]] {
        let mut text = parts.clone();
        for (nth, name) in names.iter().enumerate() {
            text.push_str(&format!("let {name} = {};\n", names[nth.saturating_sub(1)]));
        }
        for (nth, name) in names.iter().enumerate() {
            text.push_str(&calls(name, 8));
            text.push_str(&format!("{name} = part0({}, 1, 2);\n", names[(nth + 1) % names.len()]));
        }
        text.push_str(&format!("{} += k;\nexport const v = [t]", names[0]));
        let (value, is_cut) = value_of_v(&text);
        assert!(!is_cut && value.contains("KEY"), "{names:?}: {}", value.len());
    }
}

#[test]
fn arguments_that_tell_nothing_are_as_good_as_none() {
    for (call, expected) in [
        ("f(1, { a: [true] })", "?"),
        ("f(k, 1)", "KEY"),
        ("f({ a: { b: k } }, 1).a.b", "KEY"),
        ("f(() => k, 1)()", "KEY | KEY"),
        ("f('a', 1)", "'a'"),
        ("f(env, 1).MAGICX_SECRET_KEY", "$MAGICX_SECRET_KEY"),
    ] {
        let text = format!("const f = (x, y) => x; export const v = {call}");
        assert_eq!(value_of_v(&text).0, expected, "{call}");
    }
}

#[test]
fn large_arguments_of_unknown_functions_are_kept_if_a_secret_may_come_of_them() {
    let fields = |count: usize| (0..count).map(|nth| format!("a{nth}: 'x', ")).collect::<String>();
    for (given, is_kept) in [
        (format!("{{ {} }}", fields(10)), true),
        (format!("{{ {} }}", fields(100)), false),
        (format!("{{ {} k }}", fields(100)), true),
        (format!("{{ {} f: () => k }}", fields(100)), true),
    ] {
        let value = value_of_v(&format!("export const v = unknown({given})")).0;
        assert_eq!(value.len() > 20, is_kept, "{given}");
    }
}
