// What caniemail and html-validate say of mails, each found in its own node_modules; JSON in, JSON out.
// In: {"baseline": html, "mails": {name: html}}. Out: {name: {"added": [...], "faults": [...]}}.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'

const [first, second] = process.argv.slice(2).map(folder => createRequire(folder + '/'))
const { caniemail } = await import(pathToFileURL(first.resolve('caniemail')))
const { HtmlValidate } = second('html-validate')

const CLIENTS = ['gmail.*', 'outlook.*', 'apple-mail.*', 'yahoo.*']

// The idioms of MJML and of mails: inline styles, attributes that Outlook reads, conditional comments,
// a pedigree of XHTML; the one `<div role="article">`; a picture's `height="auto"`. A title is the
// subject, which no search engine cuts.
const VALIDATOR = new HtmlValidate({
  root: true,
  extends: ['html-validate:recommended'],
  elements: ['html5', { img: { attributes: { height: { enum: ['auto', '/\\d+/'] } } } }],
  rules: {
    'no-inline-style': 'off',
    'no-deprecated-attr': 'off',
    'no-conditional-comment': 'off',
    'void-style': 'off',
    'long-title': 'off',
    'doctype-style': ['error', { style: 'lowercase' }],
    'prefer-native-element': ['error', { exclude: ['article'] }]
  }
})

const complaints = html => {
  const { issues } = caniemail({ clients: CLIENTS, html })
  const found = new Map()
  for (const kind of ['errors', 'warnings'])
    for (const [client, list] of issues[kind])
      for (const { title } of list) {
        const name = `${title} (${kind === 'errors' ? 'not' : 'partly'})`
        found.set(name, (found.get(name) ?? new Set()).add(client))
      }
  return found
}

const { baseline, mails } = JSON.parse(readFileSync(0, 'utf8'))
const known = complaints(baseline)
const out = {}
for (const [name, html] of Object.entries(mails)) {
  const added = []
  for (const [title, clients] of complaints(html)) {
    const others = [...clients].filter(client => !known.get(title)?.has(client))
    if (others.length) added.push([title, others.sort()])
  }
  const { results } = await VALIDATOR.validateString(html)
  const faults = results.flatMap(result => result.messages)
    .map(({ ruleId, message, line, column }) => `${line}:${column} ${ruleId}: ${message}`)
  out[name] = { added: added.sort(), faults }
}
process.stdout.write(JSON.stringify(out))
