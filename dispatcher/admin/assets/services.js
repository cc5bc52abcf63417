// Every app and static service in a line, with how its instances stand in each registry.
import {h} from './dom.js';
import {get} from './live.js';
import {appLink, badge, count} from './words.js';

const MOST = 200;  // rows shown; the search finds the rest

export async function load() {
  const {apps, static: statics} = await get('/v1/apps');
  const adapters = new Set();
  for (const line of [...apps, ...statics]) {
    line.adapters.forEach((place) => adapters.add(place.adapter));
  }
  return {lines: [...apps, ...statics], adapters: [...adapters].sort()};
}

function wrong(place) {
  return place.held + place.failed + place.refused > 0 || place.right < place.wanted;
}

function isOdd(line) {
  return !['known', 'static'].includes(line.state) || line.adapters.some(wrong);
}

// All words, each in the id or in a name.
function matches(line, words) {
  const text = [line.id, ...line.names].join(' ').toLowerCase();
  return words.every((word) => text.includes(word));
}

export function find(data, view) {
  const words = view.query.toLowerCase().split(/\s+/).filter(Boolean);
  return data.lines.filter((line) => matches(line, words) && (!view.odd || isOdd(line)));
}

function Place(place) {
  if (!place) {
    return h('span', {class: 'soft'}, 'not published');
  }
  const parts = [];
  if (place.published > 0) {
    parts.push(badge(place.right < place.wanted ? 'wait' : 'ok', `${place.right} of ${place.wanted}`));
  }
  for (const [number, kind, word] of [[place.held, 'warn', 'held'], [place.failed, 'bad', 'failed'],
                                      [place.refused, 'bad', 'refused']]) {
    if (number > 0) {
      parts.push(' ', badge(kind, `${number} ${word}`));
    }
  }
  return h('span', {}, parts.length > 0 ? parts : 'nothing');
}

function Row(line, adapters) {
  const kind = line.state === 'learning' ? 'wait' : line.state === 'gone' ? 'warn' : 'bad';
  return h('tr', {'data-key': `app${line.id}`},
    h('th', {scope: 'row'}, h('a', {href: appLink(line.id), 'data-nav': line.id}, line.id),
      !['known', 'static'].includes(line.state) && [' ', badge(kind, line.state)]),
    h('td', {'data-label': 'Running', class: 'number'},
      line.state === 'static' ? 'static' : `${line.running} of ${line.instances}`),
    h('td', {'data-label': 'Names'}, line.names.join(', ')),
    adapters.map((name) => h('td', {'data-label': name},
      Place(line.adapters.find((place) => place.adapter === name)))));
}

export function render(data, view) {
  const found = find(data, view);
  const shown = found.slice(0, MOST);
  return [
    h('h1', {tabindex: -1}, 'Services'),
    h('section', {id: 'services'},
      h('div', {class: 'options'},
        h('span', {role: 'status', id: 'found'}, view.query || view.odd
            ? `${found.length} of ${count(data.lines.length, 'app', 'apps')}` : count(found.length, 'app', 'apps')),
        h('label', {}, h('input', {type: 'checkbox', 'data-action': 'odd', checked: view.odd}), ' only what is not as it should be')),
      shown.length === 0 ? h('p', {class: 'soft'}, data.lines.length === 0 ? 'No app is known.' : 'None fits.')
        : h('table', {class: 'cards'},
            h('thead', {}, h('tr', {}, ['App', 'Running', 'Names', ...data.adapters].map(
              (name) => h('th', {scope: 'col'}, name)))),
            h('tbody', {}, shown.map((line) => Row(line, data.adapters)))),
      found.length > MOST && h('p', {}, `and ${found.length - MOST} more: search for them`)),
  ];
}
