import { judged } from '../bearing.ts'
import { changed, type Entry } from '../history.ts'
import { bothLinksFail } from '../rows.ts'
import type { LedgerOddity, OtherRun } from '../../../../labs/journal/event.ts'

/** nodea (number 0) is lost after its write 5 or so, nodeb (number 1) goes on; the ledger is read twice in the end. */
const row = changed(bothLinksFail, 'run.started', (event) => ({ ...event, revision: 3 }))
const finds = (odd: readonly LedgerOddity[]): readonly Entry[] =>
  changed(row, 'ledger.scan', (scan) => (scan.when === 'takeover' ? scan : { ...scan, odd }))
const leftovers = (final: readonly OtherRun[], late: readonly OtherRun[]): readonly Entry[] =>
  changed(row, 'ledger.scan', (scan) => ({ ...scan, otherRuns: scan.when === 'late' ? late : final }))

judged('ledger-intact', {
  'records in their places and nothing else': [row, 'pass'],
  "a torn record behind the lost node's last": [finds([{ region: 0, slot: 90, kind: 'torn' }]), 'pass'],
  "a torn record where the lost node's was acknowledged": [
    finds([{ region: 0, slot: 1, kind: 'torn' }]),
    'inconclusive',
  ],
  'a torn record of the node that goes on': [finds([{ region: 1, slot: 90, kind: 'torn' }]), 'inconclusive'],
  'a torn record in a region of nobody': [finds([{ region: 7, slot: 90, kind: 'torn' }]), 'inconclusive'],
  'blocks that are no records': [finds([{ region: 0, slot: 90, to: 95, kind: 'no-record' }]), 'inconclusive'],
  'a record in the place of another': [finds([{ region: 1, slot: 90, kind: 'misplaced', who: 'nodea 7' }]), 'fail'],
  'a record by somebody who is no node': [finds([{ region: 1, slot: 90, kind: 'foreign', who: 'nodez' }]), 'fail'],
  'leftovers of another run': [leftovers([{ run: 'old', records: 4 }], [{ run: 'old', records: 4 }]), 'pass'],
  'leftovers that this run overwrote': [leftovers([{ run: 'old', records: 4 }], [{ run: 'old', records: 3 }]), 'pass'],
  'another run that writes meanwhile': [leftovers([{ run: 'old', records: 4 }], [{ run: 'old', records: 5 }]), 'fail'],
  'another run that begins meanwhile': [leftovers([], [{ run: 'new', records: 1 }]), 'fail'],
})
