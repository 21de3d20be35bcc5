/** A process that claims a lab again and again, and tells when it has it: {at: begin or end}, on a clock that all share. */
import { appendFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { LabInUse } from '../../../main/locks/lab-in-use.ts'
import { lockLab } from '../../../main/locks/lab-lock.ts'
import { loadTestbed } from '../../../main/load-testbed.ts'

const [, , testbed = '', log = '', rounds = '0', hold = '0'] = process.argv
const loaded = loadTestbed(testbed)
const tell = (what: string) => appendFileSync(log, `${what} ${process.pid} ${process.hrtime.bigint()}\n`)
for (let round = 0; round < Number(rounds); round += 1) {
  try {
    const lock = await lockLab(loaded)
    tell('begin')
    await delay(Number(hold))
    tell('end')
    lock.release()
  } catch (error) {
    if (!(error instanceof LabInUse)) throw error
    tell('refused')
  }
  await delay(Math.random() * 10)
}
