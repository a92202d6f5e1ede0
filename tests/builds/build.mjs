// Builds the apps of this folder with their real tools and records which keys reach the client.
//
//   node tests/builds/build.mjs [APP…]
//
// Each app is laid out in target/real-builds/APP with fresh keys, installed, built and, where answers count,
// served on 127.0.0.1 and asked. The client's files and all answers are searched for every key. The result is
// tests/builds/APP/truth.json, which tells for each place if its key shipped, and where; it holds no key.
// README.md describes app.toml and the marks of places.

import { spawn } from 'node:child_process'
import { createHash, randomInt } from 'node:crypto'
import * as fs from 'node:fs'
import { request } from 'node:http'
import { createServer } from 'node:net'
import * as path from 'node:path'
import { fileURLToPath } from 'node:url'
import { brotliDecompressSync, gunzipSync } from 'node:zlib'

const APPS = path.dirname(fileURLToPath(import.meta.url))
const WORK = path.join(APPS, '../../target/real-builds')
// Some of the tools need a newer Node than distributions have; a registry package brings it.
const NODE = '24.22.3'
const MINUTE = 60_000
const LIMIT = { install: 20 * MINUTE, build: 15 * MINUTE, start: 2 * MINUTE, answer: 20_000 }
// Files beside the sources that belong to the harness.
const OWN = new Set(['app.toml', 'truth.json', 'wrong.toml'])
const MARK = /@([KBE]):([a-z0-9-]+)@/g
// Tools report nobody's builds, and fetch nothing but packages.
const SILENT = [
  'ASTRO_TELEMETRY_DISABLED', 'DO_NOT_TRACK', 'ELECTRON_SKIP_BINARY_DOWNLOAD', 'EXPO_NO_TELEMETRY', 'EXPO_OFFLINE',
  'GATSBY_TELEMETRY_DISABLED', 'NEXT_TELEMETRY_DISABLED', 'NUXT_TELEMETRY_DISABLED', 'STORYBOOK_DISABLE_TELEMETRY',
]
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

class Failure extends Error {}

async function main() {
  const entries = fs.readdirSync(APPS, { withFileTypes: true })
  const all = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name).sort()
  const wanted = process.argv.slice(2)
  const unknown = wanted.filter((name) => !all.includes(name))
  if (unknown.length > 0) throw new Failure(`no such app: ${unknown.join(', ')}; there are ${all.join(', ')}`)
  const tools = await newNode()
  let failed = 0
  for (const name of wanted.length > 0 ? wanted : all) {
    const begin = Date.now()
    try {
      const { places, shipped, changed } = await judge(name, tools)
      const seconds = Math.round((Date.now() - begin) / 1000)
      const news = changed.length > 0 ? `; changed: ${changed.join(', ')}` : ''
      console.log(`${name}: ${places} places, ${shipped} shipped, ${seconds} s${news}`)
    } catch (error) {
      failed += 1
      if (!(error instanceof Failure)) throw error
      console.error(`${name}: ${error.message}`)
    }
  }
  if (failed > 0) throw new Failure(`${failed} of the apps could not be judged`)
}

/** Builds one app and writes its truth. */
async function judge(name, tools) {
  const home = path.join(APPS, name)
  const app = parseToml(fs.readFileSync(path.join(home, 'app.toml'), 'utf8'), `${name}/app.toml`)
  for (const field of ['tool', 'package', 'date', 'client']) {
    if (app[field] === undefined) throw new Failure(`app.toml has no \`${field}\``)
  }
  const work = path.join(WORK, name)
  const keys = layOut(home, work)
  for (const row of Object.keys(app.free ?? {})) {
    if (!keys.has(row)) throw new Failure(`app.toml: \`${row}\` is free, but no place has that name`)
  }
  const env = environment(tools, work)
  const log = path.join(work, '..', `${name}.log`)
  fs.writeFileSync(log, '')
  await install(app, work, env, log)
  for (const command of app.build ?? []) await run(command, work, env, log, LIMIT.build)
  const where = new Map([...keys.keys()].map((place) => [place, new Set()]))
  const needles = [...keys].map(([place, key]) => [place, forms(key)])
  const search = (label, bytes) => {
    for (const [place, wanted] of needles) {
      if (wanted.some((form) => bytes.includes(form))) where.get(place).add(label)
    }
  }
  searchFiles(app, work, search)
  if (app.serve) await serve(app, work, env, log, search)
  return record(home, where)
}

// Layout

