import { join } from 'node:path'
import { expect, test } from 'vitest'
import type { StackStatus } from '../../../../labs/journal/event.ts'
import { hasFormed } from '../../../../main/engine/ready/has-formed.ts'
import type { Lab } from '../../../../main/lab/lab.ts'
import { fakeStack } from '../../../fakes/fake-stack.ts'
import { temporaryDirectory } from '../../../fakes/temporary-directory.ts'
import { exampleText, read } from '../../../labs/testbed/example.ts'

const testbed = read(exampleText('virtual.yaml'))
const never = new AbortController().signal

/** A cluster that has formed, but for what is changed of what its nodes say. */
async function formed(change: Readonly<Record<string, Partial<StackStatus>>>, silent: readonly string[] = []) {
  const folder = temporaryDirectory('formed')
  const stack = fakeStack(['nodea', 'nodeb'], (host, path) => join(folder, host, path))
  for (const [node, words] of Object.entries(change)) {
    const status = stack.nodes.get(node)
    if (status) stack.nodes.set(node, { ...status, ...words })
  }
  const run = (host: string) => (silent.includes(host) ? Promise.reject(new Error(`${host} is gone`)) : {})
  try {
    return await hasFormed({ testbed, stack, run: run as unknown as Lab['run'] }, never)
  } finally {
    stack.close()
  }
}

test('a cluster has formed when every node is a member and hears all others, and the group runs once', async () => {
  expect(await formed({})).toBe(true)
  expect(await formed({ nodea: { active: false }, nodeb: { active: true } })).toBe(true)
})

test.each<[string, Readonly<Record<string, Partial<StackStatus>>>]>([
  ['a node that is no member', { nodeb: { state: 'joining' } }],
  ['a node that is a member without the other', { nodea: { members: ['nodea'] } }],
  ['a node that hears nobody on one link', { nodeb: { links: { priv1: ['nodea'], priv2: [] } } }],
  ['a node that says nothing of one link', { nodeb: { links: { priv1: ['nodea'] } } }],
  ['the group on no node', { nodea: { active: false } }],
  ['the group on both nodes', { nodeb: { active: true } }],
])('%s: it has not', async (_, change) => {
  expect(await formed(change)).toBe(false)
})

test('a node that cannot be asked: it has not', async () => {
  expect(await formed({}, ['nodeb'])).toBe(false)
})
