// The page: which view is shown, what the keys do, and when it is fetched anew.
import * as app from './app.js';
import {h, morph} from './dom.js';
import {Live} from './live.js';
import * as overview from './overview.js';
import * as plan from './plan.js';
import * as services from './services.js';

const VIEWS = {overview, services, plan, app};
const main = document.getElementById('main');
const search = document.getElementById('search');
const live = document.getElementById('live');
const state = {query: '', odd: false, range: undefined, told: '', width: 0};
let shown = {view: '', path: '', data: null};
let turn = 0;

function route() {
  const [view = '', ...path] = location.hash.replace(/^#\//, '').split('/');
  return Object.hasOwn(VIEWS, view) ? {view, path: path.join('/')} : {view: 'overview', path: ''};
}

function draw() {
  state.width = Math.max(main.clientWidth - 66, 300);
  morph(main, h('main', {}, VIEWS[shown.view].render(shown.data, state)));
}

function drawError(error) {
  morph(main, h('main', {}, h('h1', {tabindex: -1}, 'Not to be had'), h('section', {class: 'notice bad'}, error.message)));
}

async function refresh() {
  const mine = ++turn;
  const {view, path} = route();
  const fresh = view !== shown.view || path !== shown.path;
  let data;
  try {
    data = await VIEWS[view].load(path);
  } catch (error) {
    if (mine === turn && (fresh || error.status === 404)) {
      shown = {view: '', path: '', data: null};
      drawError(error);
    }
    if (error.status) {
      return;  // it did answer
    }
    throw error;
  }
  if (mine !== turn) {
    return;
  }
  const before = shown;
  shown = {view, path, data};
  if (fresh) {
    state.told = '';
    state.range = undefined;
    main.replaceChildren();
  }
  draw();
  if (fresh) {
    enter(before);
  }
}

// After another view was opened: its title, and where the keyboard is.
function enter(before) {
  const title = main.querySelector('h1').textContent;
  document.title = `${title} · dispatcher`;
  for (const link of document.querySelectorAll('header nav a')) {
    const here = link.dataset.view === (shown.view === 'app' ? 'services' : shown.view);
    here ? link.setAttribute('aria-current', 'page') : link.removeAttribute('aria-current');
  }
  if (document.activeElement === search) {
    return;
  }
  const row = before.view === 'app' && before.data
      ? [...main.querySelectorAll('[data-nav]')].find((link) => link.dataset.nav === before.data.id) : null;
  (row ?? main.querySelector('h1')).focus({preventScroll: !row});
  if (!row) {
    scrollTo(0, 0);
  }
}

const feed = new Live(refresh, (kind, text) => {
  live.dataset.state = kind;
  if (live.textContent !== text) {
    live.textContent = text;
  }
});

// The next row, or the one before; out of the search into the first.
function move(step) {
  const rows = [...main.querySelectorAll('[data-nav]')];
  const at = rows.indexOf(document.activeElement);
  rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(Math.max(at + step, 0), rows.length - 1)]?.focus();
}

// From mark to mark in the timeline.
function moveMark(picture, step) {
  const marks = [...picture.querySelectorAll('.mark')];
  const at = marks.indexOf(document.activeElement);
  marks[at < 0 ? (step > 0 ? 0 : marks.length - 1) : Math.min(Math.max(at + step, 0), marks.length - 1)]?.focus();
}

function back() {
  if (document.activeElement === search) {
    search.value = state.query = '';
    search.blur();
    if (shown.view === 'services') {
      draw();
    }
  } else if (shown.view === 'app' || route().view === 'app') {
    location.hash = '#/services';
  } else {
    location.hash = '#/';
  }
}

const KEYS = {
  '/': () => search.focus(), j: () => move(1), k: () => move(-1), ArrowDown: () => move(1), ArrowUp: () => move(-1),
  Escape: back, 1: () => { location.hash = '#/'; }, 2: () => { location.hash = '#/services'; }, 3: () => { location.hash = '#/plan'; },
};

document.addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches('select')) {
    return;
  }
  const picture = event.target.closest('svg.timeline');
  if (picture && ['ArrowLeft', 'ArrowRight'].includes(event.key)) {
    moveMark(picture, event.key === 'ArrowRight' ? 1 : -1);
    event.preventDefault();
  } else if (event.target === search && !['Escape', 'ArrowDown', 'Enter'].includes(event.key)) {
    return;
  } else if (event.target === search && event.key === 'Enter') {
    main.querySelector('[data-nav]')?.click();
    search.blur();
  } else if (Object.hasOwn(KEYS, event.key)) {
    // Where there is nothing to move to, the arrows scroll.
    if (!event.key.startsWith('Arrow') || main.querySelector('[data-nav]')) {
      KEYS[event.key]();
      event.preventDefault();
    }
  }
});

search.addEventListener('input', () => {
  state.query = search.value;
  if (shown.view === 'services') {
    draw();
  } else {
    location.hash = '#/services';
  }
});

main.addEventListener('change', ({target}) => {
  if (target.dataset.action === 'odd') {
    state.odd = target.checked;
  } else if (target.dataset.action === 'range') {
    state.range = Number(target.value);
  }
  draw();
});

function tell({target}) {
  const mark = target.closest?.('.mark');
  const told = main.querySelector('.told');
  if (mark && told) {
    state.told = mark.dataset.told;
    told.textContent = state.told;
  }
}
main.addEventListener('focusin', tell);
main.addEventListener('mouseover', tell);

addEventListener('hashchange', () => feed.ask());
addEventListener('resize', () => shown.data && draw());
feed.start();
