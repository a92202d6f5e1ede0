// Makes projects with keys, has keyside report them as HTML, and opens the reports in a browser:
// they render, filter and fold; a file name that looks like HTML stays text; nothing is loaded, no
// error is logged, and everything is readable without scripts; axe, which checks accessibility for
// screen readers and keyboards, finds no fault.
//
// usage: node html.mjs KEYSIDE BROWSER FOLDER [SCREENSHOTS]

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import puppeteer from 'puppeteer-core';

const [keyside, browserPath, folder, pictures] = process.argv.slice(2);
const SIGNS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
const HOSTILE = '<img src=x onerror=window.evil=1>.js';

const keys = [];
const key = (prefix, length = 43) => {
  const body = Array.from(randomBytes(length), (byte) => SIGNS[byte % SIGNS.length]).join('');
  keys.push(body);
  return prefix + body;
};
const write = (...parts) => {
  const text = parts.pop();
  const path = join(folder, ...parts);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
};
const report = (name, args, code = 1) => {
  const file = join(folder, `${name}.html`);
  try {
    execFileSync(keyside, [...args, '-q', '-o', file], { cwd: folder, stdio: 'pipe' });
    assert.equal(code, 0, name);
  } catch (error) {
    if (error.status === undefined) throw error;
    assert.equal(error.status, code, `${name}: ${error.stderr}`);
  }
  const text = readFileSync(file, 'utf8');
  for (const body of keys) assert(!text.includes(body.slice(5)), `${name} holds a key`);
  return file;
};

// An app that ships keys, and a file with a bad name.
const app = (name) => {
  write(name, 'package.json', '{ "dependencies": { "next": "15.0.0", "react": "19.0.0" } }');
  write(name, 'app/page.tsx', "import { Widget } from './widget';\nexport default () => <Widget />;\n");
  write(
    name,
    'app/widget.tsx',
    "'use client';\nimport { ask } from '../src/lib/api';\n" +
      'export const Widget = () => <button onClick={ask}>Ask</button>;\n',
  );
  write(
    name,
    'src/lib/api.ts',
    "import { key } from './config';\n\n" +
      "export const ask = () => fetch('/api', { headers: { authorization: key } });\n",
  );
  write(name, 'src/lib/config.ts', `// What the suggestions need.\nexport const key = '${key('sk_v1_')}';\n`);
  write(name, 'server/.env', `AIMAGICX_API_KEY=${key('mgx-sk-')}\n`);
  write(name, 'notes/token.md', `It was ${key('at_v1_', 40)} yesterday.\n`);
  write(name, HOSTILE, `const k = "${key('sk_v1_')}"; // </script><script>window.evil = 1</script>\n`);
};

app('app');
write('empty/readme.md', '# Nothing\n');
for (let nth = 0; nth < 500; nth += 1) {
  const [prefix, length] = [['sk_v1_', 43], ['mgx-sk-', 43], ['at_v1_', 40]][nth % 3];
  write('many', `module-${nth % 40}/file-${nth}.ts`, `export const value = '${key(prefix, length)}';\n`);
}

// The same app with a history.
app('past');
const git = (...args) =>
  execFileSync('git', args, {
    cwd: join(folder, 'past'),
    stdio: 'pipe',
    env: {
      ...process.env,
      GIT_CONFIG_GLOBAL: '/dev/null',
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_AUTHOR_NAME: 'Ada "Byte" & Co',
      GIT_AUTHOR_EMAIL: 'ada@example.com',
      GIT_AUTHOR_DATE: '2026-02-03T10:00:00+01:00',
      GIT_COMMITTER_NAME: 'Ada',
      GIT_COMMITTER_EMAIL: 'ada@example.com',
      GIT_COMMITTER_DATE: '2026-02-03T10:00:00+01:00',
    },
  });
git('init', '-q', '-b', 'main');
git('add', '-A');
git('commit', '-q', '-m', 'Try the <i>suggestions</i>');
write('past/src/lib/config.ts', "export const key = process.env.KEY ?? '';\n");
git('rm', '-q', '--cached', 'notes/token.md');
git('add', 'src');
git('commit', '-q', '-m', 'Read the key from the environment');

