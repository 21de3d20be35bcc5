import { vcsMessages } from './sources.ts'
import type { Row } from './scenario.ts'

export const joinWhileEjecting: Row = {
  name: 'join-while-ejecting',
  title: 'A node joins while another is being ejected',
  document: {
    event: 'Node C joins the running cluster of A and B while B is being ejected.',
    nodes: {
      A: 'ejects B and goes on',
      B: 'hangs, is ejected, and panics when it wakes',
      C: 'is told that a fence is in progress, tries again (up to five times), and is let in afterwards',
    },
    operatorAction: 'Wait, or start fencing on C again.',
  },
  source: { ...vcsMessages, place: 'V-11-1-25, unable to join running cluster' },
  policy: 'coordinator-race',
  nodes: { least: 3, most: 32 },
  members: ['A', 'B'],
  steps: [
    { do: 'fault', id: 'freeze', fault: 'vm-freeze', target: { node: 'B' } },
    { do: 'operate', operation: 'start', of: ['C'] },
    { do: 'await', condition: 'members', of: ['A', 'C'], seconds: 120 },
    { do: 'revert', id: 'freeze' },
    { do: 'await', condition: 'panicked', of: ['B'], seconds: 60 },
  ],
  expected: { A: ['running'], B: ['panicked'], C: ['running'] },
  rules: [
    'joiner-waited-for-the-fence',
    'survivor-alone-on-coordination-majority',
    'survivor-alone-on-data',
    'no-write-after-ejection',
  ],
}
