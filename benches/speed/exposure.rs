//! The cost of the exposure analysis: an app with one file that names a secret variable or a
//! provider, against the same app without it, which is only searched.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::Path;

use keyside::rules::Rng;
use tempfile::TempDir;

use crate::measure;

const ROUNDS: usize = 9;
const MODULES: usize = 2000;
const MODULES_A_PAGE: usize = 20;
/// The approximate size of a module in bytes.
const SIZE: usize = 5000;
const MOST_IMPORTS: usize = 7;
const SEEDS: usize = 100;

/// Server code, in which nothing is found.
const SEED: &str = "export async function POST() {\n  \
    const key = process.env.MAGICX_SECRET_KEY\n  \
    return Response.json({ ok: Boolean(key) })\n}\n";

/// A module that all others import. It is a seed if it names a provider, which is not a secret.
const SERVICE: &str = "lib/service.ts";

pub(crate) fn run() -> io::Result<()> {
    let folder = TempDir::new_in(crate::SCRATCH)?;
    let [core, many, leaf, none] =
        ["core", "many", "leaf", "none"].map(|name| folder.path().join(name));
    let bytes = write_app(&none)?;
    write_app(&leaf)?;
    write(&leaf, "app/api/token/route.ts", SEED)?;
    write_app(&many)?;
    for number in 0..SEEDS {
        write(&many, &format!("app/api/token{number}/route.ts"), SEED)?;
    }
    write_app(&core)?;
    write(&core, SERVICE, "export const service = 'MAGICX'\n")?;
    let programs = [
        crate::keyside([core.into()]).named("a seed that all import"),
        crate::keyside([many.into()]).named("100 seeds that none imports"),
        crate::keyside([leaf.into()]).named("a seed that none imports"),
        crate::keyside([none.into()]).named("no seed"),
    ];
    let times = measure::in_turn(&programs, ROUNDS)?;
    let title = format!("exposure: {MODULES} modules, {} MB, {ROUNDS} rounds", bytes / 1_000_000);
    measure::print(&title, &times, &[None, None, None]);
    for (time, program) in times.iter().zip(&programs).take(3) {
        let extra = 1000.0 * (time.median() - times[3].median());
        println!("{}: the analysis takes {extra:.0} ms", program.name());
        measure::print_memory(program.name(), program, None)?;
    }
    Ok(())
}

/// Writes a Next.js app, whose modules import earlier ones and whose pages import some; returns its
/// size.
fn write_app(root: &Path) -> io::Result<usize> {
    let mut rng = Rng::new(7);
    let package = "{\"name\": \"app\", \"private\": true, \"dependencies\": {\"next\": \"16.0.0\", \
                   \"react\": \"19.0.0\", \"react-dom\": \"19.0.0\"}}\n";
    write(root, "package.json", package)?;
    let aliases = "{\"compilerOptions\": {\"baseUrl\": \".\", \"paths\": {\"@/*\": [\"./*\"]}}}\n";
    write(root, "tsconfig.json", aliases)?;
    write(root, "app/layout.tsx", "export default function L({ children }) { return children }\n")?;
    write(root, SERVICE, "export const service = 'none'\n")?;
    let mut bytes = 0;
    for number in 0..MODULES {
        let text = module(number, &mut rng);
        bytes += text.len();
        write(root, &path(number), &text)?;
        if number % MODULES_A_PAGE == 0 {
            let page = format!(
                "import {{ View{number} }} from '@/{}'\n\
                 export default function Page() {{ return <View{number} id=\"{number}\" /> }}\n",
                stem(number)
            );
            write(root, &format!("app/part{number}/page.tsx"), &page)?;
        }
    }
    Ok(bytes)
}

fn write(root: &Path, path: &str, text: &str) -> io::Result<()> {
    let path = root.join(path);
    fs::create_dir_all(path.parent().expect("it is below the root"))?;
    fs::write(path, text)
}

fn stem(number: usize) -> String {
    format!("components/group{}/view{number}", number % 40)
}

fn path(number: usize) -> String {
    format!("{}.tsx", stem(number))
}

/// A typical component: types, helpers, state, markup.
fn module(number: usize, rng: &mut Rng) -> String {
    let mut text = String::new();
    if rng.below(3) == 0 {
        text.push_str("'use client'\n");
    }
    text.push_str("import { useEffect, useMemo, useState } from 'react'\n");
    text.push_str("import { service } from '@/lib/service'\n");
    let imports: Vec<usize> =
        (0..rng.below(MOST_IMPORTS).min(number)).map(|_| rng.below(number)).collect();
    for (nth, import) in imports.iter().enumerate() {
        let line = format!(
            "import {{ View{import} as Part{nth}, helper{import}_0 as help{nth} }} from '@/{}'\n",
            stem(*import)
        );
        text.push_str(&line);
    }
    let mut add = |part: std::fmt::Arguments<'_>| {
        text.write_fmt(part).expect("a String takes everything");
        text.len()
    };
    add(format_args!(
        "\nexport interface Props{number} {{ id: string; label?: string; items?: string[] }}\n\
         \nexport const settings{number} = {{ limit: {}, url: `/api/v1/${{service}}/{number}`, retry: \
         {{ times: {}, wait: 250 }} }} as const\n",
        rng.below(500),
        rng.below(9),
    ));
    for helper in 0.. {
        let length = add(format_args!(
            "\nexport function helper{number}_{helper}(items: string[], from = {}): string[] {{\n  \
             const seen = new Set<string>()\n  const out: string[] = []\n  \
             for (const [index, item] of items.entries()) {{\n    \
             if (index < from || seen.has(item)) continue\n    seen.add(item)\n    \
             out.push(`${{item}}:${{index % {}}}`)\n  }}\n  \
             return out.length > settings{number}.limit ? out.slice(0, settings{number}.limit) : \
             out.map((one) => one.trim().toLowerCase())\n}}\n",
            rng.below(9),
            2 + rng.below(90),
        ));
        if length > SIZE - 1200 {
            break;
        }
    }
    add(format_args!(
        "\nexport function View{number}({{ id, label = 'View', items = [] }}: Props{number}) {{\n  \
         const [open, setOpen] = useState(false)\n  \
         const shown = useMemo(() => helper{number}_0(items), [items])\n  \
         useEffect(() => {{\n    if (!open) return\n    const stop = new AbortController()\n    \
         fetch(`${{settings{number}.url}}?id=${{id}}`, {{ signal: stop.signal }})\n      \
         .then((answer) => answer.json())\n      .catch(() => setOpen(false))\n    \
         return () => stop.abort()\n  }}, [id, open])\n  return (\n    \
         <section className=\"card card-{number}\" data-id={{id}}>\n      \
         <button onClick={{() => setOpen(!open)}}>{{label}}</button>\n      \
         <ul>{{shown.map((item) => <li key={{item}}>{{item}}</li>)}}</ul>\n",
    ));
    for (nth, _) in imports.iter().enumerate() {
        add(format_args!("      <Part{nth} id={{id}} items={{help{nth}(items, {nth})}} />\n"));
    }
    add(format_args!("    </section>\n  )\n}}\n"));
    text
}
