import { expect, test } from 'vitest'
import { policyNames } from '../../../labs/cluster/policy-names.ts'
import { nodesOf } from '../../../labs/testbed/parts.ts'
import { loadTestbed } from '../../../main/load-testbed.ts'
import { faultOptions } from '../../../main/services/fault-options.ts'
import type { LabKeeper } from '../../../main/services/lab-keeper.ts'
import { labService } from '../../../main/services/lab-service.ts'

const loaded = loadTestbed('virtual')
const { testbed } = loaded
const said = (policy: (typeof policyNames)[number], thing: Readonly<Record<string, string>>, fault: string) =>
  faultOptions(testbed, thing, { policy, parameters: {} })
    .find((option) => option.fault === fault)
    ?.blast.join('; ') ?? 'no such fault'

test('only a cluster that refuses writes is said to refuse them', () => {
  const frozen = Object.fromEntries(policyNames.map((policy) => [policy, said(policy, { node: 'nodea' }, 'vm-freeze')]))
  expect(frozen['coordinator-race']).toMatch(/they race for the coordination points.*losers panic.*data1 are refused/)
  expect(frozen['ping-tiebreak']).toMatch(/pings the tie-breaker.*no write to data1 is refused.*data is lost/)
  expect(frozen['attacker-defender']).toMatch(/attacks the reservation of data1.*may reach the disk/)
  expect(frozen['external-fencing']).toMatch(/fence command.*until.*nothing keeps the other from writing to data1/)
  expect(frozen['reserve-release']).toMatch(/resets data1 and reserves it.*panics at its next write, which is refused/)
})

test.each(policyNames.filter((policy) => policy !== 'coordinator-race'))(
  '%s: whatever is hit, nobody races for coordination points',
  (policy) => {
    const things = [
      ...nodesOf(testbed).map(({ name }) => ({ node: name })),
      ...Object.keys(testbed.links).map((link) => ({ link })),
      ...Object.keys(testbed.luns).map((lun) => ({ lun })),
      { array: 'array1' },
      { array: 'array2' },
      { side: 'nodea' },
    ]
    const all = things.flatMap((thing) => faultOptions(testbed, thing, { policy, parameters: {} }))
    expect(all.length).toBeGreaterThan(10)
    expect(all.flatMap(({ blast }) => blast).filter((words) => /\braces?\b/.test(words))).toEqual([])
  },
)

test('no choice is the cluster of the testbed file', () => {
  expect(faultOptions(testbed, { node: 'nodea' })).toEqual(
    faultOptions(testbed, { node: 'nodea' }, { policy: testbed.stack.policy, parameters: {} }),
  )
})

test('the cut of one link of two tells what follows when the other is cut as well', () => {
  expect(said('ping-tiebreak', { node: 'nodea', link: 'priv1' }, 'private-link-down')).toMatch(
    /still hear each other on priv2; if that is cut as well, each of them pings.*then: no write to data1 is refused/,
  )
})

test('the lab that is open tells of the cluster that runs in it', async () => {
  const choice = { policy: 'ping-tiebreak', parameters: {} } as const
  const keeper = { loaded, driven: { choice: () => choice } } as unknown as LabKeeper
  const call = { signal: new AbortController().signal, progress: () => undefined }
  const service = labService({ keeper, driver: undefined as never })
  const thing = { node: 'nodea' }
  expect(await service.options({ thing }, call)).toEqual({ options: faultOptions(testbed, thing, choice) })
})
