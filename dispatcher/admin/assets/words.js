// How things are put: times, counts, badges. No meaning is in a colour alone.
import {h} from './dom.js';

const SIGNS = {ok: '✓', warn: '!', bad: '✕', wait: '…'};

export function badge(kind, ...text) {
  return h('span', {class: `badge ${kind}`}, `${SIGNS[kind]}\u00a0`, ...text);
}

// As the command puts it: "40 s", "3 min", "7 h".
export function lasting(seconds) {
  return seconds < 120 ? `${Math.floor(seconds)} s`
       : seconds < 7200 ? `${Math.floor(seconds / 60)} min`
       : `${Math.floor(seconds / 3600)} h`;
}

export function ago(seconds, otherwise) {
  return seconds === undefined ? otherwise : `${lasting(seconds)} ago`;
}

export function count(number, one, many) {
  return `${number} ${number === 1 ? one : many}`;
}

// "0.8 ms", "40 ms", "2.1 s"
export function short(seconds) {
  return seconds < 0.01 ? `${(seconds * 1000).toFixed(1)} ms`
       : seconds < 1 ? `${Math.round(seconds * 1000)} ms`
       : `${seconds.toFixed(1)} s`;
}

// The reader's own time of day, with the date if it is not today's; the stamp itself as the title.
export function clock(stamp) {
  const at = new Date(stamp);
  const pad = (number) => String(number).padStart(2, '0');
  const day = at.toDateString() === new Date().toDateString()
      ? '' : `${at.getFullYear()}-${pad(at.getMonth() + 1)}-${pad(at.getDate())} `;
  return h('time', {datetime: stamp, title: stamp},
           `${day}${pad(at.getHours())}:${pad(at.getMinutes())}:${pad(at.getSeconds())}`);
}

// An app's place in this page.
export function appLink(id) {
  return `#/app/${id.replace(/^\//, '').split('/').map(encodeURIComponent).join('/')}`;
}

// Label and text in turns; those without a text are left out.
export function facts(...pairs) {
  return h('dl', {}, pairs.filter(([, text]) => text || text === 0)
                          .map(([label, ...text]) => [h('dt', {}, label), h('dd', {}, ...text)]));
}

const STATES = {
  right: 'ok', writing: 'wait', due: 'wait', waits: 'wait', leaving: 'wait', unread: 'wait',
  held: 'warn', kept: 'warn', absent: 'warn', out: 'warn', failing: 'bad', refused: 'bad',
};

// Of an entry in a registry, in the API's words.
export function entryBadge(entry) {
  return badge(STATES[entry.state] ?? 'wait', entry.words);
}

export function decisionRows(decisions, withApp) {
  return h('table', {class: 'cards'},
    h('thead', {}, h('tr', {}, ['Time', 'From', 'About', 'Decision'].map((name) => h('th', {scope: 'col'}, name)))),
    h('tbody', {}, decisions.map((decision) => h('tr', {'data-key': `d${decision.number}`},
      h('td', {'data-label': 'Time', class: 'tight'}, clock(decision.at)),
      h('td', {'data-label': 'From', class: 'tight'}, decision.source),
      h('td', {'data-label': 'About'}, withApp && decision.app
        ? h('a', {href: appLink(decision.app)}, decision.task || decision.app) : decision.task || decision.app),
      h('td', {'data-label': 'Decision'}, decision.text)))));
}
