import { readTestbed } from './read-testbed.ts'
import type { TestbedRecord } from '../journal/event.ts'
import type { Testbed } from '../testbed/testbed.ts'

/** the last one that was asked for: a run is judged in many parts, and each asks */
let known: { readonly text: string; readonly testbed: Testbed | undefined } | undefined

/**
 * The testbed of a recorded run, read from the text in its first event; undefined where this version cannot read it. Paths of
 * the computer on which it was recorded are not those of the recording.
 */
export function recordedTestbed({ text, file }: Pick<TestbedRecord, 'text' | 'file'>): Testbed | undefined {
  if (known?.text !== text) {
    const read = readTestbed(text, file, { lab: '/lab', home: '/home' })
    known = { text, testbed: read.ok ? read.testbed : undefined }
  }
  return known.testbed
}
