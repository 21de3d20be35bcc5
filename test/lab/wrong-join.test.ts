/** A cluster that lets everybody in, also after a node was booted anew: its program itself is a wrong one. */
import { createHash } from 'node:crypto'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import type { GreenLab } from '../../main/engine/ready/green.ts'
import { decided } from './decided.ts'
import { openTestLab, place, run, told } from './lab.ts'
import { impatient } from './wrong-cluster.ts'

vi.mock('../../main/agent/bundle.ts', async (original) => {
  const { bundleAgent } = await original<{ readonly bundleAgent: () => Promise<{ readonly file: string }> }>()
  return {
    async bundleAgent() {
      const text = await readFile((await bundleAgent()).file, 'utf8')
      const wrong = text.replace('owner.id === s.self.id || present.has(owner.id)', 'true')
      expect(wrong).not.toBe(text)
      const file = join(place, 'wrong-agent.cjs')
      await writeFile(file, wrong)
      return { file, sha256: createHash('sha256').update(wrong).digest('hex') }
    },
  }
})

let green: GreenLab
beforeAll(async () => {
  green = await openTestLab()
})
afterAll(() => green.close())

test('a node that should be refused goes on alone, and that is a failure', async ({ task }) => {
  const result = await decided(task, () => run(green, impatient('crash-while-peer-down')))
  expect(told(result).verdict).toBe('fail')
  expect(told(result).against.join('\n')).toMatch(/fail expected-outcome/)
})
