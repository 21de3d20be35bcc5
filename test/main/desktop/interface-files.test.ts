import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { interfaceFiles } from '../../../main/desktop/interface-files.ts'

let folder: string
let ask: (url: string, method?: string) => Promise<Response>
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fencelab-files-'))
  mkdirSync(join(folder, 'interface/assets'), { recursive: true })
  writeFileSync(join(folder, 'interface/index.html'), '<p>page</p>')
  writeFileSync(join(folder, 'interface/assets/a.js'), 'go()')
  writeFileSync(join(folder, 'secret.json'), '{"key":1}')
  const answer = interfaceFiles(join(folder, 'interface'))
  ask = (url, method = 'GET') => answer({ url, method })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('the page and its files come with their type and the content policy', async () => {
  const page = await ask('fencelab://interface/index.html')
  expect([page.status, await page.text(), page.headers.get('content-type')]).toEqual([
    200,
    '<p>page</p>',
    'text/html; charset=utf-8',
  ])
  const policy = page.headers.get('content-security-policy') ?? ''
  expect(policy).toMatch(/^default-src 'none'; script-src 'self';/)
  // no WebSocket, no other host: the engine is reached through a port
  expect(policy).toContain("connect-src 'self';")
  const script = await ask('fencelab://interface/assets/a.js')
  expect([
    await script.text(),
    script.headers.get('content-type'),
    script.headers.get('x-content-type-options'),
  ]).toEqual(['go()', 'text/javascript; charset=utf-8', 'nosniff'])
})

test.each([
  'fencelab://interface/../secret.json',
  'fencelab://interface/..%2fsecret.json',
  'fencelab://interface/%2e%2e/secret.json',
  'fencelab://interface/assets/..%5c..%5csecret.json',
  'fencelab://interface//etc/passwd',
  'fencelab://interface/assets',
  'fencelab://interface/none.js',
  'fencelab://evil/index.html',
  'https://interface/index.html',
])('%s is no file', async (url) => expect((await ask(url)).status).toBe(404))

test.each(['POST', 'PUT', 'HEAD', 'DELETE'])('%s is refused', async (method) =>
  expect((await ask('fencelab://interface/index.html', method)).status).toBe(405),
)
