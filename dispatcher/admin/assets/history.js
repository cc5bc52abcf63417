// An app's answer as lanes on a time axis: what each task was when, and what happened to it.
// No drawing here.
const MINUTE = 60000;
const LEAST = 5000;                   // that a picture spans
const BRIEF = ['Sighted', 'Placed'];  // who was that when the first change was told had not been it for long

export const PHASES = ['Sighted', 'Placed', 'Running', 'Serving', 'Unfit', 'Leaving', 'Gone'];
export const RANGES = [
  ['10 minutes', 10 * MINUTE], ['1 hour', 60 * MINUTE], ['6 hours', 360 * MINUTE], ['1 day', 1440 * MINUTE], ['all of it', 0],
];

const WRITTEN = ['registered', 'changed', 'drift'];
const SAME = 2000;  // an entry stands since a decision that was made so shortly before or after

// Every decision, and since when entries stand of which none tells: {at, task, kind, text}; in the order of time.
function happenings(app, now) {
  const all = app.decisions.map((decision) => ({
    at: Date.parse(decision.at), task: decision.task, kind: decision.kind,
    text: `${decision.source}: ${decision.text}`,
  }));
  const told = (place, entry, at) => app.decisions.some((decision) =>
    WRITTEN.includes(decision.kind) && decision.source === place.adapter && decision.task === entry.task &&
    decision.address === entry.address && Math.abs(Date.parse(decision.at) - at) <= SAME);
  for (const place of app.adapters) {
    for (const entry of place.entries) {
      const at = now - entry.since_seconds * 1000;
      if (entry.task && entry.since_seconds !== undefined && !entry.found && !told(place, entry, at)) {
        all.push({at, task: entry.task, kind: 'there',
                  text: `${place.adapter}: ${entry.kind} ${entry.address} is there as it is since then`});
      }
    }
  }
  return all.sort((a, b) => a.at - b.at);
}

// The phases of one task: {phase, from, to, guess}. `guess`: nobody has said since when.
function spans(notes, task, begin, now) {
  const list = [];
  for (const note of notes) {
    const [, before, phase] = /(\w+) -> (\w+)/.exec(note.text) ?? [];
    if (!phase) {
      continue;
    }
    if (list.length > 0) {
      list.at(-1).to = note.at;
    } else if (!BRIEF.includes(before)) {
      list.push({phase: before, from: begin, to: note.at, guess: true});
    }
    list.push({phase, from: note.at, to: now, guess: false});
  }
  if (task && list.length === 0) {
    const since = Date.parse(task.running_since ?? '') || begin;
    list.push({phase: task.phase, from: Math.min(since, now), to: now, guess: true});
  } else if (task && list.at(-1).phase !== task.phase) {
    Object.assign(list.at(-1), {phase: task.phase, guess: true});
  }
  return list;
}

// All of it while that is young, else the shortest range that holds half of it.
function usual(all, now) {
  const whole = RANGES.length - 1;
  if (all.length === 0 || now - all[0].at <= RANGES[0][1]) {
    return all.length === 0 ? 0 : whole;
  }
  const half = all[Math.floor(all.length / 2)];
  return RANGES.findIndex(([, length]) => length === 0 || now - half.at <= length);
}

// {begin, now, range, lanes: [{task, label, spans, marks}]}; range: a place in RANGES, or undefined for the usual one.
export function history(app, choice) {
  const now = Math.max(Date.now(), ...app.decisions.map((decision) => Date.parse(decision.at)));
  const all = happenings(app, now);
  const range = choice ?? usual(all, now);
  const first = all.length > 0 ? all[0].at : now - 10 * MINUTE;
  const length = RANGES[range][1] || Math.max(now - first, LEAST) * 1.05;
  const begin = now - length;
  const tasks = new Map(app.tasks.map((task) => [task.task, task]));
  all.forEach(({task}) => tasks.has(task) || tasks.set(task, undefined));
  const lanes = [];
  for (const [id, task] of tasks) {
    const mine = all.filter((one) => one.task === id);
    const lane = {
      task: id,
      spans: id === '' ? [] : spans(mine.filter((one) => one.kind === 'phase'), task, begin, now)
        .filter((span) => span.to > begin).map((span) => ({...span, from: Math.max(span.from, begin)})),
      marks: mine.filter((one) => one.at >= begin),
    };
    if (lane.marks.length > 0 || lane.spans.some((span) => span.phase !== 'Gone')) {
      lanes.push(lane);
    }
  }
  const order = (lane) => (lane.task === '' ? -Infinity : lane.spans[0]?.from ?? lane.marks[0].at);
  lanes.sort((a, b) => order(a) - order(b) || (a.task < b.task ? -1 : 1));
  return {begin, now, range, lanes};
}
