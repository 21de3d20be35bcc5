import type { SceneHost, SceneNode } from '../../labs/replay/scene.ts'
import { age } from '../state/words.ts'

/** How a node looks at the bench. `silent`: nothing of it was seen for a while, which proves nothing. */
export type NodeLook = 'running' | 'silent' | 'hung' | 'panicked' | 'panic-seen' | 'off' | 'unknown'

/** a running node is seen every few seconds: by its clock, its keys, its stack */
const silentAfter = 8000

export interface NodeWords {
  readonly look: NodeLook
  /** one or two words */
  readonly short: string
  readonly long: string
}

export function nodeWords(node: SceneNode | undefined, at: number, host?: SceneHost): NodeWords {
  if (!node || node.state === 'unknown')
    return { look: 'unknown', short: 'not seen', long: 'nothing was seen of it yet' }
  const since = at - (node.seen ?? at)
  switch (node.state) {
    case 'panicked':
      return { look: 'panicked', short: 'panicked', long: 'panicked: every witness saw it' }
    case 'panic-seen':
      return { look: 'panic-seen', short: 'panic seen', long: 'a panic was seen, it is not proved' }
    case 'off':
      return { look: 'off', short: 'no power', long: 'its power units say that all of its outlets are off' }
    case 'hung':
      return { look: 'hung', short: 'hung', long: 'its virtual machine is stopped' }
    case 'running': {
      if (since > silentAfter)
        return {
          look: 'silent',
          short: `silent ${age(since)}`,
          long: `no sign of life for ${age(since)}, which proves nothing${host?.state === 'gone' ? `; connection: ${host.reason}` : ''}`,
        }
      const stack = node.stack
      if (!stack) return { look: 'running', short: 'alive', long: 'shows signs of life' }
      if (!stack.answered)
        return { look: 'running', short: 'no stack', long: `alive; its stack does not answer: ${stack.text}` }
      return {
        look: 'running',
        short: stack.state ?? 'alive',
        long: `alive; its stack says: ${stack.text || stack.state || 'nothing'}`,
      }
    }
  }
}
