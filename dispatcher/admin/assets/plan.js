// What would be written now, as `dispatcher plan` says it.
import {h} from './dom.js';
import {get} from './live.js';
import {appLink, badge, count} from './words.js';

const MOST = 500;  // lines shown of a registry

export const load = () => get('/v1/plan');

function Line(change) {
  const [sign, kind, word] = change.op !== 'put' ? ['-', 'remove', 'remove']
      : change.there ? ['~', 'change', 'change'] : ['+', 'add', 'add'];
  return h('li', {'data-key': `${change.lane} ${change.kind} ${change.id}`},
    h('span', {class: kind}, `${sign} `, h('span', {class: 'unseen'}, word), ` ${change.kind} ${change.id}`,
      change.lane && ` on ${change.lane}`, change.address && ` ${change.address}`),
    change.app && [' ', h('a', {href: appLink(change.app), 'data-nav': true}, change.app)],
    change.held && [' ', badge('warn', 'held')],
    change.reason && h('span', {class: 'because'}, ` (${change.reason})`));
}

function Adapter(plan) {
  const held = plan.changes.filter((change) => change.held).length;
  return h('section', {'data-key': plan.adapter, 'aria-label': plan.adapter},
    h('h2', {}, `${plan.adapter}: ${plan.changes.length - held} to change`, held > 0 && `, ${held} held back`),
    !plan.complete && h('p', {}, badge('wait', 'not everything has been read yet')),
    plan.error && h('p', {}, badge('bad', `it fails: ${plan.error}`)),
    held > 0 && h('p', {}, badge('warn', `${count(held, 'removal is', 'removals are')} held back by the brake`), ' ',
      h('code', {}, 'dispatcher release'), ' lets them go.'),
    plan.changes.length === 0 ? plan.complete && h('p', {}, badge('ok', 'it is as it should be'))
      : h('ul', {class: 'changes'}, plan.changes.slice(0, MOST).map(Line)),
    plan.changes.length > MOST && h('p', {}, `and ${plan.changes.length - MOST} more`));
}

export function render(data) {
  return [
    h('h1', {tabindex: -1}, 'Plan'),
    data.dry_run && h('section', {class: 'notice warn'}, 'Dry run: nothing of this is written.'),
    data.distrust && h('section', {class: 'notice bad'},
      `The last snapshot of Marathon is not believed, nothing goes for it: ${data.distrust}`),
    data.adapters.map(Adapter),
    h('p', {class: 'soft'}, '+ is new, ~ changes what is there, - goes.'),
  ];
}
