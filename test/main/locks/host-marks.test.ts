/** The marks on a rack's nodes: the script as it is run there, here by this computer's own shell. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readTestbed } from '../../../labs/testbed-file/read-testbed.ts'
import type { Lab } from '../../../main/lab/lab.ts'
import { LabInUse } from '../../../main/locks/lab-in-use.ts'
import { leaseSeconds, markHosts, markScript } from '../../../main/locks/host-marks.ts'
import { small } from '../../labs/testbed/example.ts'

function place(): string {
  const directory = mkdtempSync(join(tmpdir(), 'fencelab-marks-'))
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }))
  return directory
}
const signal = new AbortController().signal
const read = readTestbed(small, 'small.yaml', { lab: '/lab', home: '/home' })

/** A rack whose nodes are directories of this computer. */
function rack(directory: string, told: string[] = []): Pick<Lab, 'testbed' | 'run'> {
  if (!read.ok) throw new Error('the example cannot be read')
  return {
    testbed: read.testbed,
    run: (host, { argv, expected = [0] }) => {
      const words = argv.map((word, index) => (index === 4 ? join(directory, host) : word))
      const { status, stdout, stderr } = spawnSync(words[0] ?? '', words.slice(1), { encoding: 'utf8' })
      told.push(`${host} ${argv[5]} ${status}`)
      if (!expected.includes(status ?? -1)) return Promise.reject(new Error(`${host}: ${stderr}`))
      return Promise.resolve({ exit: status, stdout, stderr, milliseconds: 0 })
    },
  }
}

test('the nodes are marked; another program is refused with who, and nothing of its own stays; released, it is free', async () => {
  const directory = place()
  const marks = await markHosts(rack(directory), signal)
  const refused = await markHosts(rack(directory), signal).catch((error: unknown) => error)
  expect(refused).toBeInstanceOf(LabInUse)
  expect((refused as LabInUse).user).toMatchObject({ pid: process.pid })
  expect((refused as LabInUse).message).toMatch(/in use by .*lapses 60 s after its last sign of life/)
  await marks.release()
  const next = await markHosts(rack(directory), signal)
  await next.release()
})

test('of a rack that is partly another program’s nothing stays marked', async () => {
  const directory = place()
  const script = (node: string, what: string, id: string) =>
    spawnSync('sh', ['-c', markScript, 'mark', join(directory, node), what, id, '60', '{}'], { encoding: 'utf8' })
      .status
  expect(script('b', 'take', 'other')).toBe(0)
  await expect(markHosts(rack(directory), signal)).rejects.toThrow(/another program/)
  expect(script('a', 'take', 'other')).toBe(0)
})

test('a mark counts for as long as its lease, in the boot in which it was made', () => {
  const directory = place()
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  const uptime = Math.floor(Number(readFileSync('/proc/uptime', 'utf8').split(' ')[0]))
  const take = (at: string) => {
    writeFileSync(join(directory, 'lab-user'), `other\n${at}\n{"who":"other"}\n`)
    return spawnSync('sh', ['-c', markScript, 'mark', directory, 'take', 'own', String(leaseSeconds), '{}'], {
      encoding: 'utf8',
    })
  }
  expect(take(`${boot} ${uptime - 5}`)).toMatchObject({ status: 10, stdout: '{"who":"other"}\n' })
  expect(take(`${boot} ${uptime - leaseSeconds - 1}`).status).toBe(0)
  expect(take(`another ${uptime}`).status).toBe(0)
  expect(take(`${boot} ${uptime + 1000}`).status).toBe(0)
})

test('programs that come at the same moment: one has it', () => {
  const directory = place()
  const script = join(directory, 'race.sh')
  writeFileSync(join(directory, 'mark.sh'), markScript)
  writeFileSync(
    script,
    `for id in 1 2 3 4 5 6 7 8; do sh ${directory}/mark.sh ${directory} take $id 60 "{}" >/dev/null && echo $id >>${directory}/won & done; wait`,
  )
  execFileSync('sh', [script])
  expect(readFileSync(join(directory, 'won'), 'utf8').trim().split('\n')).toHaveLength(1)
})
