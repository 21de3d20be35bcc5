import type { Problem } from './problem.ts'

/**
 * Why a testbed's text cannot be read as lines of text at all: another encoding than UTF-8, or line ends that no program
 * writes any more. Undefined where it can.
 */
export function whyNoText(text: string): Pick<Problem, 'message' | 'expected'> | undefined {
  const start = text.slice(0, 64)
  // every other byte of UTF-16 that holds mostly ASCII
  if (text.startsWith('\uFFFE') || start.split('\0').length - 1 > start.length / 4) {
    return { message: 'this looks like UTF-16', expected: 'UTF-8 text: save it again as UTF-8' }
  }
  if (/\r(?!\n)/.test(text) && !text.includes('\n')) {
    return {
      message: 'its lines end with a carriage return alone (CR), so that the whole file is one line',
      expected: 'lines that end with LF or CR LF',
    }
  }
  return undefined
}