const files = {
  app: report('app', ['scan', 'app']),
  past: report('past', ['git', 'past']),
  many: report('many', ['scan', 'many']),
  clean: report('clean', ['scan', 'empty'], 0),
  unread: report('unread', ['scan', 'empty', 'nowhere'], 3),
};

const browser = await puppeteer.launch({
  executablePath: browserPath,
  protocolTimeout: 30_000,
  args: ['--no-sandbox', '--disable-gpu', '--force-color-profile=srgb'],
});

const open = async (file, { width = 1180, dark = false, script = true } = {}) => {
  const page = await browser.newPage();
  const faults = [];
  page.on('console', (message) => faults.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`));
  page.on('request', (request) => {
    const url = request.url();
    if (url !== `file://${file}` && url !== 'data:,') faults.push(`request: ${url}`);
  });
  await page.setViewport({ width, height: 900 });
  await page.setJavaScriptEnabled(script);
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }]);
  await page.goto(`file://${file}`);
  const close = async (name) => {
    if (pictures && name) {
      mkdirSync(pictures, { recursive: true });
      const { width } = page.viewport();
      const height = await page.evaluate(() => document.documentElement.scrollHeight);
      await page.setViewport({ width, height: Math.min(height, 4000) });
      // A page without scripts has no timers.
      await new Promise((done) => setTimeout(done, 100));
      await page.screenshot({ path: join(pictures, `${name}.png`) });
    }
    assert.deepEqual(faults, [], file);
    await page.close();
  };
  return { page, close };
};
const shown = (page) =>
  page.$$eval('.finding', (all) => all.filter((own) => own.checkVisibility()).length);
const status = (page) => page.$eval('#filters output', (output) => output.textContent);
const settled = (page) =>
  page.evaluate(() => new Promise((done) => requestAnimationFrame(() => setTimeout(done, 20))));
const type = async (page, text) => {
  await page.$eval('#filters [name="words"]', (input) => (input.value = ''));
  await page.type('#filters [name="words"]', text);
  await settled(page);
};

// It renders, and file names stay text.
{
  const { page, close } = await open(files.app);
  assert.equal(await shown(page), 4);
  assert.equal(await page.evaluate(() => window.evil), undefined);
  assert.equal(await page.$('img'), null);
  const names = await page.$$eval('.where', (all) => all.map((own) => own.textContent));
  assert(names.some((name) => name.includes(HOSTILE)), names.join('\n'));
  const boxes = await page.$$eval('.way svg .file', (all) => all.map((own) => own.textContent));
  const way = ['app/widget.tsx', 'src/lib/api.ts', 'src/lib/config.ts', 'src/lib/api.ts'];
  assert.deepEqual(boxes, way.map((own) => `app/${own}`));
  const colour = (selector) => page.$eval(selector, (own) => getComputedStyle(own).backgroundColor);
  const light = await colour('body');
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'dark' }]);
  assert.notEqual(await colour('body'), light);
  await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: 'light' }]);

  // It filters.
  assert.equal(await status(page), '4 findings');
  await type(page, 'src/lib');
  assert.equal(await status(page), '1 of 4 findings');
  assert.equal(await shown(page), 1);
  await type(page, 'no such thing');
  assert.equal(await shown(page), 0);
  assert(await page.$eval('#nothing', (own) => own.checkVisibility()));
  await page.keyboard.press('Escape');
  await settled(page);
  assert.equal(await shown(page), 4);
  await page.click('.chip.error');
  await settled(page);
  assert.equal(await status(page), '1 of 4 findings');
  await page.select('#filters [name="side"]', 'client');
  await settled(page);
  assert.equal(await shown(page), 0);
  await page.click('#filters [type="reset"]');
  await settled(page);
  assert.equal(await shown(page), 4);
  await page.select('#filters [name="side"]', 'client');
  await settled(page);
  assert.equal(await shown(page), 1);
  assert.equal(await page.$eval('.group .count', (own) => own.textContent), '1 of 3');

  // It folds, also by keyboard, and a link unfolds.
  await page.click('#filters [type="reset"]');
  await settled(page);
  await page.click('#fold');
  assert.equal((await page.$$('.finding[open]')).length, 0);
  await page.focus('.finding summary');
  await page.keyboard.press('Enter');
  assert.equal((await page.$$('.finding[open]')).length, 1);
  await page.click('#fold');
  await page.evaluate(() => (location.hash = '#finding-2'));
  await settled(page);
  assert(await page.$('#finding-2[open]'));
  await page.click('#unfold');
  await page.evaluate(() => scrollTo(0, 0));
  await page.$eval('body', () => document.activeElement.blur());
  await close('app-light');
}

