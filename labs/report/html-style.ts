import { markup, type Markup } from './markup.ts'

/**
 * The page's style: light, dark where the reader prefers it, and A4 on paper (always light). Verdicts and states never
 * rest on colour alone. Node colours are those of Okabe and Ito (2008), which the colour-blind can tell apart.
 */
export const htmlStyle: Markup = markup`
:root {
  color-scheme: light dark;
  --page: #fff; --text: #1b1f24; --dim: #59636e; --rule: #d0d7de; --stripe: #f6f8fa;
  --pass: #1a7f37; --fail: #b42318; --inconclusive: #8a5a00; --window: #b4231814; --doubt: #8a5a00;
  --node-0: #0072b2; --node-1: #d55e00; --node-2: #009e73; --node-3: #b0568f;
  --node-4: #b37700; --node-5: #3d93c4; --node-6: #7a5bb5; --node-7: #6b6b00; --foreign: #59636e;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --page: #0d1117; --text: #e6edf3; --dim: #9aa4af; --rule: #30363d; --stripe: #161b22;
    --pass: #4ac26b; --fail: #ff7b72; --inconclusive: #e3a92f; --window: #ff7b721f; --doubt: #e3a92f;
    --node-0: #58a6e0; --node-1: #f08040; --node-2: #35c79b; --node-3: #dc8dbf;
    --node-4: #e8ad3c; --node-5: #8ecbf0; --node-6: #b59af0; --node-7: #c2c24a; --foreign: #9aa4af;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 1.5rem 1.25rem 3rem; background: var(--page); color: var(--text);
  font: 15px/1.5 system-ui, "Liberation Sans", Arial, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 .3rem; }
h2 { font-size: 1.3rem; margin: 2.4rem 0 .6rem; padding-bottom: .25rem; border-bottom: 2px solid var(--rule); }
h3 { font-size: 1.05rem; margin: 1.6rem 0 .4rem; }
h2, h3, caption, thead, figcaption { break-after: avoid; }
p { margin: .4rem 0; }
a { color: inherit; }
code { font: .9em ui-monospace, "Liberation Mono", monospace; }
span.whole { white-space: nowrap; }
.dim { color: var(--dim); }
.small { font-size: .9em; }
table { border-collapse: collapse; width: 100%; margin: .6rem 0 1rem; font-size: .88rem; }
caption { text-align: left; color: var(--dim); padding-bottom: .3rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem .55rem; border: 1px solid var(--rule); }
thead th { background: var(--stripe); overflow-wrap: normal; }
td.short, tbody th.short { overflow-wrap: break-word; }
tbody th { font-weight: 600; }
tr, figure, table.document tbody { break-inside: avoid; }
table.document { table-layout: fixed; }
table.document th.row { background: var(--stripe); font-weight: 600; }
table.document th.verdict { width: 7.6rem; }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td.key { width: 8.5rem; }
ul.plain { list-style: none; margin: 0; padding: 0; }
.word { font-weight: 700; white-space: nowrap; }
.word.pass { color: var(--pass); } .word.fail { color: var(--fail); } .word.inconclusive { color: var(--inconclusive); } .word.not-applicable { color: var(--dim); }
.totals { display: flex; flex-wrap: wrap; gap: .8rem; margin: 1rem 0; padding: 0; list-style: none; }
.totals li { border: 1px solid var(--rule); border-radius: 6px; padding: .5rem .9rem; min-width: 8rem; }
.totals b { display: block; font-size: 1.6rem; line-height: 1.2; }
.note { border: 1px solid var(--inconclusive); border-radius: 6px; padding: .5rem .9rem; margin: 1rem 0; }
.alarm { border: 2px solid var(--inconclusive); border-radius: 6px; padding: .5rem .9rem; margin: 1rem 0; }
.observed { margin-top: .4rem; padding-top: .3rem; border-top: 1px dashed var(--rule); }
figure { margin: .8rem 0 1.2rem; }
figcaption { font-size: .88rem; color: var(--dim); margin-bottom: .3rem; }
.legend { display: flex; flex-wrap: wrap; gap: .3rem 1.3rem; list-style: none; padding: 0; font-size: .86rem; }
.legend svg { vertical-align: middle; margin-right: .4rem; }
svg { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
svg.time-line { display: block; width: 100%; height: auto; }
svg text { fill: var(--text); font: 10px system-ui, "Liberation Sans", Arial, sans-serif; }
svg .heading { font-weight: 700; font-size: 9.5px; fill: var(--dim); }
svg .part, svg .tick, svg .axis-name, svg .phase-name, svg .times { font-size: 8.5px; fill: var(--dim); }
svg .rule, svg .grid { stroke: var(--rule); stroke-width: .6; }
svg .ground { stroke: var(--dim); stroke-width: .6; }
svg .phase { fill: var(--stripe); stroke: var(--rule); stroke-width: .6; }
svg .window { fill: var(--window); }
svg .window.applying { fill-opacity: .4; }
svg .window.in-force { stroke: var(--fail); stroke-width: .5; stroke-dasharray: 3 3; }
svg .window.reverting, svg .window.doubtful { fill: none; }
svg .fault { stroke: var(--fail); stroke-width: .8; fill: var(--page); }
svg .fault.in-force { fill: var(--fail); }
svg .fault.applying, svg .fault.reverting { stroke-dasharray: 2 2; }
svg .fault.doubtful { stroke: var(--doubt); }
svg .link.heard { fill: var(--pass); }
svg .link.partly-heard { fill: var(--inconclusive); }
svg .link.not-heard { fill: var(--page); stroke: var(--fail); stroke-width: 1; }
svg .link-mark { fill: var(--text); stroke: var(--page); stroke-width: .5; }
svg .operation { fill: var(--dim); stroke: var(--dim); stroke-width: .8; }
svg .checkpoint { fill: var(--text); stroke: var(--page); stroke-width: .8; }
svg .outlet.on { fill: var(--pass); }
svg .outlet.off { fill: var(--page); stroke: var(--fail); stroke-width: 1; }
svg .state.off { fill: var(--page); stroke: var(--dim); stroke-width: 1; stroke-dasharray: 2 2; }
svg .state.panicked { fill: var(--text); }
svg .state.hung, svg .state.panic-seen { stroke: var(--dim); stroke-width: .8; }
svg .panic { stroke: var(--page); stroke-width: 2; fill: none; paint-order: stroke; filter: drop-shadow(0 0 1px var(--fail)) drop-shadow(0 0 1px var(--fail)); }
svg .silent { fill: var(--page); stroke: var(--dim); stroke-width: 1.2; }
svg .log { fill: var(--dim); }
svg .key, svg .reservation { stroke: none; }
svg .reservation.none { fill: none; stroke: var(--dim); stroke-width: .6; }
svg .failed { stroke: var(--dim); stroke-width: .5; }
svg .write.refused { stroke: var(--fail); stroke-width: 1.8; fill: none; }
svg .write.failed { stroke: var(--inconclusive); stroke-width: 1.8; fill: none; }
svg .hatch-ground { fill: var(--page); fill-opacity: .55; }
svg .between { stroke: none; }
svg .hatch-ground.between { fill-opacity: 0; }
svg .hatch-line.between { fill: var(--dim); }
svg .hatch-line.failed { fill: var(--dim); } svg .hatch-line.doubtful { fill: var(--doubt); }
svg .node-0 { fill: var(--node-0); } svg .node-1 { fill: var(--node-1); } svg .node-2 { fill: var(--node-2); }
svg .node-3 { fill: var(--node-3); } svg .node-4 { fill: var(--node-4); } svg .node-5 { fill: var(--node-5); }
svg .node-6 { fill: var(--node-6); } svg .node-7 { fill: var(--node-7); } svg .foreign { fill: var(--foreign); }
@page { size: A4; margin: 14mm 13mm 15mm; }
@media print {
  body { max-width: none; padding: 0; font-size: 9.5pt; line-height: 1.4; }
  table { font-size: 8.2pt; }
  h2.run { break-before: page; }
  a { text-decoration: none; }
}
`
