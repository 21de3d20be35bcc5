/**
 * A frozen node is ejected, its peer takes the group over and leaves cleanly, as the last one. The frozen node goes on where
 * it stopped when it wakes, and nobody is there any more to keep it out but the reservation.
 */
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { GreenLab } from '../../main/engine/ready/green.ts'
import { until } from '../../main/until.ts'
import { VirtualLab } from '../../main/virtual/virtual-lab.ts'
import { loadTestbed } from '../../main/load-testbed.ts'
import { fencelab } from './command.ts'
import { disk, openTestLab, shell, signal, testbedFile } from './lab.ts'

let green: GreenLab
let machines: VirtualLab
beforeAll(async () => {
  green = await openTestLab()
  machines = await VirtualLab.attach(loadTestbed(testbedFile).directory)
})
afterEach(() => green.restore(signal()))
afterAll(async () => {
  machines.close()
  await green.close()
})

/** Far behind the ledger, again and again, and each time something else. */
const writeOn = `round=0
while round=$(((round + 1) % 8)); dd if=/dev/zero bs=4096 count=8 | tr '\\0' "$round" | dd of="$1" bs=4096 seek=60000 oflag=direct iflag=fullblock; do :; done >/dev/null 2>&1 </dev/null &
`
const readBack = `dd if="$1" bs=4096 skip=60000 count=8 iflag=direct 2>/dev/null | sha256sum`
const written = async () => shell(green, 'observer', 'read from the data disk', readBack, await disk(green, 'observer'))
const within = (seconds: number) => ({ signal: AbortSignal.timeout(seconds * 1000), everyMilliseconds: 300 })

test('the disk stays reserved: nothing of the frozen node reaches it', async () => {
  await shell(green, 'nodea', 'write on and on', writeOn, await disk(green, 'nodea'))
  const before = await written()
  await until(async () => (await written()) !== before, within(60))
  const { child, finished } = fencelab('fault', testbedFile, 'vm-freeze', 'nodea', '--for', '300s')
  await until(
    async () => (await green.lab.stack.status(green.lab, 'nodeb', signal())).status.active === true,
    within(120),
  )
  await green.lab.stack.tell(green.lab, 'nodeb', 'leave', signal())
  await until(
    async () => (await green.lab.stack.status(green.lab, 'nodeb', signal())).status.state === 'left',
    within(60),
  )
  const left = await written()
  child.kill('SIGINT')
  await finished
  await until(
    async () => (await machines.status()).some(({ name, state }) => name === 'nodea' && state === 'panicked'),
    within(60),
  )
  expect(await written()).toBe(left)
})
