import { nodeColours } from '../parts/node-looks.ts'

/** The colours of the theme, as a canvas needs them. */
export interface Palette {
  readonly page: string
  readonly panel: string
  readonly stripe: string
  readonly rule: string
  readonly text: string
  readonly dim: string
  readonly faint: string
  readonly pass: string
  readonly fail: string
  readonly inconclusive: string
  readonly cut: string
  readonly heard: string
  readonly partly: string
  readonly cursor: string
  readonly focus: string
  readonly foreign: string
  readonly nodes: readonly string[]
}

export function readPalette(element: Element = document.documentElement): Palette {
  const style = getComputedStyle(element)
  const of = (name: string) => style.getPropertyValue(name).trim()
  return {
    page: of('--page'),
    panel: of('--panel'),
    stripe: of('--sunken'),
    rule: of('--rule'),
    text: of('--text'),
    dim: of('--dim'),
    faint: of('--faint'),
    pass: of('--pass'),
    fail: of('--fail'),
    inconclusive: of('--inconclusive'),
    cut: of('--cut'),
    heard: of('--heard'),
    partly: of('--partly'),
    cursor: of('--cursor'),
    focus: of('--focus'),
    foreign: of('--foreign'),
    nodes: Array.from({ length: nodeColours }, (_, index) => of(`--node-${index}`)),
  }
}
