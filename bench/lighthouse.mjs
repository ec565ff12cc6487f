// Lighthouse over pages, by a Chromium that is running already. In: {"port": n, "pages": [{"name", "url", "cookie"}]},
// out: a line of JSON for each page. Nothing but the page itself is asked for: no network is throttled really, only simulated.
import { createRequire } from 'node:module'
import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

const [modules] = process.argv.slice(2)
const { default: lighthouse, desktopConfig } = await import(pathToFileURL(createRequire(modules + '/').resolve('lighthouse')))
const { port, pages } = JSON.parse(readFileSync(0, 'utf8'))
const KINDS = ['accessibility', 'best-practices', 'performance']

for (const { name, url, cookie, desktop } of pages) {
  const flags = { port, output: 'json', logLevel: 'silent', onlyCategories: KINDS, disableStorageReset: true }
  if (cookie) flags.extraHeaders = { Cookie: cookie }
  let { lhr } = await lighthouse(url, flags, desktop ? desktopConfig : undefined)
  if (lhr.runtimeError) ({ lhr } = await lighthouse(url, flags, desktop ? desktopConfig : undefined))
  const scores = Object.fromEntries(KINDS.map(kind => [kind, Math.round((lhr.categories[kind].score ?? 0) * 100)]))
  const failed = KINDS.flatMap(kind => lhr.categories[kind].auditRefs)
    .filter(({ id, weight }) => weight && lhr.audits[id].score !== null && lhr.audits[id].score < 0.9)
    .map(({ id }) => `${id}: ${lhr.audits[id].displayValue || first(lhr.audits[id])}`)
  process.stdout.write(JSON.stringify({ name, scores, failed, runtime: lhr.runtimeError?.message ?? '' }) + '\n')
}

function first (audit) {
  const item = audit.details?.items?.[0]
  return String(item?.node?.snippet ?? item?.description ?? audit.title).slice(0, 160)
}