// Without scripts, everything is readable.
{
  const { page, close } = await open(files.app, { script: false });
  const text = await page.$eval('main', (own) => own.innerText);
  for (const part of ['Where to do it', 'To accept it', HOSTILE]) assert(text.includes(part), part);
  assert.equal(await page.$eval('#filters', (own) => own.checkVisibility()), false);
  await close('app-plain');
}

// In a narrow window nothing overflows, and the picture becomes a list.
{
  const { page, close } = await open(files.app, { width: 360 });
  const [wide, inner] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert(wide <= inner, `${wide} > ${inner}`);
  const out = await page.$$eval('.body > *', (all) =>
    all.filter((own) => own.getBoundingClientRect().right > innerWidth).map((own) => own.className),
  );
  assert.deepEqual(out, []);
  assert.equal(await page.$eval('.way svg', (own) => own.checkVisibility()), false);
  assert.equal(await page.$eval('.way ol', (own) => own.getBoundingClientRect().height > 40), true);
  await close('app-narrow');
}

for (const [name, options] of [['app', { dark: true }], ['past', {}], ['past', { dark: true }], ['clean', {}], ['unread', {}]]) {
  const { page, close } = await open(files[name], options);
  if (name === 'past') {
    const story = await page.$$eval('.story', (all) => all.map((own) => own.innerText).join('\n'));
    for (const part of ['First seen 2026-02-03', 'Ada "Byte" & Co', '<i>suggestions</i>', 'Removed ', 'Still in HEAD']) {
      assert(story.includes(part), `${part}\n${story}`);
    }
  }
  assert.equal((await page.$$('.finding')).length === 0, name === 'clean' || name === 'unread');
  await close(`${name}-${options.dark ? 'dark' : 'light'}`);
}

// A report of many findings stays usable.
{
  const { page, close } = await open(files.many);
  assert.equal(await status(page), '500 findings');
  const time = await page.evaluate(() => {
    const input = document.querySelector('#filters [name="words"]');
    const start = performance.now();
    input.value = 'file-7';
    input.dispatchEvent(new Event('input', { bubbles: true }));
    return new Promise((done) =>
      requestAnimationFrame(() => requestAnimationFrame(() => done(performance.now() - start))),
    );
  });
  assert.equal(await status(page), '11 of 500 findings');
  console.log(`500 findings filtered in ${time.toFixed(0)} ms`);
  await page.click('#filters [type="reset"]');
  await settled(page);
  await close('many');
}

// On paper, everything is unfolded.
{
  const { page, close } = await open(files.app);
  await page.click('#fold');
  const before = (await page.pdf()).length;
  await page.click('#unfold');
  const after = (await page.pdf()).length;
  assert(Math.abs(before - after) < after / 10, `${before} ${after}`);
  await close();
}

// It is accessible.
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
for (const name of ['app', 'past', 'unread']) {
  for (const dark of [false, true]) {
    const page = await browser.newPage();
    await page.setBypassCSP(true);
    await page.setViewport({ width: dark ? 360 : 1180, height: 900 });
    await page.emulateMediaFeatures([{ name: 'prefers-color-scheme', value: dark ? 'dark' : 'light' }]);
    await page.goto(`file://${files[name]}`);
    await page.evaluate(axe);
    const faults = await page.evaluate(async () =>
      (await window.axe.run()).violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`),
    );
    assert.deepEqual(faults, [], name);
    await page.close();
  }
}

await browser.close();
console.log('check-html: 16 pages opened, nothing to complain about');
