// Checks signatures as `npm audit signatures` does, by npm's own code, but with the registry's keys alone:
// npm itself first asks a server on the internet for keys.
//
// Usage: node verify_signatures.cjs NPM REGISTRY SPEC…

const path = require('path')

const [npm, registry, ...specs] = process.argv.slice(2)
const load = (name) => require(path.join(npm, 'node_modules', name))
const fetch = load('npm-registry-fetch')
const pacote = load('pacote')

async function main() {
  const options = { registry: `${registry}/`, cache: path.join(process.env.HOME, 'npm') }
  const { keys } = await fetch.json('/-/npm/v1/keys', options)
  const trusted = keys.map((key) => ({
    ...key, pemkey: `-----BEGIN PUBLIC KEY-----\n${key.key}\n-----END PUBLIC KEY-----`,
  }))
  const scope = `//${new URL(registry).host}${new URL(registry).pathname}/:_keys`
  for (const spec of specs) {
    const manifest = await pacote.manifest(
      spec, { ...options, verifySignatures: true, fullMetadata: true, [scope]: trusted })
    if (!manifest._signatures?.length) throw new Error(`${spec} has no signature`)
  }
  console.log(`verified ${specs.length}`)
}

main().catch((error) => {
  console.error(error)
  process.exitCode = 1
})
