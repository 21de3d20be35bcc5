/** Three whole recordings that must pass, one for each kind of row. Tests take them apart. */
import {
  applyFault,
  boots,
  clocks,
  controlTry,
  ended,
  fault,
  green,
  keys,
  keysText,
  lab,
  look,
  looks,
  luns,
  member,
  message,
  on,
  panic,
  phase,
  probe,
  process,
  record,
  refusedTry,
  reservationText,
  revertFault,
  scan,
  scenario,
  started,
  write,
  type Entry,
  type Node,
  type TestbedOptions,
} from './history.ts'
import { policyInfo } from '../../../labs/stacks/reference/policies.ts'
import type { PolicyName } from '../../../labs/cluster/policy-names.ts'
import type { PolicyParameters } from '../../../labs/stacks/reference/part-schema.ts'
import type { Scenario } from '../../../labs/scenarios/scenario.ts'

const both = [keys.nodea, keys.nodeb]

/** What a host sees when all is green: every LUN as the policy of the row wants it. */
const greenLooks = (viewer: string, at: number, row: Scenario, nodes: readonly Node[]): Entry[] => {
  const policy = policyInfo(row.policy as PolicyName, row.parameters as PolicyParameters)
  const registered = { members: nodes.map((node) => keys[node]), group: [keys.nodea], nobody: [] }
  const words = { 1: 'Write Exclusive', 3: 'Exclusive Access' }[Number(policy.reservation)]
  return luns.flatMap((lun) => {
    const use = lun === 'data1' ? 'data' : 'coordination'
    if (use === 'data' && policy.reservation === 'scsi-2') {
      const conflict = { exit: 24, stderr: 'PR in (Read keys): Reservation conflict\n' }
      return (['keys', 'reservation'] as const).map((action) => look(viewer, at, lun, action, '', conflict))
    }
    const holder = use === 'data' && typeof policy.reservation === 'number' ? keys.nodea : null
    return [
      look(viewer, at, lun, 'keys', keysText(4, registered[policy.keysWhenGreen[use]])),
      look(viewer, at, lun, 'reservation', reservationText(4, holder, words)),
    ]
  })
}

/** From the start to the injection: all green, nodea writes, every node of `nodes` is a member. */
export const prelude = (
  row: Scenario,
  options: TestbedOptions = {},
  nodes: readonly Node[] = ['nodea', 'nodeb'],
): Entry[] => [
  started(row, options),
  phase(10, 'prepare'),
  ...clocks(20, [...(options.nodes ?? nodes), 'observer']),
  phase(100, 'baseline'),
  ...nodes.map((node) => on(node, 150, { type: 'boot', boot: boots[node] })),
  ...['observer', ...(options.nodes ?? nodes)].flatMap((viewer, index) =>
    greenLooks(viewer, 200 + index * 10, row, nodes),
  ),
  ...nodes.map((node, index) => member(node, 300 + index * 10, { active: node === 'nodea', members: nodes })),
  write('nodea', 400, 1),
  write('nodea', 500, 2),
  green(900),
  phase(1000, 'inject'),
]

const raceRules = [
  'exactly-one-continues',
  'others-panicked',
  'survivor-alone-on-coordination-majority',
  'survivor-alone-on-data',
  'no-write-after-ejection',
] as const

/** Both private links are cut; nodea, which writes the ledger, loses at 3000 and panics; nodeb takes over. */
export const bothLinksFail: readonly Entry[] = [
  ...prelude(
    scenario('both-links-fail', raceRules, [
      { do: 'fault', fault: 'private-link-down', target: { node: 'A', link: '#1' }, id: 'cut-1' },
      { do: 'fault', fault: 'private-link-down', target: { node: 'A', link: '#2' }, id: 'cut-2' },
      { do: 'await', condition: 'one-panicked-and-fenced', seconds: 60 },
    ]),
  ),
  ...applyFault(1100, 'cut-1', { node: 'nodea', link: 'priv1' }),
  ...applyFault(1200, 'cut-2', { node: 'nodea', link: 'priv2' }),
  phase(1300, 'observe'),
  write('nodea', 1600, 3),
  write('nodea', 1700, 4),
  ...looks('observer', 2500, 4, both, keys.nodea),
  scan(
    'nodeb',
    3100,
    'takeover',
    [400, 500, 1600, 1700].map((at, index) => record('nodea', at, index + 1)),
  ),
  write('nodea', 3110, 5, 1, 'refused'),
  ...looks('observer', 3200, 5, [keys.nodeb], keys.nodeb),
  ...panic('nodea', 3300),
  write('nodeb', 3500, 1, 2),
  lab(4000, { type: 'await', condition: 'one-panicked-and-fenced', met: true, seconds: 3 }),
  phase(4100, 'collect'),
  ...clocks(4150, ['nodeb', 'observer']),
  ...looks('observer', 4300, 5, [keys.nodeb], keys.nodeb),
  ...looks('nodeb', 4400, 5, [keys.nodeb], keys.nodeb),
  scan('observer', 4500, 'final', [
    ...[400, 500, 1600, 1700].map((at, index) => record('nodea', at, index + 1)),
    record('nodeb', 3500, 1, 2),
  ]),
  on('nodea', 4600, { type: 'stack', answered: false, text: 'no answer' }),
  member('nodeb', 4610, { members: ['nodeb'], active: true }),
  probe(4700, 'nodea'),
  probe(4710, 'nodeb', boots.nodeb),
  controlTry('observer', 4710),
  refusedTry('observer', 4710),
  scan('nodeb', 4710, 'late', [
    ...[400, 500, 1600, 1700].map((at, index) => record('nodea', at, index + 1)),
    record('nodeb', 3500, 1, 2),
  ]),
  phase(5000, 'restore'),
  ...revertFault(5100, 'cut-1', { node: 'nodea', link: 'priv1' }),
  ...revertFault(5200, 'cut-2', { node: 'nodea', link: 'priv2' }),
  probe(5300, 'nodea', boots.nodea),
  ended(5400),
]

