import { assertNever } from '../../assert-never.ts'
import { ofType } from '../../journal/run.ts'
import type { CommandCheck, FaultCheck } from '../../faults/fault.ts'
import type { Line } from '../../journal/event.ts'

/** What was answered to a question about a fault, as the fault's own reader understands it. */
export interface RawAnswer {
  readonly seq: number
  readonly at: number
  /** as the fault wants it */
  readonly ok: boolean
  readonly evidence: string
}

/** One question of a check: a check of several outlets asks about each. */
export interface Question {
  readonly check: FaultCheck
  /** for people */
  readonly what: string
  /** every answer to it among some lines, in their order; a question that was not answered is none */
  answers(lines: readonly Line[]): readonly RawAnswer[]
}

/** The questions of a check, which can be put to the recording. */
export function questionsOf(check: FaultCheck): readonly Question[] {
  switch (check.kind) {
    case 'command':
      return [
        {
          check,
          what: check.purpose,
          answers: (lines) => lines.flatMap((line) => answerTo(check, line) ?? []),
        },
      ]
    case 'outlets':
      return check.outlets.map((outlet) => ({
        check,
        what: `is ${outlet} ${check.on ? 'on' : 'off'}`,
        answers: (lines) =>
          ofType(lines, 'outlet').flatMap(({ seq, at, state, ...line }) =>
            line.outlet === outlet && state !== 'unknown'
              ? { seq, at, ok: state === (check.on ? 'on' : 'off'), evidence: `${outlet} says that it is ${state}` }
              : [],
          ),
      }))
    case 'seen':
      return [
        {
          check,
          what: check.purpose,
          answers(lines) {
            const last = lines.at(-1)
            return last ? [{ seq: last.seq, at: last.at, ...check.read(lines) }] : []
          },
        },
      ]
    case 'reach':
      return [
        {
          check,
          what: check.purpose,
          answers: (lines) =>
            lines.flatMap((line) => {
              const answers = line.host === check.host ? reached(line) : undefined
              if (answers === undefined) return []
              const evidence = `${check.host} ${answers ? 'answers' : 'does not answer'}`
              return { seq: line.seq, at: line.at, ok: answers === (check.wanted === 'answers'), evidence }
            }),
        },
      ]
    default:
      return assertNever(check, 'fault check')
  }
}

/** Whether an answer is needed to believe what a check says: silence is what the other checks are there to bear out. */
export const needsAnswer = (check: FaultCheck): boolean =>
  check.secondWitness !== true && !(check.kind === 'reach' && check.wanted === 'does not answer')

function answerTo(check: CommandCheck, line: Line): RawAnswer | undefined {
  const answer = (result: Parameters<CommandCheck['read']>[0]) => ({
    seq: line.seq,
    at: line.at,
    ...check.read(result),
  })
  if (line.type === 'command') {
    const isAnswer = line.exit !== null && check.expected.includes(line.exit)
    return isAnswer && line.host === check.host && isSame(line.argv, check.argv) ? answer(line) : undefined
  }
  // the state of a machine's process is looked at by others, too: told of the process that the check is about
  const isState = line.type === 'process' && line.node === check.processOf
  return isState && check.argv.includes(`/proc/${line.pid}/stat`)
    ? answer({ exit: 0, stdout: `${line.pid} (vm) ${line.state} `, stderr: '' })
    : undefined
}

/** A host that is not connected is not asked at all: then the lost connection is all that is recorded. */
function reached(line: Line): boolean | undefined {
  if (line.type === 'connection') return line.state === 'connected' ? undefined : false
  return line.type === 'command' && isSame(line.argv, ['true']) ? line.exit === 0 : undefined
}

const isSame = (one: readonly string[], other: readonly string[]) =>
  one.length === other.length && one.every((word, index) => word === other[index])
