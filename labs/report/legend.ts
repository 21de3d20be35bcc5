import { markup, type Markup, type MarkupValue } from './markup.ts'
import { nodeColours } from './time-line-svg.ts'
import type { RunReport } from './run-report.ts'

/** How to read the pictures; nothing where there is none. */
export function legend(reports: readonly RunReport[]): MarkupValue {
  if (!reports.some(({ run }) => run)) return undefined
  const nodes = new Map<string, Set<number>>()
  for (const { started } of reports) {
    started?.testbed.nodes.forEach(({ name }, index) => {
      nodes.set(name, (nodes.get(name) ?? new Set()).add(index % nodeColours))
    })
  }
  return markup`<section aria-labelledby="legend"><h2 id="legend">How to read the pictures</h2>
<svg width="0" height="0" aria-hidden="true" style="position:absolute"><defs>
<pattern id="legend-failed" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="hatch-ground failed" width="5" height="5"/><rect class="hatch-line failed" width="2" height="5"/></pattern>
<pattern id="legend-between" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(45)"><rect class="hatch-ground between" width="5" height="5"/><rect class="hatch-line between" width="2" height="5"/></pattern>
<pattern id="legend-doubtful" width="5" height="5" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)"><rect class="hatch-ground doubtful" width="5" height="5"/><rect class="hatch-line doubtful" width="2" height="5"/></pattern>
</defs></svg>
<p class="small">A bar lasts from the first to the last of consecutive looks that agree. Between two looks that differ it is hatched: the change came somewhere in that gap, and nobody saw when. A mark stands where the thing had surely happened. A node that panicked, or that was switched off, is drawn so until something else is seen of it. Marks too near one another to be told apart are drawn as one; the taller a mark of the ledger, the more writes it stands for. Shaded over all lanes: the time of a fault.</p>
<ul class="legend">
${[...nodes].flatMap(([name, colours]) => [...colours].map((colour) => item(rect(`node-${colour}`), `${name}: alive, its keys, its writes`)))}
${item(rect('fault in-force'), 'fault verified to be in force')}
${item(rect('fault applying'), 'being applied or taken back, not verified')}
${item(rect('fault doubtful', 'doubtful'), 'doubtful: not proved')}
${item(rect('operation done'), 'the operator does something')}
${item(markup`<polygon class="checkpoint" points="9,1 13,6 9,11 5,6"/>`, 'everybody is looked at')}
${item(rect('outlet on'), 'outlet: on')}
${item(rect('outlet off'), 'outlet: off')}
${item(rect('link heard'), 'link: the others are heard')}
${item(rect('link partly-heard'), 'only some of them')}
${item(rect('link not-heard'), 'nobody is heard')}
${item(markup`<polygon class="link-mark" points="5,2 13,2 9,9"/>`, 'the stack says: link lost')}
${item(markup`<polygon class="link-mark" points="5,10 13,10 9,3"/>`, 'the stack says: link used again')}
${item(markup`${rect('state panicked')}<path class="panic" d="M5 2l8 8m0 -8l-8 8"/>`, 'node panicked; cross: a witness saw it')}
${item(rect('state off'), 'node has no power')}
${item(rect('state hung', 'failed'), 'virtual machine stopped')}
${item(markup`<rect class="log" x="8" y="3" width="2" height="6"/>`, 'the stack said something')}
${item(markup`<circle class="silent" cx="9" cy="6" r="3"/>`, 'did not answer when asked in the end')}
${item(rect('failed', 'failed'), 'reading the keys failed: nothing is known')}
${item(rect('key foreign'), 'a key of nobody in the testbed')}
${item(rect('reservation none'), 'no reservation held')}
${item(rect('between', 'between'), 'it changed in here: the last look before, the first after')}
${item(markup`<rect class="write node-0" x="8" y="2" width="2" height="9"/>`, 'write acknowledged')}
${item(markup`<path class="write refused" d="M6 3l6 6m0 -6l-6 6"/>`, 'write refused by the storage')}
${item(markup`<path class="write failed" d="M6 3l6 6m0 -6l-6 6"/>`, 'write failed otherwise')}
</ul>
</section>`
}

function rect(look: string, fill?: string): Markup {
  return markup`<rect class="${look}" x="1" y="2" width="16" height="8"${fill === undefined ? undefined : markup` fill="url(#legend-${fill})"`}/>`
}

function item(shape: Markup, text: string): Markup {
  return markup`<li><svg width="18" height="12" viewBox="0 0 18 12" aria-hidden="true">${shape}</svg>${text}</li>\n`
}
