// Everything about one app, as `dispatcher explain APP` says it, and its timeline.
import {h} from './dom.js';
import {get} from './live.js';
import {Timeline} from './timeline.js';
import {badge, decisionRows, entryBadge, facts, lasting} from './words.js';

const OPEN = 4;  // tasks alive whose facts stand open

export const load = (path) => get(`/v1/apps/${path}`);

const PHASES = {Serving: 'ok', Running: 'wait', Placed: 'wait', Sighted: 'wait', Unfit: 'bad', Leaving: 'warn', Gone: 'warn'};

// Those that are gone last.
function alive(tasks) {
  return [...tasks.filter((task) => task.phase !== 'Gone'), ...tasks.filter((task) => task.phase === 'Gone')];
}

function Head(app) {
  const kind = app.state === 'known' || app.id.startsWith('static.') ? 'ok' : app.state === 'learning' ? 'wait' : 'warn';
  return h('section', {id: 'state'}, facts(
    ['state', app.state !== 'known' && badge(kind, app.state)],
    ['instances', !app.id.startsWith('static.') && `${app.instances} wanted, ${app.running} running, ${app.serving} serving`],
    ['version', app.version],
    ['deployments', app.deployments.length > 0 && app.deployments.map((text) => h('div', {}, text))]),
    app.missing.length > 0 && [h('h3', {}, 'What is missing'),
      h('ul', {id: 'missing'}, app.missing.map((text) => h('li', {}, text)))]);
}

function Entry(entry) {
  return h('div', {}, entryBadge(entry),
    entry.why && h('div', {}, entry.why),
    entry.since_seconds !== undefined && h('div', {}, `there for ${entry.found ? 'at least ' : ''}${lasting(entry.since_seconds)}`),
    h('div', {class: 'soft id'}, `${entry.kind} ${entry.task ? entry.address : entry.id}`,
      entry.lane && ` on ${entry.lane}`));
}

function Cell(place, entries) {
  return entries.length > 0 ? h('div', {}, entries.map(Entry))
       : place.read ? h('span', {class: 'soft'}, 'nothing') : badge('wait', 'not read yet');
}

// A row a task, and one for what belongs to none; a column a registry.
function Places(app) {
  const tasks = new Map(app.tasks.map((task) => [task.task, task]));
  for (const place of app.adapters) {
    place.entries.forEach((entry) => tasks.has(entry.task) || tasks.set(entry.task, {task: entry.task}));
  }
  const rows = alive([...tasks.values()]).filter((task) => task.task !== '' &&
    (task.phase !== 'Gone' || app.adapters.some((place) => place.entries.some((entry) => entry.task === task.task))));
  if (tasks.has('')) {
    rows.push({task: ''});
  }
  return h('section', {id: 'places'}, h('h2', {}, 'Where it is registered'),
    h('ul', {id: 'summaries'}, app.adapters.map((place) => h('li', {'data-key': place.adapter}, `${place.adapter}: ${place.summary}`))),
    rows.length > 0 && h('table', {class: 'cards'},
      h('thead', {}, h('tr', {}, ['Instance', 'Phase', ...app.adapters.map((place) => place.adapter)].map(
        (name) => h('th', {scope: 'col'}, name)))),
      h('tbody', {}, rows.map((task) => h('tr', {'data-key': `t${task.task}`},
        h('th', {scope: 'row', class: 'id'}, task.task || 'of the app itself'),
        h('td', {'data-label': 'Phase', class: 'tight'}, task.phase && badge(PHASES[task.phase] ?? 'wait', task.phase)),
        app.adapters.map((place) => h('td', {'data-label': place.adapter},
          Cell(place, place.entries.filter((entry) => entry.task === task.task)))))))),
    rows.length === 0 && h('p', {class: 'soft'}, 'Nowhere.'));
}

function Service(service) {
  return h('details', {'data-key': `s${service.port}`, open: true},
    h('summary', {}, `port ${service.port} `, h('b', {}, service.names?.join(', ') ?? '')),
    facts(
      ['wanted', service.want], ['because', service.reason],
      ['tags', service.tags?.join(', ')], ['hosts', service.hosts?.join(', ')], ['paths', service.paths?.join(', ')],
      ['not published', service.refusal && badge('bad', service.refusal)],
      ['problems', service.problems?.length > 0 && service.problems.map((text) => h('div', {}, text))],
      ['instances', service.instances.length > 0 && service.instances.map((instance) => h('div', {class: 'id'},
        `${instance.address || '?'}:${instance.port} `,
        instance.want === 'no' ? 'not wanted'
          : instance.condition + (instance.want === 'if-there' ? ', kept where it is there' : ''),
        `, task ${instance.task}`))]));
}

function Task(task, open) {
  return h('details', {'data-key': `f${task.task}`, open},
    h('summary', {}, h('span', {class: 'id'}, task.task), ' ', badge(PHASES[task.phase] ?? 'wait', task.phase)),
    facts(
      ['wanted', task.want], ['because', task.reason], ['host', task.host], ['ports', task.ports.join(', ')],
      ['addresses', task.ips.join(', ')], ['health', task.health], ['version', task.version],
      ['facts', task.facts.map((fact) => h('div', {}, fact))]));
}

export function render(app, view) {
  return [
    h('h1', {tabindex: -1}, app.id), Head(app), Places(app),
    h('section', {id: 'timeline'}, Timeline(app, view)),
    app.services.length > 0 && h('section', {id: 'ports'}, h('h2', {}, 'Ports'), app.services.map(Service)),
    app.tasks.length > 0 && h('section', {id: 'facts'}, h('h2', {}, 'Tasks and what is known of them'),
      alive(app.tasks).map((task, index) => Task(task, index < OPEN && task.phase !== 'Gone'))),
    h('section', {id: 'decisions'}, h('h2', {}, 'Decisions'),
      app.decisions.length > 0 ? decisionRows([...app.decisions].reverse(), false)
                               : h('p', {class: 'soft'}, 'None is kept: nothing was decided since the start.')),
  ];
}
