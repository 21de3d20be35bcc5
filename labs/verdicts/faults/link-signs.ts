import { nodesOf } from '../../testbed/parts.ts'
import { recordedTestbed } from '../../testbed-file/recorded-testbed.ts'
import { saidWithin } from '../../journal/host-order.ts'
import { ofType } from '../../journal/run.ts'
import type { LineOf } from '../../journal/event.ts'
import type { Sign, Stretch } from './lasted.ts'

/** a status file is written twice a second, and a busy node is late */
const slack = 1000

/**
 * Who is heard where nobody can be: on a link that is cut, across a partition, or of a node that is frozen or has no power. A
 * node counts as heard for the peer timeout after its last message, and a status is as old as the file it was read from.
 */
export function linkSigns(stretch: Stretch): readonly Sign[] {
  const silent = silences(stretch)
  if (!silent) return []
  return [...heardSigns(stretch, silent), ...upSigns(stretch, silent), ...lostSigns(stretch, silent)]
}

/** Whether `speaker` cannot be heard by `listener` on a link. */
type Silent = (listener: string, speaker: string, link: string) => boolean

function silences({ run, life }: Stretch): Silent | undefined {
  const { node, link, side } = life.target
  switch (life.fault) {
    case 'private-link-down':
    case 'cable-pulled':
      return (listener, speaker, on) => on === link && (listener === node || speaker === node)
    case 'private-link-mute':
      return (_, speaker, on) => on === link && speaker === node
    case 'private-network-off':
      return (_, __, on) => on === link
    case 'vm-freeze':
    case 'node-power-off':
      return (_, speaker) => speaker === node
    case 'partition': {
      const testbed = recordedTestbed(run.started.testbed)
      const here = (side ?? '').split(/[\s,]+/)
      const all = testbed ? nodesOf(testbed).map(({ name }) => name) : []
      const isHere = (name: string) => here.includes(name)
      return (listener, speaker) => all.includes(speaker) && isHere(listener) !== isHere(speaker)
    }
    default:
      return undefined
  }
}

function heardSigns({ run, lines, from, peerTimeout }: Stretch, silent: Silent): readonly Sign[] {
  const nodes = run.started.testbed.nodes.map(({ name }) => name)
  return ofType(lines, 'stack').flatMap((line): Sign[] => {
    const { host, seq, links } = line
    if (!line.answered || host === undefined || !links || line.state === 'stopped') return []
    const said = saidWithin(line, run.clocks)
    const silenced = Object.entries(links).flatMap(([link, heard]) =>
      nodes.flatMap((speaker) =>
        speaker !== host && silent(host, speaker, link) ? [{ link, speaker, isHeard: heard.includes(speaker) }] : [],
      ),
    )
    const heard = silenced.find(({ isHeard }) => isHeard)
    if (heard && said.earliest > from.at + peerTimeout + slack)
      return [{ seq, kind: 'against', text: `${host} heard ${heard.speaker} on ${heard.link}` }]
    return silenced.length > 0 && !heard && said.earliest > from.at
      ? [{ seq, kind: 'for', text: `${host} heard nothing of it` }]
      : []
  })
}

/** A message that a link is used again. One that was on its way when the fault began is older by its own clock. */
function upSigns({ run, lines, from }: Stretch, silent: Silent): readonly Sign[] {
  return ofType(lines, 'stack.log').flatMap((line): Sign[] => {
    if (line.code !== 'link-up' || line.host === undefined || saidWithin(line, run.clocks).earliest <= from.at)
      return []
    const { link, speaker } = named(line, run.started.testbed)
    return link !== undefined && speaker !== undefined && silent(line.host, speaker, link)
      ? [{ seq: line.seq, kind: 'against', text: `${line.host} said: ${line.text}` }]
      : []
  })
}

/** That a peer or a link was given up since then says that nothing had come for a whole peer timeout. */
function lostSigns({ run, lines, from }: Stretch, silent: Silent): readonly Sign[] {
  const nodes = run.started.testbed.nodes.map(({ name }) => name)
  return ofType(lines, 'stack.log').flatMap((line): Sign[] => {
    const { host, seq, code } = line
    if (host === undefined || (code !== 'peer-lost' && code !== 'link-lost')) return []
    const concerns = run.started.testbed.links.some((link) =>
      nodes.some((speaker) => speaker !== host && silent(host, speaker, link)),
    )
    return concerns && saidWithin(line, run.clocks).earliest > from.at
      ? [{ seq, kind: 'for', text: `${host} said: ${line.text}` }]
      : []
  })
}

function named(
  { data, text, host }: LineOf<'stack.log'>,
  testbed: { readonly links: readonly string[]; readonly nodes: readonly { readonly name: string }[] },
): { readonly link: string | undefined; readonly speaker: string | undefined } {
  const words = text.split(/[^A-Za-z0-9_.-]+/)
  const find = (names: readonly string[], told: unknown) =>
    typeof told === 'string' ? told : names.find((name) => words.includes(name))
  return {
    link: find(testbed.links, data?.['link']),
    speaker: find(
      testbed.nodes.flatMap(({ name }) => (name === host ? [] : [name])),
      data?.['node'],
    ),
  }
}
