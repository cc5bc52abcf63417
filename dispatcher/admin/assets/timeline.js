// history.js as a picture: a lane a task, its phases as bars, what happened as marks.
import {h, svg} from './dom.js';
import {PHASES, RANGES, history} from './history.js';
import {clock} from './words.js';

const MINUTE_MS = 60000;
const LANE = 58;
const AXIS = 22;
const MOST = 40;     // lanes
const CLOSE = 13;    // marks nearer than that, in pixels, become one
const KINDS = {
  phase: ['•', 'change of phase'], registered: ['▲', 'registered'], changed: ['△', 'changed in a registry'],
  removed: ['▼', 'removed from a registry'], there: ['▲', 'there since then'], app: ['■', 'the app'], read: ['○', 'a read'],
  refused: ['✕', 'not published'], held: ['‖', 'removal held back'], write: ['!', 'a write failed, or goes again'],
  drift: ['~', 'repaired what others changed'], stream: ['◇', 'event stream'], leader: ['◆', 'election'],
};
const BELOW = ['registered', 'changed', 'removed', 'there'];  // what registries hold: under the bar of the phases
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200, 86400, 172800, 604800];

function shortName(task) {
  return task.length > 44 ? `${task.slice(0, 20)}…${task.slice(-22)}` : task;
}

// Round times of the reader's own clock.
function ticks(begin, now, width) {
  const seconds = (now - begin) / 1000;
  const step = (STEPS.find((candidate) => seconds / candidate <= width / 90) ?? STEPS.at(-1) * Math.ceil(seconds / STEPS.at(-1))) * 1000;
  const shift = new Date(now).getTimezoneOffset() * MINUTE_MS;
  const list = [];
  for (let at = Math.ceil((begin - shift) / step) * step + shift; at < now; at += step) {
    const date = new Date(at);
    const pad = (number) => String(number).padStart(2, '0');
    const text = step >= 86400000 ? `${pad(date.getMonth() + 1)}-${pad(date.getDate())}`
        : `${pad(date.getHours())}:${pad(date.getMinutes())}${step < 60000 ? `:${pad(date.getSeconds())}` : ''}`;
    list.push([at, text]);
  }
  return list;
}
// Marks that would lie on each other become one that says all of them.
function clusters(marks, x) {
  const list = [];
  for (const mark of marks) {
    const last = list.at(-1);
    if (last && x(mark.at) - last.x < CLOSE) {
      last.marks.push(mark);
    } else {
      list.push({x: x(mark.at), marks: [mark]});
    }
  }
  return list;
}

function Mark({x, marks}, y, key) {
  const kinds = new Set(marks.map((mark) => mark.kind));
  const kind = ['refused', 'write', 'held'].find((bad) => kinds.has(bad)) ?? marks[0].kind;
  const sign = kinds.size > 1 || marks.length > 3 ? String(marks.length) : KINDS[kind]?.[0] ?? '•';
  const text = marks.map((mark) => `${clock(new Date(mark.at).toISOString()).textContent} ${mark.text}`).join('\n');
  return svg('g', {class: `mark is-${kind}`, tabindex: -1, role: 'img', 'aria-label': text, 'data-key': key, 'data-told': text},
    svg('title', {}, text), svg('circle', {cx: x, cy: y, r: 8}), svg('text', {x, y: y + 5}, sign));
}

function Lane(lane, top, x) {
  const bar = top + 19;
  return [
    svg('text', {class: lane.task === '' ? 'soft' : undefined, x: 2, y: top + 13, 'data-key': `l${lane.task}`},
      lane.task === '' ? 'the app' : shortName(lane.task)),
    lane.spans.map((span, index) => {
      const left = x(span.from), width = Math.max(x(span.to) - left, 2);
      return svg('g', {'data-key': `b${lane.task} ${index}`, class: 'span'},
        svg('rect', {class: `${span.phase.toLowerCase()}${span.guess ? ' guess' : ''}`, x: left, y: bar, width, height: 20, rx: 3},
          svg('title', {}, `${span.phase}${span.guess ? ', nobody told here since when' : ''}`)),
        width > span.phase.length * 7 + 22 && svg('text', {x: left + 12, y: bar + 14}, span.phase));
    }),
    clusters(lane.marks.filter((mark) => !BELOW.includes(mark.kind)), x).map((one, index) =>
      Mark(one, bar + 10, `m${lane.task} ${index}`)),
    clusters(lane.marks.filter((mark) => BELOW.includes(mark.kind)), x).map((one, index) =>
      Mark(one, bar + 29, `r${lane.task} ${index}`)),
  ];
}

function Legend(lanes) {
  const phases = new Set(lanes.flatMap((lane) => lane.spans.map((span) => span.phase)));
  const kinds = new Set(lanes.flatMap((lane) => lane.marks.map((mark) => mark.kind)));
  return h('ul', {class: 'legend', 'aria-label': 'Legend'},
    PHASES.filter((phase) => phases.has(phase)).map((phase) => h('li', {'data-key': phase},
      svg('svg', {viewBox: '0 0 15 12', 'aria-hidden': 'true'},
        svg('rect', {class: phase.toLowerCase(), width: 15, height: 12, rx: 2})), phase)),
    Object.entries(KINDS).filter(([kind]) => kinds.has(kind)).map(([kind, [sign, words]]) =>
      h('li', {'data-key': kind}, h('b', {'aria-hidden': 'true'}, sign), words)));
}

// `view`: {width, range, told}; width in pixels.
export function Timeline(app, view) {
  const {begin, now, range, lanes} = history(app, view.range);
  const width = view.width;
  const x = (at) => Math.round((2 + (at - begin) / (now - begin) * (width - 12)) * 10) / 10;
  const shown = lanes.slice(-MOST);
  const height = AXIS + shown.length * LANE;
  const picture = svg('svg', {class: 'timeline', viewBox: `0 0 ${width} ${height}`, role: 'group', tabindex: 0,
                              'aria-label': `Timeline of ${app.id}: ${shown.length} lanes. Arrow keys go from mark to mark.`},
    ticks(begin, now, width).map(([at, text]) => svg('g', {'data-key': `x${at}`},
      svg('line', {class: 'rule', x1: x(at), x2: x(at), y1: AXIS - 4, y2: height}),
      x(at) > 18 && x(at) < width - 24 && svg('text', {class: 'soft', x: x(at), y: 12, 'text-anchor': 'middle'}, text))),
    shown.map((lane, index) => Lane(lane, AXIS + index * LANE, x)));
  return [
    h('div', {class: 'options'}, h('h2', {}, 'Timeline'),
      h('label', {}, 'Span: ', h('select', {'data-action': 'range'}, RANGES.map(([name], index) =>
        h('option', {value: index, selected: index === range}, name))))),
    lanes.length > MOST && h('p', {class: 'soft'}, `${lanes.length - MOST} older lanes are left out.`),
    shown.length === 0 ? h('p', {class: 'soft'}, 'Nothing happened in that time.') : picture,
    shown.length > 0 && [h('p', {class: 'told', 'aria-live': 'polite'}, view.told ||
      'Point at a mark, or go from one to the next with the arrow keys, to read what it says.'), Legend(shown)],
  ];
}