/** Copies the app's sources with a fresh key for each place; keeps installed packages. */
function layOut(home, work) {
  fs.mkdirSync(work, { recursive: true })
  for (const entry of fs.readdirSync(work)) {
    if (entry !== 'node_modules' && entry !== '.installed') fs.rmSync(path.join(work, entry), { recursive: true })
  }
  // Caches of tools hold keys of the last run.
  const packages = path.join(work, 'node_modules')
  for (const entry of fs.existsSync(packages) ? fs.readdirSync(packages) : []) {
    if (entry.startsWith('.') && !['.bin', '.package-lock.json'].includes(entry)) {
      fs.rmSync(path.join(packages, entry), { recursive: true })
    }
  }
  const keys = new Map()
  for (const file of filesBelow(home)) {
    const relative = path.relative(home, file)
    if (OWN.has(relative)) continue
    const text = fs.readFileSync(file, 'utf8')
    const filled = text.replace(MARK, (_, form, name) => {
      if (!keys.has(name)) keys.set(name, freshKey(keys.size))
      const key = keys.get(name)
      if (form === 'K') return key
      return form === 'B' ? bodyOf(key) : Buffer.from(key).toString('base64')
    })
    if (/@[A-Z0-9]+:[^@\s]*@/.test(filled)) {
      throw new Failure(`${relative}: a malformed mark; marks are @K:name@, @B:name@ and @E:name@`)
    }
    const target = path.join(work, relative)
    fs.mkdirSync(path.dirname(target), { recursive: true })
    fs.writeFileSync(target, filled)
  }
  return keys
}

function freshKey(nth) {
  const body = Array.from({ length: 43 }, () => LETTERS[randomInt(LETTERS.length)]).join('')
  return (nth % 5 === 4 ? 'mgx-sk-' : 'sk_v1_') + body
}

const bodyOf = (key) => key.slice(-43)

/** All that shows that a key is in a text. Bodies are letters and digits, which no escaping alters. */
function forms(key) {
  const body = Buffer.from(bodyOf(key))
  const found = [body, Buffer.from(body.toString('hex')), Buffer.from([...body].reverse())]
  for (const before of [0, 1, 2]) {
    // Characters at the ends depend on the neighbours.
    const coded = Buffer.concat([Buffer.alloc(before), body]).toString('base64')
    found.push(Buffer.from(coded.slice(before === 0 ? 0 : 4, 4 * Math.floor((before + body.length) / 3))))
  }
  return found
}

// Install and build

function environment(tools, work) {
  const proxies = ['HTTPS_PROXY', 'HTTP_PROXY', 'NO_PROXY']
  const kept = ['HOME', 'LANG', 'npm_config_registry', 'SSL_CERT_FILE', 'NODE_EXTRA_CA_CERTS', ...proxies]
  const own = Object.fromEntries(kept.filter((name) => process.env[name]).map((name) => [name, process.env[name]]))
  // Caches outside of the app would hold keys of the last run, too.
  const temporary = path.join(WORK, '.temporary')
  fs.rmSync(temporary, { recursive: true, force: true })
  fs.mkdirSync(temporary, { recursive: true })
  return {
    ...own,
    TMPDIR: temporary,
    XDG_CACHE_HOME: temporary,
    PATH: [path.join(work, 'node_modules/.bin'), ...tools, process.env.PATH].join(path.delimiter),
    CI: '1',
    NO_COLOR: '1',
    HOST: '127.0.0.1',
    HOSTNAME: '127.0.0.1',
    NITRO_HOST: '127.0.0.1',
    ...Object.fromEntries(SILENT.map((name) => [name, '1'])),
    NG_CLI_ANALYTICS: 'false',
  }
}

/** Installs the packages that package.json pins, unless they are there. */
async function install(app, work, env, log) {
  const manifest = JSON.parse(fs.readFileSync(path.join(work, 'package.json'), 'utf8'))
  const { dependencies = {}, devDependencies = {}, overrides = {} } = manifest
  for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
    if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)) {
      throw new Failure(`package.json: ${name} is not pinned: ${version}`)
    }
  }
  const command = app.install ?? 'npm install --no-package-lock --ignore-scripts --legacy-peer-deps --loglevel=error'
  const installed = JSON.stringify([dependencies, devDependencies, overrides, command, NODE])
  const stamp = createHash('sha256').update(installed).digest('hex')
  const stampFile = path.join(work, '.installed')
  if (fs.existsSync(stampFile) && fs.readFileSync(stampFile, 'utf8') === stamp) return
  fs.rmSync(stampFile, { force: true })
  await run(command, work, env, log, LIMIT.install)
  fs.writeFileSync(stampFile, stamp)
}

