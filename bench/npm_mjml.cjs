// Compiles MJML as npm's mjml does: one JSON request a line on standard input, one answer a line.
// {source} → {html, ms}; {faults: source} → {faults: [{line, tag, message}]}; {table: true} → {table, dependencies, colours}
const readline = require('readline')
const mjml = require('mjml')
const { components, dependencies } = require('mjml-preset-core')
const colours = require('mjml-core/lib/types/helpers/colors')

const compile = async (source) => {
  const begin = process.hrtime.bigint()
  const { html } = await (mjml.default || mjml)(source, { validationLevel: 'skip' })
  return { html, ms: Number(process.hrtime.bigint() - begin) / 1e6 }
}

const faults = async (source) => {
  const { errors } = await (mjml.default || mjml)(source, { validationLevel: 'soft' })
  return { faults: errors.map((one) => ({ line: one.line, tag: one.tagName, message: one.message })) }
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
    if (request.table) return table()
    return await (request.faults === undefined ? compile(request.source) : faults(request.faults))
  } catch (error) {
    return { error: String(error) }
  }
}

;(async () => {
  for await (const line of readline.createInterface({ input: process.stdin })) {
    console.log(JSON.stringify(await answer(JSON.parse(line))))
  }
})()
