import * as v from 'valibot'
import { pduModelNames } from '../power/models.ts'
import { address, port } from './address.ts'
import { argumentList, fields, freeText, name, textLike, word } from './fields.ts'

/**
 * Secrets stay out of the file: a field `…Variable` names the environment variable of the lab's own process that holds
 * one. (The whole file goes into every recording.)
 */
const variable = textLike(/^[A-Z_][A-Z0-9_]*$/, 'the name of an environment variable, like PDU_COMMUNITY')
const url = v.pipe(
  v.string('an http(s) URL'),
  v.regex(/^https?:\/\/\S+$/, 'an http(s) URL'),
  v.description('an http(s) URL'),
)

const pointer = textLike(/^(\/([^~]|~[01])*)?$/, 'a JSON pointer, like /outlets/0/state')

const answerSays = 'text, a number, or true or false'
/** what an answer is compared with: `on`, `1`, `true` */
const answer = v.pipe(
  v.union([v.string(), v.number(), v.boolean()], answerSays),
  v.transform(String),
  v.minLength(1, answerSays),
  v.description(answerSays),
)

/** A person flips the switch when the lab asks for it. */
const manual = fields({
  driver: v.literal('manual'),
  /** what to tell the person: where the unit is, which plug */
  instructions: v.exactOptional(freeText),
})

/**
 * Commands that switch. `{outlet}` in an argument stands for the outlet, `{action}` for on, off or status. They end as
 * the power agents of fence-agents do: `on` and `off` with 0 when the outlet has taken the state; `status` with 0 for
 * on, 2 for off. Either one `command` with `{action}`, or all of `on`, `off` and `status`. A program that ends with 0
 * whatever the state is (ipmitool, virsh) needs `says`.
 */
const command = fields({
  driver: v.literal('command'),
  /** where they run; absent: on the computer that runs the lab */
  host: v.exactOptional(name),
  command: v.exactOptional(argumentList),
  on: v.exactOptional(argumentList),
  off: v.exactOptional(argumentList),
  status: v.exactOptional(argumentList),
  /**
   * what `status` prints for an outlet that is on, and for one that is off: it must end with 0 and print exactly one of
   * the two, as whole words, in capital letters or small ones. Absent: its exit status is the answer
   */
  says: v.exactOptional(fields({ on: answer, off: answer })),
  /** what they read on their standard input, for agents that take their options there; the placeholders stand here, too */
  input: v.exactOptional(freeText),
})

/** PDUs of APC and Tripp Lite (and what imitates them) by SNMP. */
const apcSnmp = fields({
  driver: v.literal('apc-snmp'),
  address,
  /** absent: 161 */
  port: v.exactOptional(port),
  /** `1`, `2c` or `3` */
  version: v.optional(word(['1', '2c', '3']), '1'),
  /**
   * the family's table of states and controls. There is no default and no guess: the numbers for on and off differ, and
   * in one family they are the other way round, so a wrong one powers on what it should power off. The unit itself is
   * asked, too, and must agree. The table is labs/power/models.ts
   */
  model: word(pduModelNames),
  /** for versions 1 and 2c: environment variable with the community that may write */
  communityVariable: v.exactOptional(variable),
  /** for version 3 */
  user: v.exactOptional(freeText),
  authentication: v.exactOptional(fields({ protocol: word(['md5', 'sha', 'sha256', 'sha512']), variable })),
  privacy: v.exactOptional(fields({ protocol: word(['des', 'aes']), variable })),
})

const restCall = fields({
  method: v.optional(word(['GET', 'POST', 'PUT', 'PATCH']), 'POST'),
  /** `{outlet}` stands for the outlet */
  url,
  /** JSON, or else a form (`outlet={outlet}&state=1`), to send; `{outlet}` stands for the outlet */
  body: v.exactOptional(freeText),
})

/** Whatever else speaks HTTP. All three calls go to one host; redirects are not followed. */
const rest = fields({
  driver: v.literal('rest'),
  /** environment variable with a bearer token */
  tokenVariable: v.exactOptional(variable),
  on: restCall,
  off: restCall,
  /**
   * asked with GET: the outlet is on where the answer is `on`, off where it is `off`, else unknown. The answer is the
   * value at `pointer` (a JSON pointer, RFC 6901, in which `{outlet}` stands for the outlet), or without one the whole
   * text
   */
  status: fields({ url, pointer: v.exactOptional(pointer), on: answer, off: answer }),
})

export const powerDrivers = ['manual', 'command', 'apc-snmp', 'rest'] as const

/** A unit with switchable outlets. */
export const powerSchema = v.pipe(
  v.variant('driver', [manual, command, apcSnmp, rest], `a mapping with driver: one of ${powerDrivers.join(', ')}`),
  v.description(`a mapping with driver: one of ${powerDrivers.join(', ')}`),
)