/** Directories of a Node that is new enough, for PATH. */
async function newNode() {
  if (Number(process.versions.node.split('.')[0]) >= Number(NODE.split('.')[0])) return []
  const folder = path.join(WORK, '.node')
  const name = `node-${process.platform}-${process.arch}`
  const bin = path.join(folder, 'node_modules', name, 'bin')
  if (!fs.existsSync(bin)) {
    fs.mkdirSync(folder, { recursive: true })
    fs.writeFileSync(path.join(folder, 'package.json'), '{}')
    const command = `npm install --no-save --ignore-scripts ${name}@${NODE}`
    await run(command, folder, process.env, path.join(folder, 'log'), LIMIT.install)
  }
  return [bin]
}

function start(command, cwd, env, log) {
  fs.appendFileSync(log, `$ ${command}\n`)
  const out = fs.openSync(log, 'a')
  // A group of its own, so that what it starts ends with it.
  const child = spawn('sh', ['-c', command], { cwd, env, stdio: ['ignore', out, out], detached: true })
  fs.closeSync(out)
  return child
}

function end(child) {
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch (error) {
    if (error.code !== 'ESRCH') throw error
  }
}

async function run(command, cwd, env, log, limit) {
  const child = start(command, cwd, env, log)
  const timer = setTimeout(() => end(child), limit)
  const [code, signal] = await new Promise((done) => child.once('exit', (...result) => done(result)))
  clearTimeout(timer)
  end(child)
  if (code !== 0) {
    const why = signal ? `took more than ${limit / MINUTE} minutes` : `ended with ${code}`
    const tail = fs.readFileSync(log, 'utf8').trimEnd().split('\n').slice(-25).join('\n    ')
    throw new Failure(`\`${command}\` ${why}; see ${log}\n    ${tail}`)
  }
}

// The client's files and answers

function searchFiles(app, work, search) {
  const left = app.client.filter((folder) => folder.startsWith('!')).map((folder) => folder.slice(1))
  for (const folder of app.client.filter((folder) => !folder.startsWith('!'))) {
    const root = path.join(work, folder)
    if (!fs.existsSync(root)) throw new Failure(`the build wrote no ${folder}`)
    for (const file of filesBelow(root)) {
      const relative = path.relative(work, file).split(path.sep).join('/')
      if (left.some((prefix) => relative.startsWith(prefix))) continue
      search(stable(relative), unpacked(fs.readFileSync(file), relative))
      search(stable(relative), Buffer.from(relative))
    }
  }
}

function unpacked(bytes, name) {
  if (name.endsWith('.gz')) return gunzipSync(bytes)
  return name.endsWith('.br') ? brotliDecompressSync(bytes) : bytes
}

/** A path without hashes and other parts that differ from build to build. */
function stable(file) {
  const parts = file.split('/').map((part) =>
    part
      .replace(/(?<=^|[-._~])(?=[\w-]*\d)[0-9a-f]{8,}(?=$|[-._~])/gi, '*')
      .replace(/[A-Za-z0-9_]{16,}/g, (word) => (/\d/.test(word) && /[a-z]/i.test(word) ? '*' : word))
      .replace(/[-.~][A-Za-z0-9_~-]{8}(?=(\.[a-z0-9]+)+$)/, '-*')
      .replace(/^(?=.*[A-Z\d])[\w-]{8}(?=\.(js|css)(\.map)?$)/, '*')
      .replace(/^(?=.*\d)[0-9a-z_~.-]{10,16}(?=\.(js|css)(\.map)?$)/, '*')
      .replace(/\*([-._~]*\*)+/g, '*')
  )
  return parts.join('/')
}

async function serve(app, work, env, log, search) {
  const port = await freePort()
  // Where a server runs, its variables are set.
  const own = { ...variables(work), ...env, PORT: String(port), NITRO_PORT: String(port) }
  const child = start(app.serve.replaceAll('{port}', String(port)), work, own, log)
  let ended = false
  child.once('exit', () => (ended = true))
  try {
    const deadline = Date.now() + LIMIT.start
    for (;;) {
      if (ended) throw new Failure(`\`${app.serve}\` ended before it answered; see ${log}`)
      if (Date.now() > deadline) throw new Failure(`\`${app.serve}\` did not answer in time; see ${log}`)
      if (await ask({ method: 'GET', url: '/', headers: {} }, port).then(() => true, () => false)) break
      await new Promise((done) => setTimeout(done, 300))
    }
    for (const text of app.ask ?? ['/']) {
      const question = parseQuestion(text)
      const answer = await ask(question, port).catch((error) => {
        throw new Failure(`\`${text}\`: ${error.message}; see ${log}`)
      })
      if (answer.status >= 400 && !text.includes('404')) {
        // A failing route would count as one that hands nothing over.
        throw new Failure(`\`${text}\` was answered with ${answer.status}; see ${log}`)
      }
      search(text, Buffer.concat([answer.head, answer.body]))
    }
  } finally {
    end(child)
  }
}