/** One private link is cut and repaired; both nodes go on, nodea writes all the while. */
export const oneLinkFails: readonly Entry[] = [
  ...prelude(
    scenario(
      'one-link-fails',
      ['all-continue', 'nobody-ejected', 'message-on-every-node', 'link-used-again', 'ledger-without-gap'],
      [
        { do: 'fault', fault: 'private-link-down', target: { node: 'A', link: '#1' }, id: 'cut-1' },
        { do: 'await', condition: 'link-loss-noticed', seconds: 30 },
        { do: 'revert', id: 'cut-1' },
        { do: 'await', condition: 'all-links-heard', seconds: 30 },
      ],
      { expected: { A: ['running'], B: ['running'] } },
    ),
  ),
  ...applyFault(1100, 'cut-1', { node: 'nodea', link: 'priv1' }),
  phase(1200, 'observe'),
  write('nodea', 1500, 3),
  message('nodea', 1800, 'link-lost', 'private link priv1 to nodeb lost, continuing on priv2'),
  message('nodeb', 1810, 'link-lost', 'private link priv1 to nodea lost, continuing on priv2'),
  member('nodea', 1900, { active: true, links: { priv1: [], priv2: ['nodeb'] } }),
  member('nodeb', 1910, { links: { priv1: [], priv2: ['nodea'] } }),
  ...looks('observer', 2000, 4, both, keys.nodea),
  lab(2400, { type: 'await', condition: 'link-loss-noticed', met: true, seconds: 1 }),
  ...revertFault(2500, 'cut-1', { node: 'nodea', link: 'priv1' }),
  message('nodea', 2700, 'link-up', 'private link priv1 to nodeb is used again'),
  message('nodeb', 2710, 'link-up', 'private link priv1 to nodea is used again'),
  write('nodea', 2800, 4),
  lab(3000, { type: 'await', condition: 'all-links-heard', met: true, seconds: 1 }),
  phase(3100, 'collect'),
  ...clocks(3150),
  ...looks('observer', 3300, 4, both, keys.nodea),
  scan(
    'observer',
    3400,
    'final',
    [400, 500, 1500, 2800].map((at, index) => record('nodea', at, index + 1)),
  ),
  member('nodea', 3500, { active: true }),
  member('nodeb', 3510),
  probe(3600, 'nodea', boots.nodea),
  probe(3610, 'nodeb', boots.nodeb),
  controlTry('observer', 3700),
  refusedTry('observer', 3750),
  phase(4000, 'restore'),
  ended(4100),
]

/** nodea is frozen at 1100, ejected at 3000, woken at 4000, and panics; nodeb takes over. */
export const nodeHangs: readonly Entry[] = [
  ...prelude(
    scenario(
      'node-hangs',
      [...raceRules, 'hung-node-was-ejected-while-hung', 'hung-node-panicked'],
      [
        { do: 'fault', fault: 'vm-freeze', target: { node: 'A' }, id: 'freeze' },
        { do: 'await', condition: 'hung-node-ejected', seconds: 60 },
        { do: 'revert', id: 'freeze' },
        { do: 'await', condition: 'hung-node-settled', seconds: 60 },
      ],
      { expected: { A: ['panicked'], B: ['running'] } },
    ),
  ),
  fault(1100, 'freeze', { node: 'nodea' }, 'applying'),
  fault(1120, 'freeze', { node: 'nodea' }, 'applied', true),
  process(1130, 'nodea', 'T'),
  fault(1140, 'freeze', { node: 'nodea' }, 'verified', true),
  phase(1200, 'observe'),
  ...looks('observer', 2500, 4, both, keys.nodea),
  scan('nodeb', 3100, 'takeover', [record('nodea', 400, 1), record('nodea', 500, 2)]),
  ...looks('observer', 3200, 5, [keys.nodeb], keys.nodeb),
  write('nodeb', 3300, 1, 2),
  lab(3850, { type: 'await', condition: 'hung-node-ejected', met: true, seconds: 2 }),
  process(3900, 'nodea', 'T'),
  ...revertFault(4000, 'freeze', { node: 'nodea' }),
  process(4050, 'nodea', 'S'),
  ...panic('nodea', 4300),
  lab(4500, { type: 'await', condition: 'hung-node-settled', met: true, seconds: 1 }),
  phase(4600, 'collect'),
  ...clocks(4650, ['nodeb', 'observer']),
  ...looks('observer', 4800, 5, [keys.nodeb], keys.nodeb),
  scan('observer', 4900, 'final', [record('nodea', 400, 1), record('nodea', 500, 2), record('nodeb', 3300, 1, 2)]),
  member('nodeb', 5010, { members: ['nodeb'], active: true }),
  probe(5100, 'nodea'),
  probe(5110, 'nodeb', boots.nodeb),
  controlTry('observer', 5110),
  refusedTry('observer', 5110),
  scan('nodeb', 5110, 'late', [record('nodea', 400, 1), record('nodea', 500, 2), record('nodeb', 3300, 1, 2)]),
  phase(5500, 'restore'),
  ended(5600),
]
