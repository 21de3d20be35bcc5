/** Storage that does wrong under a cluster that does right: the lab must notice, and name what was broken. */
import { afterAll, beforeAll, expect, test, type TestContext } from 'vitest'
import { ofType } from '../../labs/journal/grouped.ts'
import type { Line } from '../../labs/journal/event.ts'
import { regionBytesOf } from '../../labs/stacks/reference/try-blocks.ts'
import { BLOCK, encodeRecord, offsetOf } from '../../main/agent/ledger-block.ts'
import type { GreenLab } from '../../main/engine/ready/green.ts'
import type { RowResult } from '../../main/engine/run/run-row.ts'
import { decided } from './decided.ts'
import { disk, openTestLab, row, run, shell, told } from './lab.ts'
import { lookingOn, runPlanted, type Planting } from './wrong-array.ts'

let green: GreenLab
beforeAll(async () => {
  green = await openTestLab()
})
afterAll(() => green.close())

/** Who won goes on, who lost has panicked and is fenced. */
const isSettled = (line: Line) =>
  line.type === 'await' && line.met && ['one-panicked-and-fenced', 'hung-node-settled'].includes(line.condition)

/** PERSISTENT RESERVE OUT on a disk, asked again where a unit attention is told first. */
const persist = `disk=$1; shift
out() {
  for attempt in 1 2 3 4 5; do
    sg_persist -n -o "$@" "$disk"; code=$?
    [ $code = 6 ] || return $code
  done
}
`

/** On the array: a host may only read its data disk from now on (LIO's write protection of a mapped LUN). */
const writeProtect = `. /run/fencelab/environment
portal=/sys/kernel/config/target/iscsi/$IQN/tpgt_1
own=$portal/acls/iqn.2026-11.fencelab:$1
for lun in "$portal"/lun/lun_*; do [ -e "$lun/data1" ] && break; done
mapped=$own/\${lun##*/}
mkdir "$own" && mkdir "$mapped" && ln -s "$lun" "$mapped/data1" && echo 1 >"$mapped/write_protect"
`

/** On the array: the file of the data disk once more, as a LUN that knows nothing of the reservation of the other. */
const secondWay = `. /run/fencelab/environment
target=/sys/kernel/config/target
store=$target/core/fileio_0/again
portal=$target/iscsi/$IQN/tpgt_1
mkdir "$store"
echo "fd_dev_name=/luns/data1,fd_dev_size=$(stat -c %s /luns/data1)" >"$store/control"
echo 1 >"$store/enable"
mkdir "$portal/lun/lun_9" && ln -s "$store" "$portal/lun/lun_9/again"
`

/** On a host: what sg_raw writes to the disk goes by the second way; what it reads comes by the first. */
const writeBySecondWay = `first=$1
iscsiadm -m session --rescan >/dev/null
for attempt in 1 2 3 4 5 6 7 8 9 10; do
  set -- /sys/class/scsi_device/*:9/device/block/*
  [ -e "$1" ] && break
  sleep 0.5
done
[ -e "$1" ] || exit 1
place=$(command -v sg_raw)
cp "$place" /tmp/sg_raw.real
cat >/tmp/sg_raw.other <<END
#!/bin/sh
case " \\$* " in *" $first 2a "*) ;; *) exec /tmp/sg_raw.real "\\$@" ;; esac
for word; do
  shift
  [ "\\$word" = "$first" ] && word=/dev/\${1##*/}
  set -- "\\$@" "\\$word"
done
exec /tmp/sg_raw.real "\\$@"
END
chmod +x /tmp/sg_raw.other
mount --bind /tmp/sg_raw.other "$place"
`

const planted = (
  task: TestContext['task'],
  name: string,
  isMoment: (line: Line) => boolean,
  plant: (planting: Planting) => Promise<unknown>,
): Promise<RowResult> => decided(task, () => runPlanted(green, lookingOn(name), isMoment, plant))

