/** The script against disks that are files, behind an sg_raw that plays the device. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { expect, test } from 'vitest'
import { readTryOutput, tryBytes, tryModes, writeTryScript, type TryMode } from '../../../labs/sampling/write-try.ts'
import { folder, program } from './shell.ts'

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const offset = 8 * 1024 * 1024
const content = Buffer.alloc(tryBytes, 'x')
const empty = Buffer.alloc(tryBytes)

/** Plays READ(10) and WRITE(10) on a file of blocks of 512 bytes; `KIND.exit` holds the statuses to end with, one for each call. */
const sgRaw = (tree: string) => `
input= output=
while [ $# -gt 0 ]; do
  case $1 in -i) input=$2; shift 2 ;; -o) output=$2; shift 2 ;; -s|-r|-t) shift 2 ;; -R) shift ;; *) break ;; esac
done
disk=$1; shift
echo "$*" >>${tree}/calls
case $1 in 28) kind=read ;; 2a) kind=write ;; esac
lba=$(printf '%d' "0x$3$4$5$6"); count=$(printf '%d' "0x$8$9")
code=0
if [ -s "${tree}/$kind.exit" ]; then code=$(head -n1 "${tree}/$kind.exit"); sed -i 1d "${tree}/$kind.exit"; fi
case $code in
  0) echo 'SCSI Status: Good' >&2 ;;
  24) echo 'SCSI Status: Reservation Conflict' >&2; exit 24 ;;
  *) exit "$code" ;;
esac
if [ $kind = read ]; then dd if="$disk" of="$output" bs=512 skip="$lba" count="$count" 2>/dev/null
else dd if="$input" of="$disk" bs=512 seek="$lba" count="$count" conv=notrunc 2>/dev/null; fi`

function host(exits: Partial<Record<'read' | 'write', readonly number[]>> = {}, size = 512) {
  const tree = folder()
  const disk = join(tree, 'dev', 'sdx')
  const limit = join(tree, 'sys', 'block', 'sdx', 'queue', 'logical_block_size')
  for (const path of [disk, limit]) mkdirSync(dirname(path), { recursive: true })
  writeFileSync(disk, Buffer.alloc(offset + 2 * tryBytes))
  writeFileSync(limit, `${size}\n`)
  for (const [kind, codes] of Object.entries(exits)) writeFileSync(join(tree, `${kind}.exit`), `${codes.join('\n')}\n`)
  const path = program(tree, 'sg_raw', sgRaw(tree))
  program(tree, 'sg_turs', `echo turs >>${tree}/calls; exit 0`)
  const run = (mode: TryMode) =>
    readTryOutput(
      execFileSync(
        '/bin/sh',
        ['-c', writeTryScript.replaceAll('/sys/', `${tree}/sys/`), 'try', disk, String(offset), ...tryModes[mode]],
        { input: content, encoding: 'utf8', env: { PATH: `${path}:${process.env['PATH'] ?? ''}` } },
      ),
    )
  const block = () => readFileSync(disk).subarray(offset, offset + tryBytes)
  const calls = () =>
    existsSync(join(tree, 'calls')) ? readFileSync(join(tree, 'calls'), 'utf8').trim().split('\n') : []
  return { run, block, calls }
}

test('a control is accepted, seen, and taken back', () => {
  const { run, block, calls } = host()
  const { answers, reads, restored } = run('control')
  expect(answers).toMatchObject([{ exit: 0, stderr: 'SCSI Status: Good\n' }])
  expect(reads.map((read) => read.sha256)).toEqual([sha256(empty), sha256(content)])
  expect(restored).toMatchObject({ exit: 0 })
  expect(block().equals(empty)).toBe(true)
  // 8 MiB are 16384 blocks of 512 bytes; 4096 bytes are 8
  expect(calls()[1]).toBe('2a 00 00 00 40 00 00 00 08 00')
})

test('a try that is refused leaves the block as it was', () => {
  const { run, block } = host({ write: [24] })
  const { answers, reads, restored } = run('try')
  expect(answers).toMatchObject([{ exit: 24, stderr: 'SCSI Status: Reservation Conflict\n' }])
  expect(reads.map((read) => read.sha256)).toEqual([sha256(empty), sha256(empty)])
  expect(restored).toBeUndefined()
  expect(block().equals(empty)).toBe(true)
})

test('a try that is let in is not taken back', () => {
  const { run, block } = host()
  const { reads } = run('try')
  expect(reads.map((read) => read.sha256)).toEqual([sha256(empty), sha256(content)])
  expect(block().equals(content)).toBe(true)
})

test('after a unit attention the write is sent once more, and both answers are kept', () => {
  const { run, calls } = host({ write: [6, 24] })
  expect(run('try').answers.map(({ exit }) => exit)).toEqual([6, 24])
  expect(calls().filter((call) => call === 'turs')).toHaveLength(1)
  const twice = host({ write: [6, 6, 0] })
  expect(twice.run('try').answers.map(({ exit }) => exit)).toEqual([6, 6])
  expect(twice.block().equals(empty)).toBe(true)
})

test('a unit attention before a read is no read', () => {
  const { run } = host({ read: [6, 0, 6, 0] })
  expect(run('try').reads.map(({ exit, sha256: sum }) => [exit, sum])).toEqual([
    [0, sha256(empty)],
    [0, sha256(content)],
  ])
})

test('a read that fails has no digest, and a control whose block could not be read gives nothing back', () => {
  const { run, block } = host({ read: [24, 24] })
  const { reads, answers, restored } = run('control')
  expect(reads.map(({ exit, sha256: sum }) => [exit, sum])).toEqual([
    [24, undefined],
    [24, undefined],
  ])
  expect(answers).toHaveLength(0)
  expect(restored).toBeUndefined()
  expect(block().equals(empty)).toBe(true)
})

test('only what is asked is done', () => {
  const { run, calls } = host()
  expect(run('write')).toMatchObject({ answers: [{ exit: 0 }], reads: [] })
  expect(run('read')).toMatchObject({ answers: [], reads: [{ sha256: sha256(content) }] })
  expect(calls()).toHaveLength(2)
})

test('a disk of 4096-byte blocks is addressed in its own blocks', () => {
  const { run, calls } = host({}, 4096)
  run('write')
  expect(calls()).toEqual(['2a 00 00 00 08 00 00 00 01 00'])
})

test('a text of somebody else is an error', () => {
  expect(() => readTryOutput('Last login: today\n=.=\n')).toThrow('unexpected text from the write try: Last login')
})
