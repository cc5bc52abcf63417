// How all of it does: Marathon and its stream, the registries, the brake, the last decisions.
import {h} from './dom.js';
import {get} from './live.js';
import {ago, badge, count, decisionRows, facts, lasting, short} from './words.js';

const SHOWN = 20;

let newest = 0;

// The newest ones, without asking for all 5000 again each time. Their numbers begin anew with a start.
async function decide() {
  let {decisions} = await get(`/v1/decisions?after=${Math.max(newest - SHOWN, 0)}`);
  if (decisions.length === 0 && newest > 0) {
    ({decisions} = await get('/v1/decisions'));
  }
  newest = decisions.at(-1)?.number ?? 0;
  return decisions.slice(-SHOWN).reverse();
}

export async function load() {
  const [status, decisions] = await Promise.all([get('/v1/status'), decide()]);
  return {status, decisions};
}

function Readiness({status}) {
  const reasons = [...status.not_ready, ...status.degraded];
  const kind = !status.ready ? 'bad' : status.degraded.length > 0 ? 'warn' : 'ok';
  const words = !status.ready ? 'not ready' : kind === 'warn' ? 'ready, but degraded' : 'ready';
  return h('section', {class: `notice ${kind}`, id: 'readiness'},
    status.dry_run && h('p', {}, badge('warn', 'dry run: nothing is written')),
    h('p', {}, badge(kind, words), ` version ${status.version}, up for ${lasting(status.uptime_seconds)}`),
    reasons.length > 0 && h('ul', {}, reasons.map((reason) => h('li', {}, reason))));
}

function Stream({status}) {
  const {marathon, stream, snapshot} = status;
  const alive = stream.connected
      ? badge('ok', `alive, heard of ${ago(stream.silent_seconds, 'nothing yet')}`)
      : badge('bad', stream.down_seconds === undefined ? 'not connected' : `lost ${ago(stream.down_seconds)}`);
  return h('section', {id: 'stream', 'aria-label': 'Event stream'}, h('h2', {}, 'Marathon'), facts(
    ['event stream', alive],
    ['at', stream.url],
    ['its last error', stream.connected ? '' : stream.error],
    ['events', `${stream.events}, ${count(stream.connects, 'connect', 'connects')}`],
    ['last snapshot', ago(snapshot.age_seconds, 'none yet')],
    ['next', snapshot.next_seconds === undefined ? '' : `in ${lasting(snapshot.next_seconds)}`],
    ['reads fail', snapshot.error],
    ['version', marathon.version],
    ['leader', marathon.leader]));
}

function Running({status}) {
  return h('section', {id: 'running', 'aria-label': 'What runs'}, h('h2', {}, 'What runs'),
    h('p', {}, h('span', {class: 'big'}, status.running), ` of ${count(status.tasks, 'task', 'tasks')} running`),
    facts(['apps', h('a', {href: '#/services'}, status.apps)], ['services', status.services],
          ['election', status.leader?.state], ['leads', status.leader?.holder]));
}

function Brake({status}) {
  const held = status.adapters.filter((adapter) => adapter.held > 0);
  const distrust = status.marathon.distrust;
  return h('section', {id: 'brake', 'aria-label': 'Brake'}, h('h2', {}, 'Brake'),
    held.length === 0 ? h('p', {}, badge('ok', 'holds nothing back'))
                      : h('ul', {class: 'plain'}, held.map((adapter) => h('li', {}, badge('warn',
                          `${adapter.adapter}: ${count(adapter.held, 'removal is', 'removals are')} held back`)))),
    distrust && h('p', {}, badge('bad', `Marathon's last answer is not believed: ${distrust}`)),
    held.length > 0 && h('p', {class: 'soft'}, h('a', {href: '#/plan'}, 'The plan'), ' says which and why; ',
      h('code', {}, 'dispatcher release'), ' lets them go.'));
}

function AdapterRow(adapter) {
  const {latency} = adapter;
  const state = !adapter.read ? badge('wait', 'not read yet')
      : adapter.failing > 0 ? badge('bad', `fails: ${adapter.error}`)
      : adapter.failed > 0 ? badge('bad', count(adapter.failed, 'change failed', 'changes failed'))
      : adapter.held > 0 ? badge('warn', 'brake holds')
      : adapter.refused > 0 ? badge('warn', count(adapter.refused, 'service refused', 'services refused'))
      : adapter.pending > 0 ? badge('wait', 'writing') : badge('ok', 'as it should be');
  const cell = (label, ...text) => h('td', {'data-label': label, class: 'number'}, ...text);
  return h('tr', {'data-key': `a${adapter.adapter}`},
    h('th', {scope: 'row'}, adapter.adapter, adapter.type !== adapter.adapter && ` (${adapter.type})`),
    cell('State', state), cell('Entries', `${adapter.actual} there, ${adapter.desired} wanted`),
    cell('Due', adapter.pending, adapter.gated > 0 && `, ${adapter.gated} wait for another registry`),
    cell('Held', adapter.held), cell('Refused', adapter.refused),
    cell('Latency', latency.count === 0 ? 'no event yet'
                                        : `${short(latency.p50_seconds)} / ${short(latency.p99_seconds)}`));
}

function Adapters({status}) {
  const names = ['Registry', 'State', 'Entries', 'Due', 'Held', 'Refused', 'Latency p50 / p99'];
  return h('section', {id: 'adapters'}, h('h2', {}, 'Registries'),
    h('table', {class: 'cards'},
      h('thead', {}, h('tr', {}, names.map((name) => h('th', {scope: 'col'}, name)))),
      h('tbody', {}, status.adapters.map(AdapterRow))),
    h('p', {class: 'soft'}, 'Latency: from an event to its confirmed write, since the start.'));
}

export function render(data) {
  return [
    h('h1', {tabindex: -1}, 'Overview'), Readiness(data),
    h('div', {class: 'grid'}, Stream(data), Running(data), Brake(data)), Adapters(data),
    h('section', {id: 'decisions'}, h('h2', {}, 'Last decisions'),
      data.decisions.length > 0 ? decisionRows(data.decisions, true) : h('p', {class: 'soft'}, 'None yet.')),
  ];
}