/** The run came to its end, its lab is all green again, and it is a failure by these rules. */
function expectFailure(result: RowResult, ...rules: readonly string[]): void {
  const { verdict, against } = told(result)
  expect({ verdict, against }).toMatchObject({ verdict: 'fail' })
  const violated = against.filter((text) => text.startsWith('fail ')).map((text) => text.split(/[ :]/)[1])
  expect(violated, against.join('\n')).toEqual(expect.arrayContaining([...rules]))
  expect(result.lines.at(-1)).toMatchObject({ type: 'run.ended', reason: 'complete' })
  expect(result.restored).toBe(true)
}

test('a data disk that forgot all keys after the takeover', async ({ task }) => {
  const result = await planted(task, 'both-private-networks-fail', isSettled, ({ on, dataDisk }) =>
    on('observer', `${persist}out -I -S 0xbad && out -C -K 0xbad`, [dataDisk('observer')]),
  )
  expectFailure(result, 'data-disks-hold-members-keys', 'writes-are-refused')
})

test("a reservation that is the loser's again after the takeover", async ({ task }) => {
  const result = await planted(
    task,
    'both-private-networks-fail',
    isSettled,
    async ({ on, dataDisk, survivor, loser }) => {
      // the survivor keeps its key, and so may write as before: only whose the reservation is has changed
      await on(survivor.name, `${persist}out -L -K "$1" -T 5`, [dataDisk(survivor.name), survivor.keys.data])
      const back = `${persist}out -I -S "$1" && out -R -K "$1" -T 5`
      await on('observer', back, [dataDisk('observer'), loser.keys.data])
    },
  )
  expectFailure(result, 'data-disks-hold-members-keys', 'survivor-alone-on-data')
})

test('the key of who lost, registered from the port of who goes on', async ({ task }) => {
  const result = await planted(
    task,
    'both-private-networks-fail',
    isSettled,
    async ({ on, dataDisk, survivor, loser }) => {
      const change = [dataDisk(survivor.name), survivor.keys.data, loser.keys.data]
      await on(survivor.name, `${persist}out -G -K "$1" -S "$2"`, change)
    },
  )
  // a node whose key is gone is out of the cluster, and the group runs there
  expectFailure(result, 'viewers-agree', 'group-runs-once-and-writes')
})

test('an array that takes no more writes of the survivor', async ({ task }) => {
  const result = await planted(task, 'both-private-networks-fail', isSettled, ({ on, survivor }) =>
    on('array1', writeProtect, [survivor.name]),
  )
  expectFailure(result, 'group-runs-once-and-writes')
})

test('a write of the loser that the array lets land after the takeover', async ({ task }) => {
  const result = await planted(task, 'node-hangs', isSettled, async ({ on, lines, loser, run }) => {
    const found = ofType(lines, 'ledger.scan').findLast(({ when }) => when === 'takeover')?.records ?? []
    const last = found.findLast(({ node }) => node === loser.name)
    if (!last) throw new Error(`${loser.name} had written nothing when the group was taken over`)
    const late = { ...last, number: last.number + 1, issued: last.issued + 0.2 }
    const block = Buffer.alloc(BLOCK)
    encodeRecord({ run, ...late }, block)
    const at = offsetOf(loser.id, late.number, regionBytesOf(green.lab.testbed)) / BLOCK
    await on('array1', 'dd of=/luns/data1 bs=4096 count=1 seek="$1" conv=notrunc', [String(at)], block)
  })
  expectFailure(result, 'nothing-landed-after-takeover', 'no-write-after-ejection')
})

test('an array with a way to its disk on which it enforces no reservation', async ({ task }) => {
  const result = await decided(task, async () => {
    await shell(green, 'array1', 'a second way to the data disk', secondWay)
    await shell(green, 'observer', 'write by the second way', writeBySecondWay, await disk(green, 'observer'))
    return run(green, row('both-private-networks-fail'))
  })
  expectFailure(result, 'writes-are-refused')
  // everybody reads the right keys and the right reservation: nothing else tells
  expect(told(result).against).toHaveLength(1)
})

test('with nothing wrong planted, the lab of all these passes', async ({ task }) => {
  const result = await planted(task, 'both-private-networks-fail', isSettled, ({ on }) => on('array1', 'true'))
  expect(told(result)).toMatchObject({ verdict: 'pass', against: [] })
})
