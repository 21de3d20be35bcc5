import { bootSighting } from '../../journal/clock.ts'
import { lastStep, type FaultLife } from '../../journal/faults.ts'
import { foldLinks, restarts, type LinkSign } from '../../journal/links.ts'
import { all, holds, unknown, violated, type Case, type Finding } from '../case.ts'
import type { LineOf } from '../../journal/event.ts'

/**
 * After the repair every node hears its peers on the repaired link again, by itself: same boot, and nobody joined anew.
 * Source: VCS I/O fencing scenario table, "one private network fails": the link is used again automatically.
 */
export function linkUsedAgain(run: Case): Finding {
  const repaired = run.faults.flatMap((fault) => {
    const gone = lastStep(fault.steps, 'gone')
    const link = fault.target['link']
    return link !== undefined && gone?.ok === true ? [{ fault, link, gone }] : []
  })
  if (repaired.length === 0) return unknown('no link was verified to be repaired')
  const signs = foldLinks(run.lines, run.started.testbed.links)
  return all(
    repaired.flatMap(({ fault, link, gone }) =>
      run.nodes.map((node) => heardAgain(run, signs, fault, link, gone, node.name)),
    ),
    'the recording names no node',
  )
}

function heardAgain(
  run: Case,
  signs: readonly LinkSign[],
  fault: FaultLife,
  link: string,
  gone: LineOf<'fault'>,
  node: string,
): Finding {
  const began = fault.steps[0]?.seq ?? gone.seq
  const restarted = restarts(run.lines, node, began)
  if (restarted.length > 0)
    return violated(`${node} joined anew or was stopped, the link did not just come back`, restarted)
  const before = run.clocks.bootOf(node, began)
  if (before === undefined) return unknown(`${node}: its boot id was not seen before the fault`)
  const rebooted = run.lines.filter((line) => {
    const sighting = line.seq > began ? bootSighting(line) : undefined
    return sighting?.host === node && sighting.boot !== before
  })
  if (rebooted.length > 0) {
    return violated(
      `${node} was rebooted in between`,
      rebooted.map((line) => line.seq),
    )
  }
  const peers = run.nodes.map((one) => one.name).filter((name) => name !== node)
  const hears = signs.findLast((sign) => sign.kind === 'heard' && sign.node === node && sign.link === link)
  if (hears?.kind === 'heard' && hears.seq > gone.seq) {
    const silent = peers.filter((peer) => !hears.nodes.includes(peer))
    if (silent.length === 0) return holds(`${node} hears ${peers.join(', ')} on ${link} again`, [gone.seq, hears.seq])
    // a look too early proves nothing: only one from after the lab had stopped waiting does
    const final = hears.seq > (run.frame.end?.seq ?? Infinity)
    const text = `${node} does not hear ${silent.join(', ')} on ${link} after the repair`
    return final ? violated(text, [gone.seq, hears.seq]) : unknown(`${text}, in a look before the end`, [hears.seq])
  }
  const told = signs.findLast((sign) => sign.kind !== 'heard' && sign.node === node && sign.links.includes(link))
  const reverting = lastStep(fault.steps, 'reverting')
  if (told?.kind === 'up' && reverting && told.seq > reverting.seq) {
    return holds(`${node} told that ${link} is up again`, [gone.seq, told.seq])
  }
  return unknown(`${node}: nothing tells whether it uses ${link} again`, [gone.seq])
}
