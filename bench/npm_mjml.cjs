// Compiles MJML as npm's mjml does: one JSON request a line on standard input, one answer a line.
// {source} → {html, faults: [{line, tag, message}], ms of processor time}; {table: true} → {table, dependencies, colours}
const readline = require('readline')
const mjml = require('mjml')
const { components, dependencies } = require('mjml-preset-core')
const colours = require('mjml-core/lib/types/helpers/colors')

const compile = async (source) => {
  const before = process.cpuUsage()
  const { html, errors } = await (mjml.default || mjml)(source)
  const spent = process.cpuUsage(before)
  const faults = errors.map((one) => ({ line: one.line, tag: one.tagName, message: one.message }))
  return { html, faults, ms: (spent.user + spent.system) / 1e3 }
}

const table = () => {
  const found = {}
  for (const one of components) {
    found[one.componentName] = { ends: !!one.endingTag, attributes: one.allowedAttributes || {} }
  }
  return { table: found, dependencies, colours: colours.default || colours }
}

const answer = async (request) => {
  try {
    return request.table ? table() : await compile(request.source)
  } catch (error) {
    return { error: String(error) }
  }
}

;(async () => {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    console.log(JSON.stringify(await answer(JSON.parse(line))))
  }
})()