/** The variables of .env. */
function variables(work) {
  const file = path.join(work, '.env')
  const lines = fs.existsSync(file) ? fs.readFileSync(file, 'utf8').split('\n') : []
  return Object.fromEntries(lines.map((line) => /^(\w+)=(.+)$/.exec(line)?.slice(1)).filter(Boolean))
}

/** `[METHOD ]PATH[ NAME: VALUE][ BODY]`; the body is JSON or a form. The path of a missing page has `404` in it. */
function parseQuestion(text) {
  const form = /^(?:([A-Z]+) )?(\/\S*)(?: ([A-Za-z-]+: \S+))?(?: ([{[].*|\w+=\S*))?$/
  const [, method = 'GET', url, header, body] = form.exec(text) ?? []
  if (!url) throw new Failure(`app.toml: \`${text}\` cannot be asked; try \`/path RSC: 1\` or \`POST /path a=1\``)
  const headers = Object.fromEntries(header ? [header.split(': ')] : [])
  if (body) headers['content-type'] = /^[{[]/.test(body) ? 'application/json' : 'application/x-www-form-urlencoded'
  return { method, url, headers, body }
}

function ask({ method, url, headers, body }, port) {
  return new Promise((done, failed) => {
    const origin = { origin: `http://127.0.0.1:${port}` }
    const where = { host: '127.0.0.1', port, path: url }
    const asked = request({ ...where, method, headers: { ...origin, ...headers }, timeout: LIMIT.answer }, (answer) => {
      const parts = []
      answer.on('data', (part) => parts.push(part))
      answer.on('error', failed)
      answer.on('end', () => {
        const head = Buffer.from(answer.rawHeaders.join('\n'))
        done({ status: answer.statusCode, head, body: Buffer.concat(parts) })
      })
    })
    asked.on('timeout', () => asked.destroy(new Error('no answer in time')))
    asked.on('error', failed)
    asked.end(body)
  })
}

function freePort() {
  return new Promise((done, failed) => {
    const server = createServer()
    server.on('error', failed)
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => done(port))
    })
  })
}

// The record

function record(home, where) {
  const file = path.join(home, 'truth.json')
  const before = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : {}
  const names = [...where.keys()].sort()
  const rows = names.map((name) => {
    const places = [...where.get(name)].sort()
    const some = places.length > 3 ? [...places.slice(0, 3), `and ${places.length - 3} more`] : places
    return [name, { shipped: places.length > 0, where: some }]
  })
  const lines = rows.map(([name, row]) => `  ${JSON.stringify(name)}: ${JSON.stringify(row)}`)
  fs.writeFileSync(file, `{\n${lines.join(',\n')}\n}\n`)
  const isOther = ([name, row]) => before[name] && before[name].shipped !== row.shipped
  const changed = rows.filter(isOther).map(([name]) => name)
  return { places: rows.length, shipped: rows.filter(([, row]) => row.shipped).length, changed }
}

// Small helpers

function* filesBelow(folder) {
  for (const entry of fs.readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const file = path.join(folder, entry.name)
    if (entry.isDirectory()) {
      if (entry.name !== 'node_modules') yield* filesBelow(file)
    } else if (entry.isFile()) yield file
  }
}

/** The subset of TOML that app.toml uses: strings, arrays of strings over any lines, tables. */
function parseToml(text, name) {
  const root = {}
  let table = root
  const entry = /^([\w-]+)\s*=\s*("(?:[^"\\]|\\.)*"|'[^']*'|\[(?:[^\]"']|"(?:[^"\\]|\\.)*"|'[^']*')*\])\s*(?:#.*)?$/m
  let rest = text
  while ((rest = rest.replace(/^(\s+|#.*(\n|$))+/, '')) !== '') {
    const header = /^\[([\w-]+)\]/.exec(rest)
    const pair = entry.exec(rest)
    if (header) {
      table = root[header[1]] = {}
      rest = rest.slice(header[0].length)
    } else if (pair && pair.index === 0) {
      const strings = pair[2].match(/"(?:[^"\\]|\\.)*"|'[^']*'/g) ?? []
      const values = strings.map((string) => (string[0] === '"' ? JSON.parse(string) : string.slice(1, -1)))
      table[pair[1]] = pair[2][0] === '[' ? values : values[0]
      rest = rest.slice(pair[0].length)
    } else throw new Failure(`${name}: cannot read ${rest.split('\n')[0]}`)
  }
  return root
}

try {
  await main()
} catch (error) {
  if (!(error instanceof Failure)) throw error
  console.error(error.message)
  process.exitCode = 1
}
