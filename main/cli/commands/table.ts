import { scenarios } from '../../../labs/scenarios/scenarios.ts'
import type { Context, ExitStatus } from '../context.ts'
import { wrap } from '../text-table.ts'

/** Prints the documented rows as the documents have them, and what is expected of each node. */
export function table(context: Context, json: boolean): ExitStatus {
  if (json) {
    context.print(JSON.stringify(scenarios, null, 2))
    return 0
  }
  for (const { name, title, document, source, expected, rules } of scenarios) {
    const part = (label: string, text: string) =>
      wrap(text, 92).map((line, index) => `  ${(index === 0 ? label : '').padEnd(17)}${line}`)
    const lines = [
      `${name}: ${title}`,
      ...part('event', document.event),
      ...Object.entries(document.nodes).flatMap(([node, text]) => part(`node ${node}`, text)),
      ...part('operator action', document.operatorAction),
      ...Object.entries(expected).flatMap(([node, outcomes]) => part(`expected of ${node}`, outcomes.join(' or '))),
      ...part('judged by', rules.join(', ')),
      ...part('source', `${source.document}, ${source.place}`),
    ]
    context.print(`${lines.join('\n')}\n`)
  }
  return 0
}
