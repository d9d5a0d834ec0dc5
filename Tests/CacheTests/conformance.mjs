// Runs http-tests/cache-tests against raw-server, and says how it went as JSON.
//
//   node conformance.mjs SUITE RAW-SERVER [--only TEST-ID]
//
// With --only it tells of each request on standard error.
//
// SUITE is the suite's folder: test-engine, tests, results. Every test has a mount of the raw server to
// itself (see Tests/RawServer), and three servers stand in one row:
//
//   the suite's client → front → raw-server → origin
//
// The front takes /config and /state for the suite's own server, and gives /test/ID to the raw
// server. Larder sends no field of a client's to an upstream, and the suite numbers its requests in one
// (Req-Num): the front remembers the number, and the origin is given it beside the request.

import { spawn } from 'node:child_process'
import http from 'node:http'
import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

const [suite, program, ...options] = process.argv.slice(2)
const only = options[0] === '--only' ? options[1] : undefined
const part = path => import(pathToFileURL(`${suite}/${path}`).href)

const log = console.log
// The suite's server and client tell standard output of what they do.
console.log = only === undefined ? () => {} : console.error

const { default: suites } = await part('tests/index.mjs')
const { default: handleConfig } = await part('test-engine/server/handle-config.mjs')
const { default: handleState } = await part('test-engine/server/handle-state.mjs')
const { default: handleTest } = await part('test-engine/server/handle-test.mjs')
const { runTests, getResults } = await part('test-engine/client/runner.mjs')

// Freshness, conditional requests, stale, 304 updates, partial content, and what they rest on.
const judged = new Set([
  'cc-freshness', 'cc-parse', 'age-parse', 'expires', 'expires-parse', 'cc-response', 'heuristic',
  'stale', 'conditional-lm', 'conditional-inm', 'update304', 'partial', 'headers', 'vary', 'vary-parse'
])
const recorded = ['nginx', 'varnish', 'squid', 'apache', 'trafficserver', 'caddy', 'haproxy', 'fastly']
  .map(name => [name, JSON.parse(readFileSync(`${suite}/results/${name}.json`))])

const chosen = suites
  .map(suite => ({ ...suite, tests: suite.tests.filter(test => isChosen(suite, test)) }))
  .filter(suite => suite.tests.length > 0)
for (const test of chosen.flatMap(suite => suite.tests)) test.dump = only !== undefined

// What only shows how a cache behaves (kind: check) is not judged. Of other suites those are that every
// recorded cache passes.
function isChosen (suite, test) {
  if (only !== undefined) return test.id === only
  if (test.browser_only === true || test.kind === 'check') return false
  if (judged.has(suite.id)) return true
  return test.kind === undefined && recorded.every(([, results]) => results[test.id] === true)
}

const places = new Map() // the suite's own id of a run of a test → its mount, its last Req-Num

function segments (request) {
  return request.url.split(/[/?]/).slice(1)
}

async function listen (answer) {
  const server = http.createServer({ keepAliveTimeout: 60_000 }, answer)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

const origin = await listen((request, response) => {
  const [kind, ...rest] = segments(request)
  const place = places.get(rest[0])
  if (kind !== 'test' || place === undefined) {
    response.writeHead(404).end()
    return
  }
  request.headers['req-num'] = place.number
  handleTest(rest, request, response)
})

const count = chosen.flatMap(suite => suite.tests).length
const child = spawn(program, [`http://127.0.0.1:${origin.address().port}/`, String(count)],
  { stdio: ['pipe', 'pipe', 'inherit'] })
child.on('error', end)
child.on('exit', status => { if (!isDone) end(new Error(`raw-server ended with ${status}`)) })
let isDone = false
const [line] = await once(createInterface(child.stdout), 'line')
const larder = new URL(line)

const agent = new http.Agent({ keepAlive: true })

function pass (id, request, response) {
  const place = places.get(id)
  place.number = request.headers['req-num']
  const onward = http.request({
    agent,
    host: larder.hostname,
    port: larder.port,
    method: request.method,
    path: `/m${place.mount}${request.url}`,
    headers: request.rawHeaders,
    setHost: false
  })
  onward.on('response', answer => {
    response.sendDate = false
    response.writeHead(answer.statusCode, answer.statusMessage, answer.rawHeaders)
    answer.pipe(response)
  })
  onward.on('error', () => response.destroy())
  request.pipe(onward)
}

const front = await listen((request, response) => {
  const [kind, ...rest] = segments(request)
  if (kind === 'config') {
    places.set(rest[0], { mount: places.size })
    handleConfig(rest, request, response)
  } else if (kind === 'state') {
    handleState(rest, request, response)
  } else if (kind === 'test' && places.has(rest[0])) {
    pass(rest[0], request, response)
  } else {
    response.writeHead(404).end()
  }
})

function end (error) {
  console.error(error)
  process.exit(1)
}

await runTests(chosen, false, `http://127.0.0.1:${front.address().port}`, 100)
isDone = true
child.stdin.end()

const results = getResults()
const rows = chosen.flatMap(suite => suite.tests.map(test => ({
  id: test.id,
  suite: suite.id,
  passes: results[test.id] === true,
  reason: results[test.id] === true ? '' : results[test.id].join(': '),
  recorded: recorded.filter(([, results]) => results[test.id] === true).map(([name]) => name)
})))
log(JSON.stringify(rows, null, 1))
process.exit(0)
